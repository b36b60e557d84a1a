"""One message in full: what crossed, how each datum was judged by which words, and where the chain vouches for it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, Final

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.text import Text

from douane.audit.message import Direction
from douane.ledger.crossed import Crossed, Datum
from douane.ledger.witnessed import Witnessed
from douane.reports import people, safe
from douane.reports.i18n import lang_of
from douane.reports.kinds.said import Said
from douane.reports.marks import MARKS, STYLES
from douane.reports.model import GapSum
from douane.reports.paragraph import Paragraph
from douane.reports.people import Under
from douane.reports.phrases import Phrases
from douane.reports.why import verdict_document, verdict_lines

SCHEMA: Final = "douane.exchange/1"
_SENSITIVE: Final = frozenset({"art9", "art10", "minor"})


def show(one: Crossed, under: Under, *, lang: str = "en", console: Console | None = None) -> None:
    """Print it; `NO_COLOR` and an output that is no terminal are respected. Raises `LangError`."""
    (console or Console(highlight=False)).print(Group(*_parts(one, under, Said(lang_of(lang), "shown"))))


def dumped(one: Crossed, under: Under) -> str:
    """The same as a JSON document: keys in English, words as the ledger has them."""
    return safe.json_text(json.dumps(document(one, under), indent=1)) + "\n"


def document(one: Crossed, under: Under) -> dict[str, Any]:
    """The same for programs; `previews` only where the profile keeps them."""
    plain = {
        name: getattr(one, name)
        for name in (
            *("id", "at", "app", "kind", "method", "tool", "protocol", "transport", "flow", "answers", "size"),
            *("fields", "duration_ms", "http_status", "outcome", "taxonomy", "inspected_at", "route", "host"),
            *("record_id", "part"),
        )
    }
    return {
        "schema": SCHEMA,
        "exchange": plain
        | {
            "direction": one.direction.value,
            "own_message": one.own,
            "redelivery": one.redelivery,
            "answered": list(one.answered),
            "tool_version": one.tool_version,
            "detail_gone": one.gone,
        },
        "session": asdict(one.session) if one.session is not None else None,
        "disclosures": [_datum_document(datum, previews=_previews(one, under)) for datum in one.data],
        "gaps": [asdict(gap) for gap in one.gaps],
        "chain": _chain_document(one.chain),
        "under": people.document(under),
    }


def _datum_document(datum: Datum, *, previews: bool) -> dict[str, Any]:
    found = datum.traced
    return {
        "id": found.id,
        "category": found.category,
        "flags": list(found.flags),
        "pointer": found.pointer,
        "reached": found.reached,
        "also": list(datum.also),
        "detector": found.detector,
        "confidence": found.confidence,
        "evidence": found.evidence,
        "headline": found.headline.value,
        "length": datum.length,
        "preview": datum.preview if previews else None,
        "epoch": datum.epoch or None,
        "detail_gone": datum.gone,
        "verdicts": [verdict_document(found, held) for held in found.verdicts],
    }


def _chain_document(chain: Witnessed | None) -> dict[str, Any] | None:
    if chain is None:
        return None
    return {
        "ledger": chain.ledger,
        "seq": chain.seq or None,
        "holds": chain.holds,
        "segment": chain.segment or None,
        "first_seq": chain.first_seq,
        "last_seq": chain.last_seq,
        "closed_at": chain.closed_at or None,
        "heads_hold": chain.heads,
        "signature_holds": chain.signed,
        "detail_taken_away_by": chain.told or None,
        "events": [asdict(event) for event in chain.events],
    }


def _previews(one: Crossed, under: Under) -> bool:
    """Whether previews may be shown: under `audit` not beside sensitive data, even if an older profile kept them."""
    flags = {flag for datum in one.data for flag in datum.traced.flags}
    return under.profile != "audit" or _SENSITIVE.isdisjoint(flags)


def _parts(one: Crossed, under: Under, said: Said) -> Iterator[RenderableType]:
    yield Paragraph(Text(_title(one, said), style="bold"))
    yield from (Paragraph(Text(line, style="dim")) for line in people.lines(under, said))
    yield from (Text(), _rule(said.phrase("message")))
    for label, value in _facts(one, said):
        yield Paragraph(Text.assemble((label, "dim"), said.phrase("colon"), value), 0, 4)
    for key in ("own", "redelivery"):
        if getattr(one, key):
            yield Paragraph(Text(said.phrase(key), style="yellow"))
    yield from (Text(), _rule(said.phrase("data"), said.say("data.count", len(one.data)) if one.data else ""))
    if not one.data:
        yield Paragraph(Text(said.phrase("data.none")))
    for place, datum in enumerate(one.data):
        if place:
            yield Text()
        yield from _datum(datum, said, previews=_previews(one, under))
    yield from (Text(), _rule(said.phrase("gaps")))
    yield from _gaps(one, said)
    yield from (Text(), _rule(said.phrase("chain")))
    yield from _chain(one.chain, said)


def _title(one: Crossed, said: Said) -> str:
    key = one.direction.value
    if one.route == "egress":
        key = "out" if one.direction is Direction.TO_APP else "back"
    return said.say(f"title.{key}", id=str(one.id), app=safe.plain(one.app, 40), host=safe.plain(one.host, 60))


def _facts(one: Crossed, said: Said) -> Iterator[tuple[str, str]]:
    at, inspected = (f"{said.day(text)} {text[11:19]}" for text in (one.at, one.inspected_at))
    yield said.phrase("at"), said.say("at.line", at=at, inspected=inspected)
    names = (said.phrase(f"kind.{one.kind}"), safe.plain(one.method, 60), safe.plain(one.tool, 60))
    yield said.phrase("what"), " · ".join(name for name in names if name)
    yield said.phrase("route"), Phrases(said).route(one.route)
    outcome = said.phrase(f"outcome.{one.outcome}")
    if one.http_status is not None:
        outcome = said.say("outcome.status", outcome=outcome, status=str(one.http_status))
    yield said.phrase("outcome"), outcome
    yield said.phrase("size"), said.say("size.line", one.fields, size=said.size(one.size))
    if one.duration_ms is not None:
        yield said.phrase("duration"), said.milliseconds(one.duration_ms)
    protocol = safe.plain(one.protocol, 20) or said.phrase("protocol.unnamed")
    yield said.phrase("protocol"), said.say("protocol.line", protocol=protocol, transport=safe.plain(one.transport, 20))
    if one.tool_version is not None:
        source = said.phrase(f"why.seen.{one.tool_source}")
        version, since = str(one.tool_version), said.minute(one.tool_seen_at)
        yield said.phrase("tool"), said.say("tool.line", version=version, source=source, at=since)
    elif one.tool:
        yield said.phrase("tool"), said.phrase("tool.none")
    if one.answers is not None:
        yield said.phrase("answers"), said.say("links.message", id=str(one.answers))
    if one.answered:
        told_ids = (said.say("links.message", id=str(number)) for number in one.answered)
        yield said.phrase("answered"), said.listed(told_ids)
    yield said.phrase("session"), _session(one, said)


def _session(one: Crossed, said: Said) -> str:
    session = one.session
    if session is None:
        return said.phrase("session.gone" if one.gone else "session.none")
    first, last = said.minute(session.first), said.minute(session.last)
    parts = [said.say("session.line", place=session.place, messages=session.messages, first=first, last=last)]
    for key, number in (("before", session.before), ("after", session.after)):
        if number is not None:
            parts.append(said.say(f"session.{key}", id=str(number)))
    return " · ".join(parts)


def _datum(datum: Datum, said: Said, *, previews: bool) -> Iterator[RenderableType]:
    found = datum.traced
    style = STYLES[found.headline]
    marks = said.marks(found.flags, found.category)
    line = Text.assemble(
        (f"{MARKS[found.headline]} ", style),
        (said.category(found.category), "bold"),
        f" ({', '.join(marks)})" if marks else "",
        said.phrase("colon"),
        (said.phrase(f"label.{found.headline.value}"), style),
        (f"   {said.say('number', id=str(found.id))}", "dim"),
    )
    yield Paragraph(line, 0, 2)
    place = safe.plain(found.pointer, 200)
    if found.reached:
        place += f" ({safe.plain(found.reached, 200)})"
    yield Paragraph(Text(place), 2, 4)
    for more in _kept(datum, said, previews=previews):
        yield Paragraph(Text(more, style="dim"), 2, 4)
    for held in found.verdicts:
        if not held.replaced_at:
            for text in verdict_lines(found, held, said):
                depth = 2 + len(text) - len(text.lstrip(" "))
                yield Paragraph(Text(text.lstrip(" ")), depth, depth + 2)
    yield Paragraph(Text(said.say("datum.why", id=str(found.id)), style="dim"), 2, 4)


def _kept(datum: Datum, said: Said, *, previews: bool) -> Iterator[str]:
    found = datum.traced
    confidence = f"{found.confidence:.2f}"
    evidence = f"evidence.{found.evidence}"
    yield said.say(
        "datum.found",
        detector=safe.plain(found.detector, 40),
        evidence=said.phrase(evidence) if said.has(evidence) else safe.plain(found.evidence, 60),
        confidence=confidence.replace(".", ",") if said.lang == "fr" else confidence,
    )
    if datum.gone:
        yield said.phrase("datum.gone")
    else:
        kept = [said.say("datum.length", length=datum.length)] if datum.length else []
        if datum.preview and previews:
            kept.append(said.say("datum.preview", preview=safe.plain(datum.preview, 20)))
        kept.append(
            said.say("datum.pseudonym", epoch=str(datum.epoch)) if datum.epoch else said.phrase("datum.pseudonym.none")
        )
        yield " · ".join(kept)
    if datum.also:
        yield said.say("datum.also", places=", ".join(safe.plain(one, 80) for one in datum.also))


def _gaps(one: Crossed, said: Said) -> Iterator[RenderableType]:
    if not one.gaps:
        yield Paragraph(Text(said.phrase("gaps.none")))
    for gap in one.gaps:
        told = GapSum(gap.code, gap.count, gap.size or 0, "", "")
        parts = [f"{said.say('count.times', gap.count)}, {Phrases(said).gap(told)}"]
        if gap.place:
            parts.append(said.say("gaps.at", place=safe.plain(gap.place, 120)))
        if gap.detail:
            parts.append(safe.plain(gap.detail, 120))
        if gap.size:
            parts.append(said.size(gap.size))
        yield Paragraph(Text(" · ".join(parts), style="" if told.inspected else "red"), 0, 2)


def _chain(chain: Witnessed | None, said: Said) -> Iterator[RenderableType]:
    if chain is None:
        yield Paragraph(Text(said.phrase("chain.none"), style="yellow"))
        return
    bad = sum(not (one.seq and one.holds and one.detail is not False) for one in chain.events)
    verdict = (
        said.say("chain.broken", len(chain.events), bad=bad) if bad else said.say("chain.holds", len(chain.events))
    )
    yield Paragraph(Text(verdict, style="bold red" if bad else "green"))
    own = said.say("chain.seq", seq=chain.seq, ledger=chain.ledger) if chain.seq else said.phrase("chain.missing")
    lines = [own]
    if not chain.segment:
        lines.append(said.phrase("chain.unsealed"))
    elif chain.closed_at:
        signed = said.phrase("chain.signed" if chain.signed else "chain.unsigned")
        first, last, at = chain.first_seq, chain.last_seq, said.minute(chain.closed_at)
        closed = said.say("chain.closed", segment=chain.segment, first=first, last=last, at=at, signed=signed)
        lines.append(closed)
    else:
        lines.append(said.say("chain.open", segment=chain.segment, first=chain.first_seq))
    lines.append(said.phrase("chain.heads" if chain.heads else "chain.heads.not"))
    if chain.told:
        lines.append(said.phrase(f"chain.{chain.told}"))
    for line in lines:
        yield Paragraph(Text(f"· {line}", style="" if chain.holds else "red"), 0, 2)
    yield Paragraph(Text(said.phrase("chain.rest"), style="dim"))


def _rule(title: str, note: str = "") -> Rule:
    told = Text.assemble((title, "bold"), (f"   {note}" if note else "", "dim"))
    return Rule(told, align="left", style="dim", characters="─")
