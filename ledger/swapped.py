"""Whether a ledger's file is an older copy than its anchors know, or another history."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

from douane.ledger import given_up
from douane.ledger.anchors import standing_of, text_in
from douane.ledger.sealing import GivenUp, Sealer
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.verify_end import End
from douane.ledger.verify_file import opened, read_end
from douane.ledger.verify_heads import head_at, read_segments
from douane.ledger.verify_words import Unreadable


def swapped(path: Path, folder: Path, sealer: Sealer | None = None) -> str | None:
    """Return why the file is not the one whose standings the anchors' folder keeps, None if it may well be.

    A file that cannot be read, and one that no anchor knows, is for others to tell. What a restore gave up counts no
    more where `restore` said so beside the anchors, under the master key; where it was done before that was kept, a
    `restored` event is believed only if the whole ledger verifies with that key and all anchors.
    """
    if not path.exists():
        return None
    try:
        with closing(opened(path)) as db:
            end = read_end(db, str(path))
            if end is None:
                return None
            known = _known(folder, end.name)
            why = _differs(db, end, path, folder, known, given_up.read(folder, end.name, sealer))
            asked = why is not None and given_up.told_in(db)
    except (sqlite3.Error, Unreadable):
        return None
    return None if asked and sealer is not None and _verifies(path, folder, sealer, known) else why


def _known(folder: Path, ledger: str) -> list[Anchor]:
    standing = standing_of(folder, ledger)
    lines = [] if (file := _lines(folder, ledger)) is None else read_anchors(file, str(folder))
    return [one for one in (*lines, standing) if isinstance(one, Anchor)]


def _verifies(path: Path, folder: Path, sealer: Sealer, known: Sequence[Anchor]) -> bool:
    """Whether the whole file holds; what its `restored` events say is then kept, so that it is asked once."""
    from douane.ledger.verify import verify  # only where it is needed: it takes longer to load than to ask the rest

    try:
        said = verify(path, sealer=sealer, anchors=known)
    except Unreadable:
        return False
    if not said.word.holds or said.unchecked:
        return False
    with suppress(OSError, sqlite3.Error, Unreadable), closing(opened(path)) as db:
        end = read_end(db, str(path))
        if end is None:
            return False
        for one in said.restored:
            where = Anchor(said.ledger, one.event, b"", one.at)
            head = _head(db, end, where)
            given_up.keep(folder, GivenUp(said.ledger, one.at, one.copy, b"", one.seq, b"", one.event, head), sealer)
    return True


def _differs(
    db: sqlite3.Connection, end: End, path: Path, folder: Path, known: Sequence[Anchor], left: Sequence[GivenUp]
) -> str | None:
    left = [one for one in left if _goes_through(db, end, one)]
    known = [one for one in known if not any(given_up.covers(that, one) for that in left)]
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


def _goes_through(db: sqlite3.Connection, end: End, one: GivenUp) -> bool:
    """Whether this file is the copy that was restored; where those events were purged, later anchors have to tell."""
    if one.after > end.seq:
        return False
    there = one.after == end.seq or db.execute("SELECT 1 FROM events WHERE seq = ?", (one.after,)).fetchone()
    return not there or _head(db, end, Anchor(one.ledger, one.after, one.after_head, one.at)) == one.after_head


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
