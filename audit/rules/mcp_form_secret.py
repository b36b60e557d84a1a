"""Forms that ask for secrets or card data. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, saw
from douane.audit.rules.reading import secret
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Properties of form elicitations that announce a password, a key, a token, a code or a payment card."""
    for seen in history.seen(Seen.FORM_ASKS):
        flags = taxonomy.flags(seen.name)
        if secret(seen.name, flags) or "pci:chd" in flags or "pci:sad" in flags:
            who = seen.tool or "elicitation"
            facts = (("tool", who), ("property", seen.detail), ("category", seen.name))
            place = f"{who} form {seen.detail} {seen.name}"
            yield Hit(seen.tool or "", place, seen.name, Direction.TO_CHATGPT, facts=facts, count=seen.count)


RULE = Rule(
    id="mcp/form-secret",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Secret asked in a form", "Secret demandé dans un formulaire"),
    severity=Severity.ERROR,
    source=f"{SPEC}, elicitation",
    url=f"{SPEC_URL}/client/elicitation",
    read=READ,
    wording="Servers MUST NOT use form mode elicitation to request sensitive information such as passwords, API keys, "
    "access tokens, or payment credentials",
    says=Text(
        "{tool} asks in a form for “{category}” ({property}).",
        "{tool} demande « {category} » dans un formulaire ({property}).",
    ),
    remedy=Text(
        "Use URL mode: send the person to a page of yours, where the secret is entered and stays.",
        "Utilisez le mode URL : dirigez la personne vers une page à vous, où le secret est saisi et reste.",
    ),
    forbids=True,
    check_app=check_app,
)

MATCHES = (
    Case("a password", history(seen=[saw(Seen.FORM_ASKS, "user.authorization.password", "password", "login")])),
    Case("an API key", history(seen=[saw(Seen.FORM_ASKS, "system.secret.api_key", "api_key")])),
    Case("a card", history(seen=[saw(Seen.FORM_ASKS, "user.financial.credit_card", "card")])),
)
MISSES = (
    Case("a name", history(seen=[saw(Seen.FORM_ASKS, "user.name", "name")])),
    Case("a phone number", history(seen=[saw(Seen.FORM_ASKS, "user.contact.phone_number", "phone", "book")])),
    Case("a page instead of a form", history(seen=[saw(Seen.URL_ASKS, "login.example.org")])),
)
