"""The epoch in force: with which of an app's keys pseudonyms are made from now on."""

import json
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.keys import all_of
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import writing

KIND: Final = "epoch"


def in_force(db: sqlite3.Connection) -> int:
    """Return the epoch that the chain told last, 1 if it told none; never less than that of a key in use."""
    sql = "SELECT body FROM events WHERE kind = ? AND row IS NULL ORDER BY seq DESC LIMIT 1"
    told = db.execute(sql, (KIND,)).fetchone()
    used = db.execute("SELECT coalesce(max(epoch), 1) FROM keys").fetchone()[0]
    return max(int(used), int(json.loads(told[0])["epoch"]) if told is not None else 1)


def begin(
    path: Path, sealer: Sealer | None, *, anchors: Anchors | None = None, clock: Callable[[], float] = time.time
) -> int:
    """Begin the next epoch and return its number. Raises `LedgerRefused` and `LedgerFailed` as `writing` does."""
    with writing(path, sealer, anchors=anchors, clock=clock) as (db, chain):
        epoch = in_force(db) + 1
        chain.tell(KIND, {"at": iso(clock()), "epoch": epoch})
    return epoch


def settle(
    path: Path,
    master: bytes,
    sealer: Sealer | None,
    *,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> int:
    """Return the epoch to make pseudonyms in, begun first if an older master key made some in the one in force.

    Two master keys in one epoch would give an app two keys of one number. Raises as `begin` does.
    """
    with closing(open_ledger(path)) as db:
        epoch = in_force(db)
        newest = Pseudonymiser(all_of(master)[0], epoch)
        rows = db.execute(
            "SELECT a.name, k.key_id FROM keys k JOIN apps a ON a.id = k.app_id WHERE k.epoch = ?", (epoch,)
        ).fetchall()
    if all(newest.key_id(app) == key_id for app, key_id in rows):
        return epoch
    return begin(path, sealer, anchors=anchors, clock=clock)


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
        anchors: Anchors | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._path = path
        self._master = master
        self.now = Pseudonymiser(master, settle(path, master, sealer, anchors=anchors, clock=clock))
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
