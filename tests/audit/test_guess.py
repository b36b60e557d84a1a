"""What a listed field may hold, guessed from the words of its schema."""

from typing import Any

import pytest

from douane.audit.guess import guessed

PRIVATE = "user.content.private"


def categories(properties: dict[str, Any]) -> dict[str, list[str]]:
    found = guessed({"type": "object", "properties": properties})
    return {one.pointer: [guess.category for guess in one.guesses] for one in found}


@pytest.mark.parametrize("outcome", ["success", "ok", "Done"])
def test_a_message_beside_how_the_call_went_is_the_tools(outcome: str) -> None:
    found = categories({outcome: {"type": "boolean"}, "message": {"type": "string"}})
    assert found["/message"] == []


def test_a_message_beside_anything_else_may_be_a_persons() -> None:
    text = {"type": "string"}
    assert categories({"message": text})["/message"] == [PRIVATE]
    assert categories({"message": text, "success": text})["/message"] == [PRIVATE]
    assert categories({"message": text, "urgent": {"type": "boolean"}})["/message"] == [PRIVATE]


def test_what_is_an_animals_is_no_persons() -> None:
    text = {"type": "string"}
    asked = ("species", "symptoms", "diagnosis", "birth_date", "sex", "pet_name", "owner_name", "owner_email")
    found = categories(dict.fromkeys(asked, text) | {"owner": {"properties": {"birth_date": text}}})
    assert {pointer: held for pointer, held in found.items() if held} == {
        "/owner_name": ["user.name"],
        "/owner_email": ["user.contact.email"],
        "/owner/birth_date": ["user.demographic.date_of_birth"],
    }
    said = {"symptoms": {"type": "string", "description": "What the animal suffers from"}}
    assert categories(said) == {"/symptoms": []}
    assert categories({"symptoms": text}) == {"/symptoms": ["user.health_and_medical"]}


def test_the_conditions_of_the_weather_are_nobodys() -> None:
    text = {"type": "string"}
    assert categories({"temperature": text, "conditions": text, "humidity": text})["/conditions"] == []
    found = categories({"temperature": text, "conditions": text, "patient": text})
    assert found["/conditions"] == ["user.health_and_medical.condition"]


@pytest.mark.parametrize(
    ("about", "health"),
    [
        (("book_vet", "Book a visit at the veterinarian's"), False),
        (("prendre_rdv", "Prend un rendez-vous chez le vétérinaire"), False),
        (("book_doctor", "Book a visit"), True),
    ],
)
def test_the_tool_says_whose_symptoms_they_are(about: tuple[str, ...], health: bool) -> None:
    schema = {"properties": {"symptoms": {"type": "string"}, "name": {"type": "string"}}}
    found = {one.pointer: [guess.category for guess in one.guesses] for one in guessed(schema, about=about)}
    assert found == {"/symptoms": ["user.health_and_medical"] if health else [], "/name": ["user.name"]}
    outright = {"properties": {"symptoms": {"x-data-categories": ["user.health_and_medical"]}}}
    assert [one.guesses[0].why for one in guessed(outright, about=about)] == ["outright"]


def test_how_another_object_went_says_nothing_of_a_message() -> None:
    sent = {"type": "object", "properties": {"message": {"type": "string"}}}
    assert categories({"success": {"type": "boolean"}, "sent": sent})["/sent/message"] == [PRIVATE]


CHILDRENS = "user.childrens"


def test_what_stands_in_a_childs_record_is_a_childs() -> None:
    text = {"type": "string"}
    child = {"type": "object", "properties": dict.fromkeys(("prenom", "date_naissance", "allergies", "couleur"), text)}
    found = categories({"enfants": {"type": "array", "items": child}, "prenom": text})
    assert found == {
        "/enfants/*/prenom": [CHILDRENS, "user.name.first"],
        "/enfants/*/date_naissance": [CHILDRENS, "user.demographic.date_of_birth"],
        "/enfants/*/allergies": [CHILDRENS, "user.health_and_medical.condition"],
        "/enfants/*/couleur": [CHILDRENS],
        "/prenom": ["user.name.first"],
    }


def test_the_children_of_a_node_and_a_childs_parents_are_no_child() -> None:
    text = {"type": "string"}
    node = {"type": "object", "properties": {"name": text, "children": {"type": "array"}}}
    assert CHILDRENS not in categories({"children": {"type": "array", "items": node}})["/children/*/name"]
    parent = {"type": "object", "properties": {"email": text}}
    assert categories({"parent_of_child": parent}) == {"/parent_of_child/email": ["user.contact.email"]}


@pytest.mark.parametrize(
    ("key", "says"),
    [("age_min", "Âge conseillé"), ("age", "Recommended age of the toy"), ("max_age", ""), ("age", "Âge légal requis")],
)
def test_an_age_that_bounds_something_is_nobodys(key: str, says: str) -> None:
    assert categories({key: {"type": "integer", "description": says}}) == {f"/{key}": []}


@pytest.mark.parametrize(("key", "says"), [("age", ""), ("age", "Âge de la personne"), ("min_age_of_guest", "")])
def test_an_age_of_somebody_stays_a_persons(key: str, says: str) -> None:
    assert categories({key: {"type": "integer", "description": says}}) == {f"/{key}": ["user.demographic.age_range"]}
