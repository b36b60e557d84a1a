"""Words and phrases that say a special category, in English and French, from `data/lexicon.toml`.

A term is found by walking a value's words through a dictionary of phrases: linear in the number of words. Words of
medicine that no list holds are known by how they end.
"""

import tomllib
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from douane.detectors.morphology import is_medical
from douane.detectors.words import Token, fold, tokens, word_set

_HEALTH = "user.health_and_medical"
_FIRST = word_set("i im my our we je j mon ma mes notre nos suis")


class Term(NamedTuple):
    """A phrase of the lexicon in a value: from token `first` to token `last`, both included.

    `personal` is true of a phrase in which somebody speaks of themselves.
    """

    meaning: str
    strong: bool
    first: int
    last: int
    start: int
    end: int
    personal: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    meaning: str
    strong: bool
    personal: bool


class _Begun(NamedTuple):
    """What begins with a word: itself as a phrase, the words that may follow, and the longer phrases with their sizes,
    longest first."""

    alone: _Entry | None
    then: frozenset[str]
    sizes: tuple[int, ...]
    phrases: dict[tuple[str, ...], _Entry]


type _Index = dict[str, _Begun]
"""Phrases by their first word."""
type Phrases = frozenset[tuple[str, ...]]


def _read(name: str) -> dict[str, dict[str, Any]]:
    text = (files("douane.detectors") / "data" / name).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _split(text: str) -> Iterator[str]:
    for phrase in text.replace("\n", " ").split(","):
        if phrase := phrase.strip():
            yield phrase


def _expanded(text: str, lists: dict[str, str]) -> Iterator[tuple[tuple[str, ...], bool]]:
    """The words of each phrase of a text, and whether it was made of a list: `{name}` stands for each entry of one."""
    entries: dict[str, list[tuple[str, ...]]] = {}
    for phrase in _split(text):
        head, brace, rest = phrase.partition("{")
        if not brace:
            if words := _words(phrase):
                yield words, False
            continue
        name, _, tail = rest.partition("}")
        before, after = _words(head), _words(tail)
        if name not in entries:
            entries[name] = [_words(entry) for entry in _split(lists[name])]
        for entry in entries[name]:
            yield (*before, *entry, *after), True


def _words(phrase: str) -> tuple[str, ...]:
    return tuple(token.word for token in tokens(fold(phrase)))


@cache
def _phrases() -> _Index:
    data = _read("lexicon.toml")
    lists = data.pop("lists")
    index: dict[str, dict[tuple[str, ...], _Entry]] = {}
    for meaning, rows in data.items():
        for name, text in rows.items():
            strong = not name.startswith("weak")
            entries = {
                (strong, False): _Entry(meaning, strong, False),
                (strong, True): _Entry(meaning, strong, True),
            }
            for words, expanded in _expanded(text, lists):
                entry = entries[strong, not _FIRST.isdisjoint(words)]
                for variant in [words] if expanded or meaning == "cue.person" else _variants(words):
                    index.setdefault(variant[0], {}).setdefault(variant, entry)
    return {
        first: _Begun(
            phrases.get((first,)),
            frozenset(words[1] for words in phrases if len(words) > 1),
            tuple(sorted({len(words) for words in phrases if len(words) > 1}, reverse=True)),
            phrases,
        )
        for first, phrases in index.items()
    }


@cache
def _first_words() -> frozenset[str]:
    return frozenset(_phrases())


def _variants(words: tuple[str, ...]) -> list[tuple[str, ...]]:
    """The phrase, and its plurals and feminines where the last word takes them by rule."""
    found = [words]
    *head, last = words
    if len(last) >= 4 and not last.endswith(("s", "x")):
        found.extend((*head, last + ending) for ending in ("s", "e", "es"))
        if len(head) == 1 and len(head[0]) >= 4 and not head[0].endswith(("s", "x")):
            found.append((head[0] + "s", last + "s"))
    return found


_term = tuple.__new__
"""Makes a term without a call to its class."""


def terms(words: Sequence[Token]) -> tuple[Term, ...]:
    """Every term in the words, longest first at each place, none overlapping another."""
    begun = _phrases().get
    found: list[Term] = []
    count = len(words)
    done = 0
    for position, (word, start, end) in enumerate(words):
        if position < done:
            continue
        known = begun(word)
        if known is None:
            if len(word) > 6 and is_medical(word):
                found.append(_term(Term, (_HEALTH, True, position, position, start, end, False)))
            continue
        entry, then, sizes, phrases = known
        reach = position + 1
        if reach < count and words[reach][0] in then:
            for size in sizes:
                longer = phrases.get(tuple([one[0] for one in words[position : position + size]]))
                if longer is not None and position + size <= count:
                    entry, reach = longer, position + size
                    break
        if entry is not None:
            done = reach
            last = words[done - 1].end
            said = (entry.meaning, entry.strong, position, done - 1, start, last, entry.personal)
            found.append(_term(Term, said))
    return tuple(found)


def may_hold(vocabulary: frozenset[str]) -> bool:
    """Whether a term may stand in a text of these words: asked first, as in most values none does."""
    if not vocabulary.isdisjoint(_first_words()):
        return True
    for word in vocabulary:  # noqa: SIM110 - a generator would cost as much as most answers
        if len(word) > 6 and is_medical(word):
            return True
    return False


class Cues:
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


@dataclass(frozen=True, slots=True)
class Answers:
    """What people answer where a key asks for a category: `whole` values, and phrases that count `anywhere` in one.

    `keys` are phrases in a key that ask for it, `loose` those that do only where a person or an app tells so.
    """

    keys: Phrases
    loose: Phrases
    whole: Phrases
    anywhere: Phrases
    longest: int


@cache
def answers() -> dict[str, Answers]:
    """The keys that only an answer can tell apart, and the answers, by category, from `data/answers.toml`."""
    lists = _read("lexicon.toml")["lists"]
    found: dict[str, Answers] = {}
    for category, rows in _read("answers.toml").items():
        anywhere = frozenset(variant for words, _ in _expanded(rows["any"], lists) for variant in _variants(words))
        found[category] = Answers(
            frozenset(_words(key) for key in rows["keys"]),
            frozenset(_words(key) for key in rows["loose"]),
            frozenset(words for words, _ in _expanded(rows["whole"], lists)),
            anywhere,
            max(len(words) for words in anywhere),
        )
    return found


@cache
def asking_words() -> frozenset[str]:
    """The first words of the phrases by which a key asks for a category that only an answer can tell."""
    return frozenset(phrase[0] for table in answers().values() for phrase in (*table.keys, *table.loose))
