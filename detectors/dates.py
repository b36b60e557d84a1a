"""How dates are written in English and French, in figures, in words and as numbers; nothing here says whose they "
"are."""

import re
from datetime import UTC, datetime

MONTHS = (
    r"january|february|march|april|may|june|july|august|september|october|november|december|jan\.?|feb\.?|mar\.?|"
    r"apr\.?|jun\.?|jul\.?|aug\.?|"
    r"sept?\.?|oct\.?|nov\.?|dec\.?|janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|"
    r"novembre|d[ée]cembre|"
    r"janv\.?|f[ée]vr?\.?|avr\.?|juil\.?|d[ée]c\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[89]|20)\d{2}"
DATE = (
    rf"(?:{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.]{_DAY}(?!\d)|{_DAY} ?[-/. ] ?(?:0?[1-9]|[12]\d|3[01]) ?[-/. ] "
    rf"?(?:{_YEAR}|\d{{2}})(?!\d)"
    rf"|{_DAY}(?:er|st|nd|rd|th)?(?: of)?[ -](?:{MONTHS})[ ,-]{{1,2}}(?:{_YEAR}|['’]?\d{{2}})(?!\d)|"
    rf"(?:{MONTHS}) {_DAY}(?:st|nd|rd|th)?,? {_YEAR}(?!\d)|{_YEAR}[- ](?:{MONTHS})[- ]{_DAY}(?!\d))"
)
"""A day, month and year as a pattern, to be read without regard to case."""

_WHOLE = re.compile(
    rf"(?i)^\s*(?:(?:mon|tues?|wednes|thurs?|fri|satur|sun)(?:day)?,? |(?:lundi|mardi|mercredi|jeudi|vendredi|"
    rf"samedi|dimanche) |le )?{DATE}"
    r"(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?\s*$"
)
_COMPACT = re.compile(
    r"^\s*(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|"
    r"20)\d{2})\s*$"
)
_PARTIAL = re.compile(
    rf"(?i)^\s*(?:{_YEAR}[-/](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/]{_YEAR}|(?:{MONTHS}) {_YEAR}|{_DAY}[ "
    rf"-](?:{MONTHS})|{_YEAR}|(?:--|0000-|1604-)\d{{2}}-\d{{2}})\s*$"
)
_ANY_YEAR = re.compile(rf"(?<!\d){_YEAR}(?!\d)")


def is_date(text: str) -> bool:
    """Whether a whole value is a day, month and year."""
    return len(text) <= 40 and (_WHOLE.match(text) is not None or _COMPACT.match(text) is not None)


def is_partial(text: str) -> bool:
    """Whether a whole value is a year, a month and year, or a day and month."""
    return len(text) <= 24 and _PARTIAL.match(text) is not None


def of_epoch(value: float) -> int | None:
    """The year of a Unix time in seconds or milliseconds, if it lies between 1900 and 2100; else None."""
    seconds = value / 1000 if abs(value) >= 20_000_000_000 else value
    if not -2_208_988_800 <= seconds <= 4_102_444_800 or abs(seconds) < 100_000:
        return None
    try:
        return datetime.fromtimestamp(seconds, UTC).year
    except (OverflowError, OSError, ValueError):
        return None


def year_of(text: str) -> int | None:
    """The year in a written date, if it has one of four figures."""
    found = _ANY_YEAR.search(text) or re.search(r"^(?:19|20)\d{2}(?=\d{4}$)", text.strip())
    return int(found.group()) if found else None
