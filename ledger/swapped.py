"""Whether a ledger's file is an older copy than its anchors know, or another history."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from douane.ledger.anchors import standing_of, text_in
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.verify_file import opened, read_end
from douane.ledger.verify_heads import End, head_at, read_segments
from douane.ledger.verify_words import Unreadable


def swapped(path: Path, folder: Path) -> str | None:
    """Return why the file is not the one whose standings the anchors' folder keeps, None if it may well be.

    A file that cannot be read, and one that no anchor knows, is for others to tell. What was given up by a `restored`
    event counts no more.
    """
    if not path.exists():
        return None
    try:
        with closing(opened(path)) as db:
            end = read_end(db, str(path))
            return None if end is None else _differs(db, end, path, folder)
    except (sqlite3.Error, Unreadable):
        return None


def _differs(db: sqlite3.Connection, end: End, path: Path, folder: Path) -> str | None:
    standing = standing_of(folder, end.name)
    lines = [] if (file := _lines(folder, end.name)) is None else read_anchors(file, str(folder))
    known = [one for one in (*lines, standing) if isinstance(one, Anchor)]
    given_up = _given_up(db)
    known = [one for one in known if not any(low <= one.seq <= seq and one.at < at for low, seq, at in given_up)]
    closed = {one.number: one for one in read_segments(db)}
    for one in sorted(known, key=lambda one: one.seq, reverse=True):
        if one.seq > end.seq or (one.segment is not None and one.segment > max(closed, default=0)):
            return (
                f"{path} is an older copy of the ledger: it ends with event {end.seq}, and {folder} knows it with "
                f"event {one.seq} ({one.at})"
            )
        own = None if one.segment is None else closed.get(one.segment)
        same = own is None or (own.head == one.head and own.signature == one.signature)
        if not same or (one.segment is None and _head(db, end, one) != one.head):
            return f"{path} has another history than the ledger that {folder} knows: event {one.seq} ({one.at}) differs"
    return None


def _lines(folder: Path, ledger: str) -> str | None:
    path = folder / f"{ledger}.jsonl"
    return text_in(path) if ledger.isalnum() and path.is_file() else None


def _given_up(db: sqlite3.Connection) -> list[tuple[int, int, str]]:
    """The histories that a restored copy ended: from which event to which, and when."""
    bodies = db.execute("SELECT body FROM events NOT INDEXED WHERE kind = 'restored' AND row IS NULL")
    told = [json.loads(body) for (body,) in bodies]
    return [(one["copy"], one["seq"], one["at"]) for one in told]


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
