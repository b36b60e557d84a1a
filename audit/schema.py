"""What a tool's JSON Schema lists: properties, keys, and what crossed without being listed. Pure module: no I/O.

Reads drafts 7 to 2020-12 as far as they say which members may stand where; nothing is validated. Schemas are written by
strangers: cycles, wrong types, remote references and costly patterns never raise and never take more than bounded time.
"""

import re
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from douane.audit import announce, taxonomy
from douane.audit.context import ToolSchema
from douane.audit.jsontext import Member, Node, escape, get, pointer_of, unescape
from douane.audit.message import Direction, Kind, Message

SAYS = "x-data-categories"
"""The keyword under which a schema lists the data categories of a property outright (`skeleton.skeleton` does)."""

MAX_SUBSCHEMAS = 256
MAX_LEVELS = 64

TEXTS = ("title", "description", "format")
COMBINED = ("allOf", "anyOf", "oneOf")
SINGLE = ("if", "then", "else")
ITEMS = ("items", "additionalItems", "unevaluatedItems", "contains")
REST = ("additionalProperties", "unevaluatedProperties")
MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions", "dependencies")

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_DEPENDENT = ("dependentSchemas", "dependencies")
_FURTHER = frozenset((*_REFERENCES, *COMBINED, *SINGLE, *_DEPENDENT))

type Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Property:
    """What a schema says of one place.

    `texts` are the words that could say what it holds: the names that the schema gives along the way, then titles,
    descriptions and formats. `says` are category keys that the schema lists outright (`SAYS`). `opened` is true where
    the schema does not list the place itself, only one above it that takes anything; the words are then that one's.
    """

    texts: tuple[str, ...]
    says: frozenset[str] = frozenset()
    opened: bool = False

    def announced(self) -> frozenset[str]:
        """The categories that the property says it holds, in its words or outright."""
        return self.says | announce.announced(announce.words(*self.texts))


@dataclass(frozen=True, slots=True)
class _Place:
    """The subschemas that apply at one place of an instance, and the names that led there.

    `unreachable` is true where some of them could not be read: they are elsewhere, or too many.
    """

    schemas: tuple[Schema, ...]
    names: tuple[str, ...]
    inherited: tuple[Schema, ...] = ()
    unreachable: bool = False

    def open_to(self, kind: str) -> bool:
        """Whether an `object` or `array` may stand here of which the schemas say nothing."""
        if self.unreachable:
            return True
        if any(_lists_members(schema) for schema in self.schemas):
            return False
        types = {one for schema in self.schemas for one in _types(schema)}
        return not types or kind in types


def find_property(schema: object, segments: Sequence[str]) -> Property | None:
    """The property that `schema` (a JSON Schema, of any type at all) lists at the pointer `segments`, else None.

    A segment of digits is an array index where no member of that name is listed. A member that only
    `additionalProperties: true` (or its absence) lets in is not listed; what stands inside a listed property that takes
    anything is found, with `opened`. A property behind a remote reference counts as one that takes anything.
    """
    place = _place(schema, schema, ())
    for number, segment in enumerate(segments):
        digits = segment.isascii() and segment.isdigit()
        below = _member(schema, place, segment)
        if below is None and digits:
            below = _item(schema, place, int(segment[:9]))
        if below is None:
            takes_it = place.open_to("object") or (digits and place.open_to("array"))
            return replace(_property(place), opened=True) if takes_it and (number or place.unreachable) else None
        place = below
    return _property(place)


def find_header(schema: object, name: str) -> Property | None:
    """The property that a tool's schema mirrors into the HTTP header `Mcp-Param-<name>` (`x-mcp-header`), else None."""
    wanted = name.casefold()
    pending = [_place(schema, schema, ())]
    for place in pending:
        for key in sorted(_names(place)):
            below = _member(schema, place, key)
            if below is None or len(pending) > MAX_SUBSCHEMAS:
                continue
            if any(str(one.get("x-mcp-header", "")).casefold() == wanted for one in below.schemas):
                return _property(below)
            if len(below.names) < MAX_LEVELS:
                pending.append(below)
    return None


def undeclared(message: Message, schema: ToolSchema | None) -> list[str]:
    """The outermost pointers that crossed in `message` and that the tool's schema does not list, in order.

    Looks at a call's `arguments` against `inputSchema` and at an answer's `structuredContent` against `outputSchema`;
    empty where that schema is unknown. A pointer can hold a key that came from a person: hide it before storing it.
    """
    root, places = _governing(message, schema)
    out: list[str] = []
    for path in places if root is not None else ():
        node = get(message.payload, *path)
        if node is not None:
            _collect(root, node, path, out)
    return out


def _governing(message: Message, schema: ToolSchema | None) -> tuple[Schema | None, tuple[tuple[str, ...], ...]]:
    if schema is None:
        return None, ()
    if message.kind is Kind.REQUEST and message.method == "tools/call" and message.direction is Direction.TO_APP:
        return schema.input_schema, ARGUMENTS
    if message.kind in (Kind.RESULT, Kind.NOTIFICATION) and message.direction is Direction.TO_CHATGPT:
        return schema.output_schema, STRUCTURED
    return None, ()


ARGUMENTS: tuple[tuple[str, ...], ...] = (("params", "arguments"),)
STRUCTURED: tuple[tuple[str, ...], ...] = (
    ("result", "structuredContent"),
    ("result", "result", "structuredContent"),
    ("params", "result", "structuredContent"),
)
"""After the answer's own: that of a task's final result, asked for and notified (tasks extension, MCP 2026-07-28)."""


def declared_keys(schema: ToolSchema | Schema | None) -> frozenset[str]:
    """Every member name that the tool's schemas (or one schema) list anywhere, definitions included."""
    if isinstance(schema, ToolSchema):
        return declared_keys(schema.input_schema) | declared_keys(schema.output_schema)
    keys: set[str] = set()
    pending: list[object] = [schema]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if not isinstance(one, Mapping) or id(one) in seen:
            continue
        seen.add(id(one))
        properties = one.get("properties")
        if isinstance(properties, Mapping):
            keys.update(key for key in properties if isinstance(key, str))
        pending.extend(_children(one))
    return frozenset(keys)


def segments(pointer: str) -> tuple[str, ...]:
    """The segments of an RFC 6901 pointer."""
    parts = pointer.split("/")[1:]
    return tuple([unescape(part) for part in parts] if "~" in pointer else parts)


def _collect(root: Schema | None, start: Node, prefix: tuple[str, ...], out: list[str]) -> None:
    pending = [(start, _place(root, root, ()), pointer_of(prefix))]
    while pending:
        node, place, pointer = pending.pop()
        if (node is not start or place.unreachable) and place.open_to(node.kind):
            continue
        below: list[tuple[Node, _Place, str]] = []
        for name, child in _parts(node):
            where = f"{pointer}/{escape(str(name))}"
            inner = _item(root, place, name) if isinstance(name, int) else _member(root, place, name)
            if inner is not None:
                below.append((child, inner, where))
            elif where not in out[-1:]:
                out.append(where)
        pending.extend(reversed([one for one in below if isinstance(one[0].value, tuple)]))


def _parts(node: Node) -> Iterator[tuple[str | int, Node]]:
    for index, part in enumerate(node.value if isinstance(node.value, tuple) else ()):
        if isinstance(part, Member):
            yield part.key, part.node
        elif isinstance(part, Node):
            yield index, part


def _place(root: object, schema: object, names: tuple[str, ...], inherited: tuple[Schema, ...] = ()) -> _Place:
    """Everything that applies where `schema` stands: itself, what it refers to, and what it combines."""
    if isinstance(schema, dict) and _FURTHER.isdisjoint(schema):
        return _Place((schema,), names, inherited)
    found: list[Schema] = []
    seen: set[int] = set()
    unreachable = False
    pending = deque([schema])
    while pending and len(found) < MAX_SUBSCHEMAS:
        one = pending.popleft()
        if not isinstance(one, Mapping) or id(one) in seen:
            continue
        seen.add(id(one))
        found.append(one)
        for keyword in _REFERENCES:
            if isinstance(one.get(keyword), str):
                target = _target(root, one[keyword])
                unreachable = unreachable or target is None
                pending.append(target)
        for keyword in COMBINED:
            branches = one.get(keyword)
            if isinstance(branches, list | tuple):
                pending.extend(branches)
        pending.extend(one.get(keyword) for keyword in SINGLE)
        for keyword in _DEPENDENT:
            branches = one.get(keyword)
            if isinstance(branches, Mapping):
                pending.extend(branches.values())
    # What is too much to read is not held against the app: it may list anything.
    return _Place(tuple(found), names, inherited, unreachable or bool(pending))


def _target(root: object, reference: object) -> object | None:
    """What a local reference points at; None for one that leads elsewhere, which is never followed."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    if reference == "#":
        return root
    if not reference.startswith("#/"):
        return _anchored(root, reference[1:])
    here: object = root
    for part in segments(reference[1:]):
        if isinstance(here, Mapping) and part in here:
            here = here[part]
        elif isinstance(here, list | tuple) and part.isascii() and part.isdigit() and int(part[:9]) < len(here):
            here = here[int(part[:9])]
        else:
            return None
    return here if isinstance(here, Mapping | bool) else None


def _anchored(root: object, anchor: str) -> object | None:
    pending: list[object] = [root]
    seen: set[int] = set()
    while pending:
        one = pending.pop()
        if not isinstance(one, Mapping) or id(one) in seen:
            continue
        seen.add(id(one))
        if anchor in (one.get("$anchor"), one.get("$dynamicAnchor")):
            return one
        pending.extend(_children(one))
    return None


def _children(schema: Schema) -> Iterator[object]:
    for keyword in (*REST, *ITEMS, *SINGLE, "not", "propertyNames"):
        inner = schema.get(keyword)
        yield from inner if isinstance(inner, list | tuple) else (inner,)
    for keyword in (*COMBINED, "prefixItems"):
        inner = schema.get(keyword)
        if isinstance(inner, list | tuple):
            yield from inner
    for keyword in MAPS:
        inner = schema.get(keyword)
        if isinstance(inner, Mapping):
            yield from inner.values()


def _says_something(schema: object) -> bool:
    """Whether a subschema describes what it lets in: `true` and `{}` do not."""
    return isinstance(schema, Mapping) and bool(schema)


def _lists_members(schema: Schema) -> bool:
    if any(schema.get(keyword) for keyword in ("properties", "patternProperties", "prefixItems")):
        return True
    if any(_says_something(schema.get(keyword)) or schema.get(keyword) is False for keyword in REST):
        return True
    items = schema.get("items")
    return bool(items) and items is not True


def _types(schema: Schema) -> tuple[str, ...]:
    named = schema.get("type")
    if isinstance(named, str):
        return (named,)
    return tuple(one for one in named if isinstance(one, str)) if isinstance(named, list | tuple) else ()


def _names(place: _Place) -> set[str]:
    out: set[str] = set()
    for one in place.schemas:
        properties = one.get("properties")
        if isinstance(properties, Mapping):
            out.update(key for key in properties if isinstance(key, str))
    return out


def _member(root: object, place: _Place, key: str) -> _Place | None:
    """The place of the member `key`, None where nothing lists it."""
    listed: list[object] = []
    by_rule: list[object] = []
    context: list[Schema] = []
    for one in place.schemas:
        properties = one.get("properties")
        if isinstance(properties, Mapping) and key in properties and properties[key] is not False:
            listed.append(properties[key])
        patterns = one.get("patternProperties")
        if isinstance(patterns, Mapping):
            by_rule.extend(inner for rule, inner in patterns.items() if inner is not False and _matches(rule, key))
    if not listed and not by_rule:
        for one in place.schemas:
            rest = [one[keyword] for keyword in REST if _says_something(one.get(keyword))]
            by_rule.extend(rest)
            if rest and isinstance(one.get("propertyNames"), Mapping):
                context.append(one["propertyNames"])
    if listed:
        return _join(root, listed, (*place.names, key))
    if by_rule:
        # The key was not written by the app's author, so it may not speak for the schema; the map above it may.
        return _join(root, by_rule, place.names, (*place.inherited, *place.schemas, *context))
    return None


def _item(root: object, place: _Place, index: int) -> _Place | None:
    """The place of an array's item, None where nothing lists it."""
    listed: list[object] = []
    for one in place.schemas:
        prefix = one.get("prefixItems")
        items = one.get("items")
        if not isinstance(prefix, list | tuple):
            prefix = items if isinstance(items, list | tuple) else ()
        if index < len(prefix):
            listed.append(prefix[index])
            continue
        rest = [one.get(keyword) for keyword in ITEMS]
        listed.extend(inner for inner in rest if _says_something(inner))
    if not listed:
        return None
    return _join(root, listed, place.names, (*place.inherited, *place.schemas))


def _join(root: object, schemas: list[object], names: tuple[str, ...], inherited: tuple[Schema, ...] = ()) -> _Place:
    if len(schemas) == 1:
        return _place(root, schemas[0], names, inherited)
    return _place(root, {"allOf": schemas}, names, inherited)


def _property(place: _Place) -> Property:
    texts: list[str] = [" ".join(place.names)]
    says: set[str] = set()
    for one in (*place.schemas, *place.inherited):
        texts.extend(text for keyword in TEXTS if isinstance(text := one.get(keyword), str) and text)
        says |= outright(one)
    return Property(tuple(texts), frozenset(says))


def outright(schema: Schema) -> set[str]:
    """The categories that a schema lists under `SAYS`; a word that is none, which may be anything, is left out."""
    listed = schema.get(SAYS)
    named = listed if isinstance(listed, list | tuple) else ()
    return {key for key in named if isinstance(key, str) and taxonomy.category(key) is not None}


_GROUP_REPEATED = re.compile(r"\)\s*[*+?{]")
_REFUSED = ("(?", "\\1", "\\2", "\\3", "\\4", "\\5", "\\6", "\\7", "\\8", "\\9", "[[", "--", "&&", "||", "~~")
_REPEATS = re.compile(r"[*+?{]")


def _matches(rule: object, key: str) -> bool:
    """Whether a `patternProperties` rule lets `key` in. A rule too costly to try counts as letting it in."""
    if not isinstance(rule, str):
        return False
    compiled = _compiled(rule)
    return compiled is None or len(key) > 100 or compiled.search(key) is not None


@lru_cache(maxsize=512)
def _compiled(rule: str) -> re.Pattern[str] | None:
    # With at most two repeats, none of them of a group, a search is at worst cubic in a key of 100 characters.
    if len(rule) > 200 or _GROUP_REPEATED.search(rule) or len(_REPEATS.findall(rule)) > 2:
        return None
    if any(sign in rule for sign in _REFUSED):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return re.compile(rule)
    except (re.error, OverflowError, RecursionError):
        return None
