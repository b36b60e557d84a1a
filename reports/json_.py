"""The report as JSON, for programs. `docs/reports.md` documents every key; a change of meaning changes `SCHEMA`."""

import json
from typing import Any

from douane.audit import taxonomy
from douane.audit.exchange import Outcome
from douane.reports import few, findings_json, people, phrases, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.i18n import Words, lang_of
from douane.reports.model import LABELS, App, Flow, GapSum, Labels, Outcomes, Passages, Summary
from douane.reports.onward import Onward

SCHEMA = "douane.report/1"


def render(summary: Summary, *, lang: str = "en") -> str:
    """The whole summary as JSON text, ASCII only; names stand as they are, escaped. `lang` is that of the sentences.

    Raises `LangError`.
    """
    return safe.json_text(json.dumps(few.told(document(summary, lang=lang)), ensure_ascii=True, indent=2)) + "\n"


def document(summary: Summary, *, lang: str = "en") -> dict[str, Any]:
    """The document as plain Python."""
    words = Words(lang_of(lang))
    say = phrases.Phrases(words)
    return {
        "schema": SCHEMA,
        "lang": words.lang,
        "made_at": summary.made_at or None,
        "perimeter": {
            "statement": words.phrase("unobserved"),
            "period": {
                "since": summary.period.since or None,
                "until": summary.period.until or None,
                "first": summary.period.first or None,
                "last": summary.period.last or None,
            },
            "filtered": summary.filtered,
            "observed": [
                {"app": app.name, "route": app.route, "host": app.host, "routes": list(app.routes or (app.route,))}
                for app in summary.apps
            ],
            "not_observed": [{"code": code, "meaning": words.phrase(f"unseen.{code}")} for code in summary.unseen],
        },
        "under": people.document(summary.under),
        "versions": {
            "douane": list(summary.versions.douane),
            "taxonomy": list(summary.versions.taxonomy),
            "protocols": dict(summary.versions.protocols),
            "detectors": dict(summary.versions.detectors),
        },
        "totals": {
            "apps": len(summary.apps),
            "messages": _outcomes(summary.outcomes),
            "disclosures": summary.disclosures,
            "undeclared": summary.undeclared,
            "denied": summary.denied,
            "special": summary.special,
            "verdicts": _labels(summary.labels),
            "not_inspected": summary.not_inspected,
            "own_messages": summary.own_messages,
        },
        "gaps": [_gap(gap, say) for gap in summary.gaps],
        "findings": None if summary.findings is None else findings_json.document(summary.findings, words),
        "apps": [_app(app, summary, words, say) for app in summary.apps],
    }


def _app(app: App, summary: Summary, words: Words, say: phrases.Phrases) -> dict[str, Any]:
    voice = Voice(words)
    return {
        "name": app.name,
        "host": app.host,
        "route": app.route,
        "first_seen": app.first_seen or None,
        "last_seen": app.last_seen or None,
        "conclusions": voice.sentences(conclusions(app, one_day=summary.period.one_day)),
        "declaration": None
        if app.declared is None
        else {
            "file": app.declared.file,
            "sha256": app.declared.sha256,
            "taxonomy": app.declared.taxonomy,
            "loaded_at": app.declared.loaded_at,
            "to_app": list(app.declared.to_app),
            "to_chatgpt": list(app.declared.to_chatgpt),
            "recipients": list(app.declared.recipients),
        },
        "messages": _outcomes(app.outcomes),
        "disclosures": app.disclosures,
        "undeclared": app.undeclared,
        "special": app.special,
        "verdicts": _labels(app.labels),
        "not_inspected": app.not_inspected,
        "own_messages": app.own_messages,
        "latency_ms": None
        if app.latency is None
        else {
            "answers": app.latency.count,
            "p50": app.latency.p50,
            "p95": app.latency.p95,
            "max": app.latency.most,
        },
        "flows": [_flow(flow) for flow in app.flows],
        "tools": [
            {
                "name": tool.name,
                "calls": tool.calls,
                "schema": tool.schema.value,
                "version": tool.version,
                "source": tool.source,
                "seen_at": tool.seen_at,
                "annotations": list(tool.annotations),
                "annotations_false": list(tool.denials),
            }
            for tool in app.tools
        ],
        "gaps": [_gap(gap, say) for gap in app.gaps],
        "passages": [_passages(passages) for passages in app.passages],
        "egress_listener": app.egress,
        "passed_on": [_onward(one) for one in app.onward],
        "sighted": [{"host": one.host, "how": one.how, "recipient": one.recipient or None} for one in app.sighted],
    }


def _flow(flow: Flow) -> dict[str, Any]:
    known = taxonomy.category(flow.category)
    return {
        "category": flow.category,
        "name_en": known.name_en if known else flow.category,
        "name_fr": known.name_fr if known else flow.category,
        "direction": flow.direction.value,
        "flags": list(flow.flags),
        "disclosures": flow.count,
        "headline": flow.labels.worst.value,
        "verdicts": _labels(flow.labels),
        "undeclared": flow.undeclared,
        "undeclared_by_schema": flow.by_schema,
        "undeclared_by_declaration": flow.by_declaration,
        "undeclared_by_policy": flow.by_policy,
        "undeclared_by_connection": flow.by_connection,
        "denied": flow.denied,
        "undeclared_first": flow.undeclared_first or None,
        "first": flow.first,
        "last": flow.last,
        "places": [
            {
                "tool": place.tool or None,
                "method": place.method or None,
                "pointer": place.pointer,
                "disclosures": place.count,
                "exchange_id": place.exchange,
            }
            for place in flow.places
        ],
        "places_more": flow.places_more,
    }


def _labels(labels: Labels) -> dict[str, int]:
    return {label.value: labels.of(label) for label in LABELS}


def _outcomes(outcomes: Outcomes) -> dict[str, dict[str, int]]:
    return {
        outcome.value: {
            "messages": outcomes.of(outcome).messages,
            "carrying": outcomes.of(outcome).carrying,
            "data": outcomes.of(outcome).disclosures,
        }
        for outcome in Outcome
    }


def _gap(gap: GapSum, say: phrases.Phrases) -> dict[str, Any]:
    return {
        "code": gap.code,
        "meaning": say.gap(gap),
        "inspected": gap.inspected,
        "times": gap.times,
        "bytes": gap.size,
        "first": gap.first,
        "last": gap.last,
    }


def _onward(one: Onward) -> dict[str, Any]:
    known = taxonomy.category(one.category)
    return {
        "category": one.category,
        "name_en": known.name_en if known else one.category,
        "name_fr": known.name_fr if known else one.category,
        "host": one.host,
        "recipient": one.recipient or None,
        "flags": list(one.flags),
        "headline": one.headline.value,
        "disclosures": one.count,
        "first": one.first,
        "last": one.last,
        "linked": one.linked,
        "links": [{"received": link.received, "sent": link.sent} for link in one.links],
    }


def _passages(passages: Passages) -> dict[str, Any]:
    return {
        "host": passages.host,
        "path_class": passages.path_class,
        "passages": passages.count,
        "failed": passages.failed,
        "bytes_up": passages.bytes_up,
        "bytes_down": passages.bytes_down,
        "first": passages.first,
        "last": passages.last,
    }
