"""Purposes without a legal basis. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Each purpose for which no basis of Art. 6 was declared."""
    for one in history.declaration.purposes if history.declaration is not None else ():
        if not one.legal_basis:
            yield Hit(place=one.id, facts=(("purpose", one.name or one.id),))


RULE = Rule(
    id="gdpr/legal-basis",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Purpose without a legal basis", "Finalité sans base légale"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Art. 6(1), 13(1)(c)",
    url=GDPR_URL,
    read=READ,
    wording="Processing shall be lawful only if and to the extent that at least one of the following applies",
    says=Text(
        "No legal basis was declared for the purpose “{purpose}”.",
        "Aucune base légale n’est déclarée pour la finalité « {purpose} ».",
    ),
    remedy=Text(
        "Declare which basis of Art. 6(1) it rests on (`legal_basis_for_processing`).",
        "Déclarez la base de l’art. 6(1) sur laquelle elle repose (`legal_basis_for_processing`).",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a purpose that names none", history(declared=declares(purposes=(purpose("user.name", legal_basis=""),)))),
)
MISSES = (
    Case("a contract", history(declared=declares(purposes=(purpose("user.name"),)))),
    Case("no purpose", history(declared=declares(("user.name",)))),
    Case("nothing was declared", history()),
)
