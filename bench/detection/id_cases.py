"""Generated identifiers with check digits, and look-alikes whose check digits are wrong: fictitious, same for a seed.

Each valid one stands under its own key, in a sentence that names it, in a table with a heading, and, where its check is
strong enough to speak for itself, under a key that says nothing. Its look-alike stands under keys that say nothing.
"""

import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from stdnum import iban as iban_number
from stdnum import luhn
from stdnum.be import nn as be_nn
from stdnum.ca import sin as ca_sin
from stdnum.ch import ssn as ch_ssn
from stdnum.de import idnr as de_idnr
from stdnum.es import dni as es_dni
from stdnum.es import nie as es_nie
from stdnum.fr import nif as fr_nif
from stdnum.fr import nir as fr_nir
from stdnum.gb import nhs as gb_nhs
from stdnum.it import codicefiscale
from stdnum.nl import bsn as nl_bsn
from stdnum.pl import pesel as pl_pesel
from stdnum.pt import nif as pt_nif
from stdnum.se import personnummer
from stdnum.us import itin as us_itin
from stdnum.us import ssn as us_ssn

_NATIONAL = "user.government_id.national_identification_number"
_TAX = "user.government_id.tax_id"
_BANK = "user.financial.bank_account"
_CARD = "user.financial.credit_card"

_IBANS = {
    "FR": "5n5n11c2n", "DE": "18n", "GB": "4a14n", "ES": "20n", "IT": "1a10n12c", "NL": "4a10n", "BE": "12n",
    "CH": "5n12c", "AT": "16n", "PL": "24n", "PT": "21n", "IE": "4a14n", "LU": "3n13c", "SE": "20n", "DK": "14n",
    "NO": "11n", "FI": "14n", "CZ": "20n", "SK": "20n", "MC": "10n11c2n", "RO": "4a16c", "GR": "7n16c", "LT": "16n",
    "LV": "4a13c", "EE": "16n", "HR": "17n", "BG": "4a6n8c",
}  # fmt: skip
"""Length and alphabet of the national part; national check digits are left to chance, as ISO 13616 alone is checked."""


@dataclass(frozen=True, slots=True)
class Kind:
    """An identifier: how to make and to tell a valid one, and its names. A `strong` one needs no word beside it.

    `words` are English, `mots` French; `groups` are the sizes of the groups in which people write it.
    """

    name: str
    category: str
    make: Callable[[random.Random], str]
    valid: Callable[[str], bool]
    keys: tuple[str, ...]
    words: tuple[str, ...]
    mots: tuple[str, ...]
    strong: bool = False
    groups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A tool's arguments, and what must be found where; a look-alike has no category. `kind` never holds the value."""

    given: dict[str, Any]
    kind: str
    place: str
    french: bool
    category: str = ""
    pointer: str = ""
    value: str = ""


def _digits(chance: random.Random, size: int) -> str:
    return "".join(chance.choices(string.digits, k=size))


def _until(make: Callable[[random.Random], str], valid: Callable[[str], bool]) -> Callable[[random.Random], str]:
    """Draw until one is valid."""

    def draw(chance: random.Random) -> str:
        for _ in range(100_000):
            made = make(chance)
            if valid(made):
                return made
        raise RuntimeError("no valid one was drawn")

    return draw


def _born(chance: random.Random) -> tuple[int, int, int]:
    return chance.randrange(45, 99), chance.randrange(1, 13), chance.randrange(1, 29)


def _nir(chance: random.Random) -> str:
    year, month, _ = _born(chance)
    department = chance.choice(["75", "69", "13", "33", "59", "2A", "2B", "97"])
    place = f"{department}{chance.randrange(1, 400):03}{chance.randrange(1, 900):03}"
    body = f"{chance.choice('12')}{year:02}{month:02}{place}"
    return body + str(fr_nir.calc_check_digits(body))


def _iban(chance: random.Random) -> str:
    country, shape = chance.choice(sorted(_IBANS.items()))
    national, size = "", ""
    for char in shape:
        if char.isdigit():
            size += char
            continue
        alphabet = {"n": string.digits, "a": string.ascii_uppercase, "c": string.ascii_uppercase + string.digits}[char]
        national += "".join(chance.choices(alphabet, k=int(size)))
        size = ""
    return country + str(iban_number.calc_check_digits(f"{country}00{national}")) + national


def _card(chance: random.Random) -> str:
    start, size = chance.choice([("4", 16), ("51", 16), ("54", 16), ("2223", 16), ("34", 15), ("37", 15), ("6011", 16)])
    body = start + _digits(chance, size - len(start) - 1)
    return body + str(luhn.calc_check_digit(body))


def _codice(chance: random.Random) -> str:
    year, month, day = _born(chance)
    consonants = "".join(chance.choices("BCDFGLMNPRSTVZ", k=6))
    born = f"{year:02}{'ABCDEHLMPRST'[month - 1]}{day + chance.choice([0, 40]):02}"
    body = f"{consonants}{born}H{chance.randrange(100, 999)}"
    return body + str(codicefiscale.calc_check_digit(body))


def _pesel(chance: random.Random) -> str:
    year, month, day = _born(chance)
    body = f"{year:02}{month:02}{day:02}{_digits(chance, 4)}"
    return body + str(pl_pesel.calc_check_digit(body))


def _dni(chance: random.Random) -> str:
    body = _digits(chance, 8)
    return body + str(es_dni.calc_check_digit(body))


def _nie(chance: random.Random) -> str:
    body = chance.choice("XYZ") + _digits(chance, 7)
    return body + str(es_nie.calc_check_digit(body))


def _ahv(chance: random.Random) -> str:
    body = "756" + _digits(chance, 9)
    return next(ch_ssn.format(body + last) for last in string.digits if ch_ssn.is_valid(body + last))


def _belgian(chance: random.Random) -> str:
    year, month, day = _born(chance)
    body = f"{year:02}{month:02}{day:02}{chance.randrange(1, 998):03}"
    number = body + f"{97 - int(body) % 97:02}"
    return f"{number[:2]}.{number[2:4]}.{number[4:6]}-{number[6:9]}.{number[9:]}"


def _swedish(chance: random.Random) -> str:
    year, month, day = _born(chance)
    body = f"{year:02}{month:02}{day:02}{_digits(chance, 3)}"
    return f"{body[:6]}-{body[6:]}{luhn.calc_check_digit(body)}"


def _nino(chance: random.Random) -> str:
    return chance.choice(["AB", "JK", "LM", "RS", "WE"]) + _digits(chance, 6) + chance.choice("ABCD")


def _nino_valid(text: str) -> bool:
    return text[0] not in "DFIQUV" and text[:2] not in {"BG", "GB", "NK", "KN", "TN", "NT", "ZZ"} and text[-1] in "ABCD"


def _ssn(chance: random.Random) -> str:
    return f"{chance.randrange(1, 899):03}-{chance.randrange(1, 99):02}-{chance.randrange(1, 9999):04}"


def _digit_kind(valid: Callable[[str], bool], size: int, first: str = "") -> Callable[[random.Random], str]:
    return _until(lambda chance: first + _digits(chance, size - len(first)), valid)


KINDS: tuple[Kind, ...] = (
    Kind(
        "NIR", f"{_NATIONAL}.nir", _until(_nir, fr_nir.is_valid), fr_nir.is_valid,
        ("nir", "numeroSecu", "social_security_number"),
        ("social security number", "NIR"), ("numéro de sécurité sociale", "NIR"), True, (1, 2, 2, 2, 3, 3, 2),
    ),
    Kind(
        "numéro fiscal", _TAX, _digit_kind(fr_nif.is_valid, 13, "1"), fr_nif.is_valid,
        ("numero_fiscal", "spi", "taxNumber"),
        ("French tax number", "tax ID"), ("numéro fiscal", "numéro SPI"), False, (2, 2, 3, 3, 3),
    ),
    Kind(
        "IBAN", _BANK, _iban, iban_number.is_valid, ("iban", "ibanNumber", "compte_iban"),
        ("IBAN", "bank account"), ("IBAN", "compte bancaire"), True, (4,) * 8,
    ),
    Kind(
        "card", _CARD, _card, luhn.is_valid, ("card_number", "cardNumber", "numero_carte"),
        ("card", "credit card number"), ("carte bancaire", "numéro de carte"), True, (4, 4, 4),
    ),
    Kind(
        "NHS number", _NATIONAL, _digit_kind(gb_nhs.is_valid, 10, "9"), gb_nhs.is_valid,
        ("nhs_number", "nhsNumber", "nhs"), ("NHS number", "NHS no."), ("numéro NHS",), False, (3, 3, 4),
    ),
    Kind(
        "SSN", _NATIONAL, _until(_ssn, us_ssn.is_valid), us_ssn.is_valid,
        ("ssn", "social_security", "socialSecurityNumber"), ("social security number", "SSN"), ("numéro SSN",),
    ),
    Kind(
        "NINO", _NATIONAL, _nino, _nino_valid, ("nino", "national_insurance", "niNumber"),
        ("national insurance number", "NI number"), ("numéro NINO",), False, (2, 2, 2, 2),
    ),
    Kind(
        "codice fiscale", _NATIONAL, _codice, codicefiscale.is_valid,
        ("codice_fiscale", "codiceFiscale", "fiscal_code"),
        ("codice fiscale", "Italian tax code"), ("code fiscal italien", "codice fiscale"), True,
    ),
    Kind(
        "DNI", _NATIONAL, _dni, es_dni.is_valid, ("dni", "dni_number", "national_id"),
        ("DNI", "Spanish DNI"), ("DNI", "numéro DNI"),
    ),
    Kind(
        "NIE", _NATIONAL, _nie, es_nie.is_valid, ("nie", "nie_number", "nationalId"),
        ("NIE", "Spanish NIE"), ("NIE", "numéro NIE"),
    ),
    Kind(
        "BSN", _NATIONAL, _digit_kind(nl_bsn.is_valid, 9), nl_bsn.is_valid,
        ("bsn", "burgerservicenummer", "bsn_number"), ("BSN", "burgerservicenummer"), ("numéro BSN",),
    ),
    Kind(
        "PESEL", _NATIONAL, _until(_pesel, pl_pesel.is_valid), pl_pesel.is_valid,
        ("pesel", "pesel_number", "national_id_number"), ("PESEL", "PESEL number"), ("numéro PESEL",),
    ),
    Kind(
        "AHV", _NATIONAL, _ahv, ch_ssn.is_valid, ("ahv_number", "avs_number", "numeroAvs"),
        ("AHV number", "Swiss social security number"), ("numéro AVS",), True,
    ),
    Kind(
        "rijksregister", _NATIONAL, _until(_belgian, be_nn.is_valid), be_nn.is_valid,
        ("national_number", "numero_national", "rijksregisternummer"),
        ("national register number", "rijksregisternummer"), ("numéro national", "numéro de registre national"), True,
    ),
    Kind(
        "personnummer", _NATIONAL, _until(_swedish, personnummer.is_valid), personnummer.is_valid,
        ("personnummer", "personal_number", "personalIdentityNumber"),
        ("personnummer", "Swedish personal number"), ("personnummer",),
    ),
    Kind(
        "SIN", _NATIONAL, _digit_kind(ca_sin.is_valid, 9, "4"), ca_sin.is_valid,
        ("sin", "social_insurance_number", "nas"),
        ("social insurance number", "SIN"), ("numéro d'assurance sociale", "NAS"), False, (3, 3, 3),
    ),
    Kind(
        "Steuer-ID", _TAX, _digit_kind(de_idnr.is_valid, 11), de_idnr.is_valid, ("steuer_id", "steuerId", "tax_id"),
        ("Steuer-ID", "German tax ID"), ("numéro fiscal allemand", "Steuer-ID"), False, (2, 3, 3, 3),
    ),
    Kind(
        "Portuguese NIF", _TAX, _digit_kind(pt_nif.is_valid, 9, "2"), pt_nif.is_valid,
        ("nif", "contribuinte", "tax_number"), ("NIF", "Portuguese NIF"), ("NIF", "numéro NIF"),
    ),
)  # fmt: skip

_SENTENCES = (
    ("hi, my {word} is {value}, can you fill in the form?", "bonjour, voici : {word} {value}, merci pour le dossier"),
    ("{word}: {value}", "{word} {value}"),
    ("Please update the file. The {word} we have is {value} and it is right.", "Le {word} du client est {value}."),
)
_NEUTRAL_KEYS = ("reference", "value1", "data", "code", "item")
_NEUTRAL_TEXTS = ("the batch {} was shipped on Monday", "le lot {} est arrivé ce matin", "see entry {} of the log")


def _wrong(kind: Kind, chance: random.Random) -> str:
    """A valid one with one figure changed, so that neither its check nor a strong one of another kind holds."""
    for _ in range(1000):
        value = kind.make(chance)
        at = chance.choice([place for place, char in enumerate(value) if char.isdigit()])
        made = value[:at] + chance.choice(string.digits.replace(value[at], "")) + value[at + 1 :]
        if not (kind.valid(made) or us_itin.is_valid(made) or any(one.valid(made) for one in KINDS if one.strong)):
            return made
    raise RuntimeError(f"no look-alike of {kind.name}")


def cases(seed: int = 11, each: int = 12) -> Iterator[Case]:
    """`each` valid identifiers of every kind in each place, and as many look-alikes."""
    chance = random.Random(seed)
    for kind in KINDS:
        for at in range(each):
            value = kind.make(chance)
            if kind.groups and at // 6 % 2:
                value = _grouped(value, kind.groups)
            french = at // 3 % 2 == 1
            words = kind.mots if french else kind.words
            key, word = kind.keys[at % len(kind.keys)], words[at % len(words)]
            sentence = _SENTENCES[at % len(_SENTENCES)][french].format(word=word, value=value)
            table = f"| id | {word} |\n|---|---|\n| 1 | {value} |" if at % 2 else f"id,{key}\n1,{value}\n2,\n"
            places = [("key", key, value), ("sentence", "message", sentence), ("table", "content", table)]
            if kind.strong:
                places.append(("neutral key", chance.choice(_NEUTRAL_KEYS[1:3]), value))
            for place, at_key, text in places:
                pointer = f"/params/arguments/{at_key}"
                yield Case({at_key: text}, kind.name, place, french, kind.category, pointer, value)
            if kind.name == "NINO":  # it has no check digits that could be wrong
                continue
            wrong = _wrong(kind, chance)
            neutral = _NEUTRAL_KEYS[at % len(_NEUTRAL_KEYS)]
            yield Case({neutral: wrong}, kind.name, "look-alike under a neutral key", french)
            text = chance.choice(_NEUTRAL_TEXTS).format(_wrong(kind, chance))
            yield Case({"text": text}, kind.name, "look-alike in a sentence", french)


def _grouped(value: str, groups: tuple[int, ...]) -> str:
    """The value with a space between its groups."""
    parts: list[str] = []
    for size in groups:
        parts.append(value[:size])
        value = value[size:]
    return " ".join(part for part in (*parts, value) if part)
