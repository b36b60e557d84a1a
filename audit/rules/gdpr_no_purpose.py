"""Data that crossed and that the declaration names without a purpose. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history, purpose
from douane.audit.rules.reading import covered, personal
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Categories that are declared for their direction and that no purpose covers; one hit for each."""
    declaration = history.declaration
    if declaration is None:
        return
    way = exchange.direction
    declared = declaration.categories(way)
    for at, one in enumerate(exchange.disclosures):
        if not personal(one.category) or not covered(one.category, declared):
            continue
        sides = (one_of.to_app if way is Direction.TO_APP else one_of.to_chatgpt for one_of in declaration.purposes)
        if not any(covered(one.category, keys) for keys in sides):
            # Where no purpose was declared at all, one finding says so: not one for each category.
            category = one.category if declaration.purposes else "user"
            facts = (("category", category), ("what", way.value))
            yield Hit("", f"{way.value} {category}", category, way, disclosure=at, facts=facts)


RULE = Rule(
    id="gdpr/no-purpose",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Data without a purpose", "Donnée sans finalité"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Art. 5(1)(b), 13(1)(c)",
    url=GDPR_URL,
    read=READ,
    wording="collected for specified, explicit and legitimate purposes",
    says=Text(
        "“{category}” was {what} and is declared, but no declared purpose was found that needs it.",
        "La donnée « {category} » a été {what} et figure dans la déclaration, mais sans finalité déclarée.",
    ),
    remedy=Text(
        "Name the purpose that needs it under `privacy_declarations`, or leave the datum out.",
        "Indiquez la finalité qui la rend nécessaire sous `privacy_declarations`, ou renoncez à cette donnée.",
    ),
    remedy_restricted=LEAVE_OUT,
    check=check,
)

_EMAIL = datum("user.contact.email", f"{ARGS}/email")
MATCHES = (
    Case("declared in a list of categories only", history(call("book", _EMAIL), declared=declares(("user.contact",)))),
    Case("the purposes need something else", history(
        call("book", _EMAIL), declared=declares(("user.contact.email",), purposes=(purpose("user.name"),)))),
    Case("needed one way, and returned too", history(
        answer("book", datum("user.contact.email", f"{OUT}/email")),
        declared=declares(to_chatgpt=("user.contact",), purposes=(purpose("user.contact"),)))),
)  # fmt: skip
MISSES = (
    Case("a purpose needs it", history(call("book", _EMAIL), declared=declares(purposes=(purpose("user.contact"),)))),
    Case("not declared at all: that is a verdict already", history(call("book", _EMAIL), declared=declares())),
    Case("nothing was declared", history(call("book", _EMAIL))),
)
