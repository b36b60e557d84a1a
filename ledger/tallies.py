"""Counts over a whole ledger, kept in memory and brought up to date by what the chain says has changed since.

The chain tells of every change: rows that were added, outcomes, replaced verdicts, purges. So a look at the newest
events names the blocks of rows that have to be counted anew, and a fresh count would say the same.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from douane.ledger.counted import Counted
from douane.ledger.counting import (
    ApartKey,
    DayKey,
    FieldKey,
    GapKey,
    LatencyKey,
    MessageKey,
    PassageKey,
    count_exchanges,
    count_gaps,
    count_passages,
)
from douane.ledger.cube import BLOCK, Counting, Cube
from douane.ledger.report_query import snapshot

CHANGES: Final = """SELECT kind, body FROM events
    WHERE seq > ? AND row IS NULL AND kind IN ('outcome', 'replaced', 'purge') ORDER BY seq"""
JUDGED: Final = f"""SELECT DISTINCT d.exchange_id / {BLOCK} FROM events n CROSS JOIN verdicts v ON v.id = n.row
    CROSS JOIN disclosures d ON d.id = v.disclosure_id
    WHERE n.seq > ? AND n.kind = 'verdict' AND d.exchange_id <= ?"""  # noqa: S608 - our own number
REPLACED: Final = f"""SELECT DISTINCT d.exchange_id / {BLOCK} FROM json_each(?) n CROSS JOIN verdicts v ON v.id = n.value
    CROSS JOIN disclosures d ON d.id = v.disclosure_id"""  # noqa: S608 - our own number
_CHAIN: Final = "SELECT ledger, seq FROM chain"
_LEAF: Final = "SELECT leaf FROM events WHERE seq = ?"
_SOME: Final = 64  # blocks that are counted in one read of the ledger, so that no sweep waits for the first count


@dataclass(slots=True)
class _Known:
    """What has been counted: up to which event of which chain, and up to which rows."""

    ledger: str = ""
    seq: int = 0
    leaf: bytes = b""
    exchange: int = 0
    gap: int = 0
    passage: int = 0
    messages: Cube[MessageKey] = field(default_factory=Cube[MessageKey])
    fields: Cube[FieldKey] = field(default_factory=Cube[FieldKey])
    days: Cube[DayKey] = field(default_factory=Cube[DayKey])
    latencies: Cube[LatencyKey] = field(default_factory=Cube[LatencyKey])
    apart: Cube[ApartKey] = field(default_factory=Cube[ApartKey])
    gaps: Cube[GapKey] = field(default_factory=Cube[GapKey])
    passages: Cube[PassageKey] = field(default_factory=Cube[PassageKey])
    spans: dict[int, tuple[str, str]] = field(default_factory=dict[int, tuple[str, str]])


@dataclass(slots=True)
class _Changed:
    """Blocks that may have changed, and whether rows went."""

    exchanges: set[int] = field(default_factory=set[int])
    purged: bool = False


class Tallies:
    """What is counted of one ledger. Safe to share between threads; each brings a connection of its own."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known = _Known()
        self._counted: Counted | None = None
        self._progress = 0.0

    @property
    def counted(self) -> Counted | None:
        """The last count, None before the first is done. Never waits."""
        return self._counted

    @property
    def progress(self) -> float:
        """How much of the first count is done, from 0 to 1."""
        return self._progress

    def follow(self, db: sqlite3.Connection) -> Counted:
        """Bring the counts up to what `db` sees and return them; the same object when nothing has changed.

        The first call counts everything, which takes some seconds per million exchanges; others wait for it. What is
        asked of the same ledger afterwards agrees with the counts where both happen in one `report_query.snapshot`.
        Raises `sqlite3.Error`; the counts then stay as they were.
        """
        with self._lock:
            if self._counted is None and not db.in_transaction:
                self._begin(db)
            with snapshot(db):
                return self._follow(db)

    def _begin(self, db: sqlite3.Connection) -> None:
        """Count most of the ledger in short reads; what changes meanwhile is told by the events after the first."""
        known = _Known()
        with snapshot(db):
            _standing(db, known)
            last = _last(db, "exchanges")
        blocks = range((_first(db, "exchanges") or 1) // BLOCK, last // BLOCK + 1)
        for start in range(0, len(blocks), _SOME):
            with snapshot(db):
                _recount(db, known, blocks[start : start + _SOME])
            self._progress = (start + _SOME) / (len(blocks) + _SOME)
        known.exchange = last
        self._known = known

    def _follow(self, db: sqlite3.Connection) -> Counted:
        known = self._known
        ledger, seq = db.execute(_CHAIN).fetchone()
        if known.seq and not _continues(db, known, ledger, seq):
            known = _Known()
        elif self._counted is not None and seq == known.seq:
            return self._counted
        changed = _changed(db, known)
        since, last = known.exchange, _last(db, "exchanges")
        if last > since:
            changed.exchanges.update(range(max(since, 1) // BLOCK, last // BLOCK + 1))
        if changed.purged:
            _drop(known, (_first(db, "exchanges") or last + 1) // BLOCK, changed.exchanges)
        _recount(db, known, sorted(changed.exchanges))
        known.exchange = last
        known.gap = _append(db, "gaps", known.gap, known.gaps, count_gaps, anew=changed.purged)
        known.passage = _append(db, "passages", known.passage, known.passages, count_passages, anew=changed.purged)
        _standing(db, known)
        self._known = known
        self._counted = Counted(
            known.ledger,
            known.seq,
            known.exchange,
            known.messages.frozen(),
            known.fields.frozen(),
            known.days.frozen(),
            known.latencies.frozen(),
            known.apart.frozen(),
            known.gaps.frozen(),
            known.passages.frozen(),
            dict(known.spans),
        )
        self._progress = 1.0
        return self._counted


def _standing(db: sqlite3.Connection, known: _Known) -> None:
    known.ledger, known.seq = db.execute(_CHAIN).fetchone()
    row = db.execute(_LEAF, (known.seq,)).fetchone()
    known.leaf = bytes(row[0]) if row is not None else b""


def _continues(db: sqlite3.Connection, known: _Known, ledger: str, seq: int) -> bool:
    """Whether this is the chain that was counted, some events longer: a copy may have been put in its place."""
    if ledger != known.ledger or seq < known.seq:
        return False
    row = db.execute(_LEAF, (known.seq,)).fetchone()
    return row is not None and bytes(row[0]) == known.leaf


def _changed(db: sqlite3.Connection, known: _Known) -> _Changed:
    """Blocks of rows that were counted and have changed since."""
    out = _Changed()
    if not known.seq or not known.exchange:
        return out
    replaced: list[int] = []
    for kind, body in db.execute(CHANGES, (known.seq,)):
        if kind == "purge":
            out.purged = True
        elif kind == "replaced":
            replaced += json.loads(body)["verdicts"]
        else:
            for ids in json.loads(body).values():
                out.exchanges.update(one // BLOCK for one in ids if one <= known.exchange)
    out.exchanges.update(row[0] for row in db.execute(JUDGED, (known.seq, known.exchange)))
    if replaced:
        out.exchanges.update(row[0] for row in db.execute(REPLACED, (json.dumps(replaced),)))
    return out


def _drop(known: _Known, first: int, changed: set[int]) -> None:
    """Forget the blocks before the first that is left, which is counted anew: rows go oldest first."""
    for block in [one for one in known.spans if one < first]:
        _put(known, block)
    changed.difference_update([one for one in changed if one < first])
    changed.add(first)


def _recount(db: sqlite3.Connection, known: _Known, blocks: Iterable[int]) -> None:
    for block in blocks:
        counts = count_exchanges(db, block)
        known.messages.put(block, counts.messages)
        known.fields.put(block, counts.fields)
        known.days.put(block, counts.days)
        known.latencies.put(block, counts.latencies)
        known.apart.put(block, counts.apart)
        if counts.first_at:
            known.spans[block] = (counts.first_at, counts.last_at)
        else:
            known.spans.pop(block, None)


def _put(known: _Known, block: int) -> None:
    for cube in (known.messages, known.fields, known.days, known.latencies, known.apart):
        cube.put(block, {})
    known.spans.pop(block, None)


def _append[K](
    db: sqlite3.Connection,
    table: str,
    known: int,
    cube: Cube[K],
    count: Callable[[sqlite3.Connection, int], dict[K, Counting]],
    *,
    anew: bool,
) -> int:
    """Count the rows above the last known one; all of them after a purge, for these ids may be given again."""
    last = _last(db, table)
    if anew:
        for block in cube.blocks():
            cube.put(block, {})
        known = (_first(db, table) or 1) - 1
    if last > known:
        for block in range(max(known, 1) // BLOCK, last // BLOCK + 1):
            cube.put(block, count(db, block))
    return last


def _last(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])  # noqa: S608 - our own names


def _first(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(min(id), 0) FROM {table}").fetchone()[0])  # noqa: S608 - our own names
