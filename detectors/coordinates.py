"""Coordinates of a person, of what they carry or of where they live. A venue's, a destination's or a map's are not."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.premises import said_before
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import AT_WORK, Subject
from douane.detectors.words import fold, key_words, word_set

_PRECISE = "user.location.precise"
_ROUGH = "user.location.imprecise"
_LATITUDE = frozenset({"lat", "latitude", "lati", "la", "lt", "breite"})
_LONGITUDE = frozenset({"lon", "lng", "long", "longitude", "longi", "lo", "ln", "lg"})
_AXES = _LATITUDE | _LONGITUDE | {"x", "y"}
_DECIMAL = r"[-+]?\d{1,3}[.]\d{2,15}°?"
_PAIR = re.compile(
    rf"^\s*[(\[]?\s*(?:geo:)?{_DECIMAL}(?: ?[NSns])?\s*[,;/| ]\s*{_DECIMAL}(?: ?[EWOewo])?\s*[)\]]?(?:;u=\d+)?\s*$"
)
_IN_TEXT = re.compile(r"(?<![\d.])[-+]?\d{1,2}\.\d{4,15}°?(?: ?[NS])?\s?[,;/ ]\s?[-+]?\d{1,3}\.\d{4,15}(?![\d.])")
_SEXAGESIMAL = re.compile(
    r"\d{1,2}\s?°\s?\d{1,2}\s?['′’]\s?(?:\d{1,2}(?:[.,]\d{1,4})?\s?[\"″”]?)?\s?[NS]\W{1,3}\d{1,3}\s?°\s?\d{1,2}\s?['′’]\s?(?:\d{1,2}(?:[.,]\d{1,4})?\s?[\"″”]?)?\s?[EWO]\b"
)
_LINK = re.compile(
    r"(?:geo:|[?&](?:q|ll|center|daddr|query|destination|mlat)=|/@|loc:)(-?\d{1,2}\.\d{3,15})(?:,|%2C|"
    r"&mlon=)(-?\d{1,3}\.\d{3,15})"
)
_PAIR_KEYS = word_set(
    """
    location coordinates coordonnees coords coord position pos latlng latlon lnglat lonlat ll geo gps near origin pickup
    point home from depart center whereabouts geoloc geolocation geolocalisation localisation loc me around fix here
    ici domicile start current waypoint place ou where
    """
)
_FROM = word_set(
    """
    pickup origin origine depart from start current user home domicile my me near around last known seen device phone
    telephone vehicle vehicule car voiture tracker balise courier livreur rider friend ami amie member watch montre
    wearable pet caller appelant victim incident here ici self actuelle moi whereabouts delivery livraison shared live
    customer client patient driver runner hiker
    """
)
_TO = word_set(
    """
    destination dropoff arrivee arrival to venue target bounds viewport bbox ne sw nw se min max north south east west
    northeast southwest northwest southeast nord sud est ouest polygon box map carte camera tile shop store restaurant
    hotel station depot branch stop poi listing property site attraction event meeting
    """
)
_PLACE_TEXT = word_set("near place venue name nom title titre where label poi lieu around")
_HOMES = word_set("home maison domicile casa me moi here ici house user current")
_HOME_SAID = re.compile(
    r"(?i)^(?:my |ma |mon |chez )?(?:home|house|flat|place|maison|domicile|appart\w*|moi|me|here|ici|casa|current "
    r"location|position actuelle)(?:\s*$|\s*[,(–:-])"
)
_SAID = re.compile(
    r"(?i)\b(?:i(?:['’]m| am| live| stay)|my (?:location|position|home|house|place)|me|pick(?:ed)? (?:me )?up|"
    r"we(?:['’]re| are)|je suis|nous sommes|"
    r"ma position|ma localisation|chez moi|j['’]habite|mon domicile|on est|shared location|position partagée|"
    r"parked|garée?|stranded|lost|perdue?s?|coincée?s?)\b"
)


_POSITION = re.compile(r"(?i)\b(?:coord\w*|position|gps|lat\w*|location|localisation)\b")


class Coordinates:
    """At least three decimals are precise (some 100 m, Apple's threshold); fewer say a town."""

    name = "coordinates"
    title = "Coordinates of a person"
    MATCHES = (
        Match({"from": {"la": 44.650112, "lo": -63.581937}}, _PRECISE, at="from/la"),
        Match({"positions": [{"y": 49.41893, "x": 0.23311, "t": "08:00"}]}, _PRECISE, at="positions/y", results=True),
        Match({"track": [[53.79712, -1.54322]], "avg_hr": 150, "shoes": "x"}, _PRECISE, "53.79712"),
        Match({"pickup": {"latitude": 24.15299, "longitude": 51.7393}}, _PRECISE, at="pickup/latitude"),
        Match({"lat": 48.85341, "lng": 2.34880}, _PRECISE, at="lat"),
        Match({"near": "48.85341,2.34881"}, _PRECISE),
        Match({"user": {"lat": 48.9, "lon": 2.3}}, _ROUGH, at="user/lat"),
        Match({"site": "home", "geo": {"type": "Point", "coordinates": [-1.25, 51.75123]}}, _PRECISE, "51.75123"),
        Match(
            {"imei": "x", "last_known_position": {"lat": 51.04473, "lng": -114.07188}},
            _PRECISE,
            "51.04473",
            results=True,
        ),
        Match({"homeLat": "45.76412", "homeLng": "4.83566"}, _PRECISE, at="homeLat"),
        Match({"start_lat": 45.76412, "start_lon": 4.83566, "end_lat": 45.1, "end_lon": 4.2}, _PRECISE, "45.76412"),
        Match({"latitudeE7": 457641234, "longitudeE7": 48356612}, _PRECISE, at="latitudeE7"),
        Match({"text": "I'm stuck at 45.76412, 4.83566, send help"}, _PRECISE, "45.76412, 4.83566"),
        Match({"url": "https://maps.example/?q=45.76412,4.83566"}, _PRECISE, "45.76412,4.83566"),
        Match({"position": "45°45'51.2\"N 4°50'08.3\"E"}, _PRECISE),
        Match(
            {"friends": [{"name": "Julie Morel", "lat": 45.76412, "lon": 4.83566}]}, _PRECISE, "45.76412", results=True
        ),
    )
    MISSES = (
        Miss(
            {"stays": [{"name": "Casa Ana", "nightly": 9, "lat": 39.58042, "lng": 2.34991}]}, "a rental", results=True
        ),
        Miss({"chart": {"points": [{"x": 12.45123, "y": 45.12341, "t": 3}]}}, "a chart", results=True),
        Miss({"results": [{"name": "Inn", "price": 90, "lat": 48.88142, "lon": 2.39690}]}, "a hotel", results=True),
        Miss({"path": [[53.79712, -1.54322]], "title": "Canal walk"}, "a route that is suggested", results=True),
        Miss({"destination": {"latitude": 24.15299, "longitude": 51.7393}}, "where the ride goes"),
        Miss({"latitude": 524.1}, "no latitude"),
        Miss({"lat": 48.85341}, "half a pair"),
        Miss({"ne_lat": 51.45123, "ne_lng": -116.10012, "sw_lat": 51.39031, "sw_lng": -116.25112}, "a map's corners"),
        Miss({"near": "Tubman Square, Newark", "lat": 40.73571, "lng": -74.17241}, "a place that was named"),
        Miss({"polygon": [[26.71123, -80.06123], [26.70123, -80.03123]]}, "an area"),
        Miss({"store": {"coords": [48.85341, 2.34881]}}, "a shop"),
        Miss({"text": "the summit is at 45.83264, 6.86517"}, "a mountain", results=True),
        Miss({"text": "Version 12.3456, 45.6789 released"}, "versions"),
        Miss({"temperature_range": "12.45 18.90"}, "no place"),
        Miss({"x": 12.4512, "y": 45.1234}, "a chart's axes"),
        Miss({"stations": [{"name": "Bellecour", "lat": 45.75781, "lng": 4.83201}]}, "a station", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for members in scene.groups.values():
            yield from self._keyed(scene, members, known)
        for one in scene.texts:
            if one.has_digit and not one.field.is_key and len(one.text) >= 9:
                yield from self._written(scene, one, known)

    def _keyed(self, scene: Scene, members: list[Seen], known: Records) -> Iterable[Finding]:
        latitudes: dict[tuple[str, ...], Seen] = {}
        longitudes: dict[tuple[str, ...], Seen] = {}
        for one in members:
            if not one.has_digit or _AXES.isdisjoint(one.words):
                continue
            rest = tuple(word for word in one.words if word not in _AXES)
            if _LATITUDE.intersection(one.words):
                if _number(one, 90):
                    latitudes[rest] = one
            elif _LONGITUDE.intersection(one.words) and _number(one, 180):
                longitudes[rest] = one
            elif one.words in {("y",), ("coord", "y"), ("pos", "y")} and _number(one, 90):
                latitudes[("xy",)] = one
            elif one.words in {("x",), ("coord", "x"), ("pos", "x")} and _number(one, 180):
                longitudes[("xy",)] = one
        for rest, latitude in latitudes.items():
            longitude = longitudes.get(rest)
            if rest == ("xy",) and not (_tracked(latitude) or _sent(scene, latitude)):
                continue
            if longitude is not None and _located(scene, latitude, known):
                yield from self._pair(latitude, longitude)
        if 2 <= len(members) <= 3 and len({one.field.key for one in members}) == 1:
            yield from self._array(scene, members, known)

    def _array(self, scene: Scene, members: list[Seen], known: Records) -> Iterable[Finding]:
        """A position as a list of two numbers, in either order."""
        first, second = members[:2]
        if not all(isinstance(one.field.value, float | int) for one in members):
            return
        if not _PAIR_KEYS.intersection(first.words) and not (
            _TRACED.intersection(first.words) and _decimals(first) >= 4 and _own_track(scene, first, known)
        ):
            return
        if any(isinstance(one.field.value, bool) for one in members) or "." not in first.text + second.text:
            return
        if _number(first, 180) and _number(second, 180) and _located(scene, first, known):
            yield from self._pair(first, second)

    def _pair(self, first: Seen, second: Seen) -> Iterable[Finding]:
        decimals = max(_decimals(first), _decimals(second))
        for one in (first, second):
            yield whole(one, _PRECISE if decimals >= 3 else _ROUGH, 0.9, self.name, "key")

    def _written(self, scene: Scene, one: Seen, known: Records) -> Iterable[Finding]:
        text = one.text
        if _PAIR.match(text) is not None:
            if _PAIR_KEYS.intersection(one.words) and _located(scene, one, known):
                yield whole(one, _PRECISE, 0.88, self.name, "key and shape")
            return
        if text.count(".") < 2 and "°" not in text:
            return
        if "=" in text or "/@" in text or "geo:" in text:
            for found in _LINK.finditer(text):
                if self._meant(scene, one, known, found.start()):
                    yield part(one, found.start(1), found.end(2), _PRECISE, 0.8, self.name, "a link to a map")
            return
        patterns = (_IN_TEXT, _SEXAGESIMAL) if "°" in text else (_IN_TEXT,)
        for pattern in patterns:
            for found in pattern.finditer(text):
                if self._meant(scene, one, known, found.start()):
                    yield part(one, found.start(), found.end(), _PRECISE, 0.8, self.name, "written coordinates")

    @staticmethod
    def _meant(scene: Scene, one: Seen, known: Records, start: int) -> bool:
        if said_before(one.text, start) == "premises":
            return False
        if _SAID.search(one.text, max(0, start - 80), start):
            return True
        if one.prose and not _POSITION.search(one.text) and len(one.text) > 30:
            return False
        if one.prose and len(one.text) > 60:
            return False
        return _located(scene, one, known)


def _located(scene: Scene, one: Seen, known: Records) -> bool:
    """Whether coordinates are somebody's: by keys first, else a request sends the user's and an answer a place's."""
    for key in reversed(one.field.keys):
        words = frozenset(key_words(key))
        if words & _TO or {"drop", "off"} <= words:
            return False
        if words & _FROM:
            return not (words & _VEHICLES and not scene.to_app and _hired(one))
    if {"x", "y"} & set(one.words):
        return _tracked(one) or _sent(scene, one)
    if _TRACED.intersection(one.words):
        return _own_track(scene, one, known)
    beside = [other for other in _around(one, known) if other.is_text and _PLACE_TEXT.intersection(other.words)]
    if any(_HOME_SAID.match(other.text.strip()) for other in beside if len(other.text) <= 40):
        return True
    whose = known.whose(one)
    if whose is Subject.PERSON:
        return True
    if not scene.to_app:
        return False
    if any(len(other.text) >= 3 and not other.has_digit for other in beside):
        return False
    return whose not in AT_WORK and not known.of(one).business


_VEHICLES = word_set("vehicle vehicule car voiture bike velo scooter")
_TRACKS = word_set(
    "position positions gps location locations fix fixes track trace coords coordinates localisations pings"
)
_TIMES = word_set("t ts time timestamp at date heure when horodatage recorded le")


_TRACED = word_set(
    """
    track tracks trace traces gpx pings breadcrumbs fixes trajectory trajectoire trajet parcours path latlngs latlng
    waypoints points positions locations polyline samples coords segment segments geometry
    """
)
_EFFORT = word_set(
    """
    hr bpm avghr heart heartrate fc cadence pace allure kcal calories steps pas shoes chaussures watch montre sport
    elapsed moving elevation denivele dist distance duree duration effort speed vitesse workout run ride activity seance
    """
)
_BODY = word_set("hr bpm avghr heart heartrate fc cadence pace allure kcal calories steps pas shoes watch montre")
_REPORTED = re.compile(
    r"(?i)position|location|localis|checkin|check_in|sos|emergency|urgence|secours|share|partag|track|report|signal|"
    r"geo|where|beacon|balise"
)


def _own_track(scene: Scene, one: Seen, known: Records) -> bool:
    """Whether a list of positions is where somebody went: what was measured on the way stands beside it."""
    keys = one.field.keys
    if any(_TO.intersection(key_words(key)) for key in keys):
        return False
    beside = {word for other in known.members(keys[:-1])[:60] for word in other.words}
    efforts = len(beside & _EFFORT)
    if scene.to_app:
        return efforts >= 2
    return not beside.isdisjoint(_BODY) or (efforts >= 2 and known.whose(one) is Subject.PERSON)


def _sent(scene: Scene, one: Seen) -> bool:
    """Whether an `x` and a `y` that a request sends are degrees: by the schema's words or by the tool's purpose."""
    if not scene.to_app or _decimals(one) < 4:
        return False
    if _PRECISE in one.hints or _ROUGH in one.hints:
        return True
    return _REPORTED.search(scene.context.tool or "") is not None


def _hired(one: Seen) -> bool:
    """Whether a vehicle is one that an app offers, and stands where it is parked for everybody."""
    return any(
        not {"station", "available", "dispo", "disponible", "tarif", "price", "rate"}.isdisjoint(other.words)
        for other in one.siblings[:40]
    )


def _tracked(one: Seen) -> bool:
    """Whether an `x` and a `y` are a place on the earth at a time: precise, in a list of positions."""
    if _decimals(one) < 4 or len(one.field.keys) < 2 or _TRACKS.isdisjoint(key_words(one.field.keys[-2])):
        return False
    return any(not _TIMES.isdisjoint(other.words) for other in one.siblings[:20])


def _around(one: Seen, known: Records) -> list[Seen]:
    """The fields beside a position, at the level above where it is an object or a list of its own."""
    keys = one.field.keys
    found = list(one.siblings[:40])
    for up in (2, 3):
        if len(keys) >= up and not {fold(key) for key in keys[-up:]}.isdisjoint(_PAIR_KEYS):
            found.extend(known.members(keys[:-up])[:40])
    return found


def _number(one: Seen, bound: int) -> bool:
    if isinstance(one.field.value, bool):
        return False
    if {"e", "7"} <= set(one.words):
        return one.text.lstrip("-").isdecimal() and len(one.text) <= 11 and abs(int(one.text)) <= bound * 10**7
    text = one.text.strip().rstrip("°NSEWO ").replace(",", ".", 1) if one.is_text else one.text
    try:
        return abs(float(text)) <= bound
    except ValueError:
        return False


def _decimals(one: Seen) -> int:
    if {"e", "7"} <= set(one.words):
        return 7
    text = one.text.replace(",", ".")
    return len(text.rpartition(".")[2]) if "." in text else 0


DETECTOR = Coordinates()
