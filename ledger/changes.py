"""Whether what rules read of a ledger has changed: a mark that differs then, had without reading its tables."""

import sqlite3
from typing import Final

MARK: Final = """SELECT (SELECT coalesce(max(id), 0) FROM exchanges), (SELECT coalesce(max(id), 0) FROM verdicts),
    (SELECT coalesce(max(id), 0) FROM declarations), (SELECT coalesce(max(id), 0) FROM tools),
    (SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'outcome' AND row IS NULL),
    (SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'replaced' AND row IS NULL),
    (SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'tally' AND row IS NULL),
    (SELECT coalesce(max(seq), 0) FROM events WHERE kind = 'purge' AND row IS NULL)"""


def mark(db: sqlite3.Connection) -> tuple[int, ...]:
    """Numbers that are the same as before exactly where nothing was added, replaced, told of its fate or purged."""
    return tuple(int(one) for one in db.execute(MARK).fetchone())
