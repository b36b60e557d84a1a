"""One summary of a ledger, made once; every format prints it, so that their figures agree.

A disclosure counts when its message was delivered and was not Douane's own. What was refused, failed, or whose fate is
unknown, is told apart and counts as no disclosure.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from douane.audit import taxonomy
from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.ledger import report_query as query

LABELS = (Label.PROHIBITED, Label.OMITTED, Label.VAGUE, Label.CLEAR, Label.GAP)
"""Headlines, the most pressing first."""

UNCOMPARED = frozenset({"no-schema", "no-declaration"})
"""Gap codes that say that there was nothing to compare with; every other code says that something was not inspected."""

UNSEEN = ("directory", "knowledge", "widget", "files", "egress", "checkout", "inside")
"""What no reverse proxy in front of an app sees, by code; `reports.i18n` has the sentences."""

PLACES_SHOWN = 4
"""Places named per finding; the rest is a number."""


class ScopeError(ValueError):
    """An app that the ledger does not hold, a time that cannot be read, or a period that ends before it begins."""


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
class Labels:
    """Disclosures by headline verdict."""

    prohibited: int = 0
    omitted: int = 0
    vague: int = 0
    clear: int = 0
    gap: int = 0

    def __add__(self, other: "Labels") -> "Labels":
        return Labels(*(getattr(self, label) + getattr(other, label) for label in LABELS))

    def of(self, label: Label) -> int:
        """The number under one headline."""
        return int(getattr(self, label))

    @property
    def worst(self) -> Label:
        """The most pressing headline that occurs; GAP when none does."""
        return next((label for label in LABELS if self.of(label)), Label.GAP)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a finding stood: tool (or method), pointer, how often, and the ledger's id of the first exchange."""

    tool: str
    method: str
    pointer: str
    count: int
    exchange: int


@dataclass(frozen=True, slots=True)
class Flow:
    """One app × category × direction: how many disclosures, how they were judged, when.

    `undeclared` counts those for which a source (`by_schema`: the tool's schema, `by_declaration`: the app's
    declaration) holds no mention, whatever their headline; `undeclared_first` is the first of those. `places` is
    filled for what a person should look at; `places_more` counts the places beyond those named.
    """

    app: str
    category: str
    direction: Direction
    flags: tuple[str, ...]
    count: int
    labels: Labels
    first: str
    last: str
    undeclared: int = 0
    by_schema: int = 0
    by_declaration: int = 0
    undeclared_first: str = ""
    places: tuple[Place, ...] = ()
    places_more: int = 0

    @property
    def special(self) -> bool:
        """Whether it is a special category (GDPR Art. 9)."""
        return "art9" in self.flags

    @property
    def restricted(self) -> bool:
        """Whether the platform forbids it, whatever was declared."""
        return taxonomy.restricted(self.flags) or self.labels.prohibited > 0

    @property
    def notable(self) -> bool:
        """Whether a person should look at it."""
        return bool(self.undeclared or self.restricted or {"art9", "art10", "minor"} & set(self.flags))

    @property
    def weight(self) -> tuple[int, int, int, int, str, str]:
        """A sort key: what weighs most comes first."""
        return (
            -int(self.undeclared > 0) - 2 * int(self.undeclared > 0 and (self.special or self.restricted)),
            -int(self.restricted) - int(self.special),
            -self.undeclared,
            -self.count,
            self.category,
            self.direction,
        )


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages, those of them in which a datum was found, and how many data were."""

    messages: int = 0
    carrying: int = 0
    disclosures: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.messages + other.messages, self.carrying + other.carrying, self.disclosures + other.disclosures
        )


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the messages. Only `delivered` holds disclosures; the others hold what was found in them."""

    delivered: Tally = Tally()
    refused: Tally = Tally()
    failed: Tally = Tally()
    unknown: Tally = Tally()

    def __add__(self, other: "Outcomes") -> "Outcomes":
        return Outcomes(*(self.of(outcome) + other.of(outcome) for outcome in Outcome))

    def of(self, outcome: Outcome) -> Tally:
        """The messages with that outcome."""
        tally: Tally = getattr(self, outcome)
        return tally

    @property
    def messages(self) -> int:
        """All messages."""
        return sum(self.of(outcome).messages for outcome in Outcome)


@dataclass(frozen=True, slots=True)
class GapSum:
    """Gaps of one code: how often, bytes concerned (0 where not known), first and last."""

    code: str
    times: int
    size: int
    first: str
    last: str

    @property
    def inspected(self) -> bool:
        """Whether the message was inspected and only lacked something to compare with."""
        return self.code in UNCOMPARED


@dataclass(frozen=True, slots=True)
class ToolState:
    """One tool: calls in the period and what is known of its schemas. `read_only` and the like are its own words."""

    name: str
    calls: int
    schema: SchemaState
    version: int = 0
    source: str = ""
    seen_at: str = ""
    annotations: tuple[str, ...] = ()


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
    """One app and everything that was seen of it."""

    name: str
    host: str
    route: str
    first_seen: str
    last_seen: str
    flows: tuple[Flow, ...] = ()
    outcomes: Outcomes = Outcomes()
    declared: Declared | None = None
    tools: tuple[ToolState, ...] = ()
    gaps: tuple[GapSum, ...] = ()
    passages: tuple[Passages, ...] = ()
    latency: Latency | None = None
    own_messages: int = 0

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
        if self.declared is None:
            return ()
        said = self.declared.to_app if direction is Direction.TO_APP else self.declared.to_chatgpt
        seen = [flow.category for flow in self.flows if flow.direction is direction]
        return tuple(key for key in said if not any(taxonomy.is_within(one, key) for one in seen))

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
    request.
    """

    period: Period
    apps: tuple[App, ...]
    versions: Versions
    made_at: str = ""
    filtered: bool = False
    unseen: tuple[str, ...] = field(default=UNSEEN)

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
        return _summed(gap for app in self.apps for gap in app.gaps)

    @property
    def not_inspected(self) -> int:
        """Gaps that say that something was not inspected."""
        return sum(gap.times for gap in self.gaps if not gap.inspected)


def summarise(
    db: sqlite3.Connection,
    *,
    apps: Sequence[str] | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
    made_at: datetime | None = None,
) -> Summary:
    """The summary of the ledger behind `db`, for the named apps (all without) from `since` on, before `until`.

    Times are ISO 8601 (UTC where they name no zone) or dates; a date as `until` includes that day. Raises `ScopeError`.
    """
    start, end = _bound(since, end=False), _bound(until, end=True)
    if start and end and start >= end:
        raise ScopeError("the period ends before it begins; exchange --since and --until")
    with query.snapshot(db):
        return _summarise(db, apps, start, end, made_at)


def _summarise(
    db: sqlite3.Connection, names: Sequence[str] | None, start: str, end: str, made_at: datetime | None
) -> Summary:
    known = query.apps(db)
    wanted = query.ids(known, names) if names else None
    if names and len({row.name for row in known if row.id in set(wanted or ())}) < len(set(names)):
        raise ScopeError("an app asked for is not in this ledger; `douane report` without --app names those that are")
    scope = query.Scope(wanted, start or None, end or None)
    rows = [row for row in known if wanted is None or row.id in wanted]
    outcome_rows = query.outcomes(db, scope)
    found = query.found(db, scope)
    flows = _flows(found, {row.id: row.name for row in known})
    tools = _tools(db, scope)
    gap_rows = query.gaps(db, scope)
    passage_rows = query.passages(db, scope)
    own = query.own_traffic(db, scope)
    latency = {row.app: Latency(row.count, row.p50, row.p95, row.most) for row in query.latency(db, scope)}
    declared = _declared(db, scope)
    sheets = [
        App(
            name=row.name,
            host=row.host,
            route=row.route,
            first_seen=row.first_seen,
            last_seen=row.last_seen,
            flows=flows.get(row.id, ()),
            outcomes=_outcomes(row.id, outcome_rows, found),
            declared=declared.get(row.id),
            tools=tools.get(row.id, ()),
            gaps=_summed(_gap(one) for one in gap_rows if one.app == row.id),
            passages=tuple(_passages(one) for one in passage_rows if one.app == row.id),
            latency=latency.get(row.id),
            own_messages=own.get(row.id, 0),
        )
        for row in rows
    ]
    sheets.sort(key=_by_weight)
    return Summary(
        period=Period(
            start,
            end,
            min((row.first for row in outcome_rows), default=""),
            max((row.last for row in outcome_rows), default=""),
        ),
        apps=tuple(sheets),
        versions=Versions(
            tuple(query.versions(db, scope)),
            tuple(query.taxonomies(db, scope)),
            tuple((row.name, row.count) for row in query.protocols(db, scope)),
            _detectors(found),
        ),
        made_at=_iso(made_at) if made_at else "",
        filtered=wanted is not None,
    )


def _declared(db: sqlite3.Connection, scope: query.Scope) -> dict[int, Declared]:
    lines: dict[int, dict[str, list[str]]] = {}
    for line in query.declared(db):
        lines.setdefault(line.declaration, {}).setdefault(line.what, []).append(line.name)
    found = {}
    for row in query.declarations(db, scope):
        said = {what: tuple(names) for what, names in lines.get(row.id, {}).items()}
        found[row.app] = Declared(
            row.file,
            row.sha256,
            row.taxonomy,
            row.loaded_at,
            said.get("to_app", ()),
            said.get("to_chatgpt", ()),
            said.get("recipient", ()),
        )
    return found


def _by_weight(app: App) -> tuple[Any, ...]:
    pressing = sum(flow.undeclared for flow in app.flows if flow.special or flow.restricted)
    return (-int(pressing > 0), -int(app.undeclared > 0), -pressing, -app.undeclared, -app.restricted, app.name)


type _Key = tuple[int, str, str]


def _flows(found: Sequence[query.FoundRow], names: dict[int, str]) -> dict[int, tuple[Flow, ...]]:
    """The flows of each app, what weighs most first."""
    groups: dict[_Key, list[query.FoundRow]] = {}
    for row in found:
        if row.outcome == Outcome.DELIVERED:
            groups.setdefault((row.app, row.category, row.direction), []).append(row)
    by_app: dict[int, list[Flow]] = {}
    for (app, category, direction), rows in groups.items():
        by_app.setdefault(app, []).append(_flow(names.get(app, ""), category, Direction(direction), rows))
    return {app: tuple(sorted(flows, key=lambda flow: flow.weight)) for app, flows in by_app.items()}


def _flow(app: str, category: str, direction: Direction, rows: Sequence[query.FoundRow]) -> Flow:
    labels: dict[str, int] = {}
    for row in rows:
        labels[row.headline] = labels.get(row.headline, 0) + row.count
    left_out = [row for row in rows if row.by_schema or row.by_declaration]
    seen = {flag for row in rows for flag in row.flags}
    flow = Flow(
        app=app,
        category=category,
        direction=direction,
        flags=tuple(flag for flag in taxonomy.FLAGS if flag in seen),
        count=sum(row.count for row in rows),
        labels=Labels(**labels),
        first=min(row.first for row in rows),
        last=max(row.last for row in rows),
        undeclared=sum(row.count for row in left_out),
        by_schema=sum(row.count for row in left_out if row.by_schema),
        by_declaration=sum(row.count for row in left_out if row.by_declaration),
        undeclared_first=min((row.first for row in left_out), default=""),
    )
    if not flow.notable:
        return flow
    places = _places(left_out or rows)
    return replace(flow, places=places[:PLACES_SHOWN], places_more=len(places[PLACES_SHOWN:]))


def _places(rows: Iterable[query.FoundRow]) -> tuple[Place, ...]:
    """Where these disclosures stood, most frequent first."""
    found: dict[tuple[str, str, str], tuple[int, str, int]] = {}
    for row in rows:
        key = row.tool, row.method, row.pointer
        count, first, exchange = found.get(key, (0, row.first, row.exchange))
        if row.first < first:
            first, exchange = row.first, row.exchange
        found[key] = count + row.count, first, exchange
    places = (Place(*key, count, exchange) for key, (count, _, exchange) in found.items())
    return tuple(sorted(places, key=lambda place: (-place.count, place.pointer, place.tool, place.method)))


def _detectors(found: Iterable[query.FoundRow]) -> tuple[tuple[str, int], ...]:
    """Delivered disclosures by detector, most frequent first."""
    hits: dict[str, int] = {}
    for row in found:
        if row.outcome == Outcome.DELIVERED:
            hits[row.detector] = hits.get(row.detector, 0) + row.count
    return tuple(sorted(hits.items(), key=lambda hit: (-hit[1], hit[0])))


def _outcomes(app: int, rows: Iterable[query.OutcomeRow], found: Iterable[query.FoundRow]) -> Outcomes:
    tallies = {outcome.value: Tally() for outcome in Outcome}
    for row in rows:
        if row.app == app:
            tallies[row.outcome] += Tally(row.messages, row.carrying)
    for datum in found:
        if datum.app == app:
            tallies[datum.outcome] += Tally(disclosures=datum.count)
    return Outcomes(**tallies)


def _tools(db: sqlite3.Connection, scope: query.Scope) -> dict[int, tuple[ToolState, ...]]:
    """Every tool known or called, by app: known ones in the order of their names, then those called unseen."""
    calls = query.calls(db, scope)
    found: dict[int, list[ToolState]] = {}
    for row in query.tools(db, scope):
        state = {
            (True, True): SchemaState.BOTH,
            (True, False): SchemaState.INPUT,
            (False, True): SchemaState.OUTPUT,
            (False, False): SchemaState.UNSEEN,
        }[row.input_schema, row.output_schema]
        says = tuple(sorted(name for name, value in row.annotations.items() if value is True))
        called = calls.pop((row.app, row.name), 0)
        found.setdefault(row.app, []).append(
            ToolState(row.name, called, state, row.version, row.source, row.seen_at, says)
        )
    for (app, name), count in sorted(calls.items()):
        found.setdefault(app, []).append(ToolState(name, count, SchemaState.UNSEEN))
    return {app: tuple(tools) for app, tools in found.items()}


def _passages(row: query.PassageRow) -> Passages:
    return Passages(row.host, row.path_class, row.count, row.failed, row.bytes_up, row.bytes_down, row.first, row.last)


def _gap(row: query.GapRow) -> GapSum:
    return GapSum(row.code, row.times, row.size, row.first, row.last)


def _summed(gaps: Iterable[GapSum]) -> tuple[GapSum, ...]:
    """The gaps summed up by code, most frequent first."""
    found: dict[str, GapSum] = {}
    for gap in gaps:
        sofar = found.get(gap.code)
        found[gap.code] = (
            gap
            if sofar is None
            else GapSum(
                gap.code,
                sofar.times + gap.times,
                sofar.size + gap.size,
                min(sofar.first, gap.first),
                max(sofar.last, gap.last),
            )
        )
    return tuple(sorted(found.values(), key=lambda gap: (-gap.times, gap.code)))


def _bound(value: str | date | None, *, end: bool) -> str:
    """A bound of the period as the ledger writes times; empty for none."""
    if value is None or value == "":
        return ""
    try:
        when = date.fromisoformat(value) if isinstance(value, str) and len(value) == 10 else value
        if isinstance(when, str):
            when = datetime.fromisoformat(when)
    except ValueError:
        raise ScopeError("a time that cannot be read; write 2026-11-22 or 2026-11-22T10:02:00Z") from None
    if not isinstance(when, datetime):
        when = datetime(when.year, when.month, when.day, tzinfo=UTC) + timedelta(days=1 if end else 0)
    return _iso(when)


def _iso(when: datetime) -> str:
    zoned = when if when.tzinfo else when.replace(tzinfo=UTC)
    return zoned.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
