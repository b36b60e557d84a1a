"""Data on convictions and offences. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, purpose
from douane.audit.rules.reading import covered, hit_of
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN

_BY_LAW = "legal obligations"


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Every such datum, unless a purpose that covers it rests on a legal obligation."""
    declaration = history.declaration
    by_law = [
        key
        for one in (declaration.purposes if declaration is not None else ())
        if one.legal_basis.lower() == _BY_LAW
        for key in (*one.to_app, *one.to_chatgpt)
    ]
    for at, one in enumerate(exchange.disclosures):
        if "art10" in one.flags and not covered(one.category, by_law):
            yield hit_of(exchange, at, one)


RULE = Rule(
    id="gdpr/criminal",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Data on convictions or offences", "Donnée relative à des condamnations ou infractions"),
    severity=Severity.ERROR,
    source=f"{GDPR}, Art. 10",
    url=GDPR_URL,
    read=READ,
    wording="shall be carried out only under the control of official authority or when the processing is authorised by "
    "Union or Member State law",
    says=Text(
        "{tool}: “{category}” at {pointer}; no declared purpose was found that rests on the law.",
        "{tool} : « {category} » à {pointer} ; aucune finalité déclarée ne repose sur une obligation légale.",
    ),
    remedy=Text(
        "Leave these data out, or declare the law that authorises their processing.",
        "Renoncez à ces données, ou déclarez le texte qui en autorise le traitement.",
    ),
    check=check,
)

_CONVICTION = "user.criminal_history.conviction"
_ASKED = call("apply", datum(_CONVICTION, f"{ARGS}/record"))
MATCHES = (
    Case("a conviction in an application", history(_ASKED)),
    Case("one that comes back under a contract", history(
        answer("check", datum(_CONVICTION, f"{OUT}/record")),
        declared=declares(purposes=(purpose(to_chatgpt=(_CONVICTION,)),)))),
)  # fmt: skip
MISSES = (
    Case("the law asks for it", history(
        _ASKED, declared=declares(purposes=(purpose(_CONVICTION, legal_basis="Legal obligations"),)))),
    Case("a fine of a library", history(call("pay", datum("user.payment", f"{ARGS}/fine")))),
    Case("health data are of another kind", history(call("book", datum("user.health_and_medical", f"{ARGS}/reason")))),
)  # fmt: skip
