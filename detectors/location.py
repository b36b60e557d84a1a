"""Where a person is: coordinates, and the town or region of a person's record. A venue's are not the user's."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import key_words

_PRECISE = "user.location.precise"
_ROUGH = "user.location.imprecise"
_LATITUDE = frozenset({"lat", "latitude"})
_LONGITUDE = frozenset({"lon", "lng", "long", "longitude"})
_PAIR = re.compile(r"^\s*[-+]?\d{1,3}\.\d{2,15}\s*[,;/ ]\s*[-+]?\d{1,3}\.\d{2,15}\s*$")
_PAIR_KEYS = frozenset(
    {
        "location",
        "coordinates",
        "coords",
        "coordonnees",
        "position",
        "latlng",
        "latlon",
        "ll",
        "geo",
        "gps",
        "near",
        "origin",
        "pickup",
        "point",
        "home",
        "from",
        "depart",
        "center",
    }
)
_FROM = frozenset(
    {
        "pickup",
        "origin",
        "origine",
        "depart",
        "from",
        "start",
        "current",
        "user",
        "home",
        "domicile",
        "my",
        "me",
        "near",
        "around",
    }
)
_TO = frozenset({"destination", "dropoff", "arrivee", "arrival", "to", "venue", "target", "bounds", "viewport", "bbox"})
_LETTER = re.compile(r"[^\W\d_]")
_RECORDS = frozenset(
    {
        "delivery",
        "shipping",
        "billing",
        "livraison",
        "facturation",
        "home",
        "domicile",
        "user",
        "customer",
        "profile",
        "userlocation",
    }
)


class Location:
    """At least three decimals are precise (some 100 m, Apple's threshold); fewer say a town."""

    name = "location"
    title = "Coordinates and towns of a person"
    MATCHES = (
        Match({"pickup": {"latitude": 24.15299, "longitude": 51.7393}}, _PRECISE, at="pickup/latitude"),
        Match({"lat": 48.85341, "lng": 2.34880}, _PRECISE, at="lat"),
        Match({"near": "48.85341,2.34881"}, _PRECISE),
        Match({"delivery": {"street": "1 rue X", "city": "Lyon"}}, _ROUGH, at="delivery/city"),
        Match({"first_name": "Ana", "city": "Leeds"}, _ROUGH, at="city"),
        Match({"user": {"lat": 48.9, "lon": 2.3}}, _ROUGH, at="user/lat"),
    )
    MISSES = (
        Miss({"results": [{"name": "Inn", "price": 90, "lat": 48.88142, "lon": 2.39690}]}, "a hotel", results=True),
        Miss({"destination": {"latitude": 24.15299, "longitude": 51.7393}}, "where the ride goes"),
        Miss({"city": "Paris", "checkin": "2025-12-01"}, "a destination"),
        Miss({"hotel_city": "Paris"}, "a hotel's town"),
        Miss({"state": "open", "email": "a@example.org"}, "a status"),
        Miss({"latitude": 524.1}, "no latitude"),
        Miss({"lat": 48.85341}, "half a pair"),
        Miss({"q": "weather in Austin, TX"}, "a place that is asked about"),
        Miss({"restaurant": {"city": "Lille", "rating": 4.5}}, "a restaurant's town"),
        Miss({"area": 52.5, "email": "a@example.org"}, "a size"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for members in scene.groups.values():
            yield from self._coordinates(scene, members)
            yield from self._towns(scene, members)

    def _coordinates(self, scene: Scene, members: list[Seen]) -> Iterable[Finding]:
        latitudes = [one for one in members if _LATITUDE.intersection(one.words) and _number(one, 90)]
        longitudes = [one for one in members if _LONGITUDE.intersection(one.words) and _number(one, 180)]
        if latitudes and longitudes:
            pair = [*latitudes, *longitudes]
            if any(_located(scene, one) for one in pair[:1]):
                decimals = max(_decimals(one.text) for one in pair)
                category = _PRECISE if decimals >= 3 else _ROUGH
                for one in pair:
                    yield whole(one, category, 0.9, self.name, "key")
        for one in members:
            if one.is_text and _PAIR.match(one.text) and _PAIR_KEYS.intersection(one.words) and _located(scene, one):
                yield whole(one, _PRECISE, 0.88, self.name, "key and shape")

    def _towns(self, scene: Scene, members: list[Seen]) -> Iterable[Finding]:
        named = [one for one in members if one.is_text and _ROUGH in one.hints and not one.field.is_key]
        if not named:
            return
        address = any(other.hinted("user.contact.address") and not other.empty for other in members)
        person = any(other.tells_person for other in members)
        for one in named:
            text = one.text.strip()
            if one.empty or len(text) > 60 or not _LETTER.search(text) or any(char in text for char in "_@/"):
                continue
            if (
                hints.SEARCH in one.hints
                or not _LETTER.match(text)
                or (not text[0].isupper() and not person and not address)
            ):
                continue
            if {"state", "area", "region", "district"}.intersection(one.words) and not text[0].isupper():
                continue
            about = one.about
            if about in {Subject.PLACE, Subject.THING, Subject.PROFESSIONAL} or _TO.intersection(one.words):
                continue
            recorded = any(_RECORDS.intersection(key_words(key)) for key in one.field.keys)
            if (
                about in {Subject.PERSON, Subject.CHILD}
                or person
                or (address and (scene.to_app or recorded))
                or recorded
            ):
                yield whole(one, _ROUGH, 0.85, self.name, "key beside a person's data")


def _located(scene: Scene, one: Seen) -> bool:
    """Whether coordinates are somebody's: by keys first, else a request sends the user's and an answer a place's."""
    for key in reversed(one.field.keys):
        words = frozenset(key_words(key))
        if words & _TO:
            return False
        if words & _FROM:
            return True
    if one.about in {Subject.PERSON, Subject.CHILD}:
        return True
    return scene.to_app and one.about is Subject.UNKNOWN


def _number(one: Seen, bound: int) -> bool:
    try:
        return not isinstance(one.field.value, bool) and abs(float(one.text)) <= bound
    except ValueError:
        return False


def _decimals(text: str) -> int:
    return len(text.rpartition(".")[2]) if "." in text else 0


DETECTOR = Location()
