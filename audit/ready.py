"""A declaration made ready for judging: every word of it that bears on a category, found once. Pure module: no I/O.

Judging happens for every datum that is found, so what depends on the declaration, the category and the direction alone
is kept. Declarations never change: they are told apart by identity.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, DeclaredField
from douane.audit.entities import Entities, of
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.identity import Same
from douane.audit.message import Direction
from douane.audit.schema import segments
from douane.audit.statements import MOST_IDS, id_order, judge_statements
from douane.audit.subsumption import covers, vagueness

WAY: Final = {Direction.TO_APP: "sent to the app", Direction.TO_CHATGPT: "returned to ChatGPT"}
UNDETERMINED: Final = "the kind of personal data was not determined"
_MOST: Final = 4096  # categories are few; a detector of somebody's own may make up many
CHILDREN: Final = "user.childrens"
_CHILD: Final = "child"  # fides' data subject
_KEYS: Final = {Direction.TO_APP: "to_app", Direction.TO_CHATGPT: "to_chatgpt"}

type _Place = tuple[str | None, Direction]
type _Also = tuple[str, ...]

_LIGHTEST: Final = (Label.CLEAR, Label.VAGUE, Label.AMBIGUOUS, Label.INCORRECT, Label.OMITTED, Label.GAP)


@dataclass(frozen=True, slots=True, eq=False)
class Ready:
    """A declaration with its entities, its tools' fields by place, and the verdicts that were asked for already."""

    declaration: Declaration
    entities: Entities
    fields: dict[_Place, tuple[tuple[tuple[str, ...], DeclaredField], ...]]
    has_fields: bool
    known: dict[tuple[str, Direction, _Also, bool], tuple[Verdict, ...]] = field(default_factory=dict)
    of_field: dict[tuple[int, str, Direction, _Also, bool], Verdict] = field(default_factory=dict)

    def verdicts(
        self, category: str, direction: Direction, also: _Also = (), *, child: bool = False
    ) -> tuple[Verdict, ...]:
        """The words of the declaration, the policy and the information shown at connection, in that order.

        A notice that the declaration does not have has no word. `also` are the categories that the datum is by its
        place (`readings`): what is said of one of them comes before what is said of the category that was found.
        What is said of children's data comes before both where the datum is a `child`'s, and a declaration that says
        nothing of children omits it.
        """
        key = (category, direction, also, child)
        found = self.known.get(key)
        if found is None:
            if len(self.known) >= _MOST:
                self.known.clear()
            own = self._judge(category, direction)
            read = [self._judge(one, direction) for one in also]
            found = tuple(nearest(verdict, [others[at] for others in read]) for at, verdict in enumerate(own))
            if child and found[0].label is not Label.GAP:
                found = self._of_a_child(category, direction, also, found)
            self.known[key] = found
        return found

    def field_at(self, tool: str | None, path: tuple[str, ...], direction: Direction) -> DeclaredField | None:
        """The declared field that a place is, or is part of: the most specific one that says a category."""
        for pattern, one in self.fields.get((tool, direction), ()):
            # an ending of zip at the shorter one is meant: a field speaks for all that stands in it
            if len(pattern) <= len(path) and all(a in ("*", b) for a, b in zip(pattern, path, strict=False)):
                return one
        return None

    def by_field(
        self, one: DeclaredField, category: str, direction: Direction, also: _Also = (), *, child: bool = False
    ) -> Verdict:
        """The declaration's word on a category found in a declared field: what the field says, and nothing else.

        Of a `child`'s datum the field, or else the declaration, has to say that it is one.
        """
        key = (id(one), category, direction, also, child)
        found = self.of_field.get(key)
        if found is None:
            if len(self.of_field) >= _MOST:
                self.of_field.clear()
            found = nearest(_by_field(one, category), [_by_field(one, key) for key in also])
            if child:
                found = self._field_of_a_child(one, category, direction, also, found)
            self.of_field[key] = found
        return found

    def _of_a_child(
        self, category: str, direction: Direction, also: _Also, own: tuple[Verdict, ...]
    ) -> tuple[Verdict, ...]:
        """The words on a child's datum: those on children's data, else on its categories where children are named."""
        said = self._judge(CHILDREN, direction)
        among = [_by_categories(self.declaration, one, direction, about=_CHILD) for one in (category, *also)]
        word = min([said[0], *among], key=_lightness)
        if word.label is Label.OMITTED:
            of_others = own[0].label is not Label.OMITTED
            word = _of_grown_up(self.declaration, (category, *also), direction) if of_others else own[0]
        return word, *(nearest(verdict, [said[at]]) for at, verdict in enumerate(own) if at)

    def _field_of_a_child(
        self, one: DeclaredField, category: str, direction: Direction, also: _Also, own: Verdict
    ) -> Verdict:
        said = _by_field(one, CHILDREN)
        if own.label is Label.OMITTED or said.label is not Label.OMITTED:
            return nearest(own, [said])
        if self.verdicts(category, direction, also, child=True)[0].label is not Label.OMITTED:
            return own
        keys = ", ".join(sorted(one.categories)[:3])
        reason = f"the declaration says {keys} of this field, but not that it is a child's"
        return Verdict(Source.DECLARATION, Label.OMITTED, reason, statements=own.statements)

    def _judge(self, category: str, direction: Direction) -> list[Verdict]:
        declared = self.declaration
        notices = ((Source.POLICY, declared.policy), (Source.CONNECTION, declared.connection))
        if taxonomy.is_within(category, "unknown"):
            sources = [Source.DECLARATION, *(source for source, notice in notices if notice is not None)]
            return [Verdict(source, Label.GAP, UNDETERMINED) for source in sources]
        return [
            _by_categories(declared, category, direction),
            *(
                judge_statements(source, notice.statements, category, direction, self.entities)
                for source, notice in notices
                if notice is not None
            ),
        ]


def nearest(own: Verdict, read: Sequence[Verdict]) -> Verdict:
    """A source's word on a datum, of its word on the category that was found and those on what it is by its place.

    The place is the nearer: only where nothing is said of that, or nothing as clear, the found category counts.
    """
    best = min(read, key=_lightness, default=own)
    if best.label is Label.OMITTED or (best.label is Label.VAGUE and _lightness(own) < _lightness(best)):
        return own
    return best


def _lightness(verdict: Verdict) -> tuple[int, float]:
    return _LIGHTEST.index(verdict.label), verdict.score or 0.0


def ready(declaration: Declaration) -> Ready:
    """The declaration made ready, once for each declaration that is in use."""
    return _ready(Same(declaration))


@lru_cache(maxsize=64)
def _ready(key: Same[Declaration]) -> Ready:
    declaration = key.it
    fields: dict[_Place, tuple[tuple[tuple[str, ...], DeclaredField], ...]] = {}
    for tool in declaration.tools:
        for direction, listed in ((Direction.TO_APP, tool.fields), (Direction.TO_CHATGPT, tool.output)):
            places = [(segments(one.pointer), one) for one in listed if one.categories]
            if places:
                # the longest first, and of two as long the one with fewer `*`
                places.sort(key=lambda place: (-len(place[0]), place[0].count("*"), place[0]))
                fields[tool.name, direction] = tuple(places)
    return Ready(declaration, of(declaration), fields, bool(fields))


def _by_categories(declared: Declaration, category: str, direction: Direction, *, about: str = "") -> Verdict:
    """The word of the lists on a category; `about` takes the purposes alone that are about these data subjects."""
    listed = declared.categories(direction) if not about else _about(declared, about, direction)
    covering = [(score, one) for one in listed if (score := vagueness(category, one)) is not None]
    way = WAY[direction]
    if not covering:
        parts = sorted(one for one in listed if covers(category, one))
        partly = f"; it names a part of it, {parts[0]}" if parts else ""
        return Verdict(Source.DECLARATION, Label.OMITTED, f"the declaration does not name {category} as {way}{partly}")
    score, one = min(covering)
    used = _naming(declared, {named for near, named in covering if near == score}, direction)
    if not score:
        return Verdict(Source.DECLARATION, Label.CLEAR, f"the declaration names {one} as {way}", statements=used)
    return Verdict(Source.DECLARATION, Label.VAGUE, f"the declaration names only {one} as {way}", score, used)


def _about(declared: Declaration, subject: str, direction: Direction) -> tuple[str, ...]:
    """The categories of the purposes that are about these data subjects."""
    about = (one for one in declared.purposes if subject in one.subjects)
    return tuple(key for one in about for key in (one.to_app if direction is Direction.TO_APP else one.to_chatgpt))


def _of_grown_up(declared: Declaration, categories: _Also, direction: Direction) -> Verdict:
    """The word on a child's datum where its category is declared, and nothing is said of children."""
    listed = declared.categories(direction)
    near = [(score, key) for one in categories for key in listed if (score := vagueness(one, key)) is not None]
    reason = f"the declaration names {min(near)[1]} as {WAY[direction]}, but not as a child's data"
    return Verdict(Source.DECLARATION, Label.OMITTED, reason)


def _naming(declared: Declaration, categories: set[str], direction: Direction) -> tuple[str, ...]:
    """The purposes that name one of the categories, else the key of the list that does."""
    ids = [
        purpose.id
        for purpose in declared.purposes
        if not categories.isdisjoint(purpose.to_app if direction is Direction.TO_APP else purpose.to_chatgpt)
    ]
    return tuple(sorted(ids, key=id_order)[:MOST_IDS]) or (_KEYS[direction],)


def _by_field(one: DeclaredField, category: str) -> Verdict:
    used = (one.id,)
    covering = [(score, said) for said in one.categories if (score := vagueness(category, said)) is not None]
    if not covering:
        said = ", ".join(sorted(one.categories)[:3])
        reason = f"the declaration says {said} of this field, not {category}"
        return Verdict(Source.DECLARATION, Label.OMITTED, reason, statements=used)
    score, said = min(covering)
    if not score:
        return Verdict(Source.DECLARATION, Label.CLEAR, f"the declaration says {said} of this field", statements=used)
    return Verdict(Source.DECLARATION, Label.VAGUE, f"the declaration says only {said} of this field", score, used)
