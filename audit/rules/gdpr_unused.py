"""What was declared and not seen. Pure module: no I/O."""

from collections.abc import Iterator
from typing import Final

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, declares, history
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN
from douane.audit.unused import What, unused

MIN_MESSAGES: Final = 20
"""Messages in a direction before its absence says anything."""


def check_app(history: History) -> Iterator[Hit]:
    """Declared categories that were in none of the messages of their direction, when there were enough of them."""
    for one in unused(history):
        if one.what is What.CATEGORY and one.observable and one.direction is not None and one.seen_in >= MIN_MESSAGES:
            way = one.direction
            facts = (("category", one.name), ("what", way.value), ("messages", str(one.seen_in)))
            yield Hit(place=f"{way.value} {one.name}", category=one.name, direction=way, facts=facts)


RULE = Rule(
    id="gdpr/unused",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Declared and not seen", "Déclaré et non observé"),
    severity=Severity.NOTE,
    source=f"{GDPR}, Art. 5(1)(c)",
    url=GDPR_URL,
    read=READ,
    wording="adequate, relevant and limited to what is necessary in relation to the purposes for which they are "
    "processed",
    says=Text(
        "“{category}” is declared as {what}; it was in none of {messages} messages.",
        "La donnée « {category} » est déclarée comme {what} ; aucun des {messages} messages n’en contenait.",
    ),
    remedy=Text(
        "Take it out of the declaration if the app does not need it; leave it in if it is only rare.",
        "Retirez-la de la déclaration si l’application n’en a pas besoin ; gardez-la si elle est seulement rare.",
    ),
    remedy_restricted=LEAVE_OUT,
    check_app=check_app,
)

_NAMED = [call("find", datum("user.name", f"{ARGS}/name")) for _ in range(MIN_MESSAGES)]
MATCHES = (
    Case("twenty calls without the declared address", history(
        *_NAMED, declared=declares(("user.name", "user.contact.address")))),
)  # fmt: skip
MISSES = (
    Case("it was seen", history(*_NAMED, declared=declares(("user.name",)))),
    Case("a part of it was seen", history(
        *_NAMED[1:], call("find", datum("user.contact.email", f"{ARGS}/email")),
        declared=declares(("user.name", "user.contact")))),
    Case("a child’s name was seen", history(
        *_NAMED[1:], call("find", datum("user.name", f"{ARGS}/name", minor=True)),
        declared=declares(("user.name", "user.childrens")))),
    Case("too few messages", history(*_NAMED[1:], declared=declares(("user.name", "user.contact.address")))),
    Case("nothing was declared", history(*_NAMED)),
)  # fmt: skip
