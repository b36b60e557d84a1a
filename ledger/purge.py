"""The purge: what the retention rules say is over goes, piece by piece, and each piece is told in the chain."""

import sqlite3
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from douane.ledger import faults
from douane.ledger.belief import Belief
from douane.ledger.chain import About, Chain
from douane.ledger.collapse import collapse, expired_segments
from douane.ledger.doubted import telling
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.jumped import jumped
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Keep, Policy, before
from douane.ledger.sealing import Anchors, Sealer
from douane.ledger.times import iso
from douane.ledger.tombstones import empty_disclosures, empty_exchanges, sweep
from douane.ledger.writing import WAIT_SECONDS, opened_for_writing, transaction

ROWS: Final = 200
"""Rows whose detail goes in one transaction."""
REST_SECONDS: Final = 0.005
_LONGEST_REST: Final = 0.5
"""SQLite's locks are not fair: who waits asks again after up to 0.1 s, and needs a gap as long as it has waited."""
_SLICE: Final = 500
_DATA: Final = 10_000
"""Data that are looked at in one step, and all that are held in memory: some milliseconds."""


@dataclass(slots=True)
class Purged:
    """What went, or would go: whole segments with their events, and details of rows by the rule."""

    segments: int = 0
    events: int = 0
    exchanges: int = 0
    disclosures: int = 0
    rules: dict[str, int] = field(default_factory=dict[str, int])

    def __bool__(self) -> bool:
        return bool(self.segments or self.exchanges or self.disclosures)


@dataclass(slots=True)
class _Over:
    """Rows of a slice of exchanges whose time is over, by the rule; `held` are the exchanges that say since when."""

    exchanges: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    disclosures: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    held: list[int] = field(default_factory=list[int])

    def pieces(self, most: int) -> Iterator[tuple[str, list[int], list[int]]]:
        """Rule, exchanges and disclosures, at most so many rows at a time."""
        for rule in sorted({*self.exchanges, *self.disclosures}):
            for kind in (self.exchanges, self.disclosures):
                for start in range(0, len(kind[rule]), most):
                    some = kind[rule][start : start + most]
                    yield (rule, some, []) if kind is self.exchanges else (rule, [], some)


class Purge:
    """One pass over a ledger, in steps of a few milliseconds; safe beside a running inspector.

    Details that are over become tombstones, whole expired segments collapse to their headers, and the bytes leave the
    files. `who` and `about` are told in the chain; `wait` is how many seconds a step waits for another writer.
    `sweeping` is true once all is told and only bytes are left to go, which takes as long as somebody reads. Raises
    `LedgerRefused` for a file that is no ledger of this version or whose chain cannot be continued with `sealer`,
    `LedgerFailed` when SQLite or the disk fails; steps that were done stay done. Unless it may go `over_jump`, it
    raises `LedgerRefused` as well where `jumped` finds a jump in segments that are held to their signatures. `rest` is
    for how many seconds
    to leave the file to others before the next step.
    """

    def __init__(
        self,
        path: Path,
        sealer: Sealer | None,
        policy: Policy,
        *,
        who: str,
        about: About | None = None,
        anchors: Anchors | None = None,
        clock: Callable[[], float] = time.time,
        wait: float = WAIT_SECONDS,
        over_jump: bool = True,
    ) -> None:
        self.done = Purged()
        self._over_jump = over_jump
        self.sweeping = False
        self.rest = REST_SECONDS
        self._path = path
        self._policy = policy
        self._who = who
        self._now = clock()
        self._stack = ExitStack()
        self._db = self._stack.enter_context(opened_for_writing(path, wait=wait))
        self._db.execute("PRAGMA foreign_keys = OFF")  # what stays may point to what goes, and must not change
        self._db.execute("PRAGMA temp_store = MEMORY").close()
        self._chain = Chain(self._db, sealer, anchors=anchors, clock=clock, file=str(path.resolve()))
        self._chain.about = about or About()
        self._belief = Belief(self._db)
        self._believed = False
        self._ends = _Ends(policy, self._now)
        self._steps = self._work()

    def step(self) -> bool:
        """Do the next small piece; false when there is nothing left to do."""
        begun = time.monotonic()
        try:
            with telling(self._db, self._chain, who=self._who, what="purge", now=self._now):
                return next(self._steps, False) is not False
        except sqlite3.Error as error:
            raise LedgerFailed(f"{self._path}: the purge failed ({error_name(error)})") from None
        finally:
            self.rest = min(max(REST_SECONDS, time.monotonic() - begun), _LONGEST_REST)

    def close(self) -> None:
        """Give the file back."""
        self._steps.close()
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _work(self) -> Generator[None]:
        with transaction(self._db, self._chain):
            pass  # where nothing could be told, as in an older copy or without the key, nothing is said of it either
        while self._whole_segments():
            yield from self._believe()
            self._hold_clock()
            with transaction(self._db, self._chain):
                gone = collapse(self._db, self._chain, self._policy, self._belief, who=self._who, now=self._now)
            faults.point("collapsed")
            if gone is None:
                break
            self.done.segments += gone.last - gone.first + 1
            self.done.events += gone.events
            yield
        for over in details_over(self._db, self._policy, self._now):
            for rule, exchanges, disclosures in over.pieces(ROWS):
                yield from self._believe()
                self._expire(rule, exchanges, disclosures)
                yield
            yield
        self.sweeping = True
        for _ in sweep(self._db):
            yield

    def _whole_segments(self) -> bool:
        known = self._believed
        closed, start = (self._belief.closed, self._belief.purged) if known else (None, None)
        return expired_segments(self._db, self._policy, self._now, closed=closed, start=start) is not None

    def _believe(self) -> Iterator[None]:
        """Walk the whole chain once, before the first thing that goes: what is read so far may be anybody's."""
        if not self._believed:
            yield from self._belief.steps()
            self._believed = True

    def _hold_clock(self) -> None:
        """Ask once more, of what is signed, whether the clock jumped: who asked before had the file's word alone."""
        if self._over_jump:
            return
        jump = jumped(self._db, self._policy, self._now, closed=self._belief.closed, start=self._belief.purged)
        if jump is not None:
            raise LedgerRefused(f"{self._path}: {jump}; nothing was purged")
        self._over_jump = True

    def _expire(self, rule: str, exchanges: list[int], disclosures: list[int]) -> None:
        with transaction(self._db, self._chain):
            self._belief.hold()
            self._belief.snapshots("app")
            over = _over(self._db, self._ends, exchanges, disclosures)
            self._belief.rows("exchange", {*over.held, *over.exchanges[rule]})
            self._belief.rows("disclosure", over.disclosures[rule])
            had = empty_exchanges(self._db, over.exchanges[rule])
            found = empty_disclosures(self._db, over.disclosures[rule])
            faults.point("expire")
            if had or found:
                body = {"at": iso(self._now), "rule": rule, "exchanges": had, "disclosures": found}
                self._chain.tell("expired", body)
        faults.point("expired")
        self.done.exchanges += len(had)
        self.done.disclosures += len(found)
        self.done.rules[rule] = self.done.rules.get(rule, 0) + len(had) + len(found)


def due(db: sqlite3.Connection, policy: Policy, now: float) -> Purged:
    """Return what a purge at this moment (Unix time in seconds) would take away; nothing is changed."""
    out = Purged()
    above = 0
    whole = expired_segments(db, policy, now, most=2**62)
    if whole is not None:
        out.segments, out.events = whole.last - whole.first + 1, whole.events
        sql = "SELECT coalesce(max(row), 0) FROM events NOT INDEXED WHERE kind = 'exchange' AND seq BETWEEN ? AND ?"
        above = db.execute(sql, (whole.first_seq, whole.last_seq)).fetchone()[0]
    for over in details_over(db, policy, now, above=above):
        for rule, exchanges, disclosures in over.pieces(_SLICE):
            out.exchanges += len(exchanges)
            out.disclosures += len(disclosures)
            out.rules[rule] = out.rules.get(rule, 0) + len(exchanges) + len(disclosures)
    return out


def details_over(db: sqlite3.Connection, policy: Policy, now: float, *, above: int = 0) -> Iterator[_Over]:
    """Go through the exchanges above an id and their data, a slice at a time, for whose detail is there and over.

    Counted from `inspected_at`, when Douane wrote them down: a transcript of last year that was read today is a record
    of today.
    """
    ends = _Ends(policy, now)
    apps: Mapping[int, str] = dict(db.execute("SELECT id, name FROM apps NOT INDEXED").fetchall())
    yield from _data_over(db, ends, apps, above)
    while True:
        rows = db.execute(
            "SELECT id, app_id, inspected_at, nonce IS NOT NULL FROM exchanges NOT INDEXED WHERE id > ?"
            " ORDER BY id LIMIT ?",
            (above, _SLICE),
        ).fetchall()
        if not rows:
            return
        above, over = rows[-1][0], _Over()
        for number, app_id, at, there in rows:
            end, rule = ends.of(apps.get(app_id, ""), "")
            if there and at < end:
                over.exchanges[rule].append(number)
        yield over


def _data_over(db: sqlite3.Connection, ends: "_Ends", apps: Mapping[int, str], above: int) -> Iterator[_Over]:
    """Go through all data of the exchanges above an id, a slice at a time, for those whose detail is there and over.

    Through no index: one that somebody changed would leave out whose data are over, and nobody would see it.
    """
    last = 0
    while True:
        sql = "SELECT max(id) FROM (SELECT id FROM disclosures NOT INDEXED WHERE id > ? ORDER BY id LIMIT ?)"
        (until,) = db.execute(sql, (last, _DATA)).fetchone()
        if until is None:
            return
        over = _Over()
        for number, app_id, at, category in db.execute(
            "SELECT d.id, x.app_id, x.inspected_at, d.category FROM disclosures d NOT INDEXED"
            " CROSS JOIN exchanges x NOT INDEXED ON x.id = d.exchange_id"
            " WHERE d.id > ? AND d.id <= ? AND d.nonce IS NOT NULL AND x.id > ? AND x.inspected_at < ?",
            (last, until, above, ends.latest),
        ):
            end, rule = ends.of(apps.get(app_id, ""), category)
            if at < end:
                over.disclosures[rule].append(number)
        yield over
        last = until


def _over(db: sqlite3.Connection, ends: "_Ends", exchanges: list[int], disclosures: list[int]) -> _Over:
    """Of these rows, at most a few hundred, those whose detail is over as the file says it now."""
    apps: Mapping[int, str] = dict(db.execute("SELECT id, name FROM apps NOT INDEXED").fetchall())
    over = _Over()
    marks = ", ".join("?" * len(exchanges))
    sql = f"SELECT id, app_id, inspected_at FROM exchanges NOT INDEXED WHERE id IN ({marks}) AND nonce IS NOT NULL"  # noqa: S608 - only marks
    for number, app_id, at in db.execute(sql, exchanges):
        end, rule = ends.of(apps.get(app_id, ""), "")
        if at < end:
            over.exchanges[rule].append(number)
    marks = ", ".join("?" * len(disclosures))
    sql = f"""SELECT d.id, x.id, x.app_id, x.inspected_at, d.category FROM disclosures d NOT INDEXED
        CROSS JOIN exchanges x NOT INDEXED ON x.id = d.exchange_id
        WHERE d.id IN ({marks}) AND d.nonce IS NOT NULL"""  # noqa: S608 - only marks
    for number, exchange, app_id, at, category in db.execute(sql, disclosures):
        end, rule = ends.of(apps.get(app_id, ""), category)
        if at < end:
            over.disclosures[rule].append(number)
            over.held.append(exchange)
    return over


class _Ends:
    """Up to which moment what was written is over, by app and category, with the rule in words."""

    def __init__(self, policy: Policy, now: float) -> None:
        self._policy = policy
        self._now = now
        self._known: dict[tuple[str, str], tuple[str, str]] = {}
        self.latest = max(self._end(rule) for rule in policy.all())

    def of(self, app: str, category: str) -> tuple[str, str]:
        known = self._known.get((app, category))
        if known is None:
            rule = self._policy.of(app, category)
            known = self._known[app, category] = (self._end(rule), str(rule))
        return known

    def _end(self, rule: Keep) -> str:
        return iso(before(self._now, rule.keep))
