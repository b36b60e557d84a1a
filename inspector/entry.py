"""A judged message as the ledger may keep it: pointers made safe, values replaced by pseudonyms."""

from collections.abc import Collection
from dataclasses import replace

from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.hosts import host_of
from douane.audit.keys import safe_key, safe_pointer, safe_reached, safe_tool
from douane.audit.message import Gap, Message
from douane.audit.places import METHODS
from douane.inspector.pipeline import Inspected, Judged, summed
from douane.ledger.pseudonyms import Pseudonymiser, length_bucket, preview
from douane.wire.crossing import Crossed

SENSITIVE = frozenset({"art9", "art10", "minor"})
"""Flags of special categories, of criminal data and of minors (GDPR Art. 9, 10, 8)."""


def entry(
    crossed: Crossed,
    message: Message,
    inspected: Inspected,
    *,
    pseudonymiser: Pseudonymiser,
    salt: bytes,
    declared: frozenset[str],
    tools: Collection[str],
    rpc: str,
    guarded: bool = False,
) -> Exchange:
    """Make the ledger's entry of a message; nothing of the result holds a clear value.

    `declared` are the property names of the tool's schemas and `tools` the names of the app's tools: only they and
    words that names are made of may appear. The outcome is still unknown when a message is judged. `guarded` keeps
    nothing by which a message with sensitive data can be told to be a person's: no session, pseudonym or preview.
    """
    made = Exchange(
        record_id=crossed.record_uid,
        part=crossed.part,
        at=crossed.at,
        app=message.app,
        direction=message.direction,
        kind=message.kind,
        method=message.method if message.method is None or message.method in METHODS else safe_key(message.method),
        tool=None if message.tool is None or crossed.route == "egress" else safe_tool(message.tool, tools),
        outcome=Outcome.UNKNOWN,
        size=crossed.size,
        fields=inspected.fields,
        protocol=crossed.protocol,
        transport=crossed.transport,
        session=crossed.session,
        flow=crossed.flow,
        rpc=rpc,
        answers=crossed.answers,
        http_status=crossed.http_status,
        duration_ms=crossed.duration_ms,
        own_traffic=crossed.own,
        redelivery=crossed.redelivery_of is not None,
        route=crossed.route,
        host=host_of(crossed.host) if crossed.route in ("forward", "egress") else "",
        disclosures=tuple(
            disclosure(judged, message.app, pseudonymiser=pseudonymiser, salt=salt, declared=declared)
            for judged in inspected.judged
            if crossed.redelivery_of is None
        ),
        gaps=summed([safe_gap(gap, declared) for gap in (*crossed.gaps, *inspected.gaps)]),
    )
    sensitive = guarded and any(not SENSITIVE.isdisjoint(judged.flags) for judged in inspected.judged)
    return of_nobody(made) if sensitive else made


def of_nobody(made: Exchange) -> Exchange:
    """The entry without what leads to a person: the others' data in the message lead there as well as the sensitive."""
    kept = tuple(replace(one, pseudonym=None, preview=None) for one in made.disclosures)
    return replace(made, session="", disclosures=kept)


def disclosure(
    judged: Judged, app: str, *, pseudonymiser: Pseudonymiser, salt: bytes, declared: frozenset[str]
) -> Disclosure:
    """One finding without its value."""
    finding = judged.finding
    text = finding.of.text[finding.start : finding.end]
    return Disclosure(
        pointer=safe_pointer(finding.of.pointer, declared, keys=finding.of.keys),
        reached=safe_reached(finding.of.reached, declared),
        category=finding.category,
        flags=judged.flags,
        detector=finding.detector,
        score=finding.score,
        evidence=finding.evidence,
        verdicts=judged.verdicts,
        headline=judged.headline,
        length=length_bucket(len(text)),
        pseudonym=pseudonymiser.of(app, finding.category, finding.normalised or text, salt=salt, flags=judged.flags),
        preview=preview(finding.category, judged.flags, text),
        also=tuple(safe_pointer(pointer, declared) for pointer in judged.also),
    )


def safe_gap(gap: Gap, declared: frozenset[str]) -> Gap:
    """A gap whose place, where it is a pointer, hides data-bearing keys."""
    if not gap.place.startswith("/"):
        return gap
    return Gap(gap.code, safe_pointer(gap.place, declared), gap.detail, gap.size, gap.count)
