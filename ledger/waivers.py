"""What became of waivers, in the ledger. The file is their source; this is its history."""

import sqlite3
from collections.abc import Iterable
from pathlib import Path

from douane.audit.waivers import Event, Recorded, Waiver
from douane.ledger.rows import bounded
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import writing


def recorded(db: sqlite3.Connection) -> dict[str, Recorded]:
    """Return the last that the ledger says of each waiver, by fingerprint."""
    rows = db.execute(
        "SELECT event, fingerprint, rule, app, reason, accepted_by, expires FROM waivers"
        " WHERE id IN (SELECT max(id) FROM waivers GROUP BY fingerprint)"
    )
    return {row[1]: Recorded(Event(row[0]), Waiver(*row[1:])) for row in rows}


def record(
    path: Path,
    events: Iterable[tuple[Event, Waiver]],
    *,
    at: float,
    file_sha256: str,
    sealer: Sealer | None = None,
    anchors: Anchors | None = None,
) -> None:
    """Write these events into the ledger, all or none. `at` is Unix time in seconds.

    Raises `LedgerFailed`, and `LedgerRefused` when the ledger's chain cannot be continued with this sealer.
    """
    rows = [
        (
            *(iso(at), event.value, bounded(one.fingerprint), bounded(one.rule), bounded(one.app)),
            *(one.reason, one.by, one.expires, file_sha256),
        )
        for event, one in events
    ]
    if not rows:
        return
    with writing(path, sealer, anchors=anchors) as (db, _):
        db.executemany(
            "INSERT OR ABORT INTO waivers (at, event, fingerprint, rule, app, reason, accepted_by, expires,"
            " file_sha256)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rows,
        )
