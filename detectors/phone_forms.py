"""How phone numbers are written and said in Europe, North Africa and North America, and whose a number in a text is."""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers.re_util import enable_pattern_cache
from stdnum import numdb

from douane.audit.context import Context
from douane.detectors.names import has_given, looks_like_name
from douane.detectors.premises import PREMISES
from douane.detectors.words import tokens, word_set

_EXT = r"(?:,?\s?(?:x|#|ext\.?|extension|poste|p\.|int\.|dw|durchwahl)\s?\d{1,6})?"
_START = r"(?<![\w.,#+€$£-])(?<!\d[:=])(?:(?<!/)|(?=\+|%2[Bb]|\())"
_END = r"(?!\w|-(?![A-Z][a-z]{2})|[.,:/]\d|[ \u00a0]?[€$£%])"
_GAP = r"[ .\u00a0\u202f\u2010\u2011-]"
SHAPES = re.compile(
    _START + r"(?:"
    rf"(?P<nanp>(?:(?:00|\+)?1[ .-]?)?(?:\(\d{{3}}\)[ ./-]{{0,2}}|\d{{3}}[.-])\d{{3}}[ .-]\d{{4}})"
    rf"|(?P<intl>(?:\+ ?\(?|%2[Bb]|00[ .-]?)[1-9](?:[ .()/\u00a0\u202f\u2010\u2011-]{{0,3}}\d){{6,14}})"
    rf"|(?P<fr>0[1-9](?:{_GAP}\d{{2}}){{4}})"
    r"|(?P<uk>\(0\d{2,4}\) ?\d{3,4} ?\d{3,4}|0\d{2,4} \d{3,4} ?\d{3,4}(?! \d{3}))"
    rf"|(?P<trunk>(?<!\d[ .\u00a0\u202f-])(?:\(0\d{{1,4}}\)[ /-]{{0,3}}|0\d{{1,5}}(?: [/-] |{_GAP}|/))"
    rf"\d{{2,9}}(?:{_GAP}\d{{2,4}}){{0,3}})"
    r"|(?P<bare>(?<!\d[ .-])0[1-9]\d{7,9}|[2-9]\d{8,9})"
    rf"|(?P<area>\(\d{{2,4}}\)[ -]?\d{{3,5}}{_GAP}\d{{3,4}})"
    rf"|(?P<spaced>(?<!\d )\d{{3}} \d{{3}}[ -]\d{{4}}|1 \d{{3}} \d{{3}} \d{{4}})"
    rf"|(?P<groups>(?<!\d{_GAP})(?:\d{{1,4}}(?:{_GAP}\d{{2,4}}){{2,4}}|\d{{3,5}}[ .-]\d{{5,7}}|\d{{4}}[ -]\d{{4}})"
    rf"(?!{_GAP}?\d))"
    rf"){_EXT}{_END}"
)
"""Forms that few other numbers have, the last ones only where a word or their country's rules speak for them."""
LOCAL = re.compile(r"(?<![\w.,/#+€$£-])(?<!\d[ :=])[2-9]\d{2}[ .-]\d{4}(?![\w/-]|[.,:]\d|[ -]\d)")
"""A number within its area, as North America and small countries write it, where a word before it says so."""
LETTERED = re.compile(
    r"(?<![\w.,#+€$£-])(?:1[ .-])?\d{3}[ .-](?=[A-Z\d-]{7,12}(?![\w-]))(?:\d{0,3}-?[A-Z]{2,9}-?){1,3}\d{0,4}"
)
"""A number of North America said by letters (`1-800-FLOWERS`)."""
SAID = re.compile(
    rf"{_START}(?:\(?\+?\d{{1,5}}\)?(?:[ ./\u00a0\u202f-]{{0,2}}\(?\d{{1,8}}\)?){{0,7}})"
    rf"{_EXT}(?![\w-]|[.,:/]\d|[ \u00a0]?[€$£%])"
)
"""Any run of figures that may be a phone number where a word before it says so."""
CHAT = re.compile(r"(?i)\b(?:wa\.me|t\.me|signal\.me/#p)/(?:\+|%2B)?(?P<number>\d{8,15})(?!\w)")
"""The address of somebody in a messenger, by number."""
CUE = re.compile(
    r"(?i)\b(?:t[ée]l(?:[ée]phone|ephone)?s?|phones?|mobiles?|mob|portable|cell(?:phone)?|joindre|joignable|"
    r"jointe? au|"
    r"(?:r)?appel(?:er|ez|le|lez|es|ons)?|call(?:ed|ing|s|back)?|ring|rang|reach(?:ed|able)?|text(?:ed|o)?|sms|whatsapp|"
    r"signal|telegram|num[ée]ro|number|fax|gsm|contact(?:er|ez)?|landline|fixe|dial|phoned|handy|"
    r"bip(?:er|ez)?|06|07)\b"
)
"""Words that say a phone number is near."""
_NEAR = re.compile(
    r"(?i)\b(?:t[ée]l(?:[ée]phone|ephone)?s?|phone|mobile|mob|portable|cell(?:phone)?|joindre|joignable|"
    r"rappel(?:er|ez|le|lez)|appel(?:er|ez|le|lez)|call|ring|reach|text|texto|sms|whatsapp|signal|num[ée]ro|number|"
    r"fax|gsm|landline|fixe|dial|contact|handy|phoned|called|rang|callback)\b"
    r"(?:[\s:.,=()-]{1,4}(?:me|moi|us|nous|him|her|lui|them|is|est|c['’]est|on|at|au|le|sur|via|back|number|"
    r"num[ée]ro|no|n[°º]|perso|pro|home|work|phone|mobile|portable|t[ée]l|de|du|mon|ma|my|the|it['’]s|of|a|num|direct|"
    r"new|nouveau)|['’]s){0,6}[\s:.,='\"(-]{0,4}$"
)
_COUNTED = r"(?:\W{0,4}(?:n[°ºo]?|num|num[ée]ro|number|nr|id|ref|is|est))"
OTHER = re.compile(
    r"(?i)\b(?:(?:r[ée]f(?:[ée]rence|erence)?|order|commande|ticket|invoice|facture|dossier|colis|tracking|"
    r"suivi|sku|isbn|s[ée]rie|serial|siret|siren|version|build|ipp|iban|rib|imei|nir|s[ée]cu|ssn|passe?port|permis|"
    r"plaque|pdl|pce|fiscal|spi|nhs|medicare|nino|dni|pesel|utr|batch|lot|booking|part|article|item|barcode|ean|upc|gtin|"
    r"vin|claim|sinistre|sensor|capteur|meter|compteur|numbers|amount|montant|page|pages|cas|lotto|tirage|transaction|"
    r"matricule|r[ée]servation|bon|devis|quote|room|chambre|size|taille|bsn|steuer\w{0,20}|kvnr|ahv|cpf|tfn|aadhaar|pin|tariff|hs|sector|grid)"
    rf"{_COUNTED}?|(?:contrat|client|adh[ée]rent|policy|member|account|compte|card|carte|licen[cs]e|customer|code|id)"
    rf"{_COUNTED})\W{{0,4}}$"
)
"""Words right before a number that is no phone's."""
_OWN = re.compile(
    r"(?i)\b(?:my|me|mine|i'm|i am|mon|ma|mes|moi|notre|our|his|her|son|sa|leur|their|joignable|joindre|jointe?|perso|"
    r"mobile|portable|cell|gsm|whatsapp|text|texto|sms|patiente?|cliente?|tenant|locataire|guest|wife|husband|mari|femme|"
    r"mum|"
    r"mom|dad|maman|papa|neighbour|voisine?|friend|amie?|insured|assur[ée]e?|caller|candidate?|born|n[ée]e? le)\b"
)
_SHARED = word_set(
    """
    helpline hotline switchboard standard questions question enquiries inquiries support service services helpdesk
    freephone infoline urgences samu pompiers secretary secretaire plumber plombier electrician
    electricien dentist dentiste doctor docteur dr medecin taxi taxis mechanic garagiste landlord bailleur
    conseiller advisor adviser reservations bookings desk team equipe vert dispatch claims sinistres sales ventes
    complaints careline careteam fraud opposition depannage breakdown roadside serveur ivr tollfree freecall crisis
    triage nightline
    """
)
ORGANISED = frozenset(PREMISES | _SHARED)
"""Words of a business or a service that has a number of its own."""
_CLAUSE = re.compile(r"[.!?;\n|]\s")
_PUBLIC_TYPES = frozenset(
    {
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.SHARED_COST,
        phonenumbers.PhoneNumberType.PREMIUM_RATE,
        phonenumbers.PhoneNumberType.UAN,
    }
)
_WIDE = (
    "BE", "CH", "DE", "ES", "IT", "NL", "PT", "IE", "LU", "AT", "MA", "DZ", "TN", "CA", "AU", "PL", "SE", "DK", "NO",
    "FI", "BR", "MX", "IN", "JP", "SN", "CI", "GR", "CZ", "RO", "HU", "NZ", "ZA", "IL", "TR", "NG", "KE", "PH", "SG",
    "AR", "CL", "CO", "PE", "BG", "HR", "SI", "SK", "EE", "LV", "LT", "IS", "EG", "PK", "MY", "TH", "VN", "ID", "KR",
    "TW", "LK", "BD", "CN", "HK",
)  # fmt: skip
_MOBILE = re.compile(r"^(?:(?:\+33|0033|0)[67]\d{8}|(?:\+44|0044|0)7\d{9}|(?:\+32|0032)4\d{8})$")
"""Mobile numbers of France, Britain and Belgium, those set aside for films and examples included."""
_EXTENSION = re.compile(r"(?i),?\s?(?:x|#|ext\.?|extension|poste|p\.|int\.|dw|durchwahl)\s?\d{1,6}$")


def announced(text: str, start: int) -> bool:
    """Whether the words right before a place in a text announce a phone number."""
    return _NEAR.search(text, max(0, start - 60), start) is not None


def of_business(text: str, start: int) -> bool:
    """Whether the sentence before a number speaks of a business or a service, and of nobody's own number."""
    low = max(0, start - 90)
    for stop in _CLAUSE.finditer(text, low, max(low, start - 1)):
        if start - stop.end() > 12:
            low = stop.end()
    apart = text.rfind("\n\n", low, start)
    if apart >= 0 and text[apart:start].strip():
        low = apart
    words = [token.word for token in tokens(text[low:start])]
    last = next((len(words) - at for at, word in enumerate(reversed(words)) if word in ORGANISED), 0)
    if not last:
        return False
    own = _OWN.search(text, max(low, start - 28), start)
    if own is not None and own.group().lower() in {"our", "notre"}:
        return last < 5
    return own is None or own.start() < start - 28


def is_listed(text: str, start: int) -> bool:
    """Whether a number stands in an entry of a list of places: one that is headed by no person's name."""
    low = text.rfind("\n", max(0, start - 300), start) + 1
    head = _ITEM.match(text, low, start)
    if head is None:
        return False
    if _OF_PLACE.search(text, low, min(len(text), start + 80)):
        return True
    first = _ITEM.search(text)
    if first is not None and _OF_PLACE.search(text, max(0, first.start() - 120), first.start() + 1):
        return True
    name = head["head"].strip(" *_")
    return head["bold"] is not None and not (looks_like_name(name) and has_given(name))


_ITEM = re.compile(r"(?m)^ {0,6}(?:[-*•–]|\d{1,2}[.)]) {0,3}(?P<bold>\*\*|__)?(?P<head>[^\n,:;(|*–—]{2,60})")
_OF_PLACE = re.compile(
    r"(?i)\b(?:tables?|restaurants?|places|idées|adresses|ouverts?|opens?|from [£€$]|dès \d|à partir de|menu|"
    r"cuisine|couscous|pizzas?|hotels?|hôtels?|cafés?|bars?|shops?|boutiques?|magasins?|clinics?|cliniques?|pharmac\w{1,4}|"
    r"garages?|salons?|stars?|étoiles?|rating|avis|reviews|km|miles?|min walk|nearest|nearby|near you|plus proches?|"
    r"practices|cabinets?|dentists?|vets?|museums?|musées?|suggestions?|options?)\b|[£€$]{2,4}|\d[.,]\d ?(?:/ ?5|★)|★"
)


def is_spoken_of(text: str, start: int, end: int, *, mail: bool = True) -> bool:
    """Whether a word for a phone, somebody to reach or, with `mail`, an e-mail address stands near."""
    low, high = max(0, start - 60), min(len(text), end + 30)
    return (
        CUE.search(text, low, high) is not None
        or (mail and "@" in text[low:high])
        or _REACHED.search(text, low, high) is not None
        or speaks_of_own(text, start)
    )


_REACHED = re.compile(
    r"(?i)\b(?:pr[ée]venir|notify|tell|find me|leave a message|e-?mail|courriel|(?:get|getting) (?:me|him|her|us)|"
    r"(?:ask|asking) for|demander|laisser un message|r[ée]pond(?:eur|re|ez)?|voicemail|answer(?:s|ing)?|"
    r"pick(?:s|ed)? up)\b"
)
_THOUSANDS = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3}){1,4}")
_PAIRS = re.compile(r"\d\d(?:\D\d\d){2,5}")
_OCTETS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_YEARS = re.compile(r"(?:19|20)\d\d\D(?:19|20)\d\d.{0,10}")
INSURED = re.compile(r"\d{3}-\d\d-\d{4}|756(?:[. ]\d{4}){2}[. ]\d\d|\d\d(?:\.\d\d){2}[-. ]\d{3}[-. ]\d\d")
"""How the insured are numbered in the United States, Switzerland and Belgium, whatever the check digits."""


def is_typical(number: str) -> bool:
    """Whether the groups of a number are a phone's rather than an amount's, years, an address's or those of a list."""
    if len(number) == 9 and number[:4].isdigit() and number[5:].isdigit():
        return False
    return not (
        _THOUSANDS.fullmatch(number)
        or _PAIRS.fullmatch(number)
        or _OCTETS.fullmatch(number)
        or _YEARS.fullmatch(number)
    )


def speaks_of_own(text: str, start: int) -> bool:
    """Whether the words before a number say that it is somebody's own."""
    return _OWN.search(text, max(0, start - 40), start) is not None


def regions(context: Context) -> tuple[str, ...]:
    """The countries whose way of writing numbers to try first."""
    _, _, region = context.locale.replace("_", "-").partition("-")
    region = region.upper() if len(region) == 2 else ""
    first = region or ("FR" if context.locale.lower().startswith("fr") else "US")
    return tuple(dict.fromkeys((first, "FR", "US", "GB")))


class Valid(NamedTuple):
    """A number that is valid somewhere, and what kind of line it is."""

    number: phonenumbers.PhoneNumber
    kind: int


_FIGURES = re.compile(r"[0-9 ().\u00a0/-]+")


def is_none_of(digits: str, region: str) -> bool:
    """Whether no number of a country has these figures, told at a glance: asking the rules costs a tenth of a
    millisecond. No number of North America begins with 0, and ten figures of a French one do."""
    if region == "US":
        return digits[:1] == "0" and digits[:3] != "011"
    return region == "FR" and len(digits) == 10 and digits[0] != "0"


def parsed(text: str, context: Context, *, wide: bool = False) -> Valid | None:
    """The number, where some likely country makes it valid; `wide` tries more countries."""
    number = _EXTENSION.sub("", text.strip())
    if number[:1] == "%":
        number = "+" + number[3:]
    if number.startswith(("+", "00")):
        return parse("+" + number.lstrip("+0 .") if number.startswith("00") else number, None)
    home = regions(context)
    digits = "".join(filter(str.isdigit, number)) if _FIGURES.fullmatch(number) else ""
    for region in (*home, *_WIDE) if wide and not _MOBILE.match(_compact(number)) else home:
        if digits and is_none_of(digits, region):
            continue
        found = parse(number, region)
        if found is not None:
            return found
    return None


def of_service(words: tuple[str, ...]) -> bool:
    """Whether the words of a line's key name what a business does there (`reservation_line`)."""
    return not _SERVICES.isdisjoint(words)


_SERVICES = word_set(
    """
    reservation reservations booking bookings order orders commande commandes enquiry inquiry information info infos
    renseignement renseignements assistance claim claims sinistre advice conseil press presse media office bureau care
    safeguarding whistleblowing alerte signalement payment payments paiement report fraud
    """
)


def prepare() -> None:
    """Have the rules of the countries that are tried compiled, which the first number of each would else wait for."""
    enable_pattern_cache()  # they are more than the 512 that `re` keeps
    kinds = (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE)
    for region in dict.fromkeys(("FR", "US", "GB", "CA", *_WIDE)):
        for kind in kinds:
            number = phonenumbers.example_number_for_type(region, kind)
            if number is not None:
                parse(str(number.national_number), region)
                parse(e164(Valid(number, kind)), None)


def _compact(text: str) -> str:
    return "".join(char for char in text.replace("(0)", "") if char.isdigit() or char == "+")


def parse(number: str, region: str | None) -> Valid | None:
    """A valid number of a country, else None."""
    found = plainly(number, region)
    if found is None:
        try:
            found = phonenumbers.parse(number, region)
        except phonenumbers.NumberParseException:
            return None
    # A number is valid where it is of some kind: asked once, as it costs as much as reading the number.
    kind = phonenumbers.number_type(found)
    return None if kind == phonenumbers.PhoneNumberType.UNKNOWN else Valid(found, kind)


_ABROAD = re.compile(r"\+[1-9](?:[ .\u00a0-]?[0-9]){6,15}")
_AT_HOME = re.compile(r"0[1-9](?:[ .\u00a0-]?[0-9]){6,12}")
_HOMES = {"FR": 33, "GB": 44}
"""Countries whose numbers begin with 0 at home, and never abroad."""


def plainly(number: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    """A number of the commonest forms as the library reads it, at a quarter of the cost; None for it to be asked."""
    if _ABROAD.fullmatch(number):
        digits = "".join(filter(str.isdigit, number))
        for size in (1, 2, 3):
            code = int(digits[:size])
            if code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
                # Without a 0 behind the country's code nothing is left out of what is dialled at home.
                if digits[size] == "0" or not _is_dialled_alike(code):
                    return None
                return phonenumbers.PhoneNumber(country_code=code, national_number=int(digits[size:]))
        return None
    if region in _HOMES and _AT_HOME.fullmatch(number):
        digits = "".join(filter(str.isdigit, number))
        return phonenumbers.PhoneNumber(country_code=_HOMES[region], national_number=int(digits[1:]))
    return None


@lru_cache(maxsize=512)
def _is_dialled_alike(code: int) -> bool:
    """Whether at home a 0 at the most stands before a country's numbers."""
    region = phonenumbers.region_code_for_country_code(code)
    metadata = phonenumbers.PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    return metadata is not None and metadata.national_prefix_for_parsing in {None, "0"}


def e164(number: Valid | None) -> str:
    """The number in E.164 form, empty where there is none."""
    if number is None:
        return ""
    return str(phonenumbers.format_number(number.number, phonenumbers.PhoneNumberFormat.E164))


def is_mobile(text: str, number: Valid | None) -> bool:
    """Whether the number is a mobile one, as far as its country tells them apart."""
    if number is not None and number.kind == phonenumbers.PhoneNumberType.MOBILE:
        return True
    return _MOBILE.match(_compact(text)) is not None


_FREE = re.compile(
    r"^\W{0,2}(?:(?:\+|00)?1\W{0,2})?8(?:00|33|44|55|66|77|88)\W{1,2}\d{3}\W\d{4}\W{0,1}$"
    r"|^\W{0,2}(?:\+44\W{0,2}(?:\(0\))?|0)(?:800|808|3[0347]\d|84[345]|87[0123])\W?\d{3}\W?\d{3,4}$"
    r"|^\W{0,2}(?:\+33\W?(?:\(0\))?|0)8\d{2}(?:\W?\d{2,3}){2,3}$|^0 8\d\d \d{3} \d{3}$"
)
"""Free and shared numbers of North America, Britain and France as they are written, those of no line included."""


def is_public(number: Valid | None, text: str = "") -> bool:
    """Whether the number is one that only businesses have: free, premium, one for a whole country."""
    if number is not None and number.kind in _PUBLIC_TYPES:
        return True
    return _FREE.match(text) is not None


_ACCOUNT = re.compile(r"(?<![A-Za-z\d])([A-Z]{2})\d{2}(?: ?[\dA-Z]{4}){1,7} ?[\dA-Z]{0,4}$")
_LONGEST_ACCOUNT = 44
"""Characters of the longest IBAN and its spaces."""


def in_account(text: str, start: int) -> bool:
    """Whether figures at `start` are part of an IBAN begun before them, its check digits right or not (ISO 13616)."""
    begun = _ACCOUNT.search(text, max(0, start - _LONGEST_ACCOUNT), start)
    return begun is not None and sum(map(str.isalnum, begun.group())) < _length_of_iban(begun[1])


@lru_cache(maxsize=1024)
def _length_of_iban(country: str) -> int:
    """Characters of the IBANs of a country by its two letters, 0 for one that has none."""
    structure: str = numdb.get("iban").info(country)[0][1].get("bban", "")
    return 4 + sum(map(int, re.findall(r"(\d+)!", structure))) if structure else 0
