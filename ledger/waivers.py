"""What became of waivers, in the ledger. The file is their source; this is its history."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from douane.audit.waivers import Event, Recorded, Waiver
from douane.ledger.files import error_name
from douane.ledger.rows import bounded
from douane.ledger.store import LedgerFailed
from douane.ledger.times import iso


def recorded(db: sqlite3.Connection) -> dict[str, Recorded]:
    """Return the last that the ledger says of each waiver, by fingerprint."""
    rows = db.execute(
        "SELECT event, fingerprint, rule, app, reason, accepted_by, expires FROM waivers"
        " WHERE id IN (SELECT max(id) FROM waivers GROUP BY fingerprint)"
    )
    return {row[1]: Recorded(Event(row[0]), Waiver(*row[1:])) for row in rows}


def record(path: Path, events: Iterable[tuple[Event, Waiver]], *, at: float, file_sha256: str) -> None:
    """Write these events into the ledger, all or none. `at` is Unix time in seconds. Raises `LedgerFailed`."""
    rows = [
        (
            *(iso(at), event.value, bounded(one.fingerprint), bounded(one.rule), bounded(one.app)),
            *(one.reason, one.by, one.expires, file_sha256),
        )
        for event, one in events
    ]
    if not rows:
        return
    try:
        with closing(sqlite3.connect(path, isolation_level=None, timeout=5.0)) as db:
            db.execute("PRAGMA secure_delete = ON").close()
            db.execute("BEGIN IMMEDIATE")
            db.executemany(
                "INSERT INTO waivers (at, event, fingerprint, rule, app, reason, accepted_by, expires, file_sha256)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise LedgerFailed(f"{path}: the waivers cannot be written ({error_name(error)})") from None
