"""Data that are passed on to somebody whose country was not declared. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.adequacy import Basis, exports
from douane.audit.declaration import Organisation, Party, Recipient, Roles
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Exports by the declared roles to an importer without a country: whether they are transfers cannot be told."""
    if history.declaration is None:
        return
    for one in exports(history.declaration):
        if one.basis is Basis.UNKNOWN:
            yield Hit(place=f"{one.purpose} {one.exporter} {one.importer}", facts=(("to", one.importer),))


RULE = Rule(
    id="gdpr/transfer-unknown",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Country of an importer not declared", "Pays d’un importateur non déclaré"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Art. 13(1)(f), 44",
    url=GDPR_URL,
    read=READ,
    wording="where applicable, the fact that the controller intends to transfer personal data to a third country",
    says=Text(
        "By the declared roles, data are passed on to {to}, whose country is not declared: whether that is a transfer "
        "is unknown.",
        "Selon les rôles déclarés, des données sont communiquées à {to}, dont le pays n’est pas déclaré : on ignore "
        "s’il s’agit d’un transfert.",
    ),
    remedy=Text("Declare the country of {to}.", "Déclarez le pays de {to}."),
    check_app=check_app,
)

_ROLES = Roles(organisation="controller", publisher="processor")


def _sent_to(country: str, roles: Roles = _ROLES) -> History:
    return history(
        declared=declares(
            purposes=(purpose("user.name", roles=roles, recipients=("Mailer",)),),
            organisation=Organisation(Party("Mairie Exemple", country="FR")),
            recipients=(Recipient("Mailer", country),),
        )
    )


MATCHES = (Case("a processor’s recipient without a country", _sent_to("")),)
MISSES = (
    Case("its country is declared", _sent_to("DE")),
    Case("a country without a decision is another finding", _sent_to("IN")),
    Case("nobody said who exports", _sent_to("", Roles())),
    Case("nothing was declared", history()),
)
