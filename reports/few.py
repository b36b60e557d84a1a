"""Counts under 5 hidden in a summary, so that no format can print them, and none can be had by subtraction.

A report is read by more people than a ledger, and a count of two says of whom it speaks to whoever knows them. Where a
cell of a table is hidden, its siblings read `≥ 5`; a total is made anew from what its parts show. What is counted a
second time elsewhere (by detector, by place, by rule) is only told as none, under 5, or more.
"""

from collections.abc import Iterable
from dataclasses import fields, replace
from typing import Any

from douane.audit.exchange import Outcome
from douane.ledger.concerned import Concerned, Range, Without
from douane.reports.findings import Findings
from douane.reports.hidden import SMALL, Few, cell, coarse, part
from douane.reports.model import App, Flow, Labels, Outcomes, Passages, Summary, Tally
from douane.reports.onward import Onward


def shown(summary: Summary) -> Summary:
    """The summary as its profile lets it be printed; unchanged under any but `audit`."""
    if not summary.under.small_hidden:
        return summary
    apps = tuple(_app(app) for app in summary.apps)
    versions = summary.versions
    return replace(
        summary,
        apps=tuple(sorted(apps, key=lambda app: (-int(app.undeclared > 0), app.name))),
        versions=replace(
            versions,
            protocols=tuple((name, coarse(count)) for name, count in versions.protocols),
            detectors=tuple(sorted((name, coarse(count)) for name, count in versions.detectors)),
        ),
        findings=None if summary.findings is None else _findings(summary.findings),
    )


def _app(app: App) -> App:
    flows = tuple(sorted((_flow(flow) for flow in app.flows), key=lambda flow: flow.weight))
    # messages, calls and gaps count the same messages again: exact ones would give a hidden flow away
    again = coarse if any(isinstance(flow.count, Few) for flow in flows) else cell
    return replace(
        app,
        flows=flows,
        outcomes=_outcomes(app.outcomes, flows, sum(flow.count - 1 for flow in app.flows if flow.count < SMALL)),
        tools=tuple(replace(tool, calls=again(tool.calls)) for tool in app.tools),
        gaps=tuple(replace(gap, times=again(gap.times)) for gap in app.gaps),
        passages=tuple(_passages(one) for one in app.passages),
        latency=None if app.latency is None else replace(app.latency, count=coarse(app.latency.count)),
        own_messages=cell(app.own_messages),
        onward=tuple(_onward(one) for one in app.onward),
    )


def _flow(flow: Flow) -> Flow:
    undeclared = part(flow.undeclared, flow.count)
    of_it = [part(count, flow.undeclared) for count in (flow.by_schema, flow.by_declaration, flow.by_policy)]
    of_it += [part(count, flow.undeclared) for count in (flow.by_connection, flow.denied)]
    counts = [getattr(flow.labels, one.name) for one in fields(Labels)]
    made = replace(
        flow,
        count=cell(flow.count),
        labels=Labels(*_siblings(counts)),
        undeclared=undeclared,
        by_schema=of_it[0],
        by_declaration=of_it[1],
        by_policy=of_it[2],
        by_connection=of_it[3],
        denied=of_it[4],
    )
    exact = not any(isinstance(one, Few) for one in (made.count, made.undeclared, *of_it))
    places = _siblings([place.count for place in flow.places]) if exact else map(_coarse_place, flow.places)
    kept = tuple(replace(place, count=count) for place, count in zip(flow.places, places, strict=True))
    return replace(made, places=kept)


def _coarse_place(place: Any) -> int:
    return coarse(place.count)


def _siblings(counts: Iterable[int]) -> list[int]:
    """The parts of one whole that is told: all of them exactly, or, where one is small, none."""
    found = list(counts)
    return [coarse(one) for one in found] if any(isinstance(cell(one), Few) for one in found) else found


def _outcomes(outcomes: Outcomes, flows: tuple[Flow, ...], surplus: int) -> Outcomes:
    """The messages; of the delivered ones as many as there were if each hidden count were 1 (`surplus` beyond that)."""
    made = {}
    for outcome in Outcome:
        tally = outcomes.of(outcome)
        messages, data = cell(tally.messages), coarse(tally.disclosures)
        if outcome is Outcome.DELIVERED:
            data = sum(flow.count for flow in flows)
            if any(isinstance(flow.count, Few) for flow in flows) and not isinstance(messages, Few):
                messages = Few(max(1, tally.messages - surplus))
        made[outcome.value] = Tally(messages, coarse(tally.carrying), data)
    return Outcomes(**made)


def _passages(one: Passages) -> Passages:
    return replace(one, count=cell(one.count), failed=part(one.failed, one.count))


def _onward(one: Onward) -> Onward:
    linked = part(one.linked, one.count)
    return replace(one, count=cell(one.count), linked=linked, links=() if isinstance(linked, Few) else one.links)


def _findings(findings: Findings) -> Findings:
    groups = []
    for group in findings.groups:
        places = []
        for placed in group.places:
            facts = tuple((name, str(cell(int(text))) if text.isdecimal() else text) for name, text in placed.hit.facts)
            places.append(replace(placed, hit=replace(placed.hit, count=coarse(placed.hit.count), facts=facts)))
        groups.append(replace(group, places=tuple(sorted(places, key=lambda one: one.hit.place))))
    results = tuple(replace(one, count=coarse(one.count)) for one in findings.results)
    return replace(findings, groups=tuple(groups), results=results)


def concerned(one: Concerned) -> Concerned:
    """Whom disclosures concern, as a profile that hides small counts lets it be printed."""
    return replace(
        one,
        messages=coarse(one.messages),
        users=Range(cell(one.users.least), cell(one.users.most)),
        nameless=coarse(one.nameless),
        people=Range(cell(one.people.least), cell(one.people.most)),
        identifiers=tuple((key, coarse(count)) for key, count in one.identifiers),
        loose=coarse(one.loose),
        unlinked=tuple((key, coarse(count)) for key, count in one.unlinked),
        forgotten=Without(coarse(one.forgotten.requests), coarse(one.forgotten.data)),
        unkept=Without(coarse(one.unkept.requests), coarse(one.unkept.data)),
    )


def told(value: Any) -> Any:
    """A document for programs with every hidden count as the text that it prints as."""
    match value:
        case Few():
            return str(value)
        case dict():
            return {key: told(one) for key, one in value.items()}
        case list():
            return [told(one) for one in value]
        case _:
            return value
