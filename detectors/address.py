"""Postal addresses of a person: by key in a person's record, in text by the way streets and postcodes are written."""

import re
from collections.abc import Iterable

from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.blocks import continued
from douane.detectors.findings import part, whole
from douane.detectors.homes import Homes, starts_with_premises
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.streets import code_and_town, has_street, is_postcode, is_street, stated_codes, streets
from douane.detectors.subject import AT_WORK, Subject
from douane.detectors.words import key_words, word_set

_ADDRESS = "user.contact.address"
_STREET = "user.contact.address.street"
_POSTCODE = "user.contact.address.postal_code"
_SHAPE = re.compile(r"\w")
_LINK = re.compile(r"^(?:https?:|[^\s@]+@[^\s@]+$|0x|\w+://)")
_OTHER_ADDRESSES = word_set(
    "ip email mail wallet contract mac url btc eth web mailto remote bitcoin crypto memory hex host server"
)
_LINES = word_set("l line ligne adr addr adresse address x f")
_TERSE_STREET = word_set("a ad r s st l v adr addr rue")
_TERSE_CODE = word_set("c cp pc z zip p pcode post code l")
_SOUGHT = word_set("search filter filters criteria criteres recherche query sought wanted")


class Address:
    """The address of a shop, a hotel or any other record with a rating or opening hours is a place, not "
    "somebody's home."""

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
        Match({"consignee": {"n": "Tove Lind", "l1": "Storgatan 4", "l2": "11122"}}, _ADDRESS, at="consignee/l1"),
        Match({"owner": {"who": "Nuala Byrne", "eircode": "D02 X285"}}, _ADDRESS, at="owner/eircode"),
        Match({"addr": "8 Larch Mews, Ely CB7 4AA", "tenant": "Moira Keane"}, _ADDRESS, at="addr", results=True),
        Match({"items": ["tea"], "ship_to": "19 Alder Ave, Reno NV 89501"}, _ADDRESS, at="ship_to", results=True),
        Match({"voters": [{"n": "Hugo Diaz", "a": "44 Alder Ln", "age": 50}]}, _ADDRESS, at="voters/a", results=True),
        Match({"texte": "domiciliée rue de Bruges 8, 1000 Bruxelles"}, _ADDRESS, "rue de Bruges 8, 1000 Bruxelles"),
        Match({"note": "ich wohne Lindenstraße 14, 10969 Berlin"}, _ADDRESS, "Lindenstraße 14, 10969 Berlin"),
        Match({"msg": "can you fetch him from 6 Larch Road at five?"}, _ADDRESS, "6 Larch Road"),
        Match({"text": "my postcode is LS6 2AB"}, _ADDRESS, "LS6 2AB"),
        Match({"moving_to": "The Old Barn, Fold Lane, Otley LS21 3HX"}, _ADDRESS),
        Match(
            {"trips": [{"from": "8 Elm Road, Hull", "to": "Port"}, {"from": "Port", "to": "8 Elm Road, Hull"}]},
            _ADDRESS,
            at="trips/from",
            results=True,
        ),
        Match({"domicile": {"rue_num": "Rue Haute 14/3", "code": "4000"}}, _ADDRESS, at="domicile/code"),
        Match({"message": "livrez au 12 rue des lilas 69003 lyon svp"}, _ADDRESS, "12 rue des lilas 69003 lyon"),
        Match(
            {"text": "Nom : Anne Roux\nAdresse : 12 rue des Lilas\nBât. B\n69003 Lyon\nTotal : 30 €"},
            _ADDRESS,
            "12 rue des Lilas\nBât. B\n69003 Lyon",
            results=True,
        ),
        Match(
            {"text": "Delivery address:\nAnn Roe\n12 High Street\nLeeds LS1 4AB\nUnited Kingdom\n\nTotal: 30"},
            _ADDRESS,
            "12 High Street\nLeeds LS1 4AB\nUnited Kingdom",
            results=True,
        ),
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
        Miss({"text": "Le garage Morel, 14 avenue Foch à Niort, peut la prendre"}, "a garage"),
        Miss({"note": "drop the keys at Foxglove Lettings Ltd, 12 Dock Street, Hull"}, "a company"),
        Miss({"text": "Étude notariale : 3 place Royale, Pau"}, "a notary's office"),
        Miss(
            {"raisonSociale": "Morel & Fils", "siren": "812345676", "adresse": "3 rue Haute, 86000 Poitiers"}, "a firm"
        ),
        Miss({"sender": {"company": "Halcyon Wax Co", "line1": "Unit 9, Old Mill"}}, "a company's"),
        Miss({"points": [{"nom": "Tabac du Port", "adr": "2 rue Thiers, 56000 Vannes"}]}, "a shop", results=True),
        Miss({"results": [{"name": "Axum Kitchen", "addr": "41 Alder St, Newark NJ 07102"}]}, "a place", results=True),
        Miss({"location": "Bright Smiles, 3 Nelson Street"}, "where a meeting is"),
        Miss({"retrait": "Pharmacie Haute, 4 place Carnot"}, "where it is fetched"),
        Miss({"property": {"address": "14 Elm Street, Troy", "price": 350000}}, "a listing", results=True),
        Miss({"contact": {"guichet": "x", "adresse": "4 rue Haute, 76120 Yvetot"}}, "a theatre's", results=True),
        Miss(
            {"resultats": [{"nom": "Chez Ana et Lili", "adresse": "4 rue Haute, 75011 Paris", "note": 4.6}]},
            "a restaurant",
            results=True,
        ),
        Miss({"rides": [{"from": "8 Elm Road, Hull", "to": "Port"}]}, "a place that is gone to", results=True),
        Miss({"digicode": "B2748"}, "a door's code"),
        Miss(
            {"text": "Restaurant : Chez Paul\nAdresse : 12 rue des Lilas\n69003 Lyon\nNote : 4,5\nHoraires : 9h-18h"},
            "a restaurant's",
            results=True,
        ),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for one in scene:
            if one.field.is_key or one.empty or isinstance(one.field.value, bool | float):
                continue
            if _ADDRESS in one.hints:
                found = self._keyed(scene, one, known)
                if found is not None:
                    yield found
                    if one.field.excerpt:
                        yield from self._with_lines_below(scene, found)
                continue
            if not one.has_digit:
                continue
            if len(one.field.key) <= 3 or one.words == ("code",):
                found = self._terse(one, known)
                if found is not None:
                    yield found
                    continue
            if one.prose and len(one.text) >= 8:
                yield from self._written(scene, one, known)

    def _keyed(self, scene: Scene, one: Seen, known: Records) -> Finding | None:
        text = one.text.strip()
        if _OTHER_ADDRESSES.intersection(one.words) or len(text) > 200 or _LINK.match(text):
            return None
        postcode = _POSTCODE in one.hints
        if postcode and (not is_postcode(text) or ({"cp"} == set(one.words) and not text[:1].isdigit())):
            return None
        if not postcode and (not one.is_text or not _SHAPE.search(text) or len(text) < 3):
            return None
        if any(_SOUGHT.intersection(key_words(key)) for key in one.field.keys):
            return None
        whose = known.whose(one)
        if whose in AT_WORK:
            return None
        sure = whose is Subject.PERSON
        if not (one.has_digit or "," in text) and (_no_line(one) or (_in_list(one) and not has_street(one.tokens))):
            return None
        if not sure:
            if not scene.to_app and not one.field.reached:
                return None
            if whose is Subject.THING or starts_with_premises(text):
                return None
        category = _POSTCODE if postcode else _ADDRESS
        if not postcode and any("street" in word or word in {"rue", "voie"} for word in one.words):
            category = _STREET
        return whole(one, category, 0.93 if sure else 0.75, self.name, "key")

    def _with_lines_below(self, scene: Scene, first: Finding) -> Iterable[Finding]:
        """The whole address of which a line with a label (`Adresse : 3 rue Haute`) is the first one."""
        holder = scene.kept(_holders).get(first.of.pointer)
        if holder is None or first.category != _ADDRESS:
            return
        start, end = first.of.outer(first.start, first.end)
        to = continued(holder.text, end)
        if to > end:
            yield Finding(holder, start, to, _ADDRESS, first.score, self.name, first.evidence, first.minor)

    def _terse(self, one: Seen, known: Records) -> Finding | None:
        """A line of an address under a key of one or two letters, in the record of somebody."""
        if len(one.text) > 90 or not one.is_text:
            return None
        words = set(one.words)
        numbered = len(one.words) == 2 and one.words[0] in _LINES and one.words[1].isdigit()
        if not (numbered or words & (_TERSE_STREET | _TERSE_CODE)):
            return None
        code = is_postcode(one.text.strip())
        if not code and not (has_street(one.tokens) and is_street(one.text, one.tokens)) and not numbered:
            return None
        if known.whose(one, own=False) is not Subject.PERSON and not (
            one.to_app and numbered and known.of(one).street and not known.of(one).business
        ):
            return None
        if code:
            housed = any(other is not one and other.is_text and has_street(other.tokens) for other in one.siblings[:20])
            if not (numbered or (words & _TERSE_CODE and (known.of(one).street or housed))):
                return None
            return whole(one, _POSTCODE, 0.9, self.name, "shape beside a street")
        return whole(one, _ADDRESS, 0.85, self.name, "shape in a person's record")

    def _written(self, scene: Scene, one: Seen, known: Records) -> Iterable[Finding]:
        text = one.text
        street = has_street(one.tokens)
        if not street and not code_hint(text):
            return
        homes = Homes(scene, one, known)
        if homes.passed:
            if street and not scene.to_app and _TRIPS.intersection(one.words) and self._is_usual(scene, one):
                yield whole(one, _ADDRESS, 0.75, self.name, "where several journeys begin or end")
            return
        if not homes.possible:
            return
        found = False
        for start, end, full in streets(text, one.tokens, chat=homes.lives):
            if not homes.holds(start, end):
                continue
            found = True
            sure = 0.85 if full else 0.8 if homes.lives else 0.65
            end = max(end, continued(text, end))
            yield part(one, start, end, _ADDRESS, sure, self.name, "written address")
        for start, end in stated_codes(text):
            yield part(one, start, end, _POSTCODE, 0.8, self.name, "words before it")
        if not found and homes.short and code_and_town(text) and (homes.own or known.whose(one) is Subject.PERSON):
            yield whole(one, _ADDRESS, 0.8, self.name, "postcode at its end")

    @staticmethod
    def _is_usual(scene: Scene, one: Seen) -> bool:
        """Whether a numbered street is both where somebody's past journeys begin and where they end."""
        if not any(found.start == 0 for found in streets(one.text, one.tokens, chat=True)):
            return False
        return any(
            other.text == one.text and other is not one and _TRIPS.intersection(other.words)
            for other in scene.texts[:300]
        )


_TRIPS = word_set("de vers from to depart arrivee origin origine destination pickup dropoff start end")


def code_hint(text: str) -> bool:
    """Whether a text without a word for a street may hold an address by its postcode."""
    return _CODE_HINT.search(text) is not None


_CODE_HINT = re.compile(
    r"\b(?:[A-Z]{1,2}\d[A-Z\d]{0,2} ?\d[A-Z]{2}|\d{5}|[A-Z]\d{2} ?[A-Z\d]{4}|[A-Z]\d[A-Z] ?\d[A-Z]\d)\b|\bP\.?O\.? Box"
)


def _holders(scene: Scene) -> dict[str, Field]:
    """The texts that hold lines with labels, by where they stand."""
    return {
        one.field.pointer: one.field
        for one in scene.texts
        if one.field.opened and not (one.field.reached or one.field.is_key)
    }


def _in_list(one: Seen) -> bool:
    """Whether the value is one of a list, whose other lines may be a name, a town or a country."""
    return len(one.siblings) > 1 and one.siblings[0].field.key == one.siblings[1].field.key


def _no_line(one: Seen) -> bool:
    """Whether a value without a figure is a town or a country and no line of an address."""
    if one.words[-1:] in {("2",), ("3",), ("4",)}:
        return not has_street(one.tokens) and not _UNITS.intersection(token.word for token in one.tokens)
    return bool(_WHEREABOUTS.intersection(one.words)) and not has_street(one.tokens)


_UNITS = word_set(
    "flat apt apartment appartement appt bat batiment building etage floor unit suite bis residence escalier"
)
_WHEREABOUTS = word_set("ship livre livrer deliver residence domicile domicilio chez bill")


DETECTOR = Address()
