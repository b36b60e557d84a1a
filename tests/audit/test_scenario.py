"""Scenarios: made from tools, read from files, and the arguments that fit a schema."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.filling import fill
from douane.audit.personas import builtin
from douane.audit.placeholders import filled, lacking
from douane.audit.scenario import Abuse, Scenario, default
from douane.audit.scenario_file import parse_scenarios
from douane.audit.yamltext import Errors
from douane.detectors.minors import is_birth_of_minor

SOLENE, HARRIET = builtin()[0], builtin()[2]
SCHEMA = {
    "type": "object",
    "required": ["full_name", "contact_id", "colour", "count", "at", "tags", "who"],
    "properties": {
        "full_name": {"type": "string"},
        "contact_id": {"type": "string"},
        "colour": {"enum": ["red", "blue"]},
        "count": {"type": "integer", "minimum": 3},
        "at": {"type": "string", "format": "date"},
        "tags": {"type": "array", "items": {"type": "string", "maxLength": 4}, "minItems": 2},
        "who": {"$ref": "#/$defs/who"},
        "email": {"anyOf": [{"type": "null"}, {"type": "string"}]},
        "shade": {"type": "string"},
    },
    "$defs": {"who": {"type": "object", "required": ["born"], "properties": {"born": {"title": "Date of birth"}}}},
}


def test_arguments_are_made_of_the_schema_and_of_the_persons_data() -> None:
    assert fill(SCHEMA, SOLENE, {"contact_id": "C-1"}) == {
        "full_name": "Solène Kervadec",
        "contact_id": "C-1",
        "colour": "red",
        "count": 3,
        "at": "2026-12-15",
        "tags": ["réun", "réun"],
        "who": {"born": "1987-04-23"},
        "email": "solene.kervadec@example.org",
    }
    assert "email" not in fill(SCHEMA, HARRIET, optional=False)


def test_a_childs_fields_get_a_childs_data() -> None:
    text = {"type": "string"}
    child = {"properties": {"prenom": text, "date_naissance": text, "allergies": text, "age": {"type": "integer"}}}
    made = fill({"properties": {"enfants": {"items": child}, "prenom": text, "child_dob": text}}, SOLENE)
    assert made == {
        "enfants": [
            {"prenom": "Timéo", "date_naissance": "2018-05-02", "allergies": "allergie aux arachides", "age": 8}
        ],
        "prenom": "Solène",
        "child_dob": "2018-05-02",
    }


def test_everybodys_child_is_a_minor_and_known_by_its_categories() -> None:
    for one in builtin():
        child = one.of_child()
        assert is_birth_of_minor(child.facts["user.demographic.date_of_birth"])
        assert all(taxonomy.category(key) for key in one.child)
        assert child.facts["user.contact.email"] == one.facts["user.contact.email"]


def test_the_people_that_come_with_douane_speak_both_languages_and_have_known_categories() -> None:
    assert {person.lang for person in builtin()} == {"en", "fr"}
    for person in builtin():
        assert [key for key in person.facts if taxonomy.category(key) is None] == []
    values = [value for person in builtin() for value in person.facts.values() if len(value) > 8]
    assert len(values) == len(set(values))


def test_the_default_plays_what_reads_before_what_writes_and_leaves_out_what_destroys() -> None:
    def tool(name: str, **hints: bool) -> tuple[ToolSchema, dict[str, Any]]:
        return ToolSchema(name, {"properties": {"order_id": {"type": "string"}}, "required": ["order_id"]}), hints

    search = (ToolSchema("search", {"properties": {"q": {"type": "string"}}}), {"readOnlyHint": True})
    made = default([tool("write"), tool("wipe", destructiveHint=True), tool("read", readOnlyHint=True), search])
    assert [step.tool for step in made.steps if not step.abuse] == ["search", "read", "write"]
    assert made.left_out == ("wipe",)
    assert {step.tool for step in made.steps if step.abuse is Abuse.OTHER_TENANT} == {"read", "write"}
    assert not any(step.abuse for step in default([search], abuses=False).steps)


def test_what_gives_an_identifier_is_called_before_what_needs_it_even_if_it_writes() -> None:
    needs = {"properties": {"owner_id": {"type": "string"}}, "required": ["owner_id"]}
    tools = [
        (ToolSchema("get_owner", needs), {"readOnlyHint": True}),
        (ToolSchema("move_owner", needs), {}),
        (ToolSchema("register_owner", {"properties": {"name": {"type": "string"}}}), {}),
        (ToolSchema("list_owners", {"properties": {}}), {"readOnlyHint": True}),
    ]
    steps = [step.tool for step in default(tools, abuses=False).steps]
    assert steps == ["list_owners", "register_owner", "get_owner", "move_owner"]


FILE = """
douane_scenarios: 1
eras: [2025-11-25]
personas:
  - id: jo
    facts: {user.contact.email: jo@example.org}
steps:
  - tool: find
    persona: jo
    arguments: {query: "{user.contact.email}"}
    expect: answered
"""


def test_a_file_says_who_calls_what() -> None:
    read = parse_scenarios(FILE, "s.yaml")
    assert isinstance(read, Scenario), read
    assert (read.eras, read.personas[0].locale) == (("2025-11-25",), "en-GB")
    assert read.steps[0].arguments == {"query": "{user.contact.email}"}


BRACES = """
douane_scenarios: 1
steps:
  - tool: find
    persona: solene
    arguments:
      query: "{user.name.last} and {name} {2.5} {config.port}"
      filter: [{text: "of %s"}]
"""


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("{user.name.lastt}", "Did you mean {user.name.last}?"),
        ("{usre.name.last}", "Did you mean {user.name.last}?"),
        ("{user.ethnicity}", "Write a category of `facts:`, or {answer.KEY}."),
    ],
)
def test_what_nobody_can_fill_in_is_refused_with_its_place_and_the_nearest_name(name: str, remedy: str) -> None:
    read = parse_scenarios(BRACES.replace("%s", name), "s.yaml")
    says = f"s.yaml:8:23: steps[0].arguments.filter[0].text: nobody who plays this step has this datum. {remedy}"
    assert isinstance(read, Errors)
    assert str(read) == says


def test_other_text_between_braces_and_answers_to_come_are_taken_as_they_stand() -> None:
    read = parse_scenarios(BRACES.replace("%s", "{answer.contact_id}"), "s.yaml")
    assert isinstance(read, Scenario), read
    arguments = read.steps[0].arguments
    assert lacking(arguments, SOLENE, {}) == ("answer.contact_id",)
    assert filled(arguments, SOLENE, {"contact_id": 7}) == {
        "query": "Kervadec and {name} {2.5} {config.port}",
        "filter": [{"text": "of 7"}],
    }
    assert filled({"id": "{answer.contact_id}"}, SOLENE, {"contact_id": 7}) == {"id": 7}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("persona: jo", "persona: eve"), "s.yaml:9:14: steps[0].persona: nobody has this id. Write one of: jo."),
        (("user.contact.email: jo", "user.contact.emial: jo"), "not a category"),
        (("expect: answered", "expect: maybe"), "s.yaml:11:13: steps[0].expect: must be "),
        (("tool: find", "tol: find"), "Did you mean 'tool'?"),
    ],
)
def test_a_fault_names_line_column_and_remedy_and_repeats_no_value(change: tuple[str, str], says: str) -> None:
    read = parse_scenarios(FILE.replace(*change), "s.yaml")
    assert isinstance(read, Errors)
    assert says in str(read)
    assert "jo@example.org" not in str(read)


@given(st.text(max_size=300))
def test_no_text_makes_reading_scenarios_raise(text: str) -> None:
    parse_scenarios(text, "s.yaml")
    parse_scenarios(f"douane_scenarios: 1\nsteps:\n  - tool: {text}", "s.yaml")


schemas = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "properties", "items", "required", "anyOf", "enum", "default", "minimum", "maxLength"]
            )
            | st.text(max_size=6),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(schemas)
def test_no_schema_makes_filling_raise(schema: Any) -> None:
    fill(schema, SOLENE)
    default([(ToolSchema("t", schema if isinstance(schema, dict) else None), {})])
