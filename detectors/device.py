"""Identifiers of a device, its user agent, and identifiers that stand for a person without naming one."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors.base import Match, Miss
from douane.detectors.findings import whole
from douane.detectors.gates import by_words
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import NOBODY, PERSON, SOMEBODY, THING_SIBLINGS, Subject, of_holder, of_value
from douane.detectors.words import key_words, word_set

_DEVICE = "user.device.device_id"
_PSEUDO = "user.unique_id.pseudonymous"
_CODE = re.compile(r"^[A-Za-z0-9][A-Za-z0-9 ._:/|{}=+-]{1,127}$")
_DATE = re.compile(r"^(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d{2}-\d{2}(?:-\d{2}.*)?)$")
_HEX = re.compile(r"^[0-9A-Fa-f]{2}(?:[:.-]?[0-9A-Fa-f]{2}){5,7}$|^(?:[0-9A-Fa-f]{4}\.){2}[0-9A-Fa-f]{4}$")
_CLIENT = re.compile(
    r"(?i)(?:(?:[a-z0-9]+-)?mcp(?:-[a-z0-9-]+)?|modelcontextprotocol(?:-[a-z-]+)?|python(?:-[a-z0-9]+)?|httpx|aiohttp|"
    r"requests|urllib3?|node(?:-fetch)?|bun|deno|undici|axios|got|okhttp|curl|wget|go-http-client|java|reqwest|ruby|"
    r"faraday|guzzlehttp|rmcp|libcurl|openssl|cpython|hyper)(?:/v?[0-9][\w.+-]{0,30})?"
    r"(?: (?:cpython|python|node|bun|deno|libcurl|openssl|linux|aiohttp|httpx|zlib|nghttp2)"
    r"(?:/v?[0-9][\w.+-]{0,30})?){0,4}"
)
"""A program's user agent, made of libraries' names and versions: nobody's device."""
_PREFIX = re.compile(
    r"(?i)^(?:u|usr|user|cus|cust|customer|cand|candidate|mem|mbr|member|pat|patient|emp|employee|guest|contact|person|"
    r"prs|stu|student|client|cli|lead|profile|adh|subscriber|vol|pax|pupil|wal|wallet|hh|household|acct|account|sub|mbrship|usager|salarie)[_:-][0-9A-Za-z]"
)
"""How systems mark an id as a person's."""
_NOT = word_set(
    """
    type name label status count level tier brand model required enabled color colour expiry expires date points
    hash_algorithm version plan program programme holder kind since start end until duration duree fee fees price prix
    cost cout amount montant balance solde url link message benefits avantages discount remise year annee category
    categorie title titre description format length pattern regex field column limit max min currency
    """
)
_THINGS = word_set(
    """
    order ticket invoice request file trace span cart product item hotel room flight train event transfer message
    mail note document booking reservation transaction payment commande facture demande fichier dossier colis parcel
    listing annonce offre job project projet task issue meter compteur pdl restaurant store shop
    """
)
_BARE = word_set("id ids uid uuid ref refs reference number no num n nr numero code identifiant key")
_OF_DEVICE = _BARE | word_set("serial serie sn serialno fp fingerprint empreinte mac hwid imei udid")
"""What the id of a device is called in its own record."""
_SERIALS = word_set("serial serie sn serialno serialnumber fp")
_ALONE = frozenset({("serial",), ("sn",), ("serialno",)})
_GADGETS = word_set(
    """
    sensor capteur laptop notebook macbook chromebook pc ordi ordinateur desktop computer workstation mobile iphone
    ipad android watch montre smartwatch tracker bracelet band wearable pump pompe cgm glucometer glucometre
    lecteur headset casque earbuds camera webcam tablet tablette console hub ring bague airtag tag beacon balise
    pacemaker implant aid aids prosthesis helmet lock serrure thermostat speaker enceinte doorbell sonnette scale
    balance ebike vae trottinette gps tracteur modem browser navigateur client machine machines hardware phone
    telephone device appareil terminal smartphone handset poste equipment equipement
    """
)
"""Things that one person wears, carries or works with."""
_WEAK = word_set(
    "badge policy contrat contract abonne adherent loyalty fidelite rewards membership identifiant licence"
)
"""Words of a person's number that a product, a page or a plan has as well."""
_HOLDERS = word_set(
    """
    member membre adherent abonne abonnee insured assure assuree policyholder souscripteur souscriptrice subscriber
    patient patiente candidate candidat student etudiant pupil eleve employee salarie salariee customer client donor
    volunteer benevole licencie allocataire usager beneficiaire titulaire
    """
)
_EVENTS = word_set(
    """
    price prix total amount montant date start end checkin checkout arrival departure items lines room flight train
    seat slot time heure due subject objet qty quantity merchant sku appointment rdv
    """
)
"""Siblings that make a record a booking or an order, whoever made it."""
_NUMBERED = word_set("number no num ref reference")
_OAUTH = word_set("secret redirect grant scope scopes issuer oauth")
_DEVICES = word_set(
    "device devices appareil appareils terminal terminaux handset smartphone telephone phone tablet laptop"
)


class Device:
    """Ids of orders, tickets, files and requests stand for things and are left alone."""

    name = "device-and-ids"
    title = "Device identifiers and pseudonymous ids"
    MATCHES = (
        Match({"device_fingerprint": "6d7e805da846a32c3bb81e3c29b62179"}, _DEVICE),
        Match({"imei": "490154203237518"}, _DEVICE),
        Match({"user_agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X)"}, "user.device"),
        Match({"employee_id": "E47743"}, _PSEUDO),
        Match({"customerId": 918273}, _PSEUDO),
        Match({"carte_avantage": "27065379473834735"}, _PSEUDO),
        Match({"contrat": "5158377674"}, _PSEUDO),
        Match({"user": {"id": "u_8f2k1"}}, _PSEUDO),
        Match({"device": {"uuid": "6D92078A-8246-4BA4-AE5B-76104861E7DC"}}, _DEVICE),
        Match({"adid": "38400000-8cf0-11bd-b23e-10b96e40000d"}, _DEVICE),
        Match({"adherent": {"nom": "Tremblay", "num": "0087412/02"}}, _PSEUDO, at="adherent/num"),
        Match({"id": "cand_88120", "prenom": "Shirin"}, _PSEUDO, at="id", results=True),
        Match({"id": "u_7f2kq91", "email": "roz@example.net"}, _PSEUDO, at="id", results=True),
        Match({"ref": "UH-2026-00931", "member": "Callum Drummond"}, _PSEUDO, at="ref", results=True),
        Match({"worker_no": "TW-20417"}, _PSEUDO),
        Match({"refClient": "C-118 204 77"}, _PSEUDO),
        Match({"ffp": "FI 40882917"}, _PSEUDO),
        Match({"client": "3701 4429 0077 15"}, _PSEUDO, results=True),
        Match({"payer": "cus_Q0TQRDDlUI5sW6"}, _PSEUDO, results=True),
        Match({"patient": "P-20391"}, _PSEUDO),
        Match({"club": "Judo 35", "licence": "RS08111999LEM01"}, _PSEUDO, at="licence", results=True),
        Match({"appareil": "861759802030527"}, _DEVICE, results=True),
        Match({"acct": "A-4471 0098 2"}, _PSEUDO),
        Match({"carte_fid": "3701 4429 0077 15"}, _PSEUDO),
        Match({"pushId": "6BDC055F-FE09-46B5-AEE7-3E1FC3A6CC6B"}, _DEVICE),
        Match({"text": "Account number: VL-7740-2291"}, _PSEUDO, text="VL-7740-2291"),
        Match({"policy": "HX-HOME-00821975"}, _PSEUDO),
        Match({"numAllocataire": 4471120}, _PSEUDO),
        Match({"headsetSerial": "4QT09XK2B"}, _DEVICE),
        Match({"sensor_sn": "7PL0C44KX1"}, _DEVICE),
        Match({"device": {"name": "Pixel 9", "sn": "3B1X0019C"}}, _DEVICE, at="device/sn"),
        Match({"device_serial": "7PL0C44KX1"}, _DEVICE),
        Match({"browser_fp": "fp_31c9e0a7b2"}, _DEVICE),
        Match({"laptop": {"serial": "PF3K9Q2L"}}, _DEVICE, at="laptop/serial"),
        Match({"wallet": "wal_7710be", "recent": ["Tesco"]}, _PSEUDO, at="wallet", results=True),
        Match({"profile": "prf_0193ab"}, _PSEUDO, results=True),
        Match({"carte": "31 004 220 918", "points": 80, "palier": "or"}, _PSEUDO, at="carte", results=True),
        Match({"licence": "1190382 T", "club": "TC Nord"}, _PSEUDO, at="licence"),
    )
    MISSES = (
        Miss({"order_id": "A-4711"}, "an order"),
        Miss({"user-agent": "openai-mcp/1.0.0"}, "the client's own name", "user.device"),
        Miss({"user_agent": "python-httpx/0.28.1"}, "a library's name", "user.device"),
        Miss({"user_agent": "node-fetch/1.0"}, "a library's name", "user.device"),
        Miss({"user_agent": "Python/3.13 aiohttp/3.10.1"}, "libraries' names", "user.device"),
        Miss({"guests": 4}, "a count", _PSEUDO),
        Miss({"patient": "2026-10-12"}, "a date", _PSEUDO),
        Miss({"client": "Lidl 24"}, "a name", _PSEUDO),
        Miss({"appareil": "861759802030528"}, "the check digit is wrong", _DEVICE),
        Miss({"hotel_id": "HTL-716572"}, "a hotel"),
        Miss({"cart_id": "04110e35-d0e3-4b2b-9ca6-4c3330d867cd"}, "a cart"),
        Miss({"request_id": "c1a6423b-9f64-4eed-9c9d-927d84b871bb"}, "a request"),
        Miss({"file_id": "de3ce88b-e6b9-431a-b61f-6d903ad1fa33"}, "a file"),
        Miss({"contract": "CDI"}, "a kind of contract"),
        Miss({"contrat": "CDI"}, "a kind of contract"),
        Miss({"device_type": "phone"}, "a kind of device"),
        Miss({"client_id": "n/a"}, "none"),
        Miss({"loyalty_program": "gold"}, "a level"),
        Miss({"product": {"serial_number": "SN-1234"}}, "a product in a catalogue"),
        Miss({"case_number": "14/16128"}, "a case"),
        Miss({"id": "u_8f2k1"}, "an id of who knows what"),
        Miss({"id": "BK-77120", "email": "a@example.net", "checkin": "2026-10-12"}, "a booking", _PSEUDO),
        Miss({"ref": "OF-55120", "titre": "Aide-soignant"}, "an offer"),
        Miss({"contrat": "CDI 35h"}, "a kind of contract"),
        Miss({"membership_since": "2021-03-04"}, "a date"),
        Miss({"policy": "https://shop.example/policy/2024"}, "a page"),
        Miss({"client_id": "app-99120", "client_secret": "n/a"}, "a program"),
        Miss({"product": {"badge": "TOP100"}}, "a mark on a product", results=True),
        Miss({"mac": "M2-2023-16"}, "a computer"),
        Miss({"loyalty_points": 1200}, "points"),
        Miss({"household_size": 41250}, "a count", _PSEUDO),
        Miss({"median_household_income": 41250}, "a statistic", _PSEUDO, results=True),
        Miss({"domicile": {"code": "4000", "localite": "Huy"}}, "a postcode", _PSEUDO),
        Miss({"product": {"sensor_sn": "7PL0C44KX1", "price": 12}}, "a product's", _DEVICE, results=True),
        Miss({"carte": "12 plats"}, "a menu"),
        Miss({"meter": {"serial_number": "E6S-10293847"}}, "a meter"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.field.is_key or isinstance(one.field.value, bool | float):
                continue
            if _may_name(one.words) or not _NAMED.isdisjoint(one.hints):
                found = self._judge(one)
            elif one.has_digit and len(one.text) <= 40 and _may_hold(one.words):
                found = self._by_value(one)
            else:
                continue
            if found is not None:
                yield found

    def _judge(self, one: Seen) -> Finding | None:
        bare = not one.to_app and one.words in _ALONE
        device = (_DEVICE in one.hints and not bare) or _is_devices(one) or _is_gadgets(one)
        pseudo = _PSEUDO in one.hints or _is_persons(one) or _is_customers(one)
        if not (device or pseudo or "user.device" in one.hints):
            if one.has_digit and len(one.text) <= 40:
                return self._by_value(one)
            return None
        text = one.text.strip()
        words = one.words
        if one.empty or _NOT.intersection(words) or "://" in text or _DATE.match(text):
            return None
        if "agent" in words and ("user" in words or "useragent" in words):
            return None if _CLIENT.fullmatch(text) else whole(one, "user.device", 0.8, self.name, "key")
        digits = sum(char.isdigit() for char in text)
        if not digits or not _CODE.match(text):
            return None
        if device and (_SERIALS.isdisjoint(words) or not _of_thing(one)):
            if (
                (8 if _SERIALS.isdisjoint(words) else 6) <= len(text) <= 100
                and " " not in text
                and ("mac" not in words or _HEX.match(text))
            ):
                return whole(one, _DEVICE, 0.9, self.name, "key")
            return None
        if "user.device.cookie_id" in one.hints and len(text) >= 8:
            return whole(one, "user.device.cookie_id", 0.8, self.name, "key")
        if not pseudo or len(text) < 3 or text.count(" ") > 5 or _THINGS.intersection(words):
            return None
        if (" " in text and digits < 3) or (_WEAK.intersection(words) and not self._is_code(one, digits)):
            return None
        if "client" in words and any(_OAUTH.intersection(other.words) for other in one.siblings):
            return None
        return whole(one, _PSEUDO, 0.85, self.name, "key")

    def _by_value(self, one: Seen) -> Finding | None:
        """A number whose form says what it is, under the key of a device, a person or a licence to play."""
        if not _may_hold(one.words):
            return None
        text = one.text.strip()
        words = set(one.words)
        if words & _DEVICES and is_imei(text):
            return whole(one, _DEVICE, 0.9, self.name, "key and check digit")
        if words & _LICENCES and _PLAYERS.match(text):
            return whole(one, _PSEUDO, 0.85, self.name, "key and form")
        if words & _ACCOUNTS and _is_own_id(text, one.words[-1]):
            return whole(one, _PSEUDO, 0.8, self.name, "key and form")
        if words & _CARDS and _is_card_of_customer(one, text):
            return whole(one, _PSEUDO, 0.8, self.name, "key in a customer's record")
        plain = words <= _HELD and not words & _NOT and _BESIDES.issuperset(one.hints)
        if plain and of_value(one.field.key) is Subject.PERSON and _is_holders(text):
            return whole(one, _PSEUDO, 0.7, self.name, "key and form")
        return None

    @staticmethod
    def _is_code(one: Seen, digits: int) -> bool:
        """Whether a value under a weak key is a number, and of no product."""
        if digits < 3 or "%" in one.text:
            return False
        return one.to_app or not (
            of_holder(_above(one)) is Subject.THING
            or any(THING_SIBLINGS.intersection(other.words) for other in one.siblings)
        )


def _is_own_id(text: str, word: str) -> bool:
    """Whether a value under an account's key is its id, marked by the key's own first letters (`wal_8841c0`)."""
    mark = _MARKED.match(text)
    if mark is None or mark[1][0].lower() != word[0]:
        return False
    letters = iter(word)
    return all(char in letters for char in mark[1].lower())


def _is_card_of_customer(one: Seen, text: str) -> bool:
    """Whether a card's number is that of a shop or a library: beside points or a level, and no payment card's."""
    if not _CARD_NUMBER.match(text) or not 6 <= sum(map(str.isdigit, text)) <= 20:
        return False
    beside = {word for other in one.siblings if other is not one for word in other.words}
    return not beside.isdisjoint(_REWARDED) and beside.isdisjoint(_PAID)


_MARKED = re.compile(r"^([A-Za-z]{2,12})[_:-](?=[0-9A-Za-z]*\d)[0-9A-Za-z]{4,40}$")
_ACCOUNTS = word_set(
    "wallet account acct profile subscription abonnement membership mandate household foyer compte portefeuille"
)
_CARDS = word_set("carte card pass")
_CARD_NUMBER = re.compile(r"^[A-Z]{0,4}[ -]?\d[\d -]{4,26}[A-Z]?$")
_REWARDED = word_set(
    "points palier tier solde_points miles fidelite loyalty rewards avantages emprunts loans prets holds stamps "
    "tampons cagnotte visits visites passages statut_fidelite"
)
_PAID = word_set("cvv cvc cryptogramme exp expiry expires expiration expiry brand reseau network pan iban holder")


def is_imei(text: str) -> bool:
    """Whether a text is an IMEI: fifteen figures, the last of them a check digit."""
    compact = text.replace(" ", "").replace("-", "")
    if len(compact) != 15 or not compact.isdecimal() or not compact.isascii():
        return False
    doubled = (int(char) * 2 for char in compact[1::2])
    return (sum(map(int, compact[::2])) + sum(one - 9 if one > 9 else one for one in doubled)) % 10 == 0


def _is_holders(text: str) -> bool:
    """Whether a code under a person's key is that person's number, and no name, date, phone or sum."""
    if _DATE.match(text) or not _CODE.match(text) or len(text) > 40:
        return False
    if _PREFIX.match(text):
        return True
    return _NUMBER.match(text) is not None and not text.startswith(("0", "+"))


_BESIDES = frozenset({"role.prose", "role.thing", "role.search", "user.name", "user.childrens"})
"""What a key may mean besides, where its value is a person's number."""
_HELD = frozenset(PERSON | _BARE | word_set("code main new old current actuel primary principal second 1 2 3 lead is"))
"""Words of keys that hold a person's number and nothing else."""
_NUMBER = re.compile(r"^(?:[A-Za-z]{1,4}[-_ ]?)?\d{2,}(?:[ /-]?\d{2,}){1,5}$|^[A-Za-z]{1,4}[-_]?\d{4,12}$")
_PLAYERS = re.compile(r"^(?:[A-Z]{1,3}\d{8}[A-Z]{3}\d{2}|\d{6,10}[ -]?[A-Z]?|\d{2,4}(?:[ .]\d{2,4}){1,3}[ -]?[A-Z]?)$")
"""Licences to play: letters of the name and the birth date, or figures."""
_LICENCES = word_set("licence licences license")
_NAMED = frozenset({_DEVICE, _PSEUDO, "user.device"})
_may_name = by_words(_SERIALS | {"account"}, within=[_OF_DEVICE, _BARE])
"""Whether a key that is no known one may be that of an identifier, with the key above it."""
_may_hold = by_words(_DEVICES | _LICENCES | _ACCOUNTS | _CARDS, within=[_HELD], empty=True)
"""Whether the form of a number under a key may make it an identifier."""


def _of_thing(one: Seen) -> bool:
    """Whether a serial number is that of a product, a meter or another thing that is nobody's device."""
    if (
        one.about is Subject.THING and _GADGETS.isdisjoint((*one.words, *key_words(_above(one))))
    ) or not _THINGS.isdisjoint(key_words(_above(one))):
        return True
    return not one.to_app and any(THING_SIBLINGS.intersection(other.words) for other in one.siblings)


def _is_customers(one: Seen) -> bool:
    """Whether an account's number has letters, as no bank's has: a customer's at some company."""
    text = one.text.strip()
    return (
        "account" in one.words
        and not _NUMBERED.isdisjoint(one.words)
        and any(char.isalpha() for char in text)
        and not (len(text) >= 14 and text[:2].isalpha() and text[2:4].isdigit())
    )


def _above(one: Seen) -> str:
    return one.field.keys[-2] if len(one.field.keys) > 1 else ""


def _is_devices(one: Seen) -> bool:
    """Whether the key is a bare `id` or `serial` right under a device's key."""
    return bool(one.words) and _OF_DEVICE.issuperset(one.words) and not _DEVICES.isdisjoint(key_words(_above(one)))


def _is_gadgets(one: Seen) -> bool:
    """Whether the key is the serial number or fingerprint of something that one person carries (`laptopSerial`)."""
    return len(one.words) > 1 and not _SERIALS.isdisjoint(one.words) and not _GADGETS.isdisjoint(one.words)


def _is_persons(one: Seen) -> bool:
    """Whether a bare `id` or `ref` stands right under a person's key, or in a record of who somebody is."""
    if not one.words or not _BARE.issuperset(one.words) or len(one.field.keys) < 2:
        return False
    if not _HOMES.isdisjoint(key_words(_above(one))):
        return False
    above = of_holder(_above(one))
    if above in SOMEBODY:
        return True
    if above in NOBODY or any(_EVENTS.intersection(other.words) for other in one.siblings):
        return False
    others = [other for other in one.siblings if other is not one and not other.empty]
    known = any(other.tells_person for other in others)
    if _PREFIX.match(one.text):
        return known or not _HOLDERS.isdisjoint(key_words(_above(one))) or any(map(_is_name, others))
    if any(other.is_text and set(other.words) <= _HOLDERS and " " in other.text for other in others):
        return True
    return known and not one.to_app and one.words in {("id",), ("uid",), ("uuid",)}


_HOMES = word_set(
    "domicile home billing shipping delivery livraison facturation address adresse emergency urgence residence"
)
"""Keys of addresses and of who to call, whose `code` is a postcode."""


def _is_name(one: Seen) -> bool:
    """Whether a field is somebody's name, in full or in letters (`p`, `n`)."""
    return one.is_text and bool({"name", "nom", "prenom", "n", "p", "fullname"}.intersection(one.words))


DETECTOR = Device()
