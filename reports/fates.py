"""What became of messages, and what of them could not be inspected."""

from collections.abc import Iterable
from dataclasses import dataclass

from douane.audit.exchange import Outcome

INSPECTED = frozenset({"no-schema", "no-declaration", "allowed", "unpaired", "ambiguous", "duplicate-key", "irregular"})
"""Gap codes of messages that were inspected with a reservation; every other code says that something was not."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages, those of them in which a datum was found, and how many data were."""

    messages: int = 0
    carrying: int = 0
    disclosures: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.messages + other.messages, self.carrying + other.carrying, self.disclosures + other.disclosures
        )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the messages. Only `delivered` holds disclosures; the others hold what was found in them."""

    delivered: Tally = Tally()
    refused: Tally = Tally()
    failed: Tally = Tally()
    unknown: Tally = Tally()

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(*(self.of(outcome) + other.of(outcome) for outcome in Outcome))

    def of(self, outcome: Outcome) -> Tally:
        """The messages with that outcome."""
        tally: Tally = getattr(self, outcome)
        return tally

    @property
    def messages(self) -> int:
        """All messages."""
        return sum(self.of(outcome).messages for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class GapSum:
    """Gaps of one code: how often, bytes concerned (0 where not known), first and last."""

    code: str
    times: int
    size: int
    first: str
    last: str

    @property
    def inspected(self) -> bool:
        """Whether the message was inspected, with a reservation."""
        return self.code in INSPECTED


def summed_up(gaps: Iterable[GapSum]) -> tuple[GapSum, ...]:
    """The gaps summed up by code, most frequent first."""
    found: dict[str, GapSum] = {}
    for gap in gaps:
        sofar = found.get(gap.code)
        found[gap.code] = (
            gap
            if sofar is None
            else GapSum(
                gap.code,
                sofar.times + gap.times,
                sofar.size + gap.size,
                min(sofar.first, gap.first),
                max(sofar.last, gap.last),
            )
        )
    return tuple(sorted(found.values(), key=lambda gap: (-gap.times, gap.code)))
