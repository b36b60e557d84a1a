"""Who read a ledger, in which role, what, why and of which apps: told in its chain before anything is shown."""

import sqlite3
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from douane.ledger.bodies import read
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import writing

KIND: Final = "access"
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Scope:
    """What a reading is about: apps (none: all of them), and a period as the ledger writes times (empty: open)."""

    apps: Sequence[str] = ()
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Access:
    """One reading, as the chain tells it. `at` is ISO 8601."""

    at: str
    who: str
    role: str
    what: str
    why: str
    scope: Scope


def note(
    path: Path,
    sealer: Sealer | None,
    *,
    who: str,
    role: str = "",
    what: str,
    why: str = "",
    scope: Scope | None = None,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> Access:
    """Tell a reading in the ledger's chain and return what was told. No value that is looked for may be in it.

    Raises `LedgerRefused` and `LedgerFailed` as `writing` does; nothing was told then.
    """
    about = scope or Scope()
    about = Scope(tuple(plain(app) for app in about.apps), about.since, about.until)
    told = Access(iso(clock()), plain(who), plain(role), plain(what), plain(why), about)
    with writing(path, sealer, anchors=anchors, clock=clock) as (_, chain):
        chain.tell(KIND, asdict(told))
    return told


def accesses(db: sqlite3.Connection) -> list[Access]:
    """Return every reading that the chain still holds, oldest first; raises `LedgerRefused` for a broken event."""
    rows = db.execute("SELECT seq, body FROM events WHERE kind = ? AND row IS NULL ORDER BY seq", (KIND,))
    return [read(seq, KIND, body, _read) for seq, body in rows]


def last_profile(db: sqlite3.Connection) -> tuple[str, str]:
    """Return the profile under which recording last began, and its reason; two empty texts if the chain tells none."""
    sql = "SELECT seq, body FROM events WHERE kind = 'start' AND row IS NULL ORDER BY seq DESC LIMIT 1"
    row = db.execute(sql).fetchone()
    if row is None:
        return "", ""
    return read(row[0], "start", row[1], lambda body: (str(body.get("profile", "")), str(body.get("reason", ""))))


def _read(body: Mapping[str, Any]) -> Access:
    scope = body["scope"]
    about = Scope(tuple(scope["apps"]), scope["since"], scope["until"])
    return Access(body["at"], body["who"], body["role"], body["what"], body["why"], about)


def plain(text: str) -> str:
    """A text as an event may hold it: without control characters, at most 500 characters long."""
    return "".join(one if unicodedata.category(one)[0] != "C" else "\ufffd" for one in text.strip())[:_LONGEST]
