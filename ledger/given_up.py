"""What restored copies gave up, as `restore` tells it beside the anchors and binds it to the master key.

Rows of the database cannot be believed here: whoever put an older copy in place wrote them. A line of
`<ledger>.restored` counts only with its MAC, and only for a file whose chain goes through the place that it names.
"""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

from douane.ledger.anchors import append
from douane.ledger.query import open_ledger
from douane.ledger.reading import text_of
from douane.ledger.sealing import GivenUp, Sealer
from douane.ledger.verify_anchors import Anchor

_MOST: Final = 1 << 26
_BYTES: Final = ("copy_head", "head", "after_head")


def file_of(folder: Path, ledger: str) -> Path:
    """Return the file of a ledger's lines."""
    return folder / f"{ledger}.restored"


def line_of(one: GivenUp, sealer: Sealer) -> str:
    """Return a line, with its MAC under the newest master key and without its end."""
    said = {name: getattr(one, name) for name in GivenUp.__slots__}
    said |= {name: said[name].hex() for name in _BYTES}
    return json.dumps({**said, "mac": sealer.given_up_macs(one)[0].hex()}, sort_keys=True)


def keep(folder: Path, one: GivenUp, sealer: Sealer) -> None:
    """Add a line, on the disk when this returns; raises `OSError`."""
    append(file_of(folder, one.ledger), f"{line_of(one, sealer)}\n".encode())


def read(folder: Path, ledger: str, sealer: Sealer | None) -> list[GivenUp]:
    """Return what was given up by restores of this ledger; lines that hold no MAC of these master keys are left out."""
    if sealer is None or not ledger.isalnum():
        return []
    try:
        lines = text_of(file_of(folder, ledger), _MOST).splitlines()
    except (OSError, UnicodeDecodeError):
        return []
    return [one for line in lines if (one := _read_line(line, sealer)) is not None and one.ledger == ledger]


def covers(one: GivenUp, anchor: Anchor) -> bool:
    """Whether an anchor is of the history that was given up."""
    return one.copy <= anchor.seq <= one.seq and anchor.at < one.at


def in_copy(path: Path, copy_head: bytes) -> GivenUp:
    """Return what the last `restored` event of a file says, bound to where its chain stands now.

    Raises `sqlite3.Error`, and `ValueError` for a file without such an event.
    """
    with closing(open_ledger(path)) as db:
        sql = "SELECT body FROM events WHERE kind = 'restored' AND row IS NULL ORDER BY seq DESC LIMIT 1"
        told = db.execute(sql).fetchone()
        if told is None:
            raise ValueError("no restore is told")
        ledger, seq, head = db.execute("SELECT ledger, seq, head FROM chain").fetchone()
    said = json.loads(told[0])
    return GivenUp(ledger, said["at"], said["copy"], copy_head, said["seq"], bytes.fromhex(said["head"]), seq, head)


def told_in(db: sqlite3.Connection) -> bool:
    """Whether the file tells, rightly or not, that a copy was restored."""
    return db.execute("SELECT 1 FROM events WHERE kind = 'restored' AND row IS NULL LIMIT 1").fetchone() is not None


def _read_line(line: str, sealer: Sealer) -> GivenUp | None:
    try:
        said = json.loads(line)
        values = {name: said[name] for name in GivenUp.__slots__}
        values |= {name: bytes.fromhex(values[name]) for name in _BYTES}
        if not all(isinstance(values[name], str) for name in ("ledger", "at")):
            return None
        if not all(type(values[name]) is int for name in ("copy", "seq", "after")):
            return None
        one = GivenUp(**values)
        return one if sealer.gave_up(one, bytes.fromhex(said["mac"])) else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
