"""What is new in a ledger: messages and gaps as they are written, those before them, and later outcomes. Read-only."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from douane.audit.message import Direction
from douane.ledger.report_query import snapshot
from douane.ledger.times import moment

PIECE: Final = 500
"""Rows that are read at once."""
_ROWS: Final = """SELECT e.id, e.at, a.name, e.direction, e.kind, e.method, e.tool, e.outcome, e.route, e.host, e.flow,
    e.size, e.duration_ms, e.inspected_at FROM exchanges e JOIN apps a ON a.id = e.app_id
    WHERE e.own_traffic = 0 AND {} AND (:apps IS NULL OR a.name IN (SELECT value FROM json_each(:apps)))
    ORDER BY e.id {} LIMIT :most"""
_FOUND: Final = """SELECT d.exchange_id, d.id, d.category, d.flags, d.headline, EXISTS (SELECT 1 FROM verdicts v
        WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL AND v.verdict IN ('omitted', 'incorrect'))
    FROM disclosures d WHERE d.exchange_id IN (SELECT value FROM json_each(:ids)) ORDER BY d.id"""
_GAPS: Final = """SELECT g.exchange_id, g.code FROM gaps g
    WHERE g.exchange_id IN (SELECT value FROM json_each(:ids)) ORDER BY g.id"""
_LOST: Final = """SELECT g.id, g.at, a.name, g.code, g.place, g.count, g.route
    FROM gaps g JOIN apps a ON a.id = g.app_id
    WHERE g.id > :after AND g.exchange_id IS NULL
      AND (:apps IS NULL OR a.name IN (SELECT value FROM json_each(:apps))) ORDER BY g.id LIMIT :most"""


@dataclass(frozen=True, slots=True)
class Datum:
    """One datum found; `undeclared` says that at least one source leaves it out or denies it."""

    id: int
    category: str
    flags: tuple[str, ...]
    headline: str
    undeclared: bool


@dataclass(frozen=True, slots=True)
class Message:
    """One message; times are ISO 8601, `size` bytes, `duration_ms` and `lag_ms` milliseconds.

    `duration_ms` is an answer's, from its request; `lag_ms` is from the record to the ledger, None where the clock
    went back. `gaps` are codes.
    """

    id: int
    at: str
    app: str
    direction: Direction
    kind: str
    method: str
    tool: str
    outcome: str
    route: str
    host: str
    flow: str
    size: int
    duration_ms: float | None
    lag_ms: float | None
    data: tuple[Datum, ...] = ()
    gaps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Lost:
    """Something of an app that is in the ledger as a gap alone: no message could be made of it."""

    id: int
    at: str
    app: str
    code: str
    place: str
    count: int
    route: str


@dataclass(frozen=True, slots=True)
class Mark:
    """How far somebody has read: the last message and the last gap."""

    exchange: int = 0
    gap: int = 0


def end(db: sqlite3.Connection) -> Mark:
    """Return the mark behind everything that the ledger holds."""
    sql = "SELECT (SELECT coalesce(max(id), 0) FROM exchanges), (SELECT coalesce(max(id), 0) FROM gaps)"
    return Mark(*db.execute(sql).fetchone())


def new(
    db: sqlite3.Connection, mark: Mark, apps: Sequence[str] = (), *, most: int = PIECE
) -> tuple[list[Message | Lost], Mark]:
    """Return what came after the mark, in the order of its times, with the mark behind it; at most so many of each.

    Douane's own messages are left out. No apps mean all.
    """
    bound = {"apps": json.dumps(list(apps)) if apps else None, "most": most}
    with snapshot(db):
        messages = _read(db, _ROWS.format("e.id > :after", ""), {**bound, "after": mark.exchange})
        lost = [Lost(*row) for row in db.execute(_LOST, {**bound, "after": mark.gap})]
        behind = end(db)
    exchange = messages[-1].id if len(messages) == most else max(mark.exchange, behind.exchange)
    gap = lost[-1].id if len(lost) == most else max(mark.gap, behind.gap)
    return sorted([*messages, *lost], key=lambda one: one.at), Mark(exchange, gap)


def before(db: sqlite3.Connection, mark: Mark, apps: Sequence[str] = (), *, most: int = 10_000) -> Iterator[Message]:
    """Yield the messages up to the mark, newest first, of at most so many."""
    bound = {"apps": json.dumps(list(apps)) if apps else None, "most": PIECE}
    last, left = mark.exchange, most
    while left > 0:
        piece = _read(db, _ROWS.format("e.id <= :after", "DESC"), {**bound, "after": last})
        yield from piece[:left]
        left -= len(piece)
        if len(piece) < PIECE:
            return
        last = piece[-1].id - 1


def since(
    db: sqlite3.Connection, at: str, mark: Mark, apps: Sequence[str] = (), *, most: int = 200_000
) -> list[Message]:
    """Return the messages from a time on (ISO 8601) and up to the mark, oldest first; the newest of at most so many."""
    found: list[Message] = []
    for one in before(db, mark, apps, most=most):
        if one.at < at:
            break
        found.append(one)
    return found[::-1]


def outcomes(db: sqlite3.Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return what became of these messages, those whose outcome is not known yet left out."""
    sql = "SELECT id, outcome FROM exchanges WHERE id IN (SELECT value FROM json_each(?)) AND outcome <> 'unknown'"
    return dict(db.execute(sql, (json.dumps(list(ids)),)).fetchall())


def identity(path: Path) -> tuple[int, int] | None:
    """Return what tells one file from another that took its name, None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def number_and_file(db: sqlite3.Connection, path: Path) -> str:
    """Return what tells one ledger from another that took its place, a restored copy of itself among them."""
    row = db.execute("SELECT ledger FROM chain").fetchone()
    return f"{row[0] if row is not None else ''} {identity(path)}"


def _read(db: sqlite3.Connection, sql: str, bound: dict[str, object]) -> list[Message]:
    rows = db.execute(sql, bound).fetchall()
    ids = {"ids": json.dumps([row[0] for row in rows])}
    data: dict[int, list[Datum]] = {}
    for exchange, number, category, flags, headline, undeclared in db.execute(_FOUND, ids) if rows else ():
        datum = Datum(number, category, tuple(json.loads(flags)), headline, bool(undeclared))
        data.setdefault(exchange, []).append(datum)
    gaps: dict[int, list[str]] = {}
    for exchange, code in db.execute(_GAPS, ids) if rows else ():
        gaps.setdefault(exchange, []).append(code)
    out: list[Message] = []
    for number, at, app, direction, kind, method, tool, *outcome, duration, inspected in rows:
        of = (number, at, app, Direction(direction), kind, method or "", tool or "")
        found = tuple(data.get(number, ())), tuple(gaps.get(number, ()))
        out.append(Message(*of, *_route(outcome), duration, _lag(at, inspected), *found))
    return out


def _route(values: Sequence[Any]) -> tuple[str, str, str, str, int]:
    outcome, route, host, flow, size = values
    return outcome, route, host, flow, size


def _lag(at: str, inspected: str) -> float | None:
    lag = (moment(inspected) - moment(at)) * 1000
    return round(lag, 1) if lag >= 0 else None
