"""Holds one datum against what was declared. Pure module: no I/O.

The order of the labels and the reading of each source are written down in docs/verdicts.md.
"""

from collections.abc import Collection, Iterable

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.fields import Field
from douane.audit.message import Direction
from douane.audit.schema import ARGUMENTS, STRUCTURED, Property, find_header, find_property, segments

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

_HEADER = ("@http", "header")
_PARAMETER = "mcp-param-"

_WAY = {Direction.TO_APP: "sent to the app", Direction.TO_CHATGPT: "returned to ChatGPT"}
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


def judge(
    finding_category: str,
    flags: Collection[str],
    field: Field,
    direction: Direction,
    schema: ToolSchema | None,
    declaration: Declaration | None,
    *,
    method: str | None = None,
) -> tuple[Verdict, ...]:
    """One verdict from each source that can speak on the datum: schema, declaration, platform, in that order.

    `method` is that of the message or of the request it answers; without it, a tool call is taken for granted. Only a
    tool's arguments and structured content have a schema, so other places have no verdict from it; there is always one
    from the declaration. Never raises.
    """
    rows = (
        _by_schema(finding_category, field, direction, schema, method),
        _by_declaration(finding_category, direction, declaration),
        _by_platform(finding_category, flags),
    )
    return tuple(row for row in rows if row is not None)


def headline(verdicts: Iterable[Verdict]) -> Label:
    """The heaviest label; GAP when every source is a gap, or when there is none."""
    found = {verdict.label for verdict in verdicts}
    return next((label for label in ORDER if label in found), Label.GAP)


def heavier(one: Label, other: Label) -> Label:
    """The one that comes first in `ORDER`."""
    return min(one, other, key=ORDER.index)


def vagueness(category: str, declared: str) -> float | None:
    """How vaguely `declared` covers `category`: 0 when equal, up to 1 for a root; None when it does not cover it.

    dist / (dist + depth): steps from the category up to what was declared, against steps from there to the root.
    """
    if not taxonomy.is_within(category, declared):
        return None
    distance = category.count(".") - declared.count(".")
    return distance / (distance + declared.count(".")) if distance else 0.0


def _by_schema(
    category: str, field: Field, direction: Direction, schema: ToolSchema | None, method: str | None
) -> Verdict | None:
    if method is not None and not method.startswith(("tools/", "tasks/")):
        return None
    path = segments(field.pointer)
    if direction is Direction.TO_APP:
        places, known, kind = ARGUMENTS, schema.input_schema if schema else None, "input"
    else:
        places, known, kind = STRUCTURED, schema.output_schema if schema else None, "output"
    below = next((path[len(place) :] for place in places if path[: len(place)] == place), None)
    mirrored = direction is Direction.TO_APP and path[:2] == _HEADER and path[-1].startswith(_PARAMETER)
    if below is None and not mirrored:
        return None
    if known is None:
        seen = f"no {kind} schema known for the tool" if schema is not None else "no schema seen for the tool"
        return Verdict(Source.SCHEMA, Label.GAP, seen)
    found = find_property(known, below) if below is not None else find_header(known, path[-1].removeprefix(_PARAMETER))
    if found is None:
        return Verdict(Source.SCHEMA, Label.OMITTED, f"the tool's {kind} schema does not list this place")
    return Verdict(Source.SCHEMA, *_word_of(found, category, f"the tool's {kind} schema"))


def _word_of(found: Property, category: str, whose: str) -> tuple[Label, str, float | None]:
    said = found.announced()
    if any(taxonomy.is_within(one, category) for one in said):
        return Label.CLEAR, f"{whose} lists this place and says {category}", None
    wider = [(score, one) for one in said if (score := vagueness(category, one)) is not None]
    if wider:
        score, one = min(wider)
        return Label.VAGUE, f"{whose} says only {one} of this place", score
    if found.opened:
        return Label.VAGUE, f"{whose} does not list this place itself, only one above it that takes anything", 1.0
    if said:
        return Label.VAGUE, f"{whose} lists this place but says {', '.join(sorted(said)[:3])} of it", 1.0
    return Label.VAGUE, f"{whose} lists this place without saying what personal data it holds", 1.0


def _by_declaration(category: str, direction: Direction, declaration: Declaration | None) -> Verdict:
    if declaration is None:
        return Verdict(Source.DECLARATION, Label.GAP, "no declaration found for the app")
    if taxonomy.is_within(category, "unknown"):
        return Verdict(Source.DECLARATION, Label.GAP, "the kind of personal data was not determined")
    declared = declaration.categories(direction)
    covering = [(score, one) for one in declared if (score := vagueness(category, one)) is not None]
    way = _WAY[direction]
    if not covering:
        parts = sorted(one for one in declared if taxonomy.is_within(one, category))
        partly = f"; it names a part of it, {parts[0]}" if parts else ""
        return Verdict(Source.DECLARATION, Label.OMITTED, f"the declaration does not name {category} as {way}{partly}")
    score, one = min(covering)
    if one == category:
        return Verdict(Source.DECLARATION, Label.CLEAR, f"the declaration names {category} as {way}")
    return Verdict(Source.DECLARATION, Label.VAGUE, f"the declaration names only {one} as {way}", score)


def _by_platform(category: str, flags: Collection[str]) -> Verdict | None:
    if not taxonomy.restricted(flags):
        return None
    group = next((words for root, words in _RESTRICTED_ROOTS if taxonomy.is_within(category, root)), None)
    group = group or next((words for flag, words in _RESTRICTED_GROUPS if flag in flags), "restricted data")
    reason = f"OpenAI's app guidelines: apps do not collect, solicit or process {group}, whatever they declared"
    return Verdict(Source.PLATFORM, Label.PROHIBITED, reason)
