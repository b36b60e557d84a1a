"""The text of each table, index and view as SQLite keeps it: what a row may hold, and what happens to one that may not.

A ledger is compared with what the migrations make, so that a ledger of any version that was brought to this one and a
new one are the same. `docs/ledger-format.md` has each text.
"""

import re
import sqlite3
from contextlib import closing
from functools import cache
from typing import Final

from douane.ledger.schema import INDICES, TABLES, VIEWS

type Named = tuple[str, str, str]
"""Kind, name, and the table that it belongs to."""

_NAME: Final = "([a-z_][a-z0-9_]*)"
_PIECE: Final = re.compile(
    rf"""('(?:[^']|'')*')|[ \t\n\f\r]+|(?<=[ \t\n\f\r,(.])(?:"{_NAME}"|\[{_NAME}\]|`{_NAME}`)(?=[ \t\n\f\r,(.)]|$)"""
)
_MIGRATED: Final = (
    "CREATE TABLE _sqlite_migrations (id INTEGER PRIMARY KEY, migration_set TEXT, name TEXT, applied_at TEXT)",
    "CREATE UNIQUE INDEX idx__sqlite_migrations_migration_set_name ON _sqlite_migrations (migration_set, name)",
)
"""What `sqlite_utils` makes to remember which migrations were done."""


def normal(text: str) -> str:
    """Return a text with a space for each run of white space and the names that need no quotes without them.

    What stands in '…' stays. Two texts that differ after it mean different things, or one of them is not ours.
    """
    spaced = _PIECE.sub(lambda found: found[1] or found[2] or found[3] or found[4] or " ", text)
    return spaced.replace("( ", "(").replace(" )", ")").replace(" ,", ",").strip()


@cache
def texts() -> dict[Named, str]:
    """Return the normal text of everything that the schema has, empty for an index that a table brings with it."""
    from douane.ledger import fourth, second, third  # only here: they use what uses this

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        views = [f'CREATE VIEW "{name}" AS {select}' for name, select in VIEWS.items()]
        for one in (*_MIGRATED, *TABLES, *INDICES, *second.STATEMENTS, *third.STATEMENTS, *views, *fourth.STATEMENTS):
            db.execute(one)
        db.execute("ANALYZE")
        return {
            (str(kind), str(name), str(table)): normal(str(text or ""))
            for kind, name, table, text in db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema")
            if name != "sqlite_stat4"
        }
