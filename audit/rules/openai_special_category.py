"""Special categories of data that were not said at or before the point of collection. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.declaration import Declaration, Notice, Says, Statement
from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, declares, history
from douane.audit.rules.reading import data, hit_of
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Regulated data that an app received; what is restricted besides has rules of its own."""
    declaration = history.declaration
    if declaration is None:
        return
    for at, one in data(exchange, Direction.TO_APP):
        regulated = "openai:regulated" in one.flags and "openai:restricted" not in one.flags
        if regulated and not _said(one.category, declaration):
            yield hit_of(exchange, at, one)


def _said(category: str, declaration: Declaration) -> bool:
    """Whether the information shown at connection says it outright; the declared categories where none was read."""
    shown = declaration.connection
    if shown is not None and shown.statements:
        said = [key for one in shown.statements if one.says is Says.COLLECTS for key in one.categories]
    else:
        said = list(declaration.to_app)
    # "Demographic data" says nothing prominently: only a category that is itself special does.
    outright = [key for key in said if "openai:regulated" in taxonomy.flags(key)]
    return any(taxonomy.is_within(category, key) for key in outright)


RULE = Rule(
    id="openai/special-category",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Special category of data not disclosed", "Catégorie particulière de données non annoncée"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="the collection and use is explicitly and prominently disclosed at or before the point of collection",
    says=Text(
        "{tool} received “{category}” at {pointer}; nothing was found that says so before it is collected.",
        "{tool} a reçu « {category} » à {pointer} ; aucune information préalable à la collecte n’a été trouvée.",
    ),
    remedy=Text(
        "Leave it out; or, where it is strictly necessary, name it in the information shown at connection and ask for "
        "consent first.",
        "Ne la collectez pas ; si elle est strictement nécessaire, mentionnez-la dans l’information affichée à la "
        "connexion et recueillez d’abord le consentement.",
    ),
    check=check,
)

_BELIEF = "user.demographic.religious_belief"
_SENT = call("menu", datum(_BELIEF, f"{ARGS}/diet"))


def _shown(*categories: str) -> Notice:
    return Notice(statements=(Statement("connection/1", Says.COLLECTS, "we", categories, "We ask for your diet."),))


MATCHES = (
    Case("a belief is sent that nobody announced", history(_SENT, declared=declares(("user.name",)))),
    Case("only demographic data at large are announced", history(_SENT, declared=declares(("user.demographic",)))),
    Case(
        "the policy has it, the information at connection has not",
        history(_SENT, declared=declares((_BELIEF,), connection=_shown("user.name"))),
    ),
)
MISSES = (
    Case("it is announced at connection", history(_SENT, declared=declares((), connection=_shown(_BELIEF)))),
    Case(
        "it is declared, and the information at connection was not read", history(_SENT, declared=declares((_BELIEF,)))
    ),
    Case("nothing was declared: it cannot be said", history(_SENT)),
    Case("it came back, which is no collection", history(answer("menu", datum(_BELIEF, OUT)), declared=declares())),
)
