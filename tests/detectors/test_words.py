"""Folding: what a table answers at once is what Unicode says."""

import unicodedata

from douane.detectors.words import fold, tokens

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
