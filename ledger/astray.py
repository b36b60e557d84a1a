"""What a ledger's file holds where neither rows nor the schema are: indices, pages, and tables of SQLite's own.

An index that does not say what its table holds leads a look-up, an erasure or a purge to other rows; a page or a row
that nobody reads keeps what an erasure took away everywhere else. `docs/ledger-format.md` says what is found.
"""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from douane.ledger.files import error_name
from douane.ledger.refused import LedgerRefused
from douane.ledger.texts import texts
from douane.ledger.verify_file import opened
from douane.ledger.verify_words import Unreadable

_INDEX: Final = re.compile(r" index (\w+)$", re.MULTILINE)
_SET: Final = "douane-ledger"
_DONE: Final = frozenset(
    {"0001_first_ledger", "0002_declared_versus_observed", "0003_what_apps_pass_on", "0004_a_chain_over_everything"}
)
_COUNTED: Final = frozenset({"exchanges", "disclosures"})
_WHEN: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?\+00:00", re.ASCII)
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)
_STAT: Final = re.compile(r"\d{1,19}(?: \d{1,19}){0,9}(?: (?:unordered|noskipscan|sz=\d{1,19}))*", re.ASCII)

_INDICES: Final = "SELECT tbl_name, name FROM sqlite_schema WHERE type = 'index'"
_READ: Final = {
    "sqlite_sequence": "SELECT name, seq FROM sqlite_sequence",
    "_sqlite_migrations": "SELECT id, migration_set, name, applied_at FROM _sqlite_migrations NOT INDEXED",
    "sqlite_stat1": "SELECT tbl, idx, stat FROM sqlite_stat1",
    "apps": "SELECT first_seen, last_seen FROM apps NOT INDEXED",
}

type _Rows = list[tuple[Any, ...]]


def astray(path: Path, *, mapped: bool = False) -> list[tuple[str, str]]:
    """Return what was found and where (`index x`, `pages`, `table x`); raises `sqlite3.Error` and `Unreadable`.

    It reads every page of the file once; `mapped` is as `verify_file.opened` has it.
    """
    with closing(opened(path, mapped=mapped)) as db:
        db.execute("PRAGMA ignore_check_constraints = ON").close()  # that is for those who write
        said = [_text(row[0]) for row in db.execute("PRAGMA integrity_check").fetchall()]
        indices = [name for text in said for name in _INDEX.findall(text)]
        out = [("index-astray", f"index {name}") for name in dict.fromkeys(indices)]
        if any(text != "ok" and not _INDEX.search(text) for text in said):
            out.append(("pages", "pages"))
        return out + [("kept", f"table {table}") for table in _kept(db)]


def refuse_astray(path: Path, undone: str) -> None:
    """Refuse a ledger of which an index or a page is not as it should be; `undone` says what is therefore not done.

    Raises `LedgerRefused`, also where the file cannot be read.
    """
    try:
        found = [where for what, where in astray(path) if what in ("index-astray", "pages")]
    except (sqlite3.Error, Unreadable) as error:
        raise LedgerRefused(f"{path}: cannot be read ({error_name(error)}); {undone}") from None
    if found:
        raise LedgerRefused(f"the ledger does not verify: ALTERED at {found[0]}; {undone}; run `douane verify`")


def _kept(db: sqlite3.Connection) -> list[str]:
    """The tables beside the chain in which something stands that nothing puts there."""
    there = {_text(row[0]) for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    counted = {(_text(t), _text(name)) for t, name in db.execute(_INDICES).fetchall()}
    counted |= {(name, "") for _, name, _ in texts() if not name.startswith("sqlite_autoindex_")} | {("keys", "keys")}
    fits: dict[str, Callable[[_Rows], bool]] = {
        "sqlite_sequence": _sequence,
        "_sqlite_migrations": _migrations,
        "sqlite_stat1": lambda rows: _statistics(rows, counted),
        "apps": lambda rows: all(_MOMENT.fullmatch(_text(one)) for row in rows for one in row),
    }
    return [table for table, sql in _READ.items() if table in there and not fits[table](db.execute(sql).fetchall())]


def _sequence(rows: _Rows) -> bool:
    names = [_text(name) for name, _ in rows]
    return len(set(names)) == len(names) and _COUNTED.issuperset(names) and all(type(seq) is int for _, seq in rows)


def _migrations(rows: _Rows) -> bool:
    names = [_text(name) for _, _, name, _ in rows]
    return (
        len(set(names)) == len(names)
        and _DONE.issuperset(names)
        and all(type(number) is int and 0 < number <= len(_DONE) for number, *_ in rows)
        and all(_text(of) == _SET and _WHEN.fullmatch(_text(at)) for _, of, _, at in rows)
    )


def _statistics(rows: _Rows, counted: set[tuple[str, str]]) -> bool:
    places = [(_text(table), _text(index)) for table, index, _ in rows]
    fits = counted.issuperset(places) and all(_STAT.fullmatch(_text(row[2])) for row in rows)
    return fits and len(set(places)) == len(places)


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else "" if value is None else str(value)
