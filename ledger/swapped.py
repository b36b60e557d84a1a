"""Whether a ledger's file is an older copy than its anchors know, or another history."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

from douane.ledger import given_up
from douane.ledger.anchors import lines_of, standing_in
from douane.ledger.files import error_name
from douane.ledger.following_on import goes_on
from douane.ledger.instead import displaced
from douane.ledger.sealing import GivenUp, Sealer
from douane.ledger.verify_anchors import Anchor
from douane.ledger.verify_end import End
from douane.ledger.verify_file import opened, read_end
from douane.ledger.verify_heads import head_at, read_segments
from douane.ledger.verify_words import Unreadable

_NO_DATABASE: Final = "SQLITE_NOTADB"


def swapped(
    path: Path,
    folder: Path,
    sealer: Sealer | None = None,
    *,
    seen: Sequence[Anchor] = (),
    lines: bool = True,
    alone: bool = False,
) -> str | None:
    """Return why the file is not the one whose standings the anchors' folder keeps, None if it may well be.

    `seen` are further standings, which the caller itself saw; without `lines` those of closed segments are not read
    again, for a caller that held the file to them and saw it go on since. A file that no anchor knows, and one that
    holds no chain or is not there, are refused where another ledger is known in that place, unless the caller minds its
    own anchors `alone`; one that cannot be held to its anchors is not believed. What a restore gave
    up counts no more where `restore` said so beside the anchors, under the master key; where it was done before that
    was kept, a `restored` event is believed only if the whole ledger verifies with that key and all anchors.
    """
    if not path.exists():
        return None if alone else displaced(folder, path, "")
    try:
        with closing(opened(path)) as db:
            if not db.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'chain'").fetchone():
                return None if alone else displaced(folder, path, "")
            end = read_end(db, str(path))
            if end is None:
                return f"{path} cannot be held to its anchors: it does not say once where its chain ends"
            if lines and not alone and (why := displaced(folder, path, end.name)) is not None:
                return why
            known = _known(folder, end.name, seen, lines=lines)
            if not known:
                return None
            why, unsure = _differs(db, end, path, folder, known, given_up.read(folder, end.name, sealer))
            asked = unsure or (why is not None and given_up.told_in(db))
    except (sqlite3.Error, Unreadable, TypeError, ValueError, OverflowError) as error:
        what = str(error) if isinstance(error, Unreadable) else error_name(error)
        # nobody writes to that either. Its first bytes are not read here: to open and close a file takes away the locks
        # that SQLite has on it in this process
        if _NO_DATABASE in what:
            return None if alone else displaced(folder, path, "")
        return f"{path} cannot be held to its anchors in {folder}: {what}"
    return None if asked and sealer is not None and _verifies(path, folder, sealer, known) else why


def _known(folder: Path, ledger: str, seen: Sequence[Anchor], *, lines: bool) -> list[Anchor]:
    """What is known of a ledger; a line that is damaged is left out, and told by who keeps the anchors."""
    standing = standing_in(folder, ledger)
    told = [*(lines_of(folder, ledger)[0] if lines else ()), *seen, *([] if standing is None else [standing])]
    return [one for one in told if one.ledger == ledger]


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
) -> tuple[str | None, bool]:
    """Why the file is not the known one, None if nothing says so; and whether only the whole of it can tell."""
    left = [one for one in left if _goes_through(db, end, one)]
    known = [one for one in known if not any(given_up.covers(that, one) for that in left)]
    any_closed = any(one.segment is not None for one in known)
    closed = {one.number: one for one in read_segments(db)} if any_closed else {}
    last, newest = max(closed, default=0), max((one.seq for one in known), default=0)
    for one in sorted(known, key=lambda one: one.seq, reverse=True):
        if one.seq > end.seq or (one.segment is not None and one.segment > last):
            why = (
                f"{path} is an older copy of the ledger: it ends with event {end.seq}, and {folder} knows it with "
                f"event {one.seq} ({one.at})"
            )
            return why, False
        other = f"{path} has another history than the ledger that {folder} knows: event {one.seq} ({one.at}) differs"
        if one.segment is not None:
            own = closed.get(one.segment)
            if own is None or (own.head, own.signature) != (one.head, one.signature):
                return other, False
        if one.segment is not None and one.seq < newest:
            continue
        # a standing is held to the end itself, whose MAC only the key's holder makes: what the file says of its
        # segments and of events before it could have been copied out of the ledger that it is to replace
        follows = goes_on(db, (one.ledger, one.seq, one.head), (end.name, end.seq, end.head))
        if not follows:
            return other, follows is None
    return None, False


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
