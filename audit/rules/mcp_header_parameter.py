"""Sensitive parameters that are mirrored into HTTP headers. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.exchange import Exchange
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, history, saw, tool
from douane.audit.rules.reading import asked, data, hit_of, hit_on, personal, secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN

_HEADER = "/@http/header/mcp-param-"


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """Data about a person, and secrets, that crossed in an `Mcp-Param-*` header too."""
    for at, one in data(exchange, Direction.TO_APP):
        if _sensitive(one.category, one.flags) and any(where.startswith(_HEADER) for where in (one.pointer, *one.also)):
            yield hit_of(exchange, at, one)


def check_app(history: History) -> Iterator[Hit]:
    """Properties marked `x-mcp-header` whose name or description announces such data."""
    for seen in history.seen(Seen.HEADER_PARAMETER):
        one_tool = history.tools.get(seen.tool or "")
        for one in asked(one_tool) if one_tool is not None else ():
            found = sorted(key for key in one.categories if _sensitive(key, taxonomy.flags(key)))
            if one_tool is not None and one.name == seen.name and found:
                yield hit_on(one_tool, one, found[0])


def _sensitive(category: str, flags: tuple[str, ...]) -> bool:
    return personal(category) or secret(category, flags)


RULE = Rule(
    id="mcp/header-parameter",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Sensitive parameter in a header", "Paramètre sensible dans un en-tête"),
    severity=Severity.WARNING,
    source=f"{SPEC}, tools",
    url=f"{SPEC_URL}/server/tools",
    read=READ,
    wording="Server developers SHOULD NOT mark sensitive parameters (passwords, API keys, tokens, PII) with "
    "`x-mcp-header`, as header values are visible to network intermediaries.",
    says=Text(
        "{tool} has “{category}” at {pointer} repeated in an HTTP header.",
        "{tool} fait répéter « {category} » ({pointer}) dans un en-tête HTTP.",
    ),
    remedy=Text(
        "Take `x-mcp-header` off this property.",
        "Retirez `x-mcp-header` de cette propriété.",
    ),
    check=check,
    check_app=check_app,
)

_MARKED = {"type": "object", "properties": {"email": {"type": "string", "x-mcp-header": "Email"}}}
MATCHES = (
    Case("an e-mail address crossed in a header", history(
        call("find", datum("user.contact.email", f"{ARGS}/email", also=("/@http/header/mcp-param-email",))))),
    Case("the schema marks it", history(
        tools=[tool("find", schema=_MARKED)], seen=[saw(Seen.HEADER_PARAMETER, "email", "Mcp-Param-Email", "find")])),
)  # fmt: skip
MISSES = (
    Case("a region", history(
        tools=[tool("find", "shard")], seen=[saw(Seen.HEADER_PARAMETER, "shard", "Mcp-Param-Shard", "find")])),
    Case("ChatGPT’s own header", history(
        call("find", datum("user.unique_id.pseudonymous", "/params/_meta/openai~1subject",
                           also=("/@http/header/x-openai-subject",))))),
    Case("the address is in the body only", history(call("find", datum("user.contact.email", f"{ARGS}/email")))),
)  # fmt: skip
