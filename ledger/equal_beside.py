"""Counting a ledger's messages and data on two cores: this process takes spans from the front, another from the back.

Two threads were measured no faster than one: SQLite's memory is behind one lock. The other process has a connection of
its own, so what it sees is held against what this one sees before it counts anything.
"""

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from douane.ledger.equal_groups import Groups
from douane.ledger.report_query import Scope
from douane.ledger.spans import cut, read

_WORTH: Final = 4  # spans below which another process takes longer to start than it saves
_STANDING: Final = """SELECT ledger, seq, (SELECT leaf FROM events e WHERE e.seq = c.seq),
    (SELECT max(id) FROM exchanges) FROM chain c"""
_LATER: Final = "SELECT kind, body FROM events WHERE seq > ?"
_ADD: Final = (
    "exchange",
    "disclosure",
    "verdict",
    "gap",
    "passage",
    "app",
    "tool",
    "declaration",
    "run",
    "key",
    "tally",
)
_TELL: Final = ("start", "access", "review", "waiver", "clock", "refused", "unanchored", "sealing", "note-key", "epoch")
_HARMLESS: Final = frozenset((*_ADD, *_TELL))
"""Events that only add rows, or change nothing that is counted here; a new judgement changes earlier data."""

type Ends = tuple[int, int]


def count_spans(db: sqlite3.Connection, scope: Scope, into: Groups) -> None:
    """Count the spans of a scope, within one `report_query.snapshot` of `db`, with another process where it helps."""
    tasks = deque(cut(db))
    file = _file(db)
    if file is None or len(tasks) < _WORTH or (os.process_cpu_count() or 1) < 2:
        _work(db, scope, into, tasks)
        return
    try:
        helper = _Helper(file, scope, standing(db), tasks)
    except OSError:  # no memory or no number for another process
        _work(db, scope, into, tasks)
        return
    try:
        _work(db, scope, into, tasks)
        state = helper.end()
    finally:
        helper.close()
    if state is not None:
        into.add(state)
    else:  # it died, or sees another ledger: what it had is counted here, still in the order of the ledger
        _work(db, scope, into, deque(sorted(helper.taken)))


def standing(db: sqlite3.Connection) -> tuple[str, int, str, int]:
    """Tell which ledger a connection sees, its last event, the leaf of that event in hex, and the last exchange."""
    ledger, seq, leaf, last = db.execute(_STANDING).fetchone()
    return ledger, seq, (leaf or b"").hex(), last or 0


def same(db: sqlite3.Connection, seen: tuple[str, int, str, int]) -> bool:
    """Whether a connection sees the exchanges up to the last one of `seen` as it is where that stands.

    The chain tells of every row that came, changed or went: what it says since then must be of later rows only.
    """
    ledger, seq, leaf, last = seen
    here = standing(db)
    if here[0] != ledger or here[1] < seq:
        return False
    if here[1] == seq:
        return here[2] == leaf
    known = db.execute("SELECT leaf FROM events WHERE seq = ?", (seq,)).fetchone()
    if known is None or known[0].hex() != leaf:
        return False
    return all(_later(kind, body, last) for kind, body in db.execute(_LATER, (seq,)))


def _later(kind: str, body: str | None, last: int) -> bool:
    if kind == "outcome":
        return all(number > last for numbers in json.loads(body or "{}").values() for number in numbers)
    return kind in _HARMLESS


def _work(db: sqlite3.Connection, scope: Scope, into: Groups, tasks: deque[Ends]) -> None:
    with suppress(IndexError):  # the other process takes from the same spans
        while True:
            into.count(read(db, scope, *tasks.popleft()))


def _file(db: sqlite3.Connection) -> Path | None:
    """Where the ledger lies; None where others cannot see what the connection does: in memory, or not committed."""
    name = db.execute("SELECT file FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    return Path(name) if name and db.execute("PRAGMA query_only").fetchone()[0] else None


class _Helper:
    """Another process that counts spans from the end of `tasks`; `taken` are those that it was given."""

    def __init__(self, file: Path, scope: Scope, seen: tuple[str, int, str, int], tasks: deque[Ends]) -> None:
        self.taken: list[Ends] = []
        self._tasks = tasks
        self._state: dict[str, Any] | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "douane.ledger.equal_child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # what it cannot read is read again here, and told once
            text=True,
        )
        asked = [str(file.absolute()), scope.apps, scope.since, scope.until, *seen]
        self._thread = threading.Thread(target=self._feed, args=(asked,), name="ledger-reader", daemon=True)
        self._thread.start()

    def end(self) -> dict[str, Any] | None:
        """Wait for what it counts; None where it did not count all that it was given."""
        self._thread.join()
        return self._state

    def close(self) -> None:
        """Let the process end, at once where it still counts."""
        if self._thread.is_alive():
            self._process.kill()
            self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _feed(self, asked: list[object]) -> None:
        with suppress(OSError, ValueError):
            if not self._ask(asked):
                return
            with suppress(IndexError):
                while True:
                    self.taken.append(span := self._tasks.pop())
                    self._ask(span)
            self._state = self._ask("end")

    def _ask(self, what: object) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise OSError("no pipe")
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())
