"""Words and phrases that say a special category, in English and French, from `data/lexicon.toml`.

A term is found by walking a value's words through a dictionary of phrases: linear in the number of words.
"""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from douane.detectors.words import Token, fold, tokens

STRONG = "strong"
WEAK = "weak"


class Term(NamedTuple):
    """A phrase of the lexicon in a value: from token `first` to token `last`, both included."""

    meaning: str
    strong: bool
    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Entry:
    meaning: str
    strong: bool


@cache
def _phrases() -> dict[str, list[tuple[tuple[str, ...], _Entry]]]:
    """Phrases by their first word, longest first."""
    data = tomllib.loads((files("douane.detectors") / "data" / "lexicon.toml").read_text(encoding="utf-8"))
    index: dict[str, dict[tuple[str, ...], _Entry]] = {}
    for meaning, strengths in data.items():
        for strength, text in strengths.items():
            for phrase in text.replace("\n", " ").split(","):
                words = tuple(token.word for token in tokens(fold(phrase)))
                if not words:
                    continue
                for variant in _variants(words):
                    index.setdefault(variant[0], {}).setdefault(variant, _Entry(meaning, strength == STRONG))
    return {first: sorted(entries.items(), key=lambda entry: -len(entry[0])) for first, entries in index.items()}


def _variants(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    """The phrase, and its plurals and feminines where the last word takes them by rule."""
    found = {words}
    *head, last = words
    if len(last) >= 4:
        for ending in ("s", "e", "es"):
            if not last.endswith(("s", "x")):
                found.add((*head, last + ending))
        if len(head) == 1 and len(head[0]) >= 4 and not head[0].endswith(("s", "x")):
            found.add((head[0] + "s", last + "s"))
    return found


def terms(words: Sequence[Token]) -> tuple[Term, ...]:
    """Every term in the words, longest first at each place, none overlapping another of the same meaning."""
    index = _phrases()
    found: list[Term] = []
    count = len(words)
    position = 0
    while position < count:
        entries = index.get(words[position].word)
        step = 1
        if entries is not None:
            for phrase, entry in entries:
                size = len(phrase)
                if size > 1 and (
                    position + size > count or any(words[position + at].word != phrase[at] for at in range(1, size))
                ):
                    continue
                last = position + size - 1
                found.append(Term(entry.meaning, entry.strong, position, last, words[position].start, words[last].end))
                step = size
                break
        position += step
    return tuple(found)
