"""What a transaction wrote into the tables, as its events vouch for it: leaves of rows, and digests of the others."""

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Final

from douane.ledger.canonical import ROWS, SNAPSHOTS, RowKind, SnapshotKind, Value, row_digest
from douane.ledger.columns import as_bytes, row_leaves

COUNTED: Final = tuple(one for one in SNAPSHOTS if one.row == "id")
"""The kinds of snapshot whose new rows are known by their numbers."""
_AT_ONCE: Final = 4096
_TABLES: Final = (*(one.table for one in ROWS), *(one.table for one in COUNTED))
_LAST: Final = "SELECT " + ", ".join(f"(SELECT coalesce(max(id), 0) FROM {table})" for table in _TABLES)  # noqa: S608 - our own names
_WRITTEN: Final = {
    one.kind: f"SELECT id, {', '.join(map(as_bytes, one.columns))} FROM {one.table} WHERE id > ? ORDER BY id"  # noqa: S608 - our own names
    for one in ROWS
}


def lasts(db: sqlite3.Connection) -> tuple[int, ...]:
    """Return the highest id of each table of row events, then of each of `COUNTED`; 0 for an empty one."""
    return tuple(db.execute(_LAST).fetchone())


def written(db: sqlite3.Connection, kind: RowKind, last: int, seq: int) -> Iterator[tuple[Sequence[int], list[bytes]]]:
    """Yield the rows of a kind after its row `last`, some at a time, with their leaves from the number `seq` on."""
    texts, db.text_factory = db.text_factory, bytes
    try:
        cursor = db.execute(_WRITTEN[kind.kind], (last,))
        while rows := cursor.fetchmany(_AT_ONCE):
            row_ids = [row[0] for row in rows]
            yield row_ids, row_leaves(kind.kind, seq, kind.columns, [row[1:] for row in rows])
            seq += len(rows)
    finally:
        db.text_factory = texts


def last_digest(db: sqlite3.Connection, kind: str, row: int) -> str | None:
    """Return the digest of a row's last snapshot, None where it has none."""
    found = db.execute(
        "SELECT body FROM events WHERE kind = ? AND row = ? AND body IS NOT NULL ORDER BY seq DESC LIMIT 1",
        (kind, row),
    ).fetchone()
    return None if found is None else found[0]


def digest_of(db: sqlite3.Connection, kind: SnapshotKind, row: int) -> str | None:
    """Return the digest of a row as it stands, None for one that is not there."""
    sql = f"SELECT {', '.join(kind.columns)} FROM {kind.table} NOT INDEXED WHERE {kind.row} = ?"  # noqa: S608 - our own names
    found: Sequence[Value] | None = db.execute(sql, (row,)).fetchone()
    if found is None:
        return None
    values = list(found)
    if kind.kind == "declaration":
        for one in db.execute(
            "SELECT what, name FROM declared NOT INDEXED WHERE declaration_id = ? ORDER BY id", (row,)
        ):
            values += one
    return row_digest(values)
