"""Where the characters of a decoded text came from. Pure module: no I/O.

A text that was opened inside another (JSON in a string, a query value, a CSV cell) carries a layer that maps its
offsets to those of the text around it; layers chain up to the string that stood in the message.
"""

import re
from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable

from douane.audit.escapes import EscapeMap


class Source:
    """The text of a message, asked for the byte spans of what stands in it; remembers what it worked out."""

    __slots__ = ("_bytes", "_maps", "_text")

    _STRIDE = 4096  # characters between two remembered byte offsets

    def __init__(self, text: str) -> None:
        """`text` is the whole message."""
        self._text = text
        self._maps: dict[int, EscapeMap] = {}
        self._bytes: list[int] | None = None

    def span(self, at: int, start: int, end: int) -> tuple[int, int]:
        """The bytes of characters `start` to `end` of the string whose token begins at `at`; else the whole token."""
        text = self._text
        if text[at : at + 1] == '"':
            escapes = self._maps.get(at)
            if escapes is None:
                escapes = self._maps[at] = EscapeMap(text, at)
            first, last = escapes.at(start), escapes.at(end)
        else:
            token = _TOKEN.match(text, at)
            first, last = token.span() if token is not None else (at, at)
        return self.byte(first), self.byte(last)

    def byte(self, offset: int) -> int:
        """The UTF-8 byte offset of a character offset; a lone surrogate counts three bytes."""
        marks = self._bytes
        if marks is None:
            marks = []
            if not self._text.isascii():
                total = 0
                for first in range(0, len(self._text), self._STRIDE):
                    marks.append(total)
                    total += _width(self._text[first : first + self._STRIDE])
            self._bytes = marks
        if not marks:
            return offset
        mark = min(offset // self._STRIDE, len(marks) - 1)
        return marks[mark] + _width(self._text[mark * self._STRIDE : offset])


_TOKEN = re.compile(r"[^,\]} \t\r\n]+")


def _width(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


class Layer(ABC):
    """One decoding step: offsets in the decoded text to offsets in the text that it was decoded from."""

    __slots__ = ("parent",)

    def __init__(self, parent: "Layer | None") -> None:
        """`parent` maps the surrounding text in turn; None when that is the string in the message."""
        self.parent = parent

    @abstractmethod
    def up(self, start: int, end: int) -> tuple[int, int]:
        """The span in the surrounding text that characters `start` to `end` came from."""

    def outermost(self, start: int, end: int) -> tuple[int, int]:
        """The span in the string that stood in the message."""
        layer: Layer | None = self
        while layer is not None:
            start, end = layer.up(start, end)
            layer = layer.parent
        return start, end


class Cut(Layer):
    """A part of the surrounding text, as it stands there."""

    __slots__ = ("at",)

    def __init__(self, parent: Layer | None, at: int) -> None:
        """`at` is the offset at which the part begins."""
        super().__init__(parent)
        self.at = at

    def up(self, start: int, end: int) -> tuple[int, int]:
        """Shift by where the part begins."""
        return start + self.at, end + self.at


class Whole(Layer):
    """A part that cannot be mapped character by character (base64): any span of it is the whole part."""

    __slots__ = ("first", "last")

    def __init__(self, parent: Layer | None, first: int, last: int) -> None:
        """`first` to `last` is the encoded part in the surrounding text."""
        super().__init__(parent)
        self.first = first
        self.last = last

    def up(self, start: int, end: int) -> tuple[int, int]:  # noqa: ARG002  # any span is the whole
        """The whole encoded part."""
        return self.first, self.last


class Quoted(Layer):
    """The inside of a JSON string, escapes undone."""

    __slots__ = ("_map", "_text", "_token")

    def __init__(self, parent: Layer | None, text: str, token: int) -> None:
        """`text` is the surrounding text, `token` the offset of the opening quote in it."""
        super().__init__(parent)
        self._text = text
        self._token = token
        self._map: EscapeMap | None = None

    def up(self, start: int, end: int) -> tuple[int, int]:
        """Through the escapes, to the characters between the quotes."""
        if self._map is None:
            self._map = EscapeMap(self._text, self._token)
        return self._map.at(start), self._map.at(end)


class Units(Layer):
    """A part in which some runs of characters stand for others (`%40`, `+`, doubled quotes, `\\|`, `&amp;`)."""

    __slots__ = ("_decoded", "_first", "_last", "_raw", "_text", "_undo", "_units")

    def __init__(
        self,
        parent: Layer | None,
        text: str,
        first: int,
        last: int,
        units: re.Pattern[str],
        undo: Callable[[re.Match[str]], str],
    ) -> None:
        """`first` to `last` is the encoded part of the surrounding `text`; `undo` decodes each match of `units`."""
        super().__init__(parent)
        self._text = text
        self._first = first
        self._last = last
        self._units = units
        self._undo = undo
        self._raw: list[int] = []  # the offset after each run, in the surrounding text
        self._decoded: list[int] | None = None  # and in the decoded part

    def up(self, start: int, end: int) -> tuple[int, int]:
        """Through the runs, to the characters as encoded; a span inside one run is the whole run."""
        first, last = self._at(start), self._at(end)
        return (first, last) if start < end else (first, first)

    def _at(self, offset: int) -> int:
        decoded = self._decoded
        if decoded is None:
            decoded = []
            shorter = 0
            for found in self._units.finditer(self._text, self._first, self._last):
                shorter += found.end() - found.start() - len(self._undo(found))
                self._raw.append(found.end())
                decoded.append(found.end() - self._first - shorter)
            self._decoded = decoded
        before = bisect_right(decoded, offset) - 1
        if before < 0:
            return self._first + offset
        return self._raw[before] + offset - decoded[before]
