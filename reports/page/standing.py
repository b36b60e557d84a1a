"""The findings as the page shows them: judged in a process of its own, and anew when the ledger has changed."""

import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from douane.audit.gate import Result, ordered
from douane.ledger import report_query
from douane.ledger.changes import mark
from douane.ledger.query import open_ledger
from douane.reports.findings import judged
from douane.reports.page.jobs import Job, Jobs, Tell

SORT: Final = "findings"
_REST_SECONDS: Final = 10.0
_REST_TIMES: Final = 5.0
"""Judging anew waits this long, and so many times as long as it took: it must not keep a processor busy for ever."""
SMALL: Final = 1_000
"""Exchanges up to which a ledger is judged while the reader waits, in less time than a process takes to start."""
_FIRST_SECONDS: Final = 2.0
"""How long after judging began the first looks wait for it: of most ledgers they show findings at once."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What was found when. `results` is None until the first judging ended; `at` is Unix time, 0 before that.

    `renews` says that judging runs; `percent` how far it is. `error` says why there is no result.
    """

    results: tuple[Result, ...] | None = None
    at: float = 0.0
    renews: bool = False
    percent: int = 0
    error: str = ""


class Findings:
    """Keeps the findings of one ledger. Safe to use from several threads."""

    def __init__(
        self, ledger: Path, jobs: Jobs, *, clock: Callable[[], float] = time.time, first: float = _FIRST_SECONDS
    ) -> None:
        self._ledger, self._jobs, self._clock, self._first = ledger, jobs, clock, first
        self._lock = threading.Lock()
        self._mark: tuple[int, ...] = ()
        self._held: tuple[Result, ...] | None = None
        self._at = self._ended = 0.0

    def now(self, db: sqlite3.Connection) -> Standing:
        """What is known now; begins to judge anew where the ledger has changed since."""
        at = mark(db)
        if at[0] <= SMALL:
            return self._at_once(at)
        with self._lock:
            job = self._taken()
            fresh = self._held is not None and at == self._mark
            rested = job is None or self._clock() - job.ended > max(_REST_SECONDS, _REST_TIMES * job.seconds)
            if not fresh and (job is None or (not job.runs and rested)):
                started = self._jobs.start(SORT, judge, str(self._ledger))
                if started is not None:
                    job, self._mark = started, at
            first = self._held is None
        if first and job is not None:
            while job.runs and 0 <= self._clock() - job.started < self._first:
                time.sleep(0.02)
            with self._lock:
                job = self._taken()
        with self._lock:
            return Standing(
                self._held,
                self._at,
                job is not None and job.runs,
                job.percent if job is not None else 0,
                job.error if job is not None and not job.runs else "",
            )

    def _at_once(self, at: tuple[int, ...]) -> Standing:
        """A small ledger is judged here: that takes less time than to start a process."""
        with self._lock:
            rested = self._clock() - self._ended > _REST_TIMES * (self._ended - self._at)
            if self._held is None or (at != self._mark and rested):
                self._mark, self._at = at, self._clock()
                self._held = judge(lambda _done, _of: None, str(self._ledger))
                self._ended = self._clock()
            return Standing(self._held, self._at)

    def _taken(self) -> Job | None:
        job = self._jobs.of(SORT)
        if job is not None and not job.runs and job.result is not None and job.started > self._at:
            self._held, self._at = job.result, job.started
        return job


def judge(tell: Tell, ledger: str) -> tuple[Result, ...]:
    """Hold all that the ledger has against every rule; what weighs most comes first."""
    tell(0, 1)
    with closing(open_ledger(Path(ledger))) as db, report_query.snapshot(db):
        return tuple(ordered(judged(db, [row.name for row in report_query.apps(db)]).results))
