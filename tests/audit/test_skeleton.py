"""What is kept of a tool's schema holds nothing that a person could have written into it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.guess import guessed
from douane.audit.history import ToolFacts
from douane.audit.keys import is_name
from douane.audit.rules.reading import asked
from douane.audit.schema import find_property
from douane.audit.skeleton import skeleton

DATA = ["zoltan@example.org", "Zoltan Kovacs, 12 rue des Lilas", "+33639981234", "sk-zoltan-a1b2c3d4e5f6", "zoltán"]


@pytest.mark.parametrize("datum", DATA)
def test_no_keyword_brings_a_datum_into_the_skeleton(datum: str) -> None:
    schema = {
        "type": ["object", datum],
        "format": datum,
        "$id": f"https://{datum}/",
        "$anchor": datum,
        "$ref": f"#/$defs/{datum}",
        "$dynamicRef": f"https://example.org/{datum}",
        "required": [datum],
        "x-mcp-header": datum,
        "properties": {datum: {"type": datum, "$ref": f"#{datum}"}},
        "patternProperties": {datum: {"type": "string"}},
        "dependentSchemas": {datum: {"required": [datum]}},
        "$defs": {datum: {"type": "string"}},
        datum: datum,
    }
    kept = json.dumps(skeleton(schema), ensure_ascii=False)
    assert datum not in kept
    assert "zolt" not in kept.lower()


def test_names_that_may_be_data_are_replaced_alike_wherever_they_stand_and_kept_apart() -> None:
    schema = {
        "required": ["b@example.org", "mail"],
        "properties": {"a@example.org": {"$ref": "#/$defs/b@example.org"}, "mail": {"$ref": "#here"}},
        "$defs": {"b@example.org": {"type": "string"}, "c": {"$anchor": "here", "type": "integer"}},
    }
    kept = {
        "required": ["{key}", "mail"],
        "properties": {"{key2}": {"$ref": "#/$defs/{key}"}, "mail": {"$ref": "#here"}},
        "$defs": {"{key}": {"type": "string"}, "c": {"$anchor": "here", "type": "integer"}},
    }
    assert skeleton(schema) == kept
    assert skeleton(kept) == kept


@pytest.mark.parametrize(
    ("schema", "kept"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"type": "Zoltan"}, {"type": "other"}),
        ({"type": ["null", "Zoltan"]}, {"type": ["null", "other"]}),
        ({"type": 5}, {"$comment": ""}),
        ({"format": "date-time"}, {"format": "date-time"}),
        ({"format": "Zoltan"}, {"$comment": ""}),
        (
            {"format": "phone number"},
            {
                "x-data-categories": ["user.contact.phone_number"],
                "x-data-categories-from": {"user.contact.phone_number": "format"},
            },
        ),
        (
            {"x-data-categories": ["user.name"], "x-data-categories-from": {"user.name": "Zoltan", "Zoltan": "name"}},
            {"x-data-categories": ["user.name"]},
        ),
        ({"$ref": "#"}, {"$ref": "#"}),
        ({"$ref": "https://example.org/zoltan"}, {"$ref": "urn:elsewhere"}),
        ({"$ref": "other.json#/zoltan"}, {"$ref": "urn:elsewhere"}),
        ({"$id": "https://example.org/zoltan"}, {"$id": "urn:elsewhere"}),
        ({"patternProperties": {"^x-": False}}, {"patternProperties": {"^x-": False}}),
        ({"patternProperties": {"^z@": True}}, {"patternProperties": {".{0,1}": True}}),
        ({"required": "zoltan"}, {"$comment": ""}),
    ],
)
def test_only_known_words_stay(schema: Any, kept: Any) -> None:
    assert skeleton(schema) == kept


PASSPORT = "user.government_id.passport_number"


@pytest.mark.parametrize(
    "name",
    [
        "passport@x",
        "passport\U0001f642",
        "passport\u200bx",
        "passport number of the person please write it here",
        "passport: {a: b}",
    ],
)
@pytest.mark.parametrize("inner", [{"type": "string"}, True, {"description": "Her phone number"}])
def test_what_a_hidden_name_announces_stays(name: str, inner: Any) -> None:
    kept = skeleton({"properties": {name: inner, "seats": False}})
    assert isinstance(kept, dict)
    assert list(kept["properties"]) == ["{key}", "seats"]
    assert PASSPORT in kept["properties"]["{key}"]["x-data-categories"]
    assert kept["properties"]["{key}"]["x-data-categories-from"][PASSPORT] == "name"
    assert name not in json.dumps(kept, ensure_ascii=False)
    assert skeleton(kept) == kept
    tool = ToolFacts("find", input_schema=kept)
    assert {one.pointer: one.categories & {PASSPORT} for one in asked(tool)} == {"/{key}": {PASSPORT}, "/seats": set()}


def test_a_guess_from_a_skeleton_is_the_guess_from_the_schema() -> None:
    schema = {
        "properties": {
            "email": {"type": "string", "description": "The phone number of the person"},
            "a": {"type": "string", "description": "Her passport number"},
            "b": {"type": "string", "format": "phone number"},
            "c": {"type": "string", "x-data-categories": ["user.name"], "title": "A passport number"},
            "diagnosis": {"type": "object", "properties": {"d": {"type": "string"}}},
        }
    }
    assert guessed(skeleton(schema)) == guessed(schema)
    assert {one.why for field in guessed(schema) for one in field.guesses} == {"name", "words", "format", "outright"}


def test_a_reference_that_leads_elsewhere_still_does() -> None:
    schema = {"properties": {"a": {"$ref": "https://example.org/zoltan"}}}
    found = find_property(schema, ["a", "b"])
    assert found is not None
    assert found == find_property(skeleton(schema), ["a", "b"])


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("mail", True),
        ("customer_id", True),
        ("line1", True),
        ("$filter", True),
        ("items.0/name:x", True),
        ("getUserByIdOrEmailAddress", True),
        ("sha256OfBase64", True),
        ("X-Request-Id", True),
        ("Date of birth", True),
        ("prénom", True),
        ("0", True),
        ("42", True),
        ("", False),
        ("jean@example.org", False),
        ("Jean Dupont", False),
        ("0639981234", False),
        ("id_0639981234", False),
        ("order-20240115", False),
        ("sk-abcdef", False),
        ("ghp_16C7e42F292c6912E7", False),
        ("eyJhbGciOiJIUzI1NiJ9", False),
        ("a1b2c3d4e5f6", False),
        ("9f86d0-c7d65ab1e2f3a4", False),
        ("dGhpQlXcYzNkVmXlY3JlVA", False),
        ("c0ffee00-1234-4bad", False),
        ("x" * 81, False),
        ("a\n", False),
        ("\ud800", False),
    ],
)
def test_a_name_is_what_an_author_would_call_a_field(name: str, kept: bool) -> None:
    assert is_name(name) is kept


@given(st.recursive(st.text() | st.booleans(), lambda inner: st.dictionaries(
    st.sampled_from(["properties", "patternProperties", "$defs", "required", "$ref", "type", "format", "$id"])
    | st.text(st.characters(codec=None), max_size=6), inner, max_size=4), max_leaves=15))  # fmt: skip
def test_a_skeleton_of_a_skeleton_is_the_skeleton(schema: Any) -> None:
    once = skeleton(schema)
    assert skeleton(once) == once
    json.dumps(once).encode()
