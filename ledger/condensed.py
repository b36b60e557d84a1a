"""What the ledger knows of apps, equal data as one, as rules read it where they only count: one pass for all apps."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.history import Condensed, Numbered, Seen
from douane.audit.message import Direction, Kind
from douane.audit.onward import LINK
from douane.audit.planted import is_planted
from douane.ledger.catalogue import read_tools
from douane.ledger.equal import Datum, Equal
from douane.ledger.history import Shared
from douane.ledger.observations import read_observations, read_uses
from douane.ledger.promised import last_declaration
from douane.ledger.rows import clean

_VERDICTS: Final = """SELECT v.disclosure_id, v.source, v.verdict, v.score, v.reason, v.statements FROM json_each(?) n
    CROSS JOIN verdicts v ON v.disclosure_id = n.value WHERE v.replaced_at IS NULL ORDER BY v.disclosure_id, v.id"""
_LINKED: Final = """SELECT d.id, e.direction, e.kind, e.outcome, coalesce(e.tool, ''), coalesce(e.method, ''), e.at,
    d.category, d.headline, d.detector, d.flags, d.also, d.reached, d.pointer
    FROM json_each(:numbers) n CROSS JOIN disclosures d ON d.id = n.value CROSS JOIN exchanges e ON e.id = d.exchange_id
    WHERE e.app_id = :app AND e.own_traffic = 0 AND e.route <> 'egress' AND e.redelivery = 0
      AND e.at >= :since AND e.at < :until"""
_AT_A_TIME: Final = 5_000


def condensed(
    db: sqlite3.Connection, apps: Iterable[str], seen: Equal, *, shared: Shared | None = None
) -> Iterator[Condensed]:
    """Give what was seen of each app in the scope of `seen`; an app that the ledger does not know has an empty history.

    As `ledger.history.history` does, with equal data as one, and without what an exercise planted in calls.
    """
    data: dict[int, list[Datum]] = {}
    for one in seen.data():
        if not one.message.redelivery and not is_planted(one.pointer, _WAYS[one.message.direction]):
            data.setdefault(one.message.app, []).append(one)
    for app in apps:
        row = db.execute("SELECT id FROM apps WHERE name = ?", (clean(app),)).fetchone()
        yield Condensed(app) if row is None else _of_app(db, app, row[0], seen, data.get(row[0], []), shared)


def _of_app(
    db: sqlite3.Connection, app: str, number: int, seen: Equal, data: list[Datum], shared: Shared | None
) -> Condensed:
    data = sorted(data, key=lambda one: (one.first, one.exchange, one.disclosure))
    verdicts = _verdicts(db, [one.disclosure for one in data])
    last = last_declaration(db, app)
    since, until = seen.scope.since, seen.scope.until
    observations = tuple(read_observations(db, app, since, until))
    named = seen.named(number)
    return Condensed(
        app=app,
        declaration=None if last is None else last[1],
        tools={tool.name: tool for tool in read_tools(db, app)},
        exchanges=tuple(_numbered(app, one, verdicts.get(one.disclosure, ())) for one in data),
        observations=observations,
        uses=tuple(read_uses(db, app, since, until, named)),
        shared_subjects=dict(shared(app)) if shared is not None else {},
        counted={_WAYS[way]: count for way, count in seen.messages(number).items()},
        named=named,
        linked=_linked(db, app, number, seen, [one.detail for one in observations if one.kind is Seen.EGRESS]),
        echoed=tuple(index for index, one in enumerate(data) if one.echoed),
    )


def _numbered(app: str, one: Datum, verdicts: tuple[Verdict, ...]) -> Numbered:
    message = one.message
    datum = Disclosure(
        *(one.pointer, one.category, _texts(one.flags), one.detector, 0.0, "", verdicts, Label(one.headline)),
        reached=one.reached,
        also=_texts(one.also),
    )
    exchange = _exchange(app, one.first, message[1:6], datum)
    others = tuple(number for number in one.ids if number != one.disclosure)
    return Numbered(one.exchange, exchange, one.first, (one.disclosure,), one.count, one.last, others)


def _exchange(app: str, at: str, message: tuple[str, ...], datum: Disclosure) -> Exchange:
    way, kind, outcome, tool, method = message
    return Exchange(
        *("", 0, datetime.fromisoformat(at).timestamp(), app, _WAYS[way], _KINDS[kind], method or None, tool or None),
        *(_OUTCOMES[outcome], 0),
        disclosures=(datum,),
    )


def _verdicts(db: sqlite3.Connection, numbers: list[int]) -> dict[int, tuple[Verdict, ...]]:
    out: dict[int, list[Verdict]] = {}
    for start in range(0, len(numbers), _AT_A_TIME):
        chunk = json.dumps(numbers[start : start + _AT_A_TIME])
        for number, source, label, score, reason, statements in db.execute(_VERDICTS, (chunk,)):
            verdict = Verdict(Source(source), Label(label), reason, score, _texts(statements))
            out.setdefault(number, []).append(verdict)
    return {number: tuple(sorted(found, key=lambda one: _SOURCES[one.source])) for number, found in out.items()}


def _linked(
    db: sqlite3.Connection, app: str, number: int, seen: Equal, details: list[str]
) -> Mapping[int, tuple[Exchange, Disclosure]]:
    """The data to which observations of what the app passed on are linked."""
    links = filter(None, map(LINK.fullmatch, details))
    numbers = json.dumps(sorted({int(one.group(2)) for one in links}))
    bound = {**seen.scope.bound(), "numbers": numbers, "app": number}
    out: dict[int, tuple[Exchange, Disclosure]] = {}
    for row in db.execute(_LINKED, bound):
        category, headline, detector, flags, also, reached, pointer = row[7:]
        if is_planted(pointer, _WAYS[row[1]]):
            continue
        datum = Disclosure(
            *(pointer, category, _texts(flags), detector, 0.0, "", (), Label(headline)),
            reached=reached,
            also=_texts(also),
        )
        out[row[0]] = (_exchange(app, row[6], row[1:6], datum), datum)
    return out


@lru_cache(maxsize=1024)
def _texts(stored: str) -> tuple[str, ...]:
    return tuple(str(one) for one in json.loads(stored))


_SOURCES = {source: place for place, source in enumerate(Source)}
_WAYS = {one.value: one for one in Direction}
_KINDS = {one.value: one for one in Kind}
_OUTCOMES = {one.value: one for one in Outcome}
