"""What people say of findings: confirmed, a false alarm, or unreviewed again. Told in the chain; the latest holds."""

import json
import re
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from douane.ledger.access import plain
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.writing import writing

KIND: Final = "review"
NOTE_LONGEST: Final = 500
"""Characters of a note that are kept."""
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{32}")


class State(StrEnum):
    """What a person said of a finding; UNREVIEWED also where nobody said anything, or it was taken back."""

    UNREVIEWED = "unreviewed"
    CONFIRMED = "confirmed"
    FALSE_ALARM = "false-alarm"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The finding that a review is of: its fingerprint (as `douane check` prints it), its rule's id and its app."""

    fingerprint: str
    rule: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said of one finding, as the chain tells it. `at` is ISO 8601."""

    at: str
    who: str
    role: str
    fingerprint: str
    state: State
    note: str = ""
    rule: str = ""
    app: str = ""


def review(
    path: Path,
    sealer: Sealer | None,
    findings: Iterable[Reviewed],
    state: State,
    *,
    who: str,
    role: str = "",
    note: str = "",
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
) -> tuple[Review, ...]:
    """Tell what a person says of these findings, an event for each, all or none; return what was told.

    Raises `ValueError` for what is no fingerprint or for none, `LedgerRefused` and `LedgerFailed` as `writing` does;
    nothing was told then. No personal value may be in the note.
    """
    at = iso(clock())
    told = tuple(
        Review(at, plain(who), plain(role), one.fingerprint, state, plain(note), plain(one.rule), plain(one.app))
        for one in findings
    )
    if not told or not all(_FINGERPRINT.fullmatch(one.fingerprint) for one in told):
        raise ValueError("a finding's fingerprint is 32 hex digits, as `douane check` prints them")
    with writing(path, sealer, anchors=anchors, clock=clock) as (_, chain):
        for one in told:
            chain.tell(KIND, asdict(one))
    return told


def reviews(db: sqlite3.Connection) -> list[Review]:
    """Return every review that the chain still holds, oldest first; none whose body is of another shape.

    `douane verify` tells those: reading a ledger goes on without them.
    """
    found: list[Review] = []
    for (body,) in db.execute("SELECT body FROM events WHERE kind = ? AND row IS NULL ORDER BY seq", (KIND,)):
        with suppress(ValueError, KeyError, TypeError):
            found.append(_read(json.loads(body)))
    return found


def in_force(db: sqlite3.Connection) -> Mapping[str, Review]:
    """Return the latest review of each finding by its fingerprint; none of a finding whose review was taken back."""
    latest = {one.fingerprint: one for one in reviews(db)}
    return {key: one for key, one in latest.items() if one.state is not State.UNREVIEWED}


def _read(body: Mapping[str, Any]) -> Review:
    texts = {key: str(body[key]) for key in ("at", "who", "role", "fingerprint", "note", "rule", "app")}
    return Review(**texts, state=State(body["state"]))
