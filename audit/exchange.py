"""A judged message, as the ledger keeps it: no clear value anywhere in it. Pure module: no I/O."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from douane.audit.message import Direction, Gap, Kind


class Outcome(StrEnum):
    """What became of a message after it was recorded. "Recorded" is not "delivered"."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Label(StrEnum):
    """The verdict on one disclosure from one source."""

    CLEAR = "clear"
    VAGUE = "vague"
    AMBIGUOUS = "ambiguous"
    OMITTED = "omitted"
    INCORRECT = "incorrect"
    PROHIBITED = "prohibited"
    GAP = "gap"


class Source(StrEnum):
    """What a verdict was judged against."""

    SCHEMA = "schema"
    DECLARATION = "declaration"
    POLICY = "policy"
    CONNECTION = "connection"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One source's word on one disclosure.

    `score` is the vagueness from 0 (exact) to 1 (as vague as can be), None unless `label` is VAGUE. `reason` is a
    sentence in English made of our words, category keys and declared names only. `statements` are the ids of the
    declaration's statements, purposes or fields that were held against the datum, such as `policy/3`.
    """

    source: Source
    label: Label
    reason: str
    score: float | None = None
    statements: tuple[str, ...] = ()


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Pseudonym:
    """A keyed digest of a value (hex) and the id of the key that made it. See `ledger.pseudonyms`."""

    digest: Final[str]
    key_id: Final[str]


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Disclosure:
    """One datum in an exchange.

    `pointer` is an RFC 6901 pointer in which data-bearing keys read `{key}`; `reached` is the decoding path that led
    from there to the datum, empty when none was needed. `length` is the length bucket of the value (`1-3`, `4-7`,
    `8-15`, …). `also` lists the mirrored places (HTTP twins) that were counted in this row.
    """

    pointer: Final[str]
    category: Final[str]
    flags: Final[tuple[str, ...]]
    detector: Final[str]
    score: Final[float]
    evidence: Final[str]
    verdicts: Final[tuple[Verdict, ...]]
    headline: Final[Label]
    reached: Final[str] = ""
    length: Final[str] = ""
    pseudonym: Final[Pseudonym | None] = None
    preview: Final[str | None] = None
    also: Final[tuple[str, ...]] = ()


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Exchange:
    """One message that crossed, judged.

    `record_id` and `part` name the record and the message in it (a batch holds several): together they are unique in
    a ledger. `at` is Unix time in seconds when Douane recorded it. `session`, `rpc` and `flow` are pseudonyms or
    numbers of ours. `size` is bytes of the message as decoded. `duration_ms` (answers only) runs from the request's
    record to the answer's. `answers` is the (record_id, part) of the request that this message answers. `redelivery`
    marks an event that was sent again after a resumption: what it discloses stands with its first delivery.
    `route` is reverse, forward, egress or file. On `egress` the app sent the message out (`to_app`) to `host`, or
    got it back from there (`to_chatgpt`): ChatGPT has no part in it. `host` is empty for reverse and file.
    """

    record_id: Final[str]
    part: Final[int]
    at: Final[float]
    app: Final[str]
    direction: Final[Direction]
    kind: Final[Kind]
    method: Final[str | None]
    tool: Final[str | None]
    outcome: Final[Outcome]
    size: Final[int]
    fields: Final[int] = 0
    protocol: Final[str] = ""
    transport: Final[str] = ""
    session: Final[str] = ""
    flow: Final[str] = ""
    rpc: Final[str] = ""
    answers: Final[tuple[str, int] | None] = None
    http_status: Final[int | None] = None
    duration_ms: Final[float | None] = None
    own_traffic: Final[bool] = False
    redelivery: Final[bool] = False
    route: Final[str] = "reverse"
    host: Final[str] = ""
    disclosures: Final[tuple[Disclosure, ...]] = ()
    gaps: Final[tuple[Gap, ...]] = ()
