"""What the coverage page promises is what `fields` does."""

import json
from pathlib import Path
from typing import Any

import pytest
from mcp_types import methods as sdk

from douane.audit.fields import fields
from douane.audit.jsontext import Node, escape, parse, unescape
from douane.audit.message import Direction, HttpPart, Kind, Message
from douane.audit.places import METHODS, PLACES, Place, coverage_markdown, place_of

CANARY = "ada canary <ada@example.org>"
PAGE = Path(__file__).parents[2] / "docs" / "coverage.md"
SOME = ("tools/call", "ping", "elicitation/create", "notifications/message", "events/list")  # for rows of every method
WAYS = {Direction.TO_APP: (Direction.TO_APP,), Direction.TO_CHATGPT: (Direction.TO_CHATGPT,), None: tuple(Direction)}


def planted(pattern: str, value: object) -> tuple[dict[str, Any], str]:
    """A body with `value` at a pattern, `*` filled in, and the pointer at which it stands."""
    steps: list[str | int] = []
    for token in pattern.split("/")[1:]:
        if token == "**":
            steps += ["deeper", 0, "name"]
        elif token == "*":
            steps.append(0 if steps[-1:] not in (["inputResponses"], ["inputRequests"], ["properties"]) else "first")
        else:
            steps.append(unescape(token))
    body: Any = value
    for step in reversed(steps):
        body = [body] if isinstance(step, int) else {step: body}
    return body, "".join(f"/{escape(str(step))}" for step in steps)


def message_with(place: Place, method: str, direction: Direction, pattern: str, value: object) -> tuple[Message, str]:
    if pattern.startswith("/@http/"):
        _, _, kind, *rest = pattern.split("/")
        name = rest[0].replace("*", "anything") if rest else ""
        text = '{"jsonrpc": "2.0", "method": "ping"}'
        payload = parse(text)
        assert isinstance(payload, Node)
        http = (HttpPart(kind, name, str(value)),)
        message = Message("demo", direction, Kind.REQUEST, method, None, None, payload, text, http)
        return message, f"/@http/{kind}" + (f"/{name}" if name else "")
    body, pointer = planted(pattern, value)
    text = json.dumps({"jsonrpc": "2.0", "id": 1} | body)
    payload = parse(text)
    assert isinstance(payload, Node)
    kind_of = Kind.ERROR if "error" in body else Kind.RESULT if "result" in body else Kind.REQUEST
    return Message("demo", direction, kind_of, method, None, 1, payload, text), pointer


CASES = [
    pytest.param(place, pattern, direction, id=f"{place.id} {pattern} {direction}")
    for place in PLACES
    if place.seen
    for pattern in place.patterns
    for direction in WAYS[place.direction]
]


@pytest.mark.promise("coverage-is-true")
@pytest.mark.parametrize(("place", "pattern", "direction"), CASES)
def test_a_value_in_an_inspected_place_is_a_field_of_it_and_in_another_is_not(
    place: Place, pattern: str, direction: Direction
) -> None:
    for method in SOME if "*" in place.methods else place.methods:
        message, pointer = message_with(place, method, direction, pattern, CANARY)
        found = [field for field in fields(message)[0] if field.text == CANARY]
        if not place.inspected:
            assert found == []
            continue
        assert [field.pointer for field in found] == [pointer]
        if "*" not in place.methods:
            assert found[0].place == place.id


@pytest.mark.parametrize("direction", list(Direction))
@pytest.mark.parametrize(
    "place",
    [
        p
        for p in PLACES
        if p.seen and p.id not in ("http.credential", "http.query.credential", "http.address.credential")
    ],
    ids=lambda place: place.id,
)
def test_in_a_message_of_no_known_method_every_place_is_inspected(place: Place, direction: Direction) -> None:
    for pattern in place.patterns:
        for method in ("vendor/unheard-of", None):
            message, pointer = message_with(place, method, direction, pattern, CANARY)  # type: ignore[arg-type]
            assert [field.pointer for field in fields(message)[0] if field.text == CANARY] == [pointer]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("direction", list(Direction))
def test_a_place_that_no_row_names_is_inspected(method: str, direction: Direction) -> None:
    for body in ({"unheard": CANARY}, {"params": {"unheard": [CANARY]}}, {"result": {"unheard": {"of": CANARY}}}):
        text = json.dumps({"jsonrpc": "2.0"} | body)
        payload = parse(text)
        assert isinstance(payload, Node)
        message = Message("demo", direction, Kind.REQUEST, method, None, 1, payload, text)
        assert CANARY in [field.text for field in fields(message)[0]]


CONSTANTS: list[tuple[Direction, str, dict[str, Any]]] = [
    (
        Direction.TO_APP,
        "initialize",
        {"params": {"protocolVersion": "2025-11-25", "capabilities": {"roots": {"listChanged": True}, "sampling": {}}}},
    ),
    (
        Direction.TO_APP,
        "tools/call",
        {
            "params": {
                "name": "get_weather",
                "arguments": {},
                "task": {"ttl": 60000},
                "_meta": {
                    "progressToken": 5,
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/logLevel": "info",
                    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                },
            }
        },
    ),
    (
        Direction.TO_CHATGPT,
        "tools/call",
        {
            "result": {
                "resultType": "complete",
                "isError": False,
                "content": [
                    {
                        "type": "text",
                        "text": "",
                        "annotations": {"audience": ["user"], "priority": 0.5, "lastModified": "2025-01-12T15:00:58Z"},
                    },
                    {"type": "image", "mimeType": "image/png"},
                    {"type": "resource_link", "size": 12},
                ],
            }
        },
    ),
    (
        Direction.TO_CHATGPT,
        "sampling/createMessage",
        {
            "params": {
                "maxTokens": 5,
                "includeContext": "none",
                "messages": [{"role": "user", "content": {"type": "text", "text": ""}}],
                "toolChoice": {"mode": "auto"},
            }
        },
    ),
    (
        Direction.TO_CHATGPT,
        "resources/read",
        {
            "result": {
                "ttlMs": 5,
                "cacheScope": "private",
                "contents": [{"mimeType": "text/html;profile=mcp-app"}, {"mimeType": "text/html+skybridge"}],
            }
        },
    ),
    (Direction.TO_CHATGPT, "notifications/message", {"params": {"level": "warning"}}),
    (Direction.TO_CHATGPT, "notifications/progress", {"params": {"progressToken": 1, "progress": 0.5, "total": 9}}),
    (Direction.TO_APP, "elicitation/create", {"result": {"action": "accept"}}),
    (
        Direction.TO_APP,
        "sampling/createMessage",
        {
            "result": {
                "role": "assistant",
                "model": "gpt-5.2",
                "stopReason": "endTurn",
                "content": {"type": "text", "text": ""},
            }
        },
    ),
    (Direction.TO_APP, "subscriptions/listen", {"params": {"notifications": {"toolsListChanged": True}}}),
    (
        Direction.TO_CHATGPT,
        "tasks/get",
        {"result": {"status": "working", "createdAt": "2025-11-25T10:30:00Z", "ttl": 60000, "pollInterval": 5000}},
    ),
]


@pytest.mark.parametrize(("direction", "method", "body"), CONSTANTS, ids=[row[1] for row in CONSTANTS])
def test_the_constants_of_the_protocol_are_no_fields(direction: Direction, method: str, body: dict[str, Any]) -> None:
    text = json.dumps({"jsonrpc": "2.0", "id": 12} | body)
    payload = parse(text)
    assert isinstance(payload, Node)
    assert fields(Message("demo", direction, Kind.REQUEST, method, None, 12, payload, text)) == ([], [])


def test_every_method_of_every_revision_is_covered() -> None:
    tables = (sdk.CLIENT_REQUESTS, sdk.CLIENT_NOTIFICATIONS, sdk.SERVER_REQUESTS, sdk.SERVER_NOTIFICATIONS)
    known = {method for table in tables for method, _ in table}
    # The experimental tasks of 2025-11-25 and the extension that followed them are not in the SDK's tables.
    known |= {"tasks/get", "tasks/result", "tasks/cancel", "tasks/list", "tasks/update", "notifications/tasks/status"}
    assert known - set(METHODS) == set()
    named = {method for place in PLACES for method in place.methods}
    assert set(METHODS) - named == set()
    page = coverage_markdown()
    assert [method for method in METHODS if f"`{method}`" not in page] == []


def test_the_rows_are_sound() -> None:
    ids = [place.id for place in PLACES]
    assert len(ids) == len(set(ids))
    for place in PLACES:
        assert set(place.methods) <= {*METHODS, "*"}
        assert bool(place.why) != place.inspected
        assert place.title
        assert place.holds
        assert bool(place.patterns) == place.seen


@pytest.mark.parametrize(
    ("direction", "method", "steps", "expected"),
    [
        (Direction.TO_APP, "tools/call", ["params", "_meta", "openai/userLocation", "city"], "meta.location"),
        (Direction.TO_APP, "tools/call", ["params", "arguments", "a", "0"], "call.arguments"),
        (Direction.TO_CHATGPT, "tools/call", ["result", "content", "3", "text"], "result.block.text"),
        (Direction.TO_CHATGPT, "tools/list", ["result", "tools", "0", "name"], "declared.tools"),
        (Direction.TO_CHATGPT, None, ["result", "content", "0", "text"], "result.block.text"),
        (Direction.TO_APP, None, ["result", "content", "email"], "model.block.other"),
    ],
)
def test_a_pointer_has_its_place(direction: Direction, method: str | None, steps: list[str], expected: str) -> None:
    assert place_of(direction, method, steps).id == expected


@pytest.mark.promise("coverage-is-true")
def test_the_coverage_page_is_what_the_code_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage_markdown()
