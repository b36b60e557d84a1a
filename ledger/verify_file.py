"""A ledger's file, opened to be verified: read only, in one transaction, whatever else the file holds."""

import hashlib
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from douane.ledger.canonical import HEADER, ROWS, SNAPSHOTS
from douane.ledger.files import error_name
from douane.ledger.verify_heads import End
from douane.ledger.verify_words import Unreadable

_CHAIN: Final = "ledger, created_at, seq, head, segment, appends, mac"
_COLUMNS: Final[dict[str, frozenset[str]]] = {
    **{one.table: frozenset((*one.columns, *one.detail)) for one in ROWS},
    **{one.table: frozenset(one.columns) for one in SNAPSHOTS},
    "events": frozenset(["seq", "kind", "row", "body", "leaf"]),
    "chain": frozenset(("one", "format", *_CHAIN.split(", "))),
    "segments": frozenset((*HEADER, "signature")),
    "open_segment": frozenset(["number", "first_seq", "opened_at", "previous_head", "public_key", "sealed"]),
    "declared": frozenset(["id", "declaration_id", "what", "name"]),
    "observations": frozenset(["app_id", "tool", "kind", "name", "detail", "count", "first_at", "last_at"]),
    "field_uses": frozenset(["app_id", "tool", "direction", "pointer", "calls", "last_at"]),
}
_MORE: Final = {
    "exchanges": {"nonce", "outcome"},
    "disclosures": {"nonce", "headline"},
    "verdicts": {"replaced_at"},
}


def opened(path: Path) -> sqlite3.Connection:
    """Return a connection that reads text as bytes and cannot write. Raises `Unreadable`."""
    if not path.is_file():
        raise Unreadable(f"{path}: there is no such file")
    name = quote(str(path.absolute()))
    beside = Path(f"{path}-wal")
    ways = ["mode=ro"] if beside.exists() and beside.stat().st_size else ["mode=ro", "mode=ro&immutable=1"]
    why = ""
    for way in ways:  # a copy in a folder where nothing can be written has no place for SQLite's shared memory
        db: sqlite3.Connection | None = None
        try:
            db = sqlite3.connect(f"file:{name}?{way}", uri=True, timeout=30.0, isolation_level=None)
            db.text_factory = bytes
            db.execute("PRAGMA query_only = ON")
            db.execute("PRAGMA cache_size = -32768")
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:  # a broken file's message may be no text
            why = error_name(error)
            if db is not None:
                db.close()
            continue
        return db
    raise Unreadable(f"{path}: cannot be read as a ledger ({why})")


def begin(db: sqlite3.Connection) -> str:
    """Begin to read the ledger as it is now; return by what two processes tell whether they see the same."""
    with suppress(sqlite3.OperationalError):
        db.execute("ROLLBACK")
    db.execute("BEGIN")
    rows = db.execute(f"SELECT {_CHAIN} FROM chain NOT INDEXED").fetchall()  # noqa: S608 - our own names
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def check_tables(db: sqlite3.Connection, name: str) -> None:
    """Raise `Unreadable` when a table or a column of the format is not there."""
    tables = {
        row[0].decode("utf-8", "replace") for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
    }
    if "chain" not in tables and "exchanges" in tables:
        raise Unreadable(f"{name}: a ledger of an older Douane, without a chain; open it once with `douane run`")
    for table, columns in _COLUMNS.items():
        if table not in tables:
            raise Unreadable(f"{name}: is no ledger with a chain: it has no table {table}")
        there = {row[1].decode("utf-8", "replace") for row in db.execute(f"PRAGMA table_xinfo({table})")}
        if gone := (columns | _MORE.get(table, set())) - there:
            raise Unreadable(f"{name}: the table {table} has no column {min(gone)}")


def number_of(path: Path) -> str:
    """Return a ledger's number, empty where it does not say one; raises `Unreadable`."""
    with closing(opened(path)) as db:
        try:
            check_tables(db, str(path))
            end = read_end(db, str(path))
        except sqlite3.Error as error:
            raise Unreadable(f"{path}: cannot be read as a ledger ({error_name(error)})") from None
    return "" if end is None else end.name


def read_end(db: sqlite3.Connection, name: str) -> End | None:
    """Return the row of `chain`, None unless there is exactly one of the right types; raises `Unreadable`."""
    rows: list[tuple[Any, ...]] = db.execute(f"SELECT {_CHAIN}, format, one FROM chain NOT INDEXED").fetchall()  # noqa: S608 - our own names
    if any(row[-2] != 1 for row in rows):
        raise Unreadable(f"{name}: the chain has a format that this Douane does not know; update Douane")
    if len(rows) != 1 or rows[0][-1] != 1:
        return None
    row = rows[0][:-2]
    kinds = (bytes, bytes, int, bytes, int, int)
    if not all(type(value) is kind for value, kind in zip(row, kinds, strict=False)):
        return None
    return End(*row) if row[-1] is None or type(row[-1]) is bytes else None
