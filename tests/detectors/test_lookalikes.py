"""What only looks like somebody's own is left alone, and what looks nearly the same and is somebody's stays found."""

from typing import Any

import pytest

from douane.audit.taxonomy import is_within
from douane.detectors.blocks import to_its_end
from douane.detectors.registry import detect, load_all
from douane.detectors.secret_codes import door_code

RULES = load_all(presidio=False)


def said(opened: Any, category: str, given: dict[str, Any], *, results: bool = False) -> list[str]:
    """What all detectors find of a category."""
    seen, context = opened(given, results=results)
    findings, gaps = detect(seen, context, RULES)
    assert not gaps
    return [one.of.text[one.start : one.end] for one in findings if is_within(one.category, category)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("use promo code 20240 to open an account", None),
        ("use promo code 20240 to open", None),
        ("I get error code 1603 to open the file", None),
        ("Utilisez le code 10200 pour ouvrir un compte", None),
        ("code 10200 pour entrer en contact", None),
        ("code 10200 to get in touch", None),
        ("the code of the building 2041 rules", None),
        ("building code 2021 applies in the hall", None),
        ("the code of the building is 2041", "2041"),
        ("the code of the building: 2041", "2041"),
        ("building code 4512", "4512"),
        ("the code 4512 to open the door", "4512"),
        ("you need code 4512 to get in.", "4512"),
        ("code 45A12 pour ouvrir", "45A12"),
        ("code 4512 pour ouvrir la porte", "4512"),
        ("code 4512 pour entrer dans l'immeuble", "4512"),
        ("the code to get in is 4512", "4512"),
    ],
)
def test_a_code_is_a_doors_where_words_say_so(text: str, code: str | None) -> None:
    assert {text[hit.start : hit.end] for hit in door_code(text)} == ({code} if code else set())


@pytest.mark.parametrize(
    ("address", "behind", "part"),
    [
        ("12 Baker Street", ", 1500 m from the station", ""),
        ("12 rue des Lilas", ", 1500 m après la gare", ""),
        ("12 Baker Street", ", 482913 is the code you sent me", ""),
        ("12 Baker Street, Leeds", "\n443211 is my order", ""),
        ("12 rue des Lilas", ", 4500 euros", ""),
        ("12 rue des Lilas", ", 4500 EUR", ""),
        ("12 Baker Street", ", 4500 and more people", ""),
        ("12 Baker Street", ", 482913 I was told", ""),
        ("12 rue des Lilas", ", 75011 Paris", ", 75011"),
        ("12 rue des Lilas", ", 75011.", ", 75011"),
        ("12 rue des Lilas", "\n75011\nmerci", "\n75011"),
        ("12 Baker Street, Portland", " 97201 and ring twice", " 97201"),
        ("12 Baker Street, Leeds", " LS1 4AP is mine", " LS1 4AP"),
        ("12 Baker Street", ", flat I rent from my aunt", ""),
        ("12 Baker Street", ", box a few things", ""),
        ("12 Baker Street", ", flat a bit small", ""),
        ("12 Baker Street", ", suite A few steps up", ""),
        ("12 rue des Lilas", ", porte B", ""),
        ("12 rue des Lilas", ", porte 12", ", porte 12"),
        ("12 rue des Lilas", ", Bât B", ", Bât B"),
        ("12 Baker Street", ", flat A, first floor", ", flat A"),
        ("12 Baker Street", ", box 9b today", ", box 9b"),
    ],
)
def test_an_address_ends_where_its_unit_or_postcode_ends(address: str, behind: str, part: str) -> None:
    text = f"I live at {address}{behind}"
    assert text[10 + len(address) : to_its_end(text, 10, 10 + len(address))] == part


@pytest.mark.parametrize(
    ("text", "category", "said_so"),
    [
        ("j'assiste à la messe en la cathédrale", "user.demographic.religious_belief", True),
        ("j'écoute la messe en la majeur", "user.demographic.religious_belief", False),
        ("j'écoute la messe en si mineur de Bach", "user.demographic.religious_belief", False),
        ("I listened to the Mass in C minor", "user.demographic.religious_belief", False),
        ("j'ai ma carte du Parti de Gauche", "user.demographic.political_opinion", True),
    ],
)
def test_a_phrase_that_means_something_else_silences_nothing_but_itself(
    text: str, category: str, said_so: bool, opened: Any
) -> None:
    assert bool(said(opened, category, {"message": text})) is said_so


@pytest.mark.parametrize(
    ("given", "addresses"),
    [
        ({"broadcast_message": "Login from 81.2.69.142 refused"}, ["81.2.69.142"]),
        ({"ip_broadcast_log": "Login from 81.2.69.142 refused"}, ["81.2.69.142"]),
        ({"mask_reason": "client ip 81.2.69.142 was hidden"}, ["81.2.69.142"]),
        ({"broadcast_client": "81.2.69.142"}, ["81.2.69.142"]),
        ({"ip_broadcast": "81.2.69.255"}, []),
        ({"broadcast": "81.2.69.255"}, []),
        ({"ip_mask": "128.0.0.0"}, []),
        ({"mask_of_client": "128.0.0.0"}, []),
    ],
)
def test_a_masks_key_hides_whole_addresses_of_a_network_only(
    given: dict[str, Any], addresses: list[str], opened: Any
) -> None:
    assert said(opened, "user.device.ip_address", given) == addresses


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("Mon IBAN: ES91 2100 0418 4502 0005 1332 06 39 98 64 20 mon mobile", ["06 39 98 64 20"]),
        ("dossier AB12 3456 06 39 98 64 20", ["06 39 98 64 20"]),
        ("Mon IBAN: FR14 2004 1010 0505 0001 3M02 606 puis 06 39 98 64 20", ["06 39 98 64 20"]),
        ("Mon IBAN: FR14 2004 1010 06 39 98 64 20 3M02 606", []),
    ],
)
def test_a_number_is_part_of_an_iban_up_to_its_countrys_length(text: str, numbers: list[str], opened: Any) -> None:
    assert said(opened, "user.contact.phone_number", {"message": text}) == numbers


@pytest.mark.parametrize(
    ("given", "results", "names"),
    [
        ({"acteurs": [{"nom": "Claire Dupont"}]}, False, ["Claire Dupont"]),
        ({"actors": ["Claire Dupont"]}, False, ["Claire Dupont"]),
        ({"performers": [{"name": "Claire Dupont"}]}, False, ["Claire Dupont"]),
        ({"film": {"acteurs": [{"nom": "Claire Dupont"}]}}, False, []),
        ({"casting": [{"name": "Claire Dupont"}]}, False, []),
        ({"title": "The Long Winter", "year": 1998, "actors": ["Claire Dupont"]}, True, []),
        ({"acteurs": [{"nom": "Claire Dupont"}]}, True, []),
    ],
)
def test_actors_are_a_films_in_an_answer_and_persons_in_a_request(
    given: dict[str, Any], results: bool, names: list[str], opened: Any
) -> None:
    assert said(opened, "user.name", given, results=results) == names


@pytest.mark.parametrize(
    ("text", "ages"),
    [
        ("Most kids can read by the age of 7.", []),
        ("The firm's founder retired at the age of 64.", []),
        ("The second dose must be given by the age of 12.", []),
        ("I called them. The founder retired at the age of 64.", []),
        ("she had it removed at the age of 42.", ["42"]),
        ("My mother retired at the age of 64.", ["64"]),
        ("Claire Dupont retired at the age of 64.", ["64"]),
    ],
)
def test_an_age_that_somebody_reached_is_an_age(text: str, ages: list[str], opened: Any) -> None:
    assert said(opened, "user.demographic.age_range", {"message": text}) == ages
