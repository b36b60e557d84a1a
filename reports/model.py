"""What a summary of a ledger is made of: figures and names, nothing that any one format needs.

A disclosure counts when its message was delivered and was not Douane's own. What was refused, failed, or whose fate is
unknown, is told apart and counts as no disclosure.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from douane.audit.exchange import Label
from douane.audit.message import Direction
from douane.audit.readings import findable, found_as
from douane.audit.subsumption import above
from douane.reports.fates import INSPECTED, GapSum, Outcomes, Tally, summed_up
from douane.reports.findings import Findings
from douane.reports.flow import LABELS, PLACES_SHOWN, Flow, Labels, Place
from douane.reports.onward import Onward
from douane.reports.people import Under
from douane.reports.sighted import Sighted

__all__ = [
    "INSPECTED",
    "LABELS",
    "PLACES_SHOWN",
    "UNSEEN",
    "App",
    "Declared",
    "Flow",
    "GapSum",
    "Labels",
    "Latency",
    "Outcomes",
    "Passages",
    "Period",
    "Place",
    "SchemaState",
    "Summary",
    "Tally",
    "ToolState",
    "Versions",
    "summed_up",
]

UNSEEN = ("directory", "knowledge", "widget", "files", "egress", "checkout", "inside")
"""What no reverse proxy in front of an app sees, by code; `reports.i18n` has the sentences."""


class SchemaState(StrEnum):
    """What is known of a tool's schemas."""

    BOTH = "both"
    INPUT = "input"
    OUTPUT = "output"
    UNSEEN = "unseen"


@dataclass(frozen=True, slots=True)
class Period:
    """The time asked for (empty: open) and the first and last message in it (empty: none). ISO 8601, UTC."""

    since: str = ""
    until: str = ""
    first: str = ""
    last: str = ""

    @property
    def one_day(self) -> bool:
        """Whether every message fell on one day (UTC)."""
        return self.first[:10] == self.last[:10]


@dataclass(frozen=True, slots=True)
class ToolState:
    """One tool: calls in the period and what is known of its schemas. `annotations` are the hints that it sets to true,
    `denials` those that it sets to false."""

    name: str
    calls: int
    schema: SchemaState
    version: int = 0
    source: str = ""
    seen_at: str = ""
    annotations: tuple[str, ...] = ()
    denials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Declared:
    """The declaration that an app was last judged against: its categories each way, and its recipients."""

    file: str
    sha256: str
    taxonomy: str
    loaded_at: str
    to_app: tuple[str, ...] = ()
    to_chatgpt: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passages:
    """What passed on one kind of path and was not MCP: not opened, only counted."""

    host: str
    path_class: str
    count: int
    failed: int
    bytes_up: int
    bytes_down: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class Latency:
    """Milliseconds from request to answer, over `count` answers."""

    count: int
    p50: float
    p95: float
    most: float


@dataclass(frozen=True, slots=True)
class App:
    """One app and everything that was seen of it.

    `first_seen` and `last_seen` are when its first and its last message of the period crossed, empty where none did (on
    the page, which has no period, when the ledger began and last had something of it).
    `egress` says whether it has an egress listener: without one, what it passes on is not observable. `onward` is what
    it sent out there, which is in no other figure. `sighted` are hosts that were named, without a datum seen to go
    there. `routes` are those by which it was observed.
    """

    name: str
    host: str
    route: str
    first_seen: str
    last_seen: str
    flows: tuple[Flow, ...] = ()
    outcomes: Outcomes = field(default_factory=Outcomes)
    declared: Declared | None = None
    tools: tuple[ToolState, ...] = ()
    gaps: tuple[GapSum, ...] = ()
    passages: tuple[Passages, ...] = ()
    latency: Latency | None = None
    own_messages: int = 0
    egress: bool = False
    onward: tuple[Onward, ...] = ()
    sighted: tuple[Sighted, ...] = ()
    routes: tuple[str, ...] = ()

    @property
    def disclosures(self) -> int:
        """Delivered disclosures, both ways."""
        return sum(flow.count for flow in self.flows)

    @property
    def undeclared(self) -> int:
        """Delivered disclosures that a schema or the declaration leaves out."""
        return sum(flow.undeclared for flow in self.flows)

    @property
    def restricted(self) -> int:
        """Delivered disclosures under a platform rule."""
        return self.labels.prohibited

    @property
    def special(self) -> int:
        """Delivered disclosures of special categories (GDPR Art. 9)."""
        return sum(flow.count for flow in self.flows if flow.special)

    @property
    def columns(self) -> tuple[Label, ...]:
        """The headlines that a table of its flows counts: the rare ones only where they occur."""
        rare = (Label.INCORRECT, Label.AMBIGUOUS)
        return tuple(label for label in LABELS if label not in rare or self.labels.of(label))

    @property
    def labels(self) -> Labels:
        """Delivered disclosures by headline."""
        return sum((flow.labels for flow in self.flows), Labels())

    @property
    def categories(self) -> int:
        """Categories seen, both ways together."""
        return len({flow.category for flow in self.flows})

    @property
    def not_inspected(self) -> int:
        """Gaps that say that something was not inspected."""
        return sum(gap.times for gap in self.gaps if not gap.inspected)

    @property
    def declared_nothing(self) -> bool:
        """Whether there is neither a declaration nor any schema to compare with."""
        return self.declared is None and all(tool.schema is SchemaState.UNSEEN for tool in self.tools)

    def unused(self, direction: Direction) -> tuple[str, ...]:
        """Categories declared for a direction of which nothing was seen in it."""
        said = self._said(direction)
        seen = {flow.category for flow in self.flows if flow.direction is direction}
        used = {key for one in seen for key in above(one)}
        used |= {key for one in said if not seen.isdisjoint(found_as(one)) for key in above(one)}
        return tuple(key for key in said if key not in used and findable(key))

    def unlooked(self, direction: Direction) -> tuple[str, ...]:
        """Categories declared for a direction that no detector looks for: that none was seen says nothing."""
        seen = {key for flow in self.flows if flow.direction is direction for key in above(flow.category)}
        return tuple(key for key in self._said(direction) if key not in seen and not findable(key))

    def _said(self, direction: Direction) -> tuple[str, ...]:
        if self.declared is None:
            return ()
        return self.declared.to_app if direction is Direction.TO_APP else self.declared.to_chatgpt

    def one_way(self, direction: Direction) -> int:
        """Delivered disclosures in one direction."""
        return sum(flow.count for flow in self.flows if flow.direction is direction)


@dataclass(frozen=True, slots=True)
class Versions:
    """What made the figures: versions of Douane, taxonomy and protocol, and the detectors with their hits."""

    douane: tuple[str, ...] = ()
    taxonomy: tuple[str, ...] = ()
    protocols: tuple[tuple[str, int], ...] = ()
    detectors: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """A ledger in figures, for a set of apps (those with findings first) and a period.

    `made_at` is when it was made, empty where the caller gave no clock. `filtered` says that apps were left out on
    request. `findings` are what the rules found, None where they were not asked. `under` says under which profile, and
    who asked.
    """

    period: Period
    apps: tuple[App, ...]
    versions: Versions
    made_at: str = ""
    filtered: bool = False
    unseen: tuple[str, ...] = field(default=UNSEEN)
    findings: Findings | None = None
    under: Under = field(default_factory=Under)

    @property
    def flows(self) -> tuple[Flow, ...]:
        """Every flow, what weighs most first."""
        return tuple(
            sorted((flow for app in self.apps for flow in app.flows), key=lambda flow: (*flow.weight, flow.app))
        )

    @property
    def notable(self) -> tuple[Flow, ...]:
        """The flows that a person should look at, what weighs most first."""
        return tuple(flow for flow in self.flows if flow.notable)

    @property
    def outcomes(self) -> Outcomes:
        """Messages by outcome, all apps."""
        return sum((app.outcomes for app in self.apps), Outcomes())

    @property
    def labels(self) -> Labels:
        """Disclosures by headline, all apps."""
        return sum((app.labels for app in self.apps), Labels())

    @property
    def disclosures(self) -> int:
        """Delivered disclosures, all apps."""
        return sum(app.disclosures for app in self.apps)

    @property
    def undeclared(self) -> int:
        """Delivered disclosures that a source leaves out, all apps."""
        return sum(app.undeclared for app in self.apps)

    @property
    def denied(self) -> int:
        """Delivered disclosures that a statement denies, all apps, whatever their headline."""
        return sum(flow.denied for app in self.apps for flow in app.flows)

    @property
    def special(self) -> int:
        """Delivered disclosures of special categories, all apps."""
        return sum(app.special for app in self.apps)

    @property
    def own_messages(self) -> int:
        """Douane's own messages, counted nowhere else."""
        return sum(app.own_messages for app in self.apps)

    @property
    def gaps(self) -> tuple[GapSum, ...]:
        """Gaps of all apps, summed up by code, most frequent first."""
        return summed_up(gap for app in self.apps for gap in app.gaps)

    @property
    def not_inspected(self) -> int:
        """Gaps that say that something was not inspected."""
        return sum(gap.times for gap in self.gaps if not gap.inspected)
