"""Ranges of events, and what stands beside the rows, checked by as many processes as the machine has processors."""

import json
import os
import queue
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from douane.ledger.astray import astray
from douane.ledger.verify_file import begin
from douane.ledger.verify_leaves import Leaves, Part

RANGE: Final = 8192
ALONE: Final = 100_000
"""Up to so many events, another process would take longer to start than it saves."""
_TRIES: Final = 200


def processes(events: int) -> int:
    """Return how many processes beside this one are worth their start."""
    return (
        0 if events < ALONE else max(0, min(8, len(os.sched_getaffinity(0)) if _linux() else os.cpu_count() or 1) - 1)
    )


def _linux() -> bool:
    return sys.platform == "linux"


type _Task = tuple[int, tuple[int, int] | None]
"""A number, and a range of events; None for what stands beside the rows."""
_ASTRAY: Final = -1


class Pool:
    """Checks ranges here and in other processes that see the same ledger; `told` hears how many events went by."""

    def __init__(self, db: sqlite3.Connection, path: Path, count: int, told: Callable[[int], None]) -> None:
        self._db, self._path = db, path
        self._told = told
        self._children = [_Child(path) for _ in range(count)]
        self._tasks: queue.SimpleQueue[_Task] = queue.SimpleQueue()
        self._parts: dict[int, Part] = {}
        self._astray: list[tuple[str, str]] = []
        self._broken: list[_Task] = []
        self._threads: list[threading.Thread] = []
        if not self._see_the_same():
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def start(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Let the other processes begin."""
        self._tasks.put((_ASTRAY, None))  # the longest first
        for task in enumerate(ranges):
            self._tasks.put(task)
        for child in self._children:
            thread = threading.Thread(target=self._feed, args=(child,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def finish(self) -> tuple[list[Part], list[tuple[str, str]]]:
        """Do what is left here, wait for the others, and return what each range told, in order, and what is astray."""
        leaves = Leaves(self._db)
        while (task := self._next()) is not None:
            self._work(leaves, task)
        for thread in self._threads:
            thread.join()
        for task in self._broken:  # a process that died: what it had is done again
            self._work(leaves, task)
        return [self._parts[number] for number in sorted(self._parts)], self._astray

    def _next(self) -> _Task | None:
        try:
            return self._tasks.get_nowait()
        except queue.Empty:
            return None

    def _work(self, leaves: Leaves, task: _Task) -> None:
        number, span = task
        if span is None:
            self._astray = astray(self._path)
            return
        part = self._parts[number] = leaves.check(*span)
        self._told(part.events)

    def _feed(self, child: "_Child") -> None:
        while (task := self._next()) is not None:
            number, span = task
            try:
                if span is None:
                    self._astray = [(str(what), str(where)) for what, where in child.ask("astray")]
                    continue
                part = Part(**child.ask(list(span)))
            except (OSError, ValueError, TypeError):
                self._broken.append(task)
                return
            self._parts[number] = part
            self._told(part.events)

    def _see_the_same(self) -> bool:
        """A running Douane goes on writing: begin to read until every process sees the same end of the chain."""
        for _ in range(_TRIES):
            try:
                seen = {child.ask("begin") for child in self._children}
            except (OSError, ValueError):
                break
            seen.add(begin(self._db))
            if len(seen) == 1:
                return True
        begin(self._db)
        return False

    def _end(self) -> None:
        for child in self._children:
            child.end()
        self._children = []


class _Child:
    def __init__(self, path: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "douane.ledger.verify_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what it cannot read is read again here, and told once
            text=True,
        )
        with suppress(OSError):
            self._write(str(path.absolute()))

    def ask(self, what: object) -> Any:
        """Return the answer; raises `OSError` or `ValueError` when the process is gone."""
        self._write(what)
        return json.loads(self._process.stdout.readline()) if self._process.stdout is not None else None

    def end(self) -> None:
        """Let the process end."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _write(self, what: object) -> None:
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(what) + "\n")
            self._process.stdin.flush()


def ranges(db: sqlite3.Connection) -> list[tuple[int, int]]:
    """Return the events that are there, cut into ranges of about the same size."""
    out: list[tuple[int, int]] = []
    first = db.execute("SELECT min(seq) FROM events NOT INDEXED").fetchone()[0]
    while first is not None:
        row = db.execute(
            "SELECT seq FROM events NOT INDEXED WHERE seq >= ? ORDER BY seq LIMIT 1 OFFSET ?", (first, RANGE)
        ).fetchone()
        if row is None:
            last = db.execute("SELECT max(seq) FROM events NOT INDEXED").fetchone()[0]
            out.append((first, last))
            break
        out.append((first, row[0] - 1))
        first = row[0]
    return out
