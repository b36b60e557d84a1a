"""A message to its fields: every place that can hold a datum, opened. Pure module: no I/O."""

from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from douane.audit.jsontext import Member, Node, escape
from douane.audit.keys import is_field_name, safe_pointer
from douane.audit.message import Gap, HttpPart, Message
from douane.audit.opening import may_open, opened
from douane.audit.parts import Part, step_key
from douane.audit.places import Path, path_beside, path_of
from douane.audit.sourcemap import Layer, Quoted, Source, Whole


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a message is opened; what lies beyond becomes a `Gap`.

    `depth` counts notations inside each other (JSON in base64 in an address is three), `fields` the fields of one
    message, `chars` the characters of all decoded texts together.
    """

    depth: int = 8
    fields: int = 50_000
    chars: int = 32_000_000


# Not frozen: see `audit.jsontext.Node`.
@dataclass(slots=True, unsafe_hash=True)
class Field:
    """One value, and how it was reached. Never changed once built.

    `pointer` is the RFC 6901 pointer of the string, number or boolean in the message that holds it (`/@http/header/
    user-agent`, `/@http/query/city`, `/@http/path` for what crossed beside the body). `reached` is the decoding path
    from there (`json:/a/b`, `base64`, `csv:2/email`, joined by ` > `), empty for the value itself. `text` is the
    printed value, `value` the value. `keys` are the object keys from the root down to it, decoded ones included;
    `key` the nearest. `is_key` is true when the datum is itself a dictionary key, here or in what was opened; with
    `in_key` it stands in the key of the entry at `pointer`, not in its value, and offsets count there. `group` is
    equal for the members of one object: siblings. `place` is the id of its row in `audit.places`.

    `opened` is true when parts of this text are fields of their own as well; `excerpt` when this text stands, letter
    for letter, in a field that is. `at` is the offset of its token in `message.text`, -1 beside the body.
    """

    pointer: str
    value: str | int | float | bool = field(repr=False)
    text: str = field(repr=False)
    key: str
    keys: tuple[str, ...]
    place: str
    group: int
    reached: str = ""
    is_key: bool = False
    in_key: bool = False
    opened: bool = False
    excerpt: bool = False
    at: int = field(default=-1, repr=False)
    layer: Layer | None = field(default=None, repr=False, compare=False)
    source: Source | None = field(default=None, repr=False, compare=False)

    def __repr__(self) -> str:
        """Where it stands, with keys that may be data hidden; never the value."""
        marks = "".join(f", {name}" for name in ("is_key", "in_key", "opened", "excerpt") if getattr(self, name))
        reached = f", reached in {self.reached.count(' > ') + 1}" if self.reached else ""
        return (
            f"Field({safe_pointer(self.pointer, keys=self.keys)!r}, {self.place!r}, group {self.group}{reached}{marks})"
        )

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of `text` stand in the string (or key) at `pointer`, in characters.

        Inside base64 that is the whole encoded part.
        """
        return (start, end) if self.layer is None else self.layer.outermost(start, end)

    def raw_span(self, message: Message, start: int, end: int) -> tuple[int, int] | None:
        """The UTF-8 bytes of `message.text` that hold characters `start` to `end`; None beside the body.

        Exact through JSON escapes. A number or boolean is its whole token.
        """
        if self.at < 0:
            return None
        source = self.source if self.source is not None else Source(message.text)
        return source.span(self.at, *self.outer(start, end))


def fields(message: Message, *, limits: Limits = Limits()) -> tuple[list[Field], list[Gap]]:
    """Every datum of the message, and a gap for each kind of thing that was not opened.

    Strings, numbers, booleans and the dictionary keys that are no known field names; nulls, empty strings and the
    constants of the protocol are no data, declarations are left to `audit.declaration`. In the order of the text, what
    crossed beside the body first. Never raises; time is linear in the size of the message for given limits.
    """
    walk = _Walk(message, limits)
    walk.beside(message.http)
    walk.tree(message.payload, path_of(message.direction, message.method), None)
    walk.found.sort(key=attrgetter("at"))
    return walk.found, list(walk.gaps.values())


_MAX_COPIES: Final = 3  # escapes undone inside each other in one text


@dataclass(slots=True)
class _Spot:
    """What the texts found inside one string have in common."""

    pointer: str
    key: str
    keys: tuple[str, ...]
    path: Path
    group: int
    at: int
    reached: str
    is_key: bool = False
    in_key: bool = False
    depth: int = 0
    copies: int = 0


class _Walk:
    """One message being opened. Work inside work is kept in `pending`, so depth is bounded by limits alone."""

    def __init__(self, message: Message, limits: Limits) -> None:
        self.limits = limits
        self.direction = message.direction
        self.source = Source(message.text)
        self.found: list[Field] = []
        self.gaps: dict[tuple[str, str], Gap] = {}
        self.pending: list[tuple[_Spot, Part, int]] = []
        self.groups = 0
        self.chars = 0
        # What is decoded stays in proportion to what crossed, whatever is nested in it.
        self.most_chars = min(limits.chars, 65_536 + 8 * len(message.text))

    # --- what crossed beside the body ---

    def beside(self, parts: tuple[HttpPart, ...]) -> None:
        """The headers and the parts of the address."""
        if not parts:
            return
        root = path_beside(self.direction)
        groups: dict[str, int] = {}
        for part in parts:
            path = root.step(part.place)
            pointer = f"/@http/{part.place}"
            keys: tuple[str, ...] = ("@http", part.place)
            if part.name:
                path = path.step(part.name)
                pointer = f"{pointer}/{escape(part.name)}"
                keys = (*keys, part.name)
            if not path.here.inspected or self._full():
                continue
            place = path.here
            if place.fixed is not None and place.fixed.fullmatch(part.value) is not None:
                continue
            group = groups.get(part.place)
            if group is None:
                self.groups += 1
                group = groups[part.place] = self.groups
            spot = _Spot(pointer, part.name or part.place, keys, path, group, -1, "")
            if part.place == "query" and part.name and not is_field_name(part.name):
                self.found.append(Field(pointer, part.name, part.name, "query", keys, place.id, group, "", True, True))
            self._text(part.value, spot, None, excerpt=False, again=True)
            self._drain()

    # --- a JSON tree ---

    def tree(self, root: Node, path: Path, spot: _Spot | None, text: str = "", layer: Layer | None = None) -> None:
        """Every value under `root`. For a tree found inside a string, `spot`, its `text` and `layer` are set."""
        found, source = self.found, self.source
        nested = spot is not None
        limit = self.limits.fields
        base = spot.reached if spot is not None else ""
        stack: list[tuple[Node, str, str, tuple[str, ...], int, Path]] = [
            (root, "", "", (), 0, path) if spot is None else (root, base, spot.key, spot.keys, spot.group, path)
        ]
        while stack:
            node, pointer, key, keys, group, path = stack.pop()
            value = node.value
            if isinstance(value, tuple):
                if path.closed:
                    continue
                self.groups += 1
                inside = self.groups
                children: list[tuple[Node, str, str, tuple[str, ...], int, Path]] = []
                if node.kind == "object":
                    steps = path.keys
                    other = path.any or path.rest
                    names = set()
                    for member in value:
                        if type(member) is not Member:
                            continue
                        name = member.key
                        names.add(name)
                        step = steps.get(name)
                        if step is None:
                            step = path.step(name) if path.prefixes else other
                            if not is_field_name(name) and not step.closed:
                                self._key(member, pointer, keys, inside, step, spot, text, layer)
                        token = escape(name) if "/" in name or "~" in name else name
                        if nested and ">" in token:
                            token = step_key(name)
                        children.append((member.node, f"{pointer}/{token}", name, (*keys, name), inside, step))
                    if len(names) < len(value):
                        self._gap("duplicate-key", pointer if spot is None else spot.pointer, keys)
                else:
                    step = path.any or path.rest
                    for at, item in enumerate(value):
                        if type(item) is Node:
                            children.append((item, f"{pointer}/{at}", key, keys, inside, step))
                children.reverse()
                stack.extend(children)
                continue
            if value is None or value == "" or path.closed:
                continue
            if len(found) >= limit:
                self._gap("too-many", "body", ())
                return
            place = path.here
            if type(value) is str and node.kind == "string":
                if spot is None:
                    # A constant counts as one only in its place, never inside something that was opened there.
                    if not place.inspected or (place.fixed is not None and place.fixed.fullmatch(value) is not None):
                        continue
                    if may_open(value):
                        here = _Spot(pointer, key, keys, path, group, node.start, "")
                        self._text(value, here, None, excerpt=False, again=True)
                        self._drain()
                    else:
                        found.append(
                            Field(pointer, value, value, key, keys, place.id, group, at=node.start, source=source)
                        )
                else:
                    inner = Quoted(layer, text, node.start)
                    here = _Spot(
                        spot.pointer,
                        key,
                        keys,
                        path,
                        group,
                        spot.at,
                        pointer,
                        False,
                        spot.in_key,
                        spot.depth,
                        spot.copies,
                    )
                    self._text(value, here, inner, excerpt=False, again=True)
                continue
            if spot is None and (place.numbers or not place.inspected):
                continue
            printed = ("true" if value else "false") if type(value) is bool else str(value)
            if spot is None:
                found.append(Field(pointer, value, printed, key, keys, place.id, group, at=node.start, source=source))
            else:
                found.append(
                    Field(
                        spot.pointer,
                        value,
                        printed,
                        key,
                        keys,
                        place.id,
                        group,
                        pointer,
                        in_key=spot.in_key,
                        at=spot.at,
                        layer=Whole(layer, node.start, node.end),
                        source=source if spot.at >= 0 else None,
                    )
                )

    def _key(
        self,
        member: Member,
        pointer: str,
        keys: tuple[str, ...],
        group: int,
        path: Path,
        spot: _Spot | None,
        text: str,
        layer: Layer | None,
    ) -> None:
        """A dictionary key that may be a datum."""
        name = member.key
        if not name.strip() or self._full():
            return
        around = keys[-1] if keys else ""
        if spot is None:
            here = _Spot(f"{pointer}/{escape(name)}", around, (*keys, name), path, group, member.start, "", True, True)
            self._text(name, here, None, excerpt=False, again=False)
            self._drain()
        else:
            reached = f"{pointer}/{step_key(name)}"
            here = _Spot(
                spot.pointer, around, (*keys, name), path, group, spot.at, reached, True, spot.in_key, spot.depth
            )
            self._text(name, here, Quoted(layer, text, member.start), excerpt=False, again=False)

    # --- a text ---

    def _text(self, text: str, spot: _Spot, layer: Layer | None, *, excerpt: bool, again: bool) -> None:
        """A string: itself, unless it is wholly something else, and what stands in it (put into `pending`)."""
        inside = None
        if may_open(text):
            inside = opened(text, layer, again=again, most=self.limits.fields - len(self.found) + 1)
            if inside is not None and inside.parts and spot.depth >= self.limits.depth:
                self._gap("too-deep", spot.pointer, spot.keys)
                inside = None
        whole = False
        if inside is not None:
            if inside.limit:
                self._gap(inside.limit, spot.pointer, spot.keys)
            if inside.binary is not None:
                self._gap("binary", spot.pointer, spot.keys, inside.binary)
            parts = []
            for part in inside.parts:
                if part.copy and spot.copies >= _MAX_COPIES:
                    self._gap("too-deep", spot.pointer, spot.keys)
                    continue
                if not part.excerpt and part.tree is None:
                    self.chars += len(part.text)
                    if self.chars > self.most_chars:
                        self._gap("too-large", spot.pointer, spot.keys, len(part.text))
                        continue
                parts.append(part)
            whole = inside.whole and len(parts) == len(inside.parts)
            rows: dict[int, int] = {}
            for part in parts:
                if part.row and part.row not in rows:
                    self.groups += 1
                    rows[part.row] = self.groups
            self.pending.extend((spot, part, rows.get(part.row, spot.group)) for part in reversed(parts))
        if not whole and text and not self._full():
            self.found.append(
                Field(
                    spot.pointer,
                    text,
                    text,
                    spot.key,
                    spot.keys,
                    spot.path.here.id,
                    spot.group,
                    spot.reached,
                    spot.is_key,
                    spot.in_key,
                    inside is not None and bool(inside.parts),
                    excerpt,
                    spot.at,
                    layer,
                    self.source if spot.at >= 0 else None,
                )
            )

    def _drain(self) -> None:
        """Open what is pending, and what that brings, to the end."""
        pending = self.pending
        while pending:
            spot, part, group = pending.pop()
            if self._full():
                pending.clear()
                return
            reached = f"{spot.reached} > {part.step}" if spot.reached else part.step
            keys = (*spot.keys, part.key) if part.key else spot.keys
            here = _Spot(
                spot.pointer,
                part.key or spot.key,
                keys,
                spot.path.rest,
                group,
                spot.at,
                reached,
                spot.is_key,
                spot.in_key,
                spot.depth + 1,
                spot.copies + part.copy,
            )
            if part.tree is None:
                if part.name_layer is not None and not is_field_name(part.key):
                    self._part_key(spot, part, here)
                self._text(part.text, here, part.layer, excerpt=part.excerpt, again=part.again)
            else:
                here.reached += ":"
                self.tree(part.tree, spot.path.rest, here, part.text, part.layer)

    def _part_key(self, spot: _Spot, part: Part, here: _Spot) -> None:
        """The name of a pair in an address or form that may itself be a datum; it stands where its value stands."""
        self.found.append(
            Field(
                here.pointer,
                part.key,
                part.key,
                spot.key,
                here.keys,
                here.path.here.id,
                here.group,
                here.reached,
                True,
                at=here.at,
                layer=part.name_layer,
                source=self.source if here.at >= 0 else None,
            )
        )

    def _full(self) -> bool:
        if len(self.found) < self.limits.fields:
            return False
        self._gap("too-many", "body", ())
        return True

    def _gap(self, code: str, pointer: str, keys: tuple[str, ...], size: int | None = None) -> None:
        place = safe_pointer(pointer, keys=keys) if pointer.startswith("/") else pointer or "body"
        before = self.gaps.get((code, place))
        if before is None:
            self.gaps[code, place] = Gap(code, place, size=size)
        elif code != "too-many":
            total = None if size is None and before.size is None else (before.size or 0) + (size or 0)
            self.gaps[code, place] = Gap(code, place, size=total, count=before.count + 1)
