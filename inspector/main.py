"""The inspector process: settings and the master key on standard input, events as JSON lines on standard output.

Where `stand_by` is set, the process that was started loads the models and forks the one that inspects; see `standby`.
It ends when its standard input does (its parent closed it, or died), after working off what is recorded for at most
`DRAIN_SECONDS`. Exit codes: 0 ended as asked, 3 could not start, 5 the ledger or the spool could not be written (what
is recorded stays in the spool, and the next inspector tries again).
"""

import faulthandler
import json
import os
import re
import select
import sys
import threading
import time
from collections.abc import Callable
from typing import Any, TextIO

from pydantic import ValidationError

from douane.detectors.extensions import NotAssembledError
from douane.inspector import beside, standby
from douane.inspector.bugs import tell_bugs_without_values
from douane.inspector.keeping import Keeping
from douane.inspector.process import Inspector
from douane.inspector.settings import InspectorSettings
from douane.inspector.warm import warm_detect
from douane.ledger import keys
from douane.ledger.anchors import FileAnchors
from douane.ledger.lock import Held, hold
from douane.ledger.schema import LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.spool import Spool, SpoolFailed
from douane.ledger.store import Ledger, LedgerFailed

DRAIN_SECONDS = 8.0
IDLE_SECONDS = 0.01
LISTEN_MS = 200
TELL_SECONDS = 1.0
LOCK_SECONDS = 20.0
NOBODYS_FAULT = re.compile(r"SQLITE_(?:FULL|IOERR|READONLY|BUSY|LOCKED|CANTOPEN|PROTOCOL|NOMEM)|[Ss]pace|[Pp]ermission")
"""Why a write may fail without the record in hand having anything to do with it."""
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
    parent = Parent(sys.stdin.fileno())
    lock = take_lock(settings, parent.ended)
    if isinstance(lock, Held):
        out({"event": "failed", "detail": "another inspector is at work on this ledger"})
        return 3
    with lock:
        try:
            known = None if settings.anchor_folder is None else FileAnchors(settings.anchor_folder)
            # a wrong file is told before models load
            Ledger(settings.ledger, durability=settings.durability, anchors=known).close()
            parent.may_leave(lambda: nothing_waits(settings, master))
            detect, count = warm_detect(
                presidio=settings.presidio, everything=settings.everything, given=settings.detectors
            )
            parent.forget()
            if settings.stand_by and standby.AVAILABLE and (code := standby.worker(out)) is not None:
                return code
            ahead = beside.start(detect)
            parent = Parent(sys.stdin.fileno())
            inspector = Inspector(settings, master, detect, emit=out, ahead=ahead)
        except (LedgerRefused, NotAssembledError) as error:
            out({"event": "failed", "detail": str(error)})
            return 3
        except (LedgerFailed, SpoolFailed) as error:
            return failed(error, out, parent.ended)
        out({"event": "inspecting", "pid": os.getpid(), "detectors": count})
        keeping = Keeping(settings, master, anchors=inspector.anchoring.anchors, emit=out)
        try:
            work(inspector, parent.ended, settings.budget_seconds * 2 + 10, out, keeping)
        except LedgerRefused as error:
            return put_down(error, settings, master, inspector.anchoring.anchors, out, parent.ended)
        except (LedgerFailed, SpoolFailed) as error:
            if NOBODYS_FAULT.search(str(error)):
                inspector.absolve()
            return failed(error, out, parent.ended)
        keeping.close()
        inspector.close()
    return 0


def failed(error: Exception, out: Out, ended: threading.Event) -> int:
    """Say that ledger or spool cannot be written, and wait before the next inspector tries."""
    out({"event": "warning", "code": "ledger-failed", "app": "", "detail": str(error)})
    ended.wait(RETRY_SECONDS)
    return 5


def put_down(
    error: LedgerRefused,
    settings: InspectorSettings,
    master: bytes,
    anchors: FileAnchors | None,
    out: Out,
    ended: threading.Event,
) -> int:
    """Say why nothing is written to this ledger any more, and wait until it is put right: recording goes on meanwhile.

    Without anchors nothing but this process knows what was there, so it waits for its end.
    """
    faulthandler.cancel_dump_traceback_later()
    out({"event": "warning", "code": "ledger-failed", "app": "", "detail": str(error)})
    if anchors is not None:
        anchors.close()  # the last that is known of the ledger, for whoever asks next
    while not ended.wait(RETRY_SECONDS):
        if anchors is not None and is_taken_again(settings, master, anchors):
            break
    return 5


def is_taken_again(settings: InspectorSettings, master: bytes, anchors: FileAnchors) -> bool:
    """Whether a ledger that was refused may be written again."""
    try:
        with Ledger(settings.ledger, sealer=Sealer(master), anchors=anchors) as ledger, ledger.batch():
            return True
    except (LedgerRefused, LedgerFailed):
        return False


def nothing_waits(settings: InspectorSettings, master: bytes) -> bool:
    """Whether the spool is empty; false when it cannot be asked."""
    try:
        with Spool(settings.spool, master) as spool:
            return spool.size().records == 0
    except SpoolFailed:
        return False


class Parent:
    """The parent's end of standard input: `ended` is set when it closes.

    While `may_leave` holds a test that is true, the process then ends at once: nothing is in hand and nothing waits.
    """

    def __init__(self, pipe: int) -> None:
        self.ended = threading.Event()
        self._pipe = pipe
        self._test: Callable[[], bool] | None = None
        self._forgotten = threading.Event()
        self._thread = threading.Thread(target=self._listen, daemon=True, name="parent")
        self._thread.start()

    def may_leave(self, test: Callable[[], bool] | None) -> None:
        """Set the test, or none."""
        self._test = test

    def forget(self) -> None:
        """Listen no more, and have no thread: what closes from now on is for another `Parent` to see."""
        self._forgotten.set()
        self._thread.join()

    def _listen(self) -> None:
        asked = select.poll()
        asked.register(self._pipe, select.POLLIN)
        while not self._forgotten.is_set():
            if asked.poll(LISTEN_MS) and not os.read(self._pipe, 4096):
                self._left()
                return

    def _left(self) -> None:
        self.ended.set()
        test = self._test
        if test is not None and test():
            os._exit(0)


def work(inspector: Inspector, ended: threading.Event, hard_seconds: float, out: Out, keeping: Keeping) -> None:
    """Turn after turn; once the parent is gone, until nothing is left or `DRAIN_SECONDS` are over.

    What the retention rules say is over goes in between, a small piece at a time.
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
        idle = not inspector.turn()
        if not ended.is_set() and keeping.step(idle=idle):
            continue
        if idle:
            ended.wait(IDLE_SECONDS) if not ended.is_set() else time.sleep(IDLE_SECONDS)
    faulthandler.cancel_dump_traceback_later()


def take_lock(settings: InspectorSettings, ended: threading.Event) -> Any:
    """The lock that lets only one inspector work; waits for a predecessor that is still finishing."""
    deadline = time.monotonic() + LOCK_SECONDS
    path = settings.ledger.with_name(settings.ledger.name + ".inspector.lock")
    while isinstance(lock := hold(path), Held) and time.monotonic() < deadline and not ended.is_set():
        time.sleep(0.05)
    return lock


if __name__ == "__main__":
    sys.exit(main())
