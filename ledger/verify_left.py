"""Which `restored` events let anchors off: those that somebody with the master key wrote, of a moment that can be."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from douane.ledger.verify_heads import Segment
from douane.ledger.verify_shapes import is_moment
from douane.ledger.verify_words import Restored

_SLACK: Final = timedelta(days=1)
"""How far a clock may have gone back, or be wrong where somebody verifies."""


@dataclass(frozen=True, slots=True)
class Left:
    """What a ledger tells of restores, and what binds it.

    `bound` says that the master key made the chain's MAC, which is over all events. `now` is when this is asked.
    """

    ledger: bytes
    restored: tuple[Restored, ...]
    segments: Sequence[Segment]
    bound: bool
    now: datetime

    def counting(self, signed: Sequence[tuple[int, int, bytes | None]]) -> list[Restored]:
        """Return the restores that count; `signed` are segments that anchors know: number, last event, signature."""
        return [one for one in self.restored if self._in_time(one) and (self.bound or self._is_signed(one, signed))]

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

    def _is_signed(self, one: Restored, signed: Sequence[tuple[int, int, bytes | None]]) -> bool:
        """Whether keys that follow from a segment of before the restore, which an anchor knows, lead to its own."""
        around = self._around(one)
        if around is None:
            return False
        known = {some.number: some for some in self.segments}
        for number, seq, signature in signed:
            if seq > one.copy or number > around.number or number not in known:
                continue
            if known[number].signature == signature and self._leads(known, number, around.number):
                return True
        return False

    def _leads(self, known: dict[int, Segment], first: int, last: int) -> bool:
        if any(number not in known for number in range(first, last + 1)):
            return False
        key: Any = known[first].column("public_key")
        for number in range(first, last + 1):
            one = known[number]
            if one.column("public_key") != key or not one.is_signed(self.ledger):
                return False
            key = one.column("next_public_key")
        return True
