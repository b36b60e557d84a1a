"""What is taken from a row when its detail has to go: the row stays, with a hash over bytes that nobody has any more.

`docs/ledger-format.md` says which columns; the caller tells the chain which rows, by `expired` or `erased`.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from douane.ledger import faults

_MARKS: Final = 500  # under SQLite's limit of values in one statement
_PAGES: Final = 64
_EXCHANGES = "UPDATE OR ABORT exchanges SET session = '', rpc = '', salt = NULL, nonce = NULL"
_DISCLOSURES = (
    "UPDATE OR ABORT disclosures SET pseudonym = NULL, key_id = NULL, preview = NULL, length = '', nonce = NULL"
)


def empty_exchanges(db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Take session and request pseudonyms, salt and nonce away; return the ids of the rows that still had them."""
    return _emptied(db, _EXCHANGES, ids)


def empty_disclosures(db: sqlite3.Connection, ids: Sequence[int]) -> list[int]:
    """Take pseudonym, preview, length and nonce away; return the ids of the rows that still had them."""
    return _emptied(db, _DISCLOSURES, ids)


def sweep(db: sqlite3.Connection) -> Iterator[None]:
    """Make the bytes of what was deleted leave the files, in small steps, one for each turn of the iterator.

    Freed pages, which SQLite's `secure_delete` has overwritten, go back to the system a few at a time; then the WAL,
    which still holds pages as they were, is written into the database and cut to nothing. While somebody reads the
    ledger it cannot be cut: the iterator goes on until it could. No step waits for a lock, so that no writer waits for
    a step that waits. Raises `sqlite3.Error`.
    """
    wait = db.execute("PRAGMA busy_timeout").fetchone()[0]
    while db.execute("PRAGMA freelist_count").fetchone()[0] and db.execute("PRAGMA auto_vacuum").fetchone()[0] == 2:
        faults.point("vacuum")
        db.execute(f"PRAGMA incremental_vacuum({_PAGES})").fetchall()
        yield
    while True:
        faults.point("checkpoint")
        db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
        yield
        db.execute("PRAGMA busy_timeout = 0").close()
        try:
            busy = 1
            with suppress(sqlite3.OperationalError):  # another checkpoint or a writer was faster
                busy = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        finally:
            db.execute(f"PRAGMA busy_timeout = {wait}").close()
        if not busy:
            return
        yield


def _emptied(db: sqlite3.Connection, update: str, ids: Sequence[int]) -> list[int]:
    out: list[int] = []
    for start in range(0, len(ids), _MARKS):
        chunk = ids[start : start + _MARKS]
        marks = ", ".join("?" * len(chunk))
        sql = f"{update} WHERE id IN ({marks}) AND nonce IS NOT NULL RETURNING id"
        out += [row[0] for row in db.execute(sql, chunk)]
    return sorted(out)
