"""Indices that lie: an entry that its table does not have, or none where the table has a row, as anybody can do."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path


def led_astray(path: Path, index: str, table: str, hidden: int, shown: int, column: str, value: object) -> None:
    """Make an index lead from a value to the row `shown`, which does not have it, and no more to `hidden`."""
    _without(path, index, table, shown, column, value)
    _without(path, index, table, hidden)


def _without(path: Path, index: str, table: str, row_id: int, column: str = "", value: object = None) -> None:
    """Change a row while its index looks away: it keeps the entry of the value, or loses that of the row."""
    key = "seq" if table == "events" else "id"
    found = _do(path, f"SELECT * FROM {table} WHERE {key} = ?", (row_id,))[0]
    if column:
        _do(path, f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (value, row_id))
        entry = _hidden(path, index)
        _do(path, f"DELETE FROM {table} WHERE {key} = ?", (row_id,))
    else:
        _do(path, f"DELETE FROM {table} WHERE {key} = ?", (row_id,))
        entry = _hidden(path, index)
        _put(path, table, found)
    _schema(path, "INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", entry)
    if column:
        _put(path, table, found)


def _put(path: Path, table: str, row: Sequence[object]) -> None:
    _do(path, f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


def _hidden(path: Path, index: str) -> Sequence[object]:
    entry = _do(path, "SELECT * FROM sqlite_schema WHERE name = ?", (index,))[0]
    _schema(path, "DELETE FROM sqlite_schema WHERE name = ?", (index,))
    return entry


def _schema(path: Path, sql: str, values: Sequence[object]) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON").close()
        db.execute(sql, values)
        version = db.execute("PRAGMA schema_version").fetchone()[0]
        db.execute(f"PRAGMA schema_version = {version + 1}")


def _do(path: Path, sql: str, values: Sequence[object]) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return db.execute(sql, values).fetchall()
