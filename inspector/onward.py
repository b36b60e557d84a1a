"""What an app sends on by itself, opened and linked to what ChatGPT gave it.

A datum is linked by its pseudonym, which is made with the app's own key: equal pseudonyms are equal values, no value
is kept. What has no stable pseudonym (a low-entropy value) is seen and not linked.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from douane.audit.fields import Limits
from douane.audit.finding import Finding
from douane.audit.history import Observation, Seen
from douane.audit.hosts import host_of
from douane.audit.message import Gap
from douane.inspector.pipeline import Detect, Judged, inspect
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.record import Record
from douane.ledger.store import Ledger
from douane.wire.outgoing import outgoing


@dataclass(frozen=True, slots=True)
class SentOn:
    """What one outgoing request held: its findings, and what of it was not opened."""

    judged: tuple[Judged, ...] = ()
    gaps: tuple[Gap, ...] = ()


def sent_on(record: Record, detect: Detect, *, limits: Limits, limit: int) -> SentOn:
    """Open the request of an egress passage as a message of its app's."""
    message, gaps = outgoing(record.app, record.body, record.meta, limit=limit)
    if record.meta.get("truncated") is True:
        gaps = (*gaps, Gap("too-large", detail="an app's own request"))
    if message is None:
        return SentOn((), gaps)
    inspected = inspect(message, detect, limits=limits)
    return SentOn(inspected.judged, (*gaps, *inspected.gaps))


def pass_by(ledger: Ledger, record: Record) -> bool:
    """Write that something which is no MCP passed; true when it is new and an app's own, so that it is to be opened."""
    meta = record.meta
    status = meta.get("status")
    new = ledger.add_passage(
        record.uid,
        record.app,
        at=record.at,
        host=str(meta.get("host", "")),
        path_class=str(meta.get("path_class", "")),
        status=status if isinstance(status, int) else None,
        bytes_up=int(meta.get("bytes_up", 0)),
        bytes_down=int(meta.get("bytes_down", 0)),
    )
    return new and meta.get("route") == "egress"


def note_onward(
    ledger: Ledger,
    record: Record,
    findings: Iterable[Finding],
    gaps: Iterable[Gap],
    pseudonymiser: Pseudonymiser,
) -> None:
    """Count that the app called a host, what was found in what it sent, and which of it ChatGPT had given it.

    One observation for the call, one for each category, and one for each earlier disclosure (`category #id`).
    """
    for gap in gaps:
        ledger.add_gap(record.uid, 0, record.app, gap, record.at)
    host = host_of(str(record.meta.get("host", "")))
    if not host:
        return
    seen = [Observation(Seen.EGRESS, host)]
    for finding in findings:
        seen.append(Observation(Seen.EGRESS, host, finding.category))
        text = finding.normalised or finding.of.text[finding.start : finding.end]
        made = pseudonymiser.of(record.app, finding.category, text)
        given = ledger.given(record.app, made.digest, before=record.at) if made is not None else None
        if given is not None:
            number, tool = given
            seen.append(Observation(Seen.EGRESS, host, f"{finding.category} #{number}", tool))
    ledger.note(record.app, at=record.at, observations=dict.fromkeys(seen))
