"""Names of private persons in free text, by the statistical tagger, in English and French.

What a tagger calls a person is any name of a person: authors, streets and rooms named after somebody too. The words
around the name, the key and the record say whether it is a private person's.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import blake2b
from os import urandom
from typing import TYPE_CHECKING

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.findings import part
from douane.detectors.id_shapes import ID_WORDS
from douane.detectors.name_keys import PLACED
from douane.detectors.names import UPPER, given_names, is_common, is_given, is_public, telling_names
from douane.detectors.person_name import names_of
from douane.detectors.scene import Scene, Seen
from douane.detectors.subject import Subject
from douane.detectors.words import fold

if TYPE_CHECKING:
    from douane.detectors.ner import Entity, Tagger

_NAME = "user.name"
_LEAST = 0.6
_LEAST_OF_ONE_WORD = 0.75
"""How likely a name must be; a single word is more often something else."""
_LEAST_OF_UNKNOWN = 0.9
"""How likely a name must be none of whose words is a known given name."""
_LABEL = 40
"""Shorter values are more often labels than sentences."""
_NO_NAME = re.compile(r"(?i)[/_|*=<>]|\b(?:of|and|et|ltd|llc|inc|sarl|sas|gmbh|the)\b")
_TWO_CAPITALISED = re.compile(
    rf"{UPPER}[\w'’.-]{{1,30}}[ \u00a0](?:(?:de|du|des|van|von|der|den|el|al|bin|ben|ibn|la|le|da|dos|del|di|y|of)"
    rf"[ \u00a0])?{UPPER}[\w'’-]"
)
_SURE = 0.6
"""From this score on, what rules have found is not asked about again."""
_KEPT = 8192
"""Texts whose names are remembered, by a keyed hash of the text."""
_BEFORE = 40
_PUBLIC_BEFORE = re.compile(
    r"(?i)(?:\b(?:by|auteure?s?|authors?|writers?|[ée]crivaine?|artists?|artistes?|peintre|starring|featuring|"
    r"feat\.?|directed|"
    r"songs?|chansons?|concerts?|albums?|films?|movies?|books?|novels?|romans?|livres?|po[èe]mes?|biograph\w{1,3}|"
    r"lyrics|recettes?|recipes?|paintings?|tableaux?|œuvres?|oeuvres?|works?|exposition|exhibition|quotes?|citations?|"
    r"fans? (?:de|of)|"
    r"tickets? (?:for|to)|billets?|spectacle|podcast|playlist|interview|museum|mus[ée]e|fondation|foundation|"
    r"rue|avenue|av\.?|boulevard|bd|place|quai|square|all[ée]e|impasse|chemin|cours|pont|rond-point|station|gare|"
    r"a[ée]roport|airport|h[ôo]tel|chambre|room|suite|salle|hall|theat(?:re|er)|th[ée][âa]tre|cin[ée]ma|stade|stadium|"
    r"lyc[ée]e|coll[èe]ge|[ée]cole|school|college|universit[éey]|centre|center|tour|tower|restaurant|caf[ée]|bar|"
    r"boulangerie|garage|pharmacie|pharmacy|clinique|clinic|hospital|h[ôo]pital|cabinet|maison|villa|r[ée]sidence|"
    r"soci[ée]t[ée]|groupe|marque|brand|mod[èe]le|model|th[èe]me|theme|version|prix|prize|award|"
    r"dr|pr|prof|docteure?|doctor|ma[îi]tre|me|professor|professeure?|president|pr[ée]sidente?|king|queen|saint|sainte|st|ste)"
    r"\.?\W{1,3}(?:de |d['’]|du |des |la |le |of |the |à |chez )?)$"
)
_PUBLIC_BEHIND = re.compile(
    r"(?:['’]s [A-ZÀ-Þ])|(?i:(?:['’]s)?\W{1,2}(?:museum|airport|street|st\b|road|avenue|ave\b|square|park|hotel|"
    r"h[ôo]tel|restaurant|"
    r"caf[ée]|bar\b|school|college|university|hospital|clinic|foundation|fondation|stadium|arena|theat(?:re|er)|"
    r"hall|room|suite|prize|award|albums?|songs?|concerts?|tour\b|biograph|books?|novels?|films?|movies?|collection|edition|sandwich|"
    r"ltd|llc|inc\b|gmbh|sarl|sas\b|& (?:sons|fils|co)|et fils|group|associ|avocats|immobilier|plumbing|motors|garage))"
)


class FreeText:
    """A name in prose counts unless the words beside it make it a work's, a place's, a brand's or a professional's."""

    name = "free-text"
    title = "Names in free text, by a statistical tagger"
    MATCHES = (
        Match({"texte": "ce sera Mehdi ou personne"}, _NAME, "Mehdi"),
        Match({"m": "hi its priya, can u move my table to 8pm? thx"}, _NAME, text="priya"),
        Match({"note": "Yesterday Farida opened the shutters before the guests woke up"}, _NAME, text="Farida"),
        Match({"message": "AMINATA DIALLO A CONFIRMÉ SA VENUE"}, _NAME, text="AMINATA DIALLO"),
    )
    MISSES = (
        Miss({"q": "concerts de Jean-Jacques Goldman"}, "a public figure in a search"),
        Miss({"texte": "Nous avons visité le musée Rodin."}, "a museum"),
        Miss({"texte": "la réunion aura lieu à Toulouse lundi"}, "a town"),
        Miss({"hotelName": "Hôtel George Sand"}, "a hotel"),
        Miss({"note": "meet at 12 rue Victor Hugo, second floor"}, "a street", category=_NAME),
        Miss({"note": "we loved the paella de marisco"}, "a dish"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        prose = [one for one in scene.prose if may_name(one)]
        if not prose:
            return
        told: dict[int, list[tuple[int, int]]] = {}
        for found in names_of(scene):
            if found.score >= _SURE:
                told.setdefault(id(found.of), []).append((found.start, found.end))
        asked = [one for one in prose if _holds_candidate(one, told.get(id(one.field), ()))]
        if not asked:
            return
        for one, entities in zip(asked, self._entities([one.text for one in asked]), strict=True):
            for start, end, score in entities:
                if is_private_name(one, start, end, score):
                    yield part(one, start, end, _NAME, round(0.45 + 0.45 * score, 3), self.name, "language model")

    def prepare(self) -> None:
        """Load the tagger now instead of with the first text."""
        _ = self._tagger

    def _entities(self, texts: Sequence[str]) -> list[tuple[tuple[int, int, float], ...]]:
        """The persons in each text; texts seen before are not read again."""
        keys = [
            blake2b(text.encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16).digest() for text in texts
        ]
        fresh = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._known}
        if fresh:
            told = self._tagger.tag(list(fresh.values()), people=True)
            if len(self._known) + len(fresh) > _KEPT:
                self._known.clear()
            for key, entities in zip(fresh, told, strict=True):
                self._known[key] = tuple(_person(one) for one in entities if one.label == "PERSON")
        return [self._known[key] for key in keys]

    @cached_property
    def _tagger(self) -> "Tagger":
        from douane.detectors.ner import Tagger

        return Tagger()

    @cached_property
    def _secret(self) -> bytes:
        return urandom(32)

    @cached_property
    def _known(self) -> dict[bytes, tuple[tuple[int, int, float], ...]]:
        return {}


def _person(entity: "Entity") -> tuple[int, int, float]:
    return entity.start, entity.end, entity.score


def may_name(one: Seen) -> bool:
    """Whether a value is prose in which the name of a private person may stand."""
    if one.searching or one.field.opened or one.empty or len(one.text) < 5 or not PLACED.isdisjoint(one.words):
        return False
    return one.about not in {Subject.PLACE, Subject.THING} or hints.PROSE in one.hints


def _holds_candidate(one: Seen, told: Sequence[tuple[int, int]]) -> bool:
    """Whether a value holds what `is_private_name` could accept and rules have not `told`: the tagger is dear."""
    text, all_given, telling = one.text, given_names(), telling_names()
    for token in one.tokens:
        if (token.word in telling or (token.word in all_given and text[token.start].isupper())) and not _is_told(
            one, token.start, token.end, told
        ):
            return True
    return any(not _is_told(one, *found.span(), told) for found in _TWO_CAPITALISED.finditer(text))


def _is_told(one: Seen, start: int, end: int, told: Sequence[tuple[int, int]]) -> bool:
    if not told:
        return False
    start, end = one.original(start, end)
    return any(low < end and start < high for low, high in told)


def is_private_name(one: Seen, start: int, end: int, score: float) -> bool:
    """Whether a name that a model found with that score is a private person's, by itself and the words beside it."""
    text = one.text
    name = text[start:end]
    words = name.split()
    if score < (_LEAST_OF_ONE_WORD if len(words) == 1 else _LEAST) or len(name) < 2 or any(map(str.isdigit, name)):
        return False
    if any(map(is_common, words)) or is_public(name) or _NO_NAME.search(name):
        return False
    if not ID_WORDS.isdisjoint(map(fold, words)):
        return False
    if not any(map(is_given, words)) and (len(words) == 1 or score < _LEAST_OF_UNKNOWN):
        return False
    if len(text) < _LABEL and not one.of_person and hints.PROSE not in one.hints and not is_given(words[0]):
        return False
    return not (_PUBLIC_BEFORE.search(text, max(0, start - _BEFORE), start) or _PUBLIC_BEHIND.match(text, end))


DETECTOR = FreeText()
