"""When a ledger was appended to last, by its own word: a clock that went back between two commands is told by it."""

import json
import sqlite3
from typing import Final

from douane.ledger.times import moment

_TAIL: Final = 64
_MOMENTS: Final = {
    "exchange": "SELECT inspected_at FROM exchanges WHERE id = ?",
    "verdict": "SELECT judged_at FROM verdicts WHERE id = ?",
    "run": "SELECT coalesce(ended_at, started_at) FROM runs WHERE id = ?",
}


def last_moment(db: sqlite3.Connection, opened: tuple[int, str] | None) -> float:
    """Return the moment that the newest event with one has, in Unix seconds; 0 where none of the last 64 has any.

    `opened` is the open segment's first event and when it was opened, which counts where no event came after it.
    """
    rows = db.execute("SELECT seq, kind, row, body FROM events ORDER BY seq DESC LIMIT ?", (_TAIL,)).fetchall()
    for seq, kind, row, body in rows:
        if opened is not None and seq < opened[0]:
            break
        found = _moment(db, kind, row, body)
        if found:
            return found
    return _seconds(opened[1]) if opened is not None else 0.0


def _moment(db: sqlite3.Connection, kind: str, row: int | None, body: str | None) -> float:
    if row is None:
        try:
            told = json.loads(body or "")
        except ValueError:
            return 0.0
        return _seconds(told.get("at")) if isinstance(told, dict) else 0.0
    asked = _MOMENTS.get(kind)
    found = db.execute(asked, (row,)).fetchone() if asked else None
    return 0.0 if found is None else _seconds(found[0])


def _seconds(at: object) -> float:
    try:
        return moment(at) if isinstance(at, str) else 0.0
    except ValueError:
        return 0.0
