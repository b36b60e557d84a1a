"""Dates of birth and ages: by key, and in text by the words around them."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject

_BIRTH = "user.demographic.date_of_birth"
_AGE = "user.demographic.age_range"
_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|"
    "janvier|f[ée]vrier|mars|avril|mai|juin|juillet|ao[ûu]t|septembre|octobre|novembre|d[ée]cembre"
)
_DATE = (
    r"(?:(?:19|20)\d{2}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])|(?:0?[1-9]|[12]\d|"
    r"3[01])[-/. ](?:0?[1-9]|[12]\d|3[01])[-/. ](?:19|20)?\d{2}"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:er|st|nd|rd|th)? (?:{_MONTHS})\.?,? (?:19|20)\d{{2}}|"
    rf"(?:{_MONTHS})\.? (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?:19|20)\d{{2}})"
)
_WHOLE_DATE = re.compile(rf"(?i)^\s*{_DATE}(?:[T ]00:00(?::00(?:\.0{{1,6}})?)?Z?)?\s*$")
_YEAR = re.compile(r"^\s*(?:19|20)\d{2}\s*$")
_BORN = re.compile(
    rf"(?i)\b(?:born(?: on)?|n[ée]{{1,2}}(?:\(e\)|\.?e\.?|·e)? le|d\.?o\.?b\.?|date of birth|birth ?date|"
    rf"birthday(?: is)?|date de naissance|naissance|anniversaire)\b\W{{0,4}}(?:is |est |le |"
    rf"on )?({_DATE})(?!\d)"
)
_AGE_SAID = re.compile(
    r"(?i)(?<![\w.,:/-])(\d{1,3})(?:[ -]?(?:years?[ -]old|yrs?[ -]old|yo|y/o|ans)\b(?! d[e']exp| d[’']|"
    r" de garantie| of exp))|\b(?:aged?|âgée? de|i am|i'm|j'ai|im)\s(\d{1,3})(?=\s?(?:ans\b|years? old|"
    r"[.,;!)]|and\b|et\b|$))(?! ?%)"
)
_ALONE = re.compile(r"(?:^|, )(\d{2})(?=,|$)")
_PROFILE = frozenset({"bio", "about", "profile", "profil", "presentation"})


class Birth:
    """A date is somebody's birth only by its key or the words before it."""

    name = "birth"
    title = "Dates of birth and ages"
    MATCHES = (
        Match({"dob": "1946-02-03"}, _BIRTH),
        Match({"date_naissance": "20/02/1970"}, _BIRTH),
        Match({"passenger": {"dateOfBirth": "4 March 1981"}}, _BIRTH),
        Match({"text": "Ana, born 1980-08-31, wants a seat"}, _BIRTH, text="1980-08-31"),
        Match({"text": "né(e) le 13/11/1947 à Lyon"}, _BIRTH, text="13/11/1947"),
        Match({"patient": {"age": 34}}, _AGE, at="patient/age"),
        Match({"text": "je voyage avec ma mère, 82 ans"}, _AGE, text="82"),
        Match({"bio": "climber, 29, tea lover"}, _AGE, text="29"),
        Match({"child": {"age": 6}}, _AGE, at="child/age", minor=True),
    )
    MISSES = (
        Miss({"arrival_date": "2025-10-09"}, "an arrival"),
        Miss({"start_date": "1999-09-01"}, "a start"),
        Miss({"text": "the treaty of 1980-08-31"}, "no birth is meant"),
        Miss({"message": "Please give your date of birth"}, "asks for one"),
        Miss({"dob": "none"}, "no date"),
        Miss({"dob_required": True}, "a switch"),
        Miss({"whisky": {"age": 12}}, "a bottle's", category=_BIRTH),
        Miss({"product": {"age": 12, "price": 4}}, "a product's"),
        Miss({"text": "10 ans de garantie"}, "a warranty"),
        Miss({"text": "a budget of 120, order 29"}, "no age"),
        Miss({"max_age": 3600}, "a cache's"),
        Miss({"page": "29"}, "a page"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.with_digits:
            if isinstance(one.field.value, bool):
                continue
            if _BIRTH in one.hints and (_WHOLE_DATE.match(one.text) or _YEAR.match(one.text)):
                if one.about is not Subject.THING:
                    yield from self._with_child(one, _BIRTH, 0.97)
            elif _AGE in one.hints and "max" not in one.words and self._is_age(one):
                yield from self._with_child(one, _AGE, 0.85)
            elif one.prose:
                for found in _BORN.finditer(one.text):
                    yield part(one, found.start(1), found.end(1), _BIRTH, 0.93, self.name, "words before it")
                if not one.searching:
                    yield from self._said_ages(one)

    def _with_child(self, one: Seen, category: str, score: float) -> Iterable[Finding]:
        yield whole(one, category, score, self.name, "key")
        if one.about is Subject.CHILD:
            yield whole(one, "user.childrens", score, self.name, "a child's record")

    @staticmethod
    def _is_age(one: Seen) -> bool:
        if one.about in {Subject.THING, Subject.PLACE}:
            return False
        text = one.text.strip()
        return (text.isdigit() and int(text) <= 120) or bool(re.match(r"^\d{1,3} ?[-–] ?\d{1,3}$", text))

    def _said_ages(self, one: Seen) -> Iterable[Finding]:
        for found in _AGE_SAID.finditer(one.text):
            group = 1 if found.group(1) else 2
            if 0 < int(found.group(group)) <= 110:
                yield part(one, found.start(group), found.end(group), _AGE, 0.75, self.name, "words around it")
        if _PROFILE.intersection(one.words) and hints.PROSE in one.hints:
            for found in _ALONE.finditer(one.text):
                if 18 <= int(found.group(1)) <= 99:
                    yield part(one, found.start(1), found.end(1), _AGE, 0.7, self.name, "a number in a profile")


DETECTOR = Birth()
