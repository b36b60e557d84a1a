"""The audit report's sheet of each app: declared, observed and gap side by side, tools, recipients, retention."""

from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.audit.subsumption import above
from douane.reports import safe
from douane.reports.document import Block, Cell, Column, Facts, Section, Table, Text, Tone
from douane.reports.headline import verdicts
from douane.reports.kinds import audit_findings
from douane.reports.kinds.base import Material
from douane.reports.kinds.said import Said
from douane.reports.model import App, Flow
from douane.reports.phrases import Phrases


def sheets(material: Material, said: Said) -> Section:
    """One sheet per app, in the order of the summary."""
    apps = material.summary.apps
    lead = said.phrase("audit.apps.lead" if apps else "perimeter.empty")
    below = tuple(_sheet(app, number, material, said) for number, app in enumerate(apps, 1))
    return Section("apps", said.phrase("audit.apps"), (Text((lead,)),), below)


def _sheet(app: App, number: int, material: Material, said: Said) -> Section:
    declaration = material.declarations.get(app.name)
    phrases, name = Phrases(said), safe.plain(app.name, 60)
    declared: list[str] = [said.phrase("sheet.declaration.none")]
    if app.declared is not None:
        one = app.declared
        file, sha = safe.plain(one.file, 60), safe.plain(one.sha256, 64)
        declared = [said.say("sheet.declaration.file", file=file, at=said.minute(one.loaded_at), sha256=sha)]
    tallies = ((outcome, app.outcomes.of(outcome).messages) for outcome in Outcome)
    messages = [said.say(f"counted.{outcome.value}", n) for outcome, n in tallies if n]
    facts: list[tuple[str, Cell]] = [
        (said.phrase("audit.publisher"), _publisher(declaration, said)),
        (said.phrase("sheet.host"), f"{safe.plain(app.host, 80) or '—'}, {phrases.routes(app)}"),
        (said.phrase("sheet.declaration"), declared),
        (said.phrase("sheet.messages"), ", ".join(messages) or "0"),
        (said.phrase("audit.retention"), _retention(declaration, said)),
        (said.phrase("audit.transfers"), _transfers(declaration, said)),
    ]
    below = [Facts(tuple(facts)), *_side_by_side(app, number, said), *_tools(app, number, said, phrases)]
    below += _recipients(app, number, declaration, said)
    return Section(f"app-{number}", name, tuple(below))


def _publisher(declaration: Declaration | None, said: Said) -> Cell:
    if declaration is None or not (declaration.publisher.name or declaration.publisher.legal_name):
        return said.phrase("audit.missing")
    one = declaration.publisher
    parts = (one.legal_name or one.name, one.country)
    return ", ".join(safe.plain(part, 120) for part in parts if part)


def _retention(declaration: Declaration | None, said: Said) -> Cell:
    purposes = declaration.purposes if declaration is not None else ()
    told = [
        f"{safe.plain(one.name or one.id, 80)}{said.phrase('colon')}{said.duration(one.retention)}"
        for one in purposes
        if one.retention
    ]
    return told or said.phrase("audit.retention.none")


def _transfers(declaration: Declaration | None, said: Said) -> Cell:
    told = [
        ", ".join(safe.plain(part, 80) for part in (one.recipient, one.country, one.mechanism, one.reference) if part)
        for one in (declaration.transfers if declaration is not None else ())
    ]
    return told or said.phrase("audit.transfers.none")


def _side_by_side(app: App, number: int, said: Said) -> list[Block]:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for flow in app.flows:
        rows.append(
            (
                audit_findings.category(flow, said),
                said.phrase(flow.direction.value),
                declared_as(flow, app, said),
                flow.count,
                _gap(flow, said),
            )
        )
        tones.append("grave" if flow.undeclared and flow.special else "warning" if flow.undeclared else "plain")
    for direction in Direction:
        for key in app.unused(direction):
            row = (said.category(key), said.phrase(direction.value), said.phrase("audit.declared.exact"))
            rows.append((*row, said.phrase("audit.observed.none"), said.phrase("audit.unused")))
            tones.append("quiet")
        for key in app.unlooked(direction):
            row = (said.category(key), said.phrase(direction.value), said.phrase("audit.declared.exact"))
            rows.append((*row, said.phrase("audit.observed.unfindable"), said.phrase("audit.unfindable")))
            tones.append("quiet")
    columns = (
        Column(said.phrase("col.category"), 2),
        Column(said.phrase("col.direction"), 1.5),
        Column(said.phrase("audit.sheet.declared"), 1.4),
        Column(said.phrase("audit.sheet.observed"), 1, "end"),
        Column(said.phrase("audit.sheet.gap"), 3.2),
    )
    empty = said.phrase("sheet.no.disclosures")
    caption = said.phrase("audit.sheet.side") if rows else ""
    name = f"{number} {safe.plain(app.name, 22)}"
    return [Table(name, columns, tuple(rows), caption, empty, tuple(tones))]


def declared_as(flow: Flow, app: App, said: Said) -> str:
    """Whether the app declared a category in this direction, and as what; `said` speaks for the kind `audit`."""
    if app.declared is None:
        return said.phrase("audit.declared.nofile")
    lines = app.declared.to_app if flow.direction is Direction.TO_APP else app.declared.to_chatgpt
    steps = above(flow.category)
    found = sorted((steps[key], key) for key in lines if key in steps)
    if not found:
        return said.phrase("audit.declared.no")
    if found[0][1] == flow.category:
        return said.phrase("audit.declared.exact")
    return said.say("audit.declared.as", name=said.category(found[0][1]))


def _gap(flow: Flow, said: Said) -> Cell:
    if flow.labels.worst is Label.CLEAR:
        return said.phrase("audit.nogap")
    missing = Phrases(said).missing(flow)
    absent = [f"{said.phrase('col.missing')}{said.phrase('colon')}{', '.join(missing)}"] if missing else []
    return [*verdicts(flow, said), *absent]


def _tools(app: App, number: int, said: Said, phrases: Phrases) -> list[Block]:
    if not app.tools:
        return []
    rows: list[tuple[Cell, ...]] = [
        (safe.plain(one.name, 80), one.calls, said.phrase(f"schema.{one.schema.value}"), phrases.says(one))
        for one in app.tools
    ]
    columns = (
        Column(said.phrase("col.tool"), 2),
        Column(said.phrase("col.calls"), 0.8, "end"),
        Column(said.phrase("col.schema"), 1.4),
        Column(said.phrase("col.says"), 1.8),
    )
    name = said.phrase("sheet.tools")
    return [Table(f"{number} {name}", columns, tuple(rows), name)]


def _recipients(app: App, number: int, declaration: Declaration | None, said: Said) -> list[Block]:
    rows: list[tuple[Cell, ...]] = []
    by_declaration, missing = said.phrase("audit.how.declared"), said.phrase("audit.missing")
    if declaration is not None:
        rows += [
            (
                safe.plain(one.name),
                safe.plain(one.country) or missing,
                [safe.plain(host) for host in one.hosts],
                None,
                by_declaration,
            )
            for one in declaration.recipients
        ]
    elif app.declared is not None:
        rows += [(safe.plain(name), missing, None, None, by_declaration) for name in app.declared.recipients]
    if app.host:
        rows.append((None, None, None, safe.plain(app.host), said.phrase("audit.how.address")))
    phrases = Phrases(said)
    onward = {(phrases.recipient(one), safe.plain(one.host)) for one in app.onward}
    rows += [(recipient, None, None, host, said.phrase("audit.how.egress")) for recipient, host in sorted(onward)]
    hosts = sorted({safe.plain(one.host) for one in app.passages if one.host and one.host != app.host})
    rows += [(None, None, None, host, said.phrase("audit.how.passage")) for host in hosts]
    rows += [
        (phrases.owner(one.recipient), None, None, safe.plain(one.host), said.phrase(f"sighted.{one.how}"))
        for one in app.sighted
    ]
    columns = (
        Column(said.phrase("audit.recipient"), 1.6),
        Column(said.phrase("audit.country"), 1),
        Column(said.phrase("audit.host.declared"), 1.5),
        Column(said.phrase("audit.host"), 1.6),
        Column(said.phrase("audit.how"), 1.4),
    )
    name = said.phrase("audit.recipients")
    table = Table(f"{number} {name}", columns, tuple(rows), name, said.phrase("audit.missing"))
    said_of = [said.phrase("audit.country.note")]
    if silent := phrases.passes_on(app):
        said_of.append(f"{silent[:1].upper()}{silent[1:]}.")
    return [table, Text(tuple(said_of), "quiet")]
