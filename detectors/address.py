"""Postal addresses of a person: by key in a person's record, in text by the way streets and postcodes are written."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.names import UPPER
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import key_words

_ADDRESS = "user.contact.address"
_POSTCODE = "user.contact.address.postal_code"
_UK = r"[A-Z]{1,2}\d[A-Z\d]{0,2} ?\d[A-Z]{2}"
_CA = r"[A-Z]\d[A-Z] ?\d[A-Z]\d"
_TOWN = rf"{UPPER}[\w'’]{{1,30}}(?:[ -][\w'’]{{1,30}}){{0,4}}"
_FRENCH = re.compile(
    rf"(?i:\b(?:\d{{1,4}}(?: ?(?:bis|ter|quater))?,? )?(?:rue|avenue|av\.|boulevard|bd|blvd|chemin|"
    rf"all[ée]e|impasse|quai|cours|route|square|passage|faubourg|sentier|lotissement|r[ée]sidence|place|"
    rf"villa) )(?:(?i:de la|de l['’]|des|du|de|d['’]|la|le|"
    rf"les) ?)?[\w'’]{{1,30}}(?:[ -][\w'’]{{1,30}}){{0,5}}?,? \d{{5}} {_TOWN}"
)
_FRENCH_STREET = re.compile(
    rf"\b\d{{1,4}}(?: ?(?:bis|ter|quater))?,? (?i:rue|avenue|av\.|boulevard|bd|blvd|chemin|all[ée]e|"
    rf"impasse|quai|cours|route|square|passage|place) (?:(?i:de la|de l['’]|des|du|de|d['’]|la|le|"
    rf"les) ?)?{UPPER}[\w'’-]{{1,30}}(?: {UPPER}[\w'’-]{{1,30}}){{0,3}}"
)
_ENGLISH = re.compile(
    rf"\b(?:(?i:flat|apt|apartment|studio|unit|"
    rf"suite) ?#?\w{{1,5}},? ?)?\d{{0,5}}[A-Za-z]? ?(?:{UPPER}[\w'’-]{{1,24}} ){{1,3}}(?:Street|St|Road|Rd|"
    rf"Avenue|Ave|Lane|Ln|Drive|Dr|Court|Ct|Close|Way|Crescent|Terrace|Boulevard|Blvd|Place|Pl|Square|Sq|"
    rf"Gardens|Grove|Hill|Park|Row|Mews|Trail|Parkway|Pkwy|Circle|Highway|Walk|Rise|View|Vista|"
    rf"Green)\b\.?(?:,? (?i:apt|unit|suite|"
    rf"#) ?\w{{1,6}})?(?:,? (?:{_UK} )?{_TOWN},?(?: [A-Z]{{2}})? ?(?:\d{{5}}(?:-\d{{4}})?|{_UK}|{_CA})?)?"
)
_NUMBERED = re.compile(
    rf"\b(?:(?i:flat|apt|apartment|studio|unit) ?\w{{1,5}} |"
    rf"\d{{1,5}}[A-Za-z]? ){UPPER}[\w'’-]{{1,24}}(?: {UPPER}[\w'’-]{{1,24}}){{0,3}},? (?:{_UK}|"
    rf"\d{{5}})(?: {_TOWN})?"
)
_LIVES = re.compile(
    r"(?i)\b(?:i live|we live|my address|home address|deliver(?:y|ed)? to|ship to|send (?:it|them) to|"
    r"moved to|j'habite|nous habitons|mon adresse|livrer? (?:au|à)|domicili[ée]e?|demeurant|résidant|"
    r"adresse\s?:|address\s?:|chez moi)\b"
)
_SHAPE = re.compile(r"\w")
_CODE = re.compile(
    rf"^(?:\d{{4,5}}(?:-\d{{3,4}})?|{_UK}|{_CA}|\d{{3}}-?\d{{4}}|\d{{3}} \d{{2}}|[A-Z]{{1,2}}\d[A-Z\d]{{0,2}})$",
    re.IGNORECASE,
)
_RECORDS = frozenset({"delivery", "shipping", "billing", "livraison", "facturation", "home", "domicile", "dropoff"})
_LINK = re.compile(r"^(?:https?:|[^\s@]+@[^\s@]+$|0x|\w+://)")


class Address:
    """The address of a shop, a hotel or any other record with a price or a rating is a place, not somebody's home."""

    name = "address"
    title = "Postal addresses"
    MATCHES = (
        Match({"delivery": {"street": "52 Garry Trail"}}, _ADDRESS),
        Match({"delivery": {"postcode": "S9E 0GY"}}, _ADDRESS),
        Match({"customer": {"address": "rue Sauvage, 86486 Adam", "name": "Ana"}}, _ADDRESS, at="customer/address"),
        Match(
            {"q": "j'habite 13, rue Véronique Marion, 57660 Lamy, merci"},
            _ADDRESS,
            "13, rue Véronique Marion, 57660 Lamy",
        ),
        Match(
            {"text": "file of Hilary, 12 Reece Well, KA6M 4SA Jackland"}, _ADDRESS, "12 Reece Well, KA6M 4SA Jackland"
        ),
        Match({"note": "I live at 221 Baker Street, London"}, _ADDRESS, "221 Baker Street, London"),
    )
    MISSES = (
        Miss({"q": "boulevard Émile Zola restaurants"}, "a street in a search"),
        Miss({"results": [{"name": "Inn", "rating": 4.4, "address": "1 rue X, 75001 Paris"}]}, "a hotel", results=True),
        Miss({"store": {"address": "5 High Street, Leeds"}}, "a shop"),
        Miss({"address": "a@example.org"}, "an e-mail address"),
        Miss({"ip_address": "41.59.71.19"}, "a network address"),
        Miss({"contract_address": "0x52908400098527886E0F7030069857D2E4169EE7"}, "an account"),
        Miss({"venue_postcode": "75001"}, "a venue"),
        Miss({"address": "n/a"}, "none"),
        Miss({"postcode_required": True}, "a switch"),
        Miss({"text": "the place to be in 2025"}, "a phrase"),
        Miss({"hotel_address": "3 Hill Road, York"}, "a hotel"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.field.is_key or one.empty or isinstance(one.field.value, bool | float):
                continue
            if one.hinted(_ADDRESS):
                found = self._keyed(scene, one)
                if found is not None:
                    yield found
                continue
            if one.prose and len(one.text) >= 12 and one.has_digit:
                yield from self._written(one)

    def _keyed(self, scene: Scene, one: Seen) -> Finding | None:
        text = one.text.strip()
        if {"ip", "email", "mail", "wallet", "contract", "mac", "url", "btc", "eth", "web"}.intersection(one.words):
            return None
        if one.about in {Subject.PLACE, Subject.PROFESSIONAL} or len(text) > 200 or _LINK.match(text):
            return None
        if one.about is Subject.THING and not _record(one):
            return None
        postcode = _POSTCODE in one.hints
        if postcode and (not _CODE.match(text) or ({"cp"} == set(one.words) and not text[:1].isdigit())):
            return None
        if not postcode and (not one.is_text or not _SHAPE.search(text) or len(text) < 3):
            return None
        sure = one.of_person or _record(one)
        if not sure and not scene.to_app and not one.field.reached:
            return None
        category = _POSTCODE if postcode else _ADDRESS
        if not postcode and any("street" in word or word in {"rue", "voie"} for word in one.words):
            category = "user.contact.address.street"
        return whole(one, category, 0.93 if sure else 0.75, self.name, "key")

    def _written(self, one: Seen) -> Iterable[Finding]:
        if one.about in {Subject.PLACE, Subject.THING} and hints.PROSE not in one.hints:
            return
        lives = _LIVES.search(one.text) is not None
        if one.searching and not lives:
            return
        for pattern, score in ((_FRENCH, 0.85), (_NUMBERED, 0.8)):
            for found in pattern.finditer(one.text):
                yield part(one, found.start(), found.end(), _ADDRESS, score, self.name, "street and postcode")
        score = 0.8 if lives else 0.6
        for found in _FRENCH_STREET.finditer(one.text):
            yield part(one, found.start(), found.end(), _ADDRESS, score, self.name, "street and number")
        for found in _ENGLISH.finditer(one.text):
            street = found.group().rstrip()
            if street[:1].isdigit() or street.lower().startswith(("flat", "apt", "studio", "unit")):
                end = found.start() + len(street)
                yield part(one, found.start(), end, _ADDRESS, score, self.name, "street and number")


def _record(one: Seen) -> bool:
    """Whether the field stands in a record of where somebody gets things or lives."""
    return any(_RECORDS.intersection(key_words(key)) for key in one.field.keys)


DETECTOR = Address()
