"""What a text holds besides its words: data in another notation, opened. Pure module: no I/O.

`opened(text)` looks at one text and gives the parts that stand in it in a notation of their own, each with the layer
that maps its offsets back. It opens one level; `audit.fields` goes deeper. Every look is linear in the length of the
text, and none raises.
"""

import html
import re
from itertools import islice
from typing import Final

from douane.audit.addresses import ADDRESS, INSIDE, ONE_PERCENT, address, form, inside, percented
from douane.audit.encoded import BASE64, MIN_BASE64, base64, data_uri, encoded_inside, token, wrapped
from douane.audit.jsontext import Malformed, parse, prefix
from douane.audit.labels import labelled
from douane.audit.parts import Opened, Part, step_key
from douane.audit.sourcemap import Cut, Layer, Units
from douane.audit.tables import last_of_run, tables

_QUICK: Final = re.compile(r"[{\[\"\n:=%|&\\\uff1a<]")


def may_open(text: str) -> bool:
    """A quick look: false when `opened` would find nothing."""
    if _QUICK.search(text) is not None:
        return True
    return len(text) >= MIN_BASE64 and " " not in text and BASE64.match(text) is not None


def opened(text: str, layer: Layer | None, *, again: bool = True, most: int = 100_000) -> Opened | None:
    """The parts of `text`, which `layer` maps to the string in the message; None when there are none.

    `again=False` leaves `key: value` text closed. Of each kind of part `most` are looked for, and then a few.
    """
    head = text[:5] if text[:1] not in _BLANK else text.lstrip(_BLANK)[:5]
    if head[:1] in _JSON_HEADS:
        found = _json(text, layer)
        if found is not None:
            return found
    if " " not in text and "\n" not in text:
        if head.lower() == "data:":
            found = data_uri(text, layer)
            if found is not None:
                return found
        found = base64(text, layer) or token(text, layer)
        if found is None and "=" in text:
            found = form(text, layer, most)
        if found is not None:
            return found
        match = ADDRESS.fullmatch(text)
        if match is not None and (match["scheme"] or match["host"] or match["query"]):
            parts = list(islice(address(text, layer, match), most))
            if parts:
                return Opened(parts)
    elif "\n" in text:
        found = wrapped(text, layer)
        if found is not None:
            return found
    return _mixed(text, layer, again=again, most=most)


_BLANK: Final = " \t\r\n\ufeff"
_JSON_HEADS: Final = frozenset('{["')
_ROOT: Final = Cut(None, 0)


def _json(text: str, layer: Layer | None) -> Opened | None:
    start = 1 if text[0] == "\ufeff" else 0
    node = parse(text, start=start, lenient=True)
    if isinstance(node, Malformed):
        return Opened([], limit=node.code) if node.code in ("too-deep", "too-many") else None
    if node.value and (node.kind == "string" or isinstance(node.value, tuple)):
        return Opened([Part("json", "", text, layer or _ROOT, tree=node)], whole=True)
    return None


_BRACE: Final = re.compile(r"[{\[](?=\s{0,64}[{\[\"'])|\{(?=\s{0,64}[A-Za-z_$][A-Za-z0-9_$]{0,64}\s{0,8}:)")
_BETWEEN: Final = " \t\r\n,"
_TRY: Final = 100  # what looking for JSON where there is none costs, in characters read


def _json_inside(text: str, layer: Layer | None, parts: list[Part], most: int) -> tuple[str, bool]:
    """JSON that stands in a text, whole or broken off; the code of what was not read, and whether nothing is beside."""
    pos, wasted, limit, alone = 0, 0, "", True
    brace = _BRACE.search(text)
    while brace is not None:
        node = prefix(text, brace.start(), lenient=True, partial=True)
        if isinstance(node, Malformed):
            limit = limit or (node.code if node.code != "malformed" else "")
            alone = False
            wasted += _TRY + node.at - pos
            pos = brace.end()
        else:
            parts.append(Part("json", "", text, layer or _ROOT, tree=node))
            alone = alone and text[node.end - 1] in "}]" and not text[pos : node.start].strip(_BETWEEN)
            pos = node.end
        brace = _BRACE.search(text, pos)
        if brace is not None and (wasted > 4 * len(text) + 64 * _TRY or len(parts) > most):
            return limit or "too-many", False
    return limit, alone and bool(parts) and not text[pos:].strip(_BETWEEN)


_BACKSLASHED: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[\"\\/bfnrt])"
)
_ENTITY: Final = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_ELEMENT: Final = re.compile(r"<([A-Za-z][A-Za-z0-9_:.-]{0,40})(?: [^<>]{0,300})?>([^<>]{1,4000})</\1>")
_SIMPLE: Final = {"\\n": "\n", "\\t": "\t", "\\r": "\r", "\\b": "\b", "\\f": "\f"}


def _unbackslash(found: re.Match[str]) -> str:
    run = found[0]
    if len(run) == 2:
        return _SIMPLE.get(run, run[1])
    if len(run) == 6:
        return chr(int(run.removeprefix("\\u"), 16))
    return chr(0x10000 + ((int(run[2:6], 16) - 0xD800) << 10) + int(run[8:], 16) - 0xDC00)


def _unentity(found: re.Match[str]) -> str:
    return html.unescape(found[0])


def _mixed(text: str, layer: Layer | None, *, again: bool, most: int) -> Opened | None:
    """The parts of a text that is otherwise prose."""
    parts: list[Part] = []
    limit = ""
    if "{" in text or "[" in text:
        limit, alone = _json_inside(text, layer, parts, most)
        if alone:
            return Opened(parts, whole=True, limit=limit)
    if "\n" in text and _table(text, layer, parts, most):
        return Opened(parts, whole=True, limit=limit)
    if ":" in text:
        parts.extend(islice(inside(text, layer), most))
    if again:
        parts.extend(islice(labelled(text, layer), most))
    parts.extend(encoded_inside(text, layer))
    if "</" in text:
        parts.extend(
            Part(f"xml:/{match[1]}", match[1], match[2], Cut(layer, match.start(2)), row=4, excerpt=True)
            for match in islice(_ELEMENT.finditer(text), most)
        )
    parts.extend(_copies(text, layer))
    return Opened(parts, limit=limit) if parts or limit else None


def _table(text: str, layer: Layer | None, parts: list[Part], most: int) -> bool:
    """Add the cells of the tables in a text; true when nothing stands beside them."""
    found = tables(text, most)
    if found is None:
        return False
    for cell in found.cells:
        same = cell.runs is None
        inner: Layer = Cut(layer, cell.start)
        if cell.runs is not None:
            inner = Units(layer, text, cell.start, cell.end, cell.runs, last_of_run)
        step = f"{found.kind}:{cell.row}/{step_key(cell.head)}"
        excerpt = same and not found.whole
        parts.append(Part(step, cell.head, cell.text, inner, row=1000 + cell.row, excerpt=excerpt))
    return found.whole


def _copies(text: str, layer: Layer | None) -> list[Part]:
    """The text once more for each kind of escape in it, undone."""
    copies: list[Part] = []
    for mark, units, undo, step in _ESCAPES:
        if mark in text and units.search(text) is not None:
            value = units.sub(undo, text)
            if value != text:
                copies.append(Part(step, "", value, Units(layer, text, 0, len(text), units, undo), copy=True))
    if "%" in text and ONE_PERCENT.search(INSIDE.sub("", text)) is not None:
        copies.append(percented(text, layer))
    return copies


_ESCAPES: Final = (("\\", _BACKSLASHED, _unbackslash, "unescape"), ("&", _ENTITY, _unentity, "entities"))
