"""What the ledger knows of one app, as rules and checks read it."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Pseudonym, Source, Verdict
from douane.audit.history import History, Numbered
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.catalogue import read_tools
from douane.ledger.observations import read_observations, read_uses
from douane.ledger.promised import last_declaration
from douane.ledger.rows import clean

_FIRST, _LAST = "", "~"  # sort before and after every time

_EXCHANGES = """SELECT e.id, e.record_id, e.part, e.at, e.direction, e.kind, e.method, e.tool, e.outcome, e.size,
    e.fields, e.protocol, e.transport, e.session, e.flow, e.rpc, q.record_id, q.part, e.http_status, e.duration_ms
    FROM exchanges e LEFT JOIN exchanges q ON q.id = e.answers_id
    WHERE e.app_id = :app AND e.own_traffic = 0 AND e.route <> 'egress' AND e.redelivery = 0
      AND +e.at >= :since AND +e.at < :until
      AND (:only IS NULL OR e.id = :only)"""
_DISCLOSURES = """SELECT id, exchange_id, category, flags, pointer, reached, detector, confidence, evidence, length,
    pseudonym, key_id, preview, also, headline FROM disclosures WHERE exchange_id BETWEEN ? AND ? ORDER BY id"""
_VERDICTS = """SELECT disclosure_id, source, verdict, score, reason, statements FROM verdicts
    WHERE disclosure_id BETWEEN ? AND ? AND replaced_at IS NULL ORDER BY disclosure_id, id"""
_GAPS = "SELECT exchange_id, code, place, detail, size, count FROM gaps WHERE exchange_id BETWEEN ? AND ? ORDER BY id"

type Shared = Callable[[str], Mapping[str, int]]


def history(
    db: sqlite3.Connection,
    app: str,
    since: str | None = None,
    until: str | None = None,
    *,
    declaration: Declaration | None = None,
    shared: Shared | None = None,
    exchange: int | None = None,
) -> History:
    """Return what was seen of an app from `since` on and before `until`, times as the ledger writes them.

    Verdicts are those that hold. `declaration` stands in for the ledger's last one. What the app sent out itself is in
    the observations alone. Tools are as they stood last; observations and uses are those of the period, as far as the
    ledger knows when they were made (`observations`). `shared` says for an app how many of its
    subjects another app saw (`ledger.shared`); what it says is kept nowhere. With `exchange`, only the exchange of that
    id. An app that the ledger does not know has an empty history.
    """
    row = db.execute("SELECT id FROM apps WHERE name = ?", (clean(app),)).fetchone()
    if row is None:
        return History(app, declaration)
    if declaration is None and (last := last_declaration(db, app)) is not None:
        declaration = last[1]
    where = {"app": row[0], "since": since or _FIRST, "until": until or _LAST, "only": exchange}
    exchanges = _exchanges(db, app, where)
    return History(
        app=app,
        declaration=declaration,
        tools={tool.name: tool for tool in read_tools(db, app)},
        exchanges=exchanges,
        observations=tuple(read_observations(db, app, since, until)),
        uses=tuple(read_uses(db, app, since, until, {one.exchange.tool or "" for one in exchanges})),
        shared_subjects=dict(shared(app)) if shared is not None else {},
    )


def _exchanges(db: sqlite3.Connection, app: str, where: dict[str, Any]) -> tuple[Numbered, ...]:
    """Three passes in the order of the tables, joined here: a join in SQL would repeat every text for each verdict."""
    rows = db.execute(_EXCHANGES, where).fetchall()
    if not rows:
        return ()
    ids = {row[0] for row in rows}
    span = (min(ids), max(ids))
    numbers: defaultdict[int, list[int]] = defaultdict(list)
    found: defaultdict[int, list[Disclosure]] = defaultdict(list)
    held = [row for row in db.execute(_DISCLOSURES, span) if row[1] in ids]
    verdicts = _verdicts(db, held)
    for row in held:
        number, exchange, category, flags, pointer, reached, detector, score, evidence, length, digest, key = row[:12]
        numbers[exchange].append(number)
        found[exchange].append(
            Disclosure(
                pointer,
                category,
                _texts(flags),
                detector,
                score,
                evidence,
                verdicts.get(number, ()),
                _LABELS[row[14]],
                reached,
                length,
                Pseudonym(digest, key) if digest is not None else None,
                row[12],
                _texts(row[13]),
            )
        )
    gaps: defaultdict[int, list[Gap]] = defaultdict(list)
    for exchange, *gap in db.execute(_GAPS, span):
        gaps[exchange].append(Gap(*gap))
    out: list[Numbered] = []
    for row in sorted(rows, key=lambda row: (row[3], row[0])):
        number, at, asked = row[0], row[3], row[16]
        made = Exchange(
            record_id=row[1], part=row[2], at=datetime.fromisoformat(at).timestamp(), app=app,
            direction=_WAYS[row[4]], kind=_KINDS[row[5]], method=row[6], tool=row[7], outcome=_OUTCOMES[row[8]],
            size=row[9], fields=row[10], protocol=row[11], transport=row[12], session=row[13], flow=row[14],
            rpc=row[15], answers=None if asked is None else (asked, row[17]), http_status=row[18],
            duration_ms=row[19], disclosures=tuple(found.get(number, ())), gaps=tuple(gaps.get(number, ())),
        )  # fmt: skip
        out.append(Numbered(number, made, at, tuple(numbers.get(number, ()))))
    return tuple(out)


def _verdicts(db: sqlite3.Connection, held: list[Any]) -> dict[int, tuple[Verdict, ...]]:
    """The verdicts that hold, by disclosure; equal ones are one object, since most are."""
    if not held:
        return {}
    known: dict[tuple[Any, ...], Verdict] = {}
    out: dict[int, list[Verdict]] = {row[0]: [] for row in held}
    for number, *row in db.execute(_VERDICTS, (held[0][0], held[-1][0])):
        of_one = out.get(number)
        if of_one is None:
            continue
        key = tuple(row)
        made = known.get(key)
        if made is None:
            source, label, score, reason, statements = row
            made = known[key] = Verdict(Source(source), Label(label), reason, score, _texts(statements))
        of_one.append(made)
    # by identity: equal verdicts are one object here, and hashing them would take longer than all else
    sets: dict[tuple[int, ...], tuple[Verdict, ...]] = {}
    sets_of: dict[int, tuple[Verdict, ...]] = {}
    for number, rows in out.items():
        ids = tuple(map(id, rows))
        found = sets.get(ids)
        if found is None:
            found = sets[ids] = tuple(sorted(rows, key=_by_source))
        sets_of[number] = found
    return sets_of


def _by_source(verdict: Verdict) -> int:
    return _SOURCES[verdict.source]


@lru_cache(maxsize=1024)
def _texts(stored: str) -> tuple[str, ...]:
    return tuple(str(one) for one in json.loads(stored))


_SOURCES = {source: place for place, source in enumerate(Source)}
_LABELS = {one.value: one for one in Label}
_WAYS = {one.value: one for one in Direction}
_KINDS = {one.value: one for one in Kind}
_OUTCOMES = {one.value: one for one in Outcome}
