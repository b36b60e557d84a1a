"""What a tool's schema lists, and what crossed without being listed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.context import ToolSchema
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.audit.schema import Property, declared_keys, find_header, find_property, undeclared
from douane.audit.skeleton import skeleton


def call(arguments: Any) -> Message:
    payload = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "t", "arguments": arguments}}
    return message(payload, Direction.TO_APP, Kind.REQUEST)


def answer(result: Any) -> Message:
    return message({"jsonrpc": "2.0", "id": 1, "result": result}, Direction.TO_CHATGPT, Kind.RESULT)


def message(payload: Any, direction: Direction, kind: Kind, method: str | None = "tools/call") -> Message:
    text = json.dumps(payload)
    node = parse(text)
    assert isinstance(node, Node)
    return Message("app", direction, kind, method, "t", 1, node, text)


def found(schema: object, *segments: str) -> Property:
    it = find_property(schema, segments)
    assert it is not None
    return it


OBJECT = {"type": "object", "properties": {"a": {"type": "string", "title": "A"}}}


@pytest.mark.parametrize(
    ("schema", "segments", "expected"),
    [
        (OBJECT, ["a"], Property(("a", "A"))),
        (OBJECT, ["b"], None),
        (OBJECT, [], Property(("",))),
        ({"properties": {"a": True}}, ["a"], Property(("a",))),
        ({"properties": {"a": False}}, ["a"], None),
        ({"properties": {"a": OBJECT}}, ["a", "a"], Property(("a a", "A"))),
        ({"properties": {"a": OBJECT}}, ["a", "b"], None),
        ({"properties": {"a": {"type": "string"}}}, ["a", "b"], None),
        ({"properties": {"a": {"type": "object"}}}, ["a", "b", "c"], Property(("a",), opened=True)),
        ({"properties": {"a": {"type": ["null", "object"]}}}, ["a", "b"], Property(("a",), opened=True)),
        ({"properties": {"a": {}}}, ["a", "b"], Property(("a",), opened=True)),
        ({"properties": {"a": {"type": "array"}}}, ["a", "0"], Property(("a",), opened=True)),
        ({"properties": {"a": {"type": "array"}}}, ["a", "b"], None),
        ({"properties": {"a": {"items": OBJECT, "title": "L"}}}, ["a", "12", "a"], Property(("a a", "A"))),
        (
            {"properties": {"a": {"items": {"format": "email"}, "title": "L"}}},
            ["a", "3"],
            Property(("a", "email", "L")),
        ),
        ({"properties": {"a": {"prefixItems": [OBJECT], "items": False}}}, ["a", "0", "a"], Property(("a a", "A"))),
        ({"properties": {"a": {"prefixItems": [OBJECT], "items": False}}}, ["a", "1"], None),
        ({"properties": {"a": {"items": [OBJECT]}}}, ["a", "0", "a"], Property(("a a", "A"))),
        ({"additionalProperties": {"title": "T"}}, ["x"], Property(("", "T"))),
        ({"additionalProperties": True, "properties": {"a": {}}}, ["x"], None),
        ({"additionalProperties": {}}, ["x"], None),
        ({"patternProperties": {"^x_": {"title": "T"}}}, ["x_1"], Property(("", "T"))),
        ({"patternProperties": {"^x_": {"title": "T"}}}, ["y_1"], None),
        ({"allOf": [OBJECT, {"properties": {"b": {"title": "B"}}}]}, ["b"], Property(("b", "B"))),
        ({"anyOf": [OBJECT, {"properties": {"a": {"title": "Z"}}}]}, ["a"], Property(("a", "A", "Z"))),
        ({"oneOf": [{"type": "null"}, OBJECT]}, ["a"], Property(("a", "A"))),
        ({"if": {}, "then": OBJECT}, ["a"], Property(("a", "A"))),
        ({"dependentSchemas": {"x": OBJECT}}, ["a"], Property(("a", "A"))),
        ({"$ref": "#/$defs/o", "$defs": {"o": OBJECT}}, ["a"], Property(("a", "A"))),
        ({"$ref": "#/definitions/x~1y", "definitions": {"x/y": OBJECT}}, ["a"], Property(("a", "A"))),
        ({"$ref": "#o", "$defs": {"o": {"$anchor": "o", **OBJECT}}}, ["a"], Property(("a", "A"))),
        ({"properties": {"a": {"$ref": "https://example.org/s"}}}, ["a", "b"], Property(("a",), opened=True)),
        ({"properties": {"a": {"$ref": "#"}}}, ["a", "a", "a"], Property(("a a a",))),
        ({"$ref": "#"}, ["a"], None),
        ({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}, ["a"], None),
        (
            {"properties": {"a": {"x-data-categories": ["user.name", 3, "Zoltan"]}}},
            ["a"],
            Property(("a",), frozenset({"user.name"})),
        ),
        ({"type": "object"}, ["a"], None),
        ({}, ["a"], None),
        (True, ["a"], None),
        (None, ["a"], None),
        ("nonsense", ["a"], None),
        ([OBJECT], ["0"], None),
        ({"properties": ["a"], "items": 5, "allOf": {"a": 1}, "type": {"a": 1}}, ["a"], None),
        ({"$ref": 7}, ["a"], None),
        ({"$ref": "https://example.org/s"}, ["a"], Property(("",), opened=True)),
    ],
)
def test_a_property_is_found_where_the_schema_lists_it(
    schema: object, segments: list[str], expected: Property | None
) -> None:
    assert find_property(schema, segments) == expected


@pytest.mark.parametrize(
    ("arguments", "schema", "expected"),
    [
        ({"a": "x"}, OBJECT, []),
        ({"a": "x", "b": "y"}, OBJECT, ["/params/arguments/b"]),
        ({"b": {"c": {"d": 1}}}, OBJECT, ["/params/arguments/b"]),
        ({"b": 1, "c": None}, {**OBJECT, "additionalProperties": True}, ["/params/arguments/b", "/params/arguments/c"]),
        ({"b": 1}, {"type": "object"}, ["/params/arguments/b"]),
        ({"a/b~c": 1}, OBJECT, ["/params/arguments/a~1b~0c"]),
        ({"o": {"a": 1, "z": 1}}, {"properties": {"o": OBJECT}}, ["/params/arguments/o/z"]),
        ({"o": {"a": 1, "z": 1}}, {"properties": {"o": {"type": "object"}}}, []),
        (
            {"l": [{"a": 1}, {"z": 1}, {"z": 2}]},
            {"properties": {"l": {"items": OBJECT}}},
            ["/params/arguments/l/1/z", "/params/arguments/l/2/z"],
        ),
        ({"m": {"k": "v"}}, {"properties": {"m": {"additionalProperties": {"type": "string"}}}}, []),
        ({}, OBJECT, []),
        ([1], OBJECT, ["/params/arguments/0"]),
        ("text", OBJECT, []),
        (None, OBJECT, []),
    ],
)
def test_the_outermost_unlisted_pointers_of_a_call_are_named(arguments: Any, schema: Any, expected: list[str]) -> None:
    assert undeclared(call(arguments), ToolSchema("t", input_schema=schema)) == expected


def test_a_key_that_stands_twice_is_named_once() -> None:
    text = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"arguments":{"b":1,"b":2}}}'
    node = parse(text)
    assert isinstance(node, Node)
    twice = Message("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "t", 1, node, text)
    assert undeclared(twice, ToolSchema("t", input_schema=OBJECT)) == ["/params/arguments/b"]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"structuredContent": {"a": 1, "b": 2}}, ["/result/structuredContent/b"]),
        ({"result": {"structuredContent": {"b": 2}}}, ["/result/result/structuredContent/b"]),
        ({"content": [{"type": "text", "text": "b"}]}, []),
    ],
)
def test_an_answer_is_held_against_the_output_schema(result: Any, expected: list[str]) -> None:
    schema = ToolSchema("t", input_schema={"properties": {"b": {}}}, output_schema=OBJECT)
    assert undeclared(answer(result), schema) == expected


@pytest.mark.parametrize("schema", [None, ToolSchema("t"), ToolSchema("t", output_schema=OBJECT)])
def test_nothing_is_undeclared_where_no_schema_is_known(schema: ToolSchema | None) -> None:
    assert undeclared(call({"b": 1}), schema) == []


def test_only_tool_calls_are_held_against_an_input_schema() -> None:
    payload = {"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {"name": "t", "arguments": {"b": "x"}}}
    prompt = message(payload, Direction.TO_APP, Kind.REQUEST, "prompts/get")
    assert undeclared(prompt, ToolSchema("t", input_schema=OBJECT)) == []


def test_a_header_finds_the_property_that_it_mirrors() -> None:
    schema = {"properties": {"o": {"properties": {"region": {"x-mcp-header": "Region", "title": "R"}}}, "b": {}}}
    assert find_header(schema, "region") == Property(("o region", "R"))
    assert find_header(schema, "other") is None
    assert find_header({"properties": {"a": {"$ref": "#"}}}, "other") is None


def test_every_listed_name_is_a_declared_key() -> None:
    tool = ToolSchema(
        "t",
        input_schema={
            "properties": {"a": {"items": {"properties": {"b": {}}}}},
            "$defs": {"d": {"properties": {"c": 1}}},
        },
        output_schema={"anyOf": [{"properties": {"e": {"additionalProperties": {"properties": {"f": {}}}}}}]},
    )
    assert declared_keys(tool) == {"a", "b", "c", "e", "f"}
    assert declared_keys(None) == frozenset()
    assert declared_keys({"properties": {"a": {"default": {"properties": {"no": 1}}, "enum": [{"no": 1}]}}}) == {"a"}


def test_a_skeleton_keeps_no_text_and_says_what_the_text_said() -> None:
    schema = {
        "type": "object",
        "title": "Booking",
        "required": ["q"],
        "additionalProperties": False,
        "$comment": "Zoltan",
        "properties": {
            "q": {
                "type": "string",
                "format": "email",
                "description": "The guest's phone number",
                "default": "Zoltan",
                "examples": ["Zoltan"],
                "enum": ["Zoltan"],
                "const": "Zoltan",
            },
            "l": {"items": [{"title": "Zoltan"}, True], "prefixItems": [{"type": ["null", "string"]}]},
            "m": {"additionalProperties": {"$ref": "#/$defs/d"}, "propertyNames": {"pattern": "Zoltan"}},
        },
        "$defs": {"d": {"anyOf": [{"type": "string"}, False]}},
    }
    assert skeleton(schema) == {
        "type": "object",
        "required": ["q"],
        "additionalProperties": False,
        "properties": {
            "q": {
                "type": "string",
                "format": "email",
                "x-data-categories": ["user.contact.phone_number"],
                "x-data-categories-from": {"user.contact.phone_number": "words"},
            },
            "l": {"items": [{"$comment": ""}, True], "prefixItems": [{"type": ["null", "string"]}]},
            "m": {"additionalProperties": {"$ref": "#/$defs/d"}, "propertyNames": {"$comment": ""}},
        },
        "$defs": {"d": {"anyOf": [{"type": "string"}, False]}},
    }
    assert skeleton(skeleton(schema)) == skeleton(schema)


@pytest.mark.parametrize(
    "rule",
    ["^(a+)+$", "(a|a)*b", "a?" * 30 + "a" * 30, "(?=a)", "[[a]", "[a&&b]", "(", "a{1000}{1000}", "\\1", "a" * 500],
)
def test_a_costly_or_broken_rule_counts_as_letting_the_key_in(rule: str) -> None:
    # Tried as it stands, a costly one would not end before the test's own deadline.
    assert find_property({"patternProperties": {rule: {}}}, ["a" * 60]) == Property(("",))


@pytest.mark.timeout(60)
def test_a_schema_that_is_wide_and_full_of_references_is_read_in_bounded_time() -> None:
    branches = [{"$ref": f"#/$defs/d{n}"} for n in range(300)]
    schema = {
        "allOf": branches,
        "$defs": {f"d{n}": {"allOf": branches, "properties": {"a": {"$ref": "#"}}} for n in range(300)},
    }
    assert find_property(schema, ["a"] * 30) is not None
    assert find_header(schema, "none") is None


KEYWORDS = [
    *("properties", "patternProperties", "additionalProperties", "items", "prefixItems", "allOf", "anyOf", "oneOf"),
    *("if", "then", "else", "not", "$ref", "$defs", "definitions", "$anchor", "$dynamicRef", "dependentSchemas"),
    *("propertyNames", "contains", "unevaluatedProperties", "type", "title", "description", "format", "required"),
    *("x-mcp-header", "x-data-categories", "a", "b"),
]
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 3),
    st.floats(allow_nan=False),
    st.text(max_size=5),
    st.sampled_from(
        ["#", "#/$defs/a", "#/properties/a", "#/allOf/0", "#a", "https://example.org", "object", "email", "a"]
    ),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.dictionaries(st.one_of(st.sampled_from(KEYWORDS), st.text(max_size=3)), inner, max_size=4),
        st.lists(inner, max_size=3),
    ),
    max_leaves=25,
)
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(), st.text(max_size=3)),
    lambda inner: st.one_of(
        st.dictionaries(st.one_of(st.sampled_from(["a", "b", "0"]), st.text(max_size=3)), inner, max_size=3),
        st.lists(inner, max_size=3),
    ),
    max_leaves=12,
)


@given(SCHEMAS, st.lists(st.one_of(st.sampled_from(["a", "b", "0", "1"]), st.text(max_size=3)), max_size=4), VALUES)
def test_no_schema_makes_reading_it_raise(schema: Any, segments: list[str], value: Any) -> None:
    find_property(schema, segments)
    find_header(schema, "a")
    declared_keys(schema)
    root = schema if isinstance(schema, dict) else {}
    pointers = undeclared(call(value), ToolSchema("t", input_schema=root))
    assert len(pointers) == len(set(pointers))
    assert not any(one.startswith(other + "/") for one in pointers for other in pointers)


@given(SCHEMAS)
def test_a_skeleton_can_be_written_as_json_and_lists_the_same_names(schema: Any) -> None:
    bare = skeleton(schema)
    assert json.loads(json.dumps(bare)) == bare
    assert {key for key in declared_keys(bare) if not key.startswith("{key")} <= declared_keys(schema)


@given(SCHEMAS, st.lists(st.sampled_from(["a", "b", "0", "1"]), max_size=4))
def test_a_skeleton_lists_and_says_what_the_schema_lists_and_says(schema: Any, segments: list[str]) -> None:
    bare, full = find_property(skeleton(schema), segments), find_property(schema, segments)
    if full is not None:
        assert bare is not None
        assert bare.announced() == full.announced()


@given(VALUES)
def test_a_schema_made_of_the_value_itself_leaves_nothing_undeclared(value: Any) -> None:
    assert undeclared(call(value), ToolSchema("t", input_schema=described(value))) == []


def described(value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {"type": "object", "properties": {key: described(one) for key, one in value.items()}}
    if isinstance(value, list):
        return {"type": "array", "prefixItems": [described(one) for one in value]}
    return {}
