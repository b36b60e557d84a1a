"""What a damaged journal lost: SQLite stops reading one, without a word, at the first frame that is not as written.

Source: https://www.sqlite.org/fileformat2.html, section 4, "The Write-Ahead Log".
"""

import sqlite3
import struct
from contextlib import closing
from pathlib import Path
from typing import Final

from douane.ledger.files import error_name

_MAGIC: Final = {0x377F0682: "<6I", 0x377F0683: ">6I"}  # and the byte order of its checksums
_HEADER: Final = struct.Struct(">8I")
_FRAME: Final = struct.Struct(">6I")
_PAGE: Final = 4096  # of our own files
_PAGE_SIZES: Final = frozenset(1 << power for power in range(9, 17))


class JournalUnread(Exception):  # noqa: N818 - it says what happened
    """The journal or its database cannot be read now; the message names SQLite's or the system's error."""


def lost(database: Path) -> int:
    """How many transactions were committed to the database's WAL and cannot be read from it any more.

    0 where there is no WAL, and for what a program that died had not yet committed. To be asked before anybody else
    opens the database, since the frames after a damaged one are overwritten then; asking again gives 0. Raises
    `JournalUnread`.
    """
    journal = Path(f"{database}-wal")
    try:
        if not database.exists() or not journal.exists():
            return 0
        commits = _commits(journal)
        if not commits:
            return 0
        read = _readable(database)
    except OSError as error:
        raise JournalUnread(f"{journal}: {error_name(error)}") from None
    except sqlite3.Error as error:
        raise JournalUnread(f"{database}: {error_name(error)}") from None
    return sum(number > read for number in commits)


def _commits(journal: Path) -> list[int]:
    """The numbers, from 1, of the frames that end a transaction of the WAL's last round, by their headers alone."""
    with journal.open("rb") as file:
        head = file.read(_HEADER.size)
        if len(head) < _HEADER.size:
            return []
        magic, _, page, _, first_salt, second_salt, *checksum = _HEADER.unpack(head)
        whole = magic in _MAGIC and page in _PAGE_SIZES and _checksum(head, _MAGIC[magic]) == tuple(checksum)
        round_ = (first_salt, second_salt) if whole else None
        page = page if whole else _PAGE  # a header that is none says nothing of its frames
        found: list[int] = []
        number = 0
        while len(frame := file.read(_FRAME.size)) == _FRAME.size:
            number += 1
            _, pages, first, second, _, _ = _FRAME.unpack(frame)
            if round_ is None:
                round_ = (first, second)
            if pages and (first, second) == round_:
                found.append(number)
            file.seek(page, 1)
        return found


def _checksum(head: bytes, words: str) -> tuple[int, int]:
    one = two = 0
    read = struct.unpack(words, head[:24])
    for first, second in zip(read[::2], read[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two


def _readable(database: Path) -> int:
    """How many frames of the WAL SQLite reads: up to the last transaction that is whole."""
    with closing(sqlite3.connect(f"{database.absolute().as_uri()}?mode=rw", uri=True, timeout=5.0)) as db:
        frames: int = db.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
    return max(frames, 0)
