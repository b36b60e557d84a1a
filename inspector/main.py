"""The inspector process: settings and the master key on standard input, events as JSON lines on standard output.

It ends when its standard input does (its parent closed it, or died), after working off what is recorded for at most
`DRAIN_SECONDS`. Exit codes: 0 ended as asked, 3 could not start, 5 the ledger or the spool could not be written (what
is recorded stays in the spool, and the next inspector tries again).
"""

import faulthandler
import json
import os
import sys
import threading
import time
from typing import Any, TextIO

from pydantic import ValidationError

from douane.inspector.bugs import tell_bugs_without_values
from douane.inspector.process import Inspector
from douane.inspector.settings import InspectorSettings
from douane.inspector.warm import warm_detect
from douane.ledger import keys
from douane.ledger.lock import Held, hold
from douane.ledger.schema import LedgerRefused
from douane.ledger.spool import SpoolFailed
from douane.ledger.store import LedgerFailed

DRAIN_SECONDS = 8.0
IDLE_SECONDS = 0.01
TELL_SECONDS = 1.0
LOCK_SECONDS = 20.0
RETRY_SECONDS = 3.0
"""How long to wait after the ledger could not be written, before the next inspector tries."""


class Out:
    """Event lines to the parent; a parent that is gone hears nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __call__(self, event: dict[str, Any]) -> None:
        try:
            self._stream.write(json.dumps(event) + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return


def main() -> int:
    """Read the settings, take the lock, work until the parent's pipe closes."""
    tell_bugs_without_values()
    out = Out(sys.stdout)
    try:
        settings = InspectorSettings.model_validate_json(sys.stdin.readline())
        master = keys.decode(sys.stdin.readline())
    except (ValidationError, keys.KeyRefused) as error:
        out({"event": "failed", "detail": f"inspector settings: {type(error).__name__}"})
        return 3
    os.umask(0o077)
    ended = threading.Event()
    threading.Thread(target=wait_for_the_end, args=(sys.stdin, ended), daemon=True, name="parent").start()
    lock = take_lock(settings, ended)
    if isinstance(lock, Held):
        out({"event": "failed", "detail": "another inspector is at work on this ledger"})
        return 3
    with lock:
        detect, count = warm_detect(presidio=settings.presidio)
        inspector: Inspector | None = None
        try:
            inspector = Inspector(settings, master, detect, emit=out)
            out({"event": "inspecting", "pid": os.getpid(), "detectors": count})
            work(inspector, ended, settings.budget_seconds * 2 + 10, out)
        except LedgerRefused as error:
            out({"event": "failed", "detail": str(error)})
            return 3
        except (LedgerFailed, SpoolFailed) as error:
            # A full disk or a locked file is nobody's message's fault; a row that broke a rule of the tables is.
            if inspector is not None and "CONSTRAINT" not in str(error):
                inspector.absolve()
            out({"event": "warning", "code": "ledger-failed", "app": "", "detail": str(error)})
            ended.wait(RETRY_SECONDS)
            return 5
        inspector.close()
    return 0


def work(inspector: Inspector, ended: threading.Event, hard_seconds: float, out: Out) -> None:
    """Turn after turn; once the parent is gone, until nothing is left or `DRAIN_SECONDS` are over.

    `hard_seconds` ends a process in which a C extension never returns: the timer needs no interpreter lock.
    """
    told = armed = 0.0
    until: float | None = None
    while True:
        now = time.monotonic()
        if now - armed > 1.0:
            faulthandler.dump_traceback_later(hard_seconds, exit=True)
            armed = now
        if now - told > TELL_SECONDS:
            out({"event": "lag", "seconds": round(inspector.lag_seconds(), 3)})
            told = now
        if ended.is_set():
            until = until or now + DRAIN_SECONDS
            if inspector.idle() or now > until:
                break
        if not inspector.turn():
            ended.wait(IDLE_SECONDS) if not ended.is_set() else time.sleep(IDLE_SECONDS)
    faulthandler.cancel_dump_traceback_later()


def take_lock(settings: InspectorSettings, ended: threading.Event) -> Any:
    """The lock that lets only one inspector work; waits for a predecessor that is still finishing."""
    deadline = time.monotonic() + LOCK_SECONDS
    path = settings.ledger.with_name(settings.ledger.name + ".inspector.lock")
    while isinstance(lock := hold(path), Held) and time.monotonic() < deadline and not ended.is_set():
        time.sleep(0.05)
    return lock


def wait_for_the_end(stream: TextIO, ended: threading.Event) -> None:
    """Read until the parent's end of the pipe is closed."""
    for _ in stream:
        continue
    ended.set()


if __name__ == "__main__":
    sys.exit(main())
