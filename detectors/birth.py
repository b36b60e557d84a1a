"""Dates of birth: by key, by the look of a terse record, and in text by the words around them."""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import subject
from douane.detectors.base import Match, Miss
from douane.detectors.dates import DATE, MONTHS, is_date, is_partial, of_epoch, year_of
from douane.detectors.findings import part, whole
from douane.detectors.hints import of_key
from douane.detectors.minors import is_year_of_birth
from douane.detectors.names import UPPER
from douane.detectors.records import Records, records
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import PLUMBING, Subject
from douane.detectors.words import key_words, word_set

_BIRTH = "user.demographic.date_of_birth"
_BORN = re.compile(
    rf"(?i)\b(?:born|n[ée]{{1,2}}(?:\(e\)|\.?e\.?|·e)?|d\.?o\.?b\.?|d\.?d\.?n\.?|date of birth|birth ?date|birth|"
    rf"birthday|date de naissance|naissance|anniversaire|ne le|n[ée]e?_le|geb\.?)(?!\w)[*_]{{0,3}}"
    rf"(?:\s?[:=(\-–]\s?|\s)(?:['\"«*_ ]{{0,3}})(?:(?:is|was|est|on|le|the|the:|of|du)\s){{0,2}}(?:(?:à|a|in|at|en|"
    rf"au|aux)\s[^\d\n;]{{2,40}}?[, ]\s?(?:le|on|on the|the)?\s?)?({DATE})"
)
_YEAR_SAID = re.compile(
    rf"(?i)\b(?:(?:i was|i['’]m|he was|she was|they were|was) born (?:back )?in|born in|n[ée]e?s? en|(?:year of "
    rf"birth|birth year|ann[ée]e de naissance)\s?(?::|is|=)?)\s"
    rf"((?:(?:{MONTHS}) )?(?:19|20)\d{{2}})(?!\d)"
)
_BIRTHDAY_SAID = re.compile(
    rf"(?i)\b(?:(?:my|his|her|their) (?:birthday|bday)|mon anniversaire|son anniversaire|mon anniv)(?: (?:is|est|"
    rf"c['’]est|tombe))?(?: (?:on|le|the))? "
    rf"((?:0?[1-9]|[12]\d|3[01])(?:er|st|nd|rd|th)?(?: of)? (?:{MONTHS})|(?:{MONTHS}) (?:0?[1-9]|[12]\d|"
    rf"3[01])(?:st|nd|rd|th)?)\b"
)
_AFTER_NAME = re.compile(
    rf"{UPPER}[\w'’-]{{1,24}} {UPPER}[\w'’-]{{1,24}},? \(?\s?(?:°|\*|†|b\.|d\.?o\.?b\.?:?)\s?((?i:{DATE}))"
)
_WORDS = word_set(
    "born ne nee nes nees e dob ddn birth birthdate birthday bday naissance anniversaire anniv b d o n geb"
)
_NOT_BIRTH = word_set(
    "place lieu city ville country pays town commune certificate acte required format min max before after range "
    "rank order weight poids notify reminder message wishes"
)
_TERSE = word_set("b bd d dn nd n ne dt bdt db geb age bth")
_PUBLIC = re.compile(
    r"(?i)\b(?:king|queen|president|composer|painter|author|singer|actor|actress|poet|philosopher|founded|"
    r"compositeur|peintre|auteur|écrivaine?|chanteuse|chanteur|actrice|acteur|poète|roi|reine|président)\b"
)
_FAMOUS = word_set(
    "author authors auteur auteurs artist artists artiste artistes actor actors cast composer director celebrity "
    "singer band president character"
)
_ANSWERS = PLUMBING | {"answer", "reponse", "raw", "val", "selected", "text", "v"}


class Birth:
    """A date is somebody's birth only by its key, by its record, or by the words before it."""

    name = "birth"
    title = "Dates of birth"
    MATCHES = (
        Match({"acte": "naissance", "date": "3 mars 1961"}, _BIRTH, at="date"),
        Match({"dob": "1946-02-03"}, _BIRTH),
        Match({"date_naissance": "20/02/1970"}, _BIRTH),
        Match({"passenger": {"dateOfBirth": "4 March 1981"}}, _BIRTH),
        Match({"text": "Ana, born 1980-08-31, wants a seat"}, _BIRTH, text="1980-08-31"),
        Match({"text": "né(e) le 13/11/1947 à Lyon"}, _BIRTH, text="13/11/1947"),
        Match({"applicant": {"DOB": "19-AUG-1992"}}, _BIRTH),
        Match({"neeLe": "19880214"}, _BIRTH),
        Match({"birth_date": 560563200}, _BIRTH),
        Match({"dob": 19870312}, _BIRTH),
        Match({"birthYear": 1959}, _BIRTH),
        Match({"joueur": {"nom": "Belmadi", "ne": "2001-02-19"}}, _BIRTH, at="joueur/ne"),
        Match({"need_dob": {"content": {"value": "3 June 1978"}}}, _BIRTH),
        Match({"birth": {"year": 1987, "month": 3, "day": 12}}, _BIRTH, at="birth/year"),
        Match({"pupils": [{"n": "Aarav", "b": "2016-04-11"}]}, _BIRTH, "2016-04-11", results=True, minor=True),
        Match({"texte": "veuve, née à Dax le 2 février 1944"}, _BIRTH, "2 février 1944"),
        Match({"texte": "Madame Morel (née le 1er mai 1950)"}, _BIRTH, "1er mai 1950"),
        Match({"text": "my birthday is 3 May, any discount?"}, _BIRTH, "3 May"),
        Match({"note": "I was born in 1987"}, _BIRTH, "1987"),
        Match({"text": "DOB: 31-DEC-1990"}, _BIRTH, "31-DEC-1990"),
        Match({"joueur": "Léo Marin", "annee": 2013, "tuteur_tel": "x"}, _BIRTH, at="annee", minor=True),
    )
    MISSES = (
        Miss({"model": "Juliette", "annee": 2015}, "a car's"),
        Miss({"arrival_date": "2025-10-09"}, "an arrival"),
        Miss({"start_date": "1999-09-01"}, "a start"),
        Miss({"text": "the treaty of 1980-08-31"}, "no birth is meant"),
        Miss({"message": "Please give your date of birth"}, "asks for one"),
        Miss({"dob": "none"}, "no date"),
        Miss({"dob_required": True}, "a switch"),
        Miss({"hired": "2016-04-11", "name": "Julie Morel"}, "when she was hired"),
        Miss({"employee": {"n": "Julie Morel", "d": "2024-04-11"}}, "another date"),
        Miss({"birth_place": "Metz"}, "no date"),
        Miss({"expires": "31-DEC-1990"}, "an end"),
        Miss({"birthday_message": "12/03/1987"}, "a card's text"),
        Miss({"text": "Mozart, composer, was born in 1756"}, "a public figure", results=True),
        Miss({"text": "the year 1987 and 3 May"}, "no birth"),
        Miss({"b": "2016-04-11"}, "nobody beside it"),
        Miss({"text": "Le musée, né en 1987 d'une donation"}, "a museum", results=True),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        known = records(scene)
        for one in scene.with_digits:
            value = one.field.value
            if isinstance(value, bool) or one.field.is_key:
                continue
            if _BIRTH in _hints(one):
                if self._is_birth(one):
                    yield from self._with_child(one, 0.97)
                elif one.prose:
                    yield from self._said(scene, one)
            elif is_year_of_birth(one) and one.about is Subject.CHILD:
                yield from self._with_child(one, 0.8)
            elif one.words in _DAYS and self._is_certified(one):
                yield from self._with_child(one, 0.75)
            elif len(one.field.key) <= 3 and _TERSE.intersection(one.words) and self._is_terse(one, known):
                yield from self._with_child(one, 0.8)
            elif one.prose:
                yield from self._said(scene, one)

    def _with_child(self, one: Seen, score: float) -> Iterable[Finding]:
        yield whole(one, _BIRTH, score, self.name, "key")
        if one.about is Subject.CHILD:
            yield whole(one, "user.childrens", score, self.name, "a child's record")

    @staticmethod
    def _is_birth(one: Seen) -> bool:
        words = set(one.words)
        if one.about is Subject.THING and not _WORDS & words:
            return False
        if _NOT_BIRTH & words:
            return False
        if any(map(subject.is_beasts, one.field.keys[:-1])) and not subject.PERSON & words:
            return False
        if not subject.PERSON & words and any(
            not subject.BEASTS.isdisjoint(other.words) for other in one.siblings[:40]
        ):
            return False
        if any(_FAMOUS.intersection(key_words(key)) for key in one.field.keys[:-1]):
            return False
        text = one.text.strip()
        written = year_of(text)
        if one.is_text and written is not None and written < 1905:
            return False
        if isinstance(one.field.value, int | float):
            if text.isdigit() and len(text) == 8:
                return is_date(text)
            if words & {"year", "annee"} or len(text) == 4:
                return is_partial(text)
            if words & {"month", "mois", "day", "jour"} or words <= {"m", "d", "j"}:
                return len(text) <= 2
            if len(text) > 18:
                return False
            year = of_epoch(float(one.field.value))
            return year is not None and year <= 2030
        if words & {"month", "mois", "day", "jour"} and len(text) <= 2:
            return text.isdigit()
        return is_date(text) or is_partial(text) or _EPOCH.match(text) is not None

    @staticmethod
    def _is_certified(one: Seen) -> bool:
        """Whether a date is the birth that the record asks a certificate of."""
        if not is_date(one.text.strip()):
            return False
        return any(
            other.is_text and len(other.text) <= 40 and _CERTIFIED.search(other.text) for other in one.siblings[:20]
        )

    @staticmethod
    def _is_terse(one: Seen, known: Records) -> bool:
        """Whether a date under a letter is a birth: somebody's record, and a year that no event of today has."""
        text = one.text.strip()
        if not one.is_text or not is_date(text):
            return False
        year = year_of(text)
        if year is None or not 1900 <= year <= 2022:
            return False
        if one.about is Subject.CHILD:
            return year <= 2025
        record = known.of(one)
        return (
            record.person > 0
            and not record.business
            and (year <= 2012 or one.words[0] in {"b", "bd", "dn", "ne", "geb"})
        )

    def _said(self, scene: Scene, one: Seen) -> Iterable[Finding]:
        if one.vocabulary.isdisjoint(_WORDS):
            return
        text = one.text
        for pattern in (_BORN, _AFTER_NAME):
            for found in pattern.finditer(text):
                if not _PUBLIC.search(text, max(0, found.start() - 60), found.start()):
                    yield part(one, found.start(1), found.end(1), _BIRTH, 0.93, self.name, "words before it")
        for found in _BIRTHDAY_SAID.finditer(text):
            yield part(one, found.start(1), found.end(1), _BIRTH, 0.8, self.name, "words before it")
        if one.searching and not _I.search(text):
            return
        for found in _YEAR_SAID.finditer(text):
            low = max(0, found.start() - 60)
            if _PUBLIC.search(text, low, found.start()) or not (scene.to_app or _I.search(text, low, found.end())):
                continue
            if int(found[1][-4:]) >= 1900:
                yield part(one, found.start(1), found.end(1), _BIRTH, 0.75, self.name, "words before it")


_DAYS = frozenset({("date",), ("le",), ("jour",), ("day",), ("event", "date"), ("date", "acte"), ("date", "evenement")})
_CERTIFIED = re.compile(
    r"(?i)^(?:acte |certificat |extrait )?(?:de |d['’]acte de )?(?:naissance|birth(?: certificate)?)\s*$"
)
_EPOCH = re.compile(r"^-?\d{9,13}$")
_I = re.compile(
    r"(?i)\b(?:i|i'm|my|he|she|je|il|elle|patiente?|mr|mrs|ms|mme|monsieur|madame|mère|père|mother|father|née)\b"
)


_ROLES = frozenset({"role.prose", "role.thing", "role.search"})


def _hints(one: Seen) -> frozenset[str]:
    """What the key says; for one that says nothing (`value`, `answer`), what the nearest telling key above says."""
    if not _ROLES.issuperset(one.hints) or not _ANSWERS.issuperset(one.words):
        if {"year", "month", "day", "annee", "mois", "jour", "y", "m", "d", "a", "j"} >= set(one.words) and len(
            one.field.keys
        ) > 1:
            return of_key(one.field.keys[-2])
        return one.hints
    for key in reversed(one.field.keys[:-1]):
        if not _ANSWERS.issuperset(key_words(key)):
            return of_key(key)
    return one.hints


DETECTOR = Birth()
