"""The epoch in force: with which of an app's keys pseudonyms are made from now on."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from douane.ledger.bodies import read
from douane.ledger.chain import About
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.keys import all_of, fingerprint
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Anchors, SealBroken, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import writing

KIND: Final = "epoch"


def in_force(db: sqlite3.Connection) -> int:
    """Return the epoch that the chain told last, 1 if it told none; never less than that of a key in use."""
    sql = "SELECT seq, body FROM events WHERE kind = ? AND row IS NULL ORDER BY seq DESC LIMIT 1"
    told = db.execute(sql, (KIND,)).fetchone()
    used = db.execute("SELECT coalesce(max(epoch), 1) FROM keys").fetchone()[0]
    return max(int(used), 1 if told is None else read(told[0], KIND, told[1], lambda body: int(body["epoch"])))


def begin(
    path: Path,
    sealer: Sealer | None,
    *,
    who: str = "",
    why: str = "",
    master: bytes = b"",
    about: About | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Begin the next epoch, tell who began it and why where that is known, and return its number.

    `master` is given when it is new: its fingerprint is told, and the open segment is closed, so that what comes next
    is sealed with it alone; checkpoints from that segment on are signed with its key. Raises `LedgerRefused` and
    `LedgerFailed` as `writing` does.
    """
    with writing(path, sealer, anchors=anchors, clock=clock) as (db, chain):
        epoch = in_force(db) + 1
        told = {"who": who, "why": why, "master": fingerprint(bytes(master)) if master else ""}
        chain.tell(KIND, {"at": iso(clock()), "epoch": epoch} | {key: text for key, text in told.items() if text})
        if master:
            name, segment = db.execute("SELECT ledger, segment FROM chain").fetchone()
            if segment:  # else the sealing that comes tells it
                public = Sealer(master).note_key(name).public_key().public_bytes_raw()
                chain.tell("note-key", {"at": iso(clock()), "public_key": public.hex(), "size": segment})
            chain.about = about or chain.about
            chain.finish(close_segment=True)
    return epoch


def settle(
    path: Path,
    master: bytes,
    sealer: Sealer | None,
    *,
    about: About | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Return the epoch to make pseudonyms in, begun first if an older master key is still in use in this ledger.

    Two master keys in one epoch would give an app two keys of one number, and whoever has the older one could change
    the open segment that it sealed. Raises as `begin` does.
    """
    with closing(open_ledger(path)) as db:
        epoch = in_force(db)
        newest = Pseudonymiser(all_of(master)[0], epoch)
        rows = db.execute(
            "SELECT a.name, k.key_id FROM keys k JOIN apps a ON a.id = k.app_id WHERE k.epoch = ?", (epoch,)
        ).fetchall()
        is_older = any(newest.key_id(app) != key_id for app, key_id in rows) or _sealed_before(db, master)
    if not is_older:
        return epoch
    return begin(path, sealer, master=master, about=about, anchors=anchors, clock=clock)


def _sealed_before(db: sqlite3.Connection, master: bytes) -> bool:
    """Whether a key that this one replaced sealed the open segment."""
    row = db.execute("SELECT c.ledger, o.number, o.opened_at, o.sealed FROM chain c, open_segment o").fetchone()
    if row is None:
        return False
    for one, older in ((Sealer(bytes(master)), False), (Sealer(master), True)):
        try:
            one.unseal(*row)
        except SealBroken:
            continue
        return older
    return False


class Pseudonyms:
    """Makes pseudonyms in the epoch in force, and takes up a new one that another process began.

    Raises `LedgerRefused` and `LedgerFailed` as `settle` does. Holds the master key.
    """

    def __init__(
        self,
        path: Path,
        master: bytes,
        sealer: Sealer | None,
        *,
        about: About | None = None,
        anchors: Anchors | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._master = master
        epoch = settle(path, master, sealer, about=about, anchors=anchors, clock=clock)
        self.now = Pseudonymiser(master, epoch)
        self._db = open_ledger(path)

    def look(self) -> None:
        """Take up the epoch in force. Costs some microseconds."""
        try:
            epoch = in_force(self._db)
        except sqlite3.Error as error:
            raise LedgerFailed(f"{self._path}: the ledger failed ({error_name(error)})") from None
        if epoch > self.now.epoch:
            self.now = Pseudonymiser(self._master, epoch)

    def close(self) -> None:
        """Give the file back."""
        self._db.close()
