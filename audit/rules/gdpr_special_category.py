"""Purposes that hold special categories of data and name no exception of Art. 9(2). Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Each special category of a purpose without an exception; what no purpose names is another rule's."""
    for one in history.declaration.purposes if history.declaration is not None else ():
        if one.special_basis:
            continue
        for category in sorted({*one.to_app, *one.to_chatgpt}):
            if "art9" in taxonomy.flags(category):
                facts = (("purpose", one.name or one.id), ("category", category))
                yield Hit(place=f"{one.id} {category}", category=category, facts=facts)


RULE = Rule(
    id="gdpr/special-category",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text(
        "Special category of data without an exception", "Catégorie particulière de données sans exception déclarée"
    ),
    severity=Severity.ERROR,
    source=f"{GDPR}, Art. 9(1), 9(2)",
    url=GDPR_URL,
    read=READ,
    wording="Paragraph 1 shall not apply if one of the following applies",
    says=Text(
        "The purpose “{purpose}” holds “{category}”, a special category; no exception of Art. 9(2) was declared.",
        "La finalité « {purpose} » comprend « {category} », catégorie particulière de données ; aucune exception de "
        "l’art. 9, par. 2, n’est déclarée.",
    ),
    remedy=Text(
        "Declare which exception of Art. 9(2) applies (`special_category_legal_basis`), or leave these data out.",
        "Déclarez l’exception de l’art. 9, par. 2, qui s’applique (`special_category_legal_basis`), ou renoncez à ces "
        "données.",
    ),
    remedy_restricted=LEAVE_OUT,
    check_app=check_app,
)

_HEALTH = "user.health_and_medical.condition"
MATCHES = (
    Case("health data under a contract alone", history(declared=declares(purposes=(purpose(_HEALTH),)))),
    Case("opinions that come back", history(
        declared=declares(purposes=(purpose(to_chatgpt=("user.demographic.political_opinion",)),)))),
)  # fmt: skip
MISSES = (
    Case("consent is declared", history(declared=declares(purposes=(purpose(_HEALTH, special_basis="Consent"),)))),
    Case("no special category", history(declared=declares(purposes=(purpose("user.name", "user.contact.email"),)))),
    Case("named without a purpose, which is another finding", history(declared=declares((_HEALTH,)))),
    Case("nothing was declared", history()),
)
