"""A warm process that stands by: what inspects is its fork, so that a crash costs no second loading of the models.

Linux only: elsewhere a fork after native libraries were loaded is not safe, or cannot be tied to its parent's life.
"""

import ctypes
import os
import select
import signal
import sys
import time
from collections import deque
from collections.abc import Callable
from typing import Any, Final

AVAILABLE: Final = sys.platform == "linux"
FORKS: Final = 10
"""How often within `WINDOW_SECONDS`. What crashes more often is left to whoever started this process."""
WINDOW_SECONDS: Final = 60.0
ON_PURPOSE: Final = (0, 2, 3, 4)
"""Exit codes after which another start would end in the same way."""
_SET_DEATH_SIGNAL: Final = 1  # PR_SET_PDEATHSIG of prctl(2)


def parent_left() -> bool:
    """Whether whoever started this process has closed its standard input."""
    return parent_gone(sys.stdin.fileno())


def worker(out: Callable[[dict[str, Any]], None], *, until: Callable[[], bool] = parent_left) -> int | None:
    """Fork, and fork again whenever the fork crashes: None in a fork, its exit code where this process is to end.

    `until` says whether this process is to end with a fork that crashed.
    A crash is said as `{"event": "restarted", "code": …}`. Call it from the main thread, with no other Python thread
    and no open database: a fork has neither. It dies with this process, however that ends.
    """
    here = os.getpid()
    forks: deque[float] = deque(maxlen=FORKS)
    while True:
        forks.append(time.monotonic())
        pid = os.fork()
        if pid == 0:
            die_with(here)
            return None
        code = _ended(pid)
        if code in ON_PURPOSE or until():
            return code
        if len(forks) == FORKS and time.monotonic() - forks[0] < WINDOW_SECONDS:
            return _end_likewise(code)
        out({"event": "restarted", "code": code, "pid": pid})


def parent_gone(pipe: int) -> bool:
    """Whether the other end of a pipe is closed and nothing is left in it."""
    asked = select.poll()
    asked.register(pipe, select.POLLIN)
    return any(said & select.POLLHUP and not said & select.POLLIN for _, said in asked.poll(0))


def _ended(pid: int) -> int:
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def _end_likewise(code: int) -> int:
    if code < 0:
        os.kill(os.getpid(), -code)
    return code if code > 0 else 1


def die_with(parent: int) -> None:
    """Ask the kernel to end this process with its parent, and end it now if the parent is gone already."""
    ctypes.CDLL(None, use_errno=True).prctl(_SET_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
