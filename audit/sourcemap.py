"""Where the characters of a decoded text came from. Pure module: no I/O.

A text that was opened inside another (JSON in a string, a query value, a CSV cell) carries a layer that maps its
offsets to those of the text around it; layers chain up to the string that stood in the message.
"""

import re
from abc import ABC, abstractmethod
from bisect import bisect_right

from douane.audit.jsontext import EscapeMap


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
    """A part in which some runs of characters stand for others (`%40`, `+`, doubled quotes, `\\|`).

    `units` finds those runs; `widths` says how many decoded characters the run makes.
    """

    __slots__ = ("_decoded", "_first", "_last", "_raw", "_text", "_units")

    def __init__(self, parent: Layer | None, text: str, first: int, last: int, units: re.Pattern[str]) -> None:
        """`first` to `last` is the encoded part in the surrounding `text`; each match of `units` is one run."""
        super().__init__(parent)
        self._text = text
        self._first = first
        self._last = last
        self._units = units
        self._raw: list[int] = []
        self._decoded: list[int] | None = None

    def up(self, start: int, end: int) -> tuple[int, int]:
        """Through the runs, to the characters as encoded."""
        return self._at(start), self._at(end)

    def _at(self, offset: int) -> int:
        decoded = self._decoded
        if decoded is None:
            decoded = []
            shorter = 0
            for found in self._units.finditer(self._text, self._first, self._last):
                width = 1 if found.lastgroup != "drop" else 0
                shorter += found.end() - found.start() - width
                self._raw.append(found.end())
                decoded.append(found.end() - self._first - shorter)
            self._decoded = decoded
        before = bisect_right(decoded, offset) - 1
        if before < 0:
            return self._first + offset
        return self._raw[before] + offset - decoded[before]
