"""Tokens in the query of the app's own address. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History, Seen
from douane.audit.jsontext import escape
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Evidence, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, history, saw
from douane.audit.rules.reading import data, hit_of, secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN

_QUERY = "/@http/query"


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """Secrets in the query string of a request."""
    for at, one in data(exchange, Direction.TO_APP):
        if one.pointer.startswith(_QUERY) and secret(one.category, one.flags):
            yield hit_of(exchange, at, one)


def check_app(history: History) -> Iterator[Hit]:
    """Parameters of the query that are named like a credential: their values are never recorded, their names are."""
    for one in history.seen(Seen.QUERY_CREDENTIAL):
        pointer = f"{_QUERY}/{escape(one.name)}"
        yield Hit(
            place=f"{pointer} {one.detail}",
            category=one.detail,
            direction=Direction.TO_APP,
            facts=(("pointer", pointer), ("category", one.detail)),
            count=one.count,
            evidence=Evidence(first_at=one.first_at, last_at=one.last_at),
        )


RULE = Rule(
    id="mcp/query-token",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Token in the query string", "Jeton dans la chaîne de requête"),
    severity=Severity.ERROR,
    source=f"{SPEC}, authorization",
    url=f"{SPEC_URL}/basic/authorization",
    read=READ,
    wording="Access tokens MUST NOT be included in the URI query string",
    says=Text(
        "The app’s address holds “{category}” in its query: {pointer}.",
        "L’adresse de l’application contient « {category} » dans sa requête : {pointer}.",
    ),
    remedy=Text(
        "Take the token out of the address and let ChatGPT send it in the Authorization header (OAuth).",
        "Retirez le jeton de l’adresse et laissez ChatGPT l’envoyer dans l’en-tête Authorization (OAuth).",
    ),
    forbids=True,
    check=check,
    check_app=check_app,
)

MATCHES = (
    Case("an access token", history(call("find", datum("system.secret.token", "/@http/query/access_token")))),
    Case(
        "the value was never recorded, as it is one by its name",
        history(seen=[saw(Seen.QUERY_CREDENTIAL, "access_token", "system.secret.token")]),
    ),
    Case("an API key", history(call("find", datum("system.secret.api_key", "/@http/query/key")))),
)
MISSES = (
    Case("a language", history(call("find", datum("user.demographic.language", "/@http/query/lang")))),
    Case("a token in an argument has a rule of its own", history(
        call("find", datum("system.secret.token", f"{ARGS}/token")))),
    Case("a token in a header", history(call("find", datum("system.secret.token", "/@http/header/x-api-key")))),
)  # fmt: skip
