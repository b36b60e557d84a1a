"""What an app declared and nobody saw it use. Pure module: no I/O.

Over-declaration is no fault by itself: what was not seen may still happen. Hence the figure beside each: in how many
messages it was looked for.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from douane.audit.declaration import Declaration, Recipient
from douane.audit.history import History, Observation, Seen
from douane.audit.hosts import belongs
from douane.audit.message import Direction
from douane.audit.readings import findable, is_found, place_of, several
from douane.audit.rules.base import Text
from douane.audit.statements import id_order
from douane.audit.subsumption import above

DESTINATIONS: Final = (Seen.EGRESS, Seen.CSP_CONNECT, Seen.FILE_DOWNLOAD)
"""The observations of hosts to which data can go."""
_CHILDREN: Final = "user.childrens"


class What(StrEnum):
    """What was declared and not seen."""

    CATEGORY = "category"
    RECIPIENT = "recipient"


@dataclass(frozen=True, slots=True)
class Unused:
    """A category in one direction, or a recipient, that was declared and not seen.

    `seen_in` is the number of messages (for a recipient: of observed destinations) in which it was not found.
    `observable` is false where it could not have been seen: a category that no detector reports, a recipient without
    hosts, or an app whose own calls did not pass Douane. `statements` are the ids of what declares it.
    """

    what: What
    name: str
    direction: Direction | None
    seen_in: int
    observable: bool = True
    statements: tuple[str, ...] = ()

    def says(self, lang: str) -> str:
        """The finding in a sentence."""
        if self.what is What.RECIPIENT:
            text = _RECIPIENT if self.observable else _HIDDEN
        else:
            text = _UP if self.direction is Direction.TO_APP else _DOWN
        return text.of(lang).format(name=self.name, n=self.seen_in)


_UP = Text(
    "declared as sent to the app and not seen in {n} messages to it: {name}",
    "déclarée comme envoyée à l’application, non vue dans {n} messages vers elle : {name}",
)
_DOWN = Text(
    "declared as returned to ChatGPT and not seen in {n} messages from the app: {name}",
    "déclarée comme renvoyée à ChatGPT, non vue dans {n} messages de l’application : {name}",
)
_RECIPIENT = Text(
    "declared as a recipient, and none of {n} observed destinations is its own: {name}",
    "déclaré comme destinataire, et aucune des {n} destinations observées n’est la sienne : {name}",
)
_HIDDEN = Text(
    "declared as a recipient; whether data go there was not observable: {name}",
    "déclaré comme destinataire ; l’envoi de données vers lui n’était pas observable : {name}",
)


def unused(history: History) -> tuple[Unused, ...]:
    """Every category and recipient of the app's declaration that was not seen; none without a declaration.

    A category counts as seen when it, a part of it, or what it is found as (`readings`) was found in its direction.
    Sorted by direction and name.
    """
    declaration = history.declaration
    if declaration is None:
        return ()
    seen: dict[Direction, set[str]] = {way: set() for way in Direction}
    places: dict[Direction, set[tuple[str, tuple[str, ...]]]] = {way: set() for way in Direction}
    for one in history.exchanges:
        seen[one.exchange.direction].update(found.category for found in one.exchange.disclosures)
        if any("minor" in found.flags for found in one.exchange.disclosures):
            seen[one.exchange.direction].add(_CHILDREN)  # a child's name is found as a name, with the flag
        places[one.exchange.direction].update(
            (found.category, place_of(found.pointer, found.reached))
            for found in one.exchange.disclosures
            if several(found.category)
        )
    out: list[Unused] = []
    for way in Direction:
        used = {key for category in seen[way] for key in above(category)}
        used |= {
            key
            for declared in declaration.categories(way)
            if any(is_found(category, declared, path) for category, path in places[way])
            for key in above(declared)
        }
        out += [
            Unused(What.CATEGORY, key, way, history.messages(way), findable(key), _naming(declaration, key, way))
            for key in declaration.categories(way)
            if key not in used and key != "none"
        ]
    return (*out, *_recipients(declaration.recipients, history.observations))


def _recipients(recipients: Iterable[Recipient], observations: Iterable[Observation]) -> list[Unused]:
    destinations = {one.name for one in observations if one.kind in DESTINATIONS}
    egress = any(one.kind is Seen.EGRESS for one in observations)
    return [
        Unused(What.RECIPIENT, one.name, None, len(destinations), bool(one.hosts) and egress)
        for one in sorted(recipients, key=lambda recipient: recipient.name)
        if not any(belongs(host, one.hosts) for host in destinations)
    ]


def _naming(declaration: Declaration, category: str, way: Direction) -> tuple[str, ...]:
    ids = [
        purpose.id
        for purpose in declaration.purposes
        if category in (purpose.to_app if way is Direction.TO_APP else purpose.to_chatgpt)
    ]
    return tuple(sorted(ids, key=id_order)) or (way.value,)
