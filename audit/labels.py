"""`label: value` text, opened. Pure module: no I/O."""

import re
from collections.abc import Iterator
from typing import Final

from douane.audit.parts import Part, step_key
from douane.audit.sourcemap import Cut, Layer

# A label stands at the beginning of a line, of a sentence or after a separator; it has at most 40 characters.
_LABEL: Final = re.compile(
    r"(?:^|[;,|•·\n]|(?<=[.!?] ))[ \t>*#•-]{0,8}+"
    r"(?P<label>\*{0,2}[^\W\d_](?:[\w'’()./-]|[ ](?![ ])){0,39}?\*{0,2})"
    r"[ \u00a0\u202f]{0,2}(?P<mark>:(?!//|:)|=(?!=)|\uff1a)\*{0,2}[ \u00a0\u202f\t]{0,8}+(?=\S)"
)
_HEX_PAIR: Final = re.compile(r"[0-9a-fA-F]{2}")
_OPEN: Final = "\"'«“"
_CLOSE: Final = "\"'»”"


def labelled(text: str, layer: Layer | None) -> Iterator[Part]:
    """The values of `label: value` or `label=value` text, one or several to a line."""
    if ":" not in text and "=" not in text and "\uff1a" not in text:
        return
    before: re.Match[str] | None = None
    for match in _LABEL.finditer(text):
        if before is not None:
            yield from _value(text, before, match.start(), layer)
        before = match
    if before is not None:
        yield from _value(text, before, len(text), layer)


def _value(text: str, label: re.Match[str], limit: int, layer: Layer | None) -> Iterator[Part]:
    first = label.end()
    tight = first == label.end("mark")
    name = label["label"].strip("* ")
    if (
        tight
        and label["mark"] == ":"
        and (_HEX_PAIR.fullmatch(name) or (name[-1:].isdigit() and text[first].isdigit()))
    ):
        return  # aa:bb:cc:dd:ee:ff, room at 10:15
    last = text.find("\n", first, limit)
    value = text[first : limit if last < 0 else last].rstrip(" \t\r;,|")
    if len(value) >= 2 and value[0] in _OPEN and value[-1] in _CLOSE:
        inside = value[1:-1].strip()
        first += value.index(inside, 1) if inside else 1
        value = inside
    if value:
        yield Part(f"line:/{step_key(name)}", name, value, Cut(layer, first), row=1, excerpt=True, again=False)
