"""What stands in a ledger's file and is not the schema's own: it would run, or be kept and handed on, unseen.

A trigger acts with the rights of whoever writes; a table or a column keeps what an erasure took away everywhere else.
`docs/ledger-format.md` lists what is the schema's own.
"""

import sqlite3
from typing import Final

from douane.ledger.refused import LedgerRefused
from douane.ledger.verify_file import COLUMNS

_SYSTEM: Final = frozenset({"sqlite_sequence", "sqlite_stat1"})
_MIGRATIONS: Final = "_sqlite_migrations"
_UNCHAINED: Final = {"apps": {"first_seen", "last_seen"}, "judgements": {"disclosures", "changed"}}
_TABLES: Final = {table: columns | _UNCHAINED.get(table, set()) for table, columns in COLUMNS.items()}
INDICES: Final = frozenset(
    (
        *("declarations_by_app", "exchanges_by_time", "exchanges_by_flow", "exchanges_by_rpc", "exchanges_by_answered"),
        *("exchanges_onward", "disclosures_by_exchange", "disclosures_by_pseudonym", "verdicts_by_disclosure"),
        *("gaps_by_exchange", "passages_by_app", "events_snapshots", "events_told"),
        "idx__sqlite_migrations_migration_set_name",
    )
)
VIEWS: Final = frozenset({"who_gets_what", "undeclared_disclosures", "exchange_log", "passed_on", "gap_summary"})
_SHOWN: Final = 5


def planted(db: sqlite3.Connection) -> list[str]:
    """Return each thing that is not the schema's own: kind and name, in printable ASCII; raises `sqlite3.Error`."""
    out: list[str] = []
    for kind, name in db.execute("SELECT type, name FROM main.sqlite_schema ORDER BY rowid").fetchall():
        kind, name = _text(kind), _text(name)
        if kind == "table" and name in _TABLES:
            there = [_text(row[0]) for row in db.execute("SELECT name FROM pragma_table_xinfo(?)", (name,))]
            out += [f"column {_plain(name)}.{_plain(one)}" for one in there if one not in _TABLES[name]]
        elif not _is_own(kind, name):
            out.append(f"{_plain(kind)} {_plain(name)}")
    return out


def own_schema(db: sqlite3.Connection, seen: int | None) -> int:
    """Return the schema's version, its content looked at unless it is the one `seen`.

    Raises `LedgerRefused`, which names what was planted and the remedy, and `sqlite3.Error`.
    """
    version = int(db.execute("PRAGMA main.schema_version").fetchone()[0])
    if version != seen and (found := planted(db)):
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        raise LedgerRefused(
            f"the ledger holds what Douane did not put there: {', '.join(found[:_SHOWN])}{more}. Nothing is written to "
            "it and none of it is exported. Find out what it did, take it out (DROP) with Douane stopped, and run "
            "`douane verify`"
        )
    return version


def _is_own(kind: str, name: str) -> bool:
    if kind == "table":
        return name in _SYSTEM or name == _MIGRATIONS
    if kind == "index":
        return name in INDICES or name.startswith("sqlite_autoindex_")
    return kind == "view" and name in VIEWS


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _plain(text: str) -> str:
    return ascii(text)[1:-1][:80]
