"""What Unicode can hide is found all the same, at the very characters that crossed."""

import itertools
import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.detectors.plain import is_plain, plain
from douane.detectors.registry import detect, load_all

RULES = load_all(presidio=False)

MAIL, PHONE = "user.contact.email", "user.contact.phone_number"
NARROW = "06\u202f39\u202f98\u202f12\u202f34"
HIDDEN: dict[str, tuple[str, str, str]] = {
    "full-width letters": ("ｊａｎｅ．ｄｏｅ＠ｅｘａｍｐｌｅ．ｏｒｇ", MAIL, ""),
    "zero-width spaces": ("mail jane.doe@exam\u200bple.org now", MAIL, "jane.doe@exam\u200bple.org"),
    "soft hyphens": ("jane.doe@ex\u00adample.org", MAIL, ""),
    "letters of another alphabet": ("j\u0430ne.doe@ex\u0430mple.org", MAIL, ""),
    "right to left marks": ("\u202ejane.doe@example.org\u202c", MAIL, "jane.doe@example.org"),
    "narrow spaces": (f"appelez le {NARROW}", PHONE, NARROW),
    "no-break spaces": (
        "FR76 3000 6000 0112 3456 7890 189".replace(" ", "\u00a0"),
        "user.financial.bank_account.iban",
        "",
    ),
    "letters spaced out": ("my name is j a n e   d o y l e, hi", "user.name", "j a n e   d o y l e"),
    "figures spaced out": (
        "ma carte vitale est la 2 9 4 0 3 9 9 9 9 9 0 0 1 4 3",
        "user.government_id.national_identification_number.nir",
        "2 9 4 0 3 9 9 9 9 9 0 0 1 4 3",
    ),
    "an account spaced out": (
        "F R 7 6 3 0 0 0 6 0 0 0 0 1 1 2 3 4 5 6 7 8 9 0 1 8 9",
        "user.financial.bank_account.iban",
        "",
    ),
    "letters in two parts": (unicodedata.normalize("NFD", "je suis séropositif"), "user.health_and_medical", ""),
}


@pytest.mark.parametrize(("text", "category", "found"), HIDDEN.values(), ids=HIDDEN.keys())
def test_it_is_found_where_it_stands(opened: Any, text: str, category: str, found: str) -> None:
    seen, context = opened({"message": text})
    findings, _ = detect(seen, context, RULES)
    spans = [text[one.start : one.end] for one in findings if one.category == category]
    assert spans == [found or text]


@given(st.text(alphabet=st.characters() | st.sampled_from("e\u0301\u200b\u00adａ０а \u202e"), max_size=60))
def test_every_character_leads_back_to_its_own(text: str) -> None:
    read = plain(text)
    starts = [read.original(at, at + 1) for at in range(len(read.text))]
    assert all(0 <= start < end <= len(text) for start, end in starts)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(starts))
    assert read.original(0, len(read.text)) == ((starts[0][0], starts[-1][1]) if starts else (0, 0))


@given(st.text(alphabet=st.characters(max_codepoint=126) | st.sampled_from("ab1  ")))
def test_plain_text_stays_as_it_is(text: str) -> None:
    if is_plain(text):
        assert plain(text).text == text
    else:
        assert plain(text).text.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("text", ["A B C", "Vitamins A, B, C, D", "5 4 3 2 1 0", "a b 1 2", "Room B 12 A", "x = a + b"])
def test_a_few_single_characters_are_no_word(text: str) -> None:
    assert plain(text).text == text
