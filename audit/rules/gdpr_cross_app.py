"""Identifiers by which people can be followed from one app to another. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, history
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN

_LASTING = (
    "user.unique_id", "user.account", "user.contact.email", "user.contact.phone_number", "user.device",
    "user.government_id", "user.financial.bank_account", "user.financial.credit_card",
)  # fmt: skip


def check_app(history: History) -> Iterator[Hit]:
    """Kinds of identifier whose subjects were also seen by another app; how many is kept nowhere but in the finding."""
    for category, subjects in sorted(history.shared_subjects.items()):
        if subjects > 0 and any(taxonomy.is_within(category, root) for root in _LASTING):
            facts = (("category", category), ("subjects", str(subjects)))
            yield Hit(place=f"shared {category}", category=category, facts=facts)


RULE = Rule(
    id="gdpr/cross-app",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Identifier shared across apps", "Identifiant commun à plusieurs applications"),
    severity=Severity.NOTE,
    source=f"{GDPR}, Recital 30, Art. 4(4)",
    url=GDPR_URL,
    read=READ,
    wording="when combined with unique identifiers and other information received by the servers, may be used to "
    "create profiles of the natural persons and identify them",
    says=Text(
        "{subjects} of this app’s subjects were seen by another app under the same “{category}”: they can be followed.",
        "Une autre application a reçu la même donnée « {category} » ; personnes concernées ici : {subjects}. Elles "
        "peuvent être suivies de l’une à l’autre.",
    ),
    remedy=Text(
        "Give each app an identifier of its own, and leave out those that name the person everywhere.",
        "Donnez à chaque application un identifiant propre, et écartez ceux qui désignent la personne partout.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("the same e-mail addresses went to another app", history(shared={"user.contact.email": 3})),
    Case("the same number of ChatGPT’s", history(shared={"user.unique_id.pseudonymous": 1})),
)
MISSES = (
    Case("none is shared", history(shared={"user.contact.email": 0})),
    Case("a town is shared by many", history(shared={"user.location.imprecise": 12})),
    Case("nothing was joined", history(call("find", datum("user.contact.email", f"{ARGS}/email")))),
)
