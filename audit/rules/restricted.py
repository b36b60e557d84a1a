"""What the rules on restricted data share: data that crossed, and properties that ask for them. Pure module: no I/O."""

from collections.abc import Callable, Iterable, Iterator

from douane.audit import taxonomy
from douane.audit.exchange import Exchange
from douane.audit.history import History, Observation, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Hit, Text
from douane.audit.rules.reading import asked, data, hit_of, hit_on, tools

type Test = Callable[[str, tuple[str, ...]], bool]
"""Whether a category with its flags is meant."""

_AROUND = "/@http/"
WORDING = "Do not collect, solicit, or process the following categories of Restricted Data: ... "
SAYS = Text(
    "“{category}” at {pointer} of {tool}: restricted data, which apps do not collect, solicit or process, whatever "
    "they declare.",
    "« {category} » à {pointer} de {tool} : donnée restreinte, que les applications ne collectent, ne demandent ni ne "
    "traitent, quoi qu’elles déclarent.",
)

LEAVE_OUT = Text(
    "Leave “{category}” out: the platform’s rules forbid it, whatever is declared.",
    "Renoncez à « {category} » : les règles de la plateforme l’interdisent, quelle que soit la déclaration.",
)
"""The remedy for restricted data where a rule would otherwise ask to declare them."""


def crossing(test: Test, direction: Direction | None = None) -> Callable[[Exchange, History], Iterable[Hit]]:
    """A check for data that crossed in messages, in a direction or in both; headers and addresses are no fields."""

    def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
        for at, one in data(exchange, direction):
            if test(one.category, one.flags) and not one.pointer.startswith(_AROUND):
                yield hit_of(exchange, at, one)

    return check


def solicited(test: Test, *, forms: bool = False) -> Callable[[History], Iterable[Hit]]:
    """A check for properties of input schemas, and of `forms` (elicitations), that ask for such data."""

    def check(history: History) -> Iterator[Hit]:
        for tool in tools(history):
            for one in asked(tool):
                for category in sorted(one.categories):
                    if test(category, taxonomy.flags(category)):
                        yield hit_on(tool, one, category)
        for form in history.seen(Seen.FORM_ASKS) if forms else ():
            if test(form.name, taxonomy.flags(form.name)):
                yield _in_a_form(form)

    return check


def _in_a_form(form: Observation) -> Hit:
    who, where = form.tool or "elicitation", f"elicitation/{form.detail}"
    facts = (("tool", who), ("pointer", where), ("category", form.name))
    return Hit(
        form.tool or "", f"{who} {where} {form.name}", form.name, Direction.TO_APP, facts=facts, count=form.count
    )
