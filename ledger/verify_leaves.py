"""The first thing a verifier does: hold each event's leaf to the row or body that it vouches for, range by range.

One connection, one read transaction; several processes may do ranges of the same ledger. Rows are read by their rowid
and never through an index, which anybody can change without changing a table.
"""

import hashlib
import sqlite3
import struct
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Final

from douane.ledger.canonical import ROWS, SNAPSHOTS, RowKind
from douane.ledger.columns import REALS, as_bytes, commitments, leaves
from douane.ledger.verify_windows import EMPTY, Vouched, Windows

CHUNK: Final = 4096
WINDOW: Final = 1024
"""Events that are held at once: what is read for them fits into a processor's own cache."""
RUNS: Final = 5000
"""How many runs of faults one range tells; more are only counted."""
_real: Final = struct.Struct(">d").pack
_SNAPSHOTS: Final = frozenset(one.kind.encode() for one in SNAPSHOTS)
_sha256 = hashlib.sha256

type Row = tuple[Any, ...]


@dataclass(slots=True)
class Part:
    """What one range of events told. Runs are lists, so that they can go through a pipe as JSON."""

    events: int = 0
    faults: int = 0
    runs: list[list[Any]] = field(default_factory=list[list[Any]])
    """`[what, table, first seq, last seq, first row]`: neighbouring events with the same fault."""
    gone: dict[str, list[list[int]]] = field(default_factory=dict[str, list[list[int]]])
    """Kind to `[row, seq, how many]`: rows whose detail has gone, neighbours together."""
    rows: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])
    """Kind to `[how many rows, first, last, whether they only grow]`."""
    headlines: list[list[Any]] = field(default_factory=list[list[Any]])
    """Of disclosures, as `verify_headlines` says it."""
    worst: list[list[Any]] = field(default_factory=list[list[Any]])
    """The gravest verdicts that hold, likewise."""
    said: bool = True
    """Whether these two are all that the range's rows say of headlines."""
    replaced: bool = False
    """Whether any verdict may say that it was replaced."""

    def fault(self, what: str, seq: int, table: str = "", row: int | None = None) -> None:
        """Note that an event does not hold."""
        self.faults += 1
        last = self.runs[-1] if self.runs else None
        if last is not None and last[0] == what and last[1] == table and last[3] == seq - 1:
            last[3] = seq
        elif len(self.runs) < RUNS:
            self.runs.append([what, table, seq, seq, row])


class Leaves:
    """Checks ranges of events over a connection whose `text_factory` is `bytes`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._kinds = {kind.kind.encode(): _Kind(kind) for kind in ROWS}
        self._windows = Windows(db)

    def check(self, first: int, last: int) -> Part:
        """Return what the events from `first` to `last` told."""
        part = Part()
        while first <= last:
            to = min(last, first + WINDOW - 1)
            found = self._windows.hold(first, to)
            if found is None:
                first = self._check_some(first, last, part)
                continue
            part.events += to - first + 1
            for one in found[0]:
                _note_rows(part, one)
            if found[1]:
                self._check_chunk(found[1], part)
            first = to + 1
        return part

    def _check_some(self, first: int, last: int, part: Part) -> int:
        """Hold up to a window of events one by one; return the number from which on they were not."""
        rows = self._db.execute(
            "SELECT seq, kind, row, body, leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq LIMIT ?",
            (first, last, WINDOW),
        ).fetchall()
        part.events += len(rows)
        part.said, part.replaced = False, True
        if rows:
            self._check_chunk(rows, part)
        return rows[-1][0] + 1 if len(rows) == WINDOW else last + 1

    def hold(self, events: Sequence[Row]) -> Part:
        """Return what these events told: `seq, kind, row, body, leaf` of each, in their order."""
        part = Part(len(events))
        self._check_chunk(events, part)
        return part

    def _check_chunk(self, chunk: Sequence[Row], part: Part) -> None:
        groups: dict[bytes, tuple[list[int], list[int], list[bytes]]] = {kind: ([], [], []) for kind in self._kinds}
        for seq, kind, row, body, leaf in chunk:
            group = groups.get(kind)
            if group is None:
                _check_told(part, seq, kind, row, body, leaf)
            elif body is not None or type(row) is not int:
                part.fault("shape", seq)
            else:
                group[0].append(seq)
                group[1].append(row)
                group[2].append(leaf)
        for kind, (seqs, rows, stored) in groups.items():
            if seqs:
                self._check_rows(self._kinds[kind], seqs, rows, stored, part)

    def _check_rows(
        self, kind: "_Kind", seqs: Sequence[int], rows: Sequence[int], leaves: Sequence[bytes], part: Part
    ) -> None:
        grows = all(map(int.__lt__, rows, rows[1:]))
        known = part.rows.get(kind.name)
        if known is None:
            known = part.rows[kind.name] = [0, rows[0], rows[0] - 1, True]
        known[3] = known[3] and grows and rows[0] > known[2]
        known[1], known[2] = min(known[1], min(rows)), max(known[2], max(rows))
        found: list[Row] = []
        if grows and rows[-1] - rows[0] < 4 * CHUNK:
            found = self._db.execute(kind.between, (rows[0], rows[-1])).fetchall()
        if len(found) != len(rows) or any(map(int.__ne__, rows, [one[0] for one in found])):
            found, seqs, leaves = self._one_by_one(kind, seqs, rows, leaves, part)
        known[0] += len(found)
        kind.hold(seqs, leaves, found, part)

    def _one_by_one(
        self, kind: "_Kind", seqs: Sequence[int], rows: Sequence[int], leaves: Sequence[bytes], part: Part
    ) -> tuple[list[Row], list[int], list[bytes]]:
        """The slow way, for events whose rows do not lie side by side: those that are there."""
        found: list[Row] = []
        numbers: list[int] = []
        held: list[bytes] = []
        for seq, row, leaf in zip(seqs, rows, leaves, strict=True):
            one = self._db.execute(kind.one, (row,)).fetchone()
            if one is None:
                part.fault("row-gone", seq, kind.table, row)
            else:
                found.append(one)
                numbers.append(seq)
                held.append(leaf)
        return found, numbers, held


def _check_told(part: Part, seq: int, kind: Any, row: Any, body: Any, leaf: Any) -> None:
    """A snapshot, or an event that has only a body."""
    if kind in _SNAPSHOTS:
        if type(row) is not int or type(body) is not bytes:
            part.fault("shape", seq)
            return
        values: tuple[bytes, ...] = (b"%d" % seq, kind, b"%d" % row, body)
    else:
        if row is not None or type(body) is not bytes or type(kind) is not bytes:
            part.fault("shape", seq)
            return
        values = (b"%d" % seq, kind, body)
    head = struct.pack(f">B{len(values)}I", 0, *map(len, values))
    if _sha256(head + b"".join(values)).digest() != leaf:
        part.fault("leaf", seq)


class _Kind:
    """One kind of row event: how its rows are read and held."""

    def __init__(self, kind: RowKind) -> None:
        self.name, self.table = kind.kind, kind.table
        self._word = kind.kind.encode()
        wanted = [as_bytes(column) for column in kind.columns]
        if kind.detail:
            wanted += ["nonce", *kind.detail]
        select = f"SELECT id, {', '.join(wanted)} FROM {kind.table} NOT INDEXED WHERE id"  # noqa: S608 - our own names
        self.between = f"{select} BETWEEN ? AND ? ORDER BY id"
        self.one = f"{select} = ?"
        self._count = len(kind.columns)
        self._real = next((at for at, column in enumerate(kind.columns) if column in REALS), None)
        self._detailed = bool(kind.detail)

    def hold(self, seqs: Sequence[int], stored: Sequence[bytes], rows: Sequence[Row], part: Part) -> None:
        """Hold leaves and commitments of rows that are there."""
        try:
            found = self._held(seqs, stored, rows)
        except TypeError:  # a value of another type than its column's: the file's tables are not ours
            found = self._held(seqs, stored, [(row[0], *map(_plain, row[1:])) for row in rows])
        for what, seq, row in found[0]:
            part.fault(what, seq, self.table, row)
        for seq, row in found[1]:
            _note_gone(part.gone.setdefault(self.name, []), row, seq)

    def _held(
        self, seqs: Sequence[int], stored: Sequence[bytes], rows: Sequence[Row]
    ) -> tuple[list[tuple[str, int, int]], list[tuple[int, int]]]:
        """The faults, and the rows whose detail has gone.

        On every event's way, so it goes column by column: a loop over rows in Python takes twice as long.
        """
        if not rows:
            return [], []
        ids, *columns = zip(*rows, strict=True)
        values: list[Sequence[Any]] = list(columns[: self._count])
        if self._real is not None:
            values[self._real] = [None if one is None else _bytes(one) for one in values[self._real]]
        made = leaves(self._word, list(map(b"%d".__mod__, seqs)), values)
        faults = [] if made == stored else _unlike("leaf", seqs, ids, made, stored)
        gone: list[tuple[int, int]] = []
        if self._detailed:
            nonces, detail = columns[self._count], columns[self._count + 1 :]
            held: Sequence[Any] = values[-1]
            if None in nonces:
                gone = [(seq, row) for seq, row, nonce in zip(seqs, ids, nonces, strict=True) if nonce is None]
                left = zip(seqs, ids, nonces, zip(*detail, strict=True), strict=True)
                empty = EMPTY[self.name]
                faults += [("detail-left", seq, row) for seq, row, nonce, one in left if nonce is None and one != empty]
                kept = [nonce is not None for nonce in nonces]
                seqs, ids = tuple(compress(seqs, kept)), tuple(compress(ids, kept))
                held, nonces = tuple(compress(held, kept)), tuple(compress(nonces, kept))
                detail = [tuple(compress(one, kept)) for one in detail]
            made = commitments(nonces, detail)
            if made != list(held):
                faults += _unlike("commitment", seqs, ids, made, held)
        return faults, gone


def _unlike(
    what: str, seqs: Iterable[int], ids: Iterable[int], made: Iterable[bytes], held: Iterable[object]
) -> list[tuple[str, int, int]]:
    together = zip(seqs, ids, made, held, strict=True)
    return [(what, seq, row) for seq, row, one, other in together if one != other]


def _note_rows(part: Part, one: Vouched) -> None:
    known = part.rows.get(one.kind)
    if known is None:
        known = part.rows[one.kind] = [0, one.first, one.first - 1, True]
    known[0] += one.count
    known[3] = known[3] and one.first > known[2]
    known[1], known[2] = min(known[1], one.first), max(known[2], one.last)
    for seq, row in one.gone:
        _note_gone(part.gone.setdefault(one.kind, []), row, seq)
    if one.kind in ("disclosure", "verdict"):
        said = part.headlines if one.kind == "disclosure" else part.worst
        said += [] if one.digits is None else [list(one.digits)]
        part.said, part.replaced = part.said and one.digits is not None, part.replaced or one.replaced


def _note_gone(runs: list[list[int]], row: int, seq: int) -> None:
    if runs and runs[-1][0] + runs[-1][2] == row and runs[-1][1] + runs[-1][2] == seq:
        runs[-1][2] += 1
    else:
        runs.append([row, seq, 1])


def _plain(value: object) -> object:
    """A value as `_held` takes it: bytes or nothing."""
    return None if value is None else _bytes(value)


def _bytes(value: object) -> bytes:
    """A value's bytes, of whatever type it is: the tables are strict, but a file can be changed to have others."""
    match value:
        case float():
            return _real(value)
        case int():
            return b"%d" % value
        case bytes():
            return value
        case _:
            return b""


class Numbers:
    """A set of row numbers, or a small number for each: dense ones in an array, wild ones apart."""

    def __init__(self, most: int) -> None:
        self._most = max(0, most)
        self._near = array("I")
        self._far: dict[int, int] = {}

    def __getitem__(self, number: int) -> int:
        """Return what was set, 0 if nothing was."""
        if 0 <= number <= self._most:
            return self._near[number] if number < len(self._near) else 0
        return self._far.get(number, 0)

    def __setitem__(self, number: int, value: int) -> None:
        """Set it; `value` is from 0 to 4,294,967,295."""
        if not 0 <= number <= self._most:
            self._far[number] = value
            return
        if number >= len(self._near):
            grown = min(self._most + 1, max(number + 1, 2 * len(self._near)))
            self._near.frombytes(bytes(self._near.itemsize * (grown - len(self._near))))
        self._near[number] = value

    def __iter__(self) -> Iterator[int]:
        """Go over every number that has something other than 0."""
        yield from (number for number, value in enumerate(self._near) if value)
        yield from (number for number, value in self._far.items() if value)
