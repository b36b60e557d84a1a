"""Personal data and secrets in log messages. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import OUT, answer, datum, history, note
from douane.audit.rules.reading import data, hit_of, personal, secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """What a `notifications/message` held of a person, or that gives access."""
    if exchange.method == "notifications/message":
        for at, one in data(exchange, Direction.TO_CHATGPT):
            if personal(one.category) or secret(one.category, one.flags):
                yield hit_of(exchange, at, one)


RULE = Rule(
    id="mcp/log-data",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Personal data or a secret in a log message", "Donnée personnelle ou secret dans un journal"),
    severity=Severity.ERROR,
    source=f"{SPEC}, logging",
    url=f"{SPEC_URL}/server/utilities/logging",
    read=READ,
    wording="Log messages MUST NOT contain: Credentials or secrets / Personal identifying information",
    says=Text(
        "A log message holds “{category}” at {pointer}.", "Un message de journal contient « {category} » à {pointer}."
    ),
    remedy=Text(
        "Take the value out of what the server logs; a number that means nothing elsewhere is enough to find the case.",
        "Retirez la valeur de ce que le serveur journalise ; un numéro sans signification "
        "ailleurs suffit à retrouver le cas.",
    ),
    forbids=True,
    check=check,
)

_LOG = "notifications/message"
MATCHES = (
    Case("an e-mail address", history(note(_LOG, datum("user.contact.email", "/params/data/user")))),
    Case("a password", history(note(_LOG, datum("system.secret.password", "/params/data")))),
)
MISSES = (
    Case("figures of the server", history(note(_LOG, datum("system.operations", "/params/data/ms")))),
    Case("progress is another message", history(
        note("notifications/progress", datum("user.contact.email", "/params/message")))),
    Case("an answer", history(answer("find", datum("user.contact.email", f"{OUT}/email")))),
)  # fmt: skip
