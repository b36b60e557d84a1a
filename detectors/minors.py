"""Whether an object is a minor's record.

The date of a message is not known to a detector. A minor is who is under 18 by a stated age, or born in or after
`SINCE`: at the end of 2026 all of these are under 18, and nobody born before 2008 is.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol

from douane.audit.fields import Field
from douane.detectors import subject
from douane.detectors.dates import year_of
from douane.detectors.subject import NOBODY, Subject
from douane.detectors.words import fold, word_set

SINCE = 2009
_UNTIL = 2027
_BIRTH = "user.demographic.date_of_birth"
_BORN = word_set("b born ne nee naissance dob ddn dn birth birthdate birthday bday")
_AGE = frozenset(
    {
        ("age",),
        ("ages",),
        ("age", "years"),
        ("years", "old"),
        ("age", "ans"),
        ("age", "on", "day"),
        ("y",),
        ("yrs",),
        ("yr",),
        ("years",),
        ("ans",),
        ("annees",),
        ("turning",),
        ("turns",),
    }
)
_MONTHS = frozenset({("age", "months"), ("months",), ("age", "mois"), ("mois",)})
_FARE = word_set("type ptc category categorie paxtype passengertype pax passenger fare title civilite titre age")
_CHILDREN = word_set("chd inf cnn infant child enfant bebe mstr minor mineur enf ins unmr um kid junior")
_NAMED = frozenset({"user.name", "user.name.first", "user.name.last"})
_NAMES = word_set("n nm p f name nom prenom given family first last who qui fullname label") | subject.PERSON
_GROWN = frozenset({"user.workplace", "user.financial.salary"})


class Member(Protocol):
    """What is looked at of a field: a `scene.Seen`, which this module comes before."""

    field: Field
    text: str
    words: tuple[str, ...]
    hints: frozenset[str]
    has_digit: bool


def is_birth_of_minor(text: str) -> bool:
    """Whether a date is a minor's birth."""
    year = year_of(text) if len(text) <= 40 else None
    return year is not None and SINCE <= year < _UNTIL


def is_minor(members: Sequence[Member]) -> bool:
    """Whether the members of one object say that it is a minor's: a name beside an age, a birth or a child's fare."""
    if not 2 <= len(members) <= 40:
        return False
    for one in members:  # asked of every object: a generator would cost as much as the answers
        if _may_tell(one.words) or _BIRTH in one.hints:
            break
    else:
        return False
    young = named = False
    for one in members:
        if one.field.is_key:
            continue
        if not named:
            named = not _NAMED.isdisjoint(one.hints) or not _NAMES.isdisjoint(one.words)
        if not young:
            young = _says_young(one)
    if named and not young:
        young = _says_youth(members)
    if not (young and named):
        return False
    if any(
        subject.tells_thing(one.words)
        or not _GROWN.isdisjoint(one.hints)
        or not subject.BEASTS.isdisjoint(one.words)
        or one.words == ("race",)
        for one in members
    ):
        return False
    return all(subject.of_holder(key) not in NOBODY for key in members[0].field.keys[-2:-1])


_SQUADS = re.compile(
    r"(?i)^\W*(?:cadet(?:te)?s?|minimes?|benjamine?s?|poussine?s?|pupilles?|microbes?|moustiques?|babys?|[ée]veil|"
    r"(?:moins de|under|u)[ -]?(?:[5-9]|1[0-7])(?: ?ans)?|(?:[5-9]|1[0-7]) ?(?:u|and under|ans et moins)|"
    r"mini-?\w{0,9}|tots?|juniors? \d{1,2}|lionceaux?|louveteaux?|[ée]cole de \w{3,10})\b"
)
_SQUAD_KEYS = word_set("categorie category cat squad section division group groupe equipe team age class classe niveau")
_KEEPERS = word_set("tuteur tutrice parent parents guardian mere pere mother father maman papa mum mom dad responsable")
_YEARS = frozenset({("annee",), ("year",), ("millesime",), ("an",), ("annee", "ne"), ("yob",)})


def is_year_of_birth(one: Member) -> bool:
    """Whether a bare year in a child's record is the child's birth and not a season."""
    return one.words in _YEARS and one.text.isdecimal() and len(one.text) == 4 and SINCE <= int(one.text) <= 2023


@lru_cache(maxsize=8192)
def _may_tell(words: tuple[str, ...]) -> bool:
    """Whether a value under a key of these words may say that somebody is young: most records are done with here."""
    if words in _AGE or words in _MONTHS or words in _YEARS or (len(words) <= 2 and not _BORN.isdisjoint(words)):
        return True
    return not (_FARE.isdisjoint(words) and _SQUAD_KEYS.isdisjoint(words))


def _says_youth(members: Sequence[Member]) -> bool:
    """Whether a club's record is a minor's: by the squad, or by a year of birth beside a parent's number."""
    if any(
        len(one.text) <= 24 and not _SQUAD_KEYS.isdisjoint(one.words) and _SQUADS.match(one.text) for one in members
    ):
        return True
    return any(map(is_year_of_birth, members)) and any(not _KEEPERS.isdisjoint(one.words) for one in members)


def _says_young(one: Member) -> bool:
    words = one.words
    if subject.of_value(one.field.key) is Subject.CHILD:
        return False
    if one.has_digit and len(one.text) <= 40:
        if _BIRTH in one.hints or (len(words) <= 2 and not _BORN.isdisjoint(words)):
            return is_birth_of_minor(one.text)
        if words in _AGE or words in _MONTHS:
            digits = one.text.strip().split(" ")[0]
            limit = 18 if words in _AGE else 48
            return digits.isdigit() and len(digits) <= 2 and 0 <= int(digits) < limit
    return len(one.text) <= 12 and not _FARE.isdisjoint(words) and fold(one.text.strip()) in _CHILDREN


def is_grown(members: Sequence[Member]) -> bool:
    """Whether the members of one object say that it is a grown-up's, by an age or a birth date."""
    for one in members[:40]:
        if not one.has_digit or one.field.is_key or len(one.text) > 40 or subject.is_adults(one.words):
            continue
        if _BIRTH in one.hints or (len(one.words) <= 2 and not _BORN.isdisjoint(one.words)):
            year = year_of(one.text)
            if year is not None and 1900 <= year < SINCE - 1:
                return True
        elif one.words in _AGE and one.text.strip().isdecimal() and 18 <= int(one.text) <= 110:
            return True
    return False
