"""What the inspector asks the ledger while it writes: open requests, and whether a value had come from ChatGPT."""

import sqlite3
from dataclasses import dataclass

from douane.audit.message import Direction
from douane.ledger.rows import clean
from douane.ledger.times import iso


@dataclass(frozen=True, slots=True)
class Pending:
    """A request in the ledger that no answer in it answers. `at` is ISO 8601 text, as in the table."""

    record_id: str
    part: int
    at: str
    direction: Direction
    method: str | None
    tool: str | None
    protocol: str
    session: str
    flow: str


def given(db: sqlite3.Connection, app: str, digest: str, *, before: float) -> tuple[int, str | None] | None:
    """Return the latest disclosure of this pseudonym to the app before a moment: its id and the tool; else None."""
    row = db.execute(
        "SELECT d.id, e.tool FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id"
        " JOIN apps a ON a.id = e.app_id WHERE d.pseudonym = ? AND a.name = ? AND e.direction = 'to_app'"
        " AND e.own_traffic = 0 AND e.route <> 'egress' AND e.at <= ? ORDER BY d.id DESC LIMIT 1",
        (digest, clean(app), iso(before)),
    ).fetchone()
    return None if row is None else (int(row[0]), row[1])


def requests(db: sqlite3.Connection, app: str, rpc: str) -> list[Pending]:
    """Return the unanswered requests of an app with this `rpc` key, oldest first; none for an empty key."""
    rows = db.execute(
        "SELECT e.record_id, e.part, e.at, e.direction, e.method, e.tool, e.protocol, e.session, e.flow"
        " FROM exchanges e JOIN apps a ON a.id = e.app_id"
        " WHERE e.rpc = ? AND e.rpc <> '' AND e.kind = 'request' AND a.name = ?"
        " AND NOT EXISTS (SELECT 1 FROM exchanges x WHERE x.answers_id = e.id) ORDER BY e.id",
        (clean(rpc), clean(app)),
    ).fetchall()
    return [
        Pending(record_id, part, at, Direction(direction), method, tool, protocol, session, flow)
        for record_id, part, at, direction, method, tool, protocol, session, flow in rows
    ]
