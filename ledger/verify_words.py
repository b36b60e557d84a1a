"""What a verifier says of a ledger: the words, where each was found, and how much was held. Pure module: no I/O."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

MOST_FOUND: Final = 1000
"""How many places are kept; more are counted."""


class Word(StrEnum):
    """What a verifier says, from the lightest to the gravest."""

    INTACT = "INTACT"
    ERASED = "ERASED"
    PURGED = "PURGED-BY-POLICY"
    MISSING = "MISSING"
    ALTERED = "ALTERED"
    TRUNCATED = "TRUNCATED"
    FORKED = "FORKED"

    @property
    def gravity(self) -> int:
        """How grave it is, from 0."""
        return _ORDER.index(self)

    @property
    def holds(self) -> bool:
        """Whether everything that should be there is there and unchanged."""
        return self.gravity <= _ORDER.index(Word.PURGED)


_ORDER: Final = tuple(Word)


def gravest(words: Iterable[Word]) -> Word:
    """Return the gravest of these words, INTACT if there is none."""
    return max(words, key=lambda word: word.gravity, default=Word.INTACT)


class Unreadable(Exception):  # noqa: N818 - it says what happened
    """The file cannot be read as a ledger with a chain, or an anchor not as one. The message says why."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was found where. `seq` to `last` are events (0: none), `row` a row's number in `table`."""

    word: Word
    what: str
    segment: int = 0
    seq: int = 0
    last: int = 0
    table: str = ""
    row: int | str | None = None
    at: str = ""


@dataclass(slots=True)
class Places:
    """What was found so far: the first thousand faults, the number of all, and the gravest word of each segment."""

    where: Callable[[int], int] = lambda _: 0
    """The number of the segment that an event is in, 0 for none."""
    kept: list[Place] = field(default_factory=list[Place])
    count: int = 0
    details: Counter[Word] = field(default_factory=Counter[Word])
    """How many rows' detail has gone as it should."""
    words: dict[int, Word] = field(default_factory=dict[int, Word])

    def add(self, place: Place) -> None:
        """Keep a place."""
        segment = place.segment or (self.where(place.seq) if place.seq > 0 else 0)
        self.words[segment] = gravest((self.words.get(segment, Word.INTACT), place.word))
        if place.word.holds:
            self.details[place.word] += 1
            return
        self.count += 1
        if len(self.kept) < MOST_FOUND:
            self.kept.append(replace(place, segment=segment))

    def altered(
        self, what: str, *, segment: int = 0, seq: int = 0, last: int = 0, table: str = "", row: int | str | None = None
    ) -> None:
        """Keep a place as ALTERED."""
        self.add(Place(Word.ALTERED, what, segment, seq, last or seq, table, row))

    def missing(
        self, what: str, *, segment: int = 0, seq: int = 0, last: int = 0, table: str = "", row: int | str | None = None
    ) -> None:
        """Keep a place as MISSING."""
        self.add(Place(Word.MISSING, what, segment, seq, last or seq, table, row))


@dataclass(frozen=True, slots=True)
class SegmentWord:
    """A closed segment, and what is said of it."""

    number: int
    word: Word
    first_seq: int
    last_seq: int
    count: int
    closed_at: str


@dataclass(frozen=True, slots=True)
class Restored:
    """An event that tells that an older copy took the ledger's place: events `copy` + 1 to `seq` were given up."""

    event: int
    at: str
    who: str
    reason: str
    copy: int
    seq: int
    head: str


@dataclass(frozen=True, slots=True)
class Instead:
    """An event that tells that this ledger took the place of another one, which had this number and last event."""

    event: int
    at: str
    who: str
    reason: str
    ledger: str
    seq: int


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in a ledger.

    `events` are those that should be there, `events_held` those of them that hold; `segments` are the closed ones.
    `open_events` are in the open segment, and `purged` closed segments had events that a purge took; `erased` and
    `expired` count rows whose detail has gone as it should; `unchecked` says in sentences what could not be checked,
    `notes` what an auditor should know and is no fault.
    """

    word: Word
    ledger: str
    segments: tuple[SegmentWord, ...]
    events: int
    events_held: int
    seq: int
    head: str
    open_segment: int
    open_events: int
    sealed: bool
    found: tuple[Place, ...]
    found_count: int
    erased: int
    expired: int
    anchors: int
    anchors_held: int
    unchecked: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    restored: tuple[Restored, ...] = ()
    purged: int = 0

    @property
    def segments_held(self) -> int:
        """How many closed segments hold."""
        return sum(one.word.holds for one in self.segments)
