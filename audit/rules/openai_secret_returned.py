"""Secrets in answers. Pure module: no I/O."""

import re
from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction, Kind
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history
from douane.audit.rules.reading import data, hit_of, secret
from douane.audit.rules.sources import READ, SECURITY, WRITTEN

IN_A_URL = re.compile(r"(?:^|> )(?:query|fragment|url):/")


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """Secrets in the result of a call, outside of URLs, which have a rule of their own."""
    if exchange.kind is not Kind.RESULT:
        return
    for at, one in data(exchange, Direction.TO_CHATGPT):
        if secret(one.category, one.flags) and not IN_A_URL.search(one.reached):
            yield hit_of(exchange, at, one)


RULE = Rule(
    id="openai/secret-returned",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Secret in an answer", "Secret dans une réponse"),
    severity=Severity.ERROR,
    source=SECURITY,
    read=READ,
    wording="include only the data required for the current prompt. Avoid embedding secrets or tokens in component "
    "props.",
    says=Text(
        "{tool} returned “{category}” at {pointer}: the conversation and the widget keep it.",
        "{tool} a renvoyé la donnée « {category} » à {pointer} : la conversation et le widget la conservent.",
    ),
    remedy=Text(
        "Keep the secret on the server and let the tool be called again; renew the one that was returned.",
        "Gardez le secret sur le serveur et faites rappeler l’outil ; renouvelez celui qui a été renvoyé.",
    ),
    forbids=True,
    check=check,
)

MATCHES = (
    Case("a token in structured content", history(answer("login", datum("system.secret.token", f"{OUT}/token")))),
    Case("a key in text", history(answer("setup", datum("system.secret.api_key", "/result/content/0/text")))),
    Case("hidden from the model, but in the widget", history(
        answer("setup", datum("system.secret.token", "/result/_meta/session/token")))),
)  # fmt: skip
MISSES = (
    Case("in a URL it is the business of another rule", history(
        answer("file", datum("system.secret.token", f"{OUT}/link", reached="query:/token")))),
    Case("received, not returned", history(call("login", datum("system.secret.password", f"{ARGS}/password")))),
    Case("the mark of the next page", history(answer("list", datum("system.operations", f"{OUT}/next_page_token")))),
)  # fmt: skip
