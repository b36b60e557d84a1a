"""Whether the numbers that rows get next are such as a ledger comes to: SQLite keeps them in a table of its own."""

import sqlite3
from typing import Final

from douane.ledger.refused import LedgerRefused

MOST: Final = 2**53 - 1
"""Above it a number is not exact any more in every reader of JSON; no ledger has a thousandth of so many rows."""


def check_ids(db: sqlite3.Connection) -> None:
    """Refuse a ledger in which somebody set those numbers so high that no row can be written any more.

    Raises `LedgerRefused`, with the remedy, and `sqlite3.Error`.
    """
    sql = "SELECT count(*) FROM sqlite_sequence WHERE typeof(seq) <> 'integer' OR seq NOT BETWEEN 0 AND ?"
    if db.execute(sql, (MOST,)).fetchone()[0]:
        raise LedgerRefused(
            "somebody set a number in sqlite_sequence from which on no row can be written. Nothing is written to the "
            "ledger. Put a copy back with `douane restore`; or set each number there, with Douane stopped, to the "
            "greatest id of its table, and run `douane verify`"
        )
