"""What is asked first, to spare most values a closer look, never hides what the closer look would find."""

import random

import phonenumbers
import pytest

from bench.detection.messages import DATA, load
from douane.detectors import pay
from douane.detectors.lexicon import may_hold, terms
from douane.detectors.morphology import is_medical
from douane.detectors.phone_forms import is_none_of
from douane.detectors.scene import Scene
from douane.detectors.words import tokens, vocabulary

TEXTS = (
    "",
    "Lyon",
    "naïve café, l'été à Évry",
    "İstanbul and ΑΘΗΝΑ",
    "O'Neil a pris du Doliprane 500 mg",
    "snake_case v2",
    "ﬁn de série",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_vocabulary_is_the_words_of_the_tokens(text: str) -> None:
    assert vocabulary(text) == {token.word for token in tokens(text)}


def test_texts_with_a_term_or_pay_are_looked_at() -> None:
    held = paid = 0
    for message in load(DATA / "mcp-a.jsonl"):
        for one in Scene(message.fields, message.context).prose:
            held += bool(terms(one.tokens))
            assert may_hold(one.vocabulary) or not terms(one.tokens)
            found = list(pay.incomes(one.text, one.tokens))
            paid += bool(found)
            assert pay.says_pay(one.vocabulary) or not found
    assert held > 50
    assert paid > 2


@pytest.mark.parametrize("word", ["appendicectomie", "mammoplasties", "amoxicilline", "rosuvastatines"])
def test_words_of_medicine_are_told_by_their_ends_in_the_plural_too(word: str) -> None:
    assert is_medical(word)


@pytest.mark.parametrize("region", ["US", "FR"])
def test_figures_that_are_no_number_of_a_country_at_a_glance_are_none_by_its_rules(region: str) -> None:
    chance = random.Random(20261122)
    skipped = 0
    for _ in range(3000):
        digits = chance.choice(["", "0", "00", "011", "33", "1", "06"]) + "".join(
            chance.choices("0123456789", k=chance.randrange(6, 14))
        )
        if not is_none_of(digits, region):
            continue
        skipped += 1
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        assert not phonenumbers.is_valid_number(number), (region, len(digits))
    assert skipped > 100
