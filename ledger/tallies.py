"""Counts over a whole ledger, kept in memory and brought up to date by what the chain says has changed since.

The chain tells of every change: rows that were added, outcomes, replaced verdicts, purges. So a look at the newest
events names the blocks of rows that have to be counted anew, and a fresh count would say the same.
"""

import json
import sqlite3
import threading
from collections.abc import Callable, Hashable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from douane.ledger.bodies import read
from douane.ledger.capped import NAMES, PLACES, Caps
from douane.ledger.counted import Counted
from douane.ledger.counting import (
    ApartKey,
    BlockCounts,
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
from douane.ledger.query import open_ledger
from douane.ledger.report_query import snapshot

CHANGES: Final = """SELECT kind, body, seq FROM events
    WHERE seq > ? AND row IS NULL AND kind IN ('outcome', 'replaced', 'purge') ORDER BY seq"""
JUDGED: Final = """SELECT DISTINCT d.exchange_id / ? FROM events n CROSS JOIN verdicts v ON v.id = n.row
    CROSS JOIN disclosures d ON d.id = v.disclosure_id
    WHERE n.seq > ? AND n.kind = 'verdict' AND d.exchange_id <= ?"""
REPLACED: Final = """SELECT DISTINCT d.exchange_id / ? FROM json_each(?) n CROSS JOIN verdicts v ON v.id = n.value
    CROSS JOIN disclosures d ON d.id = v.disclosure_id"""
STANDING: Final = "SELECT ledger, seq FROM chain"
LEAF: Final = "SELECT leaf FROM events WHERE seq = ?"
_SOME: Final = 64  # blocks that are counted in one read of the ledger, so that no sweep waits for the first count


class _Known:
    """What has been counted: up to which event of which chain, and up to which rows."""

    def __init__(self, size: int, names: int, places: int) -> None:
        self.size = size
        self.names, self.places = names, places
        self.caps = caps = Caps(names, places)
        self.ledger, self.seq, self.leaf = "", 0, b""
        self.exchange = self.gap = self.passage = 0
        self.messages: Cube[MessageKey] = Cube(size, caps.message)
        self.fields: Cube[FieldKey] = Cube(size, caps.field)
        self.days: Cube[DayKey] = Cube(size)
        self.latencies: Cube[LatencyKey] = Cube(size, caps.latency)
        self.apart: Cube[ApartKey] = Cube(size)
        self.gaps: Cube[GapKey] = Cube(size, caps.gap)
        self.passages: Cube[PassageKey] = Cube(size, caps.passage)
        self.spans: dict[int, tuple[str, str]] = {}

    def put(self, block: int, counts: BlockCounts) -> None:
        """Let this be what the block of exchanges holds."""
        self.messages.put(block, counts.messages)
        self.fields.put(block, counts.fields)
        self.days.put(block, counts.days)
        self.latencies.put(block, counts.latencies)
        self.apart.put(block, counts.apart)
        if counts.first_at:
            self.spans[block] = (counts.first_at, counts.last_at)
        else:
            self.spans.pop(block, None)

    def frozen(self) -> Counted:
        """The counts as they stand now."""
        return Counted(
            self.ledger,
            self.seq,
            self.exchange,
            self.messages.frozen(),
            self.fields.frozen(),
            self.days.frozen(),
            self.latencies.frozen(),
            self.apart.frozen(),
            self.gaps.frozen(),
            self.passages.frozen(),
            dict(self.spans),
            frozenset(self.caps.apps),
        )

    def empty(self) -> "_Known":
        """One of the same limits that knows nothing."""
        return _Known(self.size, self.names, self.places)


@dataclass(slots=True)
class _Changed:
    """Blocks that may have changed, and whether rows went."""

    exchanges: set[int] = field(default_factory=set[int])
    purged: bool = False


class Tallies:
    """What is counted of one ledger. Safe to share between threads; each brings a connection of its own."""

    def __init__(self, block: int = BLOCK, names: int = NAMES, places: int = PLACES) -> None:
        """`block` is how many ids are counted together, `names` and `places` how much of an app is counted by name."""
        self._lock = threading.Lock()
        self._known = _Known(block, names, places)
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

        The first call counts everything, which takes some seconds per million exchanges; others wait for it. Within
        one `report_query.snapshot` rows and counts agree, but where another thread has counted more since it began.
        Raises `sqlite3.Error`, and `LedgerRefused` for a file that was replaced by none of ours; the counts then stay
        as they were.
        """
        with self._lock:
            begun = db.in_transaction
            if self._counted is None and not begun:
                self._begin(db)
            with snapshot(db):
                return self._follow(db, begun=begun)

    def _begin(self, db: sqlite3.Connection) -> None:
        """Count most of the ledger in short reads; what changes meanwhile is told by the events after the first."""
        known = self._known.empty()
        with snapshot(db):
            _standing(db, known)
            last = _last(db, "exchanges")
        blocks = range((_first(db, "exchanges") or 1) // known.size, last // known.size + 1)
        for start in range(0, len(blocks), _SOME):
            with snapshot(db):
                _recount(db, known, blocks[start : start + _SOME])
            self._progress = (start + _SOME) / (len(blocks) + _SOME)
        known.exchange = last
        self._known = known

    def _follow(self, db: sqlite3.Connection, *, begun: bool) -> Counted:
        known = self._known
        ledger, seq = db.execute(STANDING).fetchone()
        if known.seq and not _continues(db, known, ledger, seq):
            if begun and self._counted is not None and _is_there(db, known):
                return self._counted
            known = known.empty()
        elif self._counted is not None and seq == known.seq:
            return self._counted
        changed = _changed(db, known)
        since, last = known.exchange, _last(db, "exchanges")
        if last > since:
            changed.exchanges.update(range(since // known.size, last // known.size + 1))
        if changed.purged:
            _drop(known, (_first(db, "exchanges") or last + 1) // known.size, changed.exchanges)
        _recount(db, known, sorted(changed.exchanges))
        known.exchange = last
        known.gap = _append(db, "gaps", known.gap, known.gaps, count_gaps, anew=changed.purged)
        known.passage = _append(db, "passages", known.passage, known.passages, count_passages, anew=changed.purged)
        _standing(db, known)
        self._known = known
        self._counted = known.frozen()
        self._progress = 1.0
        return self._counted


def _standing(db: sqlite3.Connection, known: _Known) -> None:
    known.ledger, known.seq = db.execute(STANDING).fetchone()
    row = db.execute(LEAF, (known.seq,)).fetchone()
    known.leaf = bytes(row[0]) if row is not None else b""


def _continues(db: sqlite3.Connection, known: _Known, ledger: str, seq: int) -> bool:
    """Whether this is the chain that was counted, some events longer: a copy may have been put in its place."""
    if ledger != known.ledger or seq < known.seq:
        return False
    row = db.execute(LEAF, (known.seq,)).fetchone()
    return row is not None and bytes(row[0]) == known.leaf


def _is_there(db: sqlite3.Connection, known: _Known) -> bool:
    """Whether what was counted is in the file, so that `db` only sees it as it was before."""
    file = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    if not file:
        return False
    with closing(open_ledger(Path(file))) as now:
        return _continues(now, known, *now.execute(STANDING).fetchone())


def _changed(db: sqlite3.Connection, known: _Known) -> _Changed:
    """Blocks of rows that were counted and have changed since."""
    out = _Changed()
    if not known.seq or not known.exchange:
        return out
    replaced: list[int] = []
    for kind, body, seq in db.execute(CHANGES, (known.seq,)):
        if kind == "purge":
            out.purged = True
        elif kind == "replaced":
            replaced += read(seq, kind, body, lambda told: [int(one) for one in told["verdicts"]])
        else:
            ids = read(seq, kind, body, lambda told: [int(one) for some in told.values() for one in some])
            out.exchanges.update(one // known.size for one in ids if one <= known.exchange)
    out.exchanges.update(row[0] for row in db.execute(JUDGED, (known.size, known.seq, known.exchange)))
    if replaced:
        out.exchanges.update(row[0] for row in db.execute(REPLACED, (known.size, json.dumps(replaced))))
    return out


def _drop(known: _Known, first: int, changed: set[int]) -> None:
    """Forget the blocks before the first that is left, which is counted anew: rows go oldest first."""
    for block in [one for one in known.spans if one < first]:
        known.put(block, BlockCounts())
    changed.difference_update([one for one in changed if one < first])
    changed.add(first)


def _recount(db: sqlite3.Connection, known: _Known, blocks: Iterable[int]) -> None:
    for block in blocks:
        known.put(block, count_exchanges(db, *known.messages.span(block)))


def _append[K: Hashable](
    db: sqlite3.Connection,
    table: str,
    known: int,
    cube: Cube[K],
    count: Callable[[sqlite3.Connection, int, int], dict[K, Counting]],
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
        for block in range(cube.block(known), cube.block(last) + 1):
            cube.put(block, count(db, *cube.span(block)))
    return last


def _last(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])  # noqa: S608 - our own names


def _first(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(min(id), 0) FROM {table}").fetchone()[0])  # noqa: S608 - our own names
