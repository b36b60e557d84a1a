"""Percent-encoding, forms and addresses, opened. Pure module: no I/O."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from douane.audit.parts import Opened, Part, step_key
from douane.audit.sourcemap import Cut, Layer, Units

_PERCENT: Final = re.compile(
    r"%[fF][0-4]%[89abAB][0-9a-fA-F]%[89abAB][0-9a-fA-F]%[89abAB][0-9a-fA-F]"
    r"|%[eE][0-9a-fA-F]%[89abAB][0-9a-fA-F]%[89abAB][0-9a-fA-F]"
    r"|%[cdCD][0-9a-fA-F]%[89abAB][0-9a-fA-F]"
    r"|%[0-9a-fA-F]{2}"
)
_PERCENT_OR_PLUS: Final = re.compile(_PERCENT.pattern + r"|\+")
ONE_PERCENT: Final = re.compile("%[0-9a-fA-F]{2}")


def unpercent(found: re.Match[str]) -> str:
    """What a run of percent-encoded bytes, or a plus sign, stands for."""
    run = found[0]
    if run == "+":
        return " "
    content = bytes.fromhex(run.replace("%", ""))
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1")  # what older sites meant


def unpercented(text: str) -> str:
    """A text with its percent-encoding undone."""
    return _PERCENT.sub(unpercent, text)


def cut(text: str, first: int, last: int, layer: Layer | None, *, plus: bool) -> tuple[str, Layer, bool]:
    """A percent-encoded part of a text, decoded; the flag says whether that changed nothing."""
    piece = text[first:last]
    if "%" not in piece and not (plus and "+" in piece):
        return piece, Cut(layer, first), True
    units = _PERCENT_OR_PLUS if plus else _PERCENT
    return units.sub(unpercent, piece), Units(layer, text, first, last, units, unpercent), False


_FORM: Final = re.compile(r"[?&]?[A-Za-z_][^=&\s/?:#]{0,127}=(?!=)[^&=\s]*+(?:&[^=&\s]{1,128}=[^&\s]*+)*+&?")


def _pairs(text: str, first: int, last: int, layer: Layer | None, step: str) -> Iterator[Part]:
    """The `name=value` pairs of a query or form."""
    pos = first
    while pos < last:
        stop = text.find("&", pos, last)
        stop = last if stop < 0 else stop
        middle = text.find("=", pos, stop)
        if 0 <= middle - pos <= 200 and middle > pos:
            name = _PERCENT_OR_PLUS.sub(unpercent, text[pos:middle])
            value, inner, same = cut(text, middle + 1, stop, layer, plus=True)
            if value:
                named = Units(layer, text, pos, middle, _PERCENT_OR_PLUS, unpercent)
                yield Part(f"{step}{step_key(name)}", name, value, inner, row=1, excerpt=same, name_layer=named)
        elif stop > pos:
            value, inner, same = cut(text, pos, stop, layer, plus=True)
            yield Part(step, "", value, inner, row=1, excerpt=same)
        pos = stop + 1


def percented(text: str, layer: Layer | None) -> Part:
    """The whole text with its percent-encoding undone."""
    value, inner, _ = cut(text, 0, len(text), layer, plus=False)
    return Part("percent", "", value, inner, copy=True)


def form(text: str, layer: Layer | None, most: int) -> Opened | None:
    """The first `most` pairs of a text that is a form or a query and nothing else."""
    if _FORM.fullmatch(text) is None:
        return None
    first = 1 if text[0] in "?&" else 0
    return Opened(list(islice(_pairs(text, first, len(text), layer, "form:/"), most)), whole="&" in text[first:])


ADDRESS: Final = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30}):)?"
    r"(?://(?:(?P<user>[^/?#@:\s]*+)(?::(?P<password>[^/?#@\s]*+))?@)?(?P<host>[^/?#\s]*+))?"
    r"(?P<path>[^?#\s]*+)(?:\?(?P<query>[^#\s]*+))?(?:\#(?P<fragment>\S*+))?"
)
INSIDE: Final = re.compile(
    r"(?<![A-Za-z0-9+.-])(?:[A-Za-z][A-Za-z0-9+.-]{1,30}://|mailto:|tel:|geo:|sms:)[^\s<>\"'`]++"
)
_TALKING: Final = frozenset({"mailto", "tel", "geo", "sms", "sip", "callto"})


def inside(text: str, layer: Layer | None) -> Iterator[Part]:
    """The parts of the addresses in a text."""
    for match in INSIDE.finditer(text):
        run = match[0]
        if not run.lower().startswith("mailto") and not any(mark in run for mark in "?%@#"):
            continue
        last = match.start() + len(run.rstrip(".,;:!)]}"))
        found = ADDRESS.match(text, match.start(), last)
        if found is not None:
            yield from address(text, layer, found)


def address(text: str, layer: Layer | None, found: re.Match[str]) -> Iterator[Part]:
    """The parts of an address that hold data of their own. Source: RFC 3986, appendix B."""
    scheme, query, fragment = (found["scheme"] or "").lower(), found["query"], found["fragment"]
    if not scheme and not (query and "=" in query) and not (found["host"] is not None and query):
        return
    if found["user"] is not None:
        for name in ("user", "password"):
            if found[name]:
                value, inner, same = cut(text, *found.span(name), layer, plus=False)
                yield Part(f"url:/{name}", name, value, inner, row=2, excerpt=same)
    if scheme in _TALKING and found["path"]:
        value, inner, same = cut(text, *found.span("path"), layer, plus=False)
        yield Part(f"url:/{scheme}", scheme, value, inner, row=3, excerpt=same)
    elif found["path"] and "%" in found["path"]:
        value, inner, _ = cut(text, *found.span("path"), layer, plus=False)
        yield Part("url:/path", "", value, inner)
    if query:
        yield from _pairs(text, *found.span("query"), layer, "query:/")
    if fragment:
        if "=" in fragment:
            yield from _pairs(text, *found.span("fragment"), layer, "fragment:/")
        elif "%" in fragment:
            value, inner, _ = cut(text, *found.span("fragment"), layer, plus=False)
            yield Part("url:/fragment", "", value, inner)
