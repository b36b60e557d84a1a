"""The report's summary made from counts in memory, so that the page and the documents say the same, at once."""

from collections.abc import Iterable, Mapping, Sequence

from douane.audit import taxonomy
from douane.audit.exchange import Outcome
from douane.audit.message import Direction
from douane.ledger import report_query as query
from douane.ledger.browse import moments
from douane.ledger.counted import AppFigures, Counted, FieldFigures
from douane.ledger.counting import BITS
from douane.ledger.report_query import AppRow
from douane.reports import few
from douane.reports.model import (
    PLACES_SHOWN,
    App,
    Declared,
    Flow,
    GapSum,
    Labels,
    Latency,
    Outcomes,
    Passages,
    Period,
    Place,
    SchemaState,
    Summary,
    Tally,
    ToolState,
    Versions,
)
from douane.reports.page.asking import Asking
from douane.reports.summary import hints

NO_TIME = ""
"""Where only a document says when: the counts do not."""


def overview(asking: Asking, rows: Sequence[AppRow] | None = None) -> Summary:
    """The summary of the viewer's apps, or of some of them, over the whole ledger; small counts hidden by profile.

    Its passages and gaps say how often and not when; what apps pass on is not in it.
    """
    counted = asking.counted
    some = asking.apps() if rows is None else rows
    scope = query.Scope(tuple(row.id for row in some))
    figures = {one.app: one for one in counted.apps()}
    declared = declarations(asking, scope)
    tools = _tools(asking, counted, scope)
    empty = counted.app(0)
    sheets = [
        _app(
            row,
            figures.get(row.id, empty),
            counted,
            _flows(asking, row.name, counted.fields(row.id)),
            declared.get(row.id),
            tools.get(row.id, ()),
        )
        for row in some
    ]
    sheets.sort(key=lambda app: (-int(app.undeclared > 0), -app.undeclared, -app.restricted, app.name))
    ends = [at for span in counted.spans.values() for at in span]
    period = Period("", "", min(ends, default=""), max(ends, default=""))
    return few.shown(Summary(period, tuple(sheets), Versions(), under=asking.settings.under))


def one_app(asking: Asking, row: AppRow) -> App:
    """One app as `overview` has it."""
    return overview(asking, [row]).apps[0]


def declarations(asking: Asking, scope: query.Scope) -> dict[int, Declared]:
    """What each app last declared, by the app's id."""
    lines: dict[int, dict[str, list[str]]] = {}
    for line in query.declared(asking.db):
        lines.setdefault(line.declaration, {}).setdefault(line.what, []).append(line.name)
    found: dict[int, Declared] = {}
    for row in query.declarations(asking.db, scope):
        said = {what: tuple(names) for what, names in lines.get(row.id, {}).items()}
        ways = (said.get("to_app", ()), said.get("to_chatgpt", ()), said.get("recipient", ()))
        found[row.app] = Declared(row.file, row.sha256, row.taxonomy, row.loaded_at, *ways)
    return found


def _app(
    row: AppRow,
    figures: AppFigures,
    counted: Counted,
    flows: tuple[Flow, ...],
    declared: Declared | None,
    tools: tuple[ToolState, ...],
) -> App:
    fates = figures.figures.fates
    tallies = {
        outcome.value: Tally(fate.messages, fate.carrying, fate.disclosures)
        for outcome in Outcome
        if (fate := fates.get(outcome.value)) is not None
    }
    times = figures.times
    egress = row.egress or figures.sent_out > 0
    return App(
        name=row.name,
        host=row.host,
        route=row.route,
        first_seen=row.first_seen,
        last_seen=row.last_seen,
        flows=flows,
        outcomes=Outcomes(**tallies),
        declared=declared,
        tools=tools,
        gaps=tuple(GapSum(code, n, 0, NO_TIME, NO_TIME) for code, n in sorted(figures.gaps.items())),
        passages=tuple(
            Passages(host, kind, count, failed, 0, 0, NO_TIME, NO_TIME)
            for (host, kind), (count, failed) in sorted(counted.passed(row.id).items())
        ),
        latency=None if times is None else Latency(times.count, times.p50, times.p95, times.most),
        own_messages=figures.own,
        egress=egress,
        routes=tuple(dict.fromkeys((row.route, *(("egress",) if egress else ())))),
    )


def _tools(asking: Asking, counted: Counted, scope: query.Scope) -> dict[int, tuple[ToolState, ...]]:
    """Every tool known or called, by app: known ones in the order of their names, then those called unseen."""
    calls = {(app, one.tool): one.figures.calls for app in scope.apps or () for one in counted.tools(app) if one.tool}
    found: dict[int, list[ToolState]] = {}
    for row in query.tools(asking.db, scope):
        called = calls.pop((row.app, row.name), 0)
        state = ToolState(
            row.name, called, state_of(row), row.version, row.source, row.seen_at, *hints(row.annotations)
        )
        found.setdefault(row.app, []).append(state)
    for (app, name), count in sorted(calls.items()):
        found.setdefault(app, []).append(ToolState(name, count, SchemaState.UNSEEN))
    return {app: tuple(some) for app, some in found.items()}


def state_of(row: query.ToolRow) -> SchemaState:
    """What is known of a tool's schemas."""
    if row.input_schema:
        return SchemaState.BOTH if row.output_schema else SchemaState.INPUT
    return SchemaState.OUTPUT if row.output_schema else SchemaState.UNSEEN


def _flows(asking: Asking, app: str, data: Iterable[FieldFigures]) -> tuple[Flow, ...]:
    """The flows of an app, what weighs most first."""
    groups: dict[tuple[str, str], list[FieldFigures]] = {}
    for one in data:
        groups.setdefault((one.category, one.direction), []).append(one)
    ends = {min(one.first for one in some) for some in groups.values()}
    ends |= {max(one.last for one in some) for some in groups.values()}
    ends |= {min(one.first for one in some if one.undeclared) for some in groups.values() if _undeclared(some)}
    when = moments(asking.db, ends)
    flows = (_flow(app, category, way, some, when) for (category, way), some in groups.items())
    return tuple(sorted(flows, key=lambda flow: flow.weight))


def _undeclared(some: Sequence[FieldFigures]) -> bool:
    return any(one.undeclared for one in some)


def _flow(app: str, category: str, way: str, some: Sequence[FieldFigures], when: Mapping[int, str]) -> Flow:
    labels: dict[str, int] = {}
    for one in some:
        for label, count in one.labels.items():
            labels[label] = labels.get(label, 0) + count
    flags = {flag for one in some for flag in one.flags}
    left_out = [one for one in some if one.undeclared]
    places = sorted(
        (Place(one.tool, one.method, one.pointer, one.undeclared or one.count, one.first) for one in left_out or some),
        key=lambda place: (-place.count, place.pointer, place.tool, place.method),
    )
    by_source = {key: sum(one.by_source[key] for one in some) for key in BITS}
    return Flow(
        app=app,
        category=category,
        direction=Direction(way),
        flags=tuple(flag for flag in taxonomy.FLAGS if flag in flags),
        count=sum(one.count for one in some),
        labels=Labels(**labels),
        first=when.get(min(one.first for one in some), ""),
        last=when.get(max(one.last for one in some), ""),
        undeclared=sum(one.undeclared for one in some),
        by_schema=by_source["schema"],
        by_declaration=by_source["declaration"],
        by_policy=by_source["policy"],
        by_connection=by_source["connection"],
        denied=sum(one.denied for one in some),
        undeclared_first=when.get(min(one.first for one in left_out), "") if left_out else "",
        places=tuple(places[:PLACES_SHOWN]),
        places_more=len(places[PLACES_SHOWN:]),
    )
