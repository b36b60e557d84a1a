"""The town or region where a person lives, by key in a person's record and in what people write of themselves."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.names import NAME_IN_FULL, UPPER
from douane.detectors.nations import countries
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.starts import Starts
from douane.detectors.streets import has_street
from douane.detectors.subject import AT_WORK, NOBODY, SOMEBODY, Subject
from douane.detectors.words import fold, key_words, word_set

_ROUGH = "user.location.imprecise"
_TO = word_set(
    """
    destination dropoff arrivee arrival to venue target birth naissance natal delivery_to event meeting departure
    """
)
_LETTER = re.compile(r"[^\W\d_]")
_RECORDS = word_set(
    "delivery shipping billing livraison facturation home domicile user customer profile userlocation residence"
)
_HOME_KEYS = word_set("home hometown residence domicile lives living based wohnort habite mailing actuelle current vie")
_VAGUE = word_set("location localisation")
_WHERE = word_set("v c t ci vi ville city town l loc")
_PROFILE = word_set("bio about profile profil presentation propos mot intro headline description self aboutme")
_TOWN = (
    rf"({UPPER}[\w'’]{{1,24}}(?:(?:-(?:[a-z]{{1,4}}-){{0,2}}| (?:upon|on|sur|sous|le|la|les|de|en) ?|[ "
    rf"]){UPPER}[\w'’]{{1,24}}){{0,3}})"
)
_ARTICLE = r"(?:(?:le|la|les|l['’]|the) ?)?"
_LIVES = Starts(
    rf"\b(?i:i live|we live|i['’]m based|i am based|we['’]re based|(?:he|she|they) lives?|living|lives|based|"
    rf"residing|resident|resides|reside|grew up|"
    rf"(?:i|we)(?:['’]ve| have)? (?:just |recently )?moved|relocated|relocating|hometown is|home town is|i['’]m|i "
    rf"am|we are|we['’]re|born and raised|settled|"
    rf"my (?:home|house|flat|place)(?: is)?)"
    rf" (?i:here |now |currently |alone |back |over )?(?i:in|near|to|outside|from|around|of) (?i:central |downtown "
    rf"|north |south |east |west |greater |the )?{_TOWN}"
)
_HABITE = Starts(
    rf"\b(?i:j['’] ?habite|nous habitons|on habite|(?:il|elle) habite|habitants?|habitante|habitant|je vis|nous "
    rf"vivons|on vit|(?:il|elle) vit|vivant|je r[ée]side|"
    rf"r[ée]sidant|r[ée]side|domicili[ée]e?s?|bas[ée]e?s?|install[ée]e?s?|originaires? |n[ée]e? et (?:grandi|"
    rf"élevée?)|je (?:suis|viens)|nous venons|je loge|j['’]ai grandi|"
    rf"mon appart(?:ement)?|ma maison|chez moi)(?i: ici| actuellement| maintenant| seule?| désormais| toujours| "
    rf"depuis \w{{1,8}} ans?)?,? "
    rf"(?i:à c[ôo]t[ée] de|pr[èe]s de|à|au|aux|en|sur|dans|de|d['’]|vers|du côté de|non loin de) ?{_ARTICLE}{_TOWN}"
)
_ROLE_AT = Starts(
    rf"\b(?i:je suis|nous sommes|on est|couple|famille|étudiante?|retraitée?s?)(?: (?![Aa]llée?s?\b|[Aa]rriv|"
    rf"[Pp]arti|[Pp]ass|[Vv]enu|[Ii]nvit|[Rr]entr|[Ee]n\b|[Rr]etourn)[\w'’-]{{1,20}}){{1,5}} à {_TOWN}"
)
_HANDED = Starts(
    rf"\b(?i:remise en main propre|main propre|[àa] (?:venir )?(?:chercher|r[ée]cup[ée]rer|retirer)|pick-?up|"
    rf"collection|"
    rf"collect(?:ed)?|cash on collection)\b[^.\n:]{{0,40}}? (?:à|sur|in|from|near|vers) {_TOWN}"
)
_DIRECT = Starts(rf"\b(?i:j['’] ?habite|nous habitons|on habite) (?!(?i:à|au|en|dans|sur|chez)\b){_TOWN}")
_BASED = Starts(rf"\b{_TOWN}[ -](?i:based|born|native|resident)\b")
_COMES = Starts(
    rf"\b(?i:(?:passer|venir|viens|vient|monte|descends|pars) depuis|"
    rf"(?:i|we|could|can|would|['’]d|['’]ll|am|['’]m|are) (?:be )?"
    rf"(?:come|coming|drive|driving|travel|travelling) (?:over |up |down |in )?from) {_TOWN}"
)
_AROUND = Starts(
    rf"\b(?i:autour|aux alentours|alentours|région|secteur|coin|environs|près|proche|around|near|nearby)(?: d[e'’] ?| )"
    rf"{_TOWN}"
)
_SEEKS = re.compile(
    r"(?i)\b\d{2} ?(?:ans|yo|y/o|years old)\b[^\n]{0,200}?\b(?:cherche|rencontr\w{1,4}|seeking|looking for|wltm|partag)"
)
_LISTED_TOWN = re.compile(
    rf"(?m)^[-•*\d.) ]{{0,5}}{NAME_IN_FULL},[^,\n]{{2,40}}, {_TOWN},? (?=\+?\d[\d ().-]{{7}}|[\w.-]{{2,40}}@)"
)
_CARD_TOWN = re.compile(
    r"(?m)^(?:item\d\.)?ADR(?:;[^:\n]{0,60})?:[^;\n]{0,60};[^;\n]{0,60};[^;\n]{0,120};([^;\n]{2,60})"
)
_BIO_PREP = re.compile(rf"\b(?:à|in|near|from|près de) {_TOWN}")
_CUES = word_set(
    """
    live lives living based residing resident resides reside grew moved relocated relocating hometown raised settled
    home house flat place habite habitons habitant habitants habitante vis vivons vit vivant residant domicilie
    domiciliee domicilies basee base installe installee originaire originaires viens venons loge grandi appart
    remise propre chercher recuperer retirer pickup pick collection collect collected
    depuis coming come drive driving travel travelling autour alentours region secteur coin environs pres proche
    around near nearby appartement maison moi suis sommes m am re are est couple famille etudiant etudiante
    retraite retraitee born native
    """
)
_NO_TOWN = word_set(
    """
    noel paques january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday lundi mardi mercredi jeudi vendredi samedi dimanche english french
    spanish german love need charge i my the general fact case me you christmas easter europe africa afrique asia asie
    facebook instagram tinder whatsapp linkedin google amazon apple netflix
    """
)


class Location:
    """A destination, a venue and a country are no one's home."""

    name = "location"
    title = "Towns and regions where a person lives"
    MATCHES = (
        Match({"x1": "41 Jamaica Street", "x2": "Bristol", "x3": "BS2 8JP"}, _ROUGH, "Bristol"),
        Match({"bio": "potter", "town": "Tucson"}, _ROUGH, "Tucson"),
        Match({"texte": "Remise en main propre à Amiens"}, _ROUGH, "Amiens"),
        Match({"delivery": {"street": "1 rue X", "city": "Lyon"}}, _ROUGH, at="delivery/city"),
        Match({"first_name": "Ana", "city": "Leeds"}, _ROUGH, at="city"),
        Match({"consignee": {"n": "Tove Lind", "l1": "Storgatan 4", "l3": "Malmö"}}, _ROUGH, at="consignee/l3"),
        Match({"destinataire": {"n": "Awa", "r": "14 rue Haute", "c": "45000", "v": "Orléans"}}, _ROUGH, "Orléans"),
        Match({"bio": "29, Bristol based, climber"}, _ROUGH, "Bristol"),
        Match({"a_propos": "34 ans, prof de maths à Valence, rando"}, _ROUGH, "Valence"),
        Match({"text": "I live in Stoke-on-Trent with two cats"}, _ROUGH, "Stoke-on-Trent"),
        Match({"texte": "nous sommes une famille de quatre à Bry-sur-Marne."}, _ROUGH, "Bry-sur-Marne"),
        Match({"q": "j'habite à Limoges, quel tribunal saisir ?"}, _ROUGH, "Limoges"),
        Match({"texte": "Femme 43 ans, cherche ami pour balades autour de Vannes."}, _ROUGH, "Vannes"),
        Match({"text": "Profils :\n- Ana Brito, soudeuse, Brest, 07 55 20 13 98"}, _ROUGH, "Brest", results=True),
        Match({"hometown": "Cork"}, _ROUGH),
        Match({"members": [{"Nom": "Julie Morel", "Âge": 61, "Ville": "Agen"}]}, _ROUGH, "Agen", results=True),
        Match({"candidate": {"name": "Julie Morel", "location": "Leeds, UK"}}, _ROUGH, "Leeds, UK", results=True),
    )
    MISSES = (
        Miss({"city": "Paris", "checkin": "2025-12-01"}, "a destination"),
        Miss({"dl_state": "LA", "fn": "Ana"}, "who issued a paper"),
        Miss({"text": "Drive over from Paris to Reims, 2 h"}, "a route", results=True),
        Miss({"hotel_city": "Paris"}, "a hotel's town"),
        Miss({"state": "open", "email": "a@example.org"}, "a status"),
        Miss({"q": "weather in Austin, TX"}, "a place that is asked about"),
        Miss({"restaurant": {"city": "Lille", "rating": 4.5}}, "a restaurant's town"),
        Miss({"area": 52.5, "email": "a@example.org"}, "a size"),
        Miss({"location": "Room 4"}, "a room"),
        Miss({"q": "things to do in Rome"}, "a trip"),
        Miss({"text": "je suis allée à Rome en mai"}, "a trip"),
        Miss({"text": "I'm in Love with this sofa"}, "no town"),
        Miss({"text": "La société est basée à Nantes."}, "a company", results=True),
        Miss({"name": "Tour du Mont", "city": "Chamonix", "distance": 4}, "an outing", results=True),
        Miss({"birth": {"city": "Metz"}}, "where somebody was born, not where they live"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for members in scene.groups.values():
            yield from self._towns(scene, members, known)
        for one in scene.prose:
            if not one.field.is_key and len(one.text) >= 8:
                yield from self._said(scene, one, known)

    def _towns(self, scene: Scene, members: list[Seen], known: Records) -> Iterable[Finding]:
        named = [
            one for one in members if one.is_text and not one.field.is_key and (_ROUGH in one.hints or _is_line(one))
        ]
        if not named:
            return
        address = any("user.contact.address" in other.hints and not other.empty for other in members[:60])
        person = any(other.tells_person or not _OWN.isdisjoint(other.words) for other in members[:60]) or (
            scene.to_app
            and any(one.field.keys[:-1] == _TOP for one in named)
            and any(other.about is Subject.CHILD and other.is_text for other in list(scene)[:60])
        )
        for one in named:
            if self._is_town(one) and self._is_theirs(scene, one, known, address=address, person=person):
                yield whole(one, _ROUGH, 0.85, self.name, "key beside a person's data")

    @staticmethod
    def _is_town(one: Seen) -> bool:
        text = one.text.strip()
        if one.empty or not 2 <= len(text) <= 60 or not _LETTER.match(text) or any(char in text for char in "_@/:"):
            return False
        if (
            hints.SEARCH in one.hints
            or not _ISSUED.isdisjoint(one.words)
            or _TO.intersection(one.words)
            or (one.has_digit and _ROUGH in one.hints and len(text) < 4)
        ):
            return False
        vague = one.words[-1:] in {("state",), ("area",), ("region",), ("district",), ("location",), ("localisation",)}
        return not (vague and (not text[0].isupper() or one.has_digit)) and fold(text) not in countries()

    @staticmethod
    def _is_theirs(scene: Scene, one: Seen, known: Records, *, address: bool, person: bool) -> bool:
        capital = one.text.strip()[0].isupper()
        if _is_line(one):
            numbered = one.words[-1].isdigit()
            if one.has_digit or has_street(one.tokens) or not capital:
                return False
            if known.whose(one, own=False) is not Subject.PERSON and not (
                scene.to_app and known.of(one).street and not known.of(one).business
            ):
                return False
            if numbered and one.words[0] in _UNTOLD and not known.of(one).street:
                return False
            return numbered or known.of(one).street or (known.of(one).terse and known.of(one).person > 0)
        if _VAGUE.intersection(one.words) and not _HOME_KEYS.intersection(one.words):
            above = {word for key in one.field.keys[:-1] for word in key_words(key)}
            record = known.of(one)
            if not (record.person and not record.business and (not scene.to_app or above & _PEOPLE)):
                return False
            return capital and not has_street(one.tokens) and not one.has_digit and len(one.tokens) <= 5
        if _HOME_KEYS.intersection(one.words):
            return one.about not in AT_WORK and known.of(one).business < 2
        if not capital and not person and not address:
            return False
        record = known.of(one)
        if record.business > record.person:
            return False
        about = one.about
        if about in AT_WORK or (about is Subject.THING and not record.person):
            return False
        recorded = any(_RECORDS.intersection(key_words(key)) for key in one.field.keys)
        sent = address and record.business == 0 and (record.person > 0 or record.street)
        if any(
            _TO.intersection(key_words(key))
            and not (sent and key.lower() in {"to", "dropoff"})
            and not _SENT.intersection(key_words(key))
            for key in one.field.keys
        ):
            return False
        if any(_SOUGHT.intersection(key_words(key)) for key in one.field.keys):
            return False
        return (
            about in SOMEBODY
            or person
            or (address and (scene.to_app or recorded or known.whose(one) is Subject.PERSON))
            or recorded
            or (bool(record.person) and not _TRIP & {word for other in one.siblings[:40] for word in other.words})
        )

    def _said(self, scene: Scene, one: Seen, known: Records) -> Iterable[Finding]:
        if one.has_digit and "\n" in one.text:
            if "VCARD" in one.text[:400]:
                for found in _CARD_TOWN.finditer(one.text):
                    yield part(one, *found.span(1), _ROUGH, 0.85, self.name, "an address book's card")
            for found in _LISTED_TOWN.finditer(one.text):
                if self._named(found[1]):
                    yield part(
                        one, *found.span(1), _ROUGH, 0.6 if " " in found[1] else 0.8, self.name, "in a list of people"
                    )
        if one.vocabulary.isdisjoint(_CUES) and not _PROFILE.intersection(one.words):
            return
        text = one.text
        patterns: tuple[Starts, ...] = (_LIVES, _HABITE, _DIRECT, _ROLE_AT, _BASED, _HANDED, _COMES)
        if len(text) <= 1000 and not one.searching and _SEEKS.search(text):
            patterns = (*patterns, _AROUND)
        for pattern in patterns:
            for found in pattern.finditer(text, one.places):
                if not self._named(found[1]) or not _somebody(scene, one, text, found):
                    continue
                yield part(one, found.start(1), found.end(1), _ROUGH, 0.75, self.name, "words around it", minor=False)
        if len(text) <= 300 and _PROFILE.intersection(one.words) and self._is_bio(scene, one, known):
            for found in _BIO_PREP.finditer(text):
                if self._named(found[1]):
                    yield part(one, found.start(1), found.end(1), _ROUGH, 0.65, self.name, "in a profile", minor=False)

    @staticmethod
    def _is_bio(scene: Scene, one: Seen, known: Records) -> bool:
        words = set(one.words)
        if words & {"bio", "about", "propos", "aboutme", "profil", "profile", "presentation"}:
            return one.about not in NOBODY and (scene.to_app or known.of(one).person > 0)
        return known.of(one).person > 0 and not scene.to_app and known.of(one).business == 0

    @staticmethod
    def _named(town: str) -> bool:
        first = fold(town.split()[0].split("'")[0])
        return first not in _NO_TOWN and fold(town) not in countries() and not town.isdigit()


_ISSUED = word_set("dl license licence plate plaque issuing issued permis immatriculation registration tax ballot")
"""Words of keys by which a state is the one that issued a paper."""
_TOP = ("params", "arguments")
_OWN = word_set("bio aboutme propos presentation headline seeking interestedin blurb tagline")
"""Words of keys by which people present themselves."""
_UNTOLD = word_set("x f v c champ field value valeur col param")
"""Keys without a meaning that number the lines of an address."""
_SENT = word_set("ship deliver bill send mail shipped delivered livre")
_SOUGHT = word_set("search filter filters criteria criteres recherche query sought wanted")
_PEOPLE = word_set("profile profil user customer candidate candidat applicant contact member person client me patient")
_TRIP = word_set("checkin checkout arrival arrivee departure depart flight hotel venue event rating price prix nights")
_THIRD = word_set(
    "lives based basee base reside resides living installe installee habitants resident residing settled relocated"
)
_FIRM_SAID = re.compile(
    r"(?i)\b(?:company|startup|start-up|firm|team|société|entreprise|marque|brand|agence|agency|band|groupe|group|"
    r"studio|business|association|office|office is|we are a|it|which|qui est)\b"
)


def _is_line(one: Seen) -> bool:
    """Whether the key is a numbered line of an address or a letter that may stand for a town."""
    words = one.words
    last = one.field.pointer[-2:]
    if last[:1] == "/" and not one.field.reached and last[1:].isalpha():
        # A one-letter key may have been taken for the name of nothing, and stands for the key above it.
        words = (last[1:].lower(),)
    if len(words) == 2 and words[1] in {"2", "3", "4", "5"}:
        return words[0] in {"l", "line", "ligne", "adr", "addr", "adresse", "address"} or words[0] in _UNTOLD
    return len(words) == 1 and len(words[0]) <= 2 and words[0] in _WHERE


def _somebody(scene: Scene, one: Seen, text: str, found: re.Match[str]) -> bool:
    """Whether the sentence is about a person and not about a firm, and the town ends where it seems to."""
    if any(char.isdigit() for char in found.group()[: found.start(1) - found.start()]) and "ans" not in found.group():
        return False
    if _FIRM_SAID.search(text, max(0, found.start() - 60), found.start(1)):
        return False
    if one.searching and not _FIRST.search(text, max(0, found.start() - 20), found.start(1)):
        return False
    if one.about in NOBODY and hints.PROSE not in one.hints:
        return False
    return scene.to_app or bool(_SOMEBODY.search(text, max(0, found.start() - 80), found.start(1)))


_FIRST = re.compile(r"(?i)\b(?:i|i'm|my|we|me|our|je|j['’]|nous|on|mon|ma|chez)\b|\bj['’]")
_SOMEBODY = re.compile(
    rf"(?i:\b(?:i|my|we|he|she|they|je|nous|il|elle|on|patiente?|cliente?|mon|ma|mr|mrs|ms|mme|née?|born|aged|"
    rf"ans)\b|\bj['’])|{UPPER}[a-zé]+ {UPPER}[a-zé]+"
)

DETECTOR = Location()
