"""Data about a child that no declaration speaks of. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, call, datum, declares, history, purpose
from douane.audit.rules.reading import hit_of
from douane.audit.rules.restricted import LEAVE_OUT
from douane.audit.rules.sources import GDPR, GDPR_URL, READ, WRITTEN

_CHILDREN = "user.childrens"
_CHILD = "child"


def check(exchange: Exchange, history: History) -> Iterator[Hit]:
    """Every datum flagged as a child's, unless the declaration names children's data or children among its subjects."""
    if history.declaration is not None and _expected(history.declaration, exchange.direction):
        return
    for at, one in enumerate(exchange.disclosures):
        if "minor" in one.flags:
            yield hit_of(exchange, at, one)


def _expected(declaration: Declaration, way: Direction) -> bool:
    named = any(taxonomy.is_within(key, _CHILDREN) for key in declaration.categories(way))
    return named or any(_CHILD in one.subjects for one in declaration.purposes)


RULE = Rule(
    id="gdpr/minor",
    pack=Pack.GDPR,
    version=WRITTEN,
    title=Text("Data about a child", "Donnée concernant un enfant"),
    severity=Severity.WARNING,
    source=f"{GDPR}, Recital 38, Art. 8",
    url=GDPR_URL,
    read=READ,
    wording="Children merit specific protection with regard to their personal data",
    says=Text(
        "{tool}: “{category}” at {pointer} is about a child; no declaration was found that says so.",
        "{tool} : « {category} » à {pointer} concerne un enfant ; aucune déclaration qui le dise n’a été trouvée.",
    ),
    remedy=Text(
        "Name `child` among the `data_subjects` of a purpose, or `user.childrens` among the categories, and say what "
        "protects them; or refuse such data.",
        "Écrivez `child` parmi les `data_subjects` d’une finalité, ou `user.childrens` parmi les catégories, et dites "
        "ce qui protège les enfants ; ou refusez ces données.",
    ),
    remedy_restricted=LEAVE_OUT,
    check=check,
)

_GIRL = datum("user.demographic.age_range", f"{ARGS}/age", minor=True)
MATCHES = (
    Case("an appointment for a child", history(call("book", _GIRL), declared=declares(("user.demographic",)))),
    Case("whether or not something was declared", history(call("book", datum(_CHILDREN, f"{ARGS}/child")))),
)
MISSES = (
    Case("children’s data are declared", history(call("book", _GIRL), declared=declares((_CHILDREN,)))),
    Case("children are among the data subjects", history(
        call("book", _GIRL), declared=declares(purposes=(purpose("user.demographic", subjects=("child",)),)))),
    Case("an adult", history(call("book", datum("user.demographic.age_range", f"{ARGS}/age")))),
)  # fmt: skip
