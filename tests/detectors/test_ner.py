"""The name tagger finds names in short values and prose, takes any string, and stays within its bounds."""

import unicodedata
from itertools import pairwise

import pytest
from growth import is_linear
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from douane.detectors.ner import Entity, Tagger


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return Tagger()


def people(tagger: Tagger, text: str) -> list[str]:
    return [text[one.start : one.end] for one in tagger.tag([text])[0] if one.label == "PERSON"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Anouk Kermarrec", ["Anouk Kermarrec"]),
        ("call Tomas Horvat back on Monday", ["Tomas Horvat"]),
        ("réserve une table pour Mme Delcourt et son fils Titouan", ["Delcourt", "Titouan"]),
        ("Dear Dr. Okonkwo,\nthe results of Fatoumata are in.", ["Okonkwo", "Fatoumata"]),
        ("Priya's passport and Jean-Yves' ticket", ["Priya", "Jean-Yves"]),
        ("passager : NGUYEN Linh", ["NGUYEN Linh"]),
        ("je m'appelle ousmane traoré et j'habite lyon", ["ousmane traoré"]),
        ("LIVRER À MARGUERITE SALAÜN", ["MARGUERITE SALAÜN"]),
    ],
)
def test_it_finds_the_names_of_people(tagger: Tagger, text: str, expected: list[str]) -> None:
    assert people(tagger, text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Deluxe room with sea view",
        "12 rue Victor Hugo",
        "Hôpital Georges Pompidou",
        "Stade Roland-Garros",
        "Margherita pizza and a Caesar salad",
        "ORD-20931",
        "write to claire.fontaine@example.org",
        "confirmed",
        "",
    ],
)
def test_it_calls_no_thing_a_person(tagger: Tagger, text: str) -> None:
    assert people(tagger, text) == []


def test_places_and_organisations_have_their_own_labels(tagger: Tagger) -> None:
    text = "She works for Microsoft in Toulouse."
    assert [(text[one.start : one.end], one.label) for one in tagger.tag([text])[0]] == [
        ("Microsoft", "ORGANIZATION"),
        ("Toulouse", "LOCATION"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "\ud800 Anna \udfff",
        "\u200b\u200d\ufeff",
        "\x00" * 50,
        "a" * 5000,
        "é" * 300 + "\u0301" * 300,
        "🙂" * 200,
        "李" * 300,
    ],
)
def test_it_takes_any_string(tagger: Tagger, text: str) -> None:
    for one in tagger.tag([text])[0]:
        assert 0 <= one.start < one.end <= len(text)
        assert 0 <= one.score <= 1


def test_offsets_are_those_of_the_text_as_given(tagger: Tagger) -> None:
    text = unicodedata.normalize("NFD", "Bonjour Mme Lefèvre, votre fils Léo est arrivé.")
    assert people(tagger, text) == [unicodedata.normalize("NFD", "Lefèvre"), unicodedata.normalize("NFD", "Léo")]


def test_a_text_gives_the_same_names_alone_and_in_a_batch(tagger: Tagger) -> None:
    texts = ["Ioana Popescu", "Chambre double", "call Kwame about the invoice", ""] * 10
    spans = [[(one.start, one.end, one.label) for one in found] for found in tagger.tag(texts)]
    assert spans == [[(one.start, one.end, one.label) for one in tagger.tag([text])[0]] for text in texts]


def test_a_name_at_any_place_of_a_long_text_is_found_once(tagger: Tagger) -> None:
    filler = "the invoice is paid and nothing else is open "
    text = "".join(f"{filler * 3}but Svetlana Morozova called " for _ in range(40))
    found = [one for one in tagger.tag([text])[0] if one.label == "PERSON"]
    assert len(found) >= 38
    assert all(before.end <= after.start for before, after in pairwise(found))


@pytest.mark.parametrize("end", [" {at}. ", ". "], ids=["other sentences", "one sentence again and again"])
def test_time_grows_with_the_text_and_no_faster(tagger: Tagger, end: str) -> None:
    short, long = (
        ["".join("Ms Adeyemi met Paul Girard in Nantes to sign contract" + end.format(at=at) for at in range(times))]
        for times in (60, 600)
    )
    assert is_linear(tagger.tag, short, long, 10)


def test_a_sentence_that_comes_again_has_its_names_each_time(tagger: Tagger) -> None:
    sentence = "Please give the keys to Svetlana Morozova before noon."
    text = f"{sentence} The tall house is quiet today. {sentence}\n{sentence}"
    found = [text[one.start : one.end] for one in tagger.tag([text])[0] if one.label == "PERSON"]
    assert found == ["Svetlana Morozova"] * 3


def test_only_sentences_with_one_of_the_places_are_read(tagger: Tagger) -> None:
    first, second = "Please give the keys to Svetlana Morozova.", " Then Kwame Mensah will bring them back to us."
    text = first + second
    for places, names in (
        ([24], ["Svetlana Morozova"]),
        ([len(first) + 6], ["Kwame Mensah"]),
        ([24, len(first) + 6], ["Svetlana Morozova", "Kwame Mensah"]),
        ([], []),
    ):
        found = tagger.tag([text], people=True, places=[places])[0]
        assert [text[one.start : one.end] for one in found if one.label == "PERSON"] == names


def test_a_sentence_with_a_place_that_is_sure_is_read_in_any_case(tagger: Tagger) -> None:
    text = "we heard that Wojciechowska left the keys at the desk"

    def read(*sure: int) -> list[str]:
        found = tagger.tag([text], people=True, places=[range(len(text))], sure=[sure])[0]
        return [text[one.start : one.end] for one in found if one.label == "PERSON"]

    assert read() == []
    assert read(14) == ["Wojciechowska"]


@given(st.lists(st.text(max_size=60), max_size=4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_names_lie_in_their_text_in_order_and_apart(tagger: Tagger, texts: list[str]) -> None:
    for text, found in zip(texts, tagger.tag(texts), strict=True):
        ends = [0, *(one.end for one in found)]
        assert all(end <= one.start < one.end <= len(text) for end, one in zip(ends, found, strict=False))


def test_an_entity_is_a_value() -> None:
    assert Entity(0, 4, "PERSON", 0.9) == Entity(0, 4, "PERSON", 0.9)
