"""Purposes that do not say how long data are kept. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, purpose
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Each purpose without a period, unless its data are not kept at all."""
    for one in history.declaration.purposes if history.declaration is not None else ():
        if not one.retention and not one.ephemeral:
            yield Hit(place=one.id, facts=(("purpose", one.name or one.id),))


RULE = Rule(
    id="gdpr/retention",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Purpose without a retention period", "Finalité sans durée de conservation"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Art. 5(1)(e), 13(2)(a), 30(1)(f)",
    url=GDPR_URL,
    read=READ,
    wording="the period for which the personal data will be stored, or if that is not possible, the criteria used to "
    "determine that period",
    says=Text(
        "No retention period was declared for the purpose “{purpose}”.",
        "Aucune durée de conservation n’est déclarée pour la finalité « {purpose} ».",
    ),
    remedy=Text(
        "Declare how long the data are kept (`retention_period`, ISO 8601: P12M), or that they are not "
        "(`ephemeral: true`).",
        "Déclarez la durée de conservation (`retention_period`, ISO 8601 : P12M), ou l’absence de conservation "
        "(`ephemeral: true`).",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a purpose that says nothing", history(declared=declares(purposes=(purpose("user.name", retention=""),)))),
)
MISSES = (
    Case("twelve months", history(declared=declares(purposes=(purpose("user.name"),)))),
    Case("nothing is kept", history(
        declared=declares(purposes=(purpose("user.name", retention="", ephemeral=True),)))),
    Case("no purpose", history(declared=declares(("user.name",)))),
    Case("nothing was declared", history()),
)  # fmt: skip
