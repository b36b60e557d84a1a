"""The record of processing activities (GDPR Art. 30), as far as declarations and the ledger can fill it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from douane.audit.declaration import Declaration
from douane.audit.message import Direction
from douane.audit.readings import findable
from douane.reports import safe
from douane.reports.document import Blank, Cell, Column, Document, Facts, Section, Table, Text, Tone
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.activities import Activity, Part, Stray, activities, declared_of, silent, strays
from douane.reports.kinds.base import Kind, Material
from douane.reports.kinds.perimeter import moment
from douane.reports.kinds.register_cells import (
    COLUMNS,
    findings,
    hosts,
    missing,
    place,
    representative,
    transfers,
    who,
)
from douane.reports.kinds.register_data import data
from douane.reports.kinds.register_wide import wide
from douane.reports.kinds.said import LONG, Said
from douane.reports.model import App, Flow, Summary

_KIND: Final = "register"
_BEFORE: Final = frozenset({"ref", "app", "roles", "controller", "purpose", "use", "basis", "exception", "subjects"})
_TAB: Final = 31
_UNFIT: Final = re.compile(r"[\[\]:*?/\\']")
_IN_TABLE: Final = frozenset({"declared", "observed"})


def build(material: Material) -> Document:
    """The register of the apps of a summary.

    What was not declared is printed as not declared, and what no declaration can hold is left to fill in.
    """
    said, summary = Said(material.lang, _KIND), material.summary
    declarations = declared_of(material)
    sheets = activities(summary, declarations)
    loose = strays(summary, declarations)
    quiet = silent(summary, declarations)
    parts = [part for sheet in sheets for part in sheet.parts]
    names = _names(said, sheets)
    return Document(
        _KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            Section("about", said.phrase("about"), (Text(tuple(said.phrase(f"about.{n}") for n in range(1, 5))),)),
            Section("organisations", said.phrase("organisations"), (_organisations(said, declarations),)),
            Section("overview", said.phrase("overview"), (_overview(said, sheets),)),
            *(_sheet(said, number, sheet, names) for number, sheet in enumerate(sheets, 1)),
            _strays(said, summary, loose, quiet),
            Section("processor", said.phrase("processor"), _processor(said, parts)),
            Section("parties", said.phrase("parties"), (_parties(said, summary, declarations),)),
        ),
        opening.opening(material),
        opening.data(material) | data(sheets, loose, quiet, declarations),
        wide(said, parts, loose, quiet, declarations),
    )


KIND: Final = Kind(_KIND, ("pdf", "xlsx", "csv", "html", "json", "md"), build)


def _organisations(said: Said, declarations: Mapping[str, Declaration]) -> Table:
    found: dict[tuple[str, ...], list[str]] = {}
    for app, declared in sorted(declarations.items()):
        one = declared.organisation
        if one.party.name or one.party.legal_name or one.dpo or one.representative:
            row = who(said, one.party), representative(said, one), who(said, one.dpo)
            found.setdefault(row, []).append(safe.plain(app))
    return Table(
        said.phrase("organisations"),
        (
            Column(said.phrase("organisation"), 3),
            Column(said.phrase("representative"), 2),
            Column(said.phrase("dpo"), 2),
            Column(said.phrase("apps"), 1.5),
        ),
        tuple((*row, tuple(apps)) for row, apps in sorted(found.items())),
        caption=said.phrase("organisations.caption"),
        empty=said.phrase("organisations.none"),
    )


def _overview(said: Said, sheets: Sequence[Activity]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for sheet in sheets:
        lacking = tuple(dict.fromkeys(line for part in sheet.parts if part.missing for line in missing(said, part)))
        rows.append(
            (
                said.or_missing(sheet.reference),
                tuple(safe.plain(name, LONG) for name in sheet.names) or said.phrase("missing"),
                tuple(dict.fromkeys(safe.plain(part.app.name) for part in sheet.parts)),
                tuple(dict.fromkeys(line for part in sheet.parts for line in findings(said, part))),
                lacking or said.phrase("missing.none"),
            )
        )
    return Table(
        said.phrase("overview"),
        (
            Column(said.phrase("ref"), 1),
            Column(said.phrase("purpose"), 2.5),
            Column(said.phrase("apps"), 1.3),
            Column(said.phrase("col.findings"), 2),
            Column(said.phrase("col.missing"), 3.4),
        ),
        tuple(rows),
        caption=said.say("overview.caption", len(rows)),
        empty=said.phrase("overview.none"),
    )


def _names(said: Said, sheets: Sequence[Activity]) -> Iterator[str]:
    """A short name for each part's table, in order: its reference, with its app where several share it.

    A workbook takes 31 characters, no quote at the ends, and no name twice whatever its case.
    """
    taken: set[str] = set()
    for sheet in sheets:
        for part in sheet.parts:
            ref = safe.plain(sheet.reference) or said.phrase("tab.unreferenced")
            full = f"{ref} {safe.plain(part.app.name)}" if len(sheet.parts) > 1 or not sheet.reference else ref
            wanted = name = _UNFIT.sub("-", full).strip()[:_TAB].strip() or "-"
            again = 1
            while name.casefold() in taken:
                again += 1
                name = f"{wanted[: _TAB - len(str(again)) - 1]} {again}"
            taken.add(name.casefold())
            yield name


def _sheet(said: Said, number: int, sheet: Activity, names: Iterator[str]) -> Section:
    name = ", ".join(safe.plain(one) for one in sheet.names) or said.phrase("sheet.unnamed")
    key = "sheet" if sheet.reference else "sheet.unreferenced"
    heading = said.say(key, ref=safe.plain(sheet.reference), name=name)
    if len(sheet.parts) == 1:
        return Section(f"sheet-{number}", heading, _part(said, sheet.parts[0], next(names)), new_page=True)
    below = tuple(
        Section(
            f"sheet-{number}-{place_}",
            said.say("part", app=safe.plain(part.app.name), purpose=said.or_missing(part.purpose.name)),
            _part(said, part, next(names)),
        )
        for place_, part in enumerate(sheet.parts, 1)
    )
    return Section(f"sheet-{number}", heading, below=below, new_page=True)


def _part(said: Said, part: Part, name: str) -> tuple[Facts | Table, ...]:
    """A sheet: the table of categories stands where the wide table has them as text."""
    rows = {key: (said.phrase(key), cell(said, part)) for key, cell in COLUMNS if key not in _IN_TABLE}
    before = tuple(row for key, row in rows.items() if key in _BEFORE)
    after = tuple(row for key, row in rows.items() if key not in _BEFORE)
    return (Facts(before), _beside(said, part, name), Facts(after))


def _beside(said: Said, part: Part, name: str) -> Table:
    rows: list[tuple[Cell, ...]] = []
    tones: list[Tone] = []
    for one in part.beside:
        flow = one.flow
        rows.append(
            (
                said.category(one.category),
                said.way(one.direction),
                tuple(said.category(key) for key in one.declared),
                *(_figures(said, flow) if flow or findable(one.category) else _unfindable(said)),
                ", ".join(said.marks(one.flags, one.category)) or None,
            )
        )
        tones.append(_tone(one.flow))
    columns = (
        Column(said.phrase("col.category"), 2),
        Column(said.phrase("col.direction"), 2.1),
        Column(said.phrase("col.declared"), 1.9),
        *_figure_columns(said),
        Column(said.phrase("col.mark"), 1.4),
    )
    return Table(
        name,
        columns,
        tuple(rows),
        caption=said.say("beside.caption", app=safe.plain(part.app.name)),
        empty=said.phrase("beside.empty"),
        tones=tuple(tones),
        within=(
            (said.phrase("ref"), said.or_missing(part.purpose.register_ref)),
            (said.phrase("col.app"), safe.plain(part.app.name)),
        ),
    )


def _figure_columns(said: Said) -> tuple[Column, ...]:
    return (
        Column(said.phrase("col.count"), 2.1, "end"),
        Column(said.phrase("col.first"), 1.2),
        Column(said.phrase("col.last"), 1.2),
        Column(said.phrase("col.verdict"), 1.9),
    )


def _figures(said: Said, flow: Flow | None) -> tuple[Cell, ...]:
    if flow is None:
        return (0, None, None, said.phrase("observed.not"))
    return (said.count(flow.count), moment(flow.first), moment(flow.last), said.verdict(flow))


def _unfindable(said: Said) -> tuple[Cell, ...]:
    """The figures of a declared category that no detector looks for: none, which says nothing of it."""
    return (None, None, None, said.phrase("observed.unfindable"))


def _tone(flow: Flow | None) -> Tone:
    if flow is None:
        return "quiet"
    if flow.undeclared and (flow.special or flow.restricted):
        return "grave"
    return "warning" if flow.undeclared else "plain"


def _strays(said: Said, summary: Summary, loose: Sequence[Stray], quiet: Sequence[App]) -> Section:
    flows = [(one.app, flow) for one in loose for flow in one.flows]
    columns = (
        Column(said.phrase("col.app"), 1.5),
        Column(said.phrase("col.category"), 2),
        Column(said.phrase("col.direction"), 2.1),
        *_figure_columns(said),
        Column(said.phrase("col.mark"), 1.3),
    )
    table = Table(
        said.phrase("tab.strays"),
        columns,
        tuple(
            (
                safe.plain(app.name),
                said.category(flow.category),
                said.way(flow.direction),
                *_figures(said, flow),
                ", ".join(said.marks(flow.flags, flow.category)) or None,
            )
            for app, flow in flows
        ),
        empty=said.phrase("strays.none" if summary.disclosures else "strays.nothing"),
        tones=tuple(_tone(flow) for _, flow in flows),
    )
    lead = [said.phrase("strays.lead")] if flows else []
    if quiet:
        lead.append(said.say("silent", apps=said.listed(safe.plain(app.name) for app in quiet)))
    return Section("strays", said.phrase("strays"), (*((Text(tuple(lead)),) if lead else ()), table), new_page=True)


def _processor(said: Said, parts: Sequence[Part]) -> tuple[Text | Table, ...]:
    rows: list[tuple[Cell, ...]] = []
    for part in parts:
        roles, declared = part.purpose.roles, part.declaration
        organisation = declared.organisation
        publisher = declared.publisher
        for role, other, party in (
            (roles.organisation, roles.publisher, organisation.party),
            (roles.publisher, roles.organisation, publisher),
        ):
            if role != "processor":
                continue
            customer = publisher if party is organisation.party else organisation.party
            ours = party is organisation.party
            officers = (representative(said, organisation), who(said, organisation.dpo)) if ours else ()
            rows.append(
                (
                    (who(said, party), *officers),
                    who(said, customer) if other in ("controller", "joint") else said.phrase("missing"),
                    (said.or_missing(part.purpose.name), *_both_ways(said, part)),
                    transfers(said, part),
                    Blank(said.phrase("measures.fill")),
                )
            )
    columns = (
        Column(said.phrase("processor.who"), 2),
        Column(said.phrase("processor.for"), 2),
        Column(said.phrase("processor.what"), 2),
        Column(said.phrase("transfers"), 2),
        Column(said.phrase("measures"), 2),
    )
    table = Table(said.phrase("tab.processor"), columns, tuple(rows), empty=said.phrase("processor.none"))
    return (Text((said.phrase("processor.lead"),)), table)


def _both_ways(said: Said, part: Part) -> Iterator[str]:
    """The categories that a purpose declares, each with its way: what comes back is processed, too."""
    for way, keys in ((Direction.TO_APP, part.purpose.to_app), (Direction.TO_CHATGPT, part.purpose.to_chatgpt)):
        yield from (f"{name}, {said.way(way)}" for name in said.categories(keys))


def _parties(said: Said, summary: Summary, declarations: Mapping[str, Declaration]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for app in sorted(summary.apps, key=lambda one: one.name):
        declared = declarations.get(app.name)
        publisher = declared.publisher if declared else None
        roles = dict.fromkeys(one.roles.publisher for one in declared.purposes) if declared else {}
        named = [place(said, one.name, one.country) for one in declared.recipients] if declared else []
        rows.append(
            (
                safe.plain(app.name),
                place(said, publisher.name or publisher.legal_name, publisher.country)
                if publisher
                else said.phrase("missing"),
                tuple(said.role(role) for role in roles) or said.phrase("missing"),
                said.or_missing_list(named),
                hosts(said, app),
            )
        )
    return Table(
        said.phrase("apps"),
        (
            Column(said.phrase("col.app"), 1.2),
            Column(said.phrase("publisher"), 2),
            Column(said.phrase("role.publisher"), 1.3),
            Column(said.phrase("recipients"), 1.8),
            Column(said.phrase("destinations"), 3.6),
        ),
        tuple(rows),
        caption=said.phrase("parties.caption"),
    )
