"""Whether a purge at this moment follows from time that went by, or from a clock that jumped."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from douane.ledger.belief import Header
from douane.ledger.collapse import expired_segments
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Policy, before

SLACK_SECONDS: Final = 86_400.0
SHORTEST_SECONDS: Final = 31 * 86_400.0
"""A month of holidays is no jump, however short the time is for which things are kept."""


@dataclass(frozen=True, slots=True)
class Jump:
    """The last moment before and the first after a time in which the ledger closed no segment, ISO 8601 in UTC.

    `after` is empty where it has closed none since.
    """

    before: str
    after: str
    days: int

    def __str__(self) -> str:
        until = f"until {self.after}" if self.after else "to this day"
        return (
            f"all that is over at once was written up to {self.before}, and from then {until}, {self.days} days by "
            "the clock, this ledger closed no segment: the clock may be wrong"
        )


def jumped(
    db: sqlite3.Connection,
    policy: Policy,
    now: float,
    *,
    closed: Sequence[Header] | None = None,
    start: int | None = None,
) -> Jump | None:
    """Return the jump behind the whole segments that a purge at `now` (Unix time in seconds) would take; None for none.

    A jump is longer than the default retention and a day, and than a month: a Douane that runs closes a segment each
    hour, so either it stood still for so long or its clock was set. Nothing in the file tells which. `closed` and
    `start` are as in `expired_segments`. Raises `LedgerRefused` where a closing is no moment.
    """
    whole = expired_segments(db, policy, now, most=2**62, closed=closed, start=start)
    if whole is None:
        return None
    if closed is None:
        sql = "SELECT closed_at FROM segments WHERE number IN (?, ?) ORDER BY number"
        last, *later = (str(row[0]) for row in db.execute(sql, (whole.last, whole.last + 1)))
    else:
        last, *later = (one.closed_at for one in closed if one.number in (whole.last, whole.last + 1))
    try:
        begun = datetime.fromisoformat(last).timestamp()
        end = datetime.fromisoformat(later[0]).timestamp() if later else now
    except ValueError:
        raise LedgerRefused("a segment's closing is no moment; see what `douane verify` says") from None
    most = max(now - before(now, policy.keep) + SLACK_SECONDS, SHORTEST_SECONDS)
    if end - begun <= most:
        return None
    return Jump(last, later[0] if later else "", int((end - begun) // 86_400))


def jumped_in(ledger: Path, policy: Policy, now: float) -> Jump | None:
    """Return what `jumped` says of a ledger's file; raises as it does, and `LedgerFailed` when SQLite fails."""
    try:
        with closing(open_ledger(ledger)) as db:
            return jumped(db, policy, now)
    except sqlite3.Error as error:
        raise LedgerFailed(f"{ledger}: cannot be read ({error_name(error)})") from None
