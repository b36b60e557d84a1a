"""Where a phrase stands in a text: its clause and sentence, in a name, in a title, beside a way that it shows."""

import re

from douane.detectors.lexicon import Term
from douane.detectors.names import UPPER, is_given
from douane.detectors.scene import Seen
from douane.detectors.words import word_set

_CLAUSE_END = re.compile(r"[.!?;\n]|,\s|\s[-–—]\s")
_SENTENCE_END = re.compile(r"[.!?;\n]")


_BEFORE = word_set(
    "behind near opposite beside past outside front devant derriere pres face cote apres corner angle across after by"
)
_BEHIND = word_set("parking car carpark square street road roundabout stop corner gate gates steps rond place arret")
_MEETING = word_set(
    "meet meeting pick pickup drop park wait waiting rendez rdv retrouve retrouvons attends depose turn"
)


def is_landmark(one: Seen, term: Term) -> bool:
    """Whether a place of worship only shows the way (`behind the mosque`, `meet at the church`)."""
    before = {token.word for token in one.tokens[max(0, term.first - 3) : term.first]}
    after = {token.word for token in one.tokens[term.last + 1 : term.last + 3]}
    if term.personal or (before.isdisjoint(_BEFORE) and after.isdisjoint(_BEHIND)):
        return not term.personal and "at" in before and one.tokens[0].word in _MEETING
    return True


_MEDIA = word_set("paperback hardcover hardback ebook kindle audiobook memoir isbn poche broche book novel livre dvd")


def is_title(text: str) -> bool:
    """Whether a short text is written as titles of works are: every longer word with a capital."""
    if not 8 <= len(text) <= 120 or "," in text:
        return False
    words = [word for word in text.split(":")[0].split() if word.lower() not in _MEDIA]
    telling = [word for word in words if len(word) > 2 and word[0].isalpha() and word not in _SMALL]
    return len(telling) >= 2 and all(word[0].isupper() for word in telling)


_SMALL = word_set("with and the for from les des une aux sur pour dans your into")


def sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """The sentence around a span, at most 160 characters to either side."""
    low = max(0, start - 160)
    before = low
    for found in _SENTENCE_END.finditer(text, low, start):
        before = found.end()
    after = _SENTENCE_END.search(text, end, min(len(text), end + 160))
    return before, after.start() if after else min(len(text), end + 160)


def clause(text: str, start: int, end: int) -> tuple[int, int]:
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


def is_name(text: str, term: Term) -> bool:
    """Whether the term is the given name of a full name (`Christian Martin`)."""
    if term.first != term.last or not text[term.start].isupper():
        return False
    return _NEXT_CAPITAL.match(text, term.end) is not None and is_given(text[term.start : term.end])


_FIRST = re.compile(
    r"(?i)\b(?:i|i'm|i’m|i've|i am|i have|my|me|we|we're|our|je|j['’]|mon|ma|mes|moi|nous|notre|nos)\b|\bj['’]"
)


def first_person(one: Seen, start: int, end: int) -> bool:
    return _FIRST.search(one.text, start, end) is not None
