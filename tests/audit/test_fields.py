"""Every datum is a field, however it is wrapped."""

import base64
import json
from urllib.parse import quote

import pytest
from opened import call, message_of, seen

from douane.audit.fields import Field, fields
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, HttpPart, Kind, Message

# --- what is a field ---


def test_strings_numbers_and_booleans_are_fields_and_constants_and_nulls_are_not() -> None:
    message = call(
        {
            "name": "Ada",
            "age": 36,
            "lat": 48.850,
            "active": True,
            "off": False,
            "none": None,
            "code": "",
            "": "x",
            "a": [1, "b"],
        }
    )
    assert seen(message) == [
        ("/name", "", "Ada"),
        ("/age", "", "36"),
        ("/lat", "", "48.85"),
        ("/active", "", "true"),
        ("/off", "", "false"),
        ("/", "", "x"),
        ("/a/0", "", "1"),
        ("/a/1", "", "b"),
    ]


def test_a_field_knows_its_keys_siblings_and_place() -> None:
    found, gaps = fields(call({"guest": {"first_name": "Ada", "tags": ["vip"]}, "note": "hello"}))
    assert gaps == []
    assert found == [
        Field(
            "/params/arguments/guest/first_name",
            "Ada",
            "Ada",
            "first_name",
            ("params", "arguments", "guest", "first_name"),
            "call.arguments",
            4,
            at=found[0].at,
        ),
        Field(
            "/params/arguments/guest/tags/0",
            "vip",
            "vip",
            "tags",
            ("params", "arguments", "guest", "tags"),
            "call.arguments",
            5,
            at=found[1].at,
        ),
        Field(
            "/params/arguments/note",
            "hello",
            "hello",
            "note",
            ("params", "arguments", "note"),
            "call.arguments",
            3,
            at=found[2].at,
        ),
    ]


def test_a_key_that_names_no_field_is_a_field_itself() -> None:
    message = call({"contacts": {"ada@example.org": {"phone": "x"}, "first_name": "y"}, "06 12 34 56 78": True})
    found, _ = fields(message)
    assert [(f.pointer, f.text, f.key, f.is_key) for f in found] == [
        ("/params/arguments/contacts/ada@example.org", "ada@example.org", "contacts", True),
        ("/params/arguments/contacts/ada@example.org/phone", "x", "phone", False),
        ("/params/arguments/contacts/first_name", "y", "first_name", False),
        ("/params/arguments/06 12 34 56 78", "06 12 34 56 78", "arguments", True),
        ("/params/arguments/06 12 34 56 78", "true", "06 12 34 56 78", False),
    ]
    key = found[0]
    span = key.raw_span(message, 0, 3)
    assert span is not None
    assert message.text.encode()[slice(*span)] == b"ada"


def test_a_constant_of_the_protocol_is_a_field_when_it_is_not_that_constant() -> None:
    text = '{"jsonrpc": "2.0 ada", "id": "ada", "method": "tools/call", "params": {"name": "ada@example.org"}}'
    found, _ = fields(message_of(text))
    assert [(f.pointer, f.text) for f in found] == [
        ("/jsonrpc", "2.0 ada"),
        ("/id", "ada"),
        ("/params/name", "ada@example.org"),
    ]


@pytest.mark.promise("nothing-hides")
def test_nothing_hides_behind_a_constant_by_being_nested_in_its_place() -> None:
    text = json.dumps({"jsonrpc": "2.0", "method": "tools/call", "params": {"name": '{"q": "send"}', "arguments": {}}})
    assert [(f.reached, f.text) for f in fields(message_of(text))[0]] == [("json:/q", "send")]


def test_a_member_of_the_body_cannot_pass_for_a_header() -> None:
    text = json.dumps({"jsonrpc": "2.0", "method": "tools/call", "@http": {"header": {"authorization": "ada"}}})
    assert "ada" in [f.text for f in fields(message_of(text))[0]]


@pytest.mark.promise("nothing-hides")
def test_equal_keys_are_both_fields_and_leave_a_gap() -> None:
    inside = '{"to": "a", "note": {"to": "b", "to": "c"}, "to": "d"}'
    text = '{"jsonrpc": "2.0", "method": "tools/call", "params": {"arguments": ' + inside + "}}"
    found, gaps = fields(message_of(text))
    assert [f.text for f in found if not f.is_key] == ["a", "b", "c", "d"]
    assert gaps == [Gap("duplicate-key", "/params/arguments"), Gap("duplicate-key", "/params/arguments/note")]


def test_headers_and_addresses_are_fields_and_credentials_are_not() -> None:
    http = (
        HttpPart("header", "user-agent", "openai-mcp/1.0.0"),
        HttpPart("header", "authorization", "Bearer x"),
        HttpPart("header", "mcp-method", "tools/call"),
        HttpPart("header", "mcp-param-city", "=?base64?TMOpb24=?="),
        HttpPart("path", "", "/mcp/zo%C3%A9"),
        HttpPart("query", "city", "Nice"),
        HttpPart("query", "ada@example.org", "1"),
    )
    message = call({"city": "Léon"}, http=http)
    found, gaps = fields(message)
    assert gaps == []
    assert [(f.pointer, f.reached, f.text, f.place, f.raw_span(message, 0, 1)) for f in found[:-1]] == [
        ("/@http/header/user-agent", "", "openai-mcp/1.0.0", "http.agent", None),
        ("/@http/header/mcp-param-city", "base64", "Léon", "http.mirror.param", None),
        ("/@http/path", "", "/mcp/zo%C3%A9", "http.path", None),
        ("/@http/path", "percent", "/mcp/zoé", "http.path", None),
        ("/@http/query/city", "", "Nice", "http.query", None),
        ("/@http/query/ada@example.org", "", "ada@example.org", "http.query", None),
        ("/@http/query/ada@example.org", "", "1", "http.query", None),
    ]


def test_declarations_are_no_fields_and_what_stands_beside_them_is() -> None:
    result = {
        "tools": [{"name": "x", "description": "Ada"}],
        "nextCursor": "ada",
        "_meta": {"who": "ada"},
        "more": "ada",
    }
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "result": result})
    payload = parse(text)
    assert isinstance(payload, Node)
    message = Message("demo", Direction.TO_CHATGPT, Kind.RESULT, "tools/list", None, 1, payload, text)
    assert [f.pointer for f in fields(message)[0]] == ["/result/nextCursor", "/result/_meta/who", "/result/more"]
    unpaired = Message("demo", Direction.TO_CHATGPT, Kind.RESULT, None, None, 1, payload, text)
    assert "/result/tools/0/description" in [f.pointer for f in fields(unpaired)[0]]


# --- what is opened ---

OPENED: list[tuple[str, str, list[tuple[str, str | None]] | None]] = [
    (
        "JSON as text",
        '{"a": {"b": "Ada"}, "n": 5, "t": [true]}',
        [("json:/a/b", "Ada"), ("json:/n", "5"), ("json:/t/0", "true")],
    ),
    ("JSON written twice", json.dumps(json.dumps({"a": "Ada"})), [("json: > json:/a", "Ada")]),
    (
        "JSON in prose",
        'Result: {"a": "Ada"}.',
        [
            ("", 'Result: {"a": "Ada"}.'),
            ("json:/a", "Ada"),
            ("line:/Result", '{"a": "Ada"}.'),
            ("line:/Result > json:/a", "Ada"),
        ],
    ),
    ("JSON in a fence", '```json\n{"a": "Ada"}\n```', [("", '```json\n{"a": "Ada"}\n```'), ("json:/a", "Ada")]),
    ("JSON Lines", '{"a": "Ada"}\n{"a": "Bo"}', [("json:/a", "Ada"), ("json:/a", "Bo")]),
    ("JSON cut off", '[{"a": "Ada"}, {"a": "B', [("", '[{"a": "Ada"}, {"a": "B'), ("json:/0/a", "Ada")]),
    ("a printed dictionary", "{'a': 'Ada', 'b': None}", [("json:/a", "Ada")]),
    ("base64", base64.b64encode(b"ada@example.org").decode(), [("base64", "ada@example.org")]),
    ("short padded base64", "SmVhbg==", [("base64", "Jean")]),
    (
        "base64url without padding",
        base64.urlsafe_b64encode(b'{"a":"Ada?>~"}').decode().rstrip("="),
        [("base64 > json:/a", "Ada?>~")],
    ),
    ("base64 in lines", base64.encodebytes(b"Ada Lovelace, 12 St James Square, London. " * 3).decode(), None),
    ("hexadecimal", b"ada@example.org".hex(), [("hex", "ada@example.org")]),
    ("UTF-16", base64.b64encode("Zoé".encode("utf-16")).decode(), [("base64", "Zoé")]),
    ("a signed token", "eyJhbGciOiJIUzI1NiJ9.eyJuYW1lIjoiQWRhIn0.c2ln", [("", None), ("jwt > json:/name", "Ada")]),
    (
        "an address",
        "https://ada:pw%21@example.org/a%20b?q=x%20y&n=Zo%C3%A9#s=1",
        [
            ("", None),
            ("url:/user", "ada"),
            ("url:/password", "pw!"),
            ("url:/path", "/a b"),
            ("query:/q", "x y"),
            ("query:/n", "Zoé"),
            ("fragment:/s", "1"),
        ],
    ),
    (
        "a mail address",
        "mailto:ada%40example.org?subject=Hi",
        [("", None), ("url:/mailto", "ada@example.org"), ("query:/subject", "Hi")],
    ),
    ("an address in prose", "See https://example.org/?q=Zo%C3%A9.", [("", None), ("query:/q", "Zoé")]),
    (
        "JSON in base64 in an address",
        "https://example.org/?d=" + quote(base64.b64encode(b'{"a": "Ada", "b": "??>"}').decode()),
        [("", None), ("query:/d > base64 > json:/a", "Ada"), ("query:/d > base64 > json:/b", "??>")],
    ),
    (
        "a form",
        "name=Ada+Lovelace&email=ada%40example.org",
        [("form:/name", "Ada Lovelace"), ("form:/email", "ada@example.org")],
    ),
    ("percent-encoding", "ada%40example.org", [("", None), ("percent", "ada@example.org")]),
    ("Latin-1 percent-encoding", "Zo%E9", [("", None), ("percent", "Zoé")]),
    ("a data address", "data:text/plain;charset=utf-8,Zo%C3%A9", [("data", "Zoé")]),
    (
        "a data address in base64",
        "data:application/json;base64," + base64.b64encode(b'{"a":"Ada"}').decode(),
        [("data > json:/a", "Ada")],
    ),
    ("lines", "Nom : Ada\nTel: 06 12", [("", None), ("line:/Nom", "Ada"), ("line:/Tel", "06 12")]),
    (
        "pairs in one line",
        "name=Ada; email=ada@example.org",
        [("", None), ("line:/name", "Ada"), ("line:/email", "ada@example.org")],
    ),
    ("bold labels", "- **Name**: Ada\n- **Phone:** 12", [("", None), ("line:/Name", "Ada"), ("line:/Phone", "12")]),
    (
        "CSV",
        'name,email\n"Ada ""A"" L",a@example.org\nBo,\n',
        [("csv:1/name", 'Ada "A" L'), ("csv:1/email", "a@example.org"), ("csv:2/name", "Bo")],
    ),
    ("CSV with semicolons", "nom;ville\nAda;Nice", [("csv:1/nom", "Ada"), ("csv:1/ville", "Nice")]),
    (
        "a Markdown table",
        "| Name | Email |\n|---|:-:|\n| Ada \\| Bo | a@example.org |",
        [("table:1/Name", "Ada | Bo"), ("table:1/Email", "a@example.org")],
    ),
    (
        "a table in prose",
        "Here:\n\nName | City\n---|---\nAda | Nice\n\nBye",
        [("", None), ("table:1/Name", "Ada"), ("table:1/City", "Nice")],
    ),
    ("escapes of escapes", "jean\\u0040example.org", [("", None), ("unescape", "jean@example.org")]),
    ("entities", "ada&#64;example.org", [("", None), ("entities", "ada@example.org")]),
    ("elements", "<user><name>Ada</name></user>", [("", None), ("xml:/name", "Ada")]),
]


@pytest.mark.parametrize(("text", "expected"), [row[1:] for row in OPENED], ids=[row[0] for row in OPENED])
def test_what_is_nested_is_opened(text: str, expected: list[tuple[str, str | None]] | None) -> None:
    found = [(reached, inner) for _, reached, inner in seen(call({"data": text}))]
    if expected is None:
        assert ("base64", base64.b64decode(text).decode()) in found
        return
    wanted = [(reached, text if inner is None else inner) for reached, inner in expected]
    assert found == wanted


SHUT = [
    "10:15",
    "aa:bb:cc:dd:ee:ff",
    "https://example.org/a/b",
    "2025-01-01T10:00:00Z",
    "Hello, I am Ada\nand I live in Nice.",
    "v1/LzXLn6cJqI5IEPXjxzo5XLU2siDGGfzxGaQp29ZN",
    "afc50bbb97818c0874ac42c7d74d9ae4646494d4",
    "conversation",
    "CustomerName",
    "ad4a2b3c-386a-49dd-be83-c32ac9e55c47",
    "[]",
    "{}",
    '""',
    "50 % off",
    "a | b",
    "x -> {y}",
    "1 < 2 && 3 > 2",
    "fe80::1",
    "4111111111111111",
    "[1] see (2)",
    "C++ & Rust;",
    "100%",
    "a\nb\nc",
]


@pytest.mark.parametrize("text", SHUT)
def test_ordinary_text_is_one_field(text: str) -> None:
    assert seen(call({"data": text})) == [("/data", "", text)]


def test_members_of_a_nested_object_and_cells_of_a_row_are_siblings() -> None:
    found, _ = fields(call({"data": '{"a": "1", "b": {"c": "2"}, "d": "3"}', "text": "name,city\nAda,Nice\nBo,Lyon"}))
    groups = [f.group for f in found]
    assert groups[0] == groups[2] != groups[1]
    assert groups[3] == groups[4] != groups[5] == groups[6]
    assert [f.key for f in found] == ["a", "c", "d", "name", "city", "name", "city"]


def test_a_key_of_nested_json_is_a_field_too() -> None:
    found, _ = fields(call({"data": '{"ada@example.org": 1}'}))
    assert [(f.reached, f.text, f.is_key, f.outer(0, 3)) for f in found] == [
        ("json:/ada@example.org", "ada@example.org", True, (2, 5)),
        ("json:/ada@example.org", "1", False, (20, 21)),
    ]


def test_a_text_whose_parts_are_fields_says_so_and_so_do_the_parts() -> None:
    found, _ = fields(call({"data": "Nom : Ada\nQ: https://example.org/?q=a%20b"}))
    assert [(f.reached, f.opened, f.excerpt) for f in found] == [
        ("", True, False),
        ("query:/q", False, False),
        ("line:/Nom", False, True),
        ("line:/Q", True, True),
        ("line:/Q > query:/q", False, False),
    ]


@pytest.mark.promise("no-clear-value")
def test_no_value_and_no_unknown_key_shows_in_a_repr() -> None:
    found, gaps = fields(call({"ada": "Ada", "note": '{"ada@example.org": "Ada"}'}))
    for text in (repr(found), repr(gaps)):
        assert "ada" not in text.lower()
