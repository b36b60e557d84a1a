"""Numbers of common forms are read without the library's rules for all others; what is read is the same."""

import random

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from douane.detectors.phone_forms import Valid, parse, plainly

REGIONS = (None, "FR", "GB", "US", "DE")


def _by_library(number: str, region: str | None) -> Valid | None:
    try:
        found = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(found)
    return None if kind == PhoneNumberType.UNKNOWN else Valid(found, kind)


def _spread(number: str, chance: random.Random) -> str:
    """The number with signs between some of its figures."""
    inner = "".join(char + (chance.choice(" .-\u00a0") if chance.random() < 0.3 else "") for char in number[1:-1])
    return number[0] + inner + number[-1]


def _written(chance: random.Random, examples: list[PhoneNumber]) -> str:
    """A valid number, nearly one, or any figures behind a country's code or a 0."""
    kind = chance.randrange(4)
    if kind < 2:
        form = PhoneNumberFormat.NATIONAL if kind else PhoneNumberFormat.E164
        number = phonenumbers.format_number(chance.choice(examples), form)
        return number if chance.random() < 0.5 else number[:-1] + chance.choice("0123456789")
    before = "0" if kind == 2 else f"+{chance.choice(list(phonenumbers.COUNTRY_CODE_TO_REGION_CODE))}"
    return before + "".join(chance.choices("0123456789", k=chance.randrange(4, 14)))


def test_a_number_that_is_read_plainly_is_the_one_that_the_library_reads() -> None:
    chance = random.Random(2026)
    kinds = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE, PhoneNumberType.TOLL_FREE)
    found = [phonenumbers.example_number_for_type(region, kind) for region in ("FR", "GB") for kind in kinds] + [
        phonenumbers.example_number(region) for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    ]
    examples = [one for one in found if one is not None]
    plain = valid = 0
    for _ in range(4_000):
        number, region = _written(chance, examples), chance.choice(REGIONS)
        for text in (number, _spread(number, chance)):
            plain += plainly(text, region) is not None
            read = parse(text, region)
            valid += read is not None
            assert read == _by_library(text, region), (text, region)
    assert plain > 2_000
    assert valid > 1_000


@pytest.mark.parametrize(
    ("number", "region"),
    [
        ("+33 (0)6 39 98 44 10", None),  # dialled at home with its 0
        ("+3906 1234 5678", None),  # Italy keeps it
        ("+1 202 555 0188", None),  # a 1 may stand before it at home
        ("00 33 6 39 98 44 10", "FR"),
        ("06 39 98 44 10 ext 9", "FR"),
        ("06 39 98 44 10", "DE"),
        ("+999 1234567", None),
    ],
)
def test_what_may_be_read_in_another_way_is_left_to_the_library(number: str, region: str | None) -> None:
    assert plainly(number, region) is None
