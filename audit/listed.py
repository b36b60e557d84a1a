"""Every place that a JSON Schema lists, as pointers. Pure module: no I/O.

Schemas are written by strangers: cycles, wrong types and remote references never raise and take bounded time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from douane.audit import taxonomy
from douane.audit.jsontext import escape
from douane.audit.schema import COMBINED, Property, find_property, outright, segments

MOST: Final = 500
"""Places of one schema that are looked at."""
LEVELS: Final = 12


@dataclass(frozen=True, slots=True)
class Listed:
    """One place below the root. `pointer` has `*` for any index, or for any key of a map.

    `schema` is its subschema as written (references followed), `leaf` whether nothing is listed below it, `required`
    whether every object above asks for it.
    """

    pointer: str
    schema: Mapping[str, Any]
    required: bool
    leaf: bool

    @property
    def name(self) -> str:
        """The nearest key that the schema's author gave, empty for the root's items."""
        return next((part for part in reversed(segments(self.pointer)) if part != "*"), "")


def listed(schema: object) -> tuple[Listed, ...]:
    """Every place below the root that the schema lists, in its order, each pointer once; at most `MOST`."""
    found: dict[str, Listed] = {}
    for one in _below(schema, schema, "", True, 0, ()):
        known = found.get(one.pointer)
        if known is None or (known.leaf and not one.leaf):
            found[one.pointer] = one
        if len(found) >= MOST:
            break
    return tuple(found.values())


def property_at(schema: object, pointer: str) -> Property | None:
    """What the schema says of a listed place; `*` is read as an item, or as any key of a map."""
    return find_property(schema, ["0" if part == "*" else part for part in segments(pointer)])


def most_specific(categories: Iterator[str] | frozenset[str] | tuple[str, ...]) -> tuple[str, ...]:
    """The categories without those that another one belongs to, sorted."""
    keys = set(categories)
    return tuple(
        sorted(key for key in keys if not any(other != key and taxonomy.is_within(other, key) for other in keys))
    )


def said_by(schema: Mapping[str, Any]) -> frozenset[str]:
    """The categories that a subschema lists outright."""
    return frozenset(outright(schema))


def _below(
    root: object, schema: object, pointer: str, required: bool, level: int, trail: tuple[int, ...]
) -> Iterator[Listed]:
    parts = parts_of(root, schema, trail)
    if level >= LEVELS:
        return
    wanted: set[str] = set()
    for part in parts:
        names = part.get("required")
        if isinstance(names, list | tuple):
            wanted.update(name for name in names if isinstance(name, str))
    trail = (*trail, *(id(part) for part in parts))
    for part in parts:
        for key, inner, asked in _members(part):
            where = f"{pointer}/{escape(key)}"
            needed = required and (key in wanted or not asked)
            below = list(_below(root, inner, where, needed, level + 1, trail))
            merged: dict[str, Any] = {}
            for piece in reversed(parts_of(root, inner, trail)):
                merged.update(piece)
            yield Listed(where, merged, needed, not below)
            yield from below


def _members(part: Mapping[str, Any]) -> Iterator[tuple[str, object, bool]]:
    properties = part.get("properties")
    for key, inner in properties.items() if isinstance(properties, Mapping) else ():
        if isinstance(key, str) and inner is not False:
            yield key, inner, True
    for keyword in ("prefixItems", "items", "additionalProperties"):
        inner = part.get(keyword)
        if keyword == "prefixItems" and isinstance(inner, list):
            for one in inner:
                yield "*", one, False
        elif isinstance(inner, Mapping) and inner:
            yield "*", inner, False


def parts_of(root: object, schema: object, trail: tuple[int, ...]) -> list[Mapping[str, Any]]:
    """A schema with what it combines and refers to within the root; none of those that stand above it already."""
    out: list[Mapping[str, Any]] = []
    pending: list[object] = [schema]
    seen: set[int] = set(trail)
    while pending and len(out) < 50:
        one = pending.pop(0)
        if not isinstance(one, Mapping) or id(one) in seen:
            continue
        seen.add(id(one))
        out.append(one)
        reference = one.get("$ref")
        if isinstance(reference, str) and reference.startswith("#"):
            pending.append(_target(root, reference))
        for keyword in COMBINED:
            branches = one.get(keyword)
            if isinstance(branches, list | tuple):
                pending.extend(branches)
    return out


def _target(root: object, reference: str) -> object:
    here = root
    for part in segments(reference[1:]):
        here = here.get(part) if isinstance(here, Mapping) else None
    return here
