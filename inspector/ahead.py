"""Messages that wait are inspected ahead, in a process beside the inspector, while it writes what came before them.

The answers are taken in the order of the records, so that nothing is written in another order than without it. What the
process beside does not answer (it crashed, it cannot read the message, it has enough to do) is inspected here.
"""

import os
import pickle
import select
import signal
import socket
import time
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from douane.audit.message import Gap
from douane.inspector.heavy import Work
from douane.inspector.packed import MOST_BYTES, Plain, inspected_of, opened, packed_work, packet
from douane.inspector.pipeline import Inspected

IN_HAND: Final = 8
"""Messages that the process beside has at a time: enough for it never to wait, few enough to share the rest."""
GRACE_SECONDS: Final = 2.0
"""How much longer than a message's time budget its answer is waited for."""
_MOST_TOLD: Final = 1_000

type Name = tuple[str, int]


@dataclass(slots=True)
class Asked:
    """A message to be inspected: its name, what the work is, its size for a gap, and its time budget."""

    name: Name
    work: Work
    size: int
    seconds: float
    number: int = 0


class Ahead:
    """This process's end. Ask in the order in which the answers will be wanted.

    `beside` is the process to end when this one stops. One thread. Never raises.
    """

    def __init__(self, end: socket.socket, beside: int) -> None:
        self._end: socket.socket | None = end
        self._poll = select.poll()
        self._poll.register(end, select.POLLIN)
        self._room = bytearray(MOST_BYTES)
        self._beside = beside
        self._worker = 0
        self._number = 0
        self._numbers: dict[Name, int] = {}
        self._unsent: deque[Asked] = deque()
        self._sent: deque[Asked] = deque()
        self._came: dict[Name, Inspected | Gap] = {}
        self._told: dict[int, tuple[int, object]] = {}
        self._left = False

    def ask(self, asked: Asked) -> None:
        """Let a message be inspected."""
        if self._end is not None:
            asked.number = self._number = self._number + 1
            self._numbers[asked.name] = asked.number
            self._unsent.append(asked)
            self._send()

    def answer(self, name: Name) -> Inspected | Gap | None:
        """What the message held, or why that is not known; None: it is for the caller to inspect."""
        number = self._numbers.pop(name, 0)
        if not number:
            return None
        self._take()
        until = 0.0
        while self._has(number):
            now = time.monotonic()
            until = until or now + self._sent[0].seconds + GRACE_SECONDS
            if self._take(until - now):
                until = 0.0
            elif time.monotonic() >= until:
                self._end_worker()
        while self._unsent and self._unsent[0].number <= number:
            self._unsent.popleft()
        return self._came.pop(name, None)

    def waits(self, name: Name) -> bool:
        """Whether the process beside has the message in hand and has not answered yet."""
        number = self._numbers.get(name, 0)
        if number:
            self._take()
        return self._has(number)

    def spare(self) -> Asked | None:
        """The last message that nobody has in hand, for the caller to inspect and `keep`; None when there is none."""
        return self._unsent.pop() if self._unsent else None

    def keep(self, name: Name, came: Inspected | Gap) -> None:
        """Keep an answer of the caller's own until it is wanted."""
        self._came[name] = came

    def forget(self) -> None:
        """Forget all that was asked; what is still answered counts for nothing."""
        self._numbers.clear()
        self._unsent.clear()
        self._sent.clear()
        self._came.clear()

    def has_left(self) -> bool:
        """Whether the process beside ended by itself, so that all is for the caller from now on; true once."""
        left, self._left = self._left, False
        return left

    def stop(self) -> None:
        """End the process beside."""
        self._gone()
        self._left = False
        with suppress(ProcessLookupError):
            os.kill(self._beside, signal.SIGKILL)
        with suppress(ChildProcessError):
            os.waitpid(self._beside, 0)

    def _has(self, number: int) -> bool:
        return bool(self._sent) and self._sent[0].number <= number <= self._sent[-1].number

    def _send(self) -> None:
        while self._unsent and len(self._sent) < IN_HAND:
            one = self._unsent[0]
            schema, declaration = self._tell(one.work.schema), self._tell(one.work.declaration)
            if schema is None or declaration is None:
                return
            if not self._post(("work", one.number, (one.seconds, schema, declaration, packed_work(one.work)))):
                return
            self._sent.append(self._unsent.popleft())

    def _tell(self, thing: object) -> int | None:
        """The number under which the process beside has a schema or a declaration, 0 for none; None: not sent."""
        if thing is None:
            return 0
        known = self._told.get(id(thing))
        if known is not None:
            return known[0]
        if len(self._told) >= _MOST_TOLD:
            self._told.clear()
        number = len(self._told) + 1
        if not self._post(("told", number, pickle.dumps(thing, protocol=pickle.HIGHEST_PROTOCOL))):
            return None
        self._told[id(thing)] = number, thing  # kept, so that no other thing is ever at its address
        return number

    def _post(self, thing: Plain) -> bool:
        """Send without waiting; false for what is too large, or when the other end takes nothing now."""
        data = packet(thing)
        if self._end is None or len(data) > MOST_BYTES:
            return False
        try:
            self._end.send(data, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            self._gone()
            return False
        return True

    def _take(self, seconds: float = 0.0) -> bool:
        """Take what came, and wait so long for it at the most; whether anything came."""
        came = False
        while self._end is not None and self._sent:
            if not came and seconds > 0:
                self._poll.poll(seconds * 1000)
            try:
                size = self._end.recv_into(self._room, 0, socket.MSG_DONTWAIT)
            except BlockingIOError:
                break
            except OSError:
                size = 0
            if not size:
                self._gone()
                break
            self._read(opened(memoryview(self._room)[:size]))
            came = True
        self._send()
        return came

    def _read(self, said: Plain) -> None:
        kind, number, what = said
        if kind == "ready":
            # The one before died, and of what it was sent the first is what it had in hand.
            if self._worker:
                self._sent.popleft()
            self._worker = number
            self._told.clear()
            return
        while self._sent and self._sent[0].number <= number:
            one = self._sent.popleft()
            if one.number == number and kind == "inspected":
                self._came[one.name] = inspected_of(what)
            elif one.number == number and kind == "gap":
                code, detail = what
                self._came[one.name] = Gap(code, detail=detail, size=one.size)

    def _end_worker(self) -> None:
        """End a worker that does not come back from a message: nothing that was sent is waited for any more."""
        one = self._sent[0]
        self._came[one.name] = Gap("overran", size=one.size)
        self._sent.clear()
        if self._worker:
            with suppress(ProcessLookupError):
                os.kill(self._worker, signal.SIGKILL)
        else:
            self._gone()

    def _gone(self) -> None:
        end, self._end = self._end, None
        self._sent.clear()
        if end is not None:
            self._left = True
            end.close()
