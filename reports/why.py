"""Why a disclosure has its verdict: as text in two languages, and as JSON."""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from douane.audit.exchange import Label, Source, Verdict
from douane.audit.quoted import quoted
from douane.audit.rules.base import Hit, Rule
from douane.audit.rules.telling import cited, mended, said
from douane.ledger.onward import PassedOn
from douane.ledger.traced import Held, Rested, Traced
from douane.reports import safe
from douane.reports.i18n import Words, lang_of
from douane.reports.reasons import in_french

SCHEMA = "douane-why/1"
_KIND = re.compile(r"\((contradiction|narrowing) ([CN]\d{1,2})\)")
_QUOTE = 400

type Found = Sequence[tuple[Rule, Hit]]
type Passed = Sequence[tuple[PassedOn, Sequence[tuple[Verdict, Sequence[Rested]]]]]
"""Each datum that was passed on, with each verdict on it and what that rests on."""


def text(traced: Traced, found: Found, passed: Passed = (), *, lang: str = "en") -> str:
    """The flow, what each source says of it and on what that rests, who judged it, and the rules with a finding.

    Raises `LangError`. Names from outside are made harmless.
    """
    return "\n".join(_lines(traced, found, passed, Words(lang_of(lang)))) + "\n"


def document(traced: Traced, found: Found, passed: Passed = ()) -> dict[str, Any]:
    """The same as a JSON document: keys in English, categories and labels as the ledger has them."""
    return {
        "schema": SCHEMA,
        "disclosure": {
            **{
                name: getattr(traced, name)
                for name in ("id", "exchange_id", "at", "app", "kind", "method", "tool", "outcome", "category")
            },
            "direction": traced.direction.value,
            "route": traced.route,
            "host": traced.host,
            "flags": list(traced.flags),
            "pointer": traced.pointer,
            "reached": traced.reached,
            "detector": traced.detector,
            "confidence": traced.confidence,
            "evidence": traced.evidence,
            "headline": traced.headline.value,
            "taxonomy": traced.taxonomy,
            "inspected_at": traced.inspected_at,
        },
        "verdicts": [verdict_document(traced, one) for one in traced.verdicts],
        "passed_on": [
            {
                "category": one.category,
                "host": one.host,
                "sent_at": one.sent_at,
                "times": one.times,
                "outcomes": {sending.outcome: sending.times for sending in one.sendings},
                "verdicts": [
                    {
                        "source": verdict.source.value,
                        "verdict": verdict.label.value,
                        "score": verdict.score,
                        "reason": verdict.reason,
                        "statements": [{name: getattr(each, name) for name in Rested.__slots__} for each in rested],
                    }
                    for verdict, rested in verdicts
                ],
            }
            for one, verdicts in passed
        ],
        "rules": [
            {
                "id": rule.id,
                "version": rule.version,
                "severity": rule.severity.value,
                "title": rule.title.en,
                "source": rule.source,
                "url": rule.url,
                "read": rule.read,
                "wording": rule.wording,
                "says": said(rule, hit, "en"),
                "remedy": mended(rule, hit, "en"),
                "forbids": rule.forbids,
                "place": hit.place,
            }
            for rule, hit in found
        ],
    }


def dumped(traced: Traced, found: Found, passed: Passed = ()) -> str:
    """`document` as text."""
    return safe.json_text(json.dumps(document(traced, found, passed), indent=1)) + "\n"


def verdict_document(traced: Traced, held: Held) -> dict[str, Any]:
    """A verdict with what it rests on and who judged it, for programs."""
    verdict = held.verdict
    against: dict[str, Any] = {}
    if verdict.source is Source.SCHEMA and traced.tool_version is not None:
        against = {
            "tool_version": traced.tool_version,
            "seen": traced.tool_source,
            "seen_at": traced.tool_seen_at,
        }
    elif held.file:
        against = {"file": held.file, "sha256": held.sha256, "loaded_at": held.loaded_at}
    return {
        "source": verdict.source.value,
        "verdict": verdict.label.value,
        "score": verdict.score,
        "reason": verdict.reason,
        "against": against,
        "statements": [{name: getattr(one, name) for name in Rested.__slots__} for one in held.rested],
        "judged_at": held.judged_at,
        "judged_by": held.version,
        "judgement": held.judgement,
        "judged_why": held.why,
        "replaced_at": held.replaced_at,
    }


def _lines(traced: Traced, found: Found, passed: Passed, words: Words) -> Iterator[str]:
    category = f"{words.category(traced.category)} ({traced.category})"
    yield words.say("why.title", id=str(traced.id), category=category)
    yield words.say("why.headline", label=words.phrase(f"label.{traced.headline.value}"))
    yield ""
    yield words.phrase("why.crossed")
    yield from _indented(_crossed(traced, words))
    yield ""
    yield words.phrase("why.sources")
    for held in traced.verdicts:
        if not held.replaced_at:
            yield from _indented(verdict_lines(traced, held, words))
    replaced = [held for held in traced.verdicts if held.replaced_at]
    if replaced:
        yield ""
        yield words.phrase("why.replaced")
        yield from _indented(_replaced(held, words) for held in replaced)
    if passed:
        yield ""
        yield words.phrase("why.onward")
        for one, verdicts in passed:
            yield from _indented(_onward(one, verdicts, words))
    yield ""
    yield words.phrase("why.rules" if found else "why.rules.none")
    for rule, hit in found:
        yield from _indented(_rule(rule, hit, words))


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"  {line}" for line in lines)


def _crossed(traced: Traced, words: Words) -> Iterator[str]:
    yield words.say(
        f"why.{'onward' if traced.route == 'egress' else 'flow'}.{traced.direction.value}",
        app=safe.plain(traced.app),
        host=safe.plain(traced.host),
        at=words.minute(traced.at),
        exchange=str(traced.exchange_id),
    )
    where = safe.plain(traced.tool or traced.method or traced.kind)
    yield words.say("why.place", pointer=safe.plain(traced.pointer, 200), where=where)
    if traced.reached:
        yield words.say("why.reached", reached=safe.plain(traced.reached, 200))
    confidence = f"{traced.confidence:.2f}"
    yield words.say(
        "why.found",
        detector=safe.plain(traced.detector),
        confidence=confidence.replace(".", ",") if words.lang == "fr" else confidence,
    )
    yield words.phrase(f"outcome.{traced.outcome}")
    marks = words.marks(traced.flags, traced.category)
    if marks:
        yield ", ".join(marks)


def verdict_lines(traced: Traced, held: Held, words: Words) -> Iterator[str]:
    """A verdict with what it rests on and who judged it, in lines."""
    verdict = held.verdict
    source = words.phrase(f"why.source.{verdict.source.value}")
    yield f"{source}{words.phrase('colon')}{words.phrase(f'label.{verdict.label.value}')}"
    lines = [_reason(verdict, words)]
    if verdict.score is not None:
        score = f"{verdict.score:.2f}"
        lines.append(words.say("why.score", score=score.replace(".", ",") if words.lang == "fr" else score))
    for one in held.rested:
        lines += _rested(one, words)
    if verdict.source is Source.SCHEMA and traced.tool_version is not None:
        lines.append(
            words.say(
                "why.against.schema",
                version=str(traced.tool_version),
                source=words.phrase(f"why.seen.{traced.tool_source}"),
                at=words.minute(traced.tool_seen_at),
            )
        )
    elif held.file:
        lines.append(
            words.say(
                "why.against.file",
                file=safe.plain(held.file),
                sha256=held.sha256[:16],
                at=words.minute(held.loaded_at),
            )
        )
    lines.append(_judged(held, words))
    yield from _indented(lines)


def _reason(verdict: Verdict, words: Words) -> str:
    """Why the verdict is what it is. It is kept in English; one that has no translation is told by its label."""
    if words.lang == "en":
        return safe.plain(verdict.reason, _QUOTE)
    said = in_french(verdict.reason, words)
    return _in_words(verdict, words) if said is None else safe.plain(said, _QUOTE)


def _in_words(verdict: Verdict, words: Words) -> str:
    group = "declared" if verdict.source not in (Source.SCHEMA, Source.PLATFORM) else verdict.source.value
    kind = _KIND.search(verdict.reason)
    if kind is None:
        return words.phrase(f"why.{group}.{verdict.label.value}")
    name = words.say(f"why.kind.{kind[1]}", name=kind[2])
    label = "narrowed" if verdict.label is Label.INCORRECT else verdict.label.value
    return words.say(f"why.{group}.{label}", kind=name)


def _rested(one: Rested, words: Words) -> Iterator[str]:
    entity = words.phrase("why.entity.we") if one.entity == "we" else safe.plain(one.entity)
    shown = {
        "id": safe.plain(one.id, 120),
        "categories": ", ".join(_named(key, words) for key in one.categories[:8])
        + (", …" if len(one.categories) > 8 else ""),
    }
    if one.says:
        yield words.say(f"why.says.{one.says}", None, entity=entity, **shown)
    else:
        if shown["categories"]:
            shown["categories"] = f"({shown['categories']})"
        yield words.say("why.says.other", None, name=safe.plain(one.name), **shown).rstrip()
    if one.quote:
        quote = words.say("why.quote", quote=safe.plain(one.quote, _QUOTE))
        origin = ", ".join(safe.plain(part, 120) for part in (one.url, words.date(one.at), one.by) if part)
        yield f"  {quote}{f' ({origin})' if origin else ''}"


def _named(key: str, words: Words) -> str:
    name = words.category(key)
    return key if name == key else f"{name} ({key})"


def _judged(held: Held, words: Words) -> str:
    known = {"version": safe.plain(held.version) or "?", "at": words.minute(held.judged_at)}
    if held.judgement is None:
        return words.say("why.judged.inspector", None, **known)
    why = safe.plain(held.why, 200)
    key = "why.judged.again" if why else "why.judged.again.bare"
    return words.say(key, None, why=why, number=str(held.judgement), **known)


def _replaced(held: Held, words: Words) -> str:
    return words.say(
        "why.replaced.row",
        source=words.phrase(f"why.source.{held.verdict.source.value}"),
        label=words.phrase(f"label.{held.verdict.label.value}"),
        since=words.minute(held.judged_at),
        until=words.minute(held.replaced_at),
    )


def _onward(one: PassedOn, verdicts: Sequence[tuple[Verdict, Sequence[Rested]]], words: Words) -> Iterator[str]:
    for sending in one.sendings:
        yield words.say(
            f"why.onward.{sending.outcome}",
            host=safe.plain(one.host),
            at=words.minute(sending.first_at),
            times=str(sending.times),
        )
    for verdict, rested in verdicts:
        source = words.phrase(f"why.source.{verdict.source.value}")
        label = words.phrase(f"label.{verdict.label.value}")
        yield f"  {source}{words.phrase('colon')}{label}"
        yield f"    {_reason(verdict, words)}"
        for each in rested:
            yield from (f"    {line}" for line in _rested(each, words))


def _rule(rule: Rule, hit: Hit, words: Words) -> Iterator[str]:
    yield words.say("why.rule", id=rule.id, version=rule.version, title=rule.title.of(words.lang))
    yield "  " + safe.plain(said(rule, hit, words.lang), _QUOTE)
    yield "  " + words.say(
        "why.rule.source",
        source=cited(rule, words.lang),
        read=words.date(rule.read),
        wording=safe.plain(quoted(rule.wording, words.lang), _QUOTE),
    )
    yield "  " + words.say("why.rule.remedy", remedy=safe.plain(mended(rule, hit, words.lang), _QUOTE))
