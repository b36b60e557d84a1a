"""Secrets in URLs that an answer holds. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history
from douane.audit.rules.openai_secret_returned import IN_A_URL
from douane.audit.rules.reading import data, hit_of, secret
from douane.audit.rules.sources import READ, REVIEW, WRITTEN


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """Secrets in the query, the fragment or the user part of a URL that came back."""
    for at, one in data(exchange, Direction.TO_CHATGPT):
        if secret(one.category, one.flags) and IN_A_URL.search(one.reached):
            yield hit_of(exchange, at, one)


RULE = Rule(
    id="openai/token-in-url",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Secret in a returned URL", "Secret dans une URL renvoyée"),
    severity=Severity.ERROR,
    source=REVIEW,
    read=READ,
    wording="remove any unnecessary PII, telemetry/internal identifiers ... and any auth secrets (tokens, keys, or "
    "passwords)",
    says=Text(
        "{tool} returned a URL with “{category}” in it at {pointer}: whoever has the link has the access.",
        "{tool} a renvoyé une URL contenant « {category} » à {pointer} : qui détient le lien détient l’accès.",
    ),
    remedy=Text(
        "Return a link that asks the person to sign in, or one that expires within minutes and opens one thing.",
        "Renvoyez un lien qui demande à la personne de s’authentifier, ou un lien éphémère vers un seul objet.",
    ),
    forbids=True,
    check=check,
)

MATCHES = (
    Case("in the query", history(answer("file", datum("system.secret.token", f"{OUT}/link", reached="query:/token")))),
    Case("before the host", history(
        answer("file", datum("system.secret.password", f"{OUT}/link", reached="json:/a > url:/password")))),
)  # fmt: skip
MISSES = (
    Case("outside of a URL", history(answer("login", datum("system.secret.token", f"{OUT}/token")))),
    Case("sent to the app", history(
        call("get", datum("system.secret.token", f"{ARGS}/url", reached="query:/token")))),
    Case("an e-mail address in a link", history(
        answer("file", datum("user.contact.email", f"{OUT}/link", reached="query:/to")))),
)  # fmt: skip
