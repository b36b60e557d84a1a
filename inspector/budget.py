"""How much one message may cost, and who is to blame when the process dies."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Final, Self

_LEAST_SECONDS: Final = 0.001
"""0 would set no limit at all."""


class Overran(BaseException):
    """Raised in the middle of a message that costs too much; no `except Exception` of a library may swallow it."""


class Budget:
    """A wall-clock limit around one piece of work: `with budget.of(seconds)`. One per process, in its main thread,
    where signals arrive.

    Python code and the `re` module notice the signal; a C extension that never returns is ended by the hard limit of
    the process (see `inspector.main`).
    """

    def __init__(self) -> None:
        self._seconds = 0.0
        self._armed = False
        signal.signal(signal.SIGALRM, self._ring)

    def of(self, seconds: float) -> Self:
        """The limit for the `with` that follows."""
        self._seconds = seconds
        return self

    def __enter__(self) -> Self:
        self._armed = True
        signal.setitimer(signal.ITIMER_REAL, self._seconds)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        # Disarmed first: a signal that is already on its way must not ring in the next message's code.
        self._armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Let the limit around this stand still; another may be set inside."""
        left, armed = signal.setitimer(signal.ITIMER_REAL, 0)[0], self._armed
        self._armed = False
        try:
            yield
        finally:
            self._armed = armed
            if armed:
                signal.setitimer(signal.ITIMER_REAL, max(left, _LEAST_SECONDS))

    def _ring(self, _number: int, _frame: FrameType | None) -> None:
        if self._armed:
            raise Overran


class Inflight:
    """The id of the record in hand, in a small file: what a dead inspector was working on. One write is about 1 µs."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._marked = -1

    def read(self) -> int:
        """The record id that was in hand, 0 for none."""
        held = os.pread(self._fd, 8, 0)
        return int.from_bytes(held, "big") if len(held) == 8 else 0

    def mark(self, record_id: int) -> None:
        """Say which record is in hand, 0 for none."""
        if record_id != self._marked:
            os.pwrite(self._fd, record_id.to_bytes(8, "big"), 0)
            self._marked = record_id

    def close(self) -> None:
        """Close the file."""
        with suppress(OSError):
            os.close(self._fd)
