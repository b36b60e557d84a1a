"""Patterns tried at the words that may begin them find what they find when searched for everywhere."""

import importlib
import re
from collections.abc import Iterator

import pytest

from douane.detectors import name_cues
from douane.detectors.plain import plain
from douane.detectors.registry import load_all
from douane.detectors.starts import Starts, first_words
from douane.detectors.words import places, tokens

MODULES = ("age", "children", "location", "name_cues")


def _patterns() -> list[Starts]:
    found = [cue.pattern for cue in name_cues.CUES]
    for name in MODULES:
        module = importlib.import_module(f"douane.detectors.{name}")
        found.extend(one for one in vars(module).values() if isinstance(one, Starts))
    return found


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _strings(inner)


def _texts() -> list[str]:
    said = [text for one in load_all() for case in (*one.MATCHES, *one.MISSES) for text in _strings(case.given)]
    joined = ["\n".join(said[at : at + 40]) for at in range(0, len(said), 40)]
    odd = [
        "_i live in Leeds",
        "xi live in Leeds",
        "I'M 34, J\u2019AI 41 ANS",
        "\u0130 am 34. K\u0131d 7.",
        "ſon 7, wıfe 40.",
    ]
    return [*said, *map(str.upper, said), *joined, " ".join(said).replace(" ", "  "), *odd, "", "\u00e9" * 50]


def test_they_find_the_same() -> None:
    patterns, texts = _patterns(), [plain(text).text for text in _texts()]
    assert sum(one.words is not None for one in patterns) >= 20
    found = 0
    for text in texts:
        words = places(tokens(text))
        for one in patterns:
            spans = [hit.span() for hit in one.finditer(text, words)]
            assert spans == [hit.span() for hit in one.compiled.finditer(text)], one.compiled.pattern[:60]
            found += len(spans)
    assert found > 200


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        (r"(?i)\b(?:I am|i['’]m|née?s?) (\d+)", {"i", "ne", "nes", "nee", "nees"}),
        (r"(?<!no )\b(?i:son|fille) (?:of )?\w+", {"son", "fille"}),
        (r"\b(?:a|b[cd])\b", {"a", "bc", "bd"}),
        (r"\bson", None),  # may go on: `sons`
        (r"\b\w+ said", None),
        (r"son of", None),  # may begin within a word
        (r"\b(?:ab)+ c", None),
        (r"\b(?:(?=x)a|b) c", None),
        (r"\b[^a] c", None),
        (r"", None),
    ],
)
def test_the_words_that_begin_a_match_are_read_from_the_pattern(pattern: str, words: set[str] | None) -> None:
    assert first_words(re.compile(pattern)) == words
