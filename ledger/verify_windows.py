"""A window of events that are all there and whose rows lie side by side, held column by column: the usual case.

It answers that everything holds, or nothing at all: then the same events are held one by one, which says what is wrong
and where. It reads a third faster, since SQLite hands over the events' columns whole.
"""

import sqlite3
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Final

from douane.ledger.canonical import ROWS, RowKind
from douane.ledger.columns import REALS, as_bytes, commitments, leaves, packed

EMPTY: Final = {"exchange": (b"", b"", None), "disclosure": (None, None, None, b"")}
"""What is left of a detail that has gone."""
_LEAF: Final = 32
_EVENTS: Final = """SELECT count(*), group_concat(seq), group_concat(row), group_concat(leaf, '')
    FROM events NOT INDEXED WHERE seq BETWEEN ? AND ? AND kind = ?
    AND body IS NULL AND typeof(row) = 'integer' AND length(leaf) = 32"""
_OTHERS: Final = f"""SELECT seq, kind, row, body, leaf FROM events NOT INDEXED WHERE seq BETWEEN ? AND ?
    AND (kind NOT IN ({", ".join(f"'{one.kind}'" for one in ROWS)}) OR body IS NOT NULL) ORDER BY seq"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Vouched:
    """Row events of one kind that hold: how many, and their rows, which follow each other."""

    kind: str
    count: int
    first: int
    gone: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Number and row of the events whose row's detail has gone."""

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
        left = last - first + 1
        out: list[Vouched] = []
        others: list[tuple[Any, ...]] = []
        for kind in (*self._kinds[:3], None, *self._kinds[3:]):
            if left <= 0:
                break
            if kind is None:
                others = self._db.execute(_OTHERS, (first, last)).fetchall()
                left -= len(others)
                continue
            try:
                found = kind.hold(self._db, first, last)
            except (TypeError, ValueError, struct.error):  # a value of another type than its column's
                return None
            if found is None:
                return None
            left -= found.count
            if found.count:
                out.append(found)
        return None if left else (out, others)


class _Kind:
    def __init__(self, kind: RowKind) -> None:
        self._name, self._word = kind.kind, kind.kind.encode()
        wanted = [as_bytes(column) for column in kind.columns[1:]]  # the first is `id`, which the event has as `row`
        if kind.detail:
            wanted += ["nonce", *kind.detail]
        self._between = f"SELECT {', '.join(wanted)} FROM {kind.table} NOT INDEXED WHERE id BETWEEN ? AND ? ORDER BY id"  # noqa: S608 - our own names
        self._count = len(kind.columns)
        self._reals = [at for at, column in enumerate(kind.columns) if column in REALS]
        self._detailed = bool(kind.detail)

    def hold(self, db: sqlite3.Connection, first: int, last: int) -> Vouched | None:
        """Hold the events of this kind; None if one of them does not."""
        count, seqs, rows, stored = db.execute(_EVENTS, (first, last, self._name)).fetchone()
        if not count:
            return Vouched(self._name, 0, 0)
        numbers: list[bytes] = seqs.split(b",")
        ids: list[bytes] = rows.split(b",")
        start = int(ids[0])
        if list(map(int, ids)) != list(range(start, start + count)) or len(stored) != _LEAF * count:
            return None
        found = db.execute(self._between, (start, start + count - 1)).fetchall()
        if len(found) != count:
            return None
        columns: list[Sequence[Any]] = [ids, *zip(*found, strict=True)]
        for at in self._reals:
            if not {*map(type, columns[at])} <= {float, type(None)}:
                return None
            columns[at] = packed(columns[at])
        if b"".join(leaves(self._word, numbers, columns[: self._count])) != stored:
            return None
        gone = self._gone(numbers, ids, columns) if self._detailed else []
        return None if gone is None else Vouched(self._name, count, start, gone)

    def _gone(
        self, numbers: Sequence[bytes], ids: Sequence[bytes], columns: Sequence[Sequence[Any]]
    ) -> list[tuple[int, int]] | None:
        """The rows whose detail has gone; None if a commitment does not hold, or if some of a detail is left."""
        stored, nonces, detail = columns[self._count - 1], columns[self._count], columns[self._count + 1 :]
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
