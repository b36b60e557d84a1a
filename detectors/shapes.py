"""What a value looks like that is nobody's: for explanations, not for detection."""

import re

from stdnum import iban, luhn
from stdnum.fr import nir

_LONGEST = 100
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("boolean", re.compile(r"(?i)true|false")),
    ("uuid", re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")),
    ("date", re.compile(r"\d{4}-\d{2}(?:-\d{2})?|\d{1,2}[/.]\d{1,2}[/.]\d{4}")),
    ("time", re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}[0-9:.,+Z-]{0,20}|\d{1,2}[:h]\d{2}(?::\d{2})?")),
    ("hash", re.compile(r"(?i)(?:sha\d{1,3}[:-])?(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})")),
    ("url", re.compile(r"(?i)https?://\S{1,90}")),
    ("version", re.compile(r"v?\d{1,4}(?:\.\d{1,4}){1,3}(?:-[a-z0-9.]{1,20})?")),
    ("file", re.compile(r"(?i)[\w. -]{1,80}\.(?:pdf|png|jpe?g|docx?|xlsx?|csv|txt|zip|json|html?|mp[34]|svg|webp)")),
    ("amount", re.compile(r"(?:[€$£]\s?)?\d{1,9}[.,]\d{2}(?:\s?(?:[€$£]|EUR|USD|GBP|CHF))?")),
)
_CARD = re.compile(r"\d(?:[ -]?\d){12,18}")
_IBAN = re.compile(r"(?i)[A-Z]{2}\d{2}(?:\s?[A-Z0-9]){11,30}")
_NIR = re.compile(r"[12]\s?\d{2}\s?\d{2}\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}\s?\d{2}")
_NUMBER = re.compile(r"[+-]?\d{1,20}(?:[.,]\d{1,20})?")


def shape_of(text: str) -> str:
    """The name of the whole value's shape, empty for none; `…-checksum` where only a check digit is wrong."""
    text = text.strip()
    if not text or len(text) > _LONGEST:
        return ""
    if _NIR.fullmatch(text) and not nir.is_valid(text):
        return "nir-checksum"
    if _IBAN.fullmatch(text) and any(map(str.isalpha, text[:2])) and not iban.is_valid(text):
        return "iban-checksum"
    for name, shape in _SHAPES:
        if shape.fullmatch(text):
            return name
    if _CARD.fullmatch(text) and not luhn.is_valid(re.sub(r"[ -]", "", text)):
        return "card-checksum"
    return "number" if _NUMBER.fullmatch(text) else ""
