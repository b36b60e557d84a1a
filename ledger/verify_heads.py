"""The chain over the stored leaves, and the signed segments along it."""

import hashlib
import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from struct import iter_unpack
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from douane.ledger.canonical import HEADER, enc
from douane.ledger.sealing import SealBroken, Sealer, mac, step
from douane.ledger.verify_end import End
from douane.ledger.verify_words import Place, Places, Word

SIGNED: Final = b"douane-segment/1\x00"
_CHUNK: Final = 8192
_LEAVES: Final = """SELECT count(*), group_concat(leaf, '') FROM events NOT INDEXED
    WHERE seq BETWEEN ? AND ? AND length(leaf) = 32"""
_EACH: Final = """SELECT seq, coalesce(CAST(leaf AS BLOB), x'') FROM events NOT INDEXED
    WHERE seq >= ? ORDER BY seq LIMIT ?"""
_MOST: Final = 2**63 - 1
_MOST_STEPS: Final = 1_000_000
_OPEN: Final = "number, first_seq, opened_at, previous_head, public_key, sealed"
_sha256 = hashlib.sha256


@dataclass(frozen=True, slots=True)
class Segment:
    """A closed segment: its columns as they stand, in the order in which they are signed, and its signature."""

    values: tuple[Any, ...]
    signature: Any

    number: int = field(init=False)
    first_seq: int = field(init=False)
    last_seq: int = field(init=False)
    previous_head: Any = field(init=False)
    head: Any = field(init=False)

    def __post_init__(self) -> None:
        """Give the columns that others read their names; a number that is none is one that fits nowhere."""
        named = dict(zip(HEADER, self.values, strict=True))
        for name in ("number", "first_seq", "last_seq"):
            object.__setattr__(self, name, named[name] if type(named[name]) is int else -1)
        object.__setattr__(self, "previous_head", named["previous_head"])
        object.__setattr__(self, "head", named["head"])

    def column(self, name: str) -> Any:
        """A column's value."""
        return self.values[HEADER.index(name)]

    @property
    def closed_at(self) -> str:
        """When it was closed."""
        at = self.column("closed_at")
        return at.decode("utf-8", "replace") if isinstance(at, bytes) else ""

    def signed(self, ledger: bytes) -> bytes:
        """What the signature covers."""
        return SIGNED + enc((ledger, *self.values))

    def is_signed(self, ledger: bytes) -> bool:
        """Whether the signature is that of the segment's own public key."""
        try:
            key = Ed25519PublicKey.from_public_bytes(self.column("public_key"))
            key.verify(self.signature, self.signed(ledger))
        except (InvalidSignature, ValueError, TypeError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Open:
    """The row of `open_segment`."""

    number: int
    first_seq: int
    opened_at: Any
    previous_head: bytes
    public_key: bytes
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Course:
    """What the walk along the chain found: holes as ranges, segments whose own head holds, whether the end's does."""

    present: int
    last: int
    holes: tuple[tuple[int, int], ...]
    held: frozenset[int]
    end_held: bool
    broken: tuple[int, ...]
    """The events, in order, after which the head is not the one that the ledger says, or is not known."""


def read_segments(db: sqlite3.Connection) -> list[Segment]:
    """Return the closed segments by their numbers."""
    rows = db.execute(f"SELECT {', '.join(HEADER)}, signature FROM segments NOT INDEXED ORDER BY number")  # noqa: S608 - our own names
    return [Segment(tuple(row[:-1]), row[-1]) for row in rows]


def check_segments(
    end: End, segments: Sequence[Segment], opened: Open | None, first_key: bytes | None, places: Places
) -> None:
    """Hold each closed segment to its signature and to its neighbours, and the open one to the last closed."""
    known = {one.number: one for one in segments}
    expected = 1
    for one in segments:
        if one.number > expected:
            _gone(places, expected, one.number - 1)
        expected = one.number + 1
        if not one.is_signed(end.ledger):
            places.altered("signature", segment=one.number)
        count = one.column("count")
        if count != one.last_seq - one.first_seq + 1 or one.last_seq < one.first_seq - 1:
            places.altered("count", segment=one.number)
        start = (one.first_seq, one.previous_head, one.column("public_key"))
        if not _follows(end, known.get(one.number - 1), one.number, start, first_key):
            places.altered("previous", segment=one.number)
        before = known.get(one.number - 1)
        signature = None if before is None else before.signature
        if (before is not None or one.number == 1) and one.column("previous_signature") != signature:
            places.altered("previous", segment=one.number)
    if opened is None:
        return
    if opened.number > expected:
        _gone(places, expected, opened.number - 1)
    before = known.get(opened.number - 1)
    start = (opened.first_seq, opened.previous_head, opened.public_key)
    if not _follows(end, before, opened.number, start, first_key):
        places.altered("open-segment", segment=opened.number)


def check_open(db: sqlite3.Connection, end: End, sealed: bool, last: int, places: Places) -> Open | None:
    """Return the open segment if there is one that can be; `last` is the last closed one's number, 0 for none."""
    rows = db.execute(f"SELECT {_OPEN} FROM open_segment").fetchall()  # noqa: S608 - our own names
    if not sealed and not rows:
        return None
    fits = (
        len(rows) == 1
        and type(rows[0][0]) is int
        and type(rows[0][1]) is int
        and rows[0][0] == end.segment
        and rows[0][0] > last
    )
    if not fits:
        places.altered("open-segment", segment=end.segment)
    return Open(*rows[0]) if len(rows) == 1 and type(rows[0][0]) is int and type(rows[0][1]) is int else None


def check_seal(end: End, opened: Open, sealer: Sealer | None, present: int, places: Places) -> None:
    """Hold the chain's end to the MAC that only the master key makes; without it, to the number of appends alone.

    `present` is how many events are there: a wild number of appends, each of which costs a hash, is not counted to.
    """
    wild = end.appends > max(present, _MOST_STEPS)
    if wild or not 0 <= end.appends <= end.seq - opened.first_seq + 1:
        places.altered("appends", segment=opened.number)
        return
    if sealer is None:
        return
    try:
        found = sealer.unseal(end.name, opened.number, opened.opened_at, opened.sealed)
        right = found.public == opened.public_key
    except (SealBroken, TypeError, ValueError):
        places.altered("seal", segment=opened.number)
        return
    if not right:
        places.altered("seal", segment=opened.number)
    made = mac(step(found.seed, end.appends), end.name, end.segment, end.appends, end.seq, end.head)
    if end.mac != made:
        places.altered("mac", segment=opened.number)


def walk(
    db: sqlite3.Connection,
    end: End,
    segments: Sequence[Segment],
    opened: Open | None,
    purged: Sequence[tuple[int, int]],
    places: Places,
    told: Callable[[int], None],
) -> Course:
    """Run over every stored leaf once; `told` hears after each few thousand how many went by.

    `purged` are the ranges of events that the last purge names, in order and apart.
    """
    walker = _Walker(end, segments, opened, purged, places)
    (first,) = db.execute("SELECT min(seq) FROM events NOT INDEXED").fetchone()
    while first is not None:
        last = min(first + _CHUNK - 1, _MOST)
        count, leaves = db.execute(_LEAVES, (first, last)).fetchone()
        if count == _CHUNK and len(leaves) == 32 * count:  # all there: one text, a third of what so many rows cost
            walker.take_run(first, [leaf for (leaf,) in iter_unpack("32s", leaves)])
            told(count)
            first = last + 1
            continue
        rows = db.execute(_EACH, (first, _CHUNK)).fetchall()
        if rows:
            walker.take(rows)
            told(len(rows))
        first = rows[-1][0] + 1 if len(rows) == _CHUNK and rows[-1][0] < _MOST else None
    return walker.done()


def head_at(db: sqlite3.Connection, head: bytes, first: int, last: int) -> bytes:
    """Return the head after event `last`, from the one before event `first`."""
    for (leaf,) in db.execute("SELECT leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)):
        head = _sha256(b"\x01" + head + leaf).digest()
    return head


def without(first: int, last: int, ranges: Sequence[tuple[int, int]]) -> Iterable[tuple[int, int]]:
    """What is left of a range without others, which are in order."""
    for low, high in ranges:
        if high < first:
            continue
        if low > last:
            break
        if low > first:
            yield first, low - 1
        first = high + 1
    if first <= last:
        yield first, last


class _Walker:
    """Walks from station to station: the places where the ledger says what the head is."""

    def __init__(
        self,
        end: End,
        segments: Sequence[Segment],
        opened: Open | None,
        purged: Sequence[tuple[int, int]],
        places: Places,
    ) -> None:
        self._end, self._purged, self._places = end, purged, places
        stations: list[tuple[int, int, Any, str, int]] = []
        for one in segments:
            stations += [
                (one.first_seq - 1, 2 * one.number, one.previous_head, "head", one.number),
                (one.last_seq, 2 * one.number + 1, one.head, "own head", one.number),
            ]
        if opened is not None:
            number = opened.number
            stations.append((opened.first_seq - 1, 2 * number, opened.previous_head, "open-segment", number))
        stations = [one for one in stations if one[0] >= 0 and isinstance(one[2], bytes)]
        order = max((one[1] for one in stations), default=0) + 1
        stations.append((end.seq, order, end.head, "end", end.segment))
        self._stations = sorted(stations, key=lambda one: one[:2])
        self._next = 0
        self._pos = 0
        self._head: bytes | None = end.genesis
        self._present = 0
        self._last = 0
        self._holes: list[tuple[int, int]] = []
        self._held: set[int] = set()
        self._broken: list[int] = []
        self._end_held = False
        self._arrive()

    def take(self, rows: Sequence[tuple[Any, Any]]) -> None:
        """Go over the next events, which are in the order of their numbers."""
        if rows[-1][0] == rows[0][0] + len(rows) - 1:
            self.take_run(rows[0][0], [leaf for _, leaf in rows])
        else:
            self._take_each(rows)

    def take_run(self, first: int, leaves: Sequence[Any]) -> None:
        """Go over the next events, which follow each other from the number `first` on."""
        last = first + len(leaves) - 1
        if (
            first == self._pos + 1
            and last <= self._end.seq
            and not any(low <= last and high >= first for low, high in self._purged)
        ):
            self._run(leaves)
        else:
            self._take_each(list(enumerate(leaves, first)))

    def _take_each(self, rows: Sequence[tuple[Any, Any]]) -> None:
        for seq, leaf in rows:
            if not self._pos < seq <= self._end.seq or not any(without(seq, seq, self._purged)):
                self._places.altered("seq", seq=seq)
                continue
            if seq > self._pos + 1:
                self._skip(seq - 1)
            self._run([leaf])

    def done(self) -> Course:
        """What was found; what is not there at the end is told."""
        if self._pos < self._end.seq:
            for low, high in without(self._pos + 1, self._end.seq, self._purged):
                if high == self._end.seq:
                    self._holes.append((low, high))
                    self._places.add(Place(Word.TRUNCATED, "end-gone", seq=low, last=high))
                else:
                    self._miss(low, high)
            self._broken.append(self._end.seq)
        held, broken = frozenset(self._held), tuple(self._broken)
        return Course(self._present, self._last, tuple(self._holes), held, self._end_held, broken)

    def _run(self, leaves: Sequence[Any]) -> None:
        self._present += len(leaves)
        done = 0
        while done < len(leaves):
            stop = len(leaves) - done
            if self._next < len(self._stations):
                stop = min(stop, self._stations[self._next][0] - self._pos)
            head = self._head
            if head is not None:
                sha256 = _sha256
                for leaf in leaves[done : done + stop]:
                    head = sha256(b"\x01" + head + leaf).digest()
                self._head = head
            self._pos += stop
            done += stop
            self._arrive()
        self._last = self._pos

    def _arrive(self) -> None:
        """Hold the head to each station that stands here; go on from what it says."""
        while self._next < len(self._stations) and self._stations[self._next][0] <= self._pos:
            pos, _, head, what, number = self._stations[self._next]
            self._next += 1
            if pos < self._pos:
                continue
            if self._head != head:
                self._broken.append(pos)
            if self._head is not None:
                if self._head != head:
                    self._places.altered(what.removeprefix("own "), segment=number, seq=pos)
                elif what == "own head":
                    self._held.add(number)
                elif what == "end":
                    self._end_held = True
            self._head = head

    def _skip(self, to: int) -> None:
        """Go over events that are not there, up to event `to`."""
        for low, high in without(self._pos + 1, to, self._purged):
            self._miss(low, high)
        self._head = None
        self._pos = to
        self._arrive()

    def _miss(self, low: int, high: int) -> None:
        self._holes.append((low, high))
        self._places.missing("event-gone", seq=low, last=high)


def _gone(places: Places, first: int, last: int) -> None:
    places.missing("segment-gone", segment=first, seq=0, row=last if last > first else None)


def _follows(
    end: End, before: Segment | None, number: int, start: tuple[int, Any, Any], first_key: bytes | None
) -> bool:
    """Whether a segment begins where and as the one before it ended; true where that one is missing."""
    first_seq, previous_head, public_key = start
    if before is not None:
        return start == (before.last_seq + 1, before.head, before.column("next_public_key"))
    if number != 1:
        return True
    if first_key is not None and public_key != first_key:
        return False
    return first_seq != 1 or previous_head == end.genesis


class Where:
    """Which segment an event is in."""

    def __init__(self, segments: Sequence[Segment], end: End) -> None:
        full = sorted((one.first_seq, one.last_seq, one.number) for one in segments if one.last_seq >= one.first_seq)
        self._firsts = [one[0] for one in full]
        self._full = full
        self._open = end.segment

    def of(self, seq: int) -> int:
        """Return the number of the segment that holds the event; the open one's if no closed one does."""
        at = bisect_right(self._firsts, seq) - 1
        if at >= 0 and seq <= self._full[at][1]:
            return self._full[at][2]
        return self._open
