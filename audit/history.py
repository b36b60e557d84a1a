"""What was seen of an app over time, for rules that look at more than one exchange. Pure module: no I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from douane.audit.declaration import Declaration
from douane.audit.exchange import Exchange
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


@dataclass(frozen=True, slots=True)
class FieldUse:
    """In how many delivered calls (or answers) of a tool a place held a value.

    `pointer` lies below the arguments or the structured content, indices as `*`.
    """

    tool: str
    direction: Direction
    pointer: str
    calls: int


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
    """An exchange with its id in the ledger and those of its disclosures, in the same order."""

    id: int
    exchange: Exchange
    at: str
    disclosure_ids: tuple[int, ...] = ()


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
