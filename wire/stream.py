"""One streamed answer: recorded pieces in, events with stable names out. Pure module: no I/O.

An event is named after the piece in which it begins and its number among those that begin there, so that a restart in
mid-stream gives the same names. That works because a piece is released only where an event ends, or, for a compressed
stream, at its end: a decompressor cannot start in the middle.
"""

import codecs
from collections import deque
from dataclasses import dataclass, field
from typing import Final

from douane.audit.message import Gap
from douane.wire.encodings import DEFAULT_LIMIT, Decoder
from douane.wire.sse import Event, SseDecoder

MAX_HELD: Final = 4 * 1024 * 1024
"""Bytes of a compressed stream that are kept for a restart."""

_MAGIC: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True)
class Found:
    """An event (a body that was no event stream counts as one) or a gap, and its name."""

    uid: str
    part: int
    item: Event | Gap = field(repr=False)


@dataclass(slots=True)
class _Piece:
    uid: str
    start: int  # offset of its first decoded byte
    parts: int = 0


class Stream:
    """Pieces in, events out; `released` are the pieces that are no longer needed once these are committed.

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
        self._pieces: deque[_Piece] = deque()
        self._held: deque[tuple[str, int]] = deque()
        self._held_size = 0
        self._next: int | None = None
        self._over = False  # nothing more can be read; the gap that says so is out
        self._kept_whole = True  # of a compressed stream: all its pieces so far are still recorded
        self.released: list[str] = []

    def feed(self, uid: str, seq: int, data: bytes) -> list[Found]:
        """The events that this piece completes."""
        expected, self._next = self._next, seq + 1
        if self._over:
            self.released.append(uid)
            return []
        found: list[Found] = []
        if self._sse is None:
            lost = seq > 0 and (not self._decoder.identity or (self._headless and not _is_text(data)))
            if lost or (self._headless and seq == 0 and data.startswith(_MAGIC)):
                self._over = True
                self.released.append(uid)
                return [Found(uid, 0, Gap("stream-lost", "stream"))]
            self._sse = SseDecoder(limit=self._event_limit, at_start=seq == 0)
        elif expected is not None and seq != expected and not self._resume(found):
            self.released.append(uid)
            return found
        self._held.append((uid, len(data)))
        self._held_size += len(data)
        self._pieces.append(_Piece(uid, self._offset))
        for chunk in self._decoder.feed(data):
            self._take(chunk, seq, found)
        if self._decoder.gap is not None:
            self._stop(self._decoder.gap, found)
        self._release()
        return found

    def close(self, *, complete: bool) -> list[Found]:
        """The stream has ended (`complete`: as its sender meant it to); all its pieces are released."""
        found: list[Found] = []
        if not self._over and self._sse is not None and self._pieces:
            cut = self._decoder.close() is not None
            if self._json is not None:
                body = b"".join(self._json)
                found.append(self._name(Event("message", body, None, None, 0, len(body), complete)))
            found.extend(self._name(item) for item in self._sse.close())
            if not found and cut and complete:
                found.append(self._name(Gap("truncated", "stream", "compressed data ends early")))
        self._over = True
        self._drop_held()
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
            return
        if self._sse is not None and not self._over:
            found.extend(self._name(item) for item in self._sse.feed(chunk))

    def _name(self, item: Event | Gap) -> Found:
        if isinstance(item, Event):
            while len(self._pieces) > 1 and self._pieces[1].start <= item.start:
                self._pieces.popleft()
            piece = self._pieces[0]
        else:
            piece = self._pieces[-1]
        piece.parts += 1
        return Found(piece.uid, piece.parts - 1, item)

    def _resume(self, found: list[Found]) -> bool:
        """Pieces are missing: begin again after them. False when that cannot be done."""
        if not self._decoder.identity or self._json is not None:
            self._stop(Gap("stream-lost", "stream", "pieces are missing"), found)
            return False
        if self._sse is not None and not self._sse.clean:
            found.append(self._name(Gap("truncated", "stream", "pieces are missing")))
        self._drop_held()
        self._pieces.clear()
        self._sse = SseDecoder(limit=self._event_limit, at_start=False)
        self._offset = 0
        return True

    def _stop(self, gap: Gap, found: list[Found]) -> None:
        if not self._over:
            found.append(self._name(Gap(gap.code, "stream", gap.detail)))
        self._over = True

    def _release(self) -> None:
        if self._sse is not None and self._json is None:
            while len(self._pieces) > 1 and self._pieces[1].start <= self._sse.pending:
                self._pieces.popleft()
        if self._over:
            self._drop_held()
        elif self._decoder.identity:
            if self._json is None and self._sse is not None and self._sse.clean:
                self._drop_held()
                self._pieces.clear()
        elif self._held_size > MAX_HELD or not self._kept_whole:
            self._kept_whole = False
            self._drop_held()

    def _drop_held(self) -> None:
        self.released.extend(uid for uid, _ in self._held)
        self._held.clear()
        self._held_size = 0


def _is_text(data: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(data)
    except UnicodeDecodeError:
        return False
    return b"\0" not in data
