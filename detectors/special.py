"""How the words of the lexicon are weighed: who is meant, and in what kind of field.

Shared by the detectors of health, belief, orientation, origin, offences and biometrics. A strong word counts where a
text speaks for or about a person; a weak one needs the person to be named beside it. In a search or a title, where
people look for books and places, even a strong word needs one.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.findings import part, whole
from douane.detectors.lexicon import Term
from douane.detectors.names import UPPER, is_given
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import word_set

_CLAUSE_END = re.compile(r"[.!?;\n]|,\s|\s[-–—]\s")
_SHORT = 160
"""Longer texts are prose in which a word is about somebody only where its sentence says so."""


def keyed(one: Seen, category: str) -> bool:
    """Whether the key itself says `category` of a person's record, and the value is not an empty answer."""
    if not one.hinted(category) or one.empty or one.field.is_key:
        return False
    return one.field.value is True or one.about not in {Subject.THING, Subject.PLACE, Subject.PROFESSIONAL}


def said(one: Seen, category: str, detector: str) -> Iterable[Finding]:
    """The clauses of a text that say `category` of a person."""
    if category not in one.meanings:
        return
    hits = [term for term in one.terms if term.meaning == category]
    weight = _place_weight(one)
    if weight < 0:
        return
    persons = _Cues([term for term in one.terms if term.meaning == "cue.person"])
    general = _Cues([term for term in one.terms if term.meaning == "cue.general"])
    clauses: dict[tuple[int, int], tuple[float, str]] = {}
    for term in hits:
        start, end = _clause(one.text, term.start, term.end)
        if _is_name(one.text, term):
            continue
        person = persons.between(start, end) or persons.near(term, 4, 3)
        if weight < 2 and general.near(term, 5, 5) and not (person and _first_person(one, start, end)):
            continue
        score = _score(term, weight, person)
        if score < 0.5:
            continue
        known = clauses.get((start, end))
        if known is None or known[0] < score:
            clauses[start, end] = (score, "said of a person" if person else "word of the lexicon")
    for (start, end), (score, evidence) in clauses.items():
        yield part(one, start, end, category, score, detector, evidence)


def _score(term: Term, weight: int, person: bool) -> float:
    if term.strong:
        return (0.45, 0.75, 0.85, 0.85)[weight] + (0.1 if person else 0.0) + (0.1 if person and weight == 0 else 0.0)
    return (0.35, 0.4, 0.45, 0.65)[weight] + (0.2 if person else 0.0)


def _place_weight(one: Seen) -> int:
    """How freely a key lets people speak of themselves.

    -1 not at all, 0 in searches, titles and long prose, 1 in prose, 2 where a wish or a remark is asked for, 3 where
    the reason of a visit or a diet is.
    """
    if one.field.is_key:
        return -1
    words = set(one.words)
    if one.searching or words & _TITLES:
        return 0
    if one.about in {Subject.PLACE, Subject.THING, Subject.PROFESSIONAL}:
        if not one.to_app:
            return -1
        if not words & _ASKING or words & _DESCRIBING:
            return 0 if one.prose else -1
    if words & _DESCRIBING and not one.to_app and not one.of_person:
        return 0
    if words & _ASKING:
        return (3 if words & _BODILY else 2) if len(one.text) <= _SHORT else 0
    if len(one.text) > _SHORT:
        return 0
    if hints.PROSE in one.hints or one.of_person:
        return 1
    return 1 if one.prose and hints.THING not in one.hints else 0


_TITLES = word_set(
    """
    title titre article subject objet category categorie tags tag headline cuisine product produit item name nom
    label_name merchant school specialty specialite url uri filename theme topic
    """
)
_ASKING = word_set(
    """
    request requests demande demandes note notes remark remarks remarque remarques comment comments commentaire
    commentaires instructions instruction diet dietary regime meal repas bio reason motif raison needs besoins
    preferences preference requirements allergies label libelle dons donation donations don memo observation
    observations assistance accommodation accessibility description symptoms complaint justification special about
    intro presentation condition conditions situation purpose service diagnosis treatment traitement food cause
    absence
    """
)


_DESCRIBING = word_set("description summary text content body about presentation details snippet excerpt")
"""Keys under which an app describes what it found; what it says there of nobody is about nobody."""
_BODILY = word_set(
    """
    diet dietary regime allergies reason motif condition conditions symptoms symptomes treatment traitement
    diagnosis accessibility absence
    """
)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The part of the sentence around a span, between commas and stops, at most 120 characters to either side."""
    low = max(0, start - 120)
    before = low
    for found in _CLAUSE_END.finditer(text, low, start):
        before = found.end()
    after = _CLAUSE_END.search(text, end, min(len(text), end + 120))
    stop = after.start() if after else min(len(text), end + 120)
    while before < start and text[before].isspace():
        before += 1
    while stop > end and text[stop - 1].isspace():
        stop -= 1
    return before, stop


_NEXT_CAPITAL = re.compile(rf"[  ]{UPPER}")


def _is_name(text: str, term: Term) -> bool:
    """Whether the term is the given name of a full name (`Christian Martin`)."""
    if term.first != term.last or not text[term.start].isupper():
        return False
    return _NEXT_CAPITAL.match(text, term.end) is not None and is_given(text[term.start : term.end])


class _Cues:
    """Words that show who or what is meant, in order, searched by halving."""

    def __init__(self, terms: list[Term]) -> None:
        self._first = [term.first for term in terms]
        self._last = [term.last for term in terms]
        self._start = [term.start for term in terms]

    def between(self, start: int, end: int) -> bool:
        """Whether one begins between two offsets."""
        at = bisect_left(self._start, start)
        return at < len(self._start) and self._start[at] < end

    def near(self, term: Term, before: int, after: int) -> bool:
        """Whether one ends at most `before` words before the term, or begins at most `after` words behind it."""
        at = bisect_left(self._last, term.first - before)
        return at < len(self._last) and self._first[at] <= term.last + after


_FIRST = re.compile(
    r"(?i)\b(?:i|i'm|i’m|i've|i am|i have|my|me|we|we're|our|je|j['’]|mon|ma|mes|moi|nous|notre|nos)\b|\bj['’]"
)


def _first_person(one: Seen, start: int, end: int) -> bool:
    return _FIRST.search(one.text, start, end) is not None


def find(scene: Scene, category: str, detector: str) -> Iterable[Finding]:
    """What keys and words say of `category` in a message."""
    for one in scene.telling:
        if keyed(one, category):
            yield whole(one, category, 0.85, detector, "key")
        elif one.is_text and len(one.text) >= 3:
            yield from said(one, category, detector)
