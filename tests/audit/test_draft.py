"""A draft writes what is known, says what is guessed, leaves open what is not known."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from douane.audit.context import ToolSchema
from douane.audit.declaration_file import Errors, parse_declaration
from douane.audit.draft import DraftTool, Source, draft
from douane.audit.guess import Guess, guessed
from douane.audit.history import Observation, Seen
from douane.audit.listed import listed

SCHEMA = {
    "type": "object",
    "required": ["who"],
    "properties": {
        "who": {
            "type": "array",
            "items": {"$ref": "#/$defs/person"},
        },
        "note": {"type": "string"},
        "c": {"type": "string", "x-data-categories": ["user.health_and_medical"]},
    },
    "$defs": {
        "person": {
            "type": "object",
            "required": ["email"],
            "properties": {
                "email": {"type": "string", "description": "E-mail address"},
                "twin": {"$ref": "#/$defs/person"},
                "x": {"type": "string", "format": "email"},
            },
        }
    },
}


def source(*tools: DraftTool, observed: tuple[Observation, ...] = (), title: str = "") -> Source:
    return Source("crm", title, "http://127.0.0.1:3000", "2026-11-02", tools, observed)


def test_every_leaf_of_a_schema_is_listed_once_through_references_and_cycles() -> None:
    assert [(one.pointer, one.required) for one in listed(SCHEMA) if one.leaf] == [
        ("/who/*/email", True),
        ("/who/*/twin", False),
        ("/who/*/x", False),
        ("/note", False),
        ("/c", False),
    ]


def test_a_guess_has_a_confidence_and_says_what_it_rests_on() -> None:
    found = {one.pointer: one.guesses for one in guessed(SCHEMA, {"/note": {"user.contact.email": 3}})}
    assert found == {
        "/who/*/email": (Guess("user.contact.email", 0.8, "name"),),
        "/who/*/twin": (),
        "/who/*/x": (Guess("user.contact.email", 0.9, "format"),),
        "/note": (Guess("user.contact.email", 0.85, "seen", 3),),
        "/c": (Guess("user.health_and_medical", 0.95, "outright"),),
    }


def test_what_was_seen_at_a_place_that_no_schema_lists_is_in_the_draft() -> None:
    tool = DraftTool(ToolSchema("t", {}), seen_to_app={"/hidden": {"user.financial.bank_account": 2}})
    text = draft(source(tool))
    assert 'fields:\n      "/hidden":' in text
    assert "though the schema does not list it" in text


def test_a_draft_proposes_no_host_that_is_everyones() -> None:
    seen = (Observation(Seen.CSP_CONNECT, "*", "ui://a"), Observation(Seen.CSP_CONNECT, "m.example", "ui://a"))
    text = draft(source(DraftTool(ToolSchema("find", SCHEMA)), observed=seen))
    assert text.count("#    hosts: [") == 1
    assert "m.example" in text.partition("#    hosts: [")[2].splitlines()[0]


def test_a_draft_is_readable_and_invents_no_fact_that_a_person_must_give() -> None:
    hosts = (Observation(Seen.CSP_CONNECT, "metrics.example", "ui://a"), Observation(Seen.FILE_DOWNLOAD, "x.example"))
    for lang in ("en", "fr"):
        text = draft(source(DraftTool(ToolSchema("find", SCHEMA)), observed=hosts, title="Le CRM"), lang=lang)
        read = parse_declaration(text, "draft.yaml")
        assert not isinstance(read, Errors), read
        assert (read.app, read.title) == ("crm", "Le CRM")
        assert read.to_app == ("user.contact.email", "user.health_and_medical")
        assert read.recipients == ()
        assert read.publisher.name == read.organisation.party.name == ""
        assert [one.legal_basis for one in read.purposes] == [""]
        assert "metrics.example" in text
        assert "x.example" not in text
        assert "special_category_legal_basis:  # TO FILL" in text
        tool = read.tool("find")
        assert tool is not None
        assert {one.pointer: one.categories for one in tool.fields}["/who/*/email"] == ("user.contact.email",)


words = st.text(max_size=12) | st.sampled_from(["email", "name", "a/b", "~", "*", "#", "- x", "a: b", '"', "é\u2028"])
schemas = st.recursive(
    st.none() | st.booleans() | words,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "required",
                    "$ref",
                    "allOf",
                    "description",
                    "format",
                    "additionalProperties",
                ]
            )
            | words,
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(schemas, schemas, words, words)
def test_no_tool_makes_a_draft_that_cannot_be_read(into: Any, out: Any, name: str, title: str) -> None:
    tool = ToolSchema(
        name or "t", into if isinstance(into, dict) else {"properties": {name: into}}, {"properties": {title: out}}
    )
    text = draft(source(DraftTool(tool), title=title))
    read = parse_declaration(text, "draft.yaml")
    assert not isinstance(read, Errors), (read, text)


def test_a_schema_that_refers_to_itself_without_end_is_listed_in_bounded_time() -> None:
    loop: dict[str, Any] = {"properties": {f"p{n}": {"$ref": "#"} for n in range(40)}}
    assert len(listed(loop)) == 40
