"""A tool's schema as a tree, with what crossed each of its fields; what crossed beside it hangs where it stood.

Pure module: no I/O. Schemas are written by strangers: cycles, wrong types and sizes never raise.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from douane.audit.jsontext import escape, unescape
from douane.audit.schema import COMBINED, SAYS
from douane.ledger.counted import FieldFigures

LEVELS: Final = 12
NODES: Final = 400
"""Of one tree; a schema that has more is shown so far."""
ANY_KEY: Final = "{key}"
"""The name under which the ledger keeps a key that may itself be a datum."""
ANY_INDEX: Final = "*"


@dataclass(slots=True)
class Node:
    """One place: its name, what the schema says of it, what crossed there, and what is below.

    `listed` says that the schema has it, `kind` its JSON types, `says` the categories that the schema announces.
    """

    name: str
    pointer: str
    listed: bool = True
    kind: str = ""
    required: bool = False
    says: tuple[str, ...] = ()
    found: list[FieldFigures] = field(default_factory=list[FieldFigures])
    below: list["Node"] = field(default_factory=list["Node"])

    @property
    def carries(self) -> bool:
        """Whether anything crossed here or below."""
        return bool(self.found) or any(node.carries for node in self.below)


def tree(schema: object, root: str, found: Iterable[FieldFigures]) -> Node:
    """The tree of a schema (None where none was seen) under the pointer `root`, with what crossed under it."""
    top = _Planting(schema).plant(schema, root) if schema is not None else Node("", root, listed=False)
    for one in found:
        place = _reach(top, root, one.pointer)
        if place is not None:
            place.found.append(one)
    return top


def beside(root: str, found: Iterable[FieldFigures]) -> list[Node]:
    """What crossed in the same messages outside of `root`, a node each, by pointer."""
    out: dict[str, Node] = {}
    for one in found:
        if not _within(one.pointer, root):
            out.setdefault(one.pointer, Node(one.pointer, one.pointer, listed=False)).found.append(one)
    return [out[pointer] for pointer in sorted(out)]


def nodes(top: Node) -> Iterator[Node]:
    """A tree's nodes, each before those below it."""
    yield top
    for one in top.below:
        yield from nodes(one)


def _within(pointer: str, root: str) -> bool:
    return pointer == root or pointer.startswith(f"{root}/")


def _reach(top: Node, root: str, pointer: str) -> Node | None:
    """The node of a pointer; what the schema does not list is hung below the last that it does."""
    if not _within(pointer, root):
        return None
    at = top
    for token in pointer[len(root) :].split("/")[1:]:
        below = next((node for node in at.below if node.pointer == f"{at.pointer}/{token}"), None)
        if below is None:
            below = Node(unescape(token), f"{at.pointer}/{token}", listed=False)
            at.below.append(below)
        at = below
    return at


class _Planting:
    """One schema on its way to a tree, no deeper than `LEVELS` and no larger than `NODES`."""

    def __init__(self, whole: object) -> None:
        self._whole = whole
        self._left = NODES

    def plant(self, schema: object, pointer: str, name: str = "", level: int = 0, *, required: bool = False) -> Node:
        self._left -= 1
        parts = list(self._parts(schema, level))
        node = Node(name, pointer, True, _kinds(parts), required, _says(parts))
        if level >= LEVELS:
            return node
        needed = {key for part in parts for key in _texts(part.get("required"))}
        for key, below in _members(parts):
            if self._left <= 0:
                break
            if all(known.name != key for known in node.below):
                at = f"{pointer}/{key if key in (ANY_KEY, ANY_INDEX) else escape(key)}"
                node.below.append(self.plant(below, at, key, level + 1, required=key in needed))
        return node

    def _parts(self, schema: object, level: int, depth: int = 0) -> Iterator[Mapping[str, Any]]:
        """The schema with all that applies at the same place."""
        if not isinstance(schema, Mapping) or level + depth > LEVELS:
            return
        yield schema
        for keyword in COMBINED:
            some = schema.get(keyword)
            for one in some if isinstance(some, list) else ():
                yield from self._parts(one, level, depth + 1)
        target = schema.get("$ref")
        if isinstance(target, str) and target.startswith("#"):
            yield from self._parts(self._at(target), level, depth + 1)

    def _at(self, target: str) -> object:
        found: object = self._whole
        for token in target[1:].split("/")[1:]:
            found = found.get(unescape(token)) if isinstance(found, Mapping) else None
        return found


def _members(parts: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, object]]:
    for part in parts:
        listed = part.get("properties")
        if isinstance(listed, Mapping):
            yield from ((key, one) for key, one in listed.items() if isinstance(key, str))
        for keyword in ("items", "prefixItems"):
            some = part.get(keyword)
            for one in some if isinstance(some, list) else [some]:
                if isinstance(one, Mapping):
                    yield ANY_INDEX, one
        rest = part.get("additionalProperties")
        if isinstance(rest, Mapping) and rest:
            yield ANY_KEY, rest


def _kinds(parts: Sequence[Mapping[str, Any]]) -> str:
    found: dict[str, None] = {}
    for part in parts:
        said = part.get("type")
        found |= dict.fromkeys([said] if isinstance(said, str) else _texts(said))
    return " | ".join(found)


def _says(parts: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key for part in parts for key in _texts(part.get(SAYS))))


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []
