"""What the assembler takes in and gives out. Pure module: no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from douane.audit.exchange import Outcome
from douane.audit.message import Direction, Gap, Message


class Crossing(Protocol):
    """One recorded step of an HTTP exchange; `ledger.record.Record` is one, and documents the fields.

    `kind` is the value of a `RecordKind`: request, answer, stream, piece, end, fault, outcome, passage or gap.
    """

    @property
    def uid(self) -> str: ...
    @property
    def app(self) -> str: ...
    @property
    def flow(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def seq(self) -> int: ...
    @property
    def at(self) -> float: ...
    @property
    def meta(self) -> Mapping[str, Any]: ...
    @property
    def body(self) -> bytes: ...


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Crossed:
    """One message that crossed, or what kept it from being read, or both.

    `record_uid` and `part` name it: the record that completes it and its number among the messages and gaps that
    are completed there. The same records in the same order give the same names, whoever was restarted in between.
    `at` is when its last byte was recorded. `size` is bytes of the message as decoded. `transport` is `json`, `sse`,
    `get-sse` or `legacy-sse`; `protocol` the revision; `session` a pseudonym or "". `answers` names the request that
    an answer answers, `duration_ms` runs from there. `redelivery_of` names the first delivery of an event that was
    sent again after a resumption. `rpc_key` (requests only) is what a later look-up for this request will ask for.
    `route` and `host` are those of the HTTP exchange.
    """

    message: Final[Message | None] = field(repr=False)
    gaps: Final[tuple[Gap, ...]]
    app: Final[str]
    record_uid: Final[str]
    part: Final[int]
    at: Final[float]
    direction: Final[Direction]
    size: Final[int]
    flow: Final[str]
    transport: Final[str] = ""
    protocol: Final[str] = ""
    session: Final[str] = ""
    rpc_id: Final[str | int | float | None] = field(default=None, repr=False)
    rpc_key: Final[str] = field(default="", repr=False)
    answers: Final[tuple[str, int] | None] = None
    http_status: Final[int | None] = None
    duration_ms: Final[float | None] = None
    own: Final[bool] = False
    redelivery_of: Final[tuple[str, int] | None] = None
    route: Final[str] = "reverse"
    host: Final[str] = field(default="", repr=False)

    @property
    def gap(self) -> Gap | None:
        """The first gap, None when there is none."""
        return self.gaps[0] if self.gaps else None


@dataclass(frozen=True, slots=True)
class OutcomeNote:
    """What became of messages that were given out before.

    It is about all messages of `flow` in `direction`; where `record_uid` is set, only about those of that record.
    A later note on the same message replaces an earlier one, but `delivered` is never taken back.
    """

    app: str
    flow: str
    direction: Direction
    outcome: Outcome
    record_uid: str = ""
    route: str = "reverse"
