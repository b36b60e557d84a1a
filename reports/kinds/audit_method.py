"""The audit report's end: coverage, method, accuracy and limits, and the action plan to fill in."""

from douane.reports import safe
from douane.reports.document import Blank, Cell, Column, Facts, Section, Table, Text
from douane.reports.findings import Told
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


def plan(material: Material, said: Said) -> Section:
    """The action plan to fill in: a line for each finding of a rule, and for the pressing flows of apps without one."""
    told = Told(said, safe.plain, lambda text: text.replace("`", ""))
    findings = material.summary.findings
    blanks: tuple[Cell, ...] = (Blank(), Blank(), Blank(), Blank())
    rows: list[tuple[Cell, ...]] = []
    for group in findings.groups if findings is not None else ():
        if group.dismissed:
            continue
        remedies = told.remedies(group)[:2]
        rows.append((safe.plain(group.app, 60), told.title(group), remedies, *blanks))
    apps = {group.app for group in findings.groups if not group.dismissed} if findings is not None else set[str]()
    rows += [
        (safe.plain(flow.app, 60), audit_findings.category(flow, said), Blank(), *blanks)
        for flow in audit_findings.pressing(material)
        if flow.app not in apps
    ]
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
