"""What the rules found, for programs."""

from collections.abc import Mapping
from typing import Any

from douane.audit.gate import Result
from douane.audit.rules.base import Rule, Severity
from douane.audit.rules.telling import remedy_of
from douane.audit.waivers import Waiver
from douane.ledger.reviews import Review
from douane.reports import reviewed
from douane.reports.findings import Findings, Group, Placed, Told
from douane.reports.i18n import Words


def document(findings: Findings, words: Words) -> dict[str, Any]:
    """The findings for the JSON report; names stand as they are."""
    told = Told(words, str)
    return {
        "rules": findings.rules,
        "version": findings.version,
        "by_severity": {severity.value: findings.count(severity) for severity in Severity},
        "by_review": reviewed.numbers(findings.counts),
        "waived": findings.counts.waived,
        "reviewed_disclosures": [_of_disclosure(*one) for one in findings.disclosures],
        "waived_disclosures": [_of_waived(*one) for one in findings.accepted],
        "groups": [_group(one, told) for one in findings.groups],
    }


def _group(group: Group, told: Told) -> Mapping[str, Any]:
    rule = group.rule
    return {
        "rule": rule.id,
        "app": group.app,
        "severity": rule.severity.value,
        "title": told.title(group),
        "count": group.count,
        "source": rule.source,
        "url": rule.url or None,
        "read": rule.read,
        "wording": rule.wording,
        "version": rule.version,
        "places": [_place(one, rule, told) for one in group.places],
    }


def _of_disclosure(one: Result, review: Review) -> Mapping[str, Any]:
    return {**_of_result(one), "review": reviewed.document(review)}


def _of_waived(one: Result, waiver: Waiver) -> Mapping[str, Any]:
    return {**_of_result(one), "waiver": reviewed.waiver_document(waiver)}


def _of_result(one: Result) -> Mapping[str, Any]:
    return {
        "fingerprint": one.fingerprint,
        "rule": one.rule.id,
        "app": one.app,
        "tool": one.tool or None,
        "place": one.place,
        "category": one.category,
        "direction": one.direction.value if one.direction is not None else None,
    }


def _place(placed: Placed, rule: Rule, told: Told) -> Mapping[str, Any]:
    hit = placed.hit
    return {
        "place": hit.place,
        "tool": hit.tool or None,
        "category": hit.category or None,
        "direction": hit.direction.value if hit.direction is not None else None,
        "count": hit.count,
        "exchange_id": placed.exchange or None,
        "fingerprint": placed.fingerprint,
        "review": reviewed.document(placed.review),
        "waiver": reviewed.waiver_document(placed.waiver),
        "says": told.filled(rule.says, hit),
        "remedy": told.filled(remedy_of(rule, hit), hit),
    }
