"""Official identifiers of a person: by key, and in text by form and check digits."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.document_shapes import is_card_code, is_dvla, is_known_plate, is_licence, is_plate, is_vin
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.id_shapes import (
    ALONE_PATTERN,
    HEALTH,
    LICENCE,
    NAMED,
    NAMED_PATTERNS,
    NAMES,
    NATIONAL,
    NIR,
    TAX,
    alone,
    is_bsn,
    is_pesel,
)
from douane.detectors.layout import asked_of
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject, of_value
from douane.detectors.words import fold, key_words, word_set

_PASSPORT = "user.government_id.passport_number"
_PLATE = "user.government_id.vehicle_registration"
_IMMIGRATION = "user.government_id.immigration"
_BY_KEY = (_IMMIGRATION, _PASSPORT, LICENCE, _PLATE, TAX, HEALTH, NATIONAL)
_NAMED_BY_KEY = frozenset(_BY_KEY)
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{3,29}$")
_INSIDE = re.compile(r"(?<![\w.])[A-Za-z0-9]{1,18}(?:[ .-][A-Z0-9]{1,12}){0,7}(?!\w)")
_DATE = re.compile(r"^(?:\d{1,2}[./ -]\d{1,2}[./ -]\d{2,4}|(?:19|20)\d{2}(?:[./-]\d{1,2}){0,2}(?:T.*)?)$")
_RUN = re.compile(r"\d(?:[ .+/-]?[A-Za-z0-9]){6}")
"""What every form has: a figure with six more letters or figures behind it."""
_NOT = word_set(
    """
    expiry expires expire expiration expiring validity valid until country pays issued issue issuing delivrance delivre
    date type kind required status state class categorie category categories points issuer authority autorite image url
    file photo scan verified count format copy page pages name holder region province color colour frame since years
    requis obligatoire center centre office fee price cost image_url hash masked last
    """
)
_BARE = word_set(
    "no number num numero n nr id value valeur code ref reference doc document piece identifier identifiant"
)
"""Words of a key that leave it to a sibling or to the key above to say what number it is."""
_KIND_KEYS = word_set("type kind nature doctype document doc piece idtype name label libelle sorte")
_KINDS = (
    (_PASSPORT, word_set("passport passeport pasaporte reisepass passaporto")),
    (_IMMIGRATION, word_set("sejour residence visa brp greencard recepisse immigration")),
    (LICENCE, word_set("permis driving driver drivers licence license")),
    (TAX, word_set("tax fiscal tin utr nif")),
    (NATIONAL, word_set("cni identite identity national id idcard dni ssn nir nino carte")),
    (_PLATE, word_set("plate plaque immatriculation")),
)
_SPORT = word_set("club federation sport saison season grade discipline ligue league equipe team dojo stade membership")
_DRIVEN = word_set("permis driver drivers driving conduire dvla dl")
_MOST = 60
_LICENCES = word_set("licence license lic")
_DRIVING = word_set(
    "driver drivers driving conducteur conductrice vehicle vehicule car plate immat vrm reg rental hire"
)
_ISSUED = word_set("delivrance delivre issued issuing issue expiry expires expiration nationality nationalite")
_VEHICLES = word_set(
    """
    car cars vehicle vehicles vehicule vehicules voiture voitures auto scooter moto motos motorbike motorcycle van
    camion camionnette truck lorry trailer remorque caravan caravane motorhome bike utilitaire fourgon cyclomoteur
    quad taxi tracteur moped
    """
)
_WRITTEN_PLATE = re.compile(r"^(?=.*\d)(?=.*[A-Z])[A-Z0-9]{1,4}(?:[ -]?[A-Z0-9]{1,4}){1,3}$")
_PAPERS = word_set("doc docs document documents piece pieces titre paper papers papiers no number num numero id nr")
_TRAVELLERS = word_set(
    """
    nat nationality nationalite dob birth naissance ddn surname family given nom prenom identite fullname firstname
    lastname passenger traveller traveler
    """
)
_TRAVEL_PAPER = re.compile(r"^(?:\d{9}|\d{2}[A-Z]{2}\d{5}|[A-Z]{1,2}\d{6,8}|[A-Z]\d{2}[A-Z0-9]{6})$")
_FRENCH_PASSPORT = re.compile(r"^\d{2}[A-Z]{2}\d{5}$")


class NationalId:
    """Under its own key any code will do: the app that asks for a passport number got one, well formed or not.

    SIREN, SIRET and VAT numbers name companies; they are left alone.
    """

    name = "national-id"
    title = "Passports, social security, tax, licence and plate numbers"
    MATCHES = (
        Match({"numero_secu": "281053339599526"}, NIR),
        Match({"text": "NIR 2 69 05 49 588 157 80"}, NIR, text="2 69 05 49 588 157 80"),
        Match({"social_security_number": "809-85-3342"}, NATIONAL),
        Match({"note": "my ssn is 536-90-4399"}, NATIONAL, text="536-90-4399"),
        Match({"nino": "AB 12 34 56 C"}, NATIONAL),
        Match({"id": {"dni": "54362315K"}}, NATIONAL),
        Match({"remark": "CF RCCMNL83S18D969H"}, TAX, text="RCCMNL83S18D969H"),
        Match({"passport": "276483503"}, "user.government_id.passport_number"),
        Match({"numero_permis": "032664214764"}, "user.government_id.drivers_license_number"),
        Match({"plaque": "AC-236-XY"}, "user.government_id.vehicle_registration"),
        Match({"doc": {"type": "passport", "no": "A08114735"}}, _PASSPORT, at="doc/no"),
        Match({"pieceType": "CNI", "numeroPiece": "880692310285"}, NATIONAL, at="numeroPiece"),
        Match({"passeport": {"numero": "19AB34567"}}, _PASSPORT, at="passeport/numero"),
        Match({"value1": "19AB34567", "pays_delivrance": "FR"}, _PASSPORT, at="value1"),
        Match({"tin": "756.9217.0769.85"}, NATIONAL),
        Match({"titreSejour": "9901234567"}, _IMMIGRATION),
        Match({"license": "D4418273"}, LICENCE),
        Match({"notes": "she showed MORGA753116SM9IJ at the door"}, LICENCE, text="MORGA753116SM9IJ"),
        Match({"passport": "19AB34567 (France)"}, _PASSPORT, text="19AB34567"),
        Match({"data": "131052-308T"}, NATIONAL),
        Match({"immatriculation": "FX-482-QT"}, _PLATE),
        Match({"driver": {"licenceNumber": "MORGA753116SM9IJ"}}, LICENCE, at="driver/licenceNumber"),
        Match({"vrm": "LK19XYZ"}, _PLATE),
        Match({"piece_identite": {"numero": "X4RTBPFW4"}}, NATIONAL, at="piece_identite/numero"),
        Match({"vin": "VF1RFD00653412785"}, _PLATE),
        Match({"scooter": "FT-118-LB"}, _PLATE, results=True),
        Match({"van": "LK19 XYZ"}, _PLATE),
        Match({"pax": [{"family": "Diallo", "dob": "1987-09-14", "doc": "533190427"}]}, _PASSPORT, at="pax/doc"),
        Match({"borrower": {"identite": "Maud Blin", "titre": "20AF77310"}}, _PASSPORT, at="borrower/titre"),
        Match({"travel_document": "N4471820"}, _PASSPORT),
        Match({"nhs": "943 476 5919"}, NATIONAL),
        Match({"alienNo": "A204417883"}, NATIONAL),
        Match({"utr": 5097524630}, TAX),
        Match({"numero_fiscal": "0027206345911"}, TAX),
        Match({"claimant_license": "S53046092418"}, LICENCE),
        Match({"doc_type": "P", "doc_number": "533401372"}, _PASSPORT, at="doc_number"),
        Match({"renter_dl": "KD482215"}, LICENCE),
        Match({"pieceActuelle": "17AL40328"}, _PASSPORT),
        Match({"ancienTitre": "12BV77310"}, _PASSPORT),
        Match({"value3": "FR-713-LD"}, _PLATE),
        Match({"reply": "LK19 XYZ"}, _PLATE),
        Match({"vehicule": {"ref": "FR-713-LD"}}, _PLATE, at="vehicule/ref"),
        Match({"texte": "stationnement pour FR-713-LD demain"}, _PLATE, text="FR-713-LD"),
        Match({"chauffeur_lic": "D7720418"}, LICENCE),
    )
    MISSES = (
        Miss({"siret": "73282932000074"}, "a company"),
        Miss({"siren": "732829320"}, "a company"),
        Miss({"vat_number": "FR40303265045"}, "a company"),
        Miss({"order_number": "281053339599526"}, "an order", category=TAX),
        Miss({"text": "281053339599527"}, "the check digits are wrong"),
        Miss({"sku": "AB-341-CD"}, "a product"),
        Miss({"passport_required": True}, "a question, not a number"),
        Miss({"passport_country": "France"}, "no number"),
        Miss({"license": "Apache-2.0"}, "a software licence"),
        Miss({"note": "item 000-12-3456"}, "no such social security number"),
        Miss({"timestamp": "20250101-1234"}, "a time"),
        Miss({"phone": "536904399"}, "a phone"),
        Miss({"note": "my car needs 4 new 18 inch wheels"}, "a size"),
        Miss({"ssn": "n/a"}, "no number"),
        Miss({"passport_expiry": "2031-06-02"}, "a date"),
        Miss({"passportExpiry": "02/06/2031"}, "a date"),
        Miss({"license": "GPL-3.0-or-later"}, "a software licence"),
        Miss({"license": "CC-BY-4.0"}, "a licence of content"),
        Miss({"plate": "dinner plate 24 cm"}, "crockery"),
        Miss({"permis_categorie": "B1234"}, "a class of licence"),
        Miss({"doc": {"type": "invoice", "no": "A08114735"}}, "an invoice"),
        Miss({"value1": "19AB34567"}, "a code of who knows what"),
        Miss({"club": "Judo 35", "licence": "RS08111999LEM01"}, "a licence to play", LICENCE),
        Miss({"voiture": "Clio 5"}, "a model"),
        Miss({"glucose_dl": "1204551"}, "a rate", LICENCE),
        Miss({"value3": "ZZ-1204-AB"}, "a code of who knows what"),
        Miss({"document": "20AB12345"}, "a document's number"),
        Miss({"member_license": "CC-BY-4.0-2013"}, "a licence of content", LICENCE),
        Miss({"ref": "FR-713-LD"}, "a reference", _PLATE),
        Miss({"note": "je cherche la réf FR-713-LD en bleu"}, "an article", _PLATE),
        Miss({"note": "meet at LS21 3HX"}, "a postcode", _PLATE),
        Miss({"car": "208 GT"}, "a model"),
        Miss({"invoice": {"nom": "Blin", "doc": "FA-2026-118"}}, "an invoice"),
        Miss({"cf": "cf_1204"}, "a custom field"),
        Miss({"registration_number": "HRB 123456"}, "a company's register"),
        Miss({"car": "Renault Clio 1.5 dCi 2019"}, "a model"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, float | bool) or (not scene.to_app and one.about is Subject.PROFESSIONAL):
                continue
            text = one.text.strip()
            found = () if one.field.is_key or not _NOT.isdisjoint(one.words) else list(self._by_key(one, text, scene))
            yield from found
            if found or len(text) < 8 or (not one.prose and (hints.THING in one.hints or len(text) > 24)):
                continue
            if not (text[:2] in {"19", "20"} and text[4:5] == "-" and _DATE.match(text)) and _RUN.search(text):
                yield from self._shapes(one)

    def _by_key(self, one: Seen, text: str, scene: Scene) -> Iterable[Finding]:
        """A value whose key, or the sibling or key that says what it is, names a document."""
        if len(text) > 80:
            return
        hinted = None if _NAMED_BY_KEY.isdisjoint(one.hints) else next(known for known in _BY_KEY if known in one.hints)
        category = hinted or _told(one)
        if category is None and scene.described and set(one.words) <= _BARE:
            asked = asked_of(scene.context, one.field.keys)
            category = next((known for known in _BY_KEY if known in asked), None)
        if category is None or _DATE.match(text):
            return
        if category == LICENCE and _DRIVEN.isdisjoint(one.words) and _is_sporting(scene):
            return
        if _CODE.match(text):
            if _is_likely(category, text, one):
                found, normalised = _refine(category, text, one)
                yield whole(one, found, 0.95, self.name, "key", normalised=normalised)
            return
        for hit in _INSIDE.finditer(one.text):
            if sum(char.isdigit() for char in hit.group()) >= 4 and not _DATE.match(hit.group()):
                found, normalised = _refine(category, hit.group(), one)
                yield part(one, hit.start(), hit.end(), found, 0.85, self.name, "key", normalised=normalised)
                return

    def _shapes(self, one: Seen) -> Iterable[Finding]:
        if one.prose and one.to_app and one.text.count("-") > 1:
            for hit in _SAID_PLATE.finditer(one.text):
                if not _OF_GOODS.search(one.text, max(0, hit.start() - 24), hit.start()):
                    yield self._shaped(one, hit, _PLATE, 0.75)
        for hit in ALONE_PATTERN.finditer(one.text):
            shape = alone(hit.group())
            if shape is not None:
                yield self._shaped(one, hit, shape.category, shape.score)
        if NAMES.isdisjoint(one.words) and not (one.prose and not NAMES.isdisjoint(one.vocabulary)):
            return
        words = one.vocabulary.union(one.words)
        for shape, pattern in zip(NAMED, NAMED_PATTERNS, strict=True):
            if words.isdisjoint(shape.words):
                continue
            for hit in pattern.finditer(one.text):
                if shape.valid(hit.group()):
                    yield self._shaped(one, hit, shape.category, shape.score)

    def _shaped(self, one: Seen, hit: re.Match[str], category: str, score: float) -> Finding:
        return part(
            one, hit.start(), hit.end(), category, score, self.name, "check digits", normalised=_compact(hit.group())
        )


def _compact(text: str) -> str:
    return re.sub(r"[ ./_-]", "", text).upper()


def _told(one: Seen) -> str | None:
    """The document that a sibling (`type: passport`) or the key above names for a bare `number`."""
    return _named(one) if _may_tell(one.words) else _beside_issue(one)


def _beside_issue(one: Seen) -> str | None:
    """The passport that its form and the sibling that says who issued it make of a value."""
    issued = (not _ISSUED.isdisjoint(other.words) for other in one.siblings if other is not one)
    return _PASSPORT if _FRENCH_PASSPORT.match(one.text.strip()) and any(issued) else None


def _named(one: Seen) -> str | None:
    words = set(one.words)
    if words & _LICENCES and _of_driver(one):
        return LICENCE
    if one.words[-1:] in _SHORT_LICENCES and len(one.words) > 1 and of_value(one.field.key) in _ROLES:
        return LICENCE
    if (
        one.words[-1:] in _LICENCE_LAST
        and one.to_app
        and "." not in one.text
        and of_value(one.field.key) is Subject.PERSON
    ):
        return LICENCE
    if one.to_app and words and words <= _ANY_VALUE and _OWN_PLATE.match(one.text.strip()):
        return _PLATE
    if words <= _BARE and words:
        above = key_words(one.field.keys[-2]) if len(one.field.keys) > 1 else ()
        if not _VEHICLES.isdisjoint(above) and is_known_plate(_compact(one.text)):
            return _PLATE
        kinds = hints.of_words(above)
        for category in _BY_KEY:
            if category in kinds:
                return category
        for other in one.siblings:
            if other is one or not other.is_text or len(other.text) > 40 or _KIND_KEYS.isdisjoint(other.words):
                continue
            named = set(fold(other.text).replace("_", " ").replace("-", " ").replace("'", " ").split())
            if named == {"p"} and _TRAVEL_PAPER.match(one.text.strip()):
                return _PASSPORT
            for category, names in _KINDS:
                if not named.isdisjoint(names):
                    return category
    if words & _VEHICLES and len(one.text) <= 12 and _WRITTEN_PLATE.match(one.text.strip()):
        return _PLATE if is_known_plate(_compact(one.text)) else None
    if words <= _PAPERS and words and _is_travellers(one):
        return _PASSPORT
    if one.to_app and words & _PAPER and words & _HELD and words <= _SHOWN and _FRENCH_PASSPORT.match(one.text.strip()):
        return _PASSPORT
    return _beside_issue(one)


_ROLES = frozenset({Subject.PERSON, Subject.PROFESSIONAL, Subject.CHILD})
_SHORT_LICENCES = frozenset({("dl",), ("dln",), ("lic",)})
_LICENCE_LAST = frozenset({("licence",), ("license",)})
_OWN_PLATE = re.compile(r"^(?:[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}|[A-HJ-PR-Y]{2}\d{2} [A-HJ-PR-Z]{3})$")
"""Plates as France writes them since 2009 and Britain since 2001: few other codes are written so."""
_SAID_PLATE = re.compile(r"(?<![\w-])[A-HJ-NP-TV-Z]{2}-\d{3}-[A-HJ-NP-TV-Z]{2}(?![\w-])")
_OF_GOODS = re.compile(
    r"(?i)\b(?:r[ée]f\w{0,8}|sku|article|mod[èe]le|model|produit|product|commande|order|dossier|code|vol|flight|part|"
    r"pi[èe]ce|lot|batch|item|ticket|facture|invoice|colis|suivi|tracking|gate|seat|"
    r"si[èe]ge|promo)\b\W{0,3}(?:n[°o]\W?)?$"
)
"""Words right before a code that is no plate."""
_ANY_VALUE = word_set(
    """
    value val valeur reply response v x y z w f q r a p field champ data donnee donnees input entree saisie param arg
    parametre answer reponse text texte contenu content info detail t s n 1 2 3 4 5 6 7 8 9 10 11 12
    """
)
"""Words of keys that say nothing of their values."""
_PAPER = word_set("piece pieces titre document documents doc papers papers papier")
_HELD = word_set(
    """
    piece pieces papier papiers id identite identity voyage travel actuel actuelle current old ancien ancienne precedent
    precedente previous existing presente presentee officiel officielle
    """
)
"""Words of a key that make a paper somebody's own."""
_SHOWN = _PAPERS | word_set(
    """
    actuel actuelle current old ancien ancienne precedent precedente previous existing existant existante presente
    presentee produit produite fourni fournie jointe joint remis remise voyage travel identite identity officiel
    officielle valide valid held detenu detenue perdu perdue lost vole volee stolen
    """
)
_may_tell = by_words(_LICENCES | _VEHICLES | _PAPER | {"dl", "dln"}, within=[_ANY_VALUE, _BARE, _PAPERS])


def _is_travellers(one: Seen) -> bool:
    """Whether a code under a key of papers has a passport's form and stands in somebody's record."""
    text = one.text.strip()
    if not _TRAVEL_PAPER.match(text) or {"no", "number", "num", "numero", "id", "nr"}.issuperset(one.words):
        return False
    told = {word for other in one.siblings[:_MOST] if other is not one for word in other.words}
    return len(told & _TRAVELLERS) >= (1 if _FRENCH_PASSPORT.match(text) else 2)


def _is_sporting(scene: Scene) -> bool:
    """Whether a message speaks of a club or a season: its licences are those to play."""
    return any(not _SPORT.isdisjoint(words) for words in scene.levels.values())


def _of_driver(one: Seen) -> bool:
    """Whether a licence is one to drive: its form, the key above or a sibling says so."""
    above = key_words(one.field.keys[-2]) if len(one.field.keys) > 1 else ()
    if is_dvla(_compact(one.text)) or not _DRIVING.isdisjoint(above) or not _DRIVING.isdisjoint(one.words):
        return True
    return any(not _DRIVING.isdisjoint(other.words) for other in one.siblings)


def _is_likely(category: str, text: str, one: Seen) -> bool:
    """Whether a code may be what its key says."""
    compact = _compact(text)
    digits = sum(char.isdigit() for char in compact)
    if digits < 2 or "XXX" in compact:
        return False
    if category in {NATIONAL, _PASSPORT, _IMMIGRATION} and is_card_code(text):
        return True
    if digits < 3 and category != _PLATE:
        return False
    if category == LICENCE:
        return is_licence(compact)
    if category == _PLATE:
        return is_plate(compact) or is_vin(compact) or (compact.isdigit() and 4 <= digits <= 8)
    if category == TAX and one.words == ("cf",):
        return len(compact) == 16
    return category not in {NATIONAL, TAX} or digits >= 5


def _refine(category: str, text: str, one: Seen) -> tuple[str, str]:
    """The category of a keyed value, narrowed or put right where the check digits say so, and its normal form."""
    compact = _compact(text)
    if category == NATIONAL and len(compact) in {13, 15} and _NIR_SHAPE.match(compact):
        return NIR, compact
    if category == TAX and one.words in {("tin",), ("tax", "id"), ("taxid",), ("tax", "number")}:
        shape = alone(text)
        if shape is not None and shape.category == NATIONAL:
            return NATIONAL, compact
        if is_pesel(compact) or (is_bsn(compact) and _says_country(one, "NL")):
            return NATIONAL, compact
    return category, compact


def _says_country(one: Seen, code: str) -> bool:
    return any(other.text.strip().upper() == code for other in one.siblings if other is not one)


_NIR_SHAPE = re.compile(r"^[12378]\d{4}(?:\d{2}|2[AB])\d{6}(?:\d{2})?$")

DETECTOR = NationalId()
