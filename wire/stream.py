"""One streamed answer: recorded pieces in, events with stable names out. Pure module: no I/O.

An event is named after the record that completes it and its number among those completed there, so that a restart in
mid-stream gives the same names: what is still needed then is the piece in which the unfinished event begins and those
after it. Read from there, the tail of an earlier event comes out as a `stream-lost` gap under the name that the event
had: whoever keeps what was read has either the event under that name or, if earlier pieces are gone unread, the gap.
A compressed stream is needed whole, since a decompressor cannot start in the middle.
"""

import codecs
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from douane.audit import jsontext
from douane.audit.message import Gap
from douane.wire.encodings import DEFAULT_LIMIT, Decoder
from douane.wire.sse import Event, SseDecoder

MAX_HELD: Final = 4 * 1024 * 1024
"""Bytes of a compressed stream that are kept for a restart."""

_LINE_STARTS: Final = (b"data", b"event", b"id", b"retry", b"\r", b"\n")
_ASSUMED: Final = b"data: "
_MAGIC: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Found:
    """An event (a body that was no event stream counts as one) or a gap, and its number within the record."""

    part: int
    item: Event | Gap = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Held:
    uid: str
    start: int  # offset of its first decoded byte
    size: int


class Stream:
    """Pieces in, events out; `released` are the pieces that a restart can do without once these are committed.

    `content_encoding` is None when the head of the stream was not seen: then it is taken for uncompressed if it looks
    like text. A stream that begins with `{` or `[` is no event stream: its whole body comes out at the end.
    """

    def __init__(self, content_encoding: str | None, *, event_limit: int, body_limit: int = DEFAULT_LIMIT) -> None:
        self._headless = content_encoding is None
        self._decoder = Decoder(content_encoding or "", limit=body_limit)
        self._event_limit = event_limit
        self._body_limit = body_limit
        self._sse: SseDecoder | None = None
        self._json: list[bytes] | None = None
        self._json_size = 0
        self._unsniffed = True  # no visible byte yet
        self._offset = 0
        self._held: deque[_Held] = deque()
        self._held_size = 0
        self._next: int | None = None
        self._parts = 0  # given out for the record at hand
        self._tail = False  # the first event's beginning was not seen: its first line is taken for data
        self._over = False  # nothing more can be read; the gap that says so is out
        self._kept_whole = True  # of a compressed stream: all its pieces so far are still recorded
        self.released: list[str] = []

    def feed(self, uid: str, seq: int, data: bytes) -> list[Found]:
        """The events that this piece completes."""
        expected, self._next = self._next, seq + 1
        self._parts = 0
        found: list[Found] = []
        if not self._over and self._sse is None:
            lost = seq > 0 and (not self._decoder.identity or (self._headless and not _is_text(data)))
            if lost or (self._headless and seq == 0 and data.startswith(_MAGIC)):
                self._stop(Gap("stream-lost", "stream"), found)
            self._sse = SseDecoder(limit=self._event_limit, at_start=seq == 0)
            if seq > 0 and not self._over and not _begins_a_line(data):
                self._tail, self._offset = True, len(_ASSUMED)
                self._sse.feed(_ASSUMED)
        elif not self._over and expected is not None and seq != expected:
            self._resume(found)
        self._held.append(_Held(uid, self._offset, len(data)))
        self._held_size += len(data)
        if not self._over:
            for chunk in self._decoder.feed(data):
                self._take(chunk, seq, found)
            if self._decoder.gap is not None:
                self._stop(self._decoder.gap, found)
        self._release()
        return found

    def close(self, *, complete: bool, pieces: int = 0) -> list[Found]:
        """The stream has ended (`complete`: as its sender meant to); numbers begin anew, for the record of the end.

        `pieces` is how many were recorded, as far as known. If the last ones were not seen, that is a gap; if none was,
        only where the stream is compressed: else those that were read may all have been let go of.
        """
        self._parts = 0
        found: list[Found] = []
        if not self._over and pieces > (self._next or 0) and (self._next is not None or not self._decoder.identity):
            self._stop(Gap("stream-lost", "stream", "pieces are missing"), found)
        if not self._over and self._sse is not None:
            cut = self._decoder.close() is not None
            if self._json is not None:
                body = b"".join(self._json)
                found.append(self._numbered(Event("message", body, None, None, 0, len(body), complete)))
            self._number(self._sse.close(), found)
            if not found and cut and complete:
                found.append(self._numbered(Gap("truncated", "stream", "compressed data ends early")))
        self._over = True
        self._release()
        return found

    def _take(self, chunk: bytes, seq: int, found: list[Found]) -> None:
        if self._unsniffed:
            begins = chunk[:256].lstrip(b" \t\r\n\xef\xbb\xbf")[:1]
            self._unsniffed = not begins
            if begins in (b"{", b"[") and seq == 0:
                self._json = []
        self._offset += len(chunk)
        if self._json is not None:
            self._json.append(chunk)
            self._json_size += len(chunk)
            if self._json_size > self._body_limit:
                self._json = None
                self._stop(Gap("too-large", "stream", f"a body over {self._body_limit} bytes"), found)
        elif self._sse is not None and not self._over:
            self._number(self._sse.feed(chunk), found)

    def _number(self, items: list[Event | Gap], found: list[Found]) -> None:
        for item in items:
            if self._tail:
                self._tail = False
                found.extend(self._numbered(one) for one in _of_a_tail(item))
            else:
                found.append(self._numbered(item))

    def _numbered(self, item: Event | Gap) -> Found:
        self._parts += 1
        return Found(self._parts - 1, item)

    def _resume(self, found: list[Found]) -> None:
        """Pieces are missing: begin again after them, where that can be done."""
        if not self._decoder.identity or self._json is not None:
            self._stop(Gap("stream-lost", "stream", "pieces are missing"), found)
            return
        if self._sse is not None and not self._sse.clean:
            found.append(self._numbered(Gap("truncated", "stream", "pieces are missing")))
        self._release(0)
        self._tail = False
        self._sse = SseDecoder(limit=self._event_limit, at_start=False)
        self._offset = 0

    def _stop(self, gap: Gap, found: list[Found]) -> None:
        if not self._over:
            found.append(self._numbered(Gap(gap.code, "stream", gap.detail)))
        self._over = True

    def _release(self, keep: int | None = None) -> None:
        """Let go of the pieces that a restart does not need (all but the last `keep`)."""
        held = self._held
        if keep is None:
            keep = len(held)
            if self._over or self._sse is None:
                keep = 0
            elif not self._decoder.identity:
                self._kept_whole = self._kept_whole and self._held_size <= MAX_HELD
                keep = keep if self._kept_whole else 0
            elif self._json is None:
                keep = 0 if self._sse.clean or self._sse.skipping else keep
                while keep > 1 and held[len(held) - keep + 1].start <= self._sse.pending:
                    keep -= 1
        while len(held) > keep:
            piece = held.popleft()
            self._held_size -= piece.size
            self.released.append(piece.uid)


def _begins_a_line(data: bytes) -> bool:
    """Whether a piece can begin where a line does; of a comment it is not asked."""
    return data.startswith(_LINE_STARTS) or any(start.startswith(data) for start in _LINE_STARTS)


def _of_a_tail(item: Event | Gap) -> list[Event | Gap]:
    """What to make of an event whose first line has lost its beginning.

    It is read if the line was none of its data. A line that does not end as JSON does was a comment or a name.
    """
    lost = Gap("stream-lost", "stream", "the beginning of an event is missing")
    if isinstance(item, Gap):
        return [lost]
    line, more, rest = item.data.partition(b"\n")
    if more and not rest:
        return [replace(item, data=b"")]
    if rest and isinstance(jsontext.parse(rest.decode("utf-8", "replace")), jsontext.Node):
        return [replace(item, data=rest)]
    return [lost] if rest or not item.whole or line.rstrip().endswith((b"}", b"]")) else []


def _is_text(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
