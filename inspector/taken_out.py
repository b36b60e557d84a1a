"""Records that somebody took out of the spool before they were inspected: a proxy's records are numbered one by one."""

from collections.abc import Iterable
from typing import Any, Final

from douane.audit.message import Gap
from douane.ledger.spool import ID_BLOCK, Spool
from douane.ledger.store import Ledger

CODE: Final = "spool-missing"


class TakenOut:
    """Notices numbers that are missing between two records, and writes a gap into each app.

    A put that was refused or failed uses no number up, and a proxy that starts begins with a block of its own, so
    whatever is missing within a block was there. A proxy that goes on with another block cannot be told from one that
    starts, so nothing is missed at the end of a block. What stood in the spool when this inspector began is left out:
    the one before it has taken some of that and not the rest, and what it took may have been later than what still
    waits. So the first record that comes after is the first from which numbers are held.
    """

    def __init__(self, spool: Spool, ledger: Ledger, apps: Iterable[str]) -> None:
        self._ledger, self._apps = ledger, tuple(apps)
        self._short = spool.uuid[:12]
        self._before = spool.newest()
        self._last = 0
        self._own: set[int] = set()

    def destroyed(self, number: int) -> None:
        """Know that the inspector itself destroyed a record, which may not have been taken."""
        if number > max(self._before, self._last):
            self._own.add(number)

    def took(self, number: int, app: str, at: float, events: list[dict[str, Any]]) -> None:
        """Take in the number of the next record, its app and its Unix time; in the ledger's transaction.

        `events` gets the warning for a console, to be given when the transaction is committed.
        """
        if number <= self._before:
            return
        last, self._last = self._last, number
        first = max(last + 1, number - (number - 1) % ID_BLOCK)
        count = number - first
        if self._own:
            count -= sum(first <= one < number for one in self._own)
            self._own = {one for one in self._own if one > number}
        if not last or not count:
            return
        gap = Gap(CODE, place="spool", detail=f"{count} record{'s' * (count != 1)} of all apps together")
        for part, name in enumerate(dict.fromkeys((*self._apps, app))):
            self._ledger.add_gap(f"{self._short}-{first}", part, name, gap, at)
        events.append({"event": "warning", "code": CODE, "app": "", "detail": f"{count}"})
