"""The fourth ledger: a hash chain over every event, signed segments, and details that can go without breaking it.

What a ledger held before is adopted: chained from this moment on, and marked as vouched for by nobody before it.
"""

import secrets
import sqlite3
import time
from typing import Final

from douane.ledger.canonical import NONCE_BYTES, ROWS, SNAPSHOTS, commitment, genesis
from douane.ledger.chain import Chain
from douane.ledger.times import iso

STATEMENTS: Final = (
    "ALTER TABLE exchanges ADD COLUMN nonce BLOB",
    "ALTER TABLE exchanges ADD COLUMN commitment BLOB",
    "ALTER TABLE disclosures ADD COLUMN nonce BLOB",
    "ALTER TABLE disclosures ADD COLUMN commitment BLOB",
    """CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        kind TEXT NOT NULL,
        row INTEGER,
        body TEXT,
        leaf BLOB NOT NULL CHECK (length(leaf) = 32)
    ) STRICT""",
    "CREATE INDEX events_snapshots ON events (kind, row) WHERE row IS NOT NULL AND body IS NOT NULL",
    "CREATE INDEX events_told ON events (kind) WHERE row IS NULL",
    """CREATE TABLE chain (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        format INTEGER NOT NULL CHECK (format = 1),
        ledger TEXT NOT NULL,
        created_at TEXT NOT NULL,
        seq INTEGER NOT NULL,
        head BLOB NOT NULL,
        segment INTEGER NOT NULL,
        appends INTEGER NOT NULL,
        mac BLOB
    ) STRICT""",
    """CREATE TABLE segments (
        number INTEGER PRIMARY KEY,
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        count INTEGER NOT NULL,
        opened_at TEXT NOT NULL,
        closed_at TEXT NOT NULL,
        previous_head BLOB NOT NULL,
        head BLOB NOT NULL,
        previous_signature BLOB,
        taxonomy TEXT NOT NULL,
        config_sha256 TEXT NOT NULL,
        rules_sha256 TEXT NOT NULL,
        version TEXT NOT NULL,
        public_key BLOB NOT NULL,
        next_public_key BLOB NOT NULL,
        signature BLOB NOT NULL
    ) STRICT""",
    """CREATE TABLE open_segment (
        number INTEGER PRIMARY KEY,
        first_seq INTEGER NOT NULL,
        opened_at TEXT NOT NULL,
        previous_head BLOB NOT NULL,
        public_key BLOB NOT NULL,
        sealed BLOB NOT NULL
    ) STRICT""",
)


def adopt(db: sqlite3.Connection) -> None:
    """Begin the chain, and append what the ledger holds already."""
    now = iso(time.time())
    ledger = secrets.token_hex(16)
    db.execute("INSERT INTO chain VALUES (1, 1, ?, ?, 0, ?, 0, 0, NULL)", (ledger, now, genesis(ledger, now)))
    counts = {
        table: db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
        for table in (*(one.table for one in ROWS), *(one.table for one in SNAPSHOTS), "observations", "field_uses")
    }
    if not any(counts.values()):
        return
    for kind in ROWS:
        if kind.detail:
            _commit_details(db, kind.table, kind.detail)
    chain = Chain(db)
    chain.adopt()
    for (row,) in db.execute("SELECT app_id * 1000000 + epoch FROM keys").fetchall():
        chain.changed("key", row)
    chain.tell("adopted", {"at": now, "rows": counts})
    outcomes: dict[str, list[int]] = {}
    for row, outcome in db.execute("SELECT id, outcome FROM exchanges WHERE outcome <> 'unknown' ORDER BY id"):
        outcomes.setdefault(outcome, []).append(row)
    if outcomes:
        chain.tell("outcome", outcomes)
    replaced: dict[str, list[int]] = {}
    for row, at in db.execute("SELECT id, replaced_at FROM verdicts WHERE replaced_at IS NOT NULL ORDER BY id"):
        replaced.setdefault(at, []).append(row)
    for at, rows in replaced.items():
        chain.tell("replaced", {"at": at, "verdicts": rows})
    seen = db.execute(
        "SELECT app_id, tool, kind, name, detail, count, first_at, last_at FROM observations ORDER BY 1, 2, 3, 4, 5"
    ).fetchall()
    uses = db.execute(
        "SELECT app_id, tool, direction, pointer, calls, last_at FROM field_uses ORDER BY 1, 2, 3, 4"
    ).fetchall()
    if seen or uses:
        chain.tell("tally", {"observations": seen, "uses": uses})
    chain.finish()


def _commit_details(db: sqlite3.Connection, table: str, detail: tuple[str, ...]) -> None:
    rows = db.execute(f"SELECT id, {', '.join(detail)} FROM {table}").fetchall()  # noqa: S608 - our own names
    made: list[tuple[bytes, bytes, int]] = []
    for row_id, *values in rows:
        nonce = secrets.token_bytes(NONCE_BYTES)
        made.append((nonce, commitment(nonce, values), row_id))
    db.executemany(f"UPDATE {table} SET nonce = ?, commitment = ? WHERE id = ?", made)  # noqa: S608 - our own names
