"""A person's precise position, asked for or received. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit import taxonomy
from douane.audit.exchange import Exchange
from douane.audit.history import History, Seen
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, META, OUT, answer, call, datum, history, saw, tool
from douane.audit.rules.reading import asked, data, hit_of, hit_on, name_words, tools
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_PRECISE = "user.location.precise"
_GIVEN_BY_CHATGPT = "/params/_meta/"
_COORDINATES = frozenset({"latitude", "longitude", "lat", "lng", "lon", "gps", "coords", "coordinates", "coordonnees"})
_PERSONS = frozenset(
    {"user", "my", "current", "device", "person", "client", "customer", "home", "gps", "utilisateur", "personne"}
)
"""Whose coordinates are a person's; a store's, a venue's or a hotel's are not."""


def check(exchange: Exchange, _history: History) -> Iterator[Hit]:
    """Coordinates in what an app asked for; what ChatGPT adds of its own accord is not asked for."""
    for at, one in data(exchange, Direction.TO_APP, (_PRECISE,)):
        if not one.pointer.startswith((_GIVEN_BY_CHATGPT, "/@http/")):
            yield hit_of(exchange, at, one)


def check_app(history: History) -> Iterator[Hit]:
    """Properties, forms and widgets that ask for it."""
    for one_tool in tools(history):
        for one in asked(one_tool):
            if _PRECISE in one.categories and _is_persons(one.name):
                yield hit_on(one_tool, one, _PRECISE)
    for form in history.seen(Seen.FORM_ASKS):
        if taxonomy.is_within(form.name, _PRECISE):
            yield _asked_elsewhere(form.tool, f"elicitation/{form.detail}")
    for widget in history.seen(Seen.PERMISSION):
        if widget.name == "geolocation":
            yield _asked_elsewhere(widget.tool, widget.detail or "geolocation")


def _is_persons(name: str) -> bool:
    words = set(name_words(name))
    return bool(words & _COORDINATES) and words <= _COORDINATES | _PERSONS


def _asked_elsewhere(tool_name: str | None, where: str) -> Hit:
    who = tool_name or "elicitation" if where.startswith("elicitation") else tool_name or "widget"
    facts = (("tool", who), ("pointer", where), ("category", _PRECISE))
    return Hit(tool_name or "", f"{who} {where} {_PRECISE}", _PRECISE, Direction.TO_APP, facts=facts)


RULE = Rule(
    id="openai/precise-location",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Precise location", "Localisation précise"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="rely on the coarse geographic location shared by the system. Do not request precise user location data "
    "(for example, GPS coordinates or addresses).",
    says=Text(
        "{tool} asks for or received a precise position: {pointer}.",
        "{tool} demande ou a reçu une position précise : {pointer}.",
    ),
    remedy=Text(
        "Take the coarse location that ChatGPT sends (`openai/userLocation`), and leave coordinates out.",
        "Utilisez la localisation approximative que ChatGPT transmet (`openai/userLocation`), sans coordonnées.",
    ),
    check=check,
    check_app=check_app,
)

MATCHES = (
    Case("coordinates are sent as arguments", history(call("near", datum(_PRECISE, f"{ARGS}/lat")))),
    Case("the schema asks for them", history(tools=[tool("near", "latitude", "longitude")])),
    Case("named as the user’s", history(tools=[tool("near", "user_lat", "user_lng")])),
    Case("named as the device’s", history(tools=[tool("near", "gpsCoords")])),
    Case("a form asks for them", history(seen=[saw(Seen.FORM_ASKS, _PRECISE, "position", "near")])),
    Case("a widget asks for the browser’s position", history(seen=[saw(Seen.PERMISSION, "geolocation", "ui://map")])),
)
MISSES = (
    Case(
        "ChatGPT adds a location by itself",
        history(call("near", datum(_PRECISE, f"{META}/openai~1userLocation/latitude"))),
    ),
    Case("a place’s coordinates come back", history(answer("near", datum(_PRECISE, f"{OUT}/shop/lat")))),
    Case("a shop’s", history(tools=[tool("near", "store_lat", "venue_longitude", "hotelLatitude")])),
    Case("a town is not precise", history(call("near", datum("user.location.imprecise", f"{ARGS}/city")))),
    Case("a widget asks for the clipboard", history(seen=[saw(Seen.PERMISSION, "clipboardWrite", "ui://map")])),
)
