"""The tightest schema that what was seen would fit: fields that were never used go, maps and objects are closed.

Pure module: no I/O. A proposal for the app's author, never a judgement: what was not seen may come tomorrow.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.guess import Subjects
from douane.audit.jsontext import escape
from douane.audit.keys import HIDDEN, is_field_name, is_hidden
from douane.audit.listed import Listed, listed, most_specific, property_at, said_by
from douane.audit.planted import used_by_people
from douane.audit.schema import segments
from douane.audit.skeleton import read_from

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
    and are not required. `untold` are listed, and `untold_used` held a value, and their names are hidden (or those of
    others beside them), so that it cannot be told whether the two are the same. `schema` is the tighter one, in which
    what cannot be told stays; None where nothing was seen.
    """

    calls: int
    unused: tuple[str, ...]
    unlisted: tuple[tuple[str, int], ...]
    more: tuple[CarriedMore, ...]
    always: tuple[str, ...]
    schema: Mapping[str, Any] | None
    untold: tuple[str, ...] = ()
    untold_used: tuple[tuple[str, int], ...] = ()


def least(
    schema: Mapping[str, Any] | None,
    uses: Mapping[str, int],
    held: Mapping[str, Mapping[str, int]] | None = None,
    about: Iterable[str] = (),
) -> Least:
    """Hold a schema against how often each place was used (`uses`, the root's count being that of the calls).

    `held` are the disclosures: a pointer to categories to how many. Pointers have `*` for indices. What an exercise
    planted in a call is nothing that the tool was asked for. `about` are the tool's name and description: what a word
    says of an animal's field is not taken for a person's.
    """
    uses = used_by_people(uses)
    calls = uses.get("", 0)
    places = {place.pointer: place for place in listed(schema)}
    used = set(uses) - {""}
    touched = {"/".join(pointer.split("/")[:end]) for pointer in used for end in range(2, pointer.count("/") + 2)}
    untold = {one for one in places if calls and (_has_hidden(one) or _may_be_hidden(one, touched))}
    unused = tuple(one for one in places if calls and one not in untold and not _touched(one, touched))
    hiding = {one.rpartition("/")[0] for one in places if is_hidden(segments(one)[-1])}
    untold_used = {
        one for one in used if _has_hidden(one) or (property_at(schema, one) is None and _may_be_listed(one, hiding))
    }
    unlisted = tuple(
        (one, uses[one]) for one in sorted(used) if one not in untold_used and property_at(schema, one) is None
    )
    always = tuple(
        one
        for one, place in places.items()
        if place.leaf and not place.required and calls and one not in untold and uses.get(one) == calls
    )
    kept = touched.union(*(_upwards(one) for one in untold))
    return Least(
        calls,
        _outermost(unused),
        unlisted,
        tuple(_more(schema, held or {}, Subjects(places.values(), about), places)),
        always,
        tighter(schema, kept) if calls and schema is not None else None,
        _outermost(tuple(one for one in places if one in untold)),
        tuple((one, uses[one]) for one in sorted(untold_used)),
    )


def _outermost(pointers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in pointers if not any(one.startswith(f"{other}/") for other in pointers))


def _upwards(pointer: str) -> set[str]:
    """The place and all above it."""
    parts = pointer.split("/")
    return {"/".join(parts[:end]) for end in range(2, len(parts) + 1)}


def _has_hidden(pointer: str) -> bool:
    return any(is_hidden(part) for part in segments(pointer))


def _may_be_hidden(pointer: str, touched: Collection[str]) -> bool:
    """Whether a listed place was perhaps used under a hidden name: before its list was seen, its own was hidden too."""
    return any(
        one not in touched and not is_field_name(segments(one)[-1]) and f"{one.rpartition('/')[0]}/{HIDDEN}" in touched
        for one in _upwards(pointer)
        if segments(one)[-1] != "*"
    )


def _may_be_listed(pointer: str, hiding: Collection[str]) -> bool:
    """Whether a used place is perhaps one of those whose names the schema's skeleton hides."""
    return any(one.rpartition("/")[0] in hiding and not is_field_name(segments(one)[-1]) for one in _upwards(pointer))


def tighter(schema: Mapping[str, Any], used: set[str]) -> dict[str, Any]:
    """The schema with the members at places of `used` alone, and nothing else let in. Words and limits stay.

    A part behind a reference stays whole where other parts may use it. Where names are hidden, others are let in.
    """
    return _tighter(schema, "", used, 0)


def _tighter(schema: Mapping[str, Any], pointer: str, used: set[str], level: int) -> dict[str, Any]:
    out = dict(schema)
    if level > _KEPT_LEVELS:
        return out
    properties = schema.get("properties")
    if isinstance(properties, Mapping):
        kept = {
            key: inner if is_hidden(str(key)) else _inner(inner, f"{pointer}/{escape(str(key))}", used, level)
            for key, inner in properties.items()
            if _touched(f"{pointer}/{escape(str(key))}", used)
        }
        out["properties"] = kept
        if isinstance(required := schema.get("required"), list):
            out["required"] = [name for name in required if isinstance(name, str) and name in kept]
        hides = f"{pointer}/{HIDDEN}" in used or any(is_hidden(str(key)) for key in properties)
        if not hides and not isinstance(schema.get("additionalProperties"), Mapping) and not _COMBINING & set(schema):
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


def _more(
    schema: object, held: Mapping[str, Mapping[str, int]], subjects: Subjects, places: Mapping[str, Listed]
) -> Iterable[CarriedMore]:
    for pointer, categories in sorted(held.items()):
        if _has_hidden(pointer):
            continue  # of which property it is cannot be told
        said = property_at(schema, pointer)
        if said is None:
            continue  # it is not listed at all, which is told elsewhere
        place = places.get(pointer)
        says = frozenset(
            one
            for one in said.announced()
            if place is None
            or one in said_by(place.schema) - read_from(place.schema).keys()
            or not subjects.is_nobodys(place, one)
        )
        over = tuple(
            (category, count)
            for category, count in sorted(categories.items())
            if not any(taxonomy.is_within(category, one) or taxonomy.is_within(one, category) for one in says)
        )
        if over:
            yield CarriedMore(pointer, most_specific(says), over)
