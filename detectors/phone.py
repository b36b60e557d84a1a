"""Phone numbers: whole values under a phone's key, and numbers in the shapes in which people write them."""

import re
from collections.abc import Iterable

from douane.audit.context import Context
from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.phone_forms import (
    CHAT,
    CUE,
    INSURED,
    LETTERED,
    LOCAL,
    ORGANISED,
    OTHER,
    SAID,
    SHAPES,
    Valid,
    announced,
    e164,
    in_account,
    is_listed,
    is_mobile,
    is_public,
    is_spoken_of,
    is_typical,
    of_business,
    of_service,
    parse,
    parsed,
    prepare,
    regions,
    speaks_of_own,
)
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import DRIVER, PERSON, SOMEBODY, Subject, of_holder, of_value
from douane.detectors.words import key_words, word_set

_PHONE = "user.contact.phone_number"
_NOT_A_NUMBER = word_set(
    """
    color colour couleur model modele type brand marque verified country prefix os plan carrier pin code id imei battery
    operator operateur count limit required version app size price prix hours horaires date heure time status name nom
    """
)
_PUBLIC = frozenset({Subject.PLACE, Subject.THING, Subject.PROFESSIONAL})
_PERSONAL = word_set(
    """
    mobile mobiles mob cell cellphone portable gsm whatsapp handy home perso personal personnel caller msisdn port
    daytime evening domicile patient client customer guest emergency urgence signal ph sms callback
    """
)
"""Words of a phone's key that say it is somebody's, where nothing else does."""
_LINES = word_set(
    """
    num number numero line ligne contact contacts parent parents urgence emergency joindre reach call from to sender
    recipient destinataire caller msg rappel callback coordonnees lines num1 num2 appelant expediteur
    """
)
"""Keys of a number that may be a phone's."""
_COUNTED = word_set(
    """
    serie serial compteur meter pdl pce dossier commande order facture invoice contrat contract policy licence license
    permis siret siren piece lot batch colis tracking suivi ticket billet vol flight carte card compte account
    """
)
"""Words of keys of numbers that are no phone's."""
_PLAIN = word_set("num number numero line ligne")
_ARGUMENTS = ("params", "arguments")
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_HAS_DATE = re.compile(
    r"(?<!\d)(?:\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d{2}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2})(?!\d)"
)
_NARROW = frozenset({"nanp", "intl", "fr", "uk"})
"""The shapes that count wherever they stand; the others count in a sentence only."""
_CERTAIN = frozenset({"nanp", "fr", "intl"})
_LEAST = 8
_OCTETS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_YEARS = re.compile(r"(?:19|20)\d\d\D(?:19|20)\d\d(?!\d)")
_MOST_WIDE = 100
"""How many numbers of no country one text may cost."""
_DATE = re.compile(r"^(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|(?:19|20)\d{2}[./-]\d{1,2}[./-]\d{1,2}.*)$")


class Phone:
    """`phonenumbers` judges each candidate; one that is merely possible counts when its shape or key says phone.

    A business's number is nobody's: its record, its key or the sentence before it says whose it is.
    """

    name = "phone"
    title = "Phone numbers"
    MATCHES = (
        Match({"guest_phone": "5592679554"}, "user.contact.phone_number"),
        Match({"telephone": "0155286406"}, "user.contact.phone_number"),
        Match({"value1": "+33 1 99 00 12 34"}, "user.contact.phone_number"),
        Match(
            {"note": "ring back on 001-676-555-3445x792 please"}, "user.contact.phone_number", "001-676-555-3445x792"
        ),
        Match({"message": "joignable au 01 99 00 12 34"}, "user.contact.phone_number", text="01 99 00 12 34"),
        Match({"message": "mon tel 0199001234"}, "user.contact.phone_number", text="0199001234"),
        Match({"comment": "(0118) 496 0420"}, _PHONE),
        Match({"contact": "00 33 6 39 98 44 10"}, _PHONE),
        Match({"parent": "0639984410"}, "user.contact.phone_number"),
        Match({"number": "403 555 0186"}, "user.contact.phone_number"),
        Match({"note": "text me on 07700 900415, ta"}, "user.contact.phone_number", text="07700 900415"),
        Match({"note": "mein Handy: 0151 23456789"}, "user.contact.phone_number", text="0151 23456789"),
        Match({"note": "you can call me at 612 34 56 78"}, "user.contact.phone_number", text="612 34 56 78"),
        Match({"note": "mon gsm 0470/55.01.22"}, "user.contact.phone_number", text="0470/55.01.22"),
        Match({"note": "mein Büro: (030) 1234567, danke"}, "user.contact.phone_number", text="(030) 1234567"),
        Match({"note": "ask for Lea, 0470/55.01.22, any day"}, "user.contact.phone_number", text="0470/55.01.22"),
        Match({"note": "Omar Haddad - 020-7123 4567 - moves in"}, "user.contact.phone_number", text="020-7123 4567"),
        Match({"note": "Please tell Ana (601 119 961) it is booked"}, "user.contact.phone_number", text="601 119 961"),
        Match({"note": "Leave a message on 555.010.1234 x12"}, "user.contact.phone_number", text="555.010.1234 x12"),
        Match({"note": "my wife: +49 (0)30 / 123456"}, "user.contact.phone_number", text="+49 (0)30 / 123456"),
        Match({"note": "call me on 555-0142 tonight"}, "user.contact.phone_number", text="555-0142"),
        Match({"note": "my landline is 555 0142 now"}, "user.contact.phone_number", text="555 0142"),
        Match({"note": "you can call me at 1-877-GO-DOUAN"}, _PHONE, text="1-877-GO-DOUAN"),
        Match({"page": "https://x.example/call/+33639984410"}, "user.contact.phone_number", text="+33639984410"),
        Match({"note": "Ana Ruiz, Leeds, 07700 900583-Mobile"}, _PHONE, text="07700 900583"),
        Match({"page": "https://wa.me/33639984410"}, "user.contact.phone_number", text="33639984410"),
        Match({"note": "À lundi pour l'équipe.\n\nPerrine\n06 39 98 64 20"}, _PHONE, text="06 39 98 64 20"),
        Match({"driver": {"name": "Rui Teles", "phone": "+55 (21) 99876-1234"}}, _PHONE, at="driver/phone"),
        Match({"contacts": [{"dest": "Odile Roy", "natel": "079 555 01 62"}]}, _PHONE, at="contacts/natel"),
        Match({"bio": "Ana Ruiz | 07700 900583 | Leeds"}, "user.contact.phone_number", text="07700 900583"),
        Match(
            {"rows": [{"nom": "Hélène Caron", "port": "06 39 98 50 73"}]},
            "user.contact.phone_number",
            at="rows/port",
            results=True,
        ),
    )
    MISSES = (
        Miss({"note": "my iban is FR76 1027 8060 4100 0207 4150 160"}, "a part of an account's number, mistyped"),
        Miss({"message_ts": "1694601367.303718"}, "a Unix time with a fraction"),
        Miss({"created": 1694601367}, "a Unix time"),
        Miss({"deal": "0683411080"}, "ten digits that no key or word calls a phone"),
        Miss({"order": "555-0100-22"}, "an order number"),
        Miss({"note": "référence 06 12 0099 8811"}, "a reference, too many digits"),
        Miss({"date": "2025-10-09"}, "a date"),
        Miss({"range": "2024-2025-2026-2027"}, "years"),
        Miss({"telephone_hotel": "+33 1 99 00 12 34"}, "a hotel's"),
        Miss({"store_phone": "+1 800 555 0100"}, "a shop's"),
        Miss({"upc": "801387592712"}, "a product code"),
        Miss({"build": "1.10.0.3"}, "a version"),
        Miss({"ip": "41.59.71.19"}, "an IP address"),
        Miss({"uuid": "0800-5555-0199-0000-ad4a2b3c386a"}, "a part of an identifier"),
        Miss({"results": [{"name": "Chez Ada", "price": 12, "phone": "+33 1 99 00 12 34"}]}, "a restaurant's"),
        Miss({"phone": "none"}, "no number"),
        Miss({"claims_line": "+1 877 555 0164", "plans": [{"code": "A-1"}]}, "an insurer's", results=True),
        Miss({"reservation_line": "+1 212 555 0188"}, "a restaurant's", results=True),
        Miss({"ligne_sinistres": "0 809 40 11 22"}, "an insurer's", results=True),
        Miss({"numeroSerieCompteur": "021876543210"}, "a meter's"),
        Miss({"timbre": "0726 1184 3306 5521"}, "a fiscal stamp"),
        Miss({"text": "HMRC helpline: 0300 555 0101, Monday to Friday"}, "a helpline", results=True),
        Miss({"text": "Call our claims line on 0800 555 0111 any day."}, "an insurer's", results=True),
        Miss({"text": "Questions? Call 0330 555 0118."}, "a company's line", results=True),
        Miss({"text": "Secrétariat : 04 67 00 18 18, 3 avenue Foch"}, "a surgery's", results=True),
        Miss({"text": "Must ring Marlow Plumbing on 0118 496 0711"}, "a tradesman's firm"),
        Miss({"switchboard": "01422 555 0100", "name": "Calder Foods"}, "a company's", results=True),
        Miss({"standard": "05 49 00 70 00", "siren": "532197845"}, "a company's", results=True),
        Miss({"tel": "04 00 12 34 50", "visites": [{"titre": "Crypte", "tarif": 9}]}, "a museum's", results=True),
        Miss({"relais": [{"nom": "Tabac Le Balto", "tel": "02 97 00 15 15"}]}, "a shop's", results=True),
        Miss({"sender": {"company": "Halcyon Wax Co", "phone": "01924 555 0100"}}, "a company's"),
        Miss({"dossier": "IPP 0049923817"}, "a patient's number"),
        Miss({"note": "numéro de commande 0612345678"}, "an order"),
        Miss({"note": "call number 823.914 in the library"}, "a shelf mark"),
        Miss({"note": "text of 2024-10-12 15:30"}, "a date"),
        Miss({"note": "contact 3 people before 12.05.2026"}, "a date"),
        Miss({"code": "009607685"}, "figures of who knows what"),
        Miss({"note": "the lot 0412-345-678 was recalled"}, "a lot"),
        Miss({"note": "open 01.05.2026 - 14.09.2026 only"}, "dates"),
        Miss({"note": "a budget of 628 120 278 was voted"}, "an amount"),
        Miss({"note": "sizes 36 38 40 42 44 46 in stock"}, "a list"),
        Miss({"note": "seasons 2019-2020-2021"}, "years"),
        Miss({"note": "the server 12.145.14.39 is down"}, "an IP address"),
        Miss({"note": "see entry 756.1234.5678.90 of the log"}, "the groups of an insured person's number"),
        Miss({"note": "see line 078-05-1120 below"}, "the groups of an insured person's number", category=_PHONE),
        Miss({"note": "tariff 8471.30.01.00 applies"}, "a customs code"),
        Miss({"text": "Two tables:\n- **Rosa's**, 18 Mill St, +44 20 7946 0118, from £24"}, "a place", results=True),
        Miss({"amount": "1 234 567 890"}, "an amount"),
    )

    prepare = staticmethod(prepare)

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for one in scene.with_digits:
            if isinstance(one.field.value, bool) or len(one.text) < 6:
                continue
            if one.hinted(_PHONE) and not one.field.is_key:
                yield from self._keyed(one, known, scene)
            elif one.is_text or one.field.is_key:
                yield from self._written(one, known, scene)
            elif one.words in {("num",), ("number",), ("numero",)}:
                yield from self._bare_number(one, scene.context)

    def _keyed(self, one: Seen, known: Records, scene: Scene) -> Iterable[Finding]:
        if not _NOT_A_NUMBER.isdisjoint(one.words):
            return
        text = one.text.strip()
        digits = sum(char.isdigit() for char in text)
        if len(text) > 40 or _LETTERS.search(text.replace("ext", "").replace("poste", "")):
            yield from self._written(one, known, scene)
            return
        if not 6 <= digits <= 20 or "@" in text or _DATE.match(text):
            return
        number = parsed(text, scene.context, wide=True)
        if number is None and text.startswith("00") and text.isdigit() and digits < 11:
            return
        if not _is_somebodys(one, known, scene, number):
            return
        yield whole(one, _PHONE, 0.97 if number else 0.85, self.name, "key", normalised=e164(number))

    def _written(self, one: Seen, known: Records, scene: Scene) -> Iterable[Finding]:
        text = one.text
        if not one.has_run:
            if one.prose and len(text) >= 12:
                yield from self._local(one, known, scene)
            return
        context = scene.context
        taken: list[tuple[int, int]] = []
        if ".me/" in text:
            for chat in CHAT.finditer(text):
                start, end = chat.span("number")
                number = parse("+" + chat["number"], None)
                if self._is_told(one, start, end, known, scene, number):
                    yield part(one, start, end, _PHONE, 0.9, self.name, "messenger", normalised=e164(number))
        lettered = _LETTERS.search(text) is not None
        if not lettered and hints.THING in one.hints and "+" not in text:
            return
        left = _MOST_WIDE
        for found in SHAPES.finditer(text):
            if not self._is_candidate(one, found, lettered=lettered):
                continue
            valid = parsed(found.group(), context, wide=lettered and found.lastgroup not in _CERTAIN and left > 0)
            if valid is None:
                left -= 1
                if not _is_sure(one, found):
                    continue
            taken.append(found.span())
            if not self._is_told(one, found.start(), found.end(), known, scene, valid):
                continue
            score = (0.95 if valid else 0.75) if found.lastgroup in _NARROW else 0.7
            yield part(one, found.start(), found.end(), _PHONE, score, self.name, "shape", normalised=e164(valid))
        if one.prose and CUE.search(text):
            yield from self._said(one, known, scene, taken)
        elif not taken and len(text) <= 20 and (_LINES.intersection(one.words) or PERSON.intersection(one.words)):
            yield from self._line(one, known, scene)

    @staticmethod
    def _is_candidate(one: Seen, found: re.Match[str], *, lettered: bool) -> bool:
        """Whether what a shape matched may be a phone number by what stands around it."""
        number = found.group()
        shape = found.lastgroup
        digits = sum(char.isdigit() for char in number)
        if not 8 <= digits <= 20 or OTHER.search(one.text, max(0, found.start() - 32), found.start()):
            return False
        if number[:2] == "00" and digits < 11:
            return False
        if not number.startswith("+") and in_account(one.text, found.start()):
            return False
        if shape in _NARROW:
            return number[:2] != "00" or not number.isdigit() or _is_sure(one, found)
        if not lettered or digits > 16 or _HAS_DATE.search(number):
            return False
        if shape == "bare":
            return not one.field.opened and (
                is_mobile(number, None) or is_spoken_of(one.text, found.start(), found.end(), mail=False)
            )
        if INSURED.fullmatch(number):
            return announced(one.text, found.start())
        if shape == "groups":
            return not (_YEARS.match(number) or _OCTETS.fullmatch(number)) and (
                is_typical(number) or is_spoken_of(one.text, found.start(), found.end())
            )
        return digits >= _LEAST and (shape != "spaced" or "nhs" not in one.text.lower())

    def _said(self, one: Seen, known: Records, scene: Scene, taken: list[tuple[int, int]]) -> Iterable[Finding]:
        """Numbers of any form right behind a word for a phone."""
        text = one.text
        for found in SAID.finditer(text):
            start, end = found.span()
            digits = sum(char.isdigit() for char in found.group())
            if not 8 <= digits <= 15 or any(start < high and low < end for low, high in taken):
                continue
            if (
                _DATE.match(found.group())
                or OTHER.search(text, max(0, start - 24), start)
                or not announced(text, start)
            ):
                continue
            number = parsed(found.group(), scene.context, wide=True)
            if number is None or not self._is_told(one, start, end, known, scene, number):
                continue
            yield part(one, start, end, _PHONE, 0.85, self.name, "word before it", normalised=e164(number))

    def _local(self, one: Seen, known: Records, scene: Scene) -> Iterable[Finding]:
        """Numbers without an area's code, or said by letters, right behind a word for a phone."""
        for found in (*LOCAL.finditer(one.text), *LETTERED.finditer(one.text)):
            start, end = found.span()
            if announced(one.text, start) and self._is_told(one, start, end, known, scene, None):
                yield part(one, start, end, _PHONE, 0.7, self.name, "word before it")

    def _line(self, one: Seen, known: Records, scene: Scene) -> Iterable[Finding]:
        """A bare number under a key of a line, a contact or a person."""
        text = one.text.strip()
        digits = sum(char.isdigit() for char in text)
        if not 9 <= digits <= 12 or len(text) > 18 or any(map(str.isalpha, text)) or _DATE.match(text):
            return
        if not _COUNTED.isdisjoint(one.words):
            return
        if text.isdigit() and not text.startswith("0"):
            return
        number = parsed(text, scene.context, wide=True)
        if (number is not None or is_mobile(text, None)) and _is_somebodys(one, known, scene, number):
            yield whole(one, _PHONE, 0.75, self.name, "key of a line", normalised=e164(number))

    @staticmethod
    def _is_told(one: Seen, start: int, end: int, known: Records, scene: Scene, number: Valid | None) -> bool:
        """Whether a number written in a value is somebody's own, by its sentence, else by its record."""
        text = one.text
        if end - start >= len(text.strip()) - 2:
            return _is_somebodys(one, known, scene, number)
        if of_business(text, start) or (not ORGANISED.isdisjoint(one.words) and not speaks_of_own(text, start)):
            return False
        if speaks_of_own(text, start):
            return True
        if not scene.to_app and is_listed(text, start) and not is_mobile(text[start:end], number):
            return False
        if not scene.to_app and is_public(number, text[start:end]):
            return False
        if one.about in _PUBLIC and not scene.to_app:
            return is_mobile(one.text, number) and known.whose(one) is Subject.PERSON
        return True

    def _bare_number(self, one: Seen, context: Context) -> Iterable[Finding]:
        text = one.text
        if not (text.isdigit() and 9 <= len(text) <= 12):
            return
        for region in regions(context):
            number = parse("0" + text if region in {"FR", "GB"} else text, region)
            if number and not 1_000_000_000 <= int(text) < 2_100_000_000:
                yield whole(one, _PHONE, 0.55, self.name, "a number's key", normalised=e164(number))
                return


def _is_sure(one: Seen, found: re.Match[str]) -> bool:
    """Whether a shape is a phone's even where no country's numbers have that form."""
    number = found.group()
    if number.startswith(("+", "%")) or found.lastgroup in {"nanp", "fr"}:
        return True
    if found.lastgroup in {"trunk", "area"}:
        return is_spoken_of(one.text, found.start(), found.end())
    if found.lastgroup not in {"uk", "intl"}:
        return False
    if len(one.text.strip()) == len(number.strip()):
        return not number.isdigit()
    return (found.lastgroup == "uk" and number.startswith("07")) or CUE.search(one.text) is not None


def _is_somebodys(one: Seen, known: Records, scene: Scene, number: Valid | None) -> bool:
    """Whether a whole value is a private person's number, by its key, its record and what kind of number it is."""
    if one.words == ("port",):  # a harbour, a socket or a mobile ("portable")
        return is_mobile(one.text, number)
    if of_value(one.field.key) in _PUBLIC and not one.field.is_key:
        return False
    if not ORGANISED.isdisjoint(one.words) and _PERSONAL.isdisjoint(one.words):
        return False
    if not scene.to_app and (
        is_public(number, one.text.strip()) or (not _PLAIN.isdisjoint(one.words) and of_service(one.words))
    ):
        return False
    whose = known.whose(one)
    if scene.to_app and len(one.field.keys) > 1:
        above = one.field.keys[-2]
        record = known.of(one)
        named = record.person > 0 and record.business == 0 and of_holder(above) is Subject.PERSON
        if named or not DRIVER.isdisjoint(key_words(above)):
            return True
    if scene.to_app and not _PERSONAL.isdisjoint(one.words):
        return True
    if scene.to_app and one.field.keys[:2] == _ARGUMENTS and len(one.field.keys) == 3:
        return True
    if whose in SOMEBODY:
        return one.about not in _PUBLIC or known.of(one).person > 1 or not _PERSONAL.isdisjoint(one.words)
    if whose is not Subject.UNKNOWN or one.about in _PUBLIC:
        return scene.to_app and whose is Subject.THING and one.hinted(_PHONE)
    if scene.to_app or one.field.reached:
        return True
    return is_mobile(one.text, number) or not (_PERSONAL | _PLAIN).isdisjoint(one.words)


DETECTOR = Phone()
