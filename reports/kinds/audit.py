"""The audit report: what crossed, what of it nobody declared, what was done by whom, and what was not observed."""

from datetime import datetime
from typing import Final

from douane.ledger import activity
from douane.reports import drawing, json_, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.document import Block, Cell, Column, Document, Section, Table, Text
from douane.reports.hidden import SMALL, Few, coarse
from douane.reports.kinds import audit_actions, audit_apps, audit_findings, audit_method, perimeter
from douane.reports.kinds.base import Kind, Material
from douane.reports.kinds.said import Said
from douane.reports.model import Flow, Summary
from douane.reports.phrases import Phrases

APPS_CONCLUDED: Final = 6
"""Apps with all three sentences on the page of conclusions; of more apps each has one."""
APPS_TOLD: Final = 18
"""Apps with a sentence there."""


def build(material: Material) -> Document:
    """The report of a summary."""
    said, summary = Said(material.lang, "audit"), material.summary
    title = said.phrase("audit.title")
    return Document(
        "audit",
        title,
        Phrases(said).title(summary),
        material.lang,
        material.made_at,
        perimeter.perimeter(material),
        (
            _conclusions(material, said),
            _who(summary, said),
            _timeline(material, said),
            _heat(summary, said),
            audit_findings.notable(material, said),
            audit_findings.rules(material, said),
            audit_findings.reviews(material, said),
            audit_apps.sheets(material, said),
            audit_actions.actions(material, said),
            audit_actions.reliability(material, said),
            audit_method.coverage(material, said),
            audit_method.plan(material, said),
        ),
        perimeter.opening(material),
        {**perimeter.data(material), "report": json_.document(summary, lang=material.lang)},
    )


def _conclusions(material: Material, said: Said) -> Section:
    summary = material.summary
    if not summary.apps:
        only = Text((said.phrase("perimeter.conclusion"),), "notice")
        return Section("conclusions", said.phrase("conclusions"), (only,), whole=True)
    voice, one_day = Voice(said), summary.period.one_day
    notes = (said.phrase("overlap"), *((said.phrase("audit.findings.apart"),) if summary.findings is not None else ()))
    blocks: list[Block] = [figures(summary, said), Text(notes, "quiet")]
    told = APPS_CONCLUDED if len(summary.apps) <= APPS_CONCLUDED else APPS_TOLD
    whole = len(summary.apps) <= APPS_CONCLUDED
    sentences = []
    for app in summary.apps[:told]:
        three = voice.sentences(conclusions(app, one_day=one_day))
        sentences.append(" ".join(three) if whole else three[0])
    blocks.append(Text(tuple(sentences), bullets=True))
    if len(summary.apps) > told:
        blocks.append(Text((said.say("audit.more.apps", len(summary.apps) - told),), "quiet"))
    blocks.append(Text((said.phrase("audit.reviewed.not"), said.phrase("unobserved")), "notice"))
    return Section("conclusions", said.phrase("conclusions"), tuple(blocks), whole=True)


def figures(summary: Summary, said: Said) -> Table:
    """The key figures, as every format of the summary prints them."""
    counts = (
        ("messages", summary.outcomes.delivered.messages),
        ("disclosures", summary.disclosures),
        ("undeclared", summary.undeclared),
        ("denied", summary.denied),
        ("uncompared", summary.labels.gap),
        ("prohibited", summary.labels.prohibited),
        ("special", summary.special),
        ("not_inspected", summary.not_inspected),
    )
    counted: list[tuple[str, int]] = [(said.phrase(f"figure.{name}", count), count) for name, count in counts]
    if summary.findings is not None:
        places = sum(len(group.places) for group in summary.findings.groups)
        counted.append((said.say("audit.findings.count", places), len(summary.findings.groups)))
        reviewed = summary.findings.counts
        counted.append((said.phrase("audit.count.unreviewed"), reviewed.unreviewed))
        counted.append((said.phrase("audit.count.confirmed"), reviewed.confirmed))
        counted.append((said.phrase("audit.count.false-alarm"), reviewed.false_alarm))
        if reviewed.waived:
            counted.append((said.phrase("audit.count.waived"), reviewed.waived))
    columns = (Column(said.phrase("audit.figure"), 4), Column(said.phrase("audit.number"), 1, "end"))
    return Table(said.phrase("audit.figures.caption"), columns, tuple(counted))


def _who(summary: Summary, said: Said) -> Section:
    columns = (
        Column(said.phrase("col.app"), 1.2),
        Column(said.phrase("col.category"), 2),
        Column(said.phrase("col.direction"), 1.1),
        Column(said.phrase("col.count"), 1.1, "end"),
        Column(said.phrase("col.undeclared"), 1, "end"),
        Column(said.phrase("col.verdict"), 1.5),
        Column(said.phrase("col.first"), 1.1),
        Column(said.phrase("col.last"), 1.1),
    )
    rows = tuple(_flow(flow, said) for flow in summary.flows)
    table = Table(
        said.phrase("audit.flows.sheet"),
        columns,
        rows,
        said.phrase("audit.flows.caption") if rows else "",
        said.phrase("audit.none"),
        tuple("grave" if one.restricted else "warning" if one.undeclared else "plain" for one in summary.flows),
    )
    blocks: list[Block] = [Text((said.phrase("audit.who.lead"),))] if rows else []
    blocks += drawing.flows(summary, said)
    return Section("who", said.phrase("audit.who"), (*blocks, table))


def _flow(flow: Flow, said: Said) -> tuple[Cell, ...]:
    return (
        safe.plain(flow.app, 60),
        audit_findings.category(flow, said),
        said.phrase(flow.direction.value),
        flow.count,
        flow.undeclared,
        said.verdict(flow),
        perimeter.moment(flow.first),
        perimeter.moment(flow.last),
    )


def _timeline(material: Material, said: Said) -> Section:
    summary = material.summary
    hours = summary.period.one_day
    heading = said.phrase("audit.timeline")
    scope = audit_actions.scope(material)
    totals = activity.by_hour(material.db, scope) if hours else audit_actions.seen(material).days()
    if not totals:
        return Section("timeline", heading, (Text((said.phrase("audit.timeline.none"),), "quiet"),))
    small = any(count < SMALL for count in totals.values()) or isinstance(summary.outcomes.delivered.messages, Few)
    coarsened = summary.under.small_hidden and small
    if coarsened:
        totals = {at: coarse(count) for at, count in totals.items()}
    caption = said.phrase("audit.timeline.hour" if hours else "audit.timeline.day")
    bars = [drawing.Bar(f"{at[11:]}:00" if hours else _day(at, said), count) for at, count in totals.items()]
    blocks: list[Block] = list(drawing.timeline(bars, said, caption))
    notes = [said.phrase("audit.timeline.few")] if coarsened else []
    if len(bars) > drawing.BARS:
        notes.append(said.say("audit.timeline.cut", drawing.BARS))
    if notes:
        blocks.append(Text(tuple(notes), "quiet"))
    columns = (Column(said.phrase("audit.span")), Column(said.phrase("col.messages"), 1, "end"))
    rows: list[tuple[Cell, ...]] = [(_start(at), count) for at, count in totals.items()]
    blocks.append(Table(heading, columns, tuple(rows), caption))
    return Section("timeline", heading, tuple(blocks))


def _day(at: str, said: Said) -> str:
    if said.lang == "fr":
        return f"{at[8:10]}/{at[5:7]}"
    return f"{int(at[8:10])} {said.phrase('months').split()[int(at[5:7]) - 1]}"


def _start(at: str) -> datetime:
    return datetime.fromisoformat(f"{at}:00:00+00:00" if len(at) > 10 else f"{at}T00:00:00+00:00")


def _heat(summary: Summary, said: Said) -> Section:
    pictures = drawing.heat_map(summary, said, said.phrase("audit.heat.words")) if summary.flows else []
    lead = said.phrase("audit.heat.lead" if pictures else "audit.none")
    return Section("heat", said.phrase("audit.heat"), (Text((lead,)), *pictures))


KIND = Kind("audit", ("pdf", "html", "xlsx", "json", "md"), build)
