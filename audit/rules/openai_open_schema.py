"""Input schemas that take fields they do not list, and fields that came that way. Pure module: no I/O."""

from collections.abc import Iterator, Mapping

from douane.audit.history import History, Seen, ToolFacts
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, saw, tool
from douane.audit.rules.reading import spot
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_INPUT = "/params/arguments"


def check_app(history: History) -> Iterator[Hit]:
    """Places below the arguments that the schema does not list, of tools whose schema does not forbid them."""
    for seen in history.seen(Seen.UNLISTED):
        one = history.tools.get(seen.tool or "")
        if one is None or not seen.name.startswith(_INPUT) or not _open(one):
            continue
        where = spot(seen.name)
        yield Hit(
            one.name,
            f"{one.name} {where}",
            direction=Direction.TO_APP,
            facts=(("tool", one.name), ("pointer", where)),
            count=seen.count,
        )


def _open(one: ToolFacts) -> bool:
    schema = one.input_schema
    return (
        isinstance(schema, Mapping)
        and schema.get("additionalProperties", schema.get("unevaluatedProperties")) is not False
    )


RULE = Rule(
    id="openai/open-schema",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Open input schema, unlisted field received", "Schéma d’entrée ouvert, champ non décrit reçu"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Input fields must be directly related to the tool's stated purpose.",
    says=Text(
        "{tool} received {pointer}, which its input schema neither lists nor forbids.",
        "{tool} a reçu {pointer}, que son schéma d’entrée ne décrit ni n’interdit.",
    ),
    remedy=Text(
        "Set `additionalProperties` to false in the input schema, and list the field if the tool needs it.",
        "Fixez `additionalProperties` à false dans le schéma d’entrée, et décrivez le champ si l’outil en a besoin.",
    ),
    check_app=check_app,
)

_OPEN = tool("book", schema={"type": "object", "properties": {"name": {"type": "string"}}})
_CAME = saw(Seen.UNLISTED, f"{_INPUT}/passport", tool="book")
MATCHES = (Case("a field came that nothing lists", history(tools=[_OPEN], seen=[_CAME])),)
MISSES = (
    Case("the schema forbids it: whoever sent it is at fault", history(tools=[tool("book", "name")], seen=[_CAME])),
    Case("the schema is open, and nothing came that way", history(tools=[_OPEN])),
    Case(
        "an answer’s field",
        history(tools=[_OPEN], seen=[saw(Seen.UNLISTED, "/result/structuredContent/a", tool="book")]),
    ),
    Case("the tool was never listed", history(seen=[_CAME])),
)
