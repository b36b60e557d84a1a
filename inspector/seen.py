"""Observations and used places as the ledger may keep them: pointers and names made safe. Pure: no I/O."""

import re
from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Final

from douane.audit.credential_names import shown
from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.hosts import within
from douane.audit.key_values import is_value
from douane.audit.keys import HIDDEN, is_field_name, is_name, safe_key, stays
from douane.audit.message import Direction

HEADER: Final = "Mcp-Param-"
_INDEX: Final = re.compile(r"(?<=/)[0-9]+(?=/|$)")
_MAX_REMEMBERED: Final = 20_000
_pointers: set[tuple[str, frozenset[str]]] = set()  # in which nothing is hidden; one with a datum is never remembered


def kept(
    observations: Iterable[Observation], *, declared: Collection[str], own: Collection[str] = ()
) -> tuple[Observation, ...]:
    """The observations with every key that may be a datum hidden; URLs to the app's `own` hosts are left out."""
    out: dict[Observation, None] = {}
    for one in observations:
        if one.kind is Seen.RETURNED_URL and any(within(one.name, host) for host in own):
            continue
        out[_safe(one, declared)] = None
    return tuple(out)


def kept_uses(
    tool: str | None, direction: Direction, pointers: Iterable[str], declared: Collection[str]
) -> tuple[FieldUse, ...]:
    """The places that one call or answer of a tool used; none where no tool is known."""
    if tool is None:
        return ()
    safe = dict.fromkeys(_pointer(pointer, declared) for pointer in pointers)
    return tuple(FieldUse(tool, direction, pointer, 1) for pointer in safe)


def _safe(one: Observation, declared: Collection[str]) -> Observation:
    if one.kind is Seen.UNLISTED:
        return replace(one, name=_pointer(one.name, declared))
    if one.kind is Seen.FORM_ASKS:
        return replace(one, detail=safe_key(one.detail, declared))
    if one.kind is Seen.QUERY_CREDENTIAL:
        return replace(one, name=shown(one.name))
    if one.kind is Seen.HEADER_PARAMETER:
        header = one.detail.removeprefix(HEADER)
        return replace(one, name=_name(one.name), detail=HEADER + _name(header))
    return one


def _pointer(pointer: str, declared: Collection[str]) -> str:
    remembered = pointer, frozenset(declared)
    if remembered in _pointers:
        return pointer
    tokens = _INDEX.sub("*", pointer).split("/")[1:]
    shown = "".join(f"/{token if _stays(token, declared) else HIDDEN}" for token in tokens)
    if shown == pointer and len(_pointers) < _MAX_REMEMBERED:
        _pointers.add(remembered)
    return shown


def _stays(token: str, declared: Collection[str]) -> bool:
    key = token.replace("~1", "/").replace("~0", "~")
    return key == "*" or key in _PROTOCOL or stays(key, declared)


_PROTOCOL: Final = frozenset({"params", "arguments", "result", "structuredContent"})


def _name(name: str) -> str:
    return name if is_field_name(name) or (is_name(name) and not is_value(name)) else HIDDEN
