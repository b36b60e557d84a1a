"""Which `restored` events let anchors off: those that somebody with the master key wrote, of a moment that can be."""

import sqlite3
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from douane.ledger.canonical import row_leaf
from douane.ledger.verify_heads import Segment
from douane.ledger.verify_shapes import is_moment
from douane.ledger.verify_words import Restored

_SLACK: Final = timedelta(days=1)
"""How far a clock may have gone back, or be wrong where somebody verifies."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a ledger tells of restores, and what binds it.

    `bound` says that the master key made the chain's MAC, which is over all events up to which no place is `broken`:
    the events, in order, after which the head is not the one that is said, or is not known. `false` are the restores
    whose leaf is not that of what they say. `now` is when this is asked.
    """

    ledger: bytes
    restored: tuple[Restored, ...]
    segments: Sequence[Segment]
    bound: bool
    broken: Sequence[int]
    false: frozenset[int]
    now: datetime

    def counting(self, signed: Sequence[tuple[int, int, bytes | None]]) -> frozenset[int]:
        """Return the events that count; `signed` are segments that anchors know: number, last event, signature."""
        told = [one for one in self.restored if one.event not in self.false and self._in_time(one)]
        bound = frozenset(one.event for one in told if self.bound and self._next_broken(one.event) is None)
        rest = [one for one in told if one.event not in bound]
        return bound | self._signed_of(rest, signed) if rest and signed else bound

    def _next_broken(self, event: int) -> int | None:
        """Return the first place, from an event on, at which the head does not hold."""
        at = bisect_left(self.broken, event)
        return self.broken[at] if at < len(self.broken) else None

    def _around(self, one: Restored) -> Segment | None:
        return next((some for some in self.segments if some.first_seq <= one.event <= some.last_seq), None)

    def _in_time(self, one: Restored) -> bool:
        """Whether it is told with a moment that had come: when its segment was closed, or by now."""
        around, latest = self._around(one), self.now
        if around is not None:
            if not is_moment(around.closed_at):
                return False
            latest = datetime.fromisoformat(around.closed_at)
        return datetime.fromisoformat(one.at) - latest <= _SLACK

    def _signed_of(
        self, restored: Sequence[Restored], signed: Sequence[tuple[int, int, bytes | None]]
    ) -> frozenset[int]:
        """Those to which keys lead from a segment of before the restore that an anchor knows; each is tried once."""
        known = {some.number: some for some in self.segments}
        least: dict[int, int] = {}
        for number, seq, signature in signed:
            if number in known and known[number].signature == signature:
                least[number] = min(seq, least.get(number, seq))
        if not least:
            return frozenset()
        since, out = self._since(known), set[int]()
        for one in restored:
            around = self._around(one)
            if around is None or around.number not in since:
                continue
            broken = self._next_broken(one.event)
            if broken is not None and broken <= around.last_seq:
                continue
            if any(
                since[around.number] <= number <= around.number and seq <= one.copy for number, seq in least.items()
            ):
                out.add(one.event)
        return frozenset(out)

    def _since(self, known: Mapping[int, Segment]) -> dict[int, int]:
        """From which segment on each is there and signed, by the key that the one before it names."""
        since: dict[int, int] = {}
        for number in sorted(known):
            one = known[number]
            if not one.is_signed(self.ledger):
                continue
            before = known.get(number - 1)
            follows = before is not None and before.column("next_public_key") == one.column("public_key")
            since[number] = since.get(number - 1, number) if follows else number
        return since


def false_of(db: sqlite3.Connection, restored: Sequence[Restored]) -> frozenset[int]:
    """Return the restores whose leaf is not that of what they say, over a connection that gives texts as bytes."""
    found: set[int] = set()
    for one in restored:
        row = db.execute("SELECT body, leaf FROM events NOT INDEXED WHERE seq = ?", (one.event,)).fetchone()
        if row is None or row[1] != row_leaf(one.event, "restored", (row[0],)):
            found.add(one.event)
    return frozenset(found)
