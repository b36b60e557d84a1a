"""One message through the post: open its fields, find what they hold, hold that against what was declared.

Pure composition: no I/O and no clock; `detect` is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from douane.audit import taxonomy
from douane.audit.context import Context, ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Verdict
from douane.audit.fields import Field, Limits, fields
from douane.audit.finding import Finding
from douane.audit.history import Observation
from douane.audit.hosts import host_of
from douane.audit.jsontext import Node, get
from douane.audit.message import Direction, Gap, Kind, Message
from douane.audit.mirrors import twins
from douane.audit.observe import observe, used
from douane.audit.onward import judge_onward
from douane.audit.readings import place_of, readings
from douane.audit.schema import undeclared
from douane.audit.verdicts import headline, judge
from douane.wire.jsonrpc import MAX_DEPTH, in_full

type Detect = Callable[[Sequence[Field], Context], tuple[list[Finding], list[Gap]]]


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Judged:
    """A finding with its verdicts. `also` names the HTTP parts that carried the same datum a second time."""

    finding: Final[Finding] = field(repr=False)
    flags: Final[tuple[str, ...]]
    verdicts: Final[tuple[Verdict, ...]]
    headline: Final[Label]
    also: Final[tuple[str, ...]] = ()


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Inspected:
    """What one message held: findings in the order of their fields, pointers outside the schema, and gaps.

    `observations` and `uses` are what `audit.observe` sees; their names and pointers are not yet made safe.
    """

    judged: Final[tuple[Judged, ...]]
    undeclared: Final[tuple[str, ...]]
    gaps: Final[tuple[Gap, ...]]
    fields: Final[int]
    observations: Final[tuple[Observation, ...]] = field(default=(), repr=False)
    uses: Final[tuple[str, ...]] = field(default=(), repr=False)


def inspect(
    message: Message,
    detect: Detect,
    *,
    schema: ToolSchema | None = None,
    declaration: Declaration | None = None,
    limits: Limits | None = None,
    depth: int = MAX_DEPTH,
    onward: str | None = None,
) -> Inspected:
    """Open, detect and judge one message; the answer depends on the arguments alone.

    A message that is `unread` is read first, nested `depth` deep at most. What an app sent out itself, to the host
    `onward`, is held against what was declared of its recipients; what it was answered from there, against nothing.
    """
    unlike: tuple[Gap, ...] = ()
    if message.unread:
        read = in_full(message.text, max_depth=depth)
        if isinstance(read, Gap):
            return Inspected((), (), (read,), 0)
        message, unlike = replace(message, payload=read.node, unread=False), read.gaps
    opened, gaps = fields(message, limits=limits or Limits())
    found, failed = detect(opened, context_of(message, schema))
    once, mirrored = count_once(opened, found)
    if onward is not None:
        return Inspected(
            _sent_out(message, once, mirrored, onward, declaration),
            (),
            summed([*unlike, *gaps, *failed]),
            len(opened),
        )
    judged = tuple(
        Judged(finding, flags, verdicts, headline(verdicts), mirrored.get(index, ()))
        for index, finding in enumerate(once)
        for flags in [taxonomy.flags(finding.category, minor=finding.minor)]
        for verdicts in [
            judge(
                finding.category,
                flags,
                finding.of,
                message.direction,
                schema,
                declaration,
                method=message.method,
                tool=message.tool,
            )
        ]
    )
    if message.method == "tools/call" and message.kind in (Kind.REQUEST, Kind.RESULT) and schema is None:
        gaps.append(Gap("no-schema", place="tool"))
    unlisted = tuple(undeclared(message, schema)) if schema else ()
    return Inspected(
        judged=judged,
        undeclared=unlisted,
        gaps=summed([*unlike, *gaps, *failed]),
        fields=len(opened),
        observations=observe(message, opened, once, unlisted),
        uses=used(message),
    )


def _sent_out(
    message: Message,
    once: Sequence[Finding],
    mirrored: Mapping[int, tuple[str, ...]],
    host: str,
    declaration: Declaration | None,
) -> tuple[Judged, ...]:
    leaves = message.direction is Direction.TO_APP
    known: dict[tuple[str, tuple[str, ...]], tuple[Verdict, ...]] = {}
    out: list[Judged] = []
    for index, finding in enumerate(once):
        also = readings(finding.category, place_of(finding.of.pointer, finding.of.reached))
        key = finding.category, also
        if key not in known:
            known[key] = judge_onward(finding.category, host_of(host), declaration, also) if leaves else ()
        flags = taxonomy.flags(finding.category, minor=finding.minor)
        out.append(Judged(finding, flags, known[key], headline(known[key]), mirrored.get(index, ())))
    return tuple(out)


def context_of(message: Message, schema: ToolSchema | None) -> Context:
    """What the detectors may know of the message besides its fields."""
    locale = get(message.payload, "params", "_meta", "openai/locale")
    return Context(
        app=message.app,
        direction=message.direction,
        kind=message.kind,
        method=message.method,
        tool=message.tool,
        schema=schema,
        locale=str(locale.value) if isinstance(locale, Node) and isinstance(locale.value, str) else "",
    )


def count_once(opened: Sequence[Field], found: Sequence[Finding]) -> tuple[list[Finding], dict[int, tuple[str, ...]]]:
    """Leave out what a header only repeats from the body; say beside the body's finding where else it stood."""
    mirror = twins(opened)
    if not mirror:
        return list(found), {}
    body_of = {id(opened[header]): opened[body] for header, body in mirror.items()}
    in_body = {(id(finding.of), finding.category) for finding in found}
    kept: list[Finding] = []
    also: dict[tuple[int, str], tuple[str, ...]] = {}
    for finding in found:
        body = body_of.get(id(finding.of))
        if body is not None and (id(body), finding.category) in in_body:
            key = (id(body), finding.category)
            also[key] = (*also.get(key, ()), finding.of.pointer)
        else:
            kept.append(finding)
    return kept, {
        index: also[key] for index, finding in enumerate(kept) if (key := (id(finding.of), finding.category)) in also
    }


def summed(gaps: Sequence[Gap]) -> tuple[Gap, ...]:
    """Equal gaps as one with their count."""
    together: dict[tuple[str, str, str], Gap] = {}
    for gap in gaps:
        key = (gap.code, gap.place, gap.detail)
        known = together.get(key)
        if known is None:
            together[key] = gap
        else:
            size = None if known.size is None and gap.size is None else (known.size or 0) + (gap.size or 0)
            together[key] = Gap(gap.code, gap.place, gap.detail, size, known.count + gap.count)
    return tuple(together.values())


def is_tool_list(message: Message) -> bool:
    """Whether the message tells which tools the app has."""
    return message.direction is Direction.TO_CHATGPT and message.kind is Kind.RESULT and message.method == "tools/list"
