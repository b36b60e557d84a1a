"""Answers that hold data about a person of which the privacy policy says nothing. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.exchange import Disclosure, Exchange, Label, Source
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import OUT, answer, call, datum, declares, history
from douane.audit.rules.reading import data, hit_of, personal
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import READ, REVIEW, WRITTEN

_UNSAID = (Label.OMITTED, Label.INCORRECT)


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Data about a person that came back and that the policy leaves out, or denies."""
    if history.declaration is None:
        return
    for at, one in data(exchange, Direction.TO_CHATGPT):
        if personal(one.category) and _unsaid(one):
            yield hit_of(exchange, at, one)


def _unsaid(one: Disclosure) -> bool:
    """Whether the policy says nothing of it; the declared categories speak where no policy was read."""
    by = {verdict.source: verdict.label for verdict in one.verdicts}
    policy = by.get(Source.POLICY, Label.GAP)
    return (by.get(Source.DECLARATION, Label.GAP) if policy is Label.GAP else policy) in _UNSAID


RULE = Rule(
    id="openai/undisclosed",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Undisclosed user data in an answer", "Donnée personnelle renvoyée sans être annoncée"),
    severity=Severity.ERROR,
    source=REVIEW,
    read=READ,
    wording="Your plugin returns user-related data types that are not disclosed in your privacy policy.",
    says=Text(
        "{tool} returned “{category}” at {pointer}, which no statement was found to disclose.",
        "{tool} a renvoyé « {category} » à {pointer}, sans qu’aucune mention l’annonçant ait été trouvée.",
    ),
    remedy=Text(
        "Leave the field out of the answer, or name “{category}” in the privacy policy and in the declaration.",
        "Retirez ce champ de la réponse, ou mentionnez « {category} » dans la politique de confidentialité et dans la "
        "déclaration.",
    ),
    remedy_restricted=LEAVE_OUT,
    check=check,
)

_EMAIL = "user.contact.email"
_DECLARED = declares(to_chatgpt=("user.name",))
MATCHES = (
    Case(
        "an e-mail address comes back that the declaration does not name",
        history(answer("find", datum(_EMAIL, f"{OUT}/rows/0/email", declaration=Label.OMITTED)), declared=_DECLARED),
    ),
    Case(
        "the policy says that it is not collected",
        history(
            answer("find", datum(_EMAIL, f"{OUT}/email", declaration=Label.CLEAR, policy=Label.INCORRECT)),
            declared=_DECLARED,
        ),
    ),
)
MISSES = (
    Case(
        "the policy names it",
        history(
            answer("find", datum(_EMAIL, f"{OUT}/email", declaration=Label.OMITTED, policy=Label.CLEAR)),
            declared=_DECLARED,
        ),
    ),
    Case("nothing was declared: there is nothing to hold it against", history(answer("find", datum(_EMAIL, OUT)))),
    Case(
        "the app received it and did not return it",
        history(call("find", datum(_EMAIL, "/params/arguments/q", declaration=Label.OMITTED)), declared=_DECLARED),
    ),
    Case(
        "what came back is about no person",
        history(answer("find", datum("system.operations", OUT, declaration=Label.OMITTED)), declared=_DECLARED),
    ),
)
