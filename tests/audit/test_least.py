"""The least schema: what is used, and nothing else."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from douane.audit.least import CarriedMore, least
from douane.audit.listed import listed

SCHEMA = {
    "type": "object",
    "required": ["query", "phone"],
    "properties": {
        "query": {"type": "string", "description": "What to look for"},
        "phone": {"type": "string"},
        "limit": {"type": "integer"},
        "who": {
            "type": "array",
            "items": {"type": "object", "properties": {"email": {"type": "string"}, "age": {"type": "integer"}}},
        },
        "options": {"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def test_what_was_never_used_goes_and_nothing_else_is_let_in() -> None:
    uses = {"": 30, "/query": 30, "/limit": 30, "/who/*/email": 4, "/labels/colour": 2, "/debug/trace": 1}
    held = {"/query": {"user.health_and_medical": 3}, "/who/*/email": {"user.contact.email": 4}}
    found = least(SCHEMA, uses, held)
    assert (found.calls, found.unused) == (30, ("/phone", "/who/*/age", "/options"))
    assert found.unlisted == (("/debug/trace", 1),)
    assert found.more == (CarriedMore("/query", (), (("user.health_and_medical", 3),)),)
    assert found.always == ("/limit",)
    assert found.schema == {
        "type": "object",
        "required": ["query"],
        "additionalProperties": False,
        "properties": {
            "query": {"type": "string", "description": "What to look for"},
            "limit": {"type": "integer"},
            "who": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"email": {"type": "string"}},
                    "additionalProperties": False,
                },
            },
            "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        },
    }


def test_what_an_exercise_planted_is_no_use_of_the_tool() -> None:
    found = least(SCHEMA, {"": 30, "/query": 30, "/douane_test_fields": 2, "/douane_test_fields/notes": 2}, {})
    assert (found.calls, found.unlisted) == (30, ())


def test_an_animals_field_says_nothing_of_a_persons_health() -> None:
    schema = {"properties": {"symptoms": {"type": "string"}}}
    (more,) = least(schema, {"": 3, "/symptoms": 3}, {"/symptoms": {"user.contact.email": 1}}, ("book_vet",)).more
    assert more.says == ()
    (more,) = least(schema, {"": 3, "/symptoms": 3}, {"/symptoms": {"user.contact.email": 1}}).more
    assert more.says == ("user.health_and_medical",)


def test_of_hidden_names_neither_use_nor_listing_is_told_and_they_stay() -> None:
    schema = {
        "type": "object",
        "properties": {"query": {}, "{key}": {"type": "string"}, "{key2}": {"properties": {"age": {}}}, "phone": {}},
    }
    found = least(schema, {"": 30, "/query": 30, "/{key}": 7, "/éàü": 2, "/debug": 1}, {"/{key}": {"user.name": 7}})
    assert (found.unused, found.unlisted, found.more, found.always) == (("/phone",), (("/debug", 1),), (), ("/query",))
    assert found.untold == ("/{key}", "/{key2}")
    assert found.untold_used == (("/{key}", 7), ("/éàü", 2))
    kept = {name: one for name, one in schema["properties"].items() if name != "phone"}
    assert found.schema == {"type": "object", "properties": kept}


def test_a_listed_name_that_may_have_been_used_under_a_hidden_one_is_not_called_unused() -> None:
    schema = {"type": "object", "properties": {"zustelldatum": {}, "limit": {}}}
    found = least(schema, {"": 30, "/{key}": 30})
    assert (found.unused, found.untold, found.untold_used) == (("/limit",), ("/zustelldatum",), (("/{key}", 30),))
    assert found.schema == {"type": "object", "properties": {"zustelldatum": {}}}
    told = least(schema, {"": 30, "/{key}": 9, "/zustelldatum": 21})
    assert (told.unused, told.untold, told.untold_used) == (("/limit",), (), (("/{key}", 9),))


def test_of_a_tool_that_was_never_called_nothing_is_said() -> None:
    found = least(SCHEMA, {})
    assert (found.calls, found.unused, found.schema) == (0, (), None)


schemas = st.recursive(
    st.none() | st.booleans() | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["properties", "items", "additionalProperties", "required", "type", "a", "b", "$ref"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.sampled_from(["properties", "items", "required", "a"]), schemas, max_size=3), st.data())
def test_the_least_schema_lists_every_used_place_that_the_schema_lists_and_no_other(
    schema: dict[str, Any], data: Any
) -> None:
    leaves = [one.pointer for one in listed(schema) if one.leaf]
    used = data.draw(st.lists(st.sampled_from(leaves), unique=True)) if leaves else []
    found = least(schema, {"": 3, **dict.fromkeys(used, 1)})
    assert found.schema is not None
    assert {one.pointer for one in listed(found.schema)} >= set(used)
    assert {one.pointer for one in listed(found.schema)} <= {one.pointer for one in listed(schema)}
