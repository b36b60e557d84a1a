"""Holds one datum against what was declared. Pure module: no I/O.

The order of the labels and the reading of each source are written down in docs/verdicts.md.
"""

from collections.abc import Collection, Iterable
from functools import lru_cache

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.fields import Field
from douane.audit.listing import listing, word_of
from douane.audit.message import Direction
from douane.audit.readings import place_of, readings, several
from douane.audit.ready import CHILDREN, Ready, nearest, ready
from douane.audit.schema import ARGUMENTS, STRUCTURED, find_header, segments
from douane.audit.subsumption import vagueness

__all__ = ["NO_DECLARATION", "ORDER", "headline", "heavier", "judge", "read_at", "vagueness"]

ORDER: tuple[Label, ...] = (
    Label.PROHIBITED,
    Label.INCORRECT,
    Label.OMITTED,
    Label.AMBIGUOUS,
    Label.VAGUE,
    Label.CLEAR,
    Label.GAP,
)
"""Heaviest first. GAP is lightest: a source that could not be asked never hides the word of one that could."""

_RANK = {label: rank for rank, label in enumerate(ORDER)}
_HEADER = ("@http", "header")
_PARAMETER = "mcp-param-"

_KIND = {Direction.TO_APP: "input", Direction.TO_CHATGPT: "output"}
_UNSEEN = {
    (kind, seen): Verdict(
        Source.SCHEMA, Label.GAP, f"no {kind} schema known for the tool" if seen else "no schema seen for the tool"
    )
    for kind in _KIND.values()
    for seen in (True, False)
}
NO_DECLARATION = Verdict(Source.DECLARATION, Label.GAP, "no declaration found for the app")
_RESTRICTED_GROUPS = (
    ("pci:chd", "payment card data"),
    ("pci:sad", "payment card data"),
    ("secret", "access credentials and secrets"),
)
_RESTRICTED_ROOTS = (
    ("user.health_and_medical", "protected health information"),
    ("user.government_id", "government identifiers"),
    ("user.content.conversation", "whole conversations"),
)

type _Path = tuple[str, ...]


def judge(
    finding_category: str,
    flags: Collection[str],
    field: Field | str,
    direction: Direction,
    schema: ToolSchema | None,
    declaration: Declaration | None,
    *,
    method: str | None = None,
    tool: str | None = None,
    reached: str = "",
) -> tuple[Verdict, ...]:
    """One verdict from each source that can speak: schema, declaration, policy, connection, platform, in that order.

    `field` is the datum's field, or its pointer alone (`reached` is then its decoding path): with the pointer that the
    ledger kept, the verdicts are the same as on the day, as far as keys that may be data were not hidden in it.
    With `minor` among the `flags` the datum is a child's: what is said of children's data comes first.
    `method` is that of the message or of the request it answers; without it, a tool call is taken for granted. `tool`
    is the tool's name, the schema's when left out. Only a tool's arguments and structured content have a schema, so
    other places have no verdict from it; there is always one from the declaration, and one from the policy and from
    the information shown at connection where the declaration has such a notice. Never raises.
    """
    path = segments(field if isinstance(field, str) else field.pointer)
    of_a_tool = method is None or method.startswith(("tools/", "tasks/"))
    below = _below(path, direction) if of_a_tool else None
    out: list[Verdict] = []
    child = "minor" in flags and not taxonomy.is_within(finding_category, CHILDREN)
    if of_a_tool and (by_schema := _by_schema(finding_category, path, below, direction, schema)) is not None:
        if child and by_schema.label is Label.VAGUE:
            of_children = _by_schema(CHILDREN, path, below, direction, schema)
            by_schema = nearest(by_schema, [] if of_children is None else [of_children])
        out.append(by_schema)
    if declaration is None:
        out.append(NO_DECLARATION)
    else:
        name = tool if tool is not None else schema.name if schema is not None else None
        keys: _Path = ()
        if several(finding_category):
            keys = place_of(field, reached) if isinstance(field, str) else place_of(field.pointer, field.reached)
        out += _by_declaration(finding_category, keys, below, direction, name, ready(declaration), child=child)
    by_platform = _by_platform(finding_category, flags)
    if by_platform is not None:
        out.append(by_platform)
    return tuple(out)


def read_at(
    category: str,
    pointer: str,
    direction: Direction,
    declaration: Declaration | None,
    *,
    method: str | None = None,
    tool: str | None = None,
    reached: str = "",
) -> tuple[str, ...]:
    """The categories that a found one is at its place, besides itself: by its name, or by what was declared of it.

    The arguments are those of `judge`, which reads a datum in the same way. Empty for most. Never raises.
    """
    if not several(category):
        return ()
    of_a_tool = method is None or method.startswith(("tools/", "tasks/"))
    below = _below(segments(pointer), direction) if of_a_tool else None
    found = (
        ready(declaration).field_at(tool, below, direction) if declaration is not None and below is not None else None
    )
    return readings(category, place_of(pointer, reached), found.categories if found is not None else ())


def headline(verdicts: Iterable[Verdict]) -> Label:
    """The heaviest label; GAP when every source is a gap, or when there is none."""
    return min((verdict.label for verdict in verdicts), key=_RANK.__getitem__, default=Label.GAP)


def heavier(one: Label, other: Label) -> Label:
    """The one that comes first in `ORDER`."""
    return min(one, other, key=_RANK.__getitem__)


def _below(path: _Path, direction: Direction) -> _Path | None:
    """The place below a call's arguments or an answer's structured content; None for any other place."""
    places = ARGUMENTS if direction is Direction.TO_APP else STRUCTURED
    return next((path[len(place) :] for place in places if path[: len(place)] == place), None)


def _by_schema(
    category: str, path: _Path, below: _Path | None, direction: Direction, schema: ToolSchema | None
) -> Verdict | None:
    known = None
    if schema is not None:
        known = schema.input_schema if direction is Direction.TO_APP else schema.output_schema
    kind = _KIND[direction]
    if below is not None:
        return _UNSEEN[kind, schema is not None] if known is None else listing(known).word(below, category, kind)
    if direction is Direction.TO_APP and path[:2] == _HEADER and path[-1].startswith(_PARAMETER):
        if known is None:
            return _UNSEEN[kind, schema is not None]
        return word_of(find_header(known, path[-1].removeprefix(_PARAMETER)), category, kind)
    return None


def _by_declaration(
    category: str,
    path: _Path,
    below: _Path | None,
    direction: Direction,
    tool: str | None,
    declared: Ready,
    *,
    child: bool,
) -> Iterable[Verdict]:
    found = None
    if below is not None and declared.has_fields and not taxonomy.is_within(category, "unknown"):
        found = declared.field_at(tool, below, direction)
    also = readings(category, path, found.categories if found is not None else ())
    general = declared.verdicts(category, direction, also, child=child)
    if found is None:
        return general
    return declared.by_field(found, category, direction, also, child=child), *general[1:]


def _by_platform(category: str, flags: Collection[str]) -> Verdict | None:
    return _restricted(category, frozenset(flags)) if taxonomy.restricted(flags) else None


@lru_cache(maxsize=1024)
def _restricted(category: str, flags: frozenset[str]) -> Verdict:
    group = next((words for root, words in _RESTRICTED_ROOTS if taxonomy.is_within(category, root)), None)
    group = group or next((words for flag, words in _RESTRICTED_GROUPS if flag in flags), "restricted data")
    reason = f"OpenAI's app guidelines: apps do not collect, solicit or process {group}, whatever they declared"
    return Verdict(Source.PLATFORM, Label.PROHIBITED, reason)
