"""Names and addresses of private persons in free text, by the statistical tagger, in English and French.

What a tagger calls a person is any name of a person: authors, streets and rooms named after somebody too. The words
around the name, the key and the record say whether it is a private person's; `homes` says it of an address.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from hashlib import blake2b
from itertools import accumulate
from os import urandom
from typing import TYPE_CHECKING

from douane.audit.finding import Finding
from douane.detectors import hints
from douane.detectors.base import Match, Miss
from douane.detectors.blocks import continued, to_its_end
from douane.detectors.findings import identity, part
from douane.detectors.homes import Homes
from douane.detectors.id_shapes import ID_WORDS
from douane.detectors.name_keys import PLACED
from douane.detectors.names import (
    UPPER,
    given_names,
    has_given,
    is_common,
    is_given,
    is_public,
    telling_names,
    without_surname,
)
from douane.detectors.person_name import names_of
from douane.detectors.premises import PREMISES
from douane.detectors.records import records
from douane.detectors.scene import Scene, Seen
from douane.detectors.streets import has_street, street_words, streets
from douane.detectors.subject import NOBODY
from douane.detectors.words import fold, word_set

if TYPE_CHECKING:
    from douane.detectors.ner import Entity, Tagger

_NAME = "user.name"
_ADDRESS = "user.contact.address"
_LEAST = 0.6
_LEAST_OF_ONE_WORD = 0.75
"""How likely a name must be; a single word is more often something else."""
_LEAST_OF_UNKNOWN = 0.9
"""How likely a name must be none of whose words is a known given name."""
_UNKNOWN_IN_PROSE = 0.7
_SIGNS = PREMISES | word_set(
    "tsar tsarina king queen emperor empress pope sultan pharaoh roi reine empereur pape saint"
)
"""First words of what a tagger takes for a person: a shop's sign, a ruler."""
_LONGEST_OPENED = 1200
"""A longer text that holds fields of its own is a table or a record; a shorter one may be a letter with commas."""
_NOTATION = re.compile(r"\s*[\[{<|]|[^\n]{0,200}(?:\|[^\n]{0,200}\||\t|;[^\n;]{0,80};[^\n;]{0,80};)")
"""How records in another notation begin."""
_READ_WHOLE = 120
"""Of a longer text the tagger reads only sentences with a candidate that no rule has told; those of a shorter one
explain each other."""
_LABEL = 40
"""Shorter values are more often labels than sentences."""
_NO_NAME = re.compile(r"(?i)[/_|*=<>]|\b(?:of|and|et|ltd|llc|inc|sarl|sas|gmbh|the)\b")
_TWO_CAPITALISED = re.compile(
    rf"{UPPER}[\w'’.-]{{1,30}}[ \u00a0](?:(?:{UPPER}|de|du|des|van|von|der|den|el|al|bin|ben|ibn|la|le|da|dos|"
    rf"del|di|y|of)[ \u00a0])?{UPPER}[\w'’-]"
)
_CAPITALISED_INSIDE = re.compile(
    rf"(?:(?<=[a-zà-ÿ,;:]\s){UPPER}[a-zà-ÿ]{{2,30}}(?![\w-])"
    rf"|(?:^|\n){UPPER}[a-zà-ÿ]{{2,30}}(?=,(?! and)|:\s{UPPER}|\s*\n|$))"
)
"""A capitalised word within a sentence, or at the beginning of a line as people are spoken to and sign."""
_SURE = 0.6
"""From this score on, what rules have found is not asked about again."""
_KEPT = 8192
"""Texts whose names are remembered, by a keyed hash of the text."""
_BEFORE = 40
_PUBLIC_BEFORE = re.compile(
    r"(?i)(?:\b(?:auteure?s?|authors?|writers?|[ée]crivaine?|artists?|artistes?|peintre|starring|featuring|"
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
    r"dr|pr|prof|docteure?|doctor|ma[îi]tre|(?-i:Me)|professor|professeure?|president|pr[ée]sidente?|king|queen|saint|sainte|st|ste)"
    r"\.?\W{1,3}(?:de |d['’]|du |des |la |le |of |the |à |chez )?)$"
)
_PUBLIC_BEHIND = re.compile(
    r"(?i:(?:['’]s)?[ \u00a0’'-]{1,2}(?:museum|airport|street|st\b|road|avenue|ave\b|square|park|hotel|"
    r"h[ôo]tel|restaurant|"
    r"caf[ée]|bar\b|school|college|university|hospital|clinic|foundation|fondation|stadium|arena|theat(?:re|er)|"
    r"hall|room|suite|prize|award|albums?|songs?|concerts?|tour\b|biograph|books?|novels?|films?|movies?|collection|edition|sandwich|"
    r"shampoo|conditioner|perfume|shoes|sneakers|trainers|boots|jeans|handbag|sunglasses|guitar|sauce|"
    r"ltd|llc|inc\b|gmbh|sarl|sas\b|& (?:sons|fils|co)|et fils|group|associ|avocats|immobilier|plumbing|motors|garage))"
)


type _Told = tuple[int, int, float, str]
"""Where the tagger saw something, how surely, and what."""

_READ = frozenset({"PERSON", "ADDRESS"})
_MONTH = (
    r"(?i:jan|feb|f[ée]v|mar|apr|avr|may|mai|jun|juin|jul|juil|aug|ao[uû]|sep|oct|nov|dec|d[ée]c|mon|tue|wed|thu|fri|sat|"
    r"sun)"
)
_ADDRESSED = re.compile(
    rf"(?<![\w.,:/€$£-])(?:\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?!{_MONTH}){UPPER}\w"
    rf"|(?!{_MONTH}){UPPER}[\w'’-]{{3,30}}\.?,?[ \n](?:(?:[Nn]o|[Nn]r)\.? ?)?\d{{1,5}}[A-Za-z]?"
    rf"(?=[,;\n.?!)]|$| {UPPER}| \d{{3,}}))"
)
"""A number beside a capitalised word: what an address in a text has at the least."""
_NUMBER = re.compile(r"(?<!\w)\d{1,6}[A-Za-z]?(?![^\W_])")
_WORD = re.compile(r"[^\W\d_]{3}")
_SHORTEST_ADDRESS = 6
_LEAST_OF_ADDRESS = 0.6
_UNSURE_OF_ADDRESS, _SURE_OF_ADDRESS = 0.6, 0.86
"""The latter just above what the rules for streets say of their own, shorter span of the same address."""


_OWNED = re.compile(r"['’]s [A-ZÀ-Þ]")
_NAMED_AFTER = re.compile(
    r"['’]s (?:[A-ZÀ-Þ][\w'’]+ )?(?:Diner|Kitchen|Bar|Grill|Pizza|Pizzeria|Deli|Bakery|Burgers?|Coffee|Cafe|Café|House|"
    r"Place|Shop|Store|Market|Books|Garage|Salon|Gym|Club|Pub|Inn|Corner|Cuisine|Barbershop|Plumbing|Law|Day|Eve|Disease|"
    r"Syndrome|Cross|Cathedral|Church|Hospital|Park|Square|Gate|Choice|Diary|Journey|Story|Wake|Way)\b"
)
"""What bears somebody's name; in a letter, any other capitalised word behind "Anna's" is a thing of hers."""
_BY = re.compile(r"(?i)\bby\W{1,3}$")
_DONE_BY = re.compile(
    r"(?i)\b(?!written|directed|produced|performed|composed|painted|designed|narrated|published|hosted|illustrated|edited|"
    r"translated|photographed|inspired|founded|created|played|covered|remixed|devised|recorded|invented|discovered|"
    r"proposed)(?:\w{2,14}ed|sent|left|made|paid|seen|driven|given|taken|told|met|held|bought|sold|brought|done|run|set|"
    r"drawn up|shown|caught|hit|lent|kept|owed)(?: (?:up|in|on|off|out|over|back|for))? by\W{1,3}$"
)
"""What somebody private does; "by" behind anything else names the author of a work."""
_CIVIL = re.compile(r"\b(?:Mr|Mrs|Ms|Miss|Mx|Mme|Mlle|Monsieur|Madame|Mademoiselle|M)\.? $")
_PLAINLY = 0.88
"""How likely a lone word that no list knows must be a name, in a text that somebody wrote."""


class FreeText:
    """A name in prose counts unless the words beside it make it a work's, a place's, a brand's or a professional's; an
    address, its number beside its street in any order, unless the words before it make it a business's."""

    name = "free-text"
    title = "Names and addresses in free text, by a statistical tagger"
    MATCHES = (
        Match({"texte": "ce sera Mehdi ou personne"}, _NAME, "Mehdi"),
        Match({"m": "hi its priya, can u move my table to 8pm? thx"}, _NAME, text="priya"),
        Match({"note": "Yesterday Farida opened the shutters before the guests woke up"}, _NAME, text="Farida"),
        Match({"message": "AMINATA DIALLO A CONFIRMÉ SA VENUE"}, _NAME, text="AMINATA DIALLO"),
        Match({"m": "send it to Ulla, Fabianinkatu 18, 00100 Helsinki"}, _ADDRESS, "Fabianinkatu 18, 00100 Helsinki"),
        Match({"m": "Holmlund, could you bring the ladder and the two paint pots"}, _NAME, text="Holmlund"),
        Match({"m": "we heard that Wojciechowska left the keys at the desk"}, _NAME, text="Wojciechowska"),
        Match(
            {"m": "send it to Ulla, 12 Baker Street, London, Apt. 9 today"}, _ADDRESS, "12 Baker Street, London, Apt. 9"
        ),
        Match({"m": "the claim was signed by Bjarke Holmlund on the same day"}, _NAME, text="Bjarke Holmlund"),
    )
    MISSES = (
        Miss({"q": "concerts de Jean-Jacques Goldman"}, "a public figure in a search"),
        Miss({"texte": "Nous avons visité le musée Rodin."}, "a museum"),
        Miss({"texte": "la réunion aura lieu à Toulouse lundi"}, "a town"),
        Miss({"hotelName": "Hôtel George Sand"}, "a hotel"),
        Miss({"note": "meet at 12 rue Victor Hugo, second floor"}, "a street", category=_NAME),
        Miss({"note": "we loved the paella de marisco"}, "a dish"),
        Miss({"note": "Chapter 4 Green Energy has 35 pages and 12 Open Questions"}, "a book's"),
        Miss({"note": "see you at the shop, Fabianinkatu 18, 00100 Helsinki"}, "a shop's"),
        Miss({"note": "the novel by Bjarke Holmlund was reviewed in the paper"}, "an author"),
    )

    def find(self, scene: Scene) -> Iterable[Finding]:
        prose = [one for one in scene.prose if may_name(one)]
        if not prose:
            return
        told: dict[int, list[tuple[int, int]]] = {}
        for found in names_of(scene):
            if found.score >= _SURE:
                told.setdefault(identity(found.of), []).append((found.start, found.end))
        asked: list[Seen] = []
        places: list[Sequence[int]] = []
        named: list[Sequence[int]] = []
        for one in prose:
            if is_only_a_label(one):
                continue
            places_told = told.get(identity(one.field))
            known = None if places_told is None else _Places(places_told)
            names = [name for name in _candidates(one) if not _is_told(one, *name, known)]
            if names or may_hold_address(one):
                asked.append(one)
                named.append(sorted(start for start, _ in names))
                if len(one.text) <= _READ_WHOLE:
                    places.append(range(len(one.text)))
                    continue
                places.append(sorted([*_addressed(one), *(at for start, end in names for at in (start, end - 1))]))
        if not asked:
            return
        for one, entities in zip(asked, self._entities([one.text for one in asked], places, named), strict=True):
            homes: Homes | None = None
            for start, end, score, label in entities:
                if label == "PERSON":
                    if is_private_name(one, start, end, score):
                        yield part(one, start, end, _NAME, round(0.45 + 0.45 * score, 3), self.name, "language model")
                elif is_written_out(one, start, end, score):
                    homes = homes or Homes(scene, one, records(scene))
                    if homes.possible and not homes.passed and homes.holds(start, end):
                        start, end = widened(one, start, end)
                        end = continued(one.text, to_its_end(one.text, start, end))
                        sure = _SURE_OF_ADDRESS if score >= _LEAST_OF_UNKNOWN else _UNSURE_OF_ADDRESS
                        yield part(one, start, end, _ADDRESS, sure, self.name, "language model")

    def prepare(self) -> None:
        """Load the tagger now instead of with the first text."""
        _ = self._tagger

    def _entities(
        self, texts: Sequence[str], places: Sequence[Sequence[int]], sure: Sequence[Sequence[int]]
    ) -> list[tuple[_Told, ...]]:
        """The persons and addresses in the sentences with these places; what was read before is not read again."""
        keys = [
            blake2b(
                f"{where} {certain} {text}".encode("utf-8", "surrogatepass"), key=self._secret, digest_size=16
            ).digest()
            for text, where, certain in zip(texts, places, sure, strict=True)
        ]
        fresh = {key: at for at, key in enumerate(keys) if key not in self._known}
        if fresh:
            told = self._tagger.tag(
                [texts[at] for at in fresh.values()],
                people=True,
                places=[places[at] for at in fresh.values()],
                sure=[sure[at] for at in fresh.values()],
            )
            if len(self._known) + len(fresh) > _KEPT:
                self._known.clear()
            for key, entities in zip(fresh, told, strict=True):
                self._known[key] = tuple(_told(one) for one in entities if one.label in _READ)
        return [self._known[key] for key in keys]

    @cached_property
    def _tagger(self) -> "Tagger":
        from douane.detectors.ner import Tagger

        return Tagger()

    @cached_property
    def _secret(self) -> bytes:
        return urandom(32)

    @cached_property
    def _known(self) -> dict[bytes, tuple[_Told, ...]]:
        return {}


def _told(entity: "Entity") -> _Told:
    return entity.start, entity.end, entity.score, entity.label


def may_name(one: Seen) -> bool:
    """Whether a value is prose in which the name of a private person may stand."""
    if one.searching or one.empty or len(one.text) < 5 or not PLACED.isdisjoint(one.words):
        return False
    if one.field.opened and (len(one.text) > _LONGEST_OPENED or not one.to_app or _NOTATION.match(one.text)):
        return False
    return one.about not in NOBODY or hints.PROSE in one.hints


def is_only_a_label(one: Seen) -> bool:
    """Whether a value is a label without a figure, in nobody's record, and no word is a given name: nothing that the
    tagger saw there would count."""
    if len(one.text) >= _LABEL or one.has_digit or one.of_person or hints.PROSE in one.hints:
        return False
    return one.vocabulary.isdisjoint(given_names()) and not has_given(one.text)


def may_hold_address(one: Seen) -> bool:
    """Whether a text that somebody wrote may hold an address that the tagger is to look for."""
    if not one.has_digit or not one.to_app or len(one.text) < _LABEL or one.hinted(_ADDRESS):
        return False
    return next(_addressed(one), None) is not None


def _addressed(one: Seen) -> Iterator[int]:
    """Where an address may stand in a text with figures."""
    yield from street_words(one.tokens)
    for found in _ADDRESSED.finditer(one.text):
        yield found.start()


def is_written_out(one: Seen, start: int, end: int, score: float) -> bool:
    """Whether what the tagger took for an address has what every address has: a number and a name."""
    text = one.text[start:end]
    if score < _LEAST_OF_ADDRESS or end - start < _SHORTEST_ADDRESS:
        return False
    return _NUMBER.search(text) is not None and _WORD.search(text) is not None and len(text.split()) > 1


def widened(one: Seen, start: int, end: int) -> tuple[int, int]:
    """The address there and the streets that the rules see across its ends, as one."""
    for street in streets(one.text, one.tokens, chat=False) if has_street(one.tokens) else ():
        if street.start < end and start < street.end:
            if one.text[street.start].isdigit() or one.text[street.start].isupper():
                start = min(start, street.start)
            end = max(end, street.end)
    return start, end


def _candidates(one: Seen) -> Iterator[tuple[int, int]]:
    """Where a value holds what `is_private_name` could accept: the tagger is dear."""
    text, all_given, telling = one.text, given_names(), telling_names()
    if not one.vocabulary.isdisjoint(all_given):
        for word, start, end in one.tokens:
            if word in telling or (word in all_given and text[start].isupper()):
                yield start, end
    for found in _TWO_CAPITALISED.finditer(text):
        yield found.span()
    if one.to_app and len(text) >= _LABEL:
        for found in _CAPITALISED_INSIDE.finditer(text):
            if not is_common(found.group()):
                yield found.span()


class _Places:
    """Stretches of a text in order, to be asked whether one meets another."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        placed = sorted(places)
        self._starts = [start for start, _ in placed]
        self._ends = list(accumulate((end for _, end in placed), max))

    def meet(self, start: int, end: int) -> bool:
        """Whether one of them shares a character with this stretch."""
        at = bisect_left(self._starts, end)
        return at > 0 and self._ends[at - 1] > start


def _is_told(one: Seen, start: int, end: int, told: _Places | None) -> bool:
    return told is not None and told.meet(*one.original(start, end))


def is_private_name(one: Seen, start: int, end: int, score: float) -> bool:
    """Whether a name that a model found with that score is a private person's, by itself and the words beside it."""
    text = one.text
    name = text[start:end]
    words = name.split()
    if score < (_LEAST_OF_ONE_WORD if len(words) == 1 else _LEAST) or len(name) < 2 or any(map(str.isdigit, name)):
        return False
    bare = without_surname(words)
    if any(map(is_common, bare)) or is_public(name) or _NO_NAME.search(name):
        return False
    if bare is not words and not (score >= _LEAST_OF_UNKNOWN and (one.to_app or one.of_person)):
        return False
    if not ID_WORDS.isdisjoint(map(fold, words)) or fold(words[0]) in _SIGNS:
        return False
    if not any(map(is_given, words)) and score < _least_of_unknown(one, start, len(words)):
        return False
    if len(text) < _LABEL and not one.of_person and hints.PROSE not in one.hints and not is_given(words[0]):
        return False
    low = max(0, start - _BEFORE)
    if _BY.search(text, low, start) and not (one.to_app and _DONE_BY.search(text, low, start)):
        return False
    letter = one.to_app and len(text) >= 2 * _LABEL and text[start - 1 : start] not in {"*", "_", "«", "“", '"'}
    if (_NAMED_AFTER if letter else _OWNED).match(text, end):
        return False
    return not (_PUBLIC_BEFORE.search(text, low, start) or _PUBLIC_BEHIND.match(text, end))


def _least_of_unknown(one: Seen, start: int, words: int) -> float:
    """How likely a name must be none of whose words is a known given name."""
    if not one.to_app or len(one.text) < _LABEL:
        return _LEAST_OF_UNKNOWN if words > 1 else 2.0
    if _CIVIL.search(one.text, max(0, start - 14), start):
        return _LEAST
    return _UNKNOWN_IN_PROSE if words > 1 else _PLAINLY


DETECTOR = FreeText()
