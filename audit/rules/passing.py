"""Hits on what an app passes on, by the weight of what its sources say. Pure module: no I/O."""

from collections.abc import Collection, Iterator

from douane.audit.exchange import Label
from douane.audit.history import History
from douane.audit.onward import passed_on
from douane.audit.rules.base import Evidence, Hit


def hits(history: History, labels: Collection[Label]) -> Iterator[Hit]:
    """One hit for each category and host of which the heaviest label is one of these; none without a declaration."""
    for one in passed_on(history):
        label = one.label
        if label not in labels:
            continue
        at_fault = [verdict for verdict in one.verdicts if verdict.label is label]
        facts = (
            ("category", one.category),
            ("host", one.host),
            ("what", label.value),
            ("sources", " ".join(verdict.source.value for verdict in at_fault)),
        )
        evidence = Evidence(
            one.disclosures,
            tuple(dict.fromkeys(name for verdict in at_fault for name in verdict.statements)),
            tuple(f"{verdict.source.value}: {verdict.label.value}: {verdict.reason}" for verdict in one.verdicts),
            one.first_at,
            one.last_at,
        )
        place = f"passed-on {one.host} {one.category}"
        yield Hit(place=place, category=one.category, facts=facts, count=one.times, evidence=evidence)
