"""How a ledger stands: its chain and segments, and its files. Read-only."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from douane.ledger.collapse import purged


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed segment. Times are ISO 8601; `version` is the Douane that closed it."""

    number: int
    first_seq: int
    last_seq: int
    count: int
    opened_at: str
    closed_at: str
    version: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the chain stands.

    `segments` are the newest closed ones, newest first; `closed` is how many there are. `open_number` is 0 for a ledger
    that was never sealed. `purged` is how many closed segments have no events any more. Times are ISO 8601.
    """

    ledger: str
    created_at: str
    seq: int
    head: str
    closed: int
    segments: tuple[Closed, ...]
    purged: int
    open_number: int
    open_events: int
    opened_at: str


def standing(db: sqlite3.Connection, *, most: int = 12) -> Standing | None:
    """Where the chain stands, with at most so many segments; None for a ledger from before the chain."""
    row = db.execute("SELECT ledger, created_at, seq, head FROM chain").fetchone()
    if row is None:
        return None
    newest = db.execute(
        "SELECT number, first_seq, last_seq, count, opened_at, closed_at, version FROM segments"
        " ORDER BY number DESC LIMIT ?",
        (most,),
    ).fetchall()
    closed = db.execute("SELECT coalesce(max(number), 0) FROM segments").fetchone()[0]
    gone = sum(last - first + 1 for first, last in purged(db))
    opened = db.execute("SELECT number, first_seq, opened_at FROM open_segment").fetchone()
    number, first_seq, opened_at = opened if opened is not None else (0, row[2] + 1, "")
    return Standing(
        row[0], row[1], row[2], bytes(row[3]).hex(), closed, tuple(Closed(*one) for one in newest), gone,
        number, max(0, row[2] - first_seq + 1), opened_at,
    )  # fmt: skip


def sizes(path: Path) -> tuple[tuple[str, int], ...]:
    """The bytes of a SQLite file and of its journal files, by name; those that are there."""
    found: list[tuple[str, int]] = []
    for ending in ("", "-wal", "-shm"):
        one = Path(f"{path}{ending}")
        try:
            found.append((one.name, one.stat().st_size))
        except OSError:
            continue
    return tuple(found)
