"""Where a datum can stand in a message, and whether it is inspected there. Pure module: no I/O.

The rows are in `audit.placetable`; here they become the paths that `fields` walks, and the page docs/coverage.md.
"""

from collections.abc import Iterable, Sequence
from functools import cache

from douane.audit.jsontext import unescape
from douane.audit.message import Direction
from douane.audit.place import METHODS, Place
from douane.audit.placetable import PLACES

__all__ = [
    "METHODS",
    "PLACES",
    "Path",
    "Place",
    "coverage_markdown",
    "everywhere",
    "path_beside",
    "path_of",
    "place_of",
]


class Path:
    """A step in the tree of places: what stands here, what stands anywhere below, and the steps further down.

    `rest` is the step for whatever no other step names: everything under it has the place `below`.
    """

    __slots__ = ("any", "below", "closed", "here", "keys", "prefixes", "rest")

    def __init__(self, here: Place, below: Place) -> None:
        """A step without further ones."""
        self.here = here
        self.below = below
        self.keys: dict[str, Path] = {}
        self.prefixes: tuple[tuple[str, Path], ...] = ()
        self.any: Path | None = None
        self.rest: Path = self
        self.closed = False  # true when nothing from here down is inspected

    def step(self, key: str) -> "Path":
        """The step for an object key or an index."""
        found = self.keys.get(key)
        if found is not None:
            return found
        for prefix, path in self.prefixes:
            if key.startswith(prefix):
                return path
        return self.any or self.rest


class _Draft:
    """A step while the tree is being built."""

    def __init__(self) -> None:
        self.keys: dict[str, _Draft] = {}
        self.prefixes: dict[str, _Draft] = {}
        self.any: _Draft | None = None
        self.here: Place | None = None
        self.below: Place | None = None

    def add(self, place: Place, pattern: str) -> None:
        """The first place to claim a step keeps it."""
        step = self
        for name in pattern.split("/")[1:]:
            if name == "**":
                step.below = step.below or place
                return
            if name == "*":
                step.any = step.any or _Draft()
                step = step.any
            elif name.endswith("*"):
                step = step.prefixes.setdefault(name[:-1], _Draft())
            else:
                step = step.keys.setdefault(unescape(name), _Draft())
        step.here = step.here or place

    def built(self, above: Place) -> Path:
        """The step for good; `above` is the place that covers it from further up."""
        below = self.below or above
        path = Path(self.here or below, below)
        path.keys = {key: step.built(below) for key, step in self.keys.items()}
        path.prefixes = tuple((prefix, step.built(below)) for prefix, step in self.prefixes.items())
        path.any = self.any.built(below) if self.any else None
        inner = [*path.keys.values(), *(step for _, step in path.prefixes), *([path.any] if path.any else ())]
        if inner:
            path.rest = Path(below, below)
            path.rest.closed = not below.inspected
        path.closed = not path.here.inspected and not below.inspected and all(step.closed for step in inner)
        return path


def _tree(places: Iterable[Place], *, body: bool = True, beside: bool = False) -> Path:
    draft = _Draft()
    for place in places:
        for pattern in place.patterns:
            if beside if pattern.startswith("/@http/") else body:
                draft.add(place, pattern)
    return draft.built(PLACES_BY_ID["other"])


PLACES_BY_ID = {place.id: place for place in PLACES}
_WHOLE_BODIES = {"/params/**", "/result/**"}


@cache
def _path(direction: Direction, method: str | None) -> Path:
    def applies(place: Place) -> bool:
        if place.direction not in (None, direction):
            return False
        if method is None:
            return place.inspected and ("*" in place.methods or _WHOLE_BODIES.isdisjoint(place.patterns))
        return "*" in place.methods or method in place.methods

    # A row of some methods has precedence over a row of all.
    return _tree(sorted(filter(applies, PLACES), key=lambda place: "*" in place.methods))


_KNOWN = frozenset(METHODS)


def path_of(direction: Direction, method: str | None) -> Path:
    """The places of a message by its direction and its method, or that of the request it answers.

    A message of no known method has the places of all methods, declarations excepted: what cannot be told to be a
    declaration is inspected as data.
    """
    return _path(direction, method if method in _KNOWN else None)


@cache
def everywhere() -> Path:
    """The places of all messages together."""
    return _tree(PLACES, beside=True)


@cache
def path_beside(direction: Direction) -> Path:
    """The places beside the body: the step for `header`, `path` and `query`."""
    return _tree((p for p in PLACES if p.direction in (None, direction)), body=False, beside=True).step("@http")


def place_of(direction: Direction, method: str | None, steps: Sequence[str]) -> Place:
    """The place at object keys and indices (as text) from the root of a message."""
    path = path_of(direction, method)
    for token in steps:
        path = path.step(token)
    return path.here


_PREFACE = """\
# What is inspected

Every place in an MCP message where something about a person can stand, for all revisions of the protocol from
2024-11-05 to 2026-07-28 and for what ChatGPT adds. This page is generated from `audit/placetable.py`; a test plants a
value in every place that says *yes* and looks for it.

In a pointer, `*` is any one key or index and `**` everything below. What no row names is inspected as well ("Anything
else"). A constant of the protocol (a method's name, a role, a message number) is not data; anything else in its place
is. Dictionary keys are inspected like values. JSON in text, base64, addresses, tables, `key: value` text and data:
addresses are opened wherever they stand, within the limits of `audit.fields.Limits`; what lies beyond them is a gap.

A message whose method is unknown, or an answer whose request was not seen, is inspected in all of these places, even
where a declaration could stand."""


_WAYS = (
    (Direction.TO_APP, "From ChatGPT to the app"),
    (Direction.TO_CHATGPT, "From the app to ChatGPT"),
    (None, "Both ways"),
)


def coverage_markdown() -> str:
    """The page docs/coverage.md: every kind of message, place by place, and whether it is inspected."""
    lines = [
        *_PREFACE.splitlines(),
    ]
    for direction, title in _WAYS:
        rows = [place for place in PLACES if place.direction is direction and place.seen]
        lines += [
            "",
            f"## {title}",
            "",
            "| place | message | pointer | what it can hold | inspected |",
            "|---|---|---|---|---|",
        ]
        for place in rows:
            methods = "any" if "*" in place.methods else ", ".join(f"`{method}`" for method in place.methods)
            patterns = ", ".join(f"`{pattern}`" for pattern in place.patterns)
            answer = f"no: {place.why}" if not place.inspected else _inspected(place)
            lines.append(f"| {place.title} (`{place.id}`) | {methods} | {patterns} | {place.holds} | {answer} |")
    lines += [
        "",
        "## Never passes Douane, or is never recorded",
        "",
        "| what | what it can hold | why |",
        "|---|---|---|",
    ]
    lines += [f"| {place.title} (`{place.id}`) | {place.holds} | {place.why} |" for place in PLACES if not place.seen]
    lines += ["", "## Methods", "", ", ".join(f"`{method}`" for method in METHODS), ""]
    return "\n".join(lines)


def _inspected(place: Place) -> str:
    if place.fixed is not None:
        return "yes, unless it is the protocol's constant"
    return "yes, numbers and booleans excepted" if place.numbers else "yes"
