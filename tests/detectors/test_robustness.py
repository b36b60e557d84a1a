"""No input makes a detector raise or take more than linear time."""

from typing import Any

import pytest
from growth import is_linear
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.message import Direction, Kind
from douane.detectors.base import Detector
from douane.detectors.registry import detect, load_all
from douane.detectors.scene import Scene

RULES = load_all(presidio=False)
CONTEXT = Context("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "tool", None, "fr")
SIZE = 100_000
PIECES = {
    "capitals": "A",
    "figures": "1",
    "spaced-figures": "1 ",
    "dashed-figures": "12-",
    "signs": "@",
    "addresses": "a@a.",
    "mac": "aa:",
    "plus": "+1 ",
    "zeros": "00 ",
    "names": "Aa ",
    "long-names": "A" + "a" * 60 + " ",
    "double-names": "Aa-Bb-",
    "particles": "de la De ",
    "streets": "12 rue de la ",
    "numbered": "1 AAAAAAAAAAAAAAAAAAAAAAAA",
    "postcodes": "rue a a a a a, 7500",
    "dashes": "-",
    "assignments": "api_key=a ",
    "tokens": "eyJ",
    "token-halves": ".eyJ" + "a" * 300,
    "pem": "-----BEGIN PRIVATE KEY-----",
    "credentials": "a://a:",
    "passwords": "password ",
    "passwords-said": "mot de passe aaaaaaa ",
    "ages": "1 ",
    "earnings": "je gagne 1 ",
    "works": "as a aaa ",
    "greetings": "Hi Aa ",
    "kin": "my son Aa ",
    "persons": "i am my ",
    "general": "book pregnant ",
    "mail-heads": "From: a\n",
    "iban": "FR76 ",
    "accents": "é",
    "wide": "\uff21",
    "zero-width": "a\u200b",
    "plates": "AB-123-",
    "bearer": "bearer ",
    "signatures": "&sig=",
    "quotes": "'\"",
    "cards": "4111 ",
}


def field_of(text: str, key: str) -> Field:
    return Field(f"/params/arguments/{key}", text, text, key, ("params", "arguments", key), "", 1)


@pytest.mark.promise("bounded")
@pytest.mark.parametrize("piece", PIECES.values(), ids=PIECES)
def test_time_is_linear(piece: str) -> None:
    small, large = (piece * (size // len(piece)) + "!" for size in (SIZE // 10, SIZE))
    assert is_linear(lambda text: detect([field_of(text, "note")], CONTEXT, RULES), small, large, 10)


@pytest.mark.promise("bounded")
@pytest.mark.parametrize("piece", ["Mr. Vik ", "Jean ", "Nom : Vik "])
def test_time_is_linear_where_thousands_of_people_are_named(piece: str) -> None:
    detectors = load_all()
    detect([field_of(piece * 20, "note")], CONTEXT, detectors)  # the tagger is loaded
    small, large = (piece * (size // len(piece)) + "!" for size in (2_500, 25_000))
    assert is_linear(lambda text: detect([field_of(text, "note")], CONTEXT, detectors), small, large, 10)


@pytest.mark.parametrize("detector", load_all(), ids=lambda one: one.name)
def test_no_detector_minds_odd_values(detector: Detector) -> None:
    odd: list[Any] = [
        "",
        " ",
        "\x00",
        "\ud800",
        "\U0001f600" * 50,
        "a" * 5000,
        -0.0,
        1e308,
        10**400,
        True,
        False,
        "٣٤٥٦٧٨٩٠",
        "²³",
    ]
    keys = [
        "",
        "name",
        "phone",
        "age",
        "iban",
        "ssn",
        "lat",
        "password",
        "email",
        "salary",
        "cvv",
        "{",
        "dob",
        "religion",
        "ip",
    ]
    for key in keys:
        made = [
            Field(f"/{key}", value, "9" * 401 if value == 10**400 else str(value), key, (key,), "", 1) for value in odd
        ]
        list(detector.find(Scene(made, CONTEXT)))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.text(max_size=12), st.text(max_size=60) | st.integers() | st.floats() | st.booleans(), max_size=8
    )
)
def test_findings_lie_within_their_fields(given_fields: dict[str, Any]) -> None:
    made = [
        Field(f"/{at}", value, str(value), key, ("params", "arguments", key), "", 1)
        for at, (key, value) in enumerate(given_fields.items())
    ]
    found, gaps = detect(made, CONTEXT, RULES)
    assert gaps == []
    for one in found:
        assert 0 <= one.start < one.end <= len(one.of.text)


def test_thousands_of_fields_take_linear_time() -> None:
    made = [
        Field(
            f"/params/arguments/list/{at}", f"value {at}", f"value {at}", "list", ("params", "arguments", "list"), "", 1
        )
        for at in range(10_000)
    ]
    assert is_linear(lambda some: detect(some, CONTEXT, RULES), made[:1000], made, 10)


def test_a_name_behind_a_long_text_is_found_by_the_model() -> None:
    text = "Il fait beau dans la ville. " * 1500 + "Ce sera Mehdi ou personne."
    found, gaps = detect([field_of(text, "texte")], CONTEXT)
    assert gaps == []
    assert [(one.category, one.of.text[one.start : one.end]) for one in found] == [("user.name", "Mehdi")]
