"""What was blanked in the app's own address outside of a query's credentials. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.credential_names import PROTOCOLS_OWN
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Evidence, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, saw
from douane.audit.rules.sources import READ, SPEC, SPEC_URL, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Parts of the address that were blanked before they were recorded, by kind; not the protocol's own session."""
    for one in history.seen(Seen.WITHHELD):
        if one.detail != PROTOCOLS_OWN:
            yield Hit(
                place=f"/@http/{one.name} {one.detail}",
                category=one.detail if taxonomy.category(one.detail) is not None else "",
                direction=Direction.TO_APP,
                facts=(("what", one.detail), ("part", one.name)),
                count=one.count,
                evidence=Evidence(first_at=one.first_at, last_at=one.last_at),
            )


RULE = Rule(
    id="mcp/address-credential",
    pack=Pack.MCP,
    version=WRITTEN,
    title=Text("Credential or session in the address", "Identifiant d’accès ou de session dans l’adresse"),
    severity=Severity.NOTE,
    source=f"{SPEC}, authorization",
    url=f"{SPEC_URL}/basic/authorization",
    read=READ,
    wording="MCP client MUST use the Authorization request header field",
    says=Text(
        "The app’s address holds “{what}” in {part}: Douane blanked it before recording, so it was not inspected.",
        "L’adresse de l’application contient « {what} » dans {part} : masquée avant l’enregistrement, cette valeur "
        "n’a pas été inspectée.",
    ),
    remedy=Text(
        "Take it out of the address: a credential belongs in the Authorization header, a session in a header of its "
        "own.",
        "Retirez cette valeur de l’adresse : un identifiant d’accès a sa place dans l’en-tête Authorization, une "
        "session dans un en-tête à elle.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a session of the app’s own in the path", history(seen=[saw(Seen.WITHHELD, "path", "session")])),
    Case("a password before the host", history(
        seen=[saw(Seen.WITHHELD, "userinfo", "user.authorization.password")])),
    Case("a token in the fragment", history(seen=[saw(Seen.WITHHELD, "fragment", "system.secret.token")])),
    Case("a sign-in’s state in the query", history(seen=[saw(Seen.WITHHELD, "query", "other")])),
)  # fmt: skip
MISSES = (
    Case("the session that MCP 2024-11-05 puts in the query itself", history(
        seen=[saw(Seen.WITHHELD, "query", PROTOCOLS_OWN)])),
    Case("a credential in the query has a rule of its own", history(
        seen=[saw(Seen.QUERY_CREDENTIAL, "access_token", "system.secret.token")])),
    Case("a host that the app called", history(seen=[saw(Seen.EGRESS, "mail-vendor.example")])),
    Case("a plain address", history()),
)  # fmt: skip
