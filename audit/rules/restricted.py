"""What the rules on restricted data share: data that crossed, and properties that ask for them. Pure module: no I/O."""

from collections.abc import Callable, Iterable, Iterator

from douane.audit import taxonomy
from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Hit, Text
from douane.audit.rules.reading import asked, data, hit_of, hit_on, tools

type Test = Callable[[str, tuple[str, ...]], bool]
"""Whether a category with its flags is meant."""

WORDING = "Do not collect, solicit, or process the following categories of Restricted Data: "
SAYS = Text(
    "“{category}” at {pointer} of {tool}: restricted data, which apps do not collect, solicit or process, whatever "
    "they declare.",
    "« {category} » à {pointer} de {tool} : donnée restreinte, que les applications ne collectent, ne demandent ni ne "
    "traitent, quoi qu’elles déclarent.",
)


def crossing(test: Test, direction: Direction | None = None) -> Callable[[Exchange, History], Iterable[Hit]]:
    """A check for data that crossed, in a direction or in both."""

    def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
        for at, one in data(exchange, direction):
            if test(one.category, one.flags):
                yield hit_of(exchange, at, one)

    return check


def solicited(test: Test) -> Callable[[History], Iterable[Hit]]:
    """A check for properties of input schemas that ask for such data."""

    def check(history: History) -> Iterator[Hit]:
        for tool in tools(history):
            for one in asked(tool):
                for category in sorted(one.categories):
                    if test(category, taxonomy.flags(category)):
                        yield hit_on(tool, one, category)

    return check
