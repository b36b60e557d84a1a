"""Whether a value looks drawn by chance, as keys are, or made of words, figures and places, as everything else is."""

import math
import re
from collections import Counter
from itertools import pairwise

from douane.detectors.words import word_set

_PLACEHOLDER = re.compile(
    r"(?is)^(?:<.*|\$\{?.*|\{\{.*|%[a-z_]+%|changeme|change_me|changeit|example.*|your[_-].*|redacted|null|none|true|false|"
    r"undefined|test|secret|string|password|placeholder|dummy.*|sample.*|insert[_-].*|replace[_-].*|my[_-].*|votre[_-].*|"
    r"\[.*|(.)\1{2,})$"
)
_COUNTED = ("abcdefghij", "1234567890", "0123456789", "xxxxxxxx", "XXXXXXXX", "********", "........")
_UUID = re.compile(r"^[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}$")
_HEX = re.compile(r"^(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)$")
_ALPHABET = re.compile(r"^[A-Za-z0-9+/=_.~%:-]+$")
_DATE = re.compile(r"^\d{4}-\d\d-\d\d")
_NUMBERS = re.compile(r"^[\d.,:+/_-]+$")
_ADDRESS_OF_CHAIN = re.compile(r"^0x[0-9a-fA-F]{40}$")
_RUN = re.compile(r"[A-Z]?[a-zà-ÿ]+|[A-Z]+")
_CONSONANTS = re.compile(r"(?i)[bcdfghjklmnpqrstvwxz]{5}")
_SLUG = re.compile(r"[A-Za-z]{1,15}(?:[-_.][A-Za-z]{1,15}){2,}")
_PAIRS = frozenset(
    row[0] + follower
    for row in word_set(
        """
        abcdfgiklmnprstuvy baeiloru cacehiklortu daeiorsu eacdefgilmnoprstuvwxyz faefiortu gaehinoru haeiot
        iabcdefglmnopqrstv jeou kei ladeilostuy mabeimopu nacdefginostuv oacdgilmnoprstuvwy paehilopru qu
        racdegiklmnorstuvy sacehiopstu taehilorstuy uabcdegilmnprstvx vaeior waehio yes
        """
    )
    for follower in row[1:]
)
"""The 230 commonest pairs of letters in English and French words, each row a letter and what follows it."""


def entropy(value: str) -> float:
    """Shannon entropy in bits a character."""
    size = len(value)
    return -sum(count / size * math.log2(count / size) for count in Counter(value).values())


def is_placeholder(value: str) -> bool:
    """Whether the value stands in for a secret that is not there."""
    return (
        _PLACEHOLDER.match(value[:400]) is not None
        or value.endswith("EXAMPLE")
        or "EXAMPLEKEY" in value
        or any(counted in value for counted in _COUNTED)
    )


def is_uuid(value: str) -> bool:
    """Whether the value is a UUID as it is written."""
    return _UUID.match(value) is not None


def is_hex(value: str) -> bool:
    """Whether the value is one run of hexadecimal digits, all in one case."""
    return _HEX.match(value) is not None


def is_wordy(value: str) -> bool:
    """Whether most of the value is words: a slug, a name in code, a path."""
    digits = letters = worded = 0
    for run in _RUN.finditer(value):
        part = run.group()
        letters += len(part)
        if len(part) >= 4 and not _CONSONANTS.search(part):
            lowered = part.lower()
            pairs = sum(one + other in _PAIRS for one, other in pairwise(lowered))
            if pairs >= 0.7 * (len(part) - 1):
                worded += len(part)
    digits = sum(map(str.isdigit, value))
    return letters > 0 and digits < 0.12 * len(value) and worded >= 0.55 * letters


def is_slug(value: str) -> bool:
    """Whether the value is words joined by signs, without a figure."""
    return _SLUG.fullmatch(value) is not None


def is_drawn(value: str, *, least: int = 16, bits: float = 2.8) -> bool:
    """Whether the value looks drawn by chance: long, of the alphabets of keys, no words, number or date."""
    if not least <= len(value) <= 4096 or not _ALPHABET.match(value) or "://" in value:
        return False
    if _NUMBERS.match(value) or _DATE.match(value) or _ADDRESS_OF_CHAIN.match(value) or is_placeholder(value):
        return False
    if entropy(value) < bits or is_wordy(value):
        return False
    if any(map(str.isdigit, value)):
        return any(map(str.isalpha, value))
    # Letters alone: words do not change their case all the time, and are seldom this long without a vowel's turn.
    turns = sum(one.isupper() != other.isupper() for one, other in pairwise(value))
    return len(value) >= 16 and (turns >= len(value) // 4 or _CONSONANTS.search(value) is not None)


def is_password(value: str) -> bool:
    """Whether a word looks chosen as a password: letters and figures or signs mixed."""
    letters = sum(map(str.isalpha, value))
    digits = sum(map(str.isdigit, value))
    signs = len(value) - letters - digits
    if len(value) < 6 or "://" in value or _PLACEHOLDER.match(value):
        return False
    return letters >= 2 and ((digits >= 1 and (letters >= 3 or signs >= 1)) or (signs >= 2 and entropy(value) > 2.8))
