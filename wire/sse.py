"""Server-sent events from bytes that come in any pieces. Pure module: no I/O.

Source: WHATWG HTML, section 9.2.6 (parsing an event stream). Two departures, both so that nothing that crossed is
lost: an event cut off by the end of the stream is given back, marked `whole=False`, and data stays bytes.
"""

from dataclasses import dataclass, field
from typing import Final

from douane.audit.message import Gap

DEFAULT_LIMIT: Final = 16 * 1024 * 1024
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Event:
    """One dispatched event.

    `data` is the data lines joined by LF. `id` is the `id` field of this very event, None when it has none (the
    WHATWG's persistent value is `SseDecoder.last_id`). `start` and `end` are byte offsets in the stream: of the
    event's first field, and after the first byte of the blank line that ended it (an LF may still follow a CR).
    `whole` is false when the stream ended before that.
    """

    event: str
    data: bytes = field(repr=False)
    id: str | None = field(repr=False)
    retry: int | None
    start: int
    end: int
    whole: bool = True


class SseDecoder:
    """Bytes in, events out; an event of over `limit` bytes (data and a line) becomes a `too-large` gap where it ends.

    Offsets count from the first byte fed. `at_start` says that this is the first of the stream, where a byte order
    mark is taken off. Never raises; time is linear in what is fed, memory bounded by `limit`.
    """

    def __init__(self, *, limit: int = DEFAULT_LIMIT, at_start: bool = True) -> None:
        self._limit = limit
        self._offset = 0  # of the next byte fed
        self._partial = bytearray()  # the line that has not ended yet
        self._partial_size = 0
        self._after_cr = False
        self._bom: bytes | None = b"" if at_start else None
        self.last_id = ""
        self._reset()

    def _reset(self) -> None:
        self._start: int | None = None
        self._data: bytes | bytearray | None = None  # bytes while it is one line
        self._size = 0
        self._event = ""
        self._id: str | None = None
        self._retry: int | None = None
        self._skipping = False

    @property
    def clean(self) -> bool:
        """True between events: nothing that was fed is needed for what comes next."""
        return self._start is None and not self._partial and not self._bom

    @property
    def skipping(self) -> bool:
        """True within an event that is too large: nothing that was fed is needed for what comes next."""
        return self._skipping

    @property
    def pending(self) -> int:
        """Offset of the first byte that no dispatched event, comment or blank line has used up."""
        if self._start is not None:
            return self._start
        return self._offset - self._partial_size

    def feed(self, data: bytes) -> list[Event | Gap]:
        """The events that `data` completes."""
        if self._bom is not None:
            held = self._bom + data
            if len(held) < len(_BOM) and _BOM.startswith(held):
                self._bom = held
                return []
            self._bom = None
            data = held
            if held.startswith(_BOM):
                data = held[len(_BOM) :]
                self._offset += len(_BOM)
        found: list[Event | Gap] = []
        if self._after_cr and data:
            self._after_cr = False
            if data.startswith(b"\n"):
                data = data[1:]
                self._offset += 1
        if not data:
            return found
        self._after_cr = data.endswith(b"\r")
        for line in data.splitlines(keepends=True):
            if line[-1] not in b"\r\n":
                self._hold(line)
                continue
            text = line.rstrip(b"\r\n")
            start = self._offset - self._partial_size
            self._offset += len(line)
            if self._partial_size:
                text = bytes(self._partial + text)
                self._partial, self._partial_size = bytearray(), 0
            if not text:
                self._dispatch(found, start + 1, whole=True)
            elif self._size + len(text) > self._limit and not text.startswith(b":"):
                self._skip(start)  # as `_hold` does with a line that comes in pieces
            else:
                self._field(text, start)
        return found

    def close(self) -> list[Event | Gap]:
        """The stream has ended: the event that was cut off, marked so, if it had any data."""
        if self._bom:
            self._hold(self._bom)
            self._bom = None
        found: list[Event | Gap] = []
        start = self._offset - self._partial_size
        line = bytes(self._partial)
        self._partial, self._partial_size = bytearray(), 0
        if line:
            self._field(line, start)
        self._dispatch(found, self._offset, whole=False)
        return found

    def _hold(self, line: bytes) -> None:
        self._offset += len(line)
        self._partial_size += len(line)
        first = bytes(self._partial[:1]) or line[:1]
        if self._skipping or first == b":":
            self._partial = bytearray(first)  # of a line that is passed over, its first byte says all that is needed
            return
        self._partial += line
        if self._size + self._partial_size > self._limit:
            self._skip(self._offset - self._partial_size)
            self._partial = bytearray(first)

    def _skip(self, start: int) -> None:
        if self._start is None:
            self._start = start
        self._skipping, self._data = True, None

    def _field(self, line: bytes, start: int) -> None:
        name, _, value = line.partition(b":")
        if not name:
            return
        if self._start is None:
            self._start = start
        if self._skipping:
            return
        value = value.removeprefix(b" ")
        match name:
            case b"data":
                if self._data is None:
                    self._data = value
                elif isinstance(self._data, bytearray):
                    self._data += b"\n" + value
                else:
                    self._data = bytearray(self._data + b"\n" + value)
                self._size += len(value) + 1
                if self._size > self._limit:
                    self._skip(start)
            case b"event":
                self._event = value.decode("utf-8", "replace")
            case b"id" if b"\0" not in value:
                self._id = self.last_id = value.decode("utf-8", "replace")
            case b"retry" if value.isdigit() and len(value) <= 18:
                self._retry = int(value)
            case _:
                pass

    def _dispatch(self, found: list[Event | Gap], end: int, *, whole: bool) -> None:
        if self._skipping:
            found.append(Gap("too-large", "stream", f"an event over {self._limit} bytes"))
        elif self._data is not None and self._start is not None:
            event, data = self._event or "message", bytes(self._data)
            found.append(Event(event, data, self._id, self._retry, self._start, end, whole))
        self._reset()
