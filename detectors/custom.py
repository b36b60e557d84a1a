"""Detectors made from config.yaml: patterns, word lists, key hints."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from douane.audit.finding import Finding
from douane.detectors.allow import fits
from douane.detectors.base import Detector, Match, Miss
from douane.detectors.extensions import Extensions, KeyHint, Pattern, WordList
from douane.detectors.findings import part, whole
from douane.detectors.regexes import WINDOW
from douane.detectors.scene import Scene, Seen
from douane.detectors.words import fold, key_words, tokens

KEY_HINTS = "key-hints"
"""The name of the detector that all key hints share."""
_OVERLAP = 512
"""Characters that two windows share: what is longer may be cut where a window ends."""
_NEAR = 80
_PHRASE_WORDS = 12


def custom(given: Extensions) -> tuple[Detector, ...]:
    """The detectors of a configuration, in its order."""
    made: list[Detector] = [FromPattern(one) for one in given.patterns]
    made.extend(FromWords(one) for one in given.words)
    if given.keys:
        made.append(FromKeys(given.keys))
    return tuple(made)


class FromPattern:
    """Finds what a regular expression of the configuration matches, in windows: time is linear in the value.

    A group called `found` is what is found, else the whole match.
    """

    def __init__(self, given: Pattern) -> None:
        self.given = given
        self.name = given.name
        self.title = f"Pattern {given.name}"
        self.MATCHES = tuple(
            Match({_key_for(given.keys, given.context): text}, given.category) for text in given.matches
        )
        self.MISSES = tuple(
            Miss({_key_for(given.keys, given.context): text}, "named in the configuration", given.category)
            for text in given.misses
        )
        self._compiled = re.compile(given.pattern, re.IGNORECASE if given.ignore_case else 0)
        self._group = "found" if "found" in self._compiled.groupindex else 0
        self._where = Where(given.keys, given.context)

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if self._where.may(one):
                for start, end in self.spans(one.text):
                    if self._where.fits(one, start, end):
                        evidence = "pattern of the configuration"
                        yield part(one, start, end, self.given.category, self.given.score, self.name, evidence)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """What the expression matches in a text, none overlapping another."""
        reach = start = 0
        while True:
            end = min(len(text), start + WINDOW)
            for found in self._compiled.finditer(text, start, end):
                cut = found.end() == end < len(text) and found.start() > start
                if not cut and found.start() >= reach and found.end() > found.start():
                    low, high = found.span(self._group)
                    if 0 <= low < high:
                        yield low, high
                    reach = found.end()
            if end == len(text):
                return
            start = end - _OVERLAP


class FromWords:
    """Finds the words and phrases of a list, the longest at each place."""

    def __init__(self, given: WordList) -> None:
        self.given = given
        self.name = given.name
        self.title = f"Word list {given.name}"
        self.MATCHES = tuple(
            Match({_key_for(given.keys, given.context): text}, given.category) for text in given.words[:1]
        )
        self.MISSES: tuple[Miss, ...] = ()
        self._where = Where(given.keys, given.context)

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.is_text and self._where.may(one):
                for start, end in _phrases_in(one, self._index, whole_only=self.given.whole):
                    if self._where.fits(one, start, end):
                        evidence = "word list of the configuration"
                        yield part(one, start, end, self.given.category, self.given.score, self.name, evidence)

    @cached_property
    def _index(self) -> "_Index":
        return _index(self.given.words)


class FromKeys:
    """Finds the whole value under keys that the configuration names."""

    name = KEY_HINTS
    title = "Keys of the configuration"
    MISSES: tuple[Miss, ...] = ()

    def __init__(self, given: Sequence[KeyHint]) -> None:
        self._hints = tuple((Where(one.keys, ()), one) for one in given)
        self.MATCHES = tuple(
            Match({_key_for((key,), ()): "ABC-123"}, one.category) for one in given[:1] for key in one.keys[:1]
        )

    def find(self, scene: Scene) -> Iterable[Finding]:
        for one in scene:
            if one.field.is_key or one.empty:
                continue
            for where, hint in self._hints:
                if where.under(one):
                    yield whole(one, hint.category, hint.score, self.name, "key of the configuration")
                    break


type _Index = dict[str, tuple[tuple[int, frozenset[tuple[str, ...]]], ...]]


class Where:
    """Under which keys, or beside which words, something counts; everywhere where neither is named."""

    def __init__(self, keys: Sequence[str], context: Sequence[str]) -> None:
        self._keys = tuple(_key_pattern(key) for key in keys)
        self._context = _index(context)

    def may(self, one: Seen) -> bool:
        """Whether something can count in this field at all."""
        return not self._keys or bool(self._context) or self.under(one)

    def under(self, one: Seen) -> bool:
        """Whether the field's own key, or the nearest one of a list's item, is one of the keys."""
        words = "_".join(one.words)
        return bool(words) and not one.field.is_key and any(fits(key, words) for key in self._keys)

    def fits(self, one: Seen, start: int, end: int) -> bool:
        """Whether what stands from `start` to `end` counts."""
        if not self._keys and not self._context:
            return True
        return self.under(one) or (bool(self._context) and self._near(one, start, end))

    def _near(self, one: Seen, start: int, end: int) -> bool:
        """Whether a word of the context stands in the key, or in the value near the place."""
        if any(True for _ in _walk(one.words, self._context)):
            return True
        around = f"{one.text[max(0, start - _NEAR) : start]} \0 {one.text[end : end + _NEAR]}"
        return any(True for _ in _walk([token.word for token in tokens(around)], self._context))


def _key_pattern(key: str) -> str:
    """A key with its stars as plain words joined by `_`, so that `badgeNo` and `badge_no` agree."""
    return "**".join("_".join(key_words(part)) for part in re.split(r"\*+", key))


def _key_for(keys: Sequence[str], context: Sequence[str]) -> str:
    """A key for an example, under which it counts."""
    if keys:
        return keys[0].replace("*", "")
    return "_".join(_words(context[0])) if context else "note"


@lru_cache(maxsize=512)
def _words(phrase: str) -> tuple[str, ...]:
    return tuple(token.word for token in tokens(fold(phrase)))[:_PHRASE_WORDS]


def _index(phrases: Sequence[str]) -> _Index:
    """The lengths of the phrases that begin with a word, longest first, and the phrases."""
    found: dict[str, dict[int, set[tuple[str, ...]]]] = {}
    for phrase in phrases:
        words = _words(phrase)
        if words:
            found.setdefault(words[0], {}).setdefault(len(words), set()).add(words)
    return {
        first: tuple((size, frozenset(by_size[size])) for size in sorted(by_size, reverse=True))
        for first, by_size in found.items()
    }


def _walk(words: Sequence[str], index: _Index) -> Iterator[tuple[int, int]]:
    """The first and last word of each phrase of the index: a few look-ups a word, however long the list is."""
    at = 0
    while at < len(words):
        sizes = index.get(words[at], ())
        size = next((size for size, phrases in sizes if tuple(words[at : at + size]) in phrases), 0)
        if size:
            yield at, at + size - 1
        at += size or 1


def _phrases_in(one: Seen, index: _Index, *, whole_only: bool) -> Iterator[tuple[int, int]]:
    seen = one.tokens
    for first, last in _walk([token.word for token in seen], index):
        if not whole_only or (first == 0 and last == len(seen) - 1):
            yield seen[first].start, seen[last].end
