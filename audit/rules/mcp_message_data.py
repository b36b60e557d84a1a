"""Personal data and secrets in errors and in progress messages. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction, Kind
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import OUT, answer, datum, failed, history, note
from douane.audit.rules.reading import data, hit_of, personal, secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """What an error or a `notifications/progress` held of a person, or that gives access."""
    if exchange.kind is Kind.ERROR or exchange.method == "notifications/progress":
        for at, one in data(exchange, Direction.TO_CHATGPT):
            if personal(one.category) or secret(one.category, one.flags):
                yield hit_of(exchange, at, one)


RULE = Rule(
    id="mcp/message-data",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text(
        "Personal data or a secret in an error or progress message",
        "Donnée personnelle ou secret dans un message d’erreur ou d’avancement",
    ),
    severity=Severity.WARNING,
    source=f"{SPEC}, tools",
    url=f"{SPEC_URL}/server/tools",
    read=READ,
    wording="Servers MUST: ... Sanitize tool outputs",
    says=Text(
        "An error or progress message of {tool} holds “{category}” at {pointer}.",
        "Un message d’erreur ou d’avancement de {tool} contient « {category} » à {pointer}.",
    ),
    remedy=Text(
        "Say what went wrong or how far it is without repeating the data.",
        "Dites ce qui a échoué ou où en est le traitement sans répéter les données.",
    ),
    check=check,
)

MATCHES = (
    Case("an error repeats the address", history(failed("find", datum("user.contact.email", "/error/message")))),
    Case("progress names a person", history(
        note("notifications/progress", datum("user.name", "/params/message")))),
)  # fmt: skip
MISSES = (
    Case("an answer", history(answer("find", datum("user.contact.email", f"{OUT}/email")))),
    Case("an error with the server’s figures", history(failed("find", datum("system.operations", "/error/data/code")))),
    Case("a log message has a rule of its own", history(
        note("notifications/message", datum("user.name", "/params/data")))),
)  # fmt: skip
