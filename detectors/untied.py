"""What a text holds that is nobody's by itself, by its look: dates, civilities, jobs, nations, web addresses, numbers.

English and French. Nothing here says whose anything is; only the setting `detection.free_text: everything` reports it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

from stdnum import luhn

from douane.detectors.dates import DATE, MONTHS
from douane.detectors.lexicon import answers, terms
from douane.detectors.nations import NEVER_ALONE, countries, demonyms
from douane.detectors.occupations import heads, job_at
from douane.detectors.words import Token, fold, tokens, word_set

DATE_SAID, CIVILITY, JOB, NATION, COUNTRY, SITE, PHONE, CARD, UNIT = (
    "date", "civility", "job", "nation", "country", "site", "phone", "card", "unit",
)  # fmt: skip


class Untied(NamedTuple):
    """A stretch of a text, and what it looks like."""

    start: int
    end: int
    kind: str


_WEEKDAY = (
    r"(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche)"
)
_CLOCK = r"(?:[01]?\d|2[0-3])(?::[0-5]\d(?::[0-5]\d)?(?: ?[ap]\.?m\b\.?)?| ?[ap]\.?m\b\.?| ?h(?: ?[0-5]\d)?(?!\w))"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_DATE = re.compile(
    rf"(?i)(?<![\w/.-])(?:(?:{_WEEKDAY},? (?:the |le )?)?(?:{DATE}"
    rf"|{_DAY}(?:er|st|nd|rd|th)?(?: of)? (?:{MONTHS})(?!\w)|(?:{MONTHS}) {_DAY}(?:st|nd|rd|th)?(?!\w)"
    rf"|(?:{MONTHS}),? (?:of )?(?:1[5-9]|20)\d\d|{_DAY}[/.]{_DAY}(?![\w/.-])|{_DAY}-{_DAY}-(?:\d{{4}}|\d\d))"
    rf"(?:,?(?: at| à|T| )? ?{_CLOCK})?|{_WEEKDAY}s?|{_CLOCK})(?![\w-])"
)
_YEAR = re.compile(r"(?<![\w.,:/+€$£#-])(?:19|20)\d\d(?:s|-\d\d)?(?![\w%€$£]|[.,:/-]\d)")
_YEARLY = re.compile(
    r"(?i)\b(?:room|suite|flat|apt|unit|box|no|nr|n°|code|zip|postcode|page|model|version|route|highway)\.? $"
)
_CIVILITY = re.compile(
    r"(?:(?<!\w)(?:M(?=\. ?[A-ZÀ-Þ])|MM(?=\. )|[Mm]rs?|[Mm]s|[Mm]x|[Dd]r|[Pp]rof|[Mm]mes?|[Mm]lles?|[Rr]ev|[Hh]on|"
    r"[Pp]r(?=\.? [A-ZÀ-Þ]))\b\.?"
    r"|(?<!\w)(?:M[Rr][Ss]?|MS|DR)\.|(?<![\w-])(?:Miss|Mister|Sir|Madam|Lady|Lord|Professor|Monsieur|Madame|Mademoiselle|"
    r"Docteure?|Professeure?|Ma[iî]tre|Messieurs|Mesdames)\b"
    r"|(?<=[a-zà-ÿ]),? (?:Jr|Sr|Ph\.?D|M\.?D|D\.?D\.?S|D\.?V\.?M|Esq)\b\.?)"
)
_RELIGION, _POLITICS = "user.demographic.religious_belief", "user.demographic.political_opinion"
_BELIEFS = word_set(
    "catholic protestant christian muslim jewish buddhist hindu sikh anglican lutheran methodist mormon atheist jew "
    "catholique protestante chretien chretienne musulman musulmane juif juive bouddhiste hindoue athee"
)
_PARTIES = word_set(
    "democrat republican socialist communist democrats republicans socialists communists republicain socialiste "
    "communiste"
)
_SITE = re.compile(
    r"(?i)(?:(?<!\w)https?://|(?<![\w.])www\.)[^\s,;)\]>\"'«»]{3,200}"
    r"|(?<![\w@.-])[a-z\d][a-z\d-]{0,61}[a-z\d](?:\.[a-z\d][a-z\d-]{0,61}[a-z\d]){0,3}"
    r"\.(?:com|net|org|info|biz|edu|gov|io|co|us|uk|de|fr|ca|au|it|es|nl|eu|be|ch|app|dev|example)"
    r"(?:/[^\s,;)\"'«»]{0,200})?(?![\w@-])"
)
_GROUPED = re.compile(
    r"(?<![\w.,:/#€$£+-])(?:\+ ?)?+\(?+\d{1,15}+\)?+(?:[ .\u00a0\u202f/-]{0,2}+\(?+\d{1,12}+(?!\d)\)?+){0,7}"
    r"(?: ?(?:x|ext\.?|#) ?\d{1,6}+)?(?![\w]|-\d|[.,:/]\d|[ \u00a0]?[€$£%])"
)
"""A run of figures is taken whole or not at all: to try where to cut it would cost time without end."""
_EXTENSION = re.compile(r"[x#]")
_DATED = re.compile(r"(?:19|20)\d\d[-/. ]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ](?:19|20)?\d\d$")
_OCTETS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}$")
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:[ .\u00a0\u202f]\d{3})*[ .\u00a0\u202f]000$")
_UNIT = re.compile(
    r"(?<![\w-])(?:[Aa]pt|[Aa]partment|[Ss]uite|[Ff]lat|[Bb]ldg|[Bb]uilding|[Aa]ppt|[Aa]ppartement|[Bb][âa]t(?:iment)?|"
    r"P\.?O\.? Box|B\.?P)\b\.? ?#?(?:\d{1,6}[A-Za-z]?|[A-Z])(?![\w-]|[.,:]\d)"
)
_LEAST_OF_PHONE, _MOST_OF_PHONE = 7, 15
_CARD = re.compile(r"(?<![\w.+-])(?:[3-6]\d(?:[ -]?\d){10,17})(?![\w-]|[.,]\d)")
_SEGMENT = re.compile(r"(?:^|\n|,) {0,8}(?P<s>[^\W\d_][^\d\n,.:;!?@]{2,60}?) {0,8}(?=,|\r?\n|$)")
_MOST_OF_TITLE = 6
_ARTICLES = word_set("a an the un une le la l as and et my mon ma")
_LONGEST_NAME = 4
"""Words of the longest name of a country."""


def untied(text: str, words: Sequence[Token]) -> Iterator[Untied]:
    """Everything of the text that looks like something that may be about a person; may overlap. Linear time."""
    yield from _numbers(text)
    for found in _CIVILITY.finditer(text):
        start = found.start() + len(found.group()) - len(found.group().lstrip(" ,"))
        yield Untied(start, found.end(), CIVILITY)
    if "." in text:
        for found in _SITE.finditer(text):
            yield Untied(found.start(), found.start() + len(found.group().rstrip(".:!?")), SITE)
    for found in _UNIT.finditer(text):
        yield Untied(*found.span(), UNIT)
    yield from _jobs(text, words)
    yield from _nations(text, words)


def _numbers(text: str) -> Iterator[Untied]:
    for found in _DATE.finditer(text):
        yield Untied(*found.span(), DATE_SAID)
    for found in _YEAR.finditer(text):
        if not _YEARLY.search(text, max(0, found.start() - 12), found.start()):
            yield Untied(*found.span(), DATE_SAID)
    for found in _CARD.finditer(text):
        if luhn.is_valid(found.group().replace(" ", "").replace("-", "")):
            yield Untied(*found.span(), CARD)
    for found in _GROUPED.finditer(text):
        if _is_phone(found.group()):
            yield Untied(*found.span(), PHONE)


def _is_phone(text: str) -> bool:
    """Whether figures in groups may be a phone number, and are no date, address of a machine or round number."""
    figures = sum(map(str.isdigit, _EXTENSION.split(text, maxsplit=1)[0]))
    if not _LEAST_OF_PHONE <= figures <= _MOST_OF_PHONE:
        return False
    if _DATED.match(text) or _OCTETS.match(text) or _THOUSANDS.match(text):
        return False
    return not text.isdigit() or text[0] == "0" or figures in {10, 11}


def _jobs(text: str, words: Sequence[Token]) -> Iterator[Untied]:
    known = heads()
    held = [at for at, word in enumerate(words) if word.word in known]
    for at in held:
        job = job_at(words, at)
        if job is not None:
            yield Untied(words[job[0]].start, words[job[1]].end, JOB)
    if not held:
        return
    # A short line or a part between commas that ends or begins with a job's word is a title as a whole.
    for found in _SEGMENT.finditer(text):
        first = _first(words, found.start("s"))
        inside = [word for word in words[first : first + _MOST_OF_TITLE + 1] if word.end <= found.end("s")]
        if inside and inside[0].word in _ARTICLES:
            inside = inside[1:]
        if 0 < len(inside) <= _MOST_OF_TITLE and (inside[0].word in known or inside[-1].word in known):
            yield Untied(inside[0].start, inside[-1].end, JOB)


def _first(words: Sequence[Token], start: int) -> int:
    """The first word at or behind a place."""
    return bisect_left(words, start, key=attrgetter("start"))


def _nations(text: str, words: Sequence[Token]) -> Iterator[Untied]:
    peoples, lands = demonyms(), countries()
    for at, (word, start, end) in enumerate(words):
        capital = text[start : start + 1].isupper()
        if word in _BELIEFS or word in _PARTIES or (word in peoples and (capital or word not in NEVER_ALONE)):
            yield Untied(start, end, NATION)
        if not capital:
            continue
        for size in range(min(_LONGEST_NAME, len(words) - at), 0, -1):
            last = words[at + size - 1]
            if " ".join([fold(text[one.start : one.end]) for one in words[at : at + size]]) in lands:
                yield Untied(start, last.end, COUNTRY)
                break


def nation_category(word: str) -> str:
    """The category of what words of peoples, beliefs or parties say: each word counts, and what the lexicon knows."""
    words = tokens(word)
    said = {form for one in words for form in (one.word, one.word.removesuffix("s"))}
    if not said.isdisjoint(_BELIEFS):
        return _RELIGION
    if not said.isdisjoint(_PARTIES):
        return _POLITICS
    meanings = {term.meaning for term in terms(words)}
    whole = tuple(one.word for one in words)
    for category in (_RELIGION, _POLITICS):
        if category in meanings or whole in answers()[category].whole | answers()[category].anywhere:
            return category
    return "user.demographic.nationality"
