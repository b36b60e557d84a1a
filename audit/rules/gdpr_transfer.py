"""Transfers out of the European Economic Area that nothing declared supports. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.adequacy import FINDINGS, Basis, as_of, exports
from douane.audit.declaration import Organisation, Party, Recipient, Roles, Transfer
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Exports by the declared roles whose basis a person has to look at. What people give themselves is no transfer."""
    if history.declaration is None:
        return
    for one in exports(history.declaration):
        if one.basis in FINDINGS and one.basis is not Basis.UNKNOWN:
            facts = (("to", one.importer), ("country", one.country), ("what", one.basis.value), ("as_of", as_of()))
            yield Hit(place=f"{one.purpose} {one.exporter} {one.importer} {one.country}", facts=facts)


RULE = Rule(
    id="gdpr/transfer",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Transfer without a mechanism", "Transfert sans garantie déclarée"),
    severity=Severity.ERROR,
    source=f"{GDPR}, Art. 44 to 46",
    url=GDPR_URL,
    read=READ,
    wording="Any transfer of personal data ... to a third country ... shall take place only if ... the conditions laid "
    "down in this Chapter are complied with",
    says=Text(
        "Transfer to {to} ({country}): {what} (list of adequacy decisions as of {as_of}).",
        "Transfert vers {to} ({country}) : {what} (liste des décisions d’adéquation au {as_of}).",
    ),
    remedy=Text(
        "Declare under `transfers` what it rests on, with reference and date, or choose a recipient that needs none.",
        "Déclarez sous `transfers` la garantie sur laquelle il repose, avec référence et date, ou choisissez un "
        "destinataire pour lequel il n’en faut pas.",
    ),
    check_app=check_app,
)

_FRENCH = Organisation(Party("Mairie Exemple", country="FR"))
_ROLES = Roles(organisation="controller", publisher="processor")


def _sent_to(country: str, *transfers: Transfer, roles: Roles = _ROLES) -> History:
    one = purpose("user.name", roles=roles, recipients=("Mailer",))
    return history(
        declared=declares(
            purposes=(one,),
            organisation=_FRENCH,
            recipients=(Recipient("Mailer", country),),
            transfers=transfers,
        )
    )


MATCHES = (
    Case("a processor’s recipient in a country without a decision", _sent_to("IN")),
    Case("adequacy was declared where there is none", _sent_to("IN", Transfer("IN", "Adequacy Decision"))),
    Case("in the United States only certified companies are covered", _sent_to("US")),
)
MISSES = (
    Case("standard contractual clauses were declared", _sent_to("IN", Transfer("IN", "SCCs", "SCC-2026-04"))),
    Case("within the European Economic Area", _sent_to("DE")),
    Case("an adequacy decision is listed", _sent_to("JP")),
    Case("nobody said who exports: data that people give themselves are no transfer", history(
        declared=declares(purposes=(purpose("user.name"),), publisher=Party("Example", country="US")))),
    Case("nothing was declared", history()),
)  # fmt: skip
