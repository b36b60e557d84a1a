"""What a capture holds: HTTP exchanges, and messages of a log, as they were saved. Pure module: no I/O."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from douane.audit.message import Direction

MAX_ENTRY: Final = 64 * 1024 * 1024
"""Bytes that one entry of a capture may take; a larger one is told and passed over."""

type Fields = tuple[tuple[bytes, bytes], ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of a captured exchange. `at` is Unix time in seconds when it ended.

    `body` is encoded as `headers` say. `missing` says that the capture left the body out, `size` how large it was.
    """

    status: int
    at: float
    headers: Fields = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    truncated: bool = False
    missing: bool = False
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Exchanged:
    """One captured HTTP exchange: `number` is that of its entry, from 1, and `at` Unix time in seconds.

    `missing` says that the request had a body which the capture left out. `answer` is None when none was captured;
    `websocket` when the connection was upgraded.
    """

    number: int
    at: float
    method: str
    url: str = field(repr=False)
    headers: Fields = field(default=(), repr=False)
    body: bytes = field(default=b"", repr=False)
    missing: bool = False
    answer: Answer | None = None
    websocket: bool = False


@dataclass(frozen=True, slots=True)
class Logged:
    """One message (or batch) of a JSON-RPC log: `number` is that of its line, `at` Unix time, None where not said.

    `session` is what the log calls its session, empty where it says nothing.
    """

    number: int
    at: float | None
    direction: Direction
    session: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Faulty:
    """An entry that could not be read, and why: a sentence that quotes nothing of it."""

    number: int
    why: str


@dataclass(frozen=True, slots=True)
class Unusable:
    """Why a file is no capture of this kind: a sentence that quotes nothing of it, and names what to do."""

    why: str


type Half = tuple[Exchanged, bool]
"""An exchange, and whether it is its answer's turn (else its request's)."""


def in_order(steps: list[tuple[float, int, bool]]) -> Iterator[tuple[int, bool]]:
    """(index, answer's turn) of requests and answers in the order in which they began, answers after their requests.

    `steps` are (Unix time, index, answer's turn). Sorting keeps what has one time in the order of the file.
    """
    begun: set[int] = set()
    for _, index, answers in sorted(steps, key=lambda step: (step[0], step[1], step[2])):
        if answers and index not in begun:
            begun.add(index)
            yield index, False
        if not answers:
            if index in begun:
                continue
            begun.add(index)
        yield index, answers
