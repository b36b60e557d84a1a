"""Secrets in the URL that a person is sent to. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, saw
from douane.audit.rules.reading import secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """URLs of elicitations in which a secret was found: whoever opens one may act as somebody else."""
    for seen in history.seen(Seen.URL_ASKS):
        if secret(seen.detail, taxonomy.flags(seen.detail)):
            who = seen.tool or "elicitation"
            facts = (("tool", who), ("host", seen.name or "-"), ("category", seen.detail))
            place = f"{who} url {seen.name} {seen.detail}"
            yield Hit(seen.tool or "", place, seen.detail, Direction.TO_CHATGPT, facts=facts, count=seen.count)


RULE = Rule(
    id="mcp/url-preauthenticated",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Secret in a URL to open", "Secret dans une URL à ouvrir"),
    severity=Severity.ERROR,
    source=f"{SPEC}, elicitation",
    url=f"{SPEC_URL}/client/elicitation",
    read=READ,
    wording="MUST NOT provide a URL which is pre-authenticated",
    says=Text(
        "{tool} sends the person to a URL of {host} that holds “{category}”.",
        "{tool} envoie la personne vers une URL de {host} qui contient « {category} ».",
    ),
    remedy=Text(
        "Let the page ask the person to sign in, and check that it is the person who was asked.",
        "Faites authentifier la personne sur la page, et vérifiez qu’elle est bien celle qui a été interrogée.",
    ),
    forbids=True,
    check_app=check_app,
)

MATCHES = (Case("a token", history(seen=[saw(Seen.URL_ASKS, "pay.example.org", "system.secret.token", "pay")])),)
MISSES = (
    Case("a URL without data", history(seen=[saw(Seen.URL_ASKS, "pay.example.org", tool="pay")])),
    Case("an address is the business of another rule", history(
        seen=[saw(Seen.URL_ASKS, "pay.example.org", "user.contact.email")])),
    Case("a URL in an answer has a rule of its own", history(seen=[saw(Seen.RETURNED_URL, "pay.example.org")])),
)  # fmt: skip
