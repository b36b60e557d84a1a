"""Which characters the fonts inside Typst have: a PDF/A may hold no character without a glyph."""

import json
from bisect import bisect_right
from functools import cache
from importlib.resources import files


def drawable(text: str) -> str:
    """`text` with each character that the fonts lack written as its code point, such as `[U+4E2D]`.

    Lines are kept; other control characters are dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_drawn(char) for char in text)


def _drawn(char: str) -> str:
    starts, ends = _ranges()
    place = bisect_right(starts, ord(char)) - 1
    if char == "\n" or (place >= 0 and ord(char) <= ends[place]):
        return char
    return f"[U+{ord(char):04X}]" if char.isprintable() or char == "\ufffd" else ""


@cache
def _ranges() -> tuple[list[int], list[int]]:
    read = json.loads(files("douane.reports").joinpath("data/glyphs.json").read_text(encoding="utf-8"))
    return [first for first, _ in read["ranges"]], [last for _, last in read["ranges"]]
