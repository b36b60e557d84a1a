"""What takes longer than an answer may: done in a process of its own, one of a sort at a time, with progress."""

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Final

from douane.ledger.failed import LedgerFailed
from douane.ledger.refused import LedgerRefused
from douane.ledger.verify_words import Unreadable
from douane.reports.kinds.base import CannotBuild
from douane.reports.summary import ScopeError

SECONDS: Final = 900.0
"""How long a job may take before it is given up."""
_SAYABLE: Final = (CannotBuild, ScopeError, LedgerFailed, LedgerRefused, Unreadable)
"""Errors whose messages are for people and hold no value from a message; of another only its kind is told."""
_ENDED: Final = 5.0

type Tell = Callable[[int, int], None]
"""Called with how much is done, and of how much."""
type Work = Callable[..., Any]
"""A function of a module, called in the other process with `Tell` and its arguments."""


@dataclass(slots=True)
class Job:
    """One piece of work. Times are Unix times; `ended` is 0 while it runs, and set last. `error` says why there is no
    result.
    """

    started: float
    done: int = 0
    total: int = 0
    ended: float = 0.0
    result: Any = field(default=None, repr=False)
    error: str = ""

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return not self.ended

    @property
    def percent(self) -> int:
        """How much is done, 0 where that is not known."""
        return min(100, 100 * self.done // self.total) if self.total else 0

    @property
    def seconds(self) -> float:
        """How long it took."""
        return max(0.0, self.ended - self.started)


class Jobs:
    """Starts work and knows how far it is. Safe to use from several threads."""

    def __init__(self, *, seconds: float = SECONDS, clock: Callable[[], float] = time.time) -> None:
        self._seconds, self._clock = seconds, clock
        self._lock = threading.Lock()
        self._jobs: dict[str, Job] = {}
        self._running: dict[str, BaseProcess] = {}
        self._closed = False

    def start(self, sort: str, work: Work, *arguments: Any) -> Job | None:
        """Begin a piece of work; None where one of this sort still runs, or the page ends."""
        with self._lock:
            known = self._jobs.get(sort)
            if self._closed or (known is not None and known.runs):
                return None
            job = self._jobs[sort] = Job(self._clock())
            context = get_context("spawn")  # a fork of a process with threads may wait for ever for one of their locks
            ours, theirs = context.Pipe(duplex=False)
            process = context.Process(target=_work, args=(theirs, work, arguments), daemon=True)
            process.start()
            theirs.close()
            self._running[sort] = process
        threading.Thread(target=self._follow, args=(sort, job, process, ours), daemon=True).start()
        return job

    def of(self, sort: str) -> Job | None:
        """The last piece of work of a sort, None where there was none."""
        with self._lock:
            return self._jobs.get(sort)

    def close(self) -> None:
        """End what runs."""
        with self._lock:
            self._closed = True
            running = list(self._running.values())
        for process in running:
            _kill(process)

    def _follow(self, sort: str, job: Job, process: BaseProcess, ours: Connection) -> None:
        until = time.monotonic() + self._seconds
        said: tuple[str, Any] = ("failed", "gone")
        try:
            while True:
                left = until - time.monotonic()
                if left <= 0 or not wait([ours], left):
                    said = ("failed", "too-long")
                    break
                what, *more = ours.recv()
                if what != "progress":
                    said = (what, more[0])
                    break
                job.done, job.total = more
        except (EOFError, OSError):
            pass
        ours.close()
        _kill(process)
        with self._lock:
            self._running.pop(sort, None)
            job.result = said[1] if said[0] == "done" else None
            job.error = "" if said[0] == "done" else str(said[1])
            job.ended = max(self._clock(), job.started + 1e-6)


def _kill(process: BaseProcess) -> None:
    process.join(0.2)
    if process.is_alive():
        process.terminate()
        process.join(_ENDED)
    if process.is_alive():
        process.kill()


def _work(theirs: Connection, work: Work, arguments: tuple[Any, ...]) -> None:
    """The other process: do the work, tell how far it is, and end when the page does."""
    threading.Thread(target=_end_with_the_page, daemon=True).start()

    def tell(done: int, total: int) -> None:
        with suppress(OSError):
            theirs.send(("progress", done, total))

    try:
        said = ("done", work(tell, *arguments))
    except _SAYABLE as error:
        said = ("failed", str(error))
    except Exception as error:  # noqa: BLE001 - what it says may hold a value, so that only its kind goes on
        said = ("failed", type(error).__name__)
    with suppress(OSError):
        theirs.send(said)
    theirs.close()


def _end_with_the_page() -> None:
    above = parent_process()
    if above is not None:
        wait([above.sentinel])
        os._exit(1)
