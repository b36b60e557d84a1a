"""What the numbers of documents, plates and accounts look like, written without spaces and in capitals."""

import re

_PASSPORT = re.compile(r"^(?:[A-Z]{0,3}\d{5,9}[A-Z]?|\d{2}[A-Z]{2}\d{5}|[A-Z]\d[A-Z0-9]{6,8}|C[A-Z0-9]{8})$")
_DVLA = re.compile(r"^[A-Z9]{5}\d(?:[05][1-9]|[16][0-2])(?:0[1-9]|[12]\d|3[01])\d[A-Z9]{2}[A-Z0-9]\d?[A-Z]{1,2}$")
_PLATE = re.compile(r"^(?=[A-Z0-9]{4,9}$)(?:[A-Z0-9]*[A-Z][A-Z0-9]*\d|[A-Z0-9]*\d[A-Z0-9]*[A-Z])[A-Z0-9]*$")
_KNOWN_PLATES = re.compile(
    r"^(?:[A-HJ-NP-TV-Z]{2}\d{3}[A-HJ-NP-TV-Z]{2}"  # France, Italy
    r"|\d{1,4}[A-HJ-NP-TV-Z]{2,3}(?:0[1-9]|[1-8]\d|9[0-5]|2[AB])"  # France before 2009
    r"|[A-HJ-PR-Y][A-HJ-PR-Y][0-7]\d[A-HJ-PR-Z]{3}|[A-HJ-NPR-TV-Y]\d{1,3}[A-Z]{3}|[A-Z]{3}\d{1,3}[A-HJ-NPR-TV-Y]"  # UK
    r"|\d{4}[BCDFGHJKLMNPRSTVWXYZ]{3}"  # Spain
    r"|[12][A-Z]{3}\d{3}"  # Belgium
    r"|\d[A-Z]{2}\d[A-Z]{2}|\d[A-Z]{3}\d{3}"  # Australia, California
    r"|[A-Z]{2}\d{2}[A-Z]{2}\d{2}"  # Portugal
    r"|\d{2,3}(?:C|CE|CN|CW|D|DL|G|KE|KK|KY|L|LD|LH|LM|LS|MH|MN|MO|OY|RN|SO|T|WH|WW|WX)\d{1,6})$"  # Ireland
)
_CARD_CODE = re.compile(r"^(?=[A-Z0-9]*\d[A-Z0-9]*\d)(?=[A-Z0-9]*[A-Z][A-Z0-9]*[A-Z])[A-HJ-NP-Z0-9]{9}$")
_VIN = re.compile(r"^[A-HJ-NPR-Z0-9]{17}$")


def _digits(code: str) -> int:
    return sum(char.isdigit() for char in code)


def is_document(code: str) -> bool:
    """Whether a code may be an official number: more figures than letters, or mixed, and not one figure repeated."""
    return len(set(code)) > 1 and _digits(code) * 2 >= len(code) - 3


def is_card_code(code: str) -> bool:
    """Whether a code looks like the number of a French identity card since 2021: nine letters and figures mixed."""
    return len(code) == 9 and _CARD_CODE.match(code) is not None


def is_passport(code: str) -> bool:
    """Whether a code looks like a passport's number (ICAO 9303: up to nine letters and figures)."""
    return 6 <= len(code) <= 10 and _PASSPORT.match(code) is not None and _digits(code) >= 4


def is_dvla(code: str) -> bool:
    """Whether a code is built like a British driver number: five letters of the name, birth date, initials."""
    return len(code) in {16, 17, 18} and _DVLA.match(code[:16]) is not None and _digits(code[:5]) < 4


def is_licence(code: str) -> bool:
    """Whether a code may be a driving licence's number."""
    return (
        6 <= len(code) <= 18
        and (_digits(code) >= 5 or is_dvla(code))
        and is_document(code[:9] if code[:5].isalpha() else code)
    )


def is_plate(code: str) -> bool:
    """Whether a code may be on a number plate: letters and figures both."""
    return 4 <= len(code) <= 9 and _PLATE.match(code) is not None


def is_known_plate(code: str) -> bool:
    """Whether a code has the form of some country's plates that no ordinary word or number has."""
    return 5 <= len(code) <= 9 and _KNOWN_PLATES.match(code) is not None


def is_vin(code: str) -> bool:
    """Whether a code has the form of a vehicle identification number (ISO 3779)."""
    return len(code) == 17 and _VIN.match(code) is not None and _digits(code) >= 4


def is_account(code: str) -> bool:
    """Whether a code may be the number of a bank account, a bank or a branch."""
    return code.isdigit() and 6 <= len(code) <= 18 and len(set(code)) > 1
