"""A second process for heavy messages, so that one huge message delays no other app.

It inspects one message at a time and can be killed when it overruns. It holds no key and writes nothing.
"""

import pickle
import queue
import struct
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, Final

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.fields import Limits
from douane.audit.message import Message
from douane.detectors.extensions import Extensions
from douane.inspector.pipeline import Detect, Inspected, inspect

LENGTH = struct.Struct(">Q")
READY = "ready"
LOADING_SECONDS = 120.0
"""How long the second process may take to load its models; no message's time budget pays for that."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What the second process detects with: the first thing that it is sent."""

    presidio: bool
    given: Extensions
    everything: bool = False


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Work:
    """What the second process needs to inspect one message."""

    message: Final[Message] = field(repr=False)
    schema: Final[ToolSchema | None]
    declaration: Final[Declaration | None]
    limits: Final[Limits]
    depth: Final[int]
    onward: Final[str | None] = None


def worked(work: Work, detect: Detect) -> Inspected:
    """What the message held; `onward` is the host to which an app sent it out itself, None where ChatGPT has part."""
    return inspect(
        work.message,
        detect,
        schema=work.schema,
        declaration=work.declaration,
        limits=work.limits,
        depth=work.depth,
        onward=work.onward,
    )


def send(pipe: IO[bytes], thing: object) -> None:
    """Write one length-prefixed pickle; both ends of the pipe are ours."""
    data = pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def receive(pipe: IO[bytes]) -> object | None:
    """Read one length-prefixed pickle; None at the end of the pipe."""
    head = pipe.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (size,) = LENGTH.unpack(head)
    data = pipe.read(size)
    return pickle.loads(data) if len(data) == size else None  # noqa: S301 - our own child's pipe


class Heavy:
    """The parent's end: `start` one message, ask `finished()` now and then."""

    def __init__(self, *, presidio: bool, everything: bool = False, given: Extensions | None = None) -> None:
        self._setup = Setup(presidio, given or Extensions(), everything)
        self._answers: queue.SimpleQueue[tuple[Inspected | None, str]] = queue.SimpleQueue()
        self._child: subprocess.Popen[bytes] | None = None
        self._overran = False
        self.busy = False

    def start(self, work: Work, budget_seconds: float) -> None:
        """Begin one inspection; it is killed after `budget_seconds` and then answered with "overran"."""
        if self.busy:
            raise RuntimeError("one message at a time")
        self.busy, self._overran = True, False
        threading.Thread(target=self._run, args=(work, budget_seconds), daemon=True, name="heavy").start()

    def answer(self, why: str) -> None:
        """Answer for a message that cannot be inspected, with the gap code that says why."""
        self.busy = True
        self._answers.put((None, why))

    def finished(self) -> tuple[Inspected | None, str] | None:
        """What came out, once: the answer, or None and the gap code that says why; None while at work."""
        try:
            answer = self._answers.get_nowait()
        except queue.Empty:
            return None
        self.busy = False
        return answer

    def stop(self) -> None:
        """End the second process, whatever it does."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with suppress(OSError):
                        pipe.close()

    def _run(self, work: Work, budget_seconds: float) -> None:
        answer: object | None = None
        child: subprocess.Popen[bytes] | None = None
        timer: threading.Timer | None = None
        try:
            child, fresh = self._living()
            if fresh and child.stdin is not None and child.stdout is not None:
                timer = self._timer(LOADING_SECONDS, child)
                send(child.stdin, self._setup)
                receive(child.stdout)
                timer.cancel()
            timer = self._timer(budget_seconds, child)
            if child.stdin is not None and child.stdout is not None:
                send(child.stdin, work)
                answer = receive(child.stdout)
        except (OSError, ValueError, pickle.PickleError, EOFError):  # ValueError: `stop` has closed the pipe
            answer = None
        finally:
            if timer is not None:
                timer.cancel()
        if isinstance(answer, Inspected):
            self._answers.put((answer, ""))
            return
        self.stop()
        self._answers.put((None, "overran" if self._overran else "crashed"))

    def _timer(self, seconds: float, child: subprocess.Popen[bytes]) -> threading.Timer:
        timer = threading.Timer(seconds, self._overrun, args=(child,))
        timer.daemon = True
        timer.start()
        return timer

    def _overrun(self, child: subprocess.Popen[bytes]) -> None:
        self._overran = True
        child.kill()

    def _living(self) -> tuple[subprocess.Popen[bytes], bool]:
        fresh = self._child is None or self._child.poll() is not None
        if self._child is None or fresh:
            self._child = subprocess.Popen(
                [sys.executable, "-m", "douane.inspector.heavy_child"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._child, fresh
