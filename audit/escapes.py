"""The escapes of a JSON string, and where its characters stand in the text. Pure module: no I/O."""

import re
from bisect import bisect_right
from typing import Final

# Python's own escapes as well, for texts that were printed by it.
ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U00(?:0[0-9a-fA-F]|10)[0-9a-fA-F]{4}"
    r"|x[0-9a-fA-F]{2}|.)",
    re.DOTALL,
)
_HALVES: Final = re.compile("[\ud800-\udfff]")
_SIMPLE: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def unescaped(found: re.Match[str]) -> str:
    """The character that an escape stands for."""
    run = found[0]
    if len(run) == 2:
        return _SIMPLE.get(run[1], run[1])
    if len(run) == 12:
        return chr(0x10000 + ((int(run[2:6], 16) - 0xD800) << 10) + int(run[8:], 16) - 0xDC00)
    return chr(int(run.lstrip("\\uUx"), 16))


def char_span(text: str, node_start: int, start: int, end: int) -> tuple[int, int]:
    """Where characters `start` to `end` of a decoded string stand in `text`, whose quote is at `node_start`."""
    cut = EscapeMap(text, node_start)
    return cut.at(start), cut.at(end)


class EscapeMap:
    """Offsets in a decoded JSON string to offsets in the text that holds it; built once, asked often."""

    __slots__ = ("_decoded", "_raw", "_start")

    def __init__(self, text: str, node_start: int) -> None:
        """Read the string whose opening quote is at `node_start` in `text`."""
        self._start = node_start + 1
        self._decoded: list[int] = []  # offset after each escape, in the decoded string
        self._raw: list[int] = []  # and in the text
        quote = text[node_start : node_start + 1]
        if quote not in ('"', "'"):  # a bare key has no escapes
            return
        pos, skipped = self._start, 0
        stop = text.find(quote, pos)
        slash = text.find("\\", pos, stop if stop >= 0 else len(text))
        while slash >= 0:
            found = ESCAPE.match(text, slash)
            if found is None:
                break
            skipped += found.end() - slash - 1
            self._raw.append(found.end())
            self._decoded.append(found.end() - self._start - skipped)
            pos = found.end()
            if stop < pos:
                stop = text.find(quote, pos)
            slash = text.find("\\", pos, stop if stop >= 0 else len(text))

    def at(self, offset: int) -> int:
        """The offset in the text of the character at `offset` of the decoded string."""
        if not self._raw:
            return self._start + offset
        before = bisect_right(self._decoded, offset) - 1
        if before < 0:
            return self._start + offset
        return self._raw[before] + offset - self._decoded[before]


def byte_span(text: str, node_start: int, start: int, end: int) -> tuple[int, int]:
    """The UTF-8 byte span in `text` of characters `start` to `end` of the decoded string quoted at `node_start`.

    Exact through escapes: cutting those bytes and reading them as the inside of a JSON string gives the characters.
    """
    first, last = char_span(text, node_start, start, end)
    return char_to_byte(text, first), char_to_byte(text, last)


def char_to_byte(text: str, offset: int) -> int:
    """The UTF-8 byte offset of a character offset; lone surrogates count three bytes each."""
    if text.isascii():
        return offset
    return len(text[:offset].encode("utf-8", "surrogatepass"))


def whole(name: str) -> str:
    """A name without halves of surrogate pairs, so that it is one name whether all of its message was read or not."""
    return name if name.isascii() else _HALVES.sub("\ufffd", name)
