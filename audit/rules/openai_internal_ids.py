"""Internal identifiers, diagnostics and telemetry in answers. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, tool, used
from douane.audit.rules.reading import name_words, returned, tools
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN
from douane.audit.schema import segments

_NAMES = frozenset(
    tuple(name.split())
    for name in (
        "session id", "session", "session key", "session uuid", "trace id", "trace", "traceparent", "tracestate",
        "span id", "parent span id", "request id", "req id", "x request id", "correlation id", "correlation",
        "internal id", "internal user id", "internal account id", "debug", "debug info", "debug data", "diagnostic",
        "diagnostics", "telemetry", "telemetry id", "log", "logs", "logging", "log id", "server timestamp",
        "server time", "generated at", "processed at", "request timestamp", "response timestamp", "timestamp",
        "elapsed ms", "latency ms", "duration ms", "processing time ms", "hostname", "server host", "pod name",
        "stack trace", "stacktrace",
    )
)  # fmt: skip


def check_app(history: History) -> Iterator[Hit]:
    """Places in answers, seen or listed by the output schema, whose name is one of these; once each."""
    found: dict[tuple[str, str], None] = {}
    for use in history.uses:
        if use.direction is Direction.TO_CHATGPT:
            path = segments(use.pointer)
            for at, name in enumerate(path):
                if name_words(name) in _NAMES:
                    found[use.tool, "/" + "/".join(path[: at + 1])] = None
                    break
    for one_tool in tools(history):
        for one in returned(one_tool):
            if name_words(one.name) in _NAMES and not _below(one.pointer, one_tool.name, found):
                found[one_tool.name, one.pointer] = None
    for whose, pointer in sorted(found):
        yield Hit(
            whose,
            f"{whose} structuredContent{pointer}",
            direction=Direction.TO_CHATGPT,
            facts=(("tool", whose), ("pointer", pointer)),
        )


def _below(pointer: str, tool_name: str, found: dict[tuple[str, str], None]) -> bool:
    return any(whose == tool_name and pointer.startswith(above + "/") for whose, above in found)


RULE = Rule(
    id="openai/internal-ids",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text(
        "Internal identifiers or telemetry in an answer", "Identifiants internes ou télémétrie dans une réponse"
    ),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Do not include diagnostic, telemetry, or internal identifiers - such as session IDs, trace IDs, request "
    "IDs, timestamps, or logging metadata - unless they are strictly required",
    says=Text(
        "{tool} answers with what looks like an internal identifier, diagnostics or telemetry: {pointer}.",
        "{tool} renvoie ce qui ressemble à un identifiant interne, un diagnostic ou une télémétrie : {pointer}.",
    ),
    remedy=Text(
        "Leave it out of the answer unless the person’s request cannot be met without it.",
        "Retirez-le de la réponse, sauf si la demande de la personne ne peut être satisfaite sans lui.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("answers held a trace id", history(uses=[used("find", "/meta/trace_id")])),
    Case("answers held a block of diagnostics", history(uses=[used("find", "/debug/a"), used("find", "/debug/b")])),
    Case("the output schema lists a request id", history(tools=[tool("find", returns=["requestId"])])),
)
MISSES = (
    Case("the number of a booking is what was asked for", history(uses=[used("find", "/booking_id")])),
    Case("when a message was written", history(uses=[used("find", "/messages/*/created_at")])),
    Case("what a call holds is no answer", history(uses=[used("find", "/trace_id", Direction.TO_APP)])),
    Case("a training session", history(uses=[used("plan", "/sessions/*/title")])),
)
