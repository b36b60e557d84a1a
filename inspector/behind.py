"""How far inspection is behind recording."""

from math import inf

from douane.ledger.record import Record, RecordKind
from douane.ledger.spool import Spool, Unreadable
from douane.ledger.store import Ledger

LEAST = 0.001
"""Told while something waits of which no more is known: 0 means that nothing does."""
_LOOKED_AT = 1000
_JUDGED_BY_NAME = (RecordKind.REQUEST.value, RecordKind.ANSWER.value)


class Behind:
    """The age of what is being taken in, by Unix times.

    What the ledger has is only kept until its answer comes, or its stream ends: however old it is, it waits for
    nobody. So at the start the first record counts that the ledger does not have.
    """

    def __init__(self, spool: Spool, ledger: Ledger) -> None:
        self._at = 0.0
        self._first = 0
        for record in spool.expired(inf, _LOOKED_AT):
            if record.kind in _JUDGED_BY_NAME and not ledger.has(record.uid, 0):
                self._first, self._at = record.id, record.at
                return
            self._first = record.id + 1

    def took(self, record: Record | Unreadable) -> None:
        """A record was taken from the spool."""
        if record.id >= self._first:
            self._at = record.at

    def seconds(self, now: float, *, idle: bool) -> float:
        """How far, 0 when nothing waits."""
        if idle:
            self._at = 0.0  # what comes next has not waited since the last one
            return 0.0
        return max(LEAST, now - self._at) if self._at else LEAST
