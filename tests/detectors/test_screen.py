"""One scan for many words says the same as looking for each."""

import importlib.util

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.detectors.screen import Screen, _library, lower

GROUPS = {
    "address": ("@",),
    "link": ("://", "www."),
    "key": ("key", "Secret", "api_key"),
    "issuer": ("ghp_", "SK", "sk-"),
    "french": ("clé", "mot de passe"),
    "cased": ("SK", "EAA"),
    "code": ("code",),
}
HAS_LIBRARY = importlib.util.find_spec("ahocorasick_rs") is not None
WORDS = sorted({word for words in GROUPS.values() for word in words})
TEXTS = st.lists(st.sampled_from(WORDS) | st.text(max_size=6) | st.sampled_from(["İ", "K", "\ud800", "sK", "É"])).map(
    "".join
)


def naively(text: str) -> frozenset[str]:
    lowered = lower(text)
    return frozenset(
        name
        for name, words in GROUPS.items()
        if any(word in text if name == "cased" else lower(word) in lowered for word in words)
    )


@given(TEXTS)
def test_pure_python_finds_what_looking_for_each_word_finds(text: str) -> None:
    screen = Screen(GROUPS, exact=["cased"], library=False)
    assert screen.names(screen.scan(text)) == naively(text)


@pytest.mark.skipif(not HAS_LIBRARY, reason="ahocorasick-rs is not installed")
@given(TEXTS)
def test_the_library_finds_the_same(text: str) -> None:
    pure, fast = (Screen(GROUPS, exact=["cased"], library=library) for library in (False, True))
    assert fast.scan(text) == pure.scan(text)


class Overlapping:
    """What stands for the library: it reports words by their number, some of them many times."""

    class MatchKind:
        Standard = "standard"

    class AhoCorasick:
        def __init__(self, words: list[str], *, matchkind: str) -> None:
            self.words = words

        def find_matches_as_indexes(self, text: str, *, overlapping: bool) -> list[tuple[int, int, int]]:
            assert overlapping, "a word inside another would be lost"
            text.encode()
            found = ((at, text.find(word), word) for at, word in enumerate(self.words) if word in text)
            return [(at, start, start + len(word)) for at, start, word in found] * 2


@given(TEXTS)
def test_what_the_library_reports_is_read_right(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("importlib.import_module", lambda name: Overlapping)
        assert _library(["a"]) is not None
        fast = Screen(GROUPS, exact=["cased"])
    assert fast.scan(text) == Screen(GROUPS, exact=["cased"], library=False).scan(text)


@given(st.text())
def test_lower_case_keeps_offsets(text: str) -> None:
    assert len(lower(text)) == len(text)


def test_a_pattern_is_a_group_as_well() -> None:
    screen = Screen({"at": ("@",)}, patterns={"figures": r"\d{4}"})
    assert screen.names(screen.scan("ana@example.org 2026")) == {"at", "figures"}
    assert screen.names(screen.scan("202")) == frozenset()
    assert screen.scan("12345") == screen.mask(["figures"])


def test_an_empty_word_is_refused() -> None:
    with pytest.raises(ValueError, match="'none'"):
        Screen({"none": ("",)})


def test_no_groups_find_nothing() -> None:
    assert Screen({}).scan("anything") == 0
