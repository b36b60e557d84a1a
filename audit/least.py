"""The tightest schema that what was seen would fit: fields that were never used go, maps and objects are closed.

Pure module: no I/O. A proposal for the app's author, never a judgement: what was not seen may come tomorrow.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.jsontext import escape
from douane.audit.listed import listed, most_specific, property_at
from douane.audit.planted import used_by_people
from douane.audit.schema import segments

_KEPT_LEVELS: Final = 12


@dataclass(frozen=True, slots=True)
class CarriedMore:
    """A place that held categories of which its schema does not speak; `times` counts disclosures."""

    pointer: str
    says: tuple[str, ...]
    held: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Least:
    """What `calls` observed calls of a tool say of its schema. Pointers lie below the arguments (or the answer).

    `unused` are listed and never held a value, `unlisted` held one and are not listed, `always` held one in every call
    and are not required. `schema` is the tighter one, None where nothing was seen.
    """

    calls: int
    unused: tuple[str, ...]
    unlisted: tuple[tuple[str, int], ...]
    more: tuple[CarriedMore, ...]
    always: tuple[str, ...]
    schema: Mapping[str, Any] | None


def least(
    schema: Mapping[str, Any] | None, uses: Mapping[str, int], held: Mapping[str, Mapping[str, int]] | None = None
) -> Least:
    """Hold a schema against how often each place was used (`uses`, the root's count being that of the calls).

    `held` are the disclosures: a pointer to categories to how many. Pointers have `*` for indices. What an exercise
    planted in a call is nothing that the tool was asked for.
    """
    uses = used_by_people(uses)
    calls = uses.get("", 0)
    places = {place.pointer: place for place in listed(schema)}
    used = set(uses) - {""}
    touched = {"/".join(pointer.split("/")[:end]) for pointer in used for end in range(2, pointer.count("/") + 2)}
    unused = tuple(one for one in places if calls and not _touched(one, touched))
    unlisted = tuple((one, uses[one]) for one in sorted(used) if property_at(schema, one) is None)
    always = tuple(
        one for one, place in places.items() if place.leaf and not place.required and calls and uses.get(one) == calls
    )
    return Least(
        calls,
        tuple(one for one in unused if not any(one.startswith(f"{other}/") for other in unused)),
        unlisted,
        tuple(_more(schema, held or {})),
        always,
        tighter(schema, touched) if calls and schema is not None else None,
    )


def tighter(schema: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    """The schema with the members at places of `used` alone, and nothing else let in. Words and limits stay.

    A part behind a reference stays whole where other parts may use it.
    """
    return _tighter(schema, "", used, 0)


def _tighter(schema: Mapping[str, Any], pointer: str, used: set[str], level: int) -> dict[str, Any]:
    out = dict(schema)
    if level > _KEPT_LEVELS:
        return out
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        kept = {
            key: _inner(inner, f"{pointer}/{escape(str(key))}", used, level)
            for key, inner in properties.items()
            if _touched(f"{pointer}/{escape(str(key))}", used)
        }
        out["properties"] = kept
        if isinstance(required := schema.get("required"), list):
            out["required"] = [name for name in required if isinstance(name, str) and name in kept]
        if not isinstance(schema.get("additionalProperties"), Mapping) and not _COMBINING & set(schema):
            out["additionalProperties"] = False
    for keyword in ("items", "additionalProperties"):
        if isinstance(inner := schema.get(keyword), Mapping):
            out[keyword] = _inner(inner, f"{pointer}/*", used, level)
    return out


_COMBINING: Final = frozenset({"allOf", "anyOf", "oneOf", "$ref", "patternProperties", "if"})


def _inner(schema: object, pointer: str, used: set[str], level: int) -> object:
    return _tighter(schema, pointer, used, level + 1) if isinstance(schema, Mapping) else schema


def _touched(pointer: str, used: set[str]) -> bool:
    """Whether a place, or for a map or an array any of its members, was used."""
    if pointer in used:
        return True
    parts = segments(pointer)
    if "*" not in parts:
        return False
    return any(
        len(other) == len(parts) and all(mine in ("*", theirs) for mine, theirs in zip(parts, other, strict=True))
        for other in map(segments, used)
    )


def _more(schema: object, held: Mapping[str, Mapping[str, int]]) -> Iterable[CarriedMore]:
    for pointer, categories in sorted(held.items()):
        said = property_at(schema, pointer)
        if said is None:
            continue  # it is not listed at all, which is told elsewhere
        says = said.announced()
        over = tuple(
            (category, count)
            for category, count in sorted(categories.items())
            if not any(taxonomy.is_within(category, one) or taxonomy.is_within(one, category) for one in says)
        )
        if over:
            yield CarriedMore(pointer, most_specific(says), over)
