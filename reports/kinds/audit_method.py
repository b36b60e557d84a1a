"""The audit report's end: coverage, method, accuracy and limits, and the action plan to fill in."""

from dataclasses import dataclass, field

from douane.audit.message import Direction
from douane.audit.rules.base import Text as Remedy
from douane.reports import safe
from douane.reports.document import Blank, Cell, Column, Facts, Section, Table, Text
from douane.reports.findings import Findings, Told
from douane.reports.kinds import audit_findings
from douane.reports.kinds.base import Material
from douane.reports.kinds.said import Said
from douane.reports.model import LABELS
from douane.reports.phrases import Phrases


def coverage(material: Material, said: Said) -> Section:
    """What could not be inspected, what the words mean, and what the report does not say."""
    summary, phrases = material.summary, Phrases(said)
    gaps: tuple[tuple[Cell, ...], ...] = tuple(
        (
            phrases.gap(gap),
            said.phrase("uncompared" if gap.inspected else "gaps"),
            gap.times,
            said.size(gap.size) if gap.size else "—",
            [safe.plain(app, 40) for app in phrases.gap_apps(summary, gap.code)],
        )
        for gap in summary.gaps
    )
    columns = (
        Column(said.phrase("col.meaning"), 3),
        Column(said.phrase("col.kind"), 1.4),
        Column(said.phrase("col.times"), 0.8, "end"),
        Column(said.phrase("col.size"), 0.9, "end"),
        Column(said.phrase("col.apps"), 1.4),
    )
    versions: tuple[tuple[str, Cell], ...] = (
        (said.phrase("version.douane"), phrases.versions(summary.versions.douane)),
        (said.phrase("version.taxonomy"), phrases.versions(summary.versions.taxonomy)),
        (said.phrase("version.protocols"), phrases.protocols(summary)),
        (said.phrase("version.detectors"), phrases.detectors(summary)),
    )
    labels: tuple[tuple[str, Cell], ...] = tuple(
        (said.phrase(f"label.{label.value}"), said.phrase(f"meaning.{label.value}")) for label in LABELS
    )
    limits = ("audit.accuracy.detect", "audit.accuracy.route", "audit.accuracy.law", "audit.accuracy.tamper")
    none = said.phrase("gaps.none") if summary.outcomes.messages else said.phrase("perimeter.conclusion")
    return Section(
        "coverage",
        said.phrase("audit.coverage"),
        (
            Text((said.phrase("method.words"), said.phrase("method.detect"), phrases.own(summary))),
            Facts(versions),
        ),
        (
            Section(
                "coverage-gaps",
                said.phrase("audit.coverage.gaps"),
                (Table(said.phrase("audit.coverage.sheet"), columns, gaps, empty=none),),
            ),
            Section("verdicts", said.phrase("audit.verdicts"), (Facts(labels),)),
            Section(
                "accuracy",
                said.phrase("audit.accuracy"),
                (Text(tuple(said.phrase(key) for key in limits), bullets=True),),
            ),
        ),
    )


@dataclass(slots=True)
class _About:
    """What the findings say of one flow: whether a rule's line tells of it, its places, how to mend the open ones."""

    told: bool = False
    places: int = 0
    remedies: dict[Remedy, None] = field(default_factory=dict[Remedy, None])


def _about(findings: Findings | None) -> dict[tuple[str, str, Direction], _About]:
    found: dict[tuple[str, str, Direction], _About] = {}
    if findings is None:
        return found
    rules = {group.rule.id for group in findings.groups}
    for one in findings.results:
        if one.direction is None:
            continue
        flow = found.setdefault((one.app, one.category, one.direction), _About())
        settled = findings.settled(one.fingerprint)
        if one.rule.id in rules:
            flow.told |= not settled
            continue
        flow.places += 1
        if not settled:
            flow.remedies[one.remedy] = None
    return found


def plan(material: Material, said: Said) -> Section:
    """The action plan to fill in: a line for each rule that finds something in an app, and for each pressing flow.

    A flow that a rule's finding is about stands on that rule's line; one that a person settled stands on none.
    """
    told = Told(said, safe.plain, lambda text: text.replace("`", ""))
    findings = material.summary.findings
    blanks: tuple[Cell, ...] = (Blank(), Blank(), Blank(), Blank())
    rows: list[tuple[Cell, ...]] = []
    for group in findings.groups if findings is not None else ():
        if group.dismissed:
            continue
        remedies = told.remedies(group)[:2]
        rows.append((safe.plain(group.app, 60), told.title(group), remedies, *blanks))
    about = _about(findings)
    for flow in audit_findings.pressing(material):
        mine = about.get((flow.app, flow.category, flow.direction), _About())
        if mine.told or (mine.places and not mine.remedies):
            continue
        what = [
            audit_findings.category(flow, said),
            said.phrase(flow.direction.value),
            *audit_findings.heads(flow, said),
        ]
        remedies = [told.say(one) for one in list(mine.remedies)[:2]]
        rows.append((safe.plain(flow.app, 60), what, remedies or Blank(), *blanks))
    columns = (
        Column(said.phrase("col.app"), 1),
        Column(said.phrase("audit.finding"), 1.7),
        Column(said.phrase("audit.plan.action"), 2.6),
        Column(said.phrase("audit.plan.owner"), 1),
        Column(said.phrase("audit.plan.due"), 1),
        Column(said.phrase("audit.plan.status"), 1),
        Column(said.phrase("audit.plan.recheck"), 1),
    )
    table = Table(said.phrase("audit.plan.sheet"), columns, tuple(rows), empty=said.phrase("audit.plan.none"))
    signed = Facts(((said.phrase("audit.plan.advice"), Blank()), (said.phrase("audit.plan.validated"), Blank())))
    return Section("plan", said.phrase("audit.plan"), (Text((said.phrase("audit.plan.lead"),)), table, signed))
