"""What stands in a ledger's file and in no page of it: behind the last one, and where the header has room.

Whoever writes there keeps what an erasure takes away everywhere else, so `docs/ledger-format.md` leaves no room.
"""

import sqlite3
from pathlib import Path
from typing import Final

from douane.ledger.peeking import peek
from douane.ledger.schema import APPLICATION_ID, VERSION
from douane.ledger.verify_words import Places, Unreadable

_HEADER: Final = 100
_RESERVED: Final = slice(72, 92)
"""What SQLite's file format reserves, and keeps zero."""


def check_bytes(db: sqlite3.Connection, path: Path, places: Places) -> None:
    """Hold the file's size to its pages and its header to what a ledger's has, inside a read transaction.

    While the journal (`-wal`) holds something, the file is what the journal will make of it: its size says nothing.
    Raises `Unreadable` and `sqlite3.Error`.
    """
    pages, page = (int(db.execute(f"PRAGMA {name}").fetchone()[0]) for name in ("page_count", "page_size"))
    try:
        header, size = peek(path, _HEADER), path.stat().st_size
        written = _size(Path(f"{path}-wal"))  # after the file: what is empty now has changed nothing in it
    except OSError as error:
        raise Unreadable(f"{path}: cannot be read ({error.strerror})") from None
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if any(header[_RESERVED]) or application != APPLICATION_ID or not 0 <= version <= VERSION:
        places.altered("bytes", table="header")
    if not written and size != pages * page:
        places.altered("bytes", table="file")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
