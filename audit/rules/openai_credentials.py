"""Passwords, keys, tokens and codes that an app asks for or receives. Pure module: no I/O."""

from douane.audit.message import Direction
from douane.audit.rules.base import Case, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, tool
from douane.audit.rules.reading import secret
from douane.audit.rules.restricted import SAYS, WORDING, crossing, solicited
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def _meant(category: str, flags: tuple[str, ...]) -> bool:
    return secret(category, flags)


RULE = Rule(
    id="openai/credentials",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Credentials asked for or received", "Secret d’authentification demandé ou reçu"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording=WORDING + "Access credentials and authentication secrets (such as API keys, MFA/OTP codes, or passwords).",
    says=SAYS,
    remedy=Text(
        "Use the sign-in of the protocol (OAuth) instead of a field, and refuse text that holds a secret.",
        "Utilisez l’authentification du protocole (OAuth) au lieu d’un champ, et refusez les textes qui contiennent un "
        "secret.",
    ),
    forbids=True,
    check=crossing(_meant, Direction.TO_APP),
    check_app=solicited(_meant),
)

MATCHES = (
    Case("an API key is sent as an argument", history(call("sync", datum("system.secret.api_key", f"{ARGS}/key")))),
    Case("a password stands in a note", history(call("note", datum("system.secret.password", f"{ARGS}/note")))),
    Case("the schema asks for a one-time code", history(tools=[tool("login", "verification_code")])),
)
MISSES = (
    Case(
        "a header of the connection is no field of the app’s",
        history(call("sync", datum("system.secret.api_key", "/@http/header/x-api-key"))),
    ),
    Case("the token of a page", history(tools=[tool("list", "page_token")])),
    Case("an answer with a secret has a rule of its own", history(answer("a", datum("system.secret.token", OUT)))),
    Case(
        "a card’s security code is card data",
        history(call("pay", datum("user.financial.credit_card.security_code", f"{ARGS}/cvv"))),
    ),
)
