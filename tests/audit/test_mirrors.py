"""What a header repeats is counted once; what it says differently counts by itself."""

import json

import pytest

from douane.audit.fields import fields
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, HttpPart, Kind, Message
from douane.audit.mirrors import twins


def paired(params: object, *headers: tuple[str, str]) -> dict[str, str]:
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    payload = parse(text)
    assert isinstance(payload, Node)
    http = tuple(HttpPart("header", name, value) for name, value in headers)
    message = Message("demo", Direction.TO_APP, Kind.REQUEST, "tools/call", None, 1, payload, text, http)
    found, _ = fields(message)
    return {found[at].pointer: found[of].pointer for at, of in twins(found).items()}


PARAMS = {
    "name": "send",
    "uri": "file:///home/ada",
    "arguments": {"note": "Léon", "city": "Léon", "count": 5, "vip": True},
    "_meta": {"openai/session": "v1/s", "openai/subject": "v1/u", "baggage": "user=ada"},
}


@pytest.mark.parametrize(
    ("name", "value", "twin"),
    [
        ("x-openai-session", "v1/s", "/params/_meta/openai~1session"),
        ("x-openai-subject", "v1/u", "/params/_meta/openai~1subject"),
        ("x-openai-session", "v1/u", None),
        ("x-openai-session", "v1/other", None),
        ("mcp-param-city", "=?base64?TMOpb24=?=", "/params/arguments/city"),
        ("mcp-param-town", "=?base64?TMOpb24=?=", "/params/arguments/note"),
        ("mcp-param-city", "Nice", None),
        ("mcp-param-count", "5", "/params/arguments/count"),
        ("mcp-param-vip", "true", "/params/arguments/vip"),
        ("mcp-name", "file:///home/ada", "/params/uri"),
        ("mcp-param-session", "v1/s", None),
        ("x-forwarded-for", "v1/s", None),
    ],
)
def test_a_header_is_a_twin_where_the_body_says_the_same_in_its_place(name: str, value: str, twin: str | None) -> None:
    assert paired(PARAMS, (name, value)) == ({} if twin is None else {f"/@http/header/{name}": twin})


def test_a_message_without_headers_has_no_twins() -> None:
    assert paired(PARAMS) == {}
