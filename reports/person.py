"""What crossed of one person, as a document: what Douane can fill in of an answer to a request for access (Art. 15)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from douane.audit.declaration import FIRST_PARTY, Declaration, Purpose
from douane.audit.fides import Kind
from douane.audit.message import Direction
from douane.ledger.person import Disclosed, Person
from douane.ledger.spellings import How
from douane.reports import safe
from douane.reports.document import Cell, Column, Document, Facts, Section, Table, Text
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.base import Material
from douane.reports.kinds.perimeter import moment
from douane.reports.kinds.register_cells import place
from douane.reports.kinds.said import LONG, Said
from douane.reports.model import GapSum
from douane.reports.phrases import Phrases

KIND: Final = "person"
FORMATS: Final = ("pdf", "html", "xlsx", "csv", "json", "md")
"""The formats of the document, the default one first."""


@dataclass(frozen=True, slots=True)
class Received:
    """What one recipient got of a person through one app: data, categories, first and last time.

    `disclosed` are the data; `who` is the recipient in words, safe to print.
    """

    who: str
    app: str
    way: str
    disclosed: tuple[Disclosed, ...]

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories, each once."""
        return tuple(sorted({one.category for one in self.disclosed}))


def build(material: Material, person: Person, *, waiting: int = 0) -> Document:
    """The document of what was found; `waiting` messages are recorded and not inspected yet."""
    said = Said(material.lang, KIND)
    return Document(
        KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            Section(
                "asked",
                said.phrase("asked"),
                (Text((said.phrase("asked.lead"),)), asked(said, person), summed(said, person)),
            ),
            Section("who", said.phrase("who"), (_recipients(said, person),)),
            Section(
                "purposes",
                said.phrase("purposes"),
                (Text((said.phrase("purposes.lead"),), "quiet"), _purposes(said, person)),
            ),
            Section("every", said.phrase("every"), (_every(said, person),)),
            Section("unfound", said.phrase("unfound"), (Text(tuple(left_out(said, person, waiting)), bullets=True),)),
            Section("complete", said.phrase("complete"), (_complete(said),)),
        ),
        opening.opening(material),
        opening.data(material) | data(person, waiting),
        _wide(said, person),
    )


def asked(said: Said, person: Person) -> Table:
    """The identifiers by number: what each was looked for as, and how much was found of it."""
    rows: list[tuple[Cell, ...]] = []
    for number, category in enumerate(person.kinds, 1):
        mine = [one for one in person.disclosed if number in one.identifiers]
        notes = ["asked.unfit" if number in person.unfit else "asked.many"] * (number in (*person.unfit, *person.many))
        if any(one.ways[one.identifiers.index(number)] is How.PARTS for one in mine):
            notes.append("asked.parts")
        apps = tuple(safe.plain(app, 40) for app in sorted({one.app for one in mine}))
        rows.append((number, said.category(category), len(mine), apps or "—", tuple(map(said.phrase, notes)) or ""))
    columns = (
        Column(said.phrase("asked.number"), 0.4, "end"),
        Column(said.phrase("asked.kind"), 1.6),
        Column(said.phrase("asked.data"), 0.8, "end"),
        Column(said.phrase("asked.apps"), 1.6),
        Column(said.phrase("asked.note"), 2.4),
    )
    return Table(said.phrase("asked"), columns, tuple(rows), said.phrase("asked.caption"))


def summed(said: Said, person: Person) -> Facts:
    """How much was found, how much of it was disclosed, and when."""
    if not person.disclosed:
        return Facts(((said.phrase("found"), said.phrase("found.none")),))
    first, last = person.span
    messages = said.say("count.messages", len({one.exchange_id for one in person.disclosed}))
    apps = said.say("count.apps", len(person.apps))
    found = said.say("found.line", len(person.disclosed), messages=messages, apps=apps)
    return Facts(
        (
            (said.phrase("found"), found),
            (said.phrase("found.delivered"), sum(one.delivered for one in person.disclosed)),
            (
                said.phrase("found.between"),
                said.say("found.between.line", first=said.minute(first), last=said.minute(last)),
            ),
        )
    )


def received(said: Said, person: Person) -> list[Received]:
    """Who got what, by app and way; what was not delivered is left out."""
    groups: dict[tuple[str, str, str], list[Disclosed]] = {}
    for one in person.disclosed:
        if one.delivered:
            groups.setdefault((one.app, way_of(said, one), recipient(said, one)), []).append(one)
    return [Received(who, app, way, tuple(some)) for (app, way, who), some in sorted(groups.items())]


def recipient(said: Said, one: Disclosed) -> str:
    """Who a datum went to, in words: the app's publisher, OpenAI, or whom the declaration names for a host."""
    if one.route == "egress":
        whose = safe.plain(one.recipient, LONG) or said.phrase("who.nobody")
        return said.say(
            "who.host",
            host=safe.plain(one.host),
            whose=said.phrase("who.we") if one.recipient == FIRST_PARTY else whose,
        )
    if one.direction is Direction.TO_CHATGPT:
        return said.phrase("who.chatgpt")
    publisher = one.declaration.publisher if one.declaration is not None else None
    name = (publisher.name or publisher.legal_name) if publisher is not None else ""
    return place(said, name, publisher.country) if publisher is not None and name else said.phrase("who.undeclared")


def way_of(said: Said, one: Disclosed) -> str:
    """Which way a datum went, in words."""
    return said.phrase("who.onward") if one.route == "egress" else said.way(one.direction)


def purpose_names(said: Said, one: Disclosed) -> tuple[str, ...]:
    """The declared purposes that need a datum's category, in words; the words for none where there is none."""
    names = [safe.plain(purpose.name or purpose.id, LONG) for purpose in one.purposes]
    return tuple(dict.fromkeys(names)) or (said.phrase("purposes.none"),)


def doubt(said: Said, one: Disclosed) -> str:
    """In words, why a datum may be somebody else's: only halves of a name were found, or a value of many people; empty
    where nothing makes it doubtful."""
    return said.phrase(f"how.{one.how.value}") if one.how in (How.PARTS, How.SHARED) else ""


def _recipients(said: Said, person: Person) -> Table:
    columns = (
        Column(said.phrase("who.who"), 2),
        Column(said.phrase("col.app"), 1.1),
        Column(said.phrase("col.direction"), 1.4),
        Column(said.phrase("who.categories"), 2),
        Column(said.phrase("who.data"), 0.8, "end"),
        Column(said.phrase("col.first"), 1.1),
        Column(said.phrase("col.last"), 1.1),
    )
    rows = tuple(
        (
            one.who,
            safe.plain(one.app, 40),
            one.way,
            said.categories(one.categories),
            len(one.disclosed),
            moment(min(each.at for each in one.disclosed)),
            moment(max(each.at for each in one.disclosed)),
        )
        for one in received(said, person)
    )
    return Table(said.phrase("who.who"), columns, rows, said.phrase("who.caption"), said.phrase("found.none"))


def _purposes(said: Said, person: Person) -> Table:
    """Each purpose of each app with the categories found that it needs, then those that none needs."""
    needed: dict[tuple[str, str], tuple[Purpose, Declaration | None, set[str]]] = {}
    bare: dict[str, set[str]] = {}
    for one in person.disclosed:
        for purpose in one.purposes:
            needed.setdefault((one.app, purpose.id), (purpose, one.declaration, set()))[2].add(one.category)
        if not one.purposes and one.route != "egress":
            bare.setdefault(one.app, set()).add(one.category)
    rows: list[tuple[Cell, ...]] = []
    for (app, _), (purpose, declaration, keys) in sorted(needed.items(), key=lambda item: item[0]):
        known = {each.name: each for each in declaration.recipients} if declaration is not None else {}
        passed = [place(said, name, known[name].country if name in known else "") for name in purpose.recipients]
        rows.append(
            (
                safe.plain(app, 40),
                safe.plain(purpose.name or purpose.id, LONG),
                said.categories(sorted(keys)),
                said.fides(Kind.BASIS, purpose.legal_basis),
                said.duration(purpose.retention),
                said.or_missing_list(passed),
            )
        )
    for app, keys in sorted(bare.items()):
        missing = said.phrase("missing")
        rows.append(
            (
                safe.plain(app, 40),
                said.phrase("purposes.none"),
                said.categories(sorted(keys)),
                missing,
                missing,
                missing,
            )
        )
    columns = (
        Column(said.phrase("col.app"), 1),
        Column(said.phrase("purposes.name"), 1.8),
        Column(said.phrase("who.categories"), 1.6),
        Column(said.phrase("purposes.basis"), 1.4),
        Column(said.phrase("purposes.retention"), 1.1),
        Column(said.phrase("purposes.passed"), 1.6),
    )
    caption = said.phrase("purposes.caption") if rows else ""
    return Table(said.phrase("purposes.name"), columns, tuple(rows), caption, said.phrase("found.none"))


def _every(said: Said, person: Person) -> Table:
    columns = (
        Column(said.phrase("every.evidence"), 0.7, "end"),
        Column(said.phrase("every.time"), 1.1),
        Column(said.phrase("every.app"), 1.3),
        Column(said.phrase("col.direction"), 1.2),
        Column(said.phrase("col.category"), 1.4),
        Column(said.phrase("purposes.name"), 1.6),
        Column(said.phrase("every.place"), 1.8, mono=True),
    )
    rows = tuple(
        (
            str(one.id),
            moment(one.at),
            [line for line in (safe.plain(one.app, 40), safe.plain(one.tool or one.method, 40)) if line],
            [way_of(said, one), *([] if one.delivered else [said.phrase(f"outcome.{one.outcome.value}")])],
            (*said.categories([one.category]), *filter(None, [doubt(said, one)])),
            purpose_names(said, one),
            safe.plain(one.pointer, 200),
        )
        for one in person.disclosed
    )
    return Table(said.phrase("every"), columns, rows, said.phrase("every.caption"), said.phrase("found.none"))


def _wide(said: Said, person: Person) -> Table:
    headings = (
        *("every.evidence", "every.time", "who.who", "col.app", "col.tool", "col.direction", "col.category"),
        *("purposes.name", "every.place", "col.verdict", "col.outcome", "every.message", "every.identifier"),
        *("every.how", "every.declaration"),
    )
    rows = tuple(
        (
            str(one.id),
            moment(one.at),
            recipient(said, one),
            safe.plain(one.app, 80),
            safe.plain(one.tool or one.method, 80),
            way_of(said, one),
            said.category(one.category),
            purpose_names(said, one),
            safe.plain(one.pointer, LONG),
            said.phrase(f"label.{one.headline.value}"),
            said.phrase("own") if one.own else said.phrase(f"outcome.{one.outcome.value}"),
            str(one.exchange_id),
            ", ".join(map(str, one.identifiers)),
            said.phrase(f"how.{one.how.value}"),
            safe.plain(one.declaration.source, LONG) if one.declaration is not None else said.phrase("missing"),
        )
        for one in person.disclosed
    )
    columns = tuple(Column(said.phrase(key)) for key in headings)
    return Table(said.phrase("every"), columns, rows, said.phrase("every.caption"), said.phrase("found.none"))


def left_out(said: Said, person: Person, waiting: int = 0) -> Iterator[str]:
    """What could not be looked through, in sentences; the last two always hold."""
    left = person.unfound
    yield said.say("unfound.data", left.data)
    for name in ("guarded", "secret", "erased", "expired"):
        if count := getattr(left, name):
            yield said.say(f"unfound.{name}", count)
    if left.purged:
        yield said.say("unfound.purged", left.purged, until=said.minute(left.purged_until))
    for one in left.lost:
        first, last = said.day(one.first), said.day(one.last)
        yield said.say("unfound.lost", one.data, app=safe.plain(one.app, 40), epoch=one.epoch, first=first, last=last)
    for code, count in left.gaps:
        gap = GapSum(code, count, 0, "", "")
        if not gap.inspected:
            yield said.say("unfound.gap", count, meaning=Phrases(said).gap(gap))
    if waiting:
        yield said.say("unfound.waiting", waiting)
    if len(person.epochs) > 1 and not left.lost:
        yield said.say("unfound.epochs", epochs=said.listed(map(str, person.epochs)))
    if person.halved:
        yield said.phrase("unfound.halved")
    yield said.phrase("unfound.always")
    yield said.phrase("unfound.linked")


def _complete(said: Said) -> Facts:
    keys = ("complete.copy", "complete.retention", "complete.rights", "complete.source", "complete.decisions")
    return Facts(tuple((said.phrase(key), said.blank(f"{key}.fill")) for key in (*keys, "transfers.safeguards")))


def data(person: Person, waiting: int = 0) -> dict[str, object]:
    """The same for programs: `identifiers`, `disclosures`, `apps`, `not_found`; never a value."""
    left = person.unfound
    return {
        "identifiers": [
            {
                "number": number,
                "looked_for_as": category,
                "disclosures": sum(number in one.identifiers for one in person.disclosed),
                "searchable": number not in person.unfit,
                "shared_by_many": number in person.many,
                "halves_too": number in person.halved,
            }
            for number, category in enumerate(person.kinds, 1)
        ],
        "found": len(person.disclosed),
        "delivered": sum(one.delivered for one in person.disclosed),
        "first": person.span[0] or None,
        "last": person.span[1] or None,
        "apps": list(person.apps),
        "disclosures": [_disclosed(one) for one in person.disclosed],
        "not_found": {
            "data_in_scope": left.data,
            "without_pseudonym": left.guarded,
            "secrets": left.secret,
            "erased": left.erased,
            "expired": left.expired,
            "purged_segments": left.purged,
            "purged_until": left.purged_until or None,
            "lost_keys": [
                {"app": one.app, "epoch": one.epoch, "disclosures": one.data, "first": one.first, "last": one.last}
                for one in left.lost
            ],
            "gaps": dict(left.gaps),
            "waiting": waiting,
        },
        "epochs": list(person.epochs),
    }


def _disclosed(one: Disclosed) -> dict[str, object]:
    publisher = one.declaration.publisher if one.declaration is not None else None
    return {
        "evidence": one.id,
        "exchange": one.exchange_id,
        "at": one.at,
        "app": one.app,
        "publisher": (publisher.name or publisher.legal_name or None) if publisher is not None else None,
        "country": (publisher.country or None) if publisher is not None else None,
        "direction": one.direction.value,
        "route": one.route,
        "host": one.host or None,
        "recipient": one.recipient or None,
        "tool": one.tool or None,
        "method": one.method or None,
        "category": one.category,
        "flags": list(one.flags),
        "pointer": one.pointer,
        "also": list(one.also),
        "purposes": [
            {
                "id": purpose.id,
                "name": purpose.name,
                "legal_basis": purpose.legal_basis or None,
                "retention": purpose.retention or None,
            }
            for purpose in one.purposes
        ],
        "declaration": (one.declaration.sha256 or None) if one.declaration is not None else None,
        "headline": one.headline.value,
        "outcome": one.outcome.value,
        "own_message": one.own,
        "epoch": one.epoch or None,
        "identifiers": list(one.identifiers),
        "found_as": one.how.value,
    }
