"""A check as JSON, for programs. docs/gate.md documents every key; a change of meaning changes `SCHEMA`."""

import json
from typing import Any

from douane.audit.gate import Result
from douane.reports import people, reviewed, safe
from douane.reports.checked import UNSEEN, Checked
from douane.reports.i18n import lang_of

SCHEMA = "douane.check/1"


def render(checked: Checked, *, lang: str = "en") -> str:
    """The whole check as JSON text, ASCII only. Raises `LangError`."""
    return safe.json_text(json.dumps(document(checked, lang=lang), ensure_ascii=True, indent=2)) + "\n"


def document(checked: Checked, *, lang: str = "en") -> dict[str, Any]:
    """The document as plain Python."""
    lang = lang_of(lang)
    failing = {one.fingerprint for one in checked.failing}
    return {
        "schema": SCHEMA,
        "lang": lang,
        "made_at": checked.made_at or None,
        "under": None if checked.under is None else people.document(checked.under),
        "outcome": checked.outcome.value,
        "fail_on": list(checked.fail_on),
        "period": {"since": checked.since or None, "until": checked.until or None},
        "versions": dict(checked.versions),
        "statement": UNSEEN.of(lang),
        "apps": [
            {"app": app, "messages": checked.exchanges.get(app, 0), "gaps": dict(checked.gaps.get(app, {}))}
            for app in checked.apps
        ],
        "totals": {
            "findings": len(checked.results),
            "open": len(checked.open),
            "failing": len(failing),
            "waived": len(checked.results) - len(checked.open),
        },
        "findings": [_finding(one, checked, lang, is_failing=one.fingerprint in failing) for one in checked.results],
        "not_judged": [
            {"app": one.app or None, "code": one.code, "says": one.says.of(lang), "fatal": one.fatal}
            for one in checked.unjudged
        ],
    }


def _finding(one: Result, checked: Checked, lang: str, *, is_failing: bool) -> dict[str, Any]:
    waiver = checked.waived.get(one.fingerprint)
    return {
        "fingerprint": one.fingerprint,
        "rule": one.rule.id,
        "rule_version": one.rule.version,
        "severity": one.severity.value,
        "label": one.rule.label.value if one.rule.label is not None else None,
        "failing": is_failing,
        "app": one.app,
        "tool": one.tool or None,
        "place": one.place or None,
        "category": one.category or None,
        "direction": one.direction.value if one.direction is not None else None,
        "says": one.says.of(lang),
        "remedy": one.remedy.of(lang),
        "count": one.count,
        "first_at": one.first_at or None,
        "last_at": one.last_at or None,
        "disclosures": list(one.disclosures),
        "sources": list(one.why),
        "statements": list(one.statements),
        "file": one.anchor.file if one.anchor is not None else None,
        "line": one.anchor.line if one.anchor is not None else None,
        "waiver": None if waiver is None else {"reason": waiver.reason, "by": waiver.by, "expires": waiver.expires},
        "review": reviewed.document(checked.reviews.get(one.fingerprint)),
    }
