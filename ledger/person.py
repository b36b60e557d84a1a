"""Which apps were sent, or gave back, a person's data: every disclosure of an identifier, and what cannot be found.

Read-only. The values are looked for under every app's keys of every epoch, and neither they nor their pseudonyms leave
this module: a disclosure says by its number which of the identifiers it holds.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from douane.audit.declaration import Declaration, Purpose
from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.audit.onward import owner
from douane.audit.readings import found_as
from douane.audit.subsumption import vagueness
from douane.ledger import report_query
from douane.ledger.halves import halved
from douane.ledger.promised import read_declaration
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import key_epochs
from douane.ledger.report_query import Scope, snapshot
from douane.ledger.spellings import How, halves, shared, spellings
from douane.ledger.unfound import Progress, Unfound, silent, unfound

type Identifier = tuple[str, str]
"""A category and a value."""

_MARKS: Final = 500  # under SQLite's limit of values in one statement
_EACH: Final = 1_000
_ORDER: Final = tuple(How)
_ROWS: Final = """SELECT d.id, e.id, e.at, a.name, e.direction, e.kind, e.method, e.tool, d.category, d.flags,
    d.pointer, d.reached, d.also, d.detector, d.confidence, d.headline, e.outcome, e.route, e.host, e.own_traffic,
    k.epoch,
    (SELECT v.declaration_id FROM verdicts v WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL
        AND v.declaration_id IS NOT NULL ORDER BY v.source <> 'declaration', v.id LIMIT 1)
    FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
    LEFT JOIN keys k ON k.key_id = d.key_id
    WHERE e.at >= :since AND e.at < :until AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))"""
_SALTED: Final = """SELECT d.id, d.pseudonym, e.id, e.salt, a.name, k.epoch
    FROM disclosures d NOT INDEXED CROSS JOIN exchanges e NOT INDEXED ON e.id = d.exchange_id
    JOIN apps a NOT INDEXED ON a.id = e.app_id JOIN keys k NOT INDEXED ON k.key_id = d.key_id
    WHERE e.salt IS NOT NULL ORDER BY e.id"""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One datum of the person that crossed; `id` is the disclosure's number in the ledger, its evidence.

    `identifiers` are the places (from 1) of the identifiers that it is, `ways` the most certain way in which it was
    found for each of them, `how` the most certain of these. `purposes` are the declared ones that need its category in
    that direction, by the declaration that its verdict rests on, which is None where there was none. On the route
    `egress` the app itself sent it to `host`, and `recipient` is whom the declaration names for that host (`we`: the
    publisher; empty: nobody). It counts as disclosed only if `outcome` is delivered; `own` is Douane's own message.
    `epoch` is that of the key.
    """

    id: int
    exchange_id: int
    at: str
    app: str
    direction: Direction
    kind: str
    method: str
    tool: str
    category: str
    flags: tuple[str, ...]
    pointer: str
    reached: str
    also: tuple[str, ...]
    detector: str
    confidence: float
    headline: Label
    outcome: Outcome
    route: str
    host: str
    own: bool
    epoch: int
    identifiers: tuple[int, ...]
    how: How
    purposes: tuple[Purpose, ...] = ()
    declaration: Declaration | None = None
    recipient: str = ""
    ways: tuple[How, ...] = ()

    @property
    def delivered(self) -> bool:
        """Whether the message arrived, so that the datum was disclosed."""
        return self.outcome is Outcome.DELIVERED


@dataclass(frozen=True, slots=True)
class Person:
    """What was found, oldest first, and what could not be looked through.

    `kinds` are the categories of the identifiers, in their order. Of the identifiers in `unfit` (places from 1) the
    ledger keeps no pseudonym at all; those in `many` are values that many people may have; those in `halved` are full
    names, also looked for as given and family name in one message.
    """

    kinds: tuple[str, ...]
    disclosed: tuple[Disclosed, ...]
    unfound: Unfound
    epochs: tuple[int, ...] = ()
    unfit: tuple[int, ...] = ()
    many: tuple[int, ...] = ()
    halved: tuple[int, ...] = ()

    @property
    def apps(self) -> tuple[str, ...]:
        """The apps that a datum was found of, by name."""
        return tuple(sorted({one.app for one in self.disclosed}))

    @property
    def span(self) -> tuple[str, str]:
        """The first and the last time, empty where nothing was found."""
        times = [one.at for one in self.disclosed]
        return (min(times), max(times)) if times else ("", "")


@dataclass(slots=True)
class _Hits:
    """Which disclosures hold which identifiers, and how certainly."""

    by: dict[int, dict[int, How]] = field(default_factory=dict[int, dict[int, How]])

    def add(self, disclosure: int, place: int, how: How) -> None:
        known = self.by.setdefault(disclosure, {})
        known[place] = min(known.get(place, how), how, key=_ORDER.index)


def find(
    db: sqlite3.Connection,
    pseudonymiser: Pseudonymiser,
    identifiers: Sequence[Identifier],
    *,
    exact: bool = False,
    apps: Sequence[str] = (),
    since: str = "",
    until: str = "",
    progress: Progress | None = None,
) -> Person:
    """Return every disclosure of identifiers in these apps (none: all) from `since` on and before `until`.

    Times are as the ledger writes them. Each value is looked for as its category says and, unless `exact`, as every
    kind of identifier that it can be. `pseudonymiser` holds the master key and those before it. The caller tells the
    look-up in the chain first (`ledger.access`).
    """
    wanted = report_query.ids(report_query.apps(db), apps) if apps else None
    scope = Scope(wanted, since or None, until or None)
    told = progress or silent
    with snapshot(db):
        hits = matches(db, pseudonymiser, identifiers, exact=exact, shared_too=True, progress=told)
        found = sorted(_disclosed(db, scope, hits), key=lambda one: (one.at, one.id))
        left = unfound(db, scope, pseudonymiser, told)
        epochs = tuple(sorted({epoch for _, epoch in key_epochs(db)}))
    places = list(enumerate(identifiers, 1))
    return Person(
        tuple(category for category, _ in identifiers),
        tuple(found),
        left,
        epochs,
        tuple(at for at, one in places if not _fit(pseudonymiser, *one)),
        tuple(at for at, one in places if any(shared(*one, exact=exact)) and _fit(pseudonymiser, *one)),
        tuple(at for at, one in places if halves(*one, exact=exact)),
    )


def matches(
    db: sqlite3.Connection,
    pseudonymiser: Pseudonymiser,
    identifiers: Sequence[Identifier],
    *,
    exact: bool = False,
    shared_too: bool = False,
    progress: Progress | None = None,
) -> dict[int, dict[int, How]]:
    """Return, by disclosure, the places (from 1) of the identifiers that it holds, and how certainly.

    `shared_too` also tries a single word as a first name, in each message, and words as a full name whose halves stand
    in one message; a value that is one by its own category is always tried.
    """
    told = progress or silent
    hits, epochs = _Hits(), key_epochs(db)
    looked: dict[str, list[tuple[int, How]]] = {}
    salted: list[tuple[int, str, str]] = []
    for place, (category, value) in enumerate(identifiers, 1):
        for kind, text, how in spellings(category, value, exact=exact):
            for one in pseudonymiser.look_up(text, kind, epochs):
                looked.setdefault(one.digest, []).append((place, how))
        salted += [(place, kind, text) for kind, text, _ in shared(category, value, exact=exact or not shared_too)]
        if place % _EACH == 0 or place == len(identifiers):
            _look(db, looked, hits)
            looked.clear()
            told("identifiers", place, len(identifiers))
    if salted:
        _look_salted(db, pseudonymiser, salted, hits, told)
    named = [(at, halves(*one, exact=exact or not shared_too)) for at, one in enumerate(identifiers, 1)]
    for disclosure, place in halved(db, pseudonymiser, named, told):
        hits.add(disclosure, place, How.PARTS)
    return hits.by


def needing(declaration: Declaration | None, category: str, direction: Direction) -> tuple[Purpose, ...]:
    """Return the declared purposes that need a category in a direction; for which of them it crossed is not on the
    wire."""

    def speaks(key: str) -> bool:
        return vagueness(category, key) is not None or category in found_as(key)

    def said(purpose: Purpose) -> tuple[str, ...]:
        return purpose.to_app if direction is Direction.TO_APP else purpose.to_chatgpt

    return tuple(one for one in (declaration.purposes if declaration else ()) if any(map(speaks, said(one))))


def _fit(pseudonymiser: Pseudonymiser, category: str, value: str) -> bool:
    """Whether the ledger makes a pseudonym of such a value at all."""
    return pseudonymiser.of("", category, value, salt=b"any") is not None


def _look(db: sqlite3.Connection, looked: dict[str, list[tuple[int, How]]], hits: _Hits) -> None:
    # through no index: an entry that is not its table's would lead to somebody else, or past the person
    sql = "SELECT id, pseudonym FROM disclosures NOT INDEXED WHERE pseudonym IN (SELECT value FROM json_each(?))"
    for number, digest in db.execute(sql, (json.dumps(list(looked)),)).fetchall():
        for place, how in looked[digest]:
            hits.add(number, place, how)


def _look_salted(
    db: sqlite3.Connection,
    pseudonymiser: Pseudonymiser,
    salted: Sequence[tuple[int, str, str]],
    hits: _Hits,
    told: Progress,
) -> None:
    """Make each value's digest anew for each message that has a salt."""
    total = int(db.execute("SELECT coalesce(max(id), 0) FROM exchanges").fetchone()[0])
    made: tuple[tuple[int, str, int], dict[str, list[int]]] = ((0, "", 0), {})
    for number, digest, exchange, salt, app, epoch in db.execute(_SALTED):
        key = (int(exchange), str(app), int(epoch))
        if key != made[0]:
            digests: dict[str, list[int]] = {}
            for place, category, value in salted:
                for one in pseudonymiser.salted_digests(app, epoch, category, value, salt):
                    digests.setdefault(one, []).append(place)
            made = (key, digests)
            if exchange % _EACH == 0:
                told("messages", exchange, total)
        for place in made[1].get(digest, ()):
            hits.add(number, place, How.SHARED)


def _disclosed(db: sqlite3.Connection, scope: Scope, hits: dict[int, dict[int, How]]) -> Iterator[Disclosed]:
    declarations: dict[int, Declaration | None] = {}
    purposes: dict[tuple[int, str, Direction], tuple[Purpose, ...]] = {}
    for row in _chunks(db, f"{_ROWS} AND d.id IN ({{}})", sorted(hits), scope.bound()):
        number, exchange, at, app, way, kind, method, tool, category, flags, pointer, reached, also = row[:13]
        detector, confidence, headline, outcome, route, host, own, epoch, declaration_id = row[13:]
        direction = Direction(way)
        if declaration_id is not None and declaration_id not in declarations:
            declarations[declaration_id] = read_declaration(db, declaration_id)
        declared = declarations.get(declaration_id) if declaration_id is not None else None
        asked = (declaration_id or 0, category, direction)
        if asked not in purposes:
            purposes[asked] = needing(declared, category, direction)
        by = hits[number]
        yield Disclosed(
            *(number, exchange, at, app, direction, kind, method or "", tool or "", category),
            *(tuple(json.loads(flags)), pointer, reached, tuple(json.loads(also)), detector, confidence),
            Label(headline),
            Outcome(outcome),
            *(route, host, bool(own), epoch or 0),
            tuple(sorted(by)),
            min(by.values(), key=_ORDER.index),
            purposes[asked] if route != "egress" else (),
            declared,
            (owner(host, declared) or "") if declared is not None and route == "egress" else "",
            tuple(by[place] for place in sorted(by)),
        )


def _chunks(
    db: sqlite3.Connection, sql: str, values: Sequence[Any], bound: dict[str, str | None] | None = None
) -> Iterator[tuple[Any, ...]]:
    for start in range(0, len(values), _MARKS):
        named = {f"v{at}": value for at, value in enumerate(values[start : start + _MARKS])}
        marks = ", ".join(f":{name}" for name in named)
        yield from db.execute(sql.format(marks), {**(bound or {}), **named}).fetchall()
