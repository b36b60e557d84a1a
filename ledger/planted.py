"""What stands in a ledger's file and is not the schema's own: it would run, or be kept and handed on, unseen.

A trigger acts with the rights of whoever writes; a table or a column keeps what an erasure took away everywhere else;
a table whose text is another one may leave out, in silence, what is written to it. `docs/ledger-format.md` lists what
is the schema's own.
"""

import sqlite3
from typing import Final

from douane.ledger.refused import LedgerRefused
from douane.ledger.texts import normal, texts
from douane.ledger.verify_file import COLUMNS

_UNCHAINED: Final = {"apps": {"first_seen", "last_seen"}, "judgements": {"disclosures", "changed"}}
_TABLES: Final = {table: columns | _UNCHAINED.get(table, set()) for table, columns in COLUMNS.items()}
_SHOWN: Final = 5


def planted(db: sqlite3.Connection) -> list[str]:
    """Return each thing that is not the schema's own: kind and name, in printable ASCII; raises `sqlite3.Error`.

    An index or a view that is not there is not missed: nothing rests on one.
    """
    out: list[str] = []
    left = {(kind, name) for kind, name, table in texts() if kind == "table" and table in _TABLES}
    found = db.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY rowid").fetchall()
    for row in found:
        kind, name, table, text = map(_text, row)
        left.discard((kind, name))
        own = texts().get((kind, name, table))
        if kind == "table" and name in _TABLES and (strange := _columns(db, name) - _TABLES[name]):
            out += [f"column {_plain(name)}.{_plain(one)}" for one in sorted(strange)]
        elif own is None or normal(text) != own:
            out.append(f"{_plain(kind)} {_plain(name)}")
    return out + [f"no {kind} {name}" for kind, name in sorted(left)]


def own_schema(db: sqlite3.Connection, seen: int | None) -> int:
    """Return the schema's version, its content looked at unless it is the one `seen`.

    Raises `LedgerRefused`, which names what was planted and the remedy, and `sqlite3.Error`.
    """
    version = int(db.execute("PRAGMA main.schema_version").fetchone()[0])
    if version == seen:
        return version
    # what this connection read before may be another schema than the one that is looked at now, of the same version
    db.execute("PRAGMA writable_schema = RESET").close()
    if found := planted(db):
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise LedgerRefused(
            f"the ledger's file does not have Douane's own schema: {', '.join(found[:_SHOWN])}{more}. Nothing is"
            " written to it and none of it is exported. With Douane stopped, find out what it did; take out (DROP) what"
            " is not Douane's, or put a copy of before back with `douane restore`; and run `douane verify`"
        )
    return version


def _columns(db: sqlite3.Connection, table: str) -> set[str]:
    return {_text(row[0]) for row in db.execute("SELECT name FROM pragma_table_xinfo(?)", (table,))}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)


def _plain(text: str) -> str:
    return ascii(text)[1:-1][:80]
