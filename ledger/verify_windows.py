"""A window of events that are all there and whose rows lie side by side, held column by column: the usual case.

It answers that everything holds, or nothing at all: then the same events are held one by one, which says what is wrong
and where. It reads a third faster, since SQLite hands over the events' columns whole.
"""

import sqlite3
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from struct import iter_unpack
from typing import Any, Final

from douane.ledger.canonical import ROWS, RowKind
from douane.ledger.columns import REALS, as_bytes, commitments, leaves, packed
from douane.ledger.verify_headlines import Digits, gravest, headed

EMPTY: Final = {"exchange": (b"", b"", None), "disclosure": (None, None, None, b"")}
"""What is left of a detail that has gone."""
_BESIDE: Final = {"verdict": ["replaced_at"], "disclosure": ["headline"]}
"""What is no part of a leaf and read with it, so that the table need not be read again."""
_LEAF: Final = 32
_EVENTS: Final = """SELECT count(*), group_concat(seq), group_concat(kind), group_concat(row), group_concat(leaf, '')
    FROM events NOT INDEXED WHERE seq BETWEEN ? AND ? AND kind IS NOT NULL AND body IS NULL
    AND typeof(row) = 'integer' AND length(leaf) = 32"""
_OTHERS: Final = """SELECT seq, kind, row, body, leaf FROM events NOT INDEXED WHERE seq BETWEEN ? AND ?
    AND body IS NOT NULL ORDER BY seq"""


@dataclass(frozen=True, slots=True)
class Vouched:
    """Row events of one kind that hold: how many, and their rows, which follow each other."""

    kind: str
    count: int
    first: int
    gone: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Number and row of the events whose row's detail has gone."""
    digits: Digits | None = None
    """Of verdicts the gravest that hold, of disclosures the headlines; None where they could not be said so."""
    replaced: bool = False
    """Of verdicts: whether any says that it was replaced."""

    @property
    def last(self) -> int:
        """The last row."""
        return self.first + self.count - 1


class Windows:
    """Holds windows of events over a connection whose `text_factory` is `bytes`."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        # The most frequent first: once every event of a window is accounted for, no other kind is looked for.
        order = ("verdict", "disclosure", "exchange")
        self._kinds = [_Kind(one) for name in order for one in ROWS if one.kind == name]
        self._kinds += [_Kind(one) for one in ROWS if one.kind not in order]

    def hold(self, first: int, last: int) -> tuple[list[Vouched], list[tuple[Any, ...]]] | None:
        """Return the row events from `first` to `last` and every other event; None if any is missing or does not hold.

        The other events are as they stand: `seq, kind, row, body, leaf` of each.
        """
        count, *texts, stored = self._db.execute(_EVENTS, (first, last)).fetchone()
        others: list[tuple[Any, ...]] = []
        if count <= last - first:
            others = self._db.execute(_OTHERS, (first, last)).fetchall()
        if count + len(others) != last - first + 1 or len(stored or b"") != _LEAF * count:
            return None
        if not count:
            return [], others
        numbers, kinds, rows = (text.split(b",") for text in texts)
        if not len(numbers) == len(kinds) == len(rows) == count:  # a kind with a comma
            return None
        leaves = [leaf for (leaf,) in iter_unpack("32s", stored)]
        try:
            out = self._vouched(numbers, kinds, rows, leaves)
        except (TypeError, ValueError, struct.error):  # a value of another type than its column's
            return None
        return None if out is None else (out, others)

    def _vouched(
        self, numbers: list[bytes], kinds: list[bytes], rows: list[bytes], leaves: list[bytes]
    ) -> list[Vouched] | None:
        left, out = len(kinds), list[Vouched]()
        for kind in self._kinds:
            if not left:
                break
            if not (there := kinds.count(kind.word)):
                continue
            some = (numbers, rows, leaves)
            if there < len(kinds):
                mask = list(map(kind.word.__eq__, kinds))
                some = (list(compress(numbers, mask)), list(compress(rows, mask)), list(compress(leaves, mask)))
            found = kind.hold(self._db, *some)
            if found is None:
                return None
            out.append(found)
            left -= there
        return None if left else out


class _Kind:
    def __init__(self, kind: RowKind) -> None:
        self._name, self.word = kind.kind, kind.kind.encode()
        wanted = [as_bytes(column) for column in kind.columns[1:]]  # the first is `id`, which the event has as `row`
        if kind.detail:
            wanted += ["nonce", *kind.detail]
        wanted += _BESIDE.get(kind.kind, [])
        self._between = f"SELECT {', '.join(wanted)} FROM {kind.table} NOT INDEXED WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608 - our own names
        self._count = len(kind.columns)
        verdict = kind.kind == "verdict"
        self._ranked = (kind.columns.index("disclosure_id"), kind.columns.index("verdict")) if verdict else None
        self._reals = [at for at, column in enumerate(kind.columns) if column in REALS]
        self._detail = slice(self._count + 1, self._count + 1 + len(kind.detail)) if kind.detail else None

    def hold(
        self, db: sqlite3.Connection, numbers: list[bytes], ids: list[bytes], stored: list[bytes]
    ) -> Vouched | None:
        """Hold events of this kind, by their numbers, rows and leaves; None if one of them does not."""
        count, start = len(ids), int(ids[0])
        if list(map(int, ids)) != list(range(start, start + count)):
            return None
        found = db.execute(self._between, (start, start + count - 1)).fetchall()
        if len(found) != count:
            return None
        columns: list[Sequence[Any]] = [ids, *zip(*found, strict=True)]
        for at in self._reals:
            if not {*map(type, columns[at])} <= {float, type(None)}:
                return None
            columns[at] = packed(columns[at])
        if leaves(self.word, numbers, columns[: self._count]) != stored:
            return None
        gone = [] if self._detail is None else self._gone(numbers, ids, columns, columns[self._detail])
        if gone is None:
            return None
        if self._ranked is not None:
            disclosure, says = self._ranked
            digits = gravest(columns[disclosure], columns[says], columns[-1])
            return Vouched(self._name, count, start, gone, digits, columns[-1].count(None) < count)
        digits = headed(start, columns[-1]) if self._name == "disclosure" else None
        return Vouched(self._name, count, start, gone, digits)

    def _gone(
        self,
        numbers: Sequence[bytes],
        ids: Sequence[bytes],
        columns: Sequence[Sequence[Any]],
        detail: Sequence[Sequence[Any]],
    ) -> list[tuple[int, int]] | None:
        """The rows whose detail has gone; None if a commitment does not hold, or if some of a detail is left."""
        stored, nonces = columns[self._count - 1], columns[self._count]
        gone: list[tuple[int, int]] = []
        if None in nonces:
            without = [one is None for one in nonces]
            left = set(compress(zip(*detail, strict=True), without))
            if left != {EMPTY[self._name]}:
                return None
            gone = [(int(seq), int(row)) for seq, row in compress(zip(numbers, ids, strict=True), without)]
            kept = [one is not None for one in nonces]
            stored, nonces = tuple(compress(stored, kept)), tuple(compress(nonces, kept))
            detail = [tuple(compress(one, kept)) for one in detail]
        return gone if commitments(nonces, detail) == list(stored) else None
