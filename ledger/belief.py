"""What deletes, empties or tells again believes nothing that it has not held to the chain first.

The chain is walked in small steps before anything goes. What is relied on is then held once more in the transaction in
which it goes, so that nobody can change it in between and put it back after.
"""

import json
import sqlite3
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from douane.ledger.canonical import HEADER, SNAPSHOTS, SnapshotKind, genesis, next_head
from douane.ledger.refused import LedgerDoubted, LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.verify_end import End
from douane.ledger.verify_file import read_end
from douane.ledger.verify_heads import Open, Segment, check_seal
from douane.ledger.verify_leaves import Leaves, Part, Row
from douane.ledger.verify_rows import check_sums
from douane.ledger.verify_told import Telling, Told
from douane.ledger.verify_words import Places
from douane.ledger.vouching import digest_of

BLOCK: Final = 1024
"""Events after which the head is remembered: what has to be read again to hold a single one of them."""
_HEADERS: Final = 64
_EVENTS: Final = "SELECT seq, kind, row, body, leaf FROM events NOT INDEXED WHERE seq > ? AND seq <= ? ORDER BY seq"
_CLOSED: Final = (
    f"SELECT {', '.join(HEADER)}, signature FROM segments NOT INDEXED WHERE number > ? ORDER BY number LIMIT ?"  # noqa: S608 - our own names
)
_AGAIN: Final = frozenset({b"sealing", b"note-key", b"restored", b"instead", b"epoch", b"review", b"erased"})
_DETAILED: Final = {b"exchange": "exchange", b"disclosure": "disclosure"}
_SNAPSHOT: Final = {kind.kind.encode(): kind for kind in SNAPSHOTS}


@dataclass(frozen=True, slots=True)
class Header:
    """A closed segment whose signature holds, as a purge has to know it."""

    number: int
    first_seq: int
    last_seq: int
    count: int
    closed_at: str


@dataclass(slots=True)
class _Block:
    """Up to `BLOCK` events that follow each other: the head before them and after, and which rows they vouch for."""

    first: int
    before: bytes
    last: int = 0
    after: bytes = b""
    rows: dict[bytes, tuple[int, int]] = field(default_factory=dict[bytes, tuple[int, int]])


class Belief:
    """What the chain of one ledger tells, walked over a connection that may write to it or not.

    Raises `LedgerRefused`, which names the first place that does not hold and what was therefore not done.
    """

    def __init__(self, db: sqlite3.Connection, *, undone: str = "nothing was deleted") -> None:
        self._db, self._undone = db, undone
        self._forget()

    def _forget(self) -> None:
        self._places = Places()
        self._telling: Telling | None = None
        self._closed: list[Header] = []
        self._fresh = True
        self._last: Segment | None = None
        self._first_key: object = None
        self._stations: dict[int, bytes] = {}
        self._purged = 0
        self._seq, self._head = 0, b""
        self._blocks: list[_Block] = []
        self._told: list[tuple[int, str, dict[str, Any]]] = []
        self._digests: dict[tuple[bytes, int], tuple[int, bytes]] = {}

    @property
    def closed(self) -> Sequence[Header]:
        """The closed segments that the chain was walked over, by their numbers."""
        return self._closed

    @property
    def told(self) -> Sequence[tuple[int, str, dict[str, Any]]]:
        """The `sealing`, `note-key`, `restored`, `instead`, `epoch`, `review`, `erased` events: number, kind, body."""
        return self._told

    @property
    def end(self) -> tuple[int, bytes]:
        """The last event that was walked over, and the head after it."""
        return self._seq, self._head

    @property
    def purged(self) -> int:
        """The number of the last segment that was purged, 0 for none."""
        return self._purged

    def steps(self) -> Iterator[None]:
        """Walk the chain as it stands, a thousand events or some signatures for each turn of the iterator."""
        for step in (self._headers, self._walk):
            more = True
            while more:
                with _bytes(self._db), _moment(self._db):
                    self._begin()
                    more = step()
                yield

    def hold(self, sealer: Sealer | None = None) -> None:
        """Walk what was appended since, and hold all of it to the end of the chain; in a transaction.

        With a sealer the end itself is held to its MAC; without, the caller has done so.
        """
        with _bytes(self._db):
            self._begin()
            while self._headers() or self._walk():
                pass
            self._hold_end(sealer)

    def whole(self, first: int, last: int) -> None:
        """Hold every event of a range to the chain, and every row to its event; in the transaction of `hold`."""
        with _bytes(self._db):
            leaves = Leaves(self._db)
            for block in self._over(first, last):
                self._hold_rows(leaves, [row for row in self._again(block) if first <= row[0] <= last])

    def rows(self, kind: str, ids: Iterable[int]) -> None:
        """Hold these rows, `exchange` or `disclosure`, to their events and those to the chain; likewise."""
        wanted, word = sorted(set(ids)), kind.encode()
        with _bytes(self._db):
            leaves, left = Leaves(self._db), set(wanted)
            for block in self._blocks:
                low, high = block.rows.get(word, (1, 0))
                at = bisect_left(wanted, low)
                if at == len(wanted) or wanted[at] > high:
                    continue
                some = [row for row in self._again(block) if row[1] == word and row[2] in left]
                left.difference_update(row[2] for row in some)
                self._hold_rows(leaves, some)
        if left:
            raise self._refused(f"{kind} {min(left)}")

    def snapshots(self, *kinds: str) -> None:
        """Hold every row of these kinds to its last snapshot."""
        for word, kind in _SNAPSHOT.items():
            if kind.kind in kinds:
                known = {row for (one, row) in self._digests if one == word}
                found = {row for (row,) in self._db.execute(f"SELECT {kind.row} FROM {kind.table} NOT INDEXED")}  # noqa: S608 - our own names
                if known != found:
                    raise self._refused(kind.table)
                for row in known:
                    self._hold_snapshot(kind, row)

    def snapshots_up_to(self, last: int) -> list[tuple[str, int]]:
        """Kind and row of each snapshot up to an event that no later one replaced; each row is as it says."""
        found = sorted((word, row) for (word, row), (seq, _) in self._digests.items() if seq <= last)
        for word, row in found:
            self._hold_snapshot(_SNAPSHOT[word], row)
        return [(word.decode(), row) for word, row in found]

    def sums(self) -> None:
        """Hold the counted tables to what was told of them."""
        with _bytes(self._db):
            check_sums(self._db, self._standing(), self._places)
        self._doubt()

    def _begin(self) -> None:
        """Begin the walk; begin it again where another process purged what it has not gone over yet."""
        # Asked through an index, which may lie: then the walk finds events missing that no purge told, and refuses.
        row = self._db.execute(
            "SELECT body FROM events WHERE kind = 'purge' AND row IS NULL ORDER BY seq DESC LIMIT 1"
        ).fetchone()
        try:
            last = 0 if row is None else max(int(pair[1]) for pair in json.loads(row[0])["segments"])
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError):
            raise self._refused("a purge event") from None
        if self._telling is not None and last == self._purged:
            return
        gone = self._closed[last - 1].last_seq if 0 < last <= len(self._closed) else 0
        if self._telling is not None and 0 < gone <= self._seq:
            self._purged = last
            self._blocks = [one for one in self._blocks if one.first > gone]
            self._told = [one for one in self._told if one[0] > gone]
            return
        self._forget()
        end = self._end()
        self._telling = Telling(self._db, self._places)
        self._purged = last
        self._seq, self._head = 0, genesis(end.name, end.created_at.decode("utf-8", "replace"))

    def _headers(self) -> bool:
        """Take the next closed segments; false when there was none."""
        end = self._end()
        start = self._last.number if self._last is not None else 0
        rows = self._db.execute(_CLOSED, (start, _HEADERS)).fetchall()
        for row in rows:
            one = Segment(tuple(row[:-1]), row[-1])
            before, self._last = self._last, one
            if before is None:
                fits, self._first_key = (
                    one.number == 1 and one.column("previous_signature") is None,
                    one.column("public_key"),
                )
                fits = fits and one.first_seq == 1 and one.previous_head == end.genesis
            else:
                begins = (one.number, one.first_seq, one.previous_head, one.column("previous_signature"))
                fits = begins == (before.number + 1, before.last_seq + 1, before.head, before.signature)
                fits = fits and one.column("public_key") == before.column("next_public_key")
            counted = one.column("count") == one.last_seq - one.first_seq + 1 >= 0
            if not (fits and counted and one.is_signed(end.ledger)):
                raise self._refused(f"segment {one.number}")
            self._closed.append(
                Header(one.number, one.first_seq, one.last_seq, one.last_seq - one.first_seq + 1, one.closed_at)
            )
            if one.number <= self._purged:
                self._seq, self._head = one.last_seq, one.head
            elif one.last_seq == self._seq:
                self._fresh = True
                if one.head != self._head:
                    raise self._refused(f"segment {one.number}")
            elif one.last_seq > self._seq:
                self._stations[one.last_seq] = one.head
            else:
                raise self._refused(f"segment {one.number}")
        return len(rows) == _HEADERS

    def _walk(self) -> bool:
        """Go over the next events and hold each to its row or body; false when these were the last."""
        rows = self._db.execute(_EVENTS, (self._seq, self._seq + BLOCK)).fetchall()
        self._headers()  # no segment that ends among them may be unknown
        for seq, kind, row, _, leaf in rows:
            if seq != self._seq + 1 or type(leaf) is not bytes:
                raise self._refused(f"event {self._seq + 1}")
            if self._fresh or seq - self._blocks[-1].first >= BLOCK:
                self._blocks.append(_Block(seq, self._head))
            block = self._blocks[-1]
            self._seq, self._head = seq, next_head(self._head, leaf)
            block.last, block.after = seq, self._head
            if kind in _DETAILED and type(row) is int:
                low, high = block.rows.get(kind, (row, row))
                block.rows[kind] = min(low, row), max(high, row)
            station = self._stations.pop(seq, None)
            self._fresh = station is not None
            if station is not None and station != self._head:
                raise self._refused(f"event {seq}")
        self._doubt(Leaves(self._db).hold(rows))
        for seq, kind, row, body, _ in rows:
            if body is not None:
                self._hear(seq, kind, row, body)
        return len(rows) == BLOCK

    def _hear(self, seq: int, kind: bytes, row: object, body: bytes) -> None:
        if self._telling is None:
            raise RuntimeError("the walk has not begun")
        self._telling.take(seq, kind, row, body)
        self._doubt()
        if kind in _SNAPSHOT and type(row) is int:
            self._digests[kind, row] = seq, body
        elif kind in _AGAIN:
            self._told.append((seq, kind.decode(), json.loads(body)))
        elif kind == b"purge":
            self._purged_by(self._telling.told)

    def _purged_by(self, told: Told) -> None:
        """Take what a purge told; one that tells more than one beginning is none of ours."""
        if len(told.purged) != 1 or told.purged[0][0] != 1:
            raise self._refused("a purge event")

    def _hold_end(self, sealer: Sealer | None) -> None:
        end, told = self._end(), self._standing()
        row = self._db.execute(
            "SELECT number, first_seq, opened_at, previous_head, public_key, sealed FROM open_segment"
        ).fetchone()
        if (end.seq, end.head) != (self._seq, self._head) or self._stations:
            raise self._refused(f"event {self._seq}")
        if (told.purged[-1][1] if told.purged else 0) < self._purged:
            raise self._refused("a purge event")
        self._purged = told.purged[-1][1] if told.purged else 0
        number = self._last.number if self._last is not None else 0
        if not told.sealed:
            if number or end.segment or sealer is not None:
                raise self._refused("the chain, which was never sealed")
            return
        if row is None or row[0] != number + 1 or end.segment != number + 1:
            raise self._refused("the open segment")
        key = told.public_key if self._last is None else self._last.column("next_public_key")
        first = told.public_key if self._last is None else self._first_key
        if row[4] != key or first != told.public_key:
            raise self._refused("the open segment")
        if sealer is not None:
            check_seal(end, Open(*row), sealer, end.seq, self._places)
            self._doubt()

    def _end(self) -> End:
        end = read_end(self._db, "the ledger")
        if end is None:
            raise self._refused("the chain")
        return end

    def _over(self, first: int, last: int) -> Iterator[_Block]:
        expected = first
        for block in self._blocks:
            if block.last < first or block.first > last:
                continue
            if block.first > expected:
                break
            expected = block.last + 1
            yield block
        if expected <= last:
            raise self._refused(f"event {expected}")

    def _again(self, block: _Block) -> list[Row]:
        """The events of a block as they stand now."""
        rows: list[Row] = self._db.execute(_EVENTS, (block.first - 1, block.last)).fetchall()
        head = block.before
        for at, row in enumerate(rows):
            if row[0] != block.first + at or type(row[4]) is not bytes:
                raise self._refused(f"event {block.first + at}")
            head = next_head(head, row[4])
        if head != block.after:
            raise self._refused(f"events {block.first} to {block.last}")
        return rows

    def _hold_rows(self, leaves: Leaves, events: Sequence[Row]) -> None:
        part = leaves.hold(events)
        self._doubt(part)
        gone = self._standing().gone
        for kind, runs in part.gone.items():
            for first, seq, count in runs:
                for step in range(count):
                    if not gone[kind][first + step]:
                        raise self._refused(f"event {seq + step}")

    def _hold_snapshot(self, kind: SnapshotKind, row: int) -> None:
        seq, digest = self._digests[kind.kind.encode(), row]
        if (digest_of(self._db, kind, row) or "").encode() != digest:
            raise self._refused(f"event {seq}, {kind.table} {row}")

    def _standing(self) -> Told:
        if self._telling is None:
            raise RuntimeError("the walk has not begun")
        return self._telling.told

    def _doubt(self, part: Part | None = None) -> None:
        """Refuse what was found to be altered."""
        if part is not None and part.runs:
            raise self._refused(f"event {part.runs[0][2]}")
        if self._places.count:
            one = self._places.kept[0]
            raise self._refused(f"event {one.seq}" if one.seq else one.table or one.what)

    def _refused(self, where: str) -> LedgerRefused:
        said = f"the ledger does not verify: ALTERED at {where}; {self._undone}; run `douane verify`"
        return LedgerDoubted(said, where)


@contextmanager
def _bytes(db: sqlite3.Connection) -> Iterator[None]:
    """Texts as the bytes that are hashed."""
    texts, db.text_factory = db.text_factory, bytes
    try:
        yield
    finally:
        db.text_factory = texts


@contextmanager
def _moment(db: sqlite3.Connection) -> Iterator[None]:
    """One state of the file for all that is read inside."""
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.execute("ROLLBACK")
