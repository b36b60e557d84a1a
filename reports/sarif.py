"""A check as SARIF 2.1.0 (OASIS), for code scanning."""

import json
import re
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import quote

from douane.audit.gate import Anchor, Result, RuleFacts
from douane.reports import reviewed, safe
from douane.reports.checked import Checked, Outcome, file_name
from douane.reports.i18n import lang_of

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
FINGERPRINT: Final = "douane/v1"
ROOT: Final = "SRCROOT"
LONG: Final = 1000
_PLACE: Final = re.compile(r"\{[a-z_]+\}")


def render(checked: Checked, *, lang: str = "en") -> str:
    """The whole check as a SARIF log with one run. The same findings give the same fingerprints. Raises `LangError`."""
    return safe.json_text(json.dumps(log(checked, lang=lang), ensure_ascii=True, indent=2)) + "\n"


def log(checked: Checked, *, lang: str = "en") -> dict[str, Any]:
    """The log as plain Python."""
    lang = lang_of(lang)
    rules = rules_of(checked)
    index = {rule.id: at for at, rule in enumerate(rules)}
    notes = [
        {
            "level": "error" if one.fatal else "note",
            "descriptor": {"id": f"not-judged/{one.code}"},
            "message": {"text": safe.plain(one.says.of(lang), LONG)},
        }
        for one in checked.unjudged
    ]
    notes += [
        {
            "level": "note",
            "descriptor": {"id": f"gap/{code}"},
            "message": {"text": f"{safe.plain(app)}: {code} × {count}"},
        }
        for app, gaps in checked.gaps.items()
        for code, count in gaps.items()
    ]
    driver: dict[str, Any] = {
        "name": "Douane",
        "rules": [_rule(rule, lang) for rule in rules],
    }
    if "douane" in checked.versions:
        driver["version"] = checked.versions["douane"]
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "language": lang,
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {ROOT: {"description": {"text": "The folder in which the check ran."}}},
        "invocations": [
            {
                "executionSuccessful": checked.outcome is not Outcome.NOT_JUDGED,
                "toolExecutionNotifications": notes,
                **({"endTimeUtc": checked.made_at} if checked.made_at else {}),
            }
        ],
        "results": [_result(one, index[one.rule.id], checked, lang) for one in checked.results],
        "properties": {"versions": dict(checked.versions), "failOn": list(checked.fail_on)},
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def rules_of(checked: Checked) -> list[RuleFacts]:
    """Every rule that was held against the traffic, by id, and those of what was found."""
    known = {rule.id: rule for rule in (*checked.rules, *(one.rule for one in checked.results))}
    return [known[key] for key in sorted(known)]


def generic(text: str) -> str:
    """A rule's sentence without a finding: what the finding would say reads `…`."""
    return _PLACE.sub("…", text)


def _rule(rule: RuleFacts, lang: str) -> dict[str, Any]:
    title, remedy = rule.title.of(lang), generic(rule.remedy.of(lang))
    quoted = f"\n\n> {rule.wording}" if rule.wording else ""
    source = f"\n\n{rule.source}" + (f" ({rule.read})" if rule.read else "") if rule.source else ""
    out: dict[str, Any] = {
        "id": rule.id,
        "name": "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", rule.id)),
        "shortDescription": {"text": title},
        "fullDescription": {"text": f"{title}. {remedy}"},
        "help": {"text": f"{title}. {remedy}{source}", "markdown": f"**{title}.** {remedy}{quoted}{source}"},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {
            "tags": ["privacy", rule.id.partition("/")[0]],
            "version": rule.version,
            "source": rule.source,
            "title": {"en": rule.title.en, "fr": rule.title.fr},
            "remedy": {"en": generic(rule.remedy.en), "fr": generic(rule.remedy.fr)},
        },
    }
    if rule.url:
        out["helpUri"] = rule.url
    return out


def _result(one: Result, index: int, checked: Checked, lang: str) -> dict[str, Any]:
    where = "/".join(part for part in (one.app, one.tool, one.place) if part)
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": safe.plain(where, LONG), "kind": "member"}],
    }
    if one.anchor is not None:
        location["physicalLocation"] = _physical(one.anchor)
    out: dict[str, Any] = {
        "ruleId": one.rule.id,
        "ruleIndex": index,
        "level": one.severity.value,
        "message": {"text": safe.plain(f"{one.says.of(lang)} {one.remedy.of(lang)}", LONG)},
        "locations": [location],
        "partialFingerprints": {FINGERPRINT: one.fingerprint},
        "occurrenceCount": one.count,
        "properties": {
            "app": one.app,
            "tool": one.tool,
            "category": one.category,
            "direction": one.direction.value if one.direction is not None else "",
            "firstAt": one.first_at,
            "lastAt": one.last_at,
            "disclosures": list(one.disclosures),
            "sources": list(one.why),
            "statements": list(one.statements),
        },
    }
    waiver = checked.waived.get(one.fingerprint)
    if waiver is not None:
        told = f"{waiver.reason} ({waiver.by}, {waiver.expires})"
        out["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": safe.plain(told, LONG)},
        ]
    if (said := reviewed.document(checked.reviews.get(one.fingerprint))) is not None:
        # a review is no suppression: it waives nothing, and a viewer hides what is suppressed
        out["properties"]["review"] = {key: safe.plain(value, LONG) if value else value for key, value in said.items()}
    return out


def _physical(anchor: Anchor) -> dict[str, Any]:
    path = PurePath(file_name(anchor))
    artifact = {"uri": quote(path.as_posix())}
    if not path.is_absolute():
        artifact["uriBaseId"] = ROOT
    else:
        artifact["uri"] = path.as_uri()
    return {"artifactLocation": artifact, "region": {"startLine": max(1, anchor.line)}}
