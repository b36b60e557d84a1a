"""Location fields in an input schema. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, tool
from douane.audit.rules.reading import Asked, asked, hit_on, name_words, tools
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_NAMES = frozenset(
    tuple(name.split())
    for name in (
        "city", "town", "ville", "location", "user location", "user city", "my location", "current location",
        "user region", "home city", "current city", "geolocation", "position", "user position", "near me",
        "localisation", "position actuelle",
    )
)  # fmt: skip


def check_app(history: History) -> Iterator[Hit]:
    """Properties that are where the person is, by name; coordinates are the rule on precise location's."""
    for one_tool in tools(history):
        for one in asked(one_tool):
            if name_words(one.name) in _NAMES and not _precise(one):
                yield hit_on(one_tool, one, "user.location")


def _precise(one: Asked) -> bool:
    return any(taxonomy.is_within(key, "user.location.precise") for key in one.categories)


RULE = Rule(
    id="openai/raw-location",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Raw location field", "Champ de localisation brute"),
    severity=Severity.NOTE,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Avoid requesting raw location fields (for example, city or coordinates) in your input schema.",
    says=Text(
        "{tool} asks for a location in its schema: {pointer}.",
        "{tool} demande une localisation dans son schéma : {pointer}.",
    ),
    remedy=Text(
        "Take the location that ChatGPT sends, where it is the person’s; where it is that of a place or a trip, name "
        "the field after it (`destination`, `venue_city`).",
        "Utilisez la localisation transmise par ChatGPT s’il s’agit de celle de la personne ; s’il s’agit d’un lieu ou "
        "d’un trajet, nommez le champ en conséquence (`destination`, `venue_city`).",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a city is asked for", history(tools=[tool("weather", "city")])),
    Case("the person’s location", history(tools=[tool("near", "user_location")])),
)
MISSES = (
    Case("where a trip leads to", history(tools=[tool("flights", "origin", "destination")])),
    Case("a place’s town", history(tools=[tool("shows", "venue_city")])),
    Case("coordinates have a rule of their own", history(tools=[tool("near", "latitude")])),
    Case("a position in a list", history(tools=[tool("move", "position_index")])),
)
