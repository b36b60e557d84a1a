"""A snapshot pins what was approved; what differs is told by name, place and hint."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.approved import Approved, Difference, Live, differences, parse_approved, pinned, written
from douane.audit.context import ToolSchema
from douane.audit.history import Observation, Seen
from douane.audit.yamltext import Errors
from douane.ledger.fingerprint import sha256

SCHEMA = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string", "description": "Ring Jo on 0612345678"}, "age": {"type": "integer"}},
}


def live(schema: dict[str, Any], name: str = "book", sha: str = "a" * 64, **hints: bool) -> Live:
    return Live(ToolSchema(name, schema, description_sha256="d" * 64), hints, sha)


APPROVED = pinned("crm", [live(SCHEMA, readOnlyHint=True), live({}, "gone")], on="2026-11-01", by="Ann")


def test_a_snapshot_is_written_read_and_compared_without_a_difference() -> None:
    text = written(APPROVED)
    assert parse_approved(text, "a.json") == APPROVED
    assert "0612345678" not in text
    assert differences(APPROVED, [live(SCHEMA, readOnlyHint=True), live({}, "gone")]) == ()


@pytest.mark.parametrize(
    ("tools", "found"),
    [
        ([live(SCHEMA, readOnlyHint=True)], [Difference("tools", "- gone")]),
        (
            [live(SCHEMA, readOnlyHint=True), live({}, "gone"), live({}, "jo@example.org")],
            [Difference("tools", "+ {key}")],
        ),
        (
            [
                live(
                    {"type": "object", "properties": {"name": {"type": "string"}, "passport": {"type": "string"}}},
                    sha="b" * 64,
                ),
                live({}, "gone"),
            ],
            [
                Difference("inputSchema", "- /age", "book"),
                Difference("inputSchema", "~ /name string! → string", "book"),
                Difference("inputSchema", "+ /passport", "book"),
                Difference("annotations", "~ readOnlyHint true → unset", "book"),
            ],
        ),
        (
            [live({**SCHEMA, "description": "x"}, sha="b" * 64, readOnlyHint=True), live({}, "gone")],
            [Difference("inputSchema", "~ sha256 aaaaaaaa → bbbbbbbb", "book")],
        ),
    ],
)
def test_each_difference_is_told(tools: list[Live], found: list[Difference]) -> None:
    assert list(differences(APPROVED, tools)) == found


def test_what_a_schema_lets_in_besides_and_words_that_changed_are_told_from_and_to() -> None:
    looser = {**SCHEMA, "additionalProperties": True}
    now = Live(ToolSchema("book", looser, description_sha256="e" * 64), {"readOnlyHint": True}, "b" * 64)
    told = [
        Difference("description", "~ sha256 dddddddd → eeeeeeee", "book"),
        Difference("inputSchema", "~ / additionalProperties unset → true", "book"),
    ]
    assert list(differences(APPROVED, [now, live({}, "gone")])) == told
    earlier = APPROVED.model_copy(
        update={"tools": {"book": APPROVED.tools["book"].model_copy(update={"input_rest": None})}}
    )
    assert list(differences(earlier, [now])) == [
        told[0],
        Difference("inputSchema", "~ sha256 aaaaaaaa → bbbbbbbb", "book"),
    ]


@pytest.mark.parametrize(
    ("before", "after", "how"),
    [
        (
            {"anyOf": [{"type": "string"}, {"type": "null"}]},
            {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            ["~ /x string|null! → string|integer!"],
        ),
        ({"$ref": "#/$defs/text"}, {"$ref": "#/$defs/mail"}, ["~ /x string! → string(email)!"]),
        ({"oneOf": [{"$ref": "#/$defs/text"}]}, {"oneOf": [{"$ref": "#/$defs/open"}]}, ["~ /x string! → object!",
            "+ /x/a", "~ /x additionalProperties unset → true"]),
        ({"$ref": "#/$defs/closed"}, {"$ref": "#/$defs/open"}, ["~ /x additionalProperties false → true"]),
    ],
)  # fmt: skip
def test_a_difference_behind_alternatives_and_references_is_told(
    before: dict[str, Any], after: dict[str, Any], how: list[str]
) -> None:
    def of(schema: dict[str, Any]) -> Live:
        defs = {
            "text": {"type": "string"},
            "mail": {"type": "string", "format": "email"},
            "open": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": True},
            "closed": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": False},
        }
        whole = {"properties": {"x": schema}, "required": ["x"], "$defs": defs}
        return live(whole, sha=sha256(whole))

    approved = pinned("crm", [of(before)])
    assert [one.how for one in differences(approved, [of(after)])] == how
    assert differences(approved, [of(before)]) == ()


def test_hosts_of_widgets_are_pinned_as_well() -> None:
    seen = [Observation(Seen.CSP_CONNECT, "api.example", "ui://a"), Observation(Seen.RETURNED_URL, "x.example")]
    approved = pinned("crm", [], seen)
    assert approved.widgets == {"ui://a": ("connect api.example",)}
    moved = [Observation(Seen.CSP_CONNECT, "evil.example", "ui://a")]
    assert differences(approved, [], moved) == (
        Difference("csp", "+ connect evil.example (ui://a)"),
        Difference("csp", "- connect api.example (ui://a)"),
    )
    assert differences(approved, [], moved, whole=False) == (Difference("csp", "+ connect evil.example (ui://a)"),)


def test_a_fault_in_a_snapshot_names_line_and_key_and_repeats_no_value() -> None:
    read = parse_approved('{"douane_approved": 1,\n "app": "crm", "tols": {"a": "secret value"}}', "a.json")
    assert isinstance(read, Errors)
    assert "a.json:2:" in str(read)
    assert "secret" not in str(read)


@given(st.text(max_size=200))
def test_no_text_makes_reading_a_snapshot_raise(text: str) -> None:
    parse_approved(text, "a.json")


json = st.recursive(
    st.none() | st.booleans() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["properties", "items", "type", "required"]) | st.text(max_size=9), inner, max_size=3
        )
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=8), json, max_size=4), st.text(max_size=20))
def test_every_snapshot_of_a_tool_can_be_read_again_and_holds_itself(schema: dict[str, Any], name: str) -> None:
    one = live({"properties": schema}, name)
    approved = pinned("crm", [one])
    assert differences(approved, [one]) == ()
    read = parse_approved(written(approved), "a.json")
    assert isinstance(read, Approved), read
    assert differences(read, [one]) == ()
