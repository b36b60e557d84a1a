"""A check as JUnit XML: a suite for each app, a case for each finding, and for each rule that found nothing."""

from xml.sax.saxutils import escape, quoteattr

from douane.audit.exchange import Label
from douane.audit.gate import Result
from douane.reports import reviewed, safe
from douane.reports.checked import Checked, file_name
from douane.reports.i18n import Words, lang_of
from douane.reports.sarif import rules_of

LONG = 2000


def render(checked: Checked, *, lang: str = "en") -> str:
    """The whole check as XML. What fails the gate is a failure, what was waived or lies below it is skipped, what could
    not be judged an error. Raises `LangError`.
    """
    lang = lang_of(lang)
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    suites = [(app, _cases(app, checked, lang)) for app in _apps(checked)]
    totals = [sum(count[at] for _, (_, count) in suites) for at in range(4)]
    out.append(f'<testsuites name="douane check" {_counts(totals)}>')
    for app, (cases, counts) in suites:
        name = quoteattr(safe.plain(app) if app else "douane")
        stamp = f" timestamp={quoteattr(checked.made_at[:19])}" if checked.made_at else ""
        out.append(f"  <testsuite name={name} {_counts(counts)}{stamp}>")
        out += cases
        out.append("  </testsuite>")
    out.append("</testsuites>")
    return "\n".join(out) + "\n"


def _apps(checked: Checked) -> list[str]:
    named = [*checked.apps, *(one.app for one in checked.results), *(one.app for one in checked.unjudged)]
    return list(dict.fromkeys(named))


def _counts(counts: list[int]) -> str:
    tests, failures, errors, skipped = counts
    return f'tests="{tests}" failures="{failures}" errors="{errors}" skipped="{skipped}"'


def _cases(app: str, checked: Checked, lang: str) -> tuple[list[str], list[int]]:
    """The cases of an app, and how many: tests, failures, errors, skipped."""
    failing = {one.fingerprint for one in checked.failing}
    out: list[str] = []
    counts = [0, 0, 0, 0]
    mine = [one for one in checked.results if one.app == app]
    judged = not any(one.fatal for one in checked.unjudged if one.app == app)
    found = {one.rule.id for one in mine}
    if any(one.rule.label is Label.PROHIBITED for one in mine):
        found.add("verdict/prohibited")  # told by the rule that forbids it
    for rule in rules_of(checked) if judged and app else ():
        if rule.id not in found and not rule.id.startswith("waiver/"):
            counts[0] += 1
            out.append(f"    <testcase classname={_name(app)} name={quoteattr(rule.id)}/>")
    for one in mine:
        counts[0] += 1
        inner = _reviewed(one, checked, Words(lang_of(lang)))
        inner += _failure(one, lang) if one.fingerprint in failing else _skipped(one, checked, lang)
        counts[1 if one.fingerprint in failing else 3] += 1
        name = quoteattr(safe.plain(f"{one.rule.id} {one.tool} {one.place} {one.category}", LONG))
        file = f' file={quoteattr(file_name(one.anchor))} line="{one.anchor.line}"' if one.anchor is not None else ""
        out.append(f"    <testcase classname={_name(app)} name={name}{file}>{inner}</testcase>")
    for missing in checked.unjudged:
        if missing.app != app:
            continue
        counts[0] += 1
        counts[2 if missing.fatal else 3] += 1
        kind = "error" if missing.fatal else "skipped"
        inner = f"<{kind} message={quoteattr(safe.plain(missing.says.of(lang), LONG))}/>"
        name = quoteattr(f"not-judged/{missing.code}")
        out.append(f"    <testcase classname={_name(app)} name={name}>{inner}</testcase>")
    return out, counts


def _name(app: str) -> str:
    return quoteattr(safe.plain(app) if app else "douane")


def _reviewed(one: Result, checked: Checked, words: Words) -> str:
    """What a person said of it, by whom and when, as a property of the case: it changes no outcome."""
    review = checked.reviews.get(one.fingerprint)
    said = reviewed.mark(review, words, lambda name: safe.plain(name, LONG))
    if review is None or not said:
        return ""
    note = f"{words.phrase('colon')}{safe.plain(review.note, LONG)}" if review.note else ""
    return f'<properties><property name="review" value={quoteattr(said + note)}/></properties>'


def _failure(one: Result, lang: str) -> str:
    message = quoteattr(safe.plain(one.says.of(lang), LONG))
    lines = (one.remedy.of(lang), *one.why, one.fingerprint)
    body = "\n".join(escape(safe.plain(line, LONG)) for line in lines)
    return f"<failure type={quoteattr(one.severity.value)} message={message}>{body}</failure>"


def _skipped(one: Result, checked: Checked, lang: str) -> str:
    waiver = checked.waived.get(one.fingerprint)
    text = f"{waiver.by}, {waiver.expires}: {waiver.reason}" if waiver is not None else one.says.of(lang)
    return f"<skipped message={quoteattr(safe.plain(text, LONG))}/>"
