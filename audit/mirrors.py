"""Headers that repeat what the body says, so that it is counted once. Pure module: no I/O."""

from collections.abc import Sequence
from typing import Final

from douane.audit.fields import Field

_HEADER: Final = "/@http/header/"
_PARAM: Final = "mcp-param-"
# Header → where the body holds the same. Sources: MCP 2026-07-28 (mirrored headers), OpenAI's apps reference.
_TWINS: Final[dict[str, tuple[str, ...]]] = {
    "x-openai-session": ("/params/_meta/openai~1session",),
    "x-openai-subject": ("/params/_meta/openai~1subject",),
    "x-openai-organization": ("/params/_meta/openai~1organization",),
    "x-openai-locale": ("/params/_meta/openai~1locale",),
    "x-openai-user-agent": ("/params/_meta/openai~1userAgent",),
    "user-agent": ("/params/_meta/openai~1userAgent",),
    "accept-language": ("/params/_meta/openai~1locale",),
    "mcp-name": ("/params/name", "/params/uri"),
    "traceparent": ("/params/_meta/traceparent",),
    "tracestate": ("/params/_meta/tracestate",),
    "baggage": ("/params/_meta/baggage",),
}


def twins(fields: Sequence[Field]) -> dict[int, int]:
    """For each field of a header that repeats one of the body: its index and that of the field it repeats.

    A pair has the same text, `=?base64?…?=` and JSON undone. `Mcp-Param-*` repeats an argument of any name, that of
    its own name first. A header whose text is found nowhere in its places in the body is no twin: it differs, and
    counts by itself.
    """
    headers = [at for at, field in enumerate(fields) if field.pointer.startswith(_HEADER)]
    if not headers:
        return {}
    body: dict[str, list[int]] = {}
    for at, field in enumerate(fields):
        if not field.pointer.startswith("/@http/"):
            body.setdefault(field.text, []).append(at)
    pairs: dict[int, int] = {}
    for at in headers:
        found = _twin(fields, fields[at], body.get(fields[at].text.strip(), ()))
        if found is not None:
            pairs[at] = found
    return pairs


def _twin(fields: Sequence[Field], header: Field, candidates: Sequence[int]) -> int | None:
    name = header.pointer[len(_HEADER) :]
    if name.startswith(_PARAM):
        wanted = _folded(name[len(_PARAM) :])
        arguments = [at for at in candidates if fields[at].pointer.startswith("/params/arguments/")]
        named = (at for at in arguments if _folded(fields[at].key) == wanted)
        return next(named, arguments[0] if arguments else None)
    places = _TWINS.get(name, ())
    return next((at for at in candidates if fields[at].pointer in places), None)


def _folded(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))
