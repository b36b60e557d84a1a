"""What a policy, or the information shown at connection, says of one flow of data. Pure module: no I/O.

The algorithm is PoliCheck's (Andow et al., USENIX Security 2020), with PolicyLint's sixteen kinds of pairs of
statements that disagree (Andow et al., USENIX Security 2019). docs/verdicts.md says what each means.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from douane.audit import subsumption
from douane.audit.declaration import FIRST_PARTY, Says, Statement
from douane.audit.entities import Entities
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.message import Direction

MOST_IDS: Final = 20
"""Statements that one verdict names: with more, the nearest count."""

WHOSE: Final = {
    Source.POLICY: "the privacy policy",
    Source.CONNECTION: "the information shown at connection",
}


class Tie(IntEnum):
    """How what a positive statement names stands to what a negative one names."""

    SAME = 0
    BELOW = 1  # the positive statement is the more specific one
    ABOVE = 2  # the negative statement is the more specific one
    ACROSS = 3  # neither holds the other; both hold the flow


KINDS: Final = (
    ("C1", "C2", "N1", "C6"),
    ("C3", "C4", "N2", "C7"),
    ("N3", "C5", "N4", "C8"),
    ("C9", "C10", "C11", "C12"),
)
"""PolicyLint's names: the row is the tie of the entities, the column that of the data."""


@dataclass(frozen=True, slots=True)
class Atom:
    """One statement about one entity and one category, and how far both are from the flow.

    `vague` holds the vagueness for the data and for the entity.
    """

    id: str
    says: Says
    entity: str
    category: str
    vague: tuple[float, float]

    def rank(self) -> tuple[float, float, tuple[str, int, str], str]:
        """Nearest first; the order in which statements are listed plays no part."""
        return max(self.vague), sum(self.vague), id_order(self.id), self.category


def judge_statements(
    source: Source,
    statements: Sequence[Statement],
    category: str,
    direction: Direction | None,
    entities: Entities,
    *,
    entity: str = FIRST_PARTY,
) -> Verdict:
    """One source's word on `category` reaching `entity`, in a direction (None: passed on to a recipient).

    GAP when the source has no statement at all. Never raises. The same whatever the order of the statements.
    """
    whose = WHOSE.get(source, "the source")
    if not statements:
        return Verdict(source, Label.GAP, f"no statement of {whose} was given")
    found = relevant(statements, category, direction, entities, entity)
    positive = sorted((atom for atom in found if atom.says is Says.COLLECTS), key=Atom.rank)
    negative = sorted((atom for atom in found if atom.says is Says.DOES_NOT_COLLECT), key=Atom.rank)
    if not positive and not negative:
        return Verdict(source, Label.OMITTED, f"no statement about {category} was found in {whose}{_way(direction)}")
    if not positive:
        denied = negative[0]
        reason = f"{whose} says that {_who(denied.entity)} does not collect {denied.category}"
        return Verdict(source, Label.INCORRECT, reason, statements=_ids(negative))
    if not negative:
        return _covered(source, whose, category, positive)
    pairs = [(kind(one, other, entities), one, other) for one in positive for other in negative]
    # A narrowing alone takes back what the wider statement said; a contradiction leaves both standing.
    against = [pair for pair in pairs if pair[0].startswith("C")] or pairs
    name, one, other = min(against, key=lambda pair: (pair[1].rank(), pair[2].rank()))
    ambiguous = name.startswith("C")
    word, so = ("contradiction", "and") if ambiguous else ("narrowing", "but")
    reason = (
        f"{whose} says that {_who(one.entity)} collects {one.category} {so} that {_who(other.entity)} does not "
        f"collect {other.category} ({word} {name})"
    )
    used = _ids(atom for _, *both in against for atom in both)
    return Verdict(source, Label.AMBIGUOUS if ambiguous else Label.INCORRECT, reason, statements=used)


def relevant(
    statements: Iterable[Statement],
    category: str,
    direction: Direction | None,
    entities: Entities,
    entity: str = FIRST_PARTY,
) -> list[Atom]:
    """The statements that hold the flow in both ontologies, category by category.

    The first party is held by statements about itself only, never by one about anyone; third parties are not held by
    a statement about the first party.
    """
    upward = {FIRST_PARTY: 0} if entity == FIRST_PARTY else entities.above(entity)
    out: list[Atom] = []
    for one in statements:
        if direction is not None and direction not in one.directions:
            continue
        spoken = entities.resolve(one.entity)
        distance = upward.get(spoken)
        if distance is None:
            continue
        who = distance / (distance + entities.depth(spoken)) if distance else 0.0
        for declared in set(one.categories):
            what = subsumption.vagueness(category, declared)
            if what is not None:
                out.append(Atom(one.id, one.says, spoken, declared, (what, who)))
    return out


def kind(positive: Atom, negative: Atom, entities: Entities) -> str:
    """PolicyLint's name of a pair of which one statement affirms and the other denies: `C1` to `C12`, `N1` to `N4`.

    Both must hold the same flow: then two that neither hold each other have it in common.
    """
    who = _tie(
        positive.entity,
        negative.entity,
        negative.entity in entities.above(positive.entity),
        positive.entity in entities.above(negative.entity),
    )
    up, down = subsumption.above(positive.category), subsumption.above(negative.category)
    equal = up.get(negative.category) == 0
    what = Tie.SAME if equal else _tie("", "-", negative.category in up, positive.category in down)
    return KINDS[who][what]


def id_order(name: str) -> tuple[str, int, str]:
    """Sorts ids such as `policy/2` before `policy/10`."""
    head, _, tail = name.rpartition("/")
    return (head, int(tail[:9]), "") if tail.isascii() and tail.isdigit() else (name, 0, "")


def _tie(one: str, other: str, below: bool, above: bool) -> Tie:
    if one == other:
        return Tie.SAME
    return Tie.BELOW if below else Tie.ABOVE if above else Tie.ACROSS


def _covered(source: Source, whose: str, category: str, positive: list[Atom]) -> Verdict:
    nearest = positive[0]
    what, who = nearest.vague
    used = _ids(atom for atom in positive if atom.vague == nearest.vague)
    said = f"{whose} says that {_who(nearest.entity)} collects {nearest.category}"
    if not what and not who:
        return Verdict(source, Label.CLEAR, said, statements=used)
    reason = f"{said}, not {category} itself (vague by {what:.2f} for the data, {who:.2f} for the entity)"
    if not what:
        reason = f"{said}, not who receives it (vague by {what:.2f} for the data, {who:.2f} for the entity)"
    return Verdict(source, Label.VAGUE, reason, max(what, who), used)


def _ids(atoms: Iterable[Atom]) -> tuple[str, ...]:
    ranked = sorted({atom.id: atom for atom in sorted(atoms, key=Atom.rank, reverse=True)}.values(), key=Atom.rank)
    return tuple(sorted((atom.id for atom in ranked[:MOST_IDS]), key=id_order))


def _who(entity: str) -> str:
    return "the app" if entity == FIRST_PARTY else entity


def _way(direction: Direction | None) -> str:
    if direction is None:
        return ""
    return " as sent to the app" if direction is Direction.TO_APP else " as returned to ChatGPT"
