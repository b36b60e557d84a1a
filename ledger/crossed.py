"""One message that crossed, with everything that the ledger holds of it. Read-only."""

import json
import sqlite3
from dataclasses import dataclass
from typing import Final

from douane.audit.message import Direction
from douane.ledger.traced import Traced, traced
from douane.ledger.witnessed import Witnessed, witnessed

_EXCHANGE: Final = """SELECT e.id, e.at, a.name, e.direction, e.kind, e.method, e.tool, e.protocol, e.transport,
    e.flow, e.answers_id, e.size, e.fields, e.duration_ms, e.http_status, e.outcome, e.own_traffic, e.redelivery,
    e.taxonomy, e.inspected_at, e.route, e.host, e.record_id, e.part, t.version, t.source, t.seen_at, e.app_id,
    e.session, e.nonce IS NULL
    FROM exchanges e JOIN apps a ON a.id = e.app_id LEFT JOIN tools t ON t.id = e.tool_id WHERE e.id = ?"""
_KEPT: Final = """SELECT d.id, d.length, d.preview, d.also, k.epoch, d.nonce IS NULL
    FROM disclosures d LEFT JOIN keys k ON k.key_id = d.key_id WHERE d.exchange_id = ? ORDER BY d.id"""


@dataclass(frozen=True, slots=True)
class Datum:
    """A datum of the message with its verdicts, and what the ledger keeps of its value.

    `length` is the bucket of its length, `preview` its ends or None, `epoch` that of the pseudonym's key, 0 where
    there is no pseudonym. `gone` says that its detail was taken away.
    """

    traced: Traced
    length: str
    preview: str | None
    also: tuple[str, ...]
    epoch: int
    gone: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """What was not inspected, or not compared: a gap of the message; `size` in bytes, None where not known."""

    code: str
    place: str
    detail: str
    size: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Session:
    """Where the message stands among those of its app and session: `place` (from 1) of `messages`.

    `before` and `after` are the ids of its neighbours, None at an end.
    """

    messages: int
    place: int
    before: int | None
    after: int | None
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Crossed:
    """One message. Times are ISO 8601, `size` bytes, `duration_ms` milliseconds from the request to this answer.

    `answers` is the message that it answers and `answered` those that answer it. `session` is None where it had none,
    or where that was taken away (`gone`). `chain` is None for a ledger without a chain.
    """

    id: int
    at: str
    app: str
    direction: Direction
    kind: str
    method: str
    tool: str
    protocol: str
    transport: str
    flow: str
    answers: int | None
    size: int
    fields: int
    duration_ms: float | None
    http_status: int | None
    outcome: str
    own: bool
    redelivery: bool
    taxonomy: str
    inspected_at: str
    route: str
    host: str
    record_id: str
    part: int
    tool_version: int | None
    tool_source: str
    tool_seen_at: str
    gone: bool
    answered: tuple[int, ...]
    session: Session | None
    data: tuple[Datum, ...]
    gaps: tuple[Unread, ...]
    chain: Witnessed | None


def app_of(db: sqlite3.Connection, exchange: int) -> str | None:
    """Return the app of a message, None where there is no such message: whoever asks may have to ask for leave."""
    row = db.execute("SELECT a.name FROM exchanges e JOIN apps a ON a.id = e.app_id WHERE e.id = ?", (exchange,))
    found = row.fetchone()
    return None if found is None else str(found[0])


def crossed(db: sqlite3.Connection, exchange: int) -> Crossed | None:
    """Return the message of that number, None when there is none."""
    row = db.execute(_EXCHANGE, (exchange,)).fetchone()
    if row is None:
        return None
    number, at, app, direction, kind, method, tool, protocol, transport, flow, answers, size, fields = row[:13]
    duration, status, outcome, own, redelivery, taxonomy, inspected_at, route, host, record_id, part = row[13:24]
    version, source, seen_at, app_id, session, gone = row[24:]
    gaps = db.execute(
        "SELECT code, place, detail, size, count FROM gaps WHERE exchange_id = ? ORDER BY id", (exchange,)
    )
    answered = db.execute("SELECT id FROM exchanges WHERE answers_id = ? ORDER BY id", (exchange,))
    return Crossed(
        *(number, at, app, Direction(direction), kind, method or "", tool or "", protocol, transport, flow, answers),
        *(size, fields, duration, status, outcome, bool(own), bool(redelivery), taxonomy, inspected_at, route, host),
        *(record_id, part, version, source or "", seen_at or "", bool(gone)),
        tuple(one for (one,) in answered),
        _session(db, number, app_id, session) if session else None,
        tuple(_data(db, exchange)),
        tuple(Unread(*one) for one in gaps),
        witnessed(db, exchange),
    )


def _data(db: sqlite3.Connection, exchange: int) -> list[Datum]:
    out: list[Datum] = []
    for number, length, preview, also, epoch, gone in db.execute(_KEPT, (exchange,)).fetchall():
        one = traced(db, number)
        if one is not None:
            out.append(Datum(one, length, preview, tuple(json.loads(also)), epoch or 0, bool(gone)))
    return out


def _session(db: sqlite3.Connection, exchange: int, app_id: int, session: str) -> Session:
    rows = db.execute(
        "SELECT id, at FROM exchanges WHERE app_id = ? AND session = ? ORDER BY id", (app_id, session)
    ).fetchall()
    ids = [row[0] for row in rows]
    place = ids.index(exchange)
    before = ids[place - 1] if place else None
    after = ids[place + 1] if place + 1 < len(ids) else None
    return Session(len(ids), place + 1, before, after, min(row[1] for row in rows), max(row[1] for row in rows))
