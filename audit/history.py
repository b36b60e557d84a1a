"""What was seen of an app over time, for rules that look at more than one exchange. Pure module: no I/O."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from douane.audit.declaration import Declaration
from douane.audit.echo import GIVEN, identifies
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction


class Seen(StrEnum):
    """What an observation is of. `name` and `detail` of the observation are as said here."""

    CSP_CONNECT = "csp-connect"  # a host that a widget may send data to: name is the host pattern, detail the ui:// URI
    CSP_RESOURCE = "csp-resource"  # a host that a widget may load from
    CSP_FRAME = "csp-frame"
    CSP_REDIRECT = "csp-redirect"
    RETURNED_URL = "returned-url"  # the host of a URL in an answer
    FILE_DOWNLOAD = "file-download"  # the host of a `download_url` that ChatGPT gave: the app fetches the file there
    EGRESS = "egress"  # a host that the app itself called through its egress listener
    FORM_ASKS = "form-asks"  # a form elicitation asks for a category: name is the category, detail the property
    URL_ASKS = "url-asks"  # a URL elicitation: name is the host, detail a category found in its URL, if any
    HEADER_PARAMETER = "header-parameter"  # an `x-mcp-header` property: name is the property, detail the header
    UNLISTED = "unlisted"  # a place that the tool's schema does not list: name is the pointer
    DRIFT = "drift"  # a live tool differs from the approved snapshot: name is what differs, detail how
    APPROVED = "approved"  # a live tool was held against the approved snapshot and agrees: name is `tools`
    QUERY_CREDENTIAL = "query-credential"  # a credential in the query: name is the parameter, detail the category
    WITHHELD = "withheld"  # blanked in the app's address, and no query-credential: name is the part, detail the kind
    PERMISSION = "permission"  # a browser permission that a widget asks for


@dataclass(frozen=True, slots=True)
class Observation:
    """Something seen that is not a disclosure. Names of hosts, properties and categories only, never a value."""

    kind: Seen
    name: str
    detail: str = ""
    tool: str | None = None
    count: int = 1
    first_at: str = ""
    last_at: str = ""


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class FieldUse:
    """In how many delivered calls (or answers) of a tool a place held a value.

    `pointer` lies below the arguments or the structured content, indices as `*`.
    """

    tool: Final[str]
    direction: Final[Direction]
    pointer: Final[str]
    calls: Final[int]


@dataclass(frozen=True, slots=True)
class ToolFacts:
    """A tool as it was last seen: skeletons of its schemas (no free text), its annotations, and what else it says.

    `meta` holds known keys only: `securitySchemes`, `ui`, `openai/fileParams`, `openai/visibility`, … `said` are the
    hints of `annotations` that are explicit booleans.
    """

    name: str
    version: int = 1
    input_schema: Mapping[str, Any] | None = None
    output_schema: Mapping[str, Any] | None = None
    annotations: Mapping[str, Any] = field(default_factory=dict[str, Any])
    meta: Mapping[str, Any] = field(default_factory=dict[str, Any])
    seen_at: str = ""


@dataclass(frozen=True, slots=True)
class Numbered:
    """An exchange with its id in the ledger and those of its disclosures, in the same order.

    In a condensed history it has one datum alone and stands for `times` of them, of which it is the earliest; the last
    crossed at `last_at`, and `others` are the ids of some more. Elsewhere it stands for itself.
    """

    id: int
    exchange: Exchange
    at: str
    disclosure_ids: tuple[int, ...] = ()
    times: int = 1
    last_at: str = ""
    others: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """All that was seen of one app in the period asked for.

    `exchanges` are in the order in which they crossed, Douane's own traffic and redeliveries left out; `tools` by
    name. `shared_subjects` counts, for each kind of identifier (a category), how many of this app's subjects were also
    seen by another app: joined for one check, kept nowhere.
    """

    app: str
    declaration: Declaration | None = None
    tools: Mapping[str, ToolFacts] = field(default_factory=dict[str, ToolFacts])
    exchanges: tuple[Numbered, ...] = ()
    observations: tuple[Observation, ...] = ()
    uses: tuple[FieldUse, ...] = ()
    shared_subjects: Mapping[str, int] = field(default_factory=dict[str, int])

    def seen(self, kind: Seen) -> tuple[Observation, ...]:
        """The observations of one kind."""
        return tuple(one for one in self.observations if one.kind is kind)

    def messages(self, way: Direction | None = None) -> int:
        """How many messages crossed, in one direction or in both."""
        return sum(1 for one in self.exchanges if way is None or one.exchange.direction is way)

    def named_before(self, moment: str) -> frozenset[str]:
        """The tools that a message named before a moment (as the ledger writes times)."""
        return frozenset(one.exchange.tool for one in self.exchanges if one.exchange.tool and one.at < moment)

    def data(self, numbers: AbstractSet[int]) -> dict[int, tuple[Exchange, Disclosure]]:
        """The disclosures of those ids, as far as the period holds them, each with its exchange."""
        return {
            number: (one.exchange, datum)
            for one in self.exchanges
            if not numbers.isdisjoint(one.disclosure_ids)
            for number, datum in zip(one.disclosure_ids, one.exchange.disclosures, strict=True)
        }

    def echoes(self) -> Iterator[tuple[int, int]]:
        """Identifiers in a delivered answer that ChatGPT had sent unasked with its call (`echo`), by their pseudonyms.

        Each by the index of its exchange and its own in it. One that the call's arguments held as well was asked for;
        where an answer's call is not in the history nothing can be said.
        """
        calls = {
            (one.exchange.record_id, one.exchange.part): one.exchange
            for one in self.exchanges
            if one.exchange.direction is Direction.TO_APP and one.exchange.disclosures
        }
        for index, numbered in enumerate(self.exchanges):
            exchange = numbered.exchange
            call = calls.get(exchange.answers) if exchange.answers is not None else None
            if call is None or exchange.outcome is not Outcome.DELIVERED or exchange.direction is Direction.TO_APP:
                continue
            given = {_mark(one) for one in call.disclosures if one.pointer.startswith(GIVEN)}
            asked = {_mark(one) for one in call.disclosures if not one.pointer.startswith(GIVEN)}
            for at, one in enumerate(exchange.disclosures):
                if _mark(one) and _mark(one) in given and _mark(one) not in asked and identifies(one.category):
                    yield index, at


@dataclass(frozen=True, slots=True)
class Condensed(History):
    """A history in which equal data are one: `exchanges` has each once, with its earliest exchange and how often.

    Rules find in it what they find in the history of every message. `counted` are all messages by direction, `named`
    when each tool was first named, `linked` the data that what the app passed on is linked to, and `echoed` the indices
    of those `exchanges` whose datum is an echo. Verdicts have the labels of all and the reasons of the earliest; of a
    datum's score, evidence, length and pseudonym it says nothing.
    """

    counted: Mapping[Direction, int] = field(default_factory=dict[Direction, int])
    named: Mapping[str, str] = field(default_factory=dict[str, str])
    linked: Mapping[int, tuple[Exchange, Disclosure]] = field(default_factory=dict[int, tuple[Exchange, Disclosure]])
    echoed: tuple[int, ...] = ()

    def messages(self, way: Direction | None = None) -> int:
        """How many messages crossed, in one direction or in both."""
        return sum(count for one, count in self.counted.items() if way is None or one is way)

    def named_before(self, moment: str) -> frozenset[str]:
        """The tools that a message named before a moment (as the ledger writes times)."""
        return frozenset(tool for tool, first in self.named.items() if first < moment)

    def data(self, numbers: AbstractSet[int]) -> dict[int, tuple[Exchange, Disclosure]]:
        """The disclosures of those ids, as far as the period holds them, each with its exchange."""
        return {number: self.linked[number] for number in numbers if number in self.linked}

    def echoes(self) -> Iterator[tuple[int, int]]:
        """The data that are echoes, each by the index of its exchange and its own in it."""
        return ((index, 0) for index in self.echoed)


def _mark(one: Disclosure) -> str:
    return one.pseudonym.digest if one.pseudonym is not None else ""
