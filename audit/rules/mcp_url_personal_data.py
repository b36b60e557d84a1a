"""Personal data in the URL that a person is sent to. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, saw
from douane.audit.rules.reading import personal, secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """URLs of elicitations in which data about a person were found; secrets have a rule of their own."""
    for seen in history.seen(Seen.URL_ASKS):
        if personal(seen.detail) and not secret(seen.detail, taxonomy.flags(seen.detail)):
            who = seen.tool or "elicitation"
            facts = (("tool", who), ("host", seen.name or "-"), ("category", seen.detail))
            place = f"{who} url {seen.name} {seen.detail}"
            yield Hit(seen.tool or "", place, seen.detail, Direction.TO_CHATGPT, facts=facts, count=seen.count)


RULE = Rule(
    id="mcp/url-personal-data",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Personal data in a URL to open", "Donnée personnelle dans une URL à ouvrir"),
    severity=Severity.ERROR,
    source=f"{SPEC}, elicitation",
    url=f"{SPEC_URL}/client/elicitation",
    read=READ,
    wording="MUST NOT include sensitive information about the end-user, including credentials, personally identifiable "
    "information, etc., in the URL",
    says=Text(
        "{tool} sends the person to a URL of {host} that holds “{category}”.",
        "{tool} envoie la personne vers une URL de {host} qui contient « {category} ».",
    ),
    remedy=Text(
        "Put an opaque, short-lived number in the URL and keep the data on the server.",
        "Mettez dans l’URL un numéro opaque et éphémère, et gardez les données sur le serveur.",
    ),
    forbids=True,
    check_app=check_app,
)

MATCHES = (
    Case("an e-mail address", history(seen=[saw(Seen.URL_ASKS, "login.example.org", "user.contact.email", "login")])),
)
MISSES = (
    Case("a URL without data", history(seen=[saw(Seen.URL_ASKS, "login.example.org")])),
    Case("a token is the business of another rule", history(
        seen=[saw(Seen.URL_ASKS, "login.example.org", "system.secret.token")])),
    Case("a form", history(seen=[saw(Seen.FORM_ASKS, "user.contact.email", "email")])),
)  # fmt: skip
