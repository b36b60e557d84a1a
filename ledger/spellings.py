"""An identifier in the ways in which a ledger may hold it: another kind, another spelling. Pure module: no I/O."""

import re
import unicodedata
from collections.abc import Iterator
from enum import StrEnum
from typing import Final

import phonenumbers

from douane.audit import taxonomy
from douane.ledger.pseudonyms import needs_salt

FORMS: Final = (
    "user.account.username",
    "user.contact.address",
    "user.contact.email",
    "user.contact.phone_number",
    "user.device.ip_address",
    "user.financial.credit_card",
    "user.government_id",
    "user.unique_id",
)
"""A category for each form that an identifier's value may have: the detector may have named it otherwise."""
REGIONS: Final = (
    *("FR", "US", "GB", "BE", "CH", "DE", "ES", "IT", "NL", "PT", "IE", "LU", "AT", "MA", "DZ", "TN", "CA", "AU", "PL"),
    *("SE", "DK", "NO", "FI", "BR", "MX", "IN", "JP", "SN", "CI", "GR", "CZ", "RO", "HU", "NZ", "ZA", "IL", "TR", "NG"),
    *("KE", "PH", "SG", "AR", "CL", "CO", "PE", "BG", "HR", "SI", "SK", "EE", "LV", "LT", "IS", "EG", "PK", "MY", "TH"),
    *("VN", "ID", "KR", "TW", "LK", "BD", "CN", "HK"),
)
"""The countries in whose way the detectors read a phone number that names none."""
NAME: Final = "user.name"
_FIGURES: Final = frozenset({"user.contact.phone_number", "user.contact.fax_number", "user.financial.credit_card"})
"""Kinds of which figures alone count: of an e-mail address they would be somebody else's number."""
_PHONE: Final = "user.contact.phone_number"
_NUMBER: Final = re.compile(r"\+?[\d\s()./-]{6,24}")
_WORDS: Final = re.compile(r"[^\W\d_]+(?:[ ,.'’-]+[^\W\d_]+){0,4}\.?")


class How(StrEnum):
    """How a datum was found: as what the identifier was given as, as another kind of identifier, in another spelling,
    as the given or family name of a full name whose other half stands in the same message, or by a value that many
    people share, which the ledger hashes anew in each message."""

    OWN = "own"
    KIND = "kind"
    SPELLING = "spelling"
    PARTS = "parts"
    SHARED = "shared"


type Spelling = tuple[str, str, How]
"""A category, a text, and what it would mean to find it."""

type Halves = tuple[tuple[str, str], ...]
"""The ways in which the words of a name can be a given and a family name, or the other way round."""


def spellings(category: str, value: str, *, exact: bool = False) -> Iterator[Spelling]:
    """Yield how to look for a value, the most certain first; `exact` keeps it to its own category.

    A phone number is looked for with and without its country's code, a name in both orders and without accents.
    """
    yield category, value, How.OWN
    is_phone = taxonomy.is_within(category, _PHONE) or (not exact and _NUMBER.fullmatch(value) is not None)
    is_name = taxonomy.is_within(category, NAME) or (not exact and _WORDS.fullmatch(value) is not None)
    lettered = any(map(str.isalpha, value))
    if not exact:
        yield from ((form, value, How.KIND) for form in FORMS if not (lettered and form in _FIGURES))
    if is_phone:
        of_phone = category if taxonomy.is_within(category, "user.contact") else _PHONE
        yield from ((of_phone, text, How.SPELLING) for text in _numbers(value))
    if is_name:
        of_name = category if taxonomy.is_within(category, NAME) else NAME
        yield from ((of_name, text, How.SPELLING) for text in _names(value))


def shared(category: str, value: str, *, exact: bool = False) -> Iterator[Spelling]:
    """Yield what of a value is hashed anew in each message, because many people may have it: a first name, a town."""
    if needs_salt(category, value):
        yield category, value, How.SHARED
    if not exact and _WORDS.fullmatch(value) and needs_salt(NAME, value) and not taxonomy.is_within(category, NAME):
        yield NAME, value, How.SHARED


def halves(category: str, value: str, *, exact: bool = False) -> Halves:
    """Return how the words of a full name can be divided in two, five ways at most; empty for what is no full name.

    Which half is the given name is not said. Of three words or more, the first and the last alone are a way too.
    """
    told_apart = taxonomy.is_within(category, NAME) and category != NAME
    if told_apart or not (category == NAME or (not exact and _WORDS.fullmatch(value) is not None)):
        return ()
    words = value.replace(",", " ").split()
    cuts = sorted({at for at in (1, 2, len(words) - 2, len(words) - 1) if 0 < at < len(words)})
    ways = [(" ".join(words[:at]), " ".join(words[at:])) for at in cuts]
    return tuple(dict.fromkeys((*ways, *([(words[0], words[-1])] if len(words) > 2 else []))))


def unaccented(text: str) -> str:
    """Return a text without accents, as many systems write a name."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))


def _numbers(value: str) -> Iterator[str]:
    text = value.strip()
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if text.startswith("+"):
        if (known := _parsed(text, None)) is not None:
            formats = phonenumbers.PhoneNumberFormat
            yield from (str(phonenumbers.format_number(known, one)) for one in (formats.E164, formats.NATIONAL))
            yield f"+{known.country_code} 0{known.national_number}"  # as in +33 (0)6
        return
    for region in REGIONS:
        known = _parsed(text, region)
        if known is not None and (
            phonenumbers.is_valid_number(known)
            or (region == "FR" and text.startswith("0") and phonenumbers.is_possible_number(known))
        ):
            yield str(phonenumbers.format_number(known, phonenumbers.PhoneNumberFormat.E164))


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None


def _names(value: str) -> Iterator[str]:
    words = value.replace(",", " ").split()
    orders = [words, [*words[1:], *words[:1]], [*words[-1:], *words[:-1]]]
    for one in orders:
        text = " ".join(one)
        yield text
        yield unaccented(text)
