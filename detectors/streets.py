"""How streets, postcodes and whole addresses are written, by country; nothing here says whose they are.

France, Belgium, Switzerland, Luxembourg, Morocco, Canada, the United Kingdom, Ireland, the United States, Australia,
Germany, Austria, the Netherlands, Italy, Spain, Portugal.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from douane.detectors.names import UPPER
from douane.detectors.words import Token, fold, word_set

UK = r"[A-Z]{1,2}\d[A-Z\d]{0,2} ?\d[A-Z]{2}"
CA = r"[A-Z]\d[A-Z] ?\d[A-Z]\d"
_JOIN = (
    r"(?:[Ss]ur|[Ss]ous|[Uu]pon|[Oo]n|[Uu]nder|[Ll][aeè]s?|[Dd]e|[Dd]u|[Ee]n|[Bb]y|[Tt]he|[Aa]m|[Aa]an|[Dd]en|[Dd]el)"
)
_TOWN = rf"{UPPER}[\w'’]{{1,30}}(?:[ -](?:{_JOIN}[ -])?{UPPER}[\w'’]{{1,30}}){{0,3}}"
_ARTICLE = r"(?:(?:de la|de l['’]|des|du|de|d['’]|la|le|les|aux?|à la) ?)?"
_SAFE = r"rue|avenue|av\.?|ave\.?|boulevard|bd\.?|bld|blvd|chemin|all[ée]es?|impasse|quai|route|rte\.?|ruelle|venelle"
_OTHER = (
    r"cours|square|passage|faubourg|sentier|lotissement|r[ée]sidence|place|pl\.?|villa|cit[ée]|hameau|mont[ée]e|"
    r"esplanade|promenade|traverse|voie|clos|mail|parvis|rond[- ]point|domaine|derb"
)
_NUMBER = r"\d{1,4}(?: ?(?:bis|ter|quater|[A-D](?= )))?,? "
_INSIDE = (
    r"(?:,? (?:b[âa]t(?:iment|\.)?|appt?\.?|appartement|esc(?:\.|alier)?|[ée]tage|\d{1,2}(?:e|er|ème) [ée]tage|"
    r"porte) ?\w{0,6}){0,3}"
)
_FRENCH = re.compile(
    rf"(?i:\b(?:{_NUMBER})?(?:{_SAFE}|{_OTHER}) {_ARTICLE})[\w'’.]{{1,30}}(?:[ -][\w'’]{{1,30}}){{0,5}}?"
    rf"(?: \d{{1,3}})?(?i:{_INSIDE})(?:,? (?:(?:B|L|CH|F|MA)-?)?\d{{4,5}} {_TOWN}|,? {_TOWN},? (?:\(?QC\)?,? )?{CA})"
)
_FRENCH_STREET = re.compile(
    rf"\b{_NUMBER}(?:(?i:{_SAFE}) (?i:{_ARTICLE})(?:\d{{1,2}} )?[\w'’-]{{2,30}}|"
    rf"(?i:{_OTHER}) (?i:{_ARTICLE}){UPPER}[\w'’-]{{1,30}})(?: (?:(?:de|des|du|la|d['’]) "
    rf"?)?{UPPER}[\w'’-]{{1,30}}){{0,3}}(?: (?:19|20)\d\d)?"
    rf"(?:,? \d{{5}} [\w'’-]{{2,30}})?"
)
_NUMBER_LAST = re.compile(
    rf"\b(?:(?i:rue|avenue|chauss[ée]e|boulevard|chemin|route|place|via|viale|corso|piazza|calle|c/|avenida|"
    rf"avda\.?|plaza|paseo|carrer|"
    rf"rua|travessa|largo|{_ARTICLE})[ .]?(?:(?i:{_ARTICLE}|della|del|dei|de los|dos|da) ?)?)?[\w'’-]{{2,30}}(?: "
    rf"[\w'’-]{{2,30}}){{0,3}},? "
    rf"\d{{1,4}}[a-zA-Z]?(?:/\d{{1,3}})?(?: (?:bte|boîte|bus|box|apt\.?) ?\w{{1,4}})?,? (?:(?:B|L|CH|D|A|I|E|NL|"
    rf"P)-)?\d{{4,5}}(?:-\d{{3}})?(?: [A-Z]{{2}})? {_TOWN}"
)
_GERMANIC = re.compile(
    rf"\b{UPPER}[\w'’-]{{2,30}}(?:stra(?:ß|ss)e|str\.|straat|laan|gasse|allee|platz|weg|plein|gracht|kade|dreef|"
    rf"steenweg|götu|stræti|gatan|vej)"
    rf" \d{{1,4}}[a-zA-Z]?(?:,? (?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: [A-Z]{{2}})? {_TOWN})?"
)
_TYPES = (
    r"Street|St|Road|Rd|Avenue|Ave|Av|Lane|Ln|Drive|Dr|Court|Ct|Close|Cl|Way|Crescent|Cres|Terrace|Tce|Boulevard|"
    r"Blvd|Place|Pl|"
    r"Square|Sq|Gardens|Gdns|Grove|Hill|Park|Row|Mews|Trail|Parkway|Pkwy|Circle|Cir|Highway|Hwy|Walk|Rise|View|Vista|"
    r"Green|Wharf|Quay|Parade|Pde|Loop|Pike|Broadway|Plaza|Heights|Croft|Drove|Vale|Brae|Esplanade|Alley|Turnpike|"
    r"Bypass"
)
_UNIT = r"(?:flat|apt|apartment|studio|unit|suite|apt\.)"
_ENGLISH = re.compile(
    rf"\b(?:(?i:{_UNIT}) ?#?\w{{1,5}},? ?)?\d{{0,5}}[A-Za-z]?(?:[-/]\d{{1,4}})? ?(?:(?:{UPPER}[\w'’.-]{{0,24}}|"
    rf"\d{{1,3}}(?:st|nd|rd|th)|of|the) ){{1,4}}(?:{_TYPES})"
    rf"\b\.?(?: [NSEW]{{1,2}}\b)?(?:,? (?:(?i:apt|unit|suite|flat|apartment)\.? |#) ?\w{{1,6}})?(?:,? (?:{UK} "
    rf")?{_TOWN},?(?:,? [A-Z]{{2,3}}\b)?"
    rf" ?(?:\d{{5}}(?:-\d{{4}})?|\d{{4}}\b|{UK}|{CA})?)?"
)
_ENGLISH_CHAT = re.compile(
    rf"(?i)\b(?:{_UNIT} ?\w{{1,5}},? ?)?\d{{1,5}}[a-z]? (?:[\w'’-]{{2,24}} ){{1,3}}(?:street|st|road|rd|avenue|ave|"
    rf"lane|ln|"
    r"drive|court|close|way|crescent|terrace|boulevard|blvd|gardens|grove|mews|row|hill|park|square)\b"
)
_NUMBERED = re.compile(
    rf"\b(?:(?:(?i:{_UNIT}) ?\w{{1,5}},? )?\d{{1,5}}[A-Za-z]? |(?i:{_UNIT}) \w{{1,5}} )(?:{UPPER}[\w'’-]{{1,24}} "
    rf"?){{1,4}},? "
    rf"(?:{_TOWN},? )?(?:{UK}|\d{{5}})\b(?: {_TOWN})?"
)
_BOX = re.compile(
    r"\b(?:P\.?O\.? Box|B\.?P\.?|Postfach|Apartado)(?: de correos)? ?\d{1,6}\b(?:,? \d{5} [\w' -]{2,30})?"
)
_STATED = re.compile(
    rf"(?i:\b(?:post ?code|postal code|zip(?: ?code)?|zipcode|pin ?code|code postal|eircode)"
    rf"(?:,? (?:is|est|was|le|now|for {_TOWN}|in {_TOWN}|here|de {_TOWN}|of {_TOWN})){{0,3}} ?:? {{0,2}})"
    rf"({UK}|{CA}|(?:[A-Z]{{1,2}}-)?\d{{4,6}}(?:-\d{{3,4}})?|\d{{3}} \d{{2,3}}|[A-Z]\d{{2}} ?[A-Z\d]{{4}})\b"
)
_CODE_IN_TEXT = re.compile(rf"\b(?:{UK}|{CA}|\d{{5}})\b")
_KINDS = word_set(
    """
    rue avenue av ave boulevard bd bld blvd chemin allee allees impasse quai route rte ruelle venelle cours square
    passage faubourg sentier lotissement residence place pl villa cite hameau montee esplanade promenade traverse voie
    clos mail parvis rond domaine derb chaussee street st road rd lane ln drive dr court ct close cl way crescent cres
    terrace tce gardens gdns grove hill park row mews trail parkway pkwy circle cir highway hwy walk rise view vista
    green wharf quay parade pde loop pike broadway plaza heights croft drove vale brae alley turnpike bypass sq via
    viale corso piazza calle avenida avda paseo carrer rua travessa largo
    """
)
_LATINS = word_set(
    "rue avenue chaussee boulevard chemin route place via viale corso piazza calle avenida avda plaza paseo carrer "
    "rua travessa largo"
)
_ENDS = (
    "strasse",
    "str",
    "straat",
    "laan",
    "gasse",
    "allee",
    "platz",
    "weg",
    "plein",
    "gracht",
    "kade",
    "dreef",
    "steenweg",
    "straeti",
    "gotu",
    "gatan",
    "vej",
)
_LAST = frozenset(end[-3:] for end in _ENDS)
_WHOLE_CODE = re.compile(
    rf"^(?:(?:[A-Z]{{1,2}}-)?\d{{4,5}}(?:-\d{{3,4}})?(?: [A-Z]{{2}})?|{UK}|{CA}|\d{{3}}-?\d{{4}}|\d{{3}} \d{{2}}|"
    rf"[A-Z]{{1,2}}\d[A-Z\d]{{0,2}}|"
    r"[A-Z]\d[\dW] ?[A-Z\d]{4}|\d{6}|\d{2}[- ]?\d{3}|\d{2} \d{3})$",
    re.IGNORECASE,
)


class Street(NamedTuple):
    """A street or an address in a text; `full` with a postcode, a town or both."""

    start: int
    end: int
    full: bool


def has_street(words: Sequence[Token]) -> bool:
    """Whether a word is a kind of street, or ends like one: the cheap question before the patterns."""
    return next(street_words(words), None) is not None


def street_words(words: Sequence[Token]) -> Iterator[int]:
    """Where the words stand that are a kind of street or end like one."""
    for word, start, _ in words:
        if word in _KINDS or (word[-3:] in _LAST and word.endswith(_ENDS)):
            yield start


def is_postcode(text: str) -> bool:
    """Whether a whole value is a postcode of some country."""
    return len(text) <= 10 and _WHOLE_CODE.match(text) is not None


def streets(text: str, words: Sequence[Token], *, chat: bool) -> Iterator[Street]:
    """Streets in a text, without overlaps among those of one pattern; `chat` also takes English ones in lower case."""
    kinds = {token.word for token in words} & _KINDS
    if kinds:
        for found in _FRENCH.finditer(text):
            yield Street(found.start(), found.end(), True)
        for found in _FRENCH_STREET.finditer(text):
            yield Street(found.start(), found.end(), False)
        for found in _ENGLISH.finditer(text):
            street = found.group().rstrip(" .,")
            if street[:1].isdigit() or fold(street[:5]).startswith(("flat", "apt", "studi", "unit", "suite", "apart")):
                yield Street(
                    found.start(), found.start() + len(street), len(street) - len(found.group(0).split(",")[0]) > 4
                )
        if kinds & _LATINS:
            for found in _NUMBER_LAST.finditer(text):
                yield Street(found.start(), found.end(), True)
        if chat:
            for found in _ENGLISH_CHAT.finditer(text):
                yield Street(found.start(), found.end(), False)
    if any(token.word.endswith(_ENDS) for token in words):
        for found in _GERMANIC.finditer(text):
            yield Street(found.start(), found.end(), True)
    if _CODE_IN_TEXT.search(text) is not None:
        for found in _NUMBERED.finditer(text):
            yield Street(found.start(), found.end(), True)
    if "ox " in text or "BP" in text or "B.P" in text:
        for found in _BOX.finditer(text):
            yield Street(found.start(), found.end(), True)


def stated_codes(text: str) -> Iterator[tuple[int, int]]:
    """Postcodes that the text calls so."""
    for found in _STATED.finditer(text):
        yield found.span(1)


def is_street(text: str, words: Sequence[Token]) -> bool:
    """Whether a whole value is a street or an address, by its shape."""
    if len(text) > 160:
        return False
    return any(found.end - found.start >= 0.55 * len(text) for found in streets(text, words, chat=True))


def code_and_town(text: str) -> bool:
    """Whether a whole value ends in a postcode, or in a postcode and a town (`Lower Fold, Hebden Bridge HX7 8RB`)."""
    return _TAIL.search(text) is not None


_TAIL = re.compile(rf"(?:[ ,](?:{UK}|[A-Z]{{2}},? \d{{5}}(?:-\d{{4}})?)|(?:^|[ ,])\d{{5}} {_TOWN})\s*$", re.IGNORECASE)
