"""The audit report's log of agentic actions, and how each app answered."""

from typing import Final

from douane.ledger import activity
from douane.ledger import report_query as query
from douane.ledger.equal import Equal, equal
from douane.reports import safe
from douane.reports.document import Block, Cell, Column, Section, Table, Text
from douane.reports.hidden import SMALL, Few, coarse
from douane.reports.kinds.base import Material
from douane.reports.kinds.perimeter import moment
from douane.reports.kinds.said import Said
from douane.reports.model import ToolState
from douane.reports.phrases import Phrases

CALLS: Final = 100
"""Calls that are listed one by one, the last ones."""


def scope(material: Material) -> query.Scope:
    """What the document is about, as the ledger is asked."""
    names = [app.name for app in material.summary.apps]
    ids = query.ids(query.apps(material.db), names) if material.summary.filtered else None
    return query.Scope(ids, material.since or None, material.until or None)


def seen(material: Material) -> Equal:
    """What was counted of the messages that the document is about; counted now where nobody did."""
    return material.seen if material.seen is not None else equal(material.db, scope(material))


def acts(tool: ToolState | None) -> bool:
    """Whether a call of the tool is an action: unless it says that it only reads, and only a closed world.

    MCP's defaults are that a tool writes, may destroy, and reaches an open world: what is not said is taken so.
    """
    return tool is None or "readOnlyHint" not in tool.annotations or "openWorldHint" not in tool.denials


def actions(material: Material, said: Said) -> Section:
    """Calls of tools that may write, destroy or reach an open world, by tool."""
    told = coarse if material.summary.under.small_hidden else int
    names = {row.id: row.name for row in query.apps(material.db)}
    tools = {(app.name, tool.name): tool for app in material.summary.apps for tool in app.tools}
    held = _held(material, names, said)
    rows: list[tuple[Cell, ...]] = []
    acting: list[tuple[int, str]] = []
    for one in activity.tool_calls(material.db, seen(material)):
        app = names.get(one.app, "")
        tool = tools.get((app, one.tool))
        if not acts(tool):
            continue
        acting.append((one.app, one.tool))
        counts = (("delivered", one.delivered), ("refused", one.refused), ("failed", one.failed))
        shown = [(name, told(n)) for name, n in counts if n]
        fates = [f"{said.phrase(f'outcome.{name}', n)}{said.phrase('colon')}{said.number(n)}" for name, n in shown]
        if one.unknown:
            fates.append(f"{said.phrase('outcome.unknown')}{said.phrase('colon')}{said.number(told(one.unknown))}")
        if one.errors:
            fates.append(f"{said.phrase('audit.errors')}{said.phrase('colon')}{said.number(told(one.errors))}")
        rows.append(
            (
                safe.plain(app, 60),
                safe.plain(one.tool, 60),
                Phrases(said).says(tool)
                if tool is not None and (tool.annotations or tool.denials)
                else said.phrase("audit.says.nothing"),
                held.get((app, one.tool), said.phrase("audit.approved.none")),
                told(one.calls),
                fates,
                told(one.repeated),
                said.phrase("audit.confirmed.unknown"),
                moment(one.first),
                moment(one.last),
                said.say("audit.evidence.cell", id=str(one.exchange)),
            )
        )
    columns = (
        Column(said.phrase("col.app"), 1),
        Column(said.phrase("col.tool"), 1.3),
        Column(said.phrase("audit.says"), 1.3),
        Column(said.phrase("audit.approved"), 1),
        Column(said.phrase("col.calls"), 0.75, "end"),
        Column(said.phrase("audit.outcome"), 1.3),
        Column(said.phrase("audit.repeated"), 0.95, "end"),
        Column(said.phrase("audit.confirmed"), 1.1),
        Column(said.phrase("col.first"), 1),
        Column(said.phrase("col.last"), 1),
        Column(said.phrase("audit.evidence"), 0.95),
    )
    table = Table(said.phrase("audit.actions.sheet"), columns, tuple(rows), empty=said.phrase("audit.actions.none"))
    blocks: list[Block] = [Text((said.phrase("audit.actions.lead"),)), table]
    below: tuple[Section, ...] = ()
    if acting and material.summary.under.small_hidden:
        blocks.append(Text((said.phrase("audit.calls.hidden"),), "quiet"))
    elif acting:
        below = (_calls(material, acting, names, said),)
    return Section("actions", said.phrase("audit.actions"), tuple(blocks), below)


def _calls(material: Material, acting: list[tuple[int, str]], names: dict[int, str], said: Said) -> Section:
    rows: list[tuple[Cell, ...]] = [
        (
            moment(one.at),
            safe.plain(names.get(one.app, ""), 60),
            safe.plain(one.tool, 60),
            said.phrase(f"outcome.{one.outcome}"),
            said.phrase(f"audit.calls.answer.{one.answered or 'none'}"),
            said.phrase("audit.confirmed.unknown"),
            said.say("audit.evidence.cell", id=str(one.exchange)),
        )
        for one in activity.last_calls(material.db, scope(material), acting, CALLS)
    ]
    columns = (
        Column(said.phrase("audit.calls.at"), 1.3),
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("col.tool"), 1.5),
        Column(said.phrase("audit.outcome"), 1),
        Column(said.phrase("audit.calls.answer"), 1),
        Column(said.phrase("audit.confirmed"), 1.2),
        Column(said.phrase("audit.evidence"), 1.1),
    )
    heading = said.say("audit.calls.last", len(rows))
    return Section("calls", heading, (Table(said.phrase("audit.calls.sheet"), columns, tuple(rows)),))


def _held(material: Material, names: dict[int, str], said: Said) -> dict[tuple[str, str], str]:
    differs: dict[tuple[str, str], list[str]] = {}
    for one in activity.held_against_approved(material.db):
        found = differs.setdefault((names.get(one.app, ""), one.tool), [])
        if one.kind == "drift":
            found.append(safe.plain(one.name, 40))
    return {
        key: said.say("audit.approved.differs", what=", ".join(what)) if what else said.phrase("audit.approved.same")
        for key, what in differs.items()
    }


def reliability(material: Material, said: Said) -> Section:
    """Response times, errors and availability of each app."""
    hidden = material.summary.under.small_hidden
    told = coarse if hidden else int
    names = {row.id: row.name for row in query.apps(material.db)}
    sheets = {app.name: app for app in material.summary.apps}
    rows: list[tuple[Cell, ...]] = []
    for one in seen(material).answers():
        app = sheets.get(names.get(one.app, ""))
        if app is None:
            continue
        latency = app.latency
        parts = (one.requests, one.results, one.errors)
        small = any(0 < n < SMALL for n in parts) or any(isinstance(flow.count, Few) for flow in app.flows)
        exact = one.requests and not (hidden and small)
        share = min(1.0, (one.results + one.errors) / one.requests) if exact else None
        rows.append(
            (
                safe.plain(app.name, 60),
                told(one.requests),
                told(one.results),
                told(one.errors),
                told(one.failed),
                "—" if share is None else percent(share, said),
                "—"
                if latency is None
                else Phrases(said).latency(latency.p50, latency.p95, latency.most, latency.count),
            )
        )
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("audit.requests"), 0.9, "end"),
        Column(said.phrase("audit.results"), 1, "end"),
        Column(said.phrase("audit.answered.error"), 1, "end"),
        Column(said.phrase("audit.unanswered"), 0.8, "end"),
        Column(said.phrase("audit.availability"), 1.1, "end"),
        Column(said.phrase("audit.latency"), 2.2),
    )
    empty = said.phrase("audit.reliability.none" if sheets else "perimeter.empty")
    table = Table(
        said.phrase("audit.reliability.sheet"), columns, tuple(sorted(rows, key=lambda row: str(row[0]))), empty=empty
    )
    return Section(
        "reliability", said.phrase("audit.reliability"), (Text((said.phrase("audit.reliability.lead"),)), table)
    )


def percent(share: float, said: Said) -> str:
    """A share, rounded down so that 100 % is said of all only."""
    text = f"{int(share * 1000) / 10:.1f}".replace(".", "," if said.lang == "fr" else ".")
    return f"{text}\u00a0%" if said.lang == "fr" else f"{text}%"
