"""Children in what people write: name and age of somebody under 18, and a child's age under other keys of a record.

Names and birth dates under a child's key are found by `name` and `birth`, and marked there.
"""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.dates import DATE
from douane.detectors.findings import part, whole
from douane.detectors.gates import by_words
from douane.detectors.minors import is_birth_of_minor
from douane.detectors.names import NAME, is_common, is_public
from douane.detectors.scene import Scene, Seen
from douane.detectors.starts import Starts
from douane.detectors.subject import CHILD, NOBODY, Subject
from douane.detectors.words import word_set

_CHILD = "user.childrens"
_AGE = "user.demographic.age_range"
_BIRTH = "user.demographic.date_of_birth"
_NAME = "user.name"
_NAME_AGED = re.compile(
    rf"(?P<n>{NAME})(?:,? (?:aged?|is|turns|turned|a|qui a|âgée? de|fête ses)|,)?\s?[(]?(?P<a>\d{{1,2}})"
    rf"(?P<u>[ -]?(?:years?[ -]old|yrs?[ -]old|y/?o|yrs?|months?[ -]old|months?|mois|"
    rf"ans))?(?P<c>\s?[)])?(?![\w%€$£.:/])"
)
_KIN = (
    r"sons?|daughters?|baby|babies|child(?:ren)?|kids?|boys?|girls?|toddlers?|twins|grand-?(?:sons?|"
    r"daughters?|child(?:ren)?)|nephews?|nieces?|little one|"
    r"step-?(?:sons?|daughters?)|fils|filles?|enfants?|b[ée]b[ée]s?|gar[çc]ons?|jumeaux|jumelles|"
    r"petits?-(?:fils|enfants?)|petites?-filles?|neveux?|ni[èe]ces?|gamine?s?|a[iî]n[ée]e?|cadette?|"
    r"petite?|grande?|pupil|student|[ée]l[èe]ve"
)
_KIN_AGE = re.compile(
    rf"(?i)\b(?:(?P<b>\d{{1,2}})[ -](?:years?|yrs?|months?)[ -]olds?\b|"
    rf"(?:{_KIN})(?:,? (?:who is|is|aged?|of|de|âgée?s? de|qui a|a|ont|turns|has|just turned)|"
    rf",)? \(?(?P<a>\d{{1,2}})(?= ?(?:ans|mois|years|yrs|months|yo\b|[),.;]|and|et|$)))"
)
_BORN = re.compile(
    rf"(?P<n>{NAME})\)?,? (?:who was |was |is |est |\()?(?i:born|n[ée]e?|dob:?)(?: on| le|)?\s?(?P<d>(?i:{DATE}))"
)
_PARENT_OF = Starts(
    rf"(?<!dog )(?<!cat )(?<!fur )(?i:\b(?:mum|mom|mother|dad|father|parent|maman|papa|m[èe]re|p[èe]re|"
    rf"nounou|nanny|tuteur|tutrice) (?:of|to|de|d['’]))\s?(?P<n>{NAME})"
)
_BIRTHDAY = re.compile(
    rf"(?i:\b(?:birthday (?:of|for|party for)|anniversaire (?:de |"
    rf"d['’]))\s?)(?P<n>{NAME})\s?\((?P<a>\d{{1,2}}) ?(?:ans|years?|yo)?\)"
)
_AIRLINE = re.compile(
    r"(?<![A-ZÀ-Þ/])(?P<n>[A-ZÀ-Þ][A-ZÀ-Þ'-]{1,24}(?: [A-ZÀ-Þ][A-ZÀ-Þ'-]{0,24}){0,3}/[A-ZÀ-Þ][A-ZÀ-Þ-]{1,24})"
    r"(?: [A-ZÀ-Þ]{2,20})? ?\(?(?:MSTR|CHD|INF|CNN|MSS)\b"
)
_FARES = word_set("mstr chd inf cnn mss")
_CUES = word_set(
    """
    son sons daughter daughters baby babies child children kid kids boy boys girl girls toddler toddlers twins
    grandson grandsons granddaughter
    granddaughters grandchild grandchildren nephew niece fils fille filles enfant enfants bebe bebes garcon garcons
    jumeaux jumelles
    neveu niece nieces gamin gamine aine ainee cadet cadette petit petite petits petites pupil eleve eleves student
    born ne nee dob ans years yo old months mois
    mum mom mother dad father parent maman papa mere pere nounou nanny aged birthday anniversaire month year mstr chd
    inf     cnn mss
    """
)
_AGE_KEYS = frozenset({("months",), ("mois",), ("age", "months"), ("age", "mois"), ("age",), ("ages",)})
_OTHER_PEOPLE = word_set(
    """
    parent parents mother father mere pere guardian tuteur tutrice resp responsable teacher prof contact phone
    email tel staff
    """
)
_BIRTH_KEYS = word_set("b born ne nee naissance dob ddn birth birthdate birthday")
_may_count = by_words(_BIRTH_KEYS, whole=_AGE_KEYS, never=_OTHER_PEOPLE)


class Children:
    """An age counts as a child's under 18. Ages of products, films and menus are nobody's, as are mere counts."""

    name = "children"
    title = "Names and ages of children in sentences"
    MATCHES = (
        Match({"text": "our son Leo, 9, needs a booster seat"}, _CHILD, text="Leo", minor=True),
        Match({"text": "our son Leo, 9, needs a booster seat"}, _CHILD, text="9", minor=True),
        Match({"message": "Pour garder Inaya (3 ans) et Soan (8 mois)"}, _CHILD, text="Soan", minor=True),
        Match({"message": "Pour garder Inaya (3 ans) et Soan (8 mois)"}, _CHILD, text="3", minor=True),
        Match({"q": "activities for my 7-year-old"}, _CHILD, text="7", minor=True),
        Match({"note": "on vient avec notre fille de 4 ans"}, _CHILD, text="4", minor=True),
        Match({"bio": "maman de Zélie, fan de rando"}, _CHILD, text="Zélie", minor=True),
        Match({"text": "the claim for Kofi, born 3 May 2021, is open"}, _CHILD, text="3 May 2021", minor=True),
        Match({"kid": "Wanda", "months": 26}, _CHILD, at="months", minor=True),
        Match({"enfant": "Blandine", "ne": "14/07/2017"}, _CHILD, at="ne", minor=True),
        Match({"text": "Priyanka (7) is my daughter"}, _AGE, "7", minor=True),
    )
    MISSES = (
        Miss({"text": "pyjama fille 3 ans, coton"}, "a size of clothes"),
        Miss({"text": "2 adults and 2 children"}, "a count"),
        Miss({"menu": "kids menu 8.50"}, "a menu"),
        Miss({"text": "my son Karl, 34, will drive"}, "a grown son"),
        Miss({"text": "garantie 10 ans"}, "a warranty"),
        Miss({"film": {"title": "Kids", "age": 12}}, "a film's"),
        Miss({"text": "Toy for children 3 years and up"}, "a toy"),
        Miss({"text": "Paul (45 ans) est d'accord"}, "a grown-up"),
        Miss({"text": "chapter 7, page 9"}, "no age"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        records = [one for one in scene if one.has_digit and self._of_child(one)]
        for one in records:
            yield whole(one, _CHILD, 0.85, self.name, "a child's record", minor=True)
        for one in scene.prose:
            if one.about in NOBODY and hints.PROSE not in one.hints:
                continue
            if not one.vocabulary.isdisjoint(_CUES):
                yield from self._said(one)

    @staticmethod
    def _of_child(one: Seen) -> bool:
        """Whether a short number or date is the age or the birth of the child that its own or a sibling's key names."""
        words = one.words
        if not (_may_count(words) or _AGE in one.hints or _BIRTH in one.hints):
            return False
        if len(one.text) > 40 or not _OTHER_PEOPLE.isdisjoint(words) or isinstance(one.field.value, bool):
            return False
        aged = words in _AGE_KEYS or _AGE in one.hints
        born = _BIRTH in one.hints or not _BIRTH_KEYS.isdisjoint(words)
        if not (aged or born):
            return False
        if born and not is_birth_of_minor(one.text):
            return False
        digits = one.text.strip().split(" ")[0]
        if aged and not born and not (digits.isdigit() and int(digits) < _limit(one)):
            return False
        if one.about is Subject.CHILD:
            return True
        return any(
            not CHILD.isdisjoint(other.words) and other.is_text and _NAME_SHAPE.match(other.text)
            for other in one.siblings[:60]
            if other is not one
        )

    def _said(self, one: Seen) -> Iterable[Finding]:
        text = one.text
        if one.has_digit:
            for pattern in (_NAME_AGED, _BIRTHDAY):
                for found in pattern.finditer(text):
                    said = found.groupdict()
                    if not (
                        said.get("u") or said.get("c") or pattern is _BIRTHDAY or self._near_kin(text, found.start())
                    ):
                        continue
                    if not self._young(said["a"], said.get("u") or "ans") or not self._is_name(said["n"]):
                        continue
                    yield from self._both(one, found.span("n"))
                    yield from self._aged(one, *found.span("a"))
            for found in _KIN_AGE.finditer(text):
                group = "b" if found.group("b") else "a"
                if self._young(found.group(group), text[found.end(group) : found.end(group) + 7]) and self._meant(
                    one, found
                ):
                    yield from self._aged(one, *found.span(group))
            for found in _BORN.finditer(text):
                if is_birth_of_minor(found["d"]) and self._is_name(found["n"]):
                    yield from self._both(one, found.span("n"))
                    yield part(one, *found.span("d"), _CHILD, 0.8, self.name, "a minor's birth", minor=True)
        if one.searching:
            return
        if "/" in text and not one.vocabulary.isdisjoint(_FARES):
            for found in _AIRLINE.finditer(text):
                yield from self._both(one, found.span("n"))
        for found in _PARENT_OF.finditer(text, one.places):
            if self._is_name(found["n"]):
                yield from self._both(one, found.span("n"))

    def _both(self, one: Seen, span: tuple[int, int]) -> Iterable[Finding]:
        yield part(one, *span, _NAME, 0.75, self.name, "a child's name", minor=True)
        yield part(one, *span, _CHILD, 0.8, self.name, "a child's name", minor=True)

    def _aged(self, one: Seen, start: int, end: int) -> Iterable[Finding]:
        yield part(one, start, end, _CHILD, 0.8, self.name, "a child's age", minor=True)
        yield part(one, start, end, _AGE, 0.75, self.name, "a child's age", minor=True)

    @staticmethod
    def _young(figure: str, unit: str) -> bool:
        limit = 36 if "mo" in unit.lower() else 18
        return figure.isdigit() and 0 <= int(figure) < limit

    @staticmethod
    def _is_name(text: str) -> bool:
        words = text.split()
        return not any(map(is_common, words)) and not is_public(text) and len(text) > 2

    @staticmethod
    def _near_kin(text: str, start: int) -> bool:
        return _KIN_BEFORE.search(text, max(0, start - 30), start) is not None

    @staticmethod
    def _meant(one: Seen, found: re.Match[str]) -> bool:
        """Whether somebody's own child is meant, not a size, a toy or a rule."""
        before = one.text[max(0, found.start() - 24) : found.start() + 1]
        return _OWN.search(before) is not None


def _limit(one: Seen) -> int:
    """The age below which a child's number is taken for an age: in months under a key that says so."""
    if not {"mois", "months"} & set(one.words):
        return 18
    return 216 if one.about is Subject.CHILD else 48


_NAME_SHAPE = re.compile(rf"^\s*{NAME}\s*\.?$")
_KIN_BEFORE = re.compile(rf"(?i)\b(?:{_KIN})(?:[:,]| is called| named| s['’]appelle|)? $")
_OWN = re.compile(
    r"(?i)\b(?:my|our|his|her|their|a|an|have|with|mon|ma|mes|notre|nos|son|sa|ses|leur|leurs|une?|avec|"
    r"deux|two|trois|three)\s(?:\w{1,12} )?\w?$"
)

DETECTOR = Children()
