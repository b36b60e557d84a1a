"""How far inspection is behind: what is recorded and not yet in the ledger, and how long the newest message took."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import quote

WAITING: Final = "SELECT count(*), min(at) FROM records"
NEWEST: Final = "SELECT at, inspected_at FROM exchanges ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that wait in the spool, and the Unix time of the oldest (None where none waits)."""

    records: int
    oldest: float | None


def waiting(spool: Path) -> Waiting | None:
    """Return what waits, without opening anything of it; None where there is no spool, or it cannot be read now."""
    if not spool.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"file:{quote(str(spool.absolute()))}?mode=ro", uri=True, timeout=0.5)) as db:
            records, oldest = db.execute(WAITING).fetchone()
    except sqlite3.Error:
        return None
    return Waiting(int(records), oldest)


def behind(db: sqlite3.Connection) -> float | None:
    """Return the seconds from crossing to the ledger of the newest exchange in it, None where there is none."""
    row = db.execute(NEWEST).fetchone()
    try:
        at, inspected = (datetime.fromisoformat(one) for one in row or ("", ""))
    except ValueError:
        return None
    return max(0.0, (inspected - at).total_seconds())
