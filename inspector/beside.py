"""The process beside the inspector: it opens and detects ahead, holds no key and no file, and writes nothing.

Like what stands by (`standby`), it is a fork that forks: the one that works may crash, and another takes its place
without loading anything.
"""

import os
import pickle
import signal
import socket
import sys
from typing import Any, Final, NoReturn

from douane.inspector import standby
from douane.inspector.ahead import Ahead
from douane.inspector.budget import Budget, Overran
from douane.inspector.heavy import worked
from douane.inspector.packed import MOST_BYTES, Plain, opened, packed_inspected, packet, work_of
from douane.inspector.pipeline import Detect

TRIES: Final = 2
"""As in the inspector: a message that fails so often is a gap."""


def start(detect: Detect) -> Ahead | None:
    """Fork the process beside, and return this process's end; None where there is no core for it, or no fork.

    Call it from the main thread, with no other Python thread and no open database.
    """
    if not standby.AVAILABLE or len(os.sched_getaffinity(0)) < 2:
        return None
    here = os.getpid()
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * MOST_BYTES)
    beside = os.fork()
    if beside:
        theirs.close()
        return Ahead(ours, beside)
    return _alone(theirs, here, detect)


def _alone(end: socket.socket, parent: int, detect: Detect) -> NoReturn:
    """Work until the other end is gone; never returns."""
    code = 1
    try:
        standby.die_with(parent)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        _let_go(end.fileno())
        ended = standby.worker(lambda _event: None, until=lambda: False)
        if ended is None:
            serve(end, detect)
        code = ended or 0
    except OSError:
        code = 0  # the other end is gone
    except BaseException as error:  # noqa: BLE001 - told as any bug is, without its text
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        os._exit(code)


def _let_go(kept: int) -> None:
    """Close every file of the parent's: its lock and its pipes must end with it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.closerange(3, kept)
    os.closerange(kept + 1, 65_536)


def serve(end: socket.socket, detect: Detect) -> None:
    """Answer one message after the other, until the other end is closed."""
    budget = Budget()
    room = bytearray(MOST_BYTES)
    told: dict[int, Any] = {0: None}
    end.send(packet(("ready", os.getpid(), None)))
    while size := end.recv_into(room):
        kind, number, what = opened(memoryview(room)[:size])
        if kind == "told":
            told[number] = pickle.loads(what)  # noqa: S301 - our own process at the other end
            continue
        seconds, schema, declaration, plain = what
        answer = ("no", None)
        if schema in told and declaration in told:
            answer = _answer(budget, seconds, plain, told[schema], told[declaration], detect)
        data = _packet(number, *answer)
        end.send(data)


def _answer(
    budget: Budget, seconds: float, plain: Plain, schema: Any, declaration: Any, detect: Detect
) -> tuple[str, Any]:
    """What to say of a message: what it held, the code and the detail of a gap, or that it is not for this process."""
    failed = ""
    for _ in range(TRIES):
        try:
            with budget.of(seconds):
                work = work_of(plain, schema, declaration)
                return ("no", None) if work is None else ("inspected", packed_inspected(worked(work, detect)))
        except Overran:
            return "gap", ("overran", "")
        except Exception as error:  # noqa: BLE001 - as in the inspector: its text may hold a value, its type does not
            failed = type(error).__name__
    return "gap", ("crashed", failed)


def _packet(number: int, kind: str, what: Any) -> bytes:
    try:
        data = packet((kind, number, what))
    except ValueError:  # a value that is no plain one, from a detector of the user's
        data = b""
    return data if 0 < len(data) <= MOST_BYTES else packet(("no", number, None))
