"""One summary of a ledger, made once; every format prints it, so that their figures agree."""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from douane.audit import taxonomy
from douane.audit.exchange import Outcome
from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.ledger import report_query as query
from douane.ledger.equal import Equal, equal
from douane.reports import onward, sighted
from douane.reports.model import (
    PLACES_SHOWN,
    UNSEEN,
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
    summed_up,
)

__all__ = ["App", "Flow", "ScopeError", "Summary", "summarise"]


class ScopeError(ValueError):
    """An app that the ledger does not hold, a time that cannot be read, or a period that ends before it begins."""


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
    with query.snapshot(db):
        return summary_of(db, looked_at(db, apps=apps, since=since, until=until), made_at=made_at)


def looked_at(
    db: sqlite3.Connection,
    *,
    apps: Sequence[str] | None = None,
    since: str | date | None = None,
    until: str | date | None = None,
) -> Equal:
    """What a summary of this scope, and the findings in it, are made of. Scope and errors as `summarise` has them."""
    start, end = bound(since, end=False), bound(until, end=True)
    if start and end and start >= end:
        raise ScopeError("the period ends before it begins; exchange --since and --until")
    known = query.apps(db)
    wanted = query.ids(known, apps) if apps else None
    if apps and len({row.name for row in known if row.id in set(wanted or ())}) < len(set(apps)):
        raise ScopeError("an app asked for is not in this ledger; `douane report` without --app names those that are")
    return equal(db, query.Scope(wanted, start or None, end or None))


def summary_of(db: sqlite3.Connection, seen: Equal, *, made_at: datetime | None = None) -> Summary:
    """The summary of what was looked at, in the same `report_query.snapshot`."""
    scope = seen.scope
    wanted, start, end = scope.apps, scope.since or "", scope.until or ""
    known = query.apps(db)
    rows = [row for row in known if wanted is None or row.id in wanted]
    outcome_rows = seen.outcomes()
    found = [row for row in seen.found() if not is_planted(row.pointer, Direction(row.direction))]
    flows = _flows(found, {row.id: row.name for row in known})
    tools = _tools(db, seen)
    gap_rows = query.gaps(db, scope)
    passage_rows = query.passages(db, scope)
    own = seen.own_traffic()
    latency = {row.app: Latency(row.count, row.p50, row.p95, row.most) for row in query.latency(db, scope)}
    declared = _declared(db, scope)
    routes = seen.routes()
    egress = any("egress" in some for some in routes.values())
    sent_on = onward.of_apps(db, scope, {row.id: row.name for row in known}) if egress else {}
    named = sighted.of_apps(db, scope, {row.id: row.name for row in rows})
    sheets = [
        App(
            name=row.name,
            host=row.host,
            route=row.route,
            first_seen=min((one.first for one in outcome_rows if one.app == row.id), default=""),
            last_seen=max((one.last for one in outcome_rows if one.app == row.id), default=""),
            flows=flows.get(row.id, ()),
            outcomes=_outcomes(row.id, outcome_rows, found),
            declared=declared.get(row.id),
            tools=tools.get(row.id, ()),
            gaps=summed_up(_gap(one) for one in gap_rows if one.app == row.id),
            passages=tuple(_passages(one) for one in passage_rows if one.app == row.id),
            latency=latency.get(row.id),
            own_messages=own.get(row.id, 0),
            egress=row.egress or "egress" in routes.get(row.id, ()),
            onward=sent_on.get(row.id, ()),
            sighted=named.get(row.id, ()),
            routes=_routes(row, routes.get(row.id, ())),
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
            seen.taxonomies(),
            seen.protocols(),
            _detectors(found),
        ),
        made_at=_iso(made_at) if made_at else "",
        filtered=wanted is not None,
        unseen=_unseen(sheets),
    )


def _routes(row: query.AppRow, seen: Sequence[str]) -> tuple[str, ...]:
    others = [route for route in seen if route not in (row.route, "reverse")]
    if row.egress and "egress" not in (row.route, *others):
        others.append("egress")
    return (row.route, *others)


def _unseen(apps: Sequence[App]) -> tuple[str, ...]:
    """What was not observed: without an egress listener all that an app passes on, with one what goes past it."""
    ways = ["egress"] if not apps or any(not app.egress for app in apps) else []
    ways += ["bypass"] if any(app.egress for app in apps) else []
    return tuple(way for code in UNSEEN for way in (ways if code == "egress" else [code]))


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
    left_out = [row for row in rows if row.by_schema or row.by_declaration or row.by_policy or row.by_connection]
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
        by_policy=sum(row.count for row in left_out if row.by_policy),
        by_connection=sum(row.count for row in left_out if row.by_connection),
        denied=sum(row.count for row in left_out if row.denied),
        undeclared_first=min((row.first for row in left_out), default=""),
        tools=tuple(sorted({row.tool or row.method for row in left_out if row.by_declaration})),
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


def _tools(db: sqlite3.Connection, seen: Equal) -> dict[int, tuple[ToolState, ...]]:
    """Every tool known or called, by app: known ones in the order of their names, then those called unseen."""
    calls = seen.calls()
    found: dict[int, list[ToolState]] = {}
    for row in query.tools(db, seen.scope):
        state = {
            (True, True): SchemaState.BOTH,
            (True, False): SchemaState.INPUT,
            (False, True): SchemaState.OUTPUT,
            (False, False): SchemaState.UNSEEN,
        }[row.input_schema, row.output_schema]
        called = calls.pop((row.app, row.name), 0)
        found.setdefault(row.app, []).append(
            ToolState(row.name, called, state, row.version, row.source, row.seen_at, *hints(row.annotations))
        )
    for (app, name), count in sorted(calls.items()):
        found.setdefault(app, []).append(ToolState(name, count, SchemaState.UNSEEN))
    return {app: tuple(tools) for app, tools in found.items()}


def hints(annotations: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The hints that a tool sets to true, and those that it sets to false, by name."""
    said = sorted(annotations.items())
    return tuple(name for name, value in said if value is True), tuple(name for name, value in said if value is False)


def _passages(row: query.PassageRow) -> Passages:
    return Passages(row.host, row.path_class, row.count, row.failed, row.bytes_up, row.bytes_down, row.first, row.last)


def _gap(row: query.GapRow) -> GapSum:
    return GapSum(row.code, row.times, row.size, row.first, row.last)


def bound(value: str | date | None, *, end: bool) -> str:
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
