"""A ledger's file, opened to be verified: read only, in one transaction, whatever else the file holds."""

import hashlib
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from douane.ledger.canonical import HEADER, ROWS, SNAPSHOTS
from douane.ledger.files import error_name, no_file, no_ledger
from douane.ledger.schema import VERSION
from douane.ledger.verify_end import End
from douane.ledger.verify_words import Unreadable

MAPPED: Final = 2**31 - 65_536
"""Bytes, the most that SQLite takes by default; what lies beyond is read as without it."""
_CHAIN: Final = "ledger, created_at, seq, head, segment, appends, mac"
_COLUMNS: Final[dict[str, frozenset[str]]] = {
    **{one.table: frozenset((*one.columns, *one.detail)) for one in ROWS},
    **{one.table: frozenset(one.columns) for one in SNAPSHOTS},
    "events": frozenset(["seq", "kind", "row", "body", "leaf"]),
    "chain": frozenset(("one", "format", *_CHAIN.split(", "))),
    "segments": frozenset((*HEADER, "signature")),
    "open_segment": frozenset(["number", "first_seq", "opened_at", "previous_head", "public_key", "sealed"]),
    "declared": frozenset(["id", "declaration_id", "what", "name"]),
    "observations": frozenset(["id", "app_id", "tool", "kind", "name", "detail", "count", "first_at", "last_at"]),
    "field_uses": frozenset(["id", "app_id", "tool", "direction", "pointer", "calls", "last_at"]),
}
_MORE: Final = {
    "exchanges": {"nonce", "outcome"},
    "disclosures": {"nonce", "headline"},
    "verdicts": {"replaced_at"},
}
COLUMNS: Final = {table: columns | _MORE.get(table, set()) for table, columns in _COLUMNS.items()}
"""The tables of the format, with every column that it names."""
_TYPES: Final[dict[str, str]] = {
    **dict.fromkeys(
        (
            *("id", "seq", "row", "one", "format", "segment", "appends", "number", "first_seq", "last_seq", "count"),
            *("calls", "epoch", "part", "size", "fields", "status", "http_status", "own_traffic", "redelivery"),
            *("bytes_up", "bytes_down", "egress", "app_id", "tool_id", "answers_id", "exchange_id", "disclosure_id"),
            *("declaration_id", "judgement_id", "tools.version"),
        ),
        "INTEGER",
    ),
    **dict.fromkeys(("confidence", "duration_ms", "score"), "REAL"),
    **dict.fromkeys(
        (
            *("leaf", "head", "mac", "previous_head", "previous_signature", "public_key", "next_public_key"),
            *("signature", "sealed", "nonce", "salt", "commitment"),
        ),
        "BLOB",
    ),
}
"""A column's type, TEXT where it is not here; `table.column` where a table has another one."""
_KEYS: Final = {
    table: {"events": "seq", "segments": "number", "open_segment": "number", "chain": "one"}.get(table, "id")
    for table in _COLUMNS
    if table != "keys"
}


class NoDatabase(Unreadable):
    """The file can be read, and is none of SQLite's."""


def opened(path: Path, *, mapped: bool = False) -> sqlite3.Connection:
    """Return a connection that reads text as bytes and cannot write. Raises `Unreadable`, for other files `NoDatabase`.

    A file without a journal is read as one that nobody writes to, so that nothing is made beside it (`in_use`).
    `mapped` reads the file through memory, which saves a copy of each page; a page that cannot be read then ends the
    process instead of raising, so it is for a process that another one stands in for.
    """
    if not path.is_file():
        raise Unreadable(f"{path}: {no_file(path)}")
    name = quote(str(path.absolute()))
    ways = ["mode=ro&immutable=1", "mode=ro"]
    if in_use(path):
        beside = Path(f"{path}-wal")  # an empty one, where nothing can be written, has no place for shared memory
        ways = ["mode=ro"] if not beside.exists() or beside.stat().st_size else ways[::-1]
    why, kind = "", Unreadable
    for way in ways:
        db: sqlite3.Connection | None = None
        try:
            db = sqlite3.connect(f"file:{name}?{way}", uri=True, timeout=30.0, isolation_level=None)
            db.text_factory = bytes
            db.execute("PRAGMA query_only = ON")
            db.execute("PRAGMA cache_size = -32768")
            if mapped:
                db.execute(f"PRAGMA mmap_size = {MAPPED}").close()
            db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        except (sqlite3.Error, UnicodeDecodeError) as error:  # a broken file's message may be no text
            why = no_ledger(error)
            kind = NoDatabase if error_name(error) == "SQLITE_NOTADB" else Unreadable
            if db is not None:
                db.close()
            continue
        return db
    raise kind(f"{path}: {why}")


def in_use(path: Path) -> bool:
    """Whether a journal lies beside a ledger: somebody has it open, or was killed."""
    return any(Path(f"{path}{side}").exists() for side in ("-wal", "-journal"))


def state_of(path: Path) -> tuple[int, ...]:
    """By what a file that was written to since is told; empty for one that somebody may be writing to."""
    if in_use(path):
        return ()
    try:
        found = path.stat()
    except OSError:
        return ()
    return found.st_ino, found.st_size, found.st_mtime_ns


def begin(db: sqlite3.Connection) -> str:
    """Begin to read the ledger as it is now; return by what two processes tell whether they see the same."""
    with suppress(sqlite3.OperationalError):
        db.execute("ROLLBACK")
    db.execute("BEGIN")
    rows = db.execute(f"SELECT {_CHAIN} FROM chain NOT INDEXED").fetchall()  # noqa: S608 - our own names
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def check_tables(db: sqlite3.Connection, name: str) -> None:
    """Raise `Unreadable` when a table or a column of the format is not there, or not of the format's type."""
    found = db.execute("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
    tables = {name.decode("utf-8", "replace"): strict for name, strict in found}
    if "chain" not in tables and "exchanges" in tables:
        if db.execute("PRAGMA user_version").fetchone()[0] >= VERSION:
            raise Unreadable(
                f"{name}: the chain was taken out of this ledger, so nothing vouches for what is in it; put a copy of"
                " before back with `douane restore`"
            )
        raise Unreadable(f"{name}: a ledger of an older Douane, without a chain; open it once with `douane run`")
    for table, columns in _COLUMNS.items():
        if table not in tables:
            raise Unreadable(f"{name}: is no ledger with a chain: it has no table {table}")
        about = db.execute(f"PRAGMA table_info({table})").fetchall()
        there = {row[1].decode("utf-8", "replace"): row[2].decode("utf-8", "replace").upper() for row in about}
        wanted = sorted(columns | _MORE.get(table, set()))
        if gone := [one for one in wanted if one not in there]:
            raise Unreadable(f"{name}: the table {table} has no column {gone[0]}")
        wrong = [one for one in wanted if there[one] != _type_of(table, one)]
        if wrong or not tables[table]:
            what = f"the column {wrong[0]} is not {_type_of(table, wrong[0])}" if wrong else "it is not STRICT"
            raise Unreadable(f"{name}: the table {table} was rebuilt with other types: {what}")
        if table in _KEYS and not _is_kept_by(db, table, [row[1] for row in about if row[5]]):
            raise Unreadable(f"{name}: the table {table} was rebuilt: it is not kept by its {_KEYS[table]}")


def _type_of(table: str, column: str) -> str:
    return _TYPES.get(f"{table}.{column}", _TYPES.get(column, "TEXT"))


def is_blob(table: str, column: str) -> bool:
    """Whether a column of the format holds bytes that are no text."""
    return _type_of(table, column) == "BLOB"


def _is_kept_by(db: sqlite3.Connection, table: str, keys: list[bytes]) -> bool:
    """Whether the key is SQLite's own row number, which is unique and always a number; any other has an index."""
    indices = db.execute(f"PRAGMA index_list({table})").fetchall()
    return keys == [_KEYS[table].encode()] and not any(row[3] == b"pk" for row in indices)


def number_of(path: Path) -> str:
    """Return a ledger's number, empty where it does not say one; raises `Unreadable`."""
    with closing(opened(path)) as db:
        try:
            check_tables(db, str(path))
            end = read_end(db, str(path))
        except sqlite3.Error as error:
            raise Unreadable(f"{path}: {no_ledger(error)}") from None
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
