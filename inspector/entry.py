"""A judged message as the ledger may keep it: pointers made safe, values replaced by pseudonyms."""

from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.keys import safe_pointer, safe_reached
from douane.audit.message import Gap, Message
from douane.inspector.pipeline import Inspected, Judged
from douane.ledger.pseudonyms import Pseudonymiser, length_bucket, preview
from douane.wire.assembler import Crossed


def entry(
    crossed: Crossed,
    message: Message,
    inspected: Inspected,
    *,
    pseudonymiser: Pseudonymiser,
    salt: bytes,
    declared: frozenset[str],
    outcome: Outcome,
    session: str,
    rpc: str,
) -> Exchange:
    """Make the ledger's entry of a message; nothing of the result holds a clear value."""
    return Exchange(
        record_id=crossed.record_uid,
        part=crossed.part,
        at=crossed.at,
        app=message.app,
        direction=message.direction,
        kind=message.kind,
        method=message.method if message.method is None else known_method(message.method),
        tool=message.tool if message.tool is None or message.tool in declared else None,
        outcome=outcome,
        size=crossed.size,
        fields=inspected.fields,
        protocol=crossed.protocol,
        transport=crossed.transport,
        session=session,
        flow=crossed.flow,
        rpc=rpc,
        answers=crossed.answers,
        http_status=crossed.http_status,
        duration_ms=crossed.duration_ms,
        own_traffic=crossed.own,
        disclosures=tuple(
            disclosure(judged, message.app, pseudonymiser=pseudonymiser, salt=salt, declared=declared)
            for judged in inspected.judged
        ),
        gaps=tuple(safe_gap(gap, declared) for gap in inspected.gaps),
    )
