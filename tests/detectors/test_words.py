"""Folding and splitting: what a table answers at once is what Unicode says."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from douane.detectors.words import fold, split, tokens, vocabulary

LIGATURES = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d"}


def _defined(text: str) -> str:
    plain = "".join({**LIGATURES, "ı": "i"}.get(char, char) for char in text)
    return "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char)).lower()


def test_every_letter_is_folded_as_defined() -> None:
    for code in (*range(0x3000), 0xFB01, 0xFF21, 0x1D400):
        for text in (chr(code), f"É{chr(code)}ù", f"a{chr(code)}"):
            assert fold(text) == _defined(text), hex(code)


def test_a_word_alone_is_one_token_like_any_other() -> None:
    assert tokens("Bonjour") == (("bonjour", 0, 7),)
    assert tokens("Bonjour !") == (("bonjour", 0, 7),)
    assert tokens("") == ()


def test_every_character_of_latin_1_parts_words_or_does_not_as_in_a_pattern() -> None:
    for code in range(0x180):
        text = f"a{chr(code)}b {chr(code)}"
        assert split(text) == re.findall(r"[^\W_]+", text), hex(code)


@given(st.text(st.characters(exclude_categories=()) | st.sampled_from("abé_ -'’.@œ²\u00a0\u2028\x1f")))
def test_a_text_is_split_into_its_runs_of_letters_and_figures(text: str) -> None:
    assert split(text) == re.findall(r"[^\W_]+", text)


@given(st.text(st.characters() | st.sampled_from("aBé_ -'’.@İœ")))
def test_the_vocabulary_is_the_words_of_the_tokens(text: str) -> None:
    assert vocabulary(text) == {token.word for token in tokens(text)}
