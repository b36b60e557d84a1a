"""The lines below the first one of an address: a flat, a town with its postcode, a country, each on its own line."""

import re

from douane.detectors.names import UPPER
from douane.detectors.nations import countries
from douane.detectors.streets import CA, UK, has_street
from douane.detectors.words import fold, tokens, word_set

_MOST = 5
"""Lines that may follow the first."""
_NEXT = re.compile(r"[ \t]*,?[ \t]*\r?\n[ \t]{0,40}(?P<l>[^\s:|;<>{}][^\n:|\t;<>{}]{0,58}?)[ \t,]*(?=\r?\n|$)")
"""A line without a label of its own."""
_CODE = re.compile(
    rf"(?:(?:[A-Z]{{1,3}}-)?\d{{4,6}}(?:-\d{{3,4}})?(?: (?P<t>[^\d\n]{{2,50}}))?|(?:.{{2,40}}[ ,] ?)?(?:{UK}|{CA})|"
    rf"[^\d\n]{{2,40}}[ ,] ?(?:[A-Z]{{2,3}},? )?\d{{4,6}}(?:-\d{{3,4}})?)"
)
"""A line that is a postcode, with its town before or behind it."""
_UNIT = re.compile(
    r"(?i)(?:c/o|flat|apt|apartment|unit|suite|floor|building|bldg|room|b[âa]t(?:iment)?|appt?|appartement|"
    r"esc(?:alier)?|[ée]tage|porte|r[ée]sidence|\d{1,2}(?:e|er|[èe]me|st|nd|rd|th) (?:[ée]tage|floor))\b.{0,40}"
)
_LABEL = re.compile(
    r"(?im)^[ \t*_#>-]{0,6}(?:(?:home|shipping|delivery|billing|postal|mailing|residential) address|"
    r"adresse (?:de livraison|de facturation|postale|personnelle|du domicile|de correspondance)|"
    r"(?:ship|deliver|bill)(?:ped|ed)? to|livr[ée]e? [àa])[ \t*_]{0,4}:?[ \t*_]{0,4}\r?\n(?:[^\n:]{1,60}\n){0,2}"
    r"[ \t]{0,40}\Z"
)
"""A line that says whose address the next lines are."""
_REACH = 240
_FAREWELLS = word_set("merci thanks thank regards cordialement bonjour hello total")


def continued(text: str, end: int) -> int:
    """Where an address whose line ends at `end` ends itself: behind the last line below that is part of it.

    `end` where the next line is none. A town without its postcode counts only between two lines that are.
    """
    reach = at = end
    coded = False
    for _ in range(_MOST):
        line = _NEXT.match(text, at)
        if line is None:
            break
        at, said = line.end("l"), line["l"]
        if fold(said.rstrip(".")) in countries():
            reach = at
            break
        if coded or _FAREWELLS.intersection(token.word for token in tokens(said)):
            break
        coded = _CODE.fullmatch(said) is not None
        if coded or _UNIT.fullmatch(said) or (said[0].isdigit() and has_street(tokens(said))):
            reach = at
        elif not said[0].isupper() or any(char.isdigit() for char in said) or said[-1] in ".?!":
            break
    return reach


_LETTERED = (
    r"apt|apartment|suite|ste|unit|flat|floor|fl|room|rm|bldg|building|appt|appartement|b[âa]t|b[âa]timent|esc|"
    r"escalier|[ée]tage|bte|bo[îi]te"
)
_NUMBERED = rf"{_LETTERED}|lot|porte|box"
_UNIT_BEHIND = re.compile(
    rf"(?:(?<!\w)|[ ,]{{0,2}}(?:[ ,]|\n[ \t]{{0,8}}))(?:(?i:(?:{_NUMBERED})\b\.?[ #]{{1,2}}\d{{1,5}}[a-z]?)"
    rf"|(?i:{_LETTERED})\b\.?[ #]{{1,2}}(?![IA] [a-z])[A-Z])(?!\w|[.,:]\d)"
)
"""A unit's letter is a capital, and neither "I" nor "A" that begins what follows."""
_MONEY = r"(?:EUR|USD|GBP|CHF|CAD|KM|Euros?|Dollars?|Pounds?|Francs?|Km)"
_CODE_BEHIND = re.compile(
    rf"(?:,? ?\n[ \t]{{0,8}}|,? )(?:(?:(?!(?:19|20)\d\d(?!\d))\d{{4,6}}(?:-\d{{3,4}})?|\d{{3}} \d{{2}})"
    rf"(?=[ \t]{{0,3}}(?:[.,;!?)\]\"»]|\r?\n|$)|,? \(?(?!{_MONEY}\b){UPPER}[\w'’-]"
    rf"|(?<=\d{{5}}) (?:and|et|but|mais|or|ou|since|depuis|today|please|thanks|merci)\b)"
    rf"|{UK}|{CA})(?![\w%€$£]|[.,:/-]\d| ?[€$£])"
)
"""Bare figures are a postcode where a place's name follows, or the sentence, the line or the text ends."""
_LAST_WORD = re.compile(r"[^\W\d_]+\.?$")
_CODED = re.compile(r"\d{4,6}\W{0,2}(?:[^\W\d_]+\W{0,2}){0,3}$")


def to_its_end(text: str, start: int, end: int) -> int:
    """Where an address at `start` ends with its unit ("Apt. 12") and, where it has none yet, its postcode behind it."""
    last = _LAST_WORD.search(text, max(start, end - 14), end)
    for at in (end,) if last is None else (last.start(), end):
        unit = _UNIT_BEHIND.match(text, at)
        if unit is not None and unit.end() > end:
            end = unit.end()
            break
    if _CODED.search(text, max(start, end - 40), end) is None:
        code = _CODE_BEHIND.match(text, end)
        if code is not None:
            end = code.end()
    return end


def is_under_label(text: str, start: int) -> bool:
    """Whether a line above an address, its addressee between them at most, calls it somebody's."""
    if "\n" not in text[max(0, start - _REACH) : start]:
        return False
    return _LABEL.search(text, max(0, start - _REACH), start) is not None
