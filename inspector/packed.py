"""Work and what it brought, as the bytes that pass between the inspector and the process beside it.

Only tuples of plain values are packed, by hand: pickling the objects takes four times as long. Both ends are ours.
"""

import marshal
from functools import lru_cache
from typing import Any, Final

from douane.audit.exchange import Label, Source, Verdict
from douane.audit.fields import Field, Limits
from douane.audit.finding import Finding
from douane.audit.history import Observation, Seen
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, HttpPart, Kind, Message
from douane.inspector.heavy import Work
from douane.inspector.pipeline import Inspected, Judged

_DIRECTIONS: Final = {one.value: one for one in Direction}
_KINDS: Final = {one.value: one for one in Kind}
_LABELS: Final = {one.value: one for one in Label}
_SOURCES: Final = {one.value: one for one in Source}
_SEEN: Final = {one.value: one for one in Seen}

MOST_BYTES: Final = 131_072
"""Of one packet: what is larger is not sent."""

type Plain = tuple[Any, ...]


def packed_work(work: Work) -> Plain:
    """A message and its limits as plain values, without its schema and its declaration.

    Of the payload only the place in the text is told: reading the text again is cheaper than sending what was read.
    """
    message, limits = work.message, work.limits
    return (
        (message.app, message.direction._value_, message.kind._value_, message.method, message.tool, message.rpc_id),
        message.text,
        (message.payload.start, message.payload.end),
        tuple([(part.place, part.name, part.value) for part in message.http]),
        (limits.depth, limits.fields, limits.chars),
        work.depth,
    )


def work_of(plain: Plain, schema: Any, declaration: Any) -> Work | None:
    """The work again; None where the text by itself does not read as the message that was read before."""
    (app, direction, kind, method, tool, rpc_id), text, (start, end), http, limits, depth = plain
    node = parse(text, max_depth=depth, start=1 if text.startswith("\ufeff") else 0)
    if not isinstance(node, Node) or node.kind != "object" or (node.start, node.end) != (start, end):
        return None
    parts = tuple([HttpPart(*part) for part in http])
    message = Message(app, _DIRECTIONS[direction], _KINDS[kind], method, tool, rpc_id, node, text, parts)
    return Work(message, schema, declaration, Limits(*limits), depth)


def packed_inspected(inspected: Inspected) -> Plain:
    """What a message held as plain values; of a finding's field only what the ledger's entry is made of."""
    return (
        tuple([_packed_judged(one) for one in inspected.judged]),
        inspected.undeclared,
        tuple([(gap.code, gap.place, gap.detail, gap.size, gap.count) for gap in inspected.gaps]),
        inspected.fields,
        tuple(
            [
                (one.kind._value_, one.name, one.detail, one.tool, one.count, one.first_at, one.last_at)
                for one in inspected.observations
            ]
        ),
        inspected.uses,
    )


def _packed_judged(judged: Judged) -> Plain:
    finding = judged.finding
    of = finding.of
    return (
        of.pointer,
        of.keys,
        of.reached,
        of.text[finding.start : finding.end],
        (finding.category, finding.score, finding.detector, finding.evidence, finding.minor, finding.normalised),
        judged.flags,
        tuple(
            [(one.source._value_, one.label._value_, one.reason, one.score, one.statements) for one in judged.verdicts]
        ),
        judged.headline._value_,
        judged.also,
    )


def inspected_of(plain: Plain) -> Inspected:
    """What the message held; the text of a finding's field is the datum alone."""
    judged, undeclared, gaps, fields, observations, uses = plain
    return Inspected(
        judged=tuple([_judged_of(one) for one in judged]),
        undeclared=undeclared,
        gaps=tuple([Gap(*gap) for gap in gaps]),
        fields=fields,
        observations=tuple([Observation(_SEEN[kind], *rest) for kind, *rest in observations]),
        uses=uses,
    )


def _judged_of(plain: Plain) -> Judged:
    pointer, keys, reached, text, (category, score, detector, evidence, minor, normalised), *rest = plain
    flags, verdicts, headline, also = rest
    of = Field(pointer, text, text, "", keys, "", 0, reached)
    return Judged(
        Finding(of, 0, len(text), category, score, detector, evidence, minor, normalised),
        flags,
        tuple([_verdict(one) for one in verdicts]),
        _LABELS[headline],
        also,
    )


@lru_cache(maxsize=4096)
def _verdict(plain: Plain) -> Verdict:
    """Few different ones are told again and again; our words and declared names, never a value."""
    source, label, reason, score, statements = plain
    return Verdict(_SOURCES[source], _LABELS[label], reason, score, statements)


def packet(thing: Plain) -> bytes:
    """The bytes of plain values."""
    return marshal.dumps(thing)


def opened(data: bytes | memoryview) -> Plain:
    """The plain values again."""
    plain: Plain = marshal.loads(data)  # noqa: S302 - our own process at the other end
    return plain
