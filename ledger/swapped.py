"""Whether a ledger's file is an older copy than its anchors know, or another history."""

import sqlite3
from contextlib import closing
from pathlib import Path

from douane.ledger.anchors import standing_of
from douane.ledger.verify_anchors import Anchor
from douane.ledger.verify_file import opened, read_end
from douane.ledger.verify_heads import End, head_at, read_segments
from douane.ledger.verify_words import Unreadable


def swapped(path: Path, folder: Path) -> str | None:
    """Return why the file is not the one whose last standing the anchors' folder keeps, None if it may well be.

    A file that cannot be read, and one that no anchor knows, is for others to tell.
    """
    if not path.exists():
        return None
    try:
        with closing(opened(path)) as db:
            end = read_end(db, str(path))
            known = None if end is None else standing_of(folder, end.name)
            if end is None or known is None:
                return None
            if known.seq > end.seq:
                return (
                    f"{path} is an older copy of the ledger: it ends with event {end.seq}, and {folder} knows it with "
                    f"event {known.seq} ({known.at})"
                )
            if _head(db, end, known) != known.head:
                return (
                    f"{path} has another history than the ledger that {folder} knows: event {known.seq} ({known.at}) "
                    "differs"
                )
    except (sqlite3.Error, Unreadable):
        return None
    return None


def _head(db: sqlite3.Connection, end: End, known: Anchor) -> bytes:
    """The head after the event that the anchor names, from the start of its segment."""
    if known.seq == end.seq:
        return end.head
    first, head = 1, end.genesis
    for one in read_segments(db):
        if one.last_seq == known.seq:
            return bytes(one.head)
        if one.last_seq < known.seq:
            first, head = one.last_seq + 1, one.head
    return head_at(db, head, first, known.seq)
