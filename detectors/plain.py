"""A value's text as a person reads it, without what Unicode hides in it, and the way back to what crossed.

Full-width forms, foreign digits, spaces of all widths and letters borrowed from another script inside a word become
plain ones; invisible characters go, letters written in two parts become one, and w o r d s and numbers that are spaced
out are closed up.
"""

import re
import unicodedata
from dataclasses import dataclass

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufe00-\ufe0f"
_MARKS = "\u0300-\u036f"
_PARTED = re.compile(f"[{_INVISIBLE}{_MARKS}]")
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_FOREIGN = re.compile("[\u0370-\u03ff\u0400-\u052f]")
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = re.compile("[A-Za-z]")
_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХаеорсухіјѕԁһԛԝΑΒΕΖΗΙΚΜΝΟΡΤΥΧαοινυρ",
    "ABESIJKMHOPCTYXaeopcyxijsdhqwABEZHIKMNOPTYXaoivup",
)
"""Letters of other alphabets that look like Latin ones; used only within words that have Latin letters as well."""


def _table() -> dict[int, str]:
    table = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}  # full-width forms of ASCII
    table.update(dict.fromkeys((0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000), " "))
    for zero in (0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0x1040, 0x17E0, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6):
        table.update({zero + digit: str(digit) for digit in range(10)})
    table[0x3002] = "."  # the ideographic full stop, which host names may have
    return table


_TABLE = _table()
_ODD = re.compile("[" + re.escape("".join(map(chr, _TABLE))) + "]")
_ANY = re.compile("[" + re.escape("".join(map(chr, _TABLE))) + f"{_INVISIBLE}{_MARKS}\u0370-\u03ff\u0400-\u052f]")
"""What makes a text another one when it is read."""


_SPREAD = re.compile(r"(?<![^\s(])(?:[^\W\d_](?: [^\W\d_]){3,}|\w(?: \w){7,})(?![^\s.,;:!?)])")
"""Four single letters in a row, or eight letters and figures; fewer may be the choices of a question, or a score."""
_FEWEST_SPACES = 3


@dataclass(frozen=True, slots=True)
class Plain:
    """The text to read, and where each of its characters began and ended; None where all are in their places."""

    text: str
    spans: tuple[tuple[int, int], ...] | None = None

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of the text stood in the value."""
        if self.spans is None or start >= end:
            return start, end
        return self.spans[start][0], self.spans[end - 1][1]


def is_plain(text: str) -> bool:
    """Whether `plain` would give the text back as it is, told at a glance; false also where it just might not."""
    return text.isascii() and (text.count(" ") < _FEWEST_SPACES or _SPREAD.search(text) is None)


def plain(text: str) -> Plain:
    """Read a text; time is linear in it."""
    if text.isascii() or not _ANY.search(text):
        spread = text.count(" ") >= _FEWEST_SPACES and _SPREAD.search(text) is not None
        return _closed(text, None) if spread else Plain(text)
    read = text.translate(_TABLE) if _ODD.search(text) else text
    if _FOREIGN.search(read):
        read = _WORD.sub(_latin, read)
    if not _PARTED.search(read):
        return _closed(read, None)
    kept: list[str] = []
    spans: list[tuple[int, int]] = []
    for at, char in enumerate(read):
        if _HIDDEN.match(char):
            continue
        if kept and "\u0300" <= char <= "\u036f":
            whole = unicodedata.normalize("NFC", kept[-1] + char)
            if len(whole) == 1:
                kept[-1], spans[-1] = whole, (spans[-1][0], at + 1)
                continue
        kept.append(char)
        spans.append((at, at + 1))
    return _closed("".join(kept), spans)


def _closed(text: str, spans: list[tuple[int, int]] | None) -> Plain:
    """The text with what is spaced out closed up."""
    kept: list[str] = []
    places: list[int] = []
    end = 0
    for run in _SPREAD.finditer(text):
        between = run.start()
        if end and text[end:between].isspace():
            between = end + 1  # the wider space between two words
        kept += (text[end:between], run[0].replace(" ", ""))
        places += range(end, between)
        places += range(run.start(), run.end(), 2)
        end = run.end()
    if not end:
        return Plain(text, None if spans is None else tuple(spans))
    kept.append(text[end:])
    places += range(end, len(text))
    return Plain("".join(kept), tuple((at, at + 1) if spans is None else spans[at] for at in places))


def _latin(word: re.Match[str]) -> str:
    return word[0].translate(_ALIKE) if _LATIN.search(word[0]) else word[0]
