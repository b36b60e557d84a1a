"""Whether the words that describe a property announce a category of data. Pure module: no I/O.

The vocabulary is data (`data/category_words.json`, English and French). A word counts as a whole word or a run of whole
words, however it is joined: `dateOfBirth`, `date-of-birth`, `dateofbirth` and "Date of birth" are one.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from douane.audit import taxonomy

MAX_WORDS = 200
"""Words of one text that are looked at: a description longer than that announces nothing more."""

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_DROPPED = frozenset(
    {"a", "an", "the", "of", "for", "to", "in", "at", "on", "with", "your", "s"}
    | {"de", "du", "des", "d", "la", "le", "les", "l", "un", "une", "au", "aux", "en", "par", "pour", "votre", "vos"}
)


@dataclass(frozen=True, slots=True)
class _Phrases:
    """The phrases that announce a category, and those that do unless the text speaks of a thing, not of a person.

    A loose phrase counts for nothing within a phrase of `not_in`: in "e-mail address" no postal one is meant.
    """

    firm: frozenset[tuple[str, ...]]
    loose: frozenset[tuple[str, ...]]
    not_in: frozenset[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    things: frozenset[str]
    phrases: dict[str, _Phrases]
    longest: int


def words(*texts: str) -> tuple[tuple[str, ...], ...]:
    """Each text as its words: lower case, without accents, plurals and little words; camelCase and snake_case split."""
    return tuple(_split(text) for text in texts)


def announces(words_of_property: Iterable[Sequence[str]], category: str) -> bool:
    """Whether one of the texts (as `words` splits them) says that the property holds data of `category`.

    A word for something more specific announces what it belongs to ("allergies" announces `user.health_and_medical`);
    a word for something wider does not ("contact" does not announce `user.contact.email`).
    """
    return any(taxonomy.is_within(said, category) for said in announced(words_of_property))


def announced(words_of_property: Iterable[Sequence[str]]) -> frozenset[str]:
    """Every category that one of the texts announces by a word of its own."""
    return _announced(tuple(tuple(text) for text in words_of_property))


@lru_cache(maxsize=4096)
def _announced(texts: tuple[tuple[str, ...], ...]) -> frozenset[str]:
    vocabulary = _vocabulary()
    out: set[str] = set()
    for text in texts:
        runs = _runs(text[:MAX_WORDS], vocabulary.longest)
        of_a_thing = not vocabulary.things.isdisjoint(text)
        for key, phrases in vocabulary.phrases.items():
            loose = not of_a_thing and not runs.isdisjoint(phrases.loose)
            if loose and not runs.isdisjoint(phrases.not_in):
                rest = _without(text[:MAX_WORDS], phrases.not_in)
                loose = not _runs(rest, vocabulary.longest).isdisjoint(phrases.loose)
            if loose or not runs.isdisjoint(phrases.firm):
                out.add(key)
    return frozenset(out)


def _runs(text: tuple[str, ...], longest: int) -> frozenset[tuple[str, ...]]:
    return frozenset(text[start : start + length] for start in range(len(text)) for length in range(1, longest + 1))


def _without(text: tuple[str, ...], phrases: frozenset[tuple[str, ...]]) -> tuple[str, ...]:
    """The text with an empty word in the place of each of the phrases, the longest first."""
    kept: list[str] = []
    at, longest = 0, max(map(len, phrases), default=0)
    while at < len(text):
        length = next((n for n in range(longest, 0, -1) if text[at : at + n] in phrases), 0)
        kept.append("" if length else text[at])
        at += max(1, length)
    return tuple(kept)


@lru_cache(maxsize=4096)
def _split(text: str) -> tuple[str, ...]:
    return tuple(_singular(word) for word in _every_word(text) if _singular(word) not in _DROPPED)


def _every_word(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text[:4000].replace("IPv", "Ipv"))
    plain = "".join(char for char in plain if not unicodedata.combining(char)).replace("œ", "oe").replace("’", "'")
    return [word.lower() for word in _WORD.findall(plain)]


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


@cache
def _vocabulary() -> _Vocabulary:
    data = json.loads((files("douane.audit") / "data" / "category_words.json").read_text(encoding="utf-8"))
    phrases = {
        key: _Phrases(
            _phrases(row.get("words", ())),
            _phrases(row.get("words_unless_of_a_thing", ())),
            _phrases(row.get("not_in", ())),
        )
        for key, row in data["categories"].items()
    }
    longest = max(len(run) for row in phrases.values() for run in row.firm | row.loose | row.not_in)
    things = frozenset(word for thing in data["things"] for word in _split(thing))
    return _Vocabulary(things, phrases, longest)


def _phrases(texts: Iterable[str]) -> frozenset[tuple[str, ...]]:
    out: set[tuple[str, ...]] = set()
    for text in texts:
        run = _split(text)
        out.add(run)
        out.update({("".join(run),), (_singular("".join(_every_word(text))),)})
    return frozenset(out)
