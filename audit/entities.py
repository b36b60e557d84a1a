"""Who a statement speaks of: the first party, a recipient, a kind of recipient, anyone. Pure module: no I/O.

The ontology is data (`data/entities.json`, from OVRseen and PoliCheck). `anyone` holds the first party and all third
parties; a recipient that the ontology does not know is a third party. Names are compared without regard to case,
accents and spaces.
"""

import difflib
import json
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from douane.audit.declaration import ANYONE, FIRST_PARTY, Declaration

THIRD_PARTY = "third party"
_THIRD_PARTIES = frozenset(
    ("third party", "third parties", "a third party", "tiers", "un tiers", "des tiers", "les tiers", "tierce partie")
)
"""Third parties at large, as people write them; a company may well be called "Vendor" or "Partner"."""


@dataclass(frozen=True, slots=True)
class Entities:
    """The ontology with the names of one declaration in it.

    `named` gives the entity that a folded name stands for, `parents` what each entity is a kind of. `processors` are
    declared ones: no third parties (GDPR Art. 4(10)), so that what is said of third parties or anyone is not of them.
    """

    named: Mapping[str, str] = field(default_factory=dict[str, str])
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    processors: frozenset[str] = frozenset()

    def resolve(self, name: str) -> str:
        """The entity of that name; a name that nobody knows stands for itself, a third party."""
        folded = fold(name)
        return self.named.get(folded) or _ontology().named.get(folded) or folded

    def above(self, entity: str) -> dict[str, int]:
        """Every entity that `entity` is, or is a kind of, with the steps up to it; itself included."""
        known = _ontology().parents
        steps = {entity: 0}
        pending = [entity]
        for one in pending:
            above = self.parents.get(one) or known.get(one, () if one == ANYONE else (THIRD_PARTY,))
            for other in above:
                if other not in steps:
                    steps[other] = steps[one] + 1
                    pending.append(other)
        if entity in self.processors:
            return {one: far for one, far in steps.items() if one == entity or one not in (THIRD_PARTY, ANYONE)}
        return steps

    def depth(self, entity: str) -> int:
        """Steps from an entity up to `anyone`."""
        return self.above(entity).get(ANYONE, 0)


def of(declaration: Declaration) -> Entities:
    """The ontology with the publisher's and the recipients' names."""
    named: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for recipient in declaration.recipients:
        folded = fold(recipient.name)
        known = _ontology().named.get(folded)
        if known is None:
            parents[folded] = (THIRD_PARTY,)
        named[folded] = known or folded
    processors = frozenset(named[fold(one.name)] for one in declaration.recipients if one.role == "processor")
    publisher = declaration.publisher
    for name in (declaration.app, declaration.title, publisher.name, publisher.legal_name):
        if name:
            named[fold(name)] = FIRST_PARTY
    return Entities(named, parents, processors)


def unknown(name: str, declaration: Declaration) -> bool:
    """Whether a name is neither the first party, anyone, a recipient of the declaration nor one of the ontology."""
    folded = fold(name)
    return folded not in of(declaration).named and folded not in _ontology().named and folded not in _THIRD_PARTIES


def nearest(name: str, declaration: Declaration) -> str:
    """The entity that a mistyped name most likely meant, a recipient as `recipient/N`; empty where none is near."""
    known = {one: one for one in _ontology().named}
    known |= {fold(one.name): f"recipient/{at}" for at, one in enumerate(declaration.recipients, 1)}
    # the two that people write most go first: `wee` is nearer to `we` than to a company of three letters
    close = difflib.get_close_matches(fold(name), (FIRST_PARTY, ANYONE), n=1, cutoff=0.7)
    close = close or difflib.get_close_matches(fold(name), sorted(known), n=1, cutoff=0.75)
    return known.get(close[0], close[0]) if close else ""


def reserved(name: str, own: Iterable[str]) -> bool:
    """Whether a name stands for the first party, anyone or third parties at large, or is one of `own`.

    Names are compared as everywhere (`fold`).
    """
    folded = fold(name)
    if folded in _THIRD_PARTIES or _ontology().resolve(name) in (FIRST_PARTY, ANYONE):
        return True
    return folded in {fold(one) for one in own if one}


def fold(name: str) -> str:
    """A name as it is compared: lower case, no accents, single spaces."""
    plain = unicodedata.normalize("NFKD", name.replace("’", "'"))
    return " ".join("".join(char for char in plain if not unicodedata.combining(char)).casefold().split())


@cache
def _ontology() -> Entities:
    data = json.loads((files("douane.audit") / "data" / "entities.json").read_text(encoding="utf-8"))
    named: dict[str, str] = {}
    parents: dict[str, tuple[str, ...]] = {}
    for row in data["entities"]:
        name: str = row["name"]
        parents[name] = tuple(row["parents"])
        for word in _words(name, row["synonyms"], row["ours"]):
            named[fold(word)] = name
    # "first party" and "we" are one: the graph's own node between `we` and `anyone` would make every statement vague
    named[fold("first party")] = FIRST_PARTY
    parents[FIRST_PARTY] = (ANYONE,)
    return Entities(named, parents)


def _words(name: str, *lists: Iterable[str]) -> Iterable[str]:
    yield name
    for words in lists:
        yield from words
