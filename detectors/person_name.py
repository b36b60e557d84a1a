"""Names of private persons: by key and record, and in text after the words by which people call each other.

Authors, brands, venues and public figures that somebody searches for are nobody's disclosure.
"""

import re
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints, subject
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part, whole
from douane.detectors.name_cues import BEFORE_ADDRESS, CHATTY, CUES, Cue
from douane.detectors.names import has_given, is_common, is_given, looks_like_name
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject

_NAME = "user.name"
_CHILD = "user.childrens"
_KINDS = ("user.name.first", "user.name.last")
_WEAK_CUE = 0.7
_GENERIC = frozenset({"name", "nom", "names", "noms"})
_ROLES = subject.PERSON | subject.CHILD
_LIST = re.compile(r"\s*(?:,|;| and | et |&|/)\s*")
_CHILDISH = re.compile(
    r"(?i)^(?:son|daughter|baby|child|kid|grandson|granddaughter|nephew|niece|fils|fille|b[ée]b[ée]|"
    r"enfant|petit-fils|petite-fille|neveu|ni[èe]ce)$"
)
_OF_CHILD = re.compile(
    r"(?i)\b(?:my|our|mon|ma|notre|nos|mes) (?:\w{1,12} )?(?:son|daughter|baby|child|kid|fils|fille|"
    r"b[ée]b[ée]|enfant)s?\b[^.!?\n]{0,80}(?:name is|named|called|s'appelle|pr[ée]nom(?: est)?|"
    r"nomm[ée]e?) $"
)

_PUBLIC_WORK = re.compile(
    r"(?i)\b(?:cours|exposition|tableaux?|songs?|chansons?|concerts?|albums?|films?|movies?|books?|livres?|novels?|biograph\w{1,3}|"
    r"lyrics|by|po[èe]mes?|quotes?|starring|tickets? for|works of|œuvres? de|fan de|guitar\w{0,2}|shampoo|"
    r"museum|mus[ée]e|airport|theme|salle|room|rue|avenue|boulevard|street|place|hôtel|hotel|chez|garage|"
    r"lyc[ée]e|[ée]cole|school|university|fondation|stade)\b"
)


class PersonName:
    """A bare `name` counts in a person's record; elsewhere only with a known given name beside a family name."""

    name = "name"
    title = "Names of persons"
    MATCHES = (
        Match({"passager": {"nom": "Legendre"}}, _NAME),
        Match({"firstName": "Joshua"}, _NAME),
        Match({"patient": {"name": "Jennifer Monaco", "dob": "1946-02-03"}}, _NAME, at="patient/name"),
        Match({"beneficiary_name": "Hilmar Byrd"}, _NAME),
        Match({"contribuable": "Raymond Langlois"}, _NAME),
        Match({"comment": "call Alondra back next week"}, _NAME, text="Alondra"),
        Match({"body": "Salut Jérôme, à demain"}, _NAME, text="Jérôme"),
        Match({"requests": "crib for our daughter Emma"}, _NAME, text="Emma", minor=True),
        Match({"text": "changer mon rdv, Pierre Aubry, né le 13/11/1947"}, _NAME, text="Pierre Aubry"),
        Match({"note": "its under caroline price, thanks"}, _NAME, text="caroline price"),
        Match({"child": {"child_name": "Angela"}}, _CHILD, minor=True),
        Match({"name": "Hilary O'Sullivan", "email": "a@example.org"}, _NAME, at="name"),
    )
    MISSES = (
        Miss({"name": "Deluxe room", "email": "n/a"}, "a room"),
        Miss({"room": {"name": "Chambre Agathe"}}, "a room named after somebody"),
        Miss({"hotelName": "Conrad Hilton Garden"}, "a hotel"),
        Miss({"restaurant": "Papa John's"}, "a restaurant"),
        Miss({"q": "songs by Taylor Swift"}, "a public figure in a search"),
        Miss({"q": "Barack Obama biography"}, "a public figure in a search"),
        Miss({"results": [{"name": "Jefferson Inn", "price": 385}]}, "a hotel in results"),
        Miss({"product_name": "Calvin Klein belt"}, "a brand"),
        Miss({"message": "standup moved to 10:15 in room Einstein"}, "a room"),
        Miss({"issue_body": "breaks the Elise theme"}, "a theme"),
        Miss({"school": "Thomas Jefferson Elementary"}, "a school"),
        Miss({"filename": "martin.txt"}, "a file"),
        Miss({"doctor": "Dr Ada Byrne"}, "a practitioner in a directory"),
        Miss({"username": "ada.b"}, "a handle", category=_NAME),
        Miss({"name": "search_hotels"}, "a tool"),
        Miss({"customer_name": "n/a"}, "none"),
        Miss({"text": "boulevard Émile Zola restaurants"}, "a street"),
        Miss({"author": "Jane Austen"}, "an author"),
        Miss({"clientInfo": {"name": "mcp-martin", "title": "Martin Client"}}, "a program"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene.texts:
            if len(one.text) < 2 or one.empty or (one.field.is_key and not one.prose):
                continue
            keyed = list(self._keyed(one))
            yield from keyed
            if not keyed and one.prose:
                yield from self._said(one)

    def _keyed(self, one: Seen) -> Iterable[Finding]:
        text = one.text.strip()
        if len(text) > 80 or one.field.is_key or not looks_like_name(text):
            return
        score, category = self._by_key(one, text)
        if not score:
            return
        if ("," not in text and ";" not in text) or category != _NAME:
            yield from self._made(one, category, score)
            return
        start = 0
        for piece in _LIST.split(one.text):
            at = one.text.index(piece, start)
            start = at + len(piece)
            if piece.strip():
                yield part(one, at, start, category, score, self.name, "key")

    def _by_key(self, one: Seen, text: str) -> tuple[float, str]:
        """How sure the key makes us that a value of a name's shape is a private person's name, and which part of it."""
        about = one.about
        for kind in _KINDS:
            if kind in one.hints and about is not Subject.THING:
                return 0.95, kind
        words = one.words
        own = subject.of_key(one.field.key, last=True)
        if own in {Subject.PLACE, Subject.THING, Subject.PROFESSIONAL}:
            return 0.0, _NAME
        if _NAME in one.hints and about not in {Subject.PLACE, Subject.THING}:
            return 0.93, _NAME
        if hints.SEARCH in one.hints or "user.account.username" in one.hints:
            return 0.0, _NAME
        if _GENERIC.intersection(words):
            if about in {Subject.PERSON, Subject.CHILD}:
                return 0.93, _NAME
            if about is Subject.UNKNOWN and looks_like_name(text, strict=True):
                return 0.6 if text[:1].isupper() else 0.0, _NAME
            return 0.0, _NAME
        if (
            words
            and words[-1] in _ROLES
            and own in {Subject.PERSON, Subject.CHILD}
            and not any(char.islower() and at == 0 for at, char in enumerate(text))
        ):
            if any(map(is_common, text.split())):
                return 0.0, _NAME
            known = has_given(text)
            if known or len(text.split()) >= 2:
                return (0.9 if known else 0.75), _NAME
            return 0.6, _NAME
        return 0.0, _NAME

    def _made(self, one: Seen, category: str, score: float) -> Iterable[Finding]:
        child = one.about is Subject.CHILD
        yield whole(one, category, score, self.name, "key", minor=child)
        if child:
            yield whole(one, _CHILD, score, self.name, "a child's record", minor=True)

    def _said(self, one: Seen) -> Iterable[Finding]:
        if one.about in {Subject.PLACE, Subject.THING} and hints.PROSE not in one.hints:
            return
        text = one.text
        if "@" in text:
            for found in BEFORE_ADDRESS.finditer(text):
                begin, end = self._trim(text, *found.span("n"))
                if begin is not None:
                    yield part(one, begin, end, _NAME, 0.88, self.name, "before an address")
        words = {token.word for token in one.tokens}
        for cue in CUES:
            if not words.isdisjoint(cue.triggers):
                for found in cue.pattern.finditer(text):
                    yield from self._cued(one, cue, found)
        for found in CHATTY.finditer(text):
            parts = found.group("n").split()
            if found.group("n")[0].isupper() or not is_given(parts[0]) or (len(parts) == 1 and len(parts[0]) < 4):
                continue
            yield part(one, found.start("n"), found.end("n"), _NAME, 0.65, self.name, "words before it")

    def _cued(self, one: Seen, cue: Cue, found: re.Match[str]) -> Iterable[Finding]:
        """The name after a cue, unless it is a work's, a place's or a public figure's that is searched for."""
        text = one.text
        begin, end = self._trim(text, *found.span("n"))
        if begin is None:
            return
        known = has_given(text[begin:end])
        # A common word beside it makes it a place or a team ("Victoria Station", "The Finance Team").
        if (begin, end) != found.span("n") and (cue.score < 0.85 or not known):
            return
        if cue.score <= _WEAK_CUE and not is_given(text[begin:end].split()[0]):
            return
        score = cue.score if known else cue.score - 0.12
        if score < 0.6 or (one.searching and (not known or not (cue.of_kin or cue.score >= 0.85))):
            return
        if _PUBLIC_WORK.search(text, max(0, found.start() - 12), begin) or _PUBLIC_WORK.match(text, end + 1):
            return
        if cue.of_kin:
            minor = _CHILDISH.match(found.group("k")) is not None
        else:
            minor = _OF_CHILD.search(text, max(0, found.start() - 100), begin) is not None
        yield part(one, begin, end, _NAME, score, self.name, "words before it", minor=minor or None)
        if minor:
            yield part(one, begin, end, _CHILD, score, self.name, "words before it", minor=True)

    @staticmethod
    def _trim(text: str, start: int, end: int) -> tuple[int | None, int]:
        """The span without common words at its edges; None where nothing is left."""
        words = text[start:end].split(" ")
        while words and is_common(words[-1]):
            end -= len(words.pop()) + (1 if words else 0)
        while words and is_common(words[0]):
            first = words.pop(0)
            start += len(first) + 1
        if not words or len(text[start:end].strip()) < 2:
            return None, end
        return start, end


DETECTOR = PersonName()
