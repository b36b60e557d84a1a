"""What the inspector counts besides disclosures, in the ledger."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from post import Post, call, result

TOOLS = {
    "jsonrpc": "2.0",
    "id": 1,
    "result": {
        "tools": [
            {
                "name": "search_flights",
                "description": "Finds flights.",
                "inputSchema": {
                    "type": "object",
                    "properties": {"city": {"type": "string", "x-mcp-header": "City"}},
                },
                "securitySchemes": [{"type": "noauth"}],
                "_meta": {"openai/visibility": "public", "mine": "0612345678"},
            }
        ]
    },
}


@pytest.fixture
def post(tmp_path: Path) -> Iterator[Post]:
    made = Post(tmp_path)
    yield made
    made.close()


def observed(post: Post) -> list[tuple[Any, ...]]:
    return post.rows("SELECT kind, tool, name, detail, count FROM observations ORDER BY kind, name")


def test_observations_and_uses_are_summed_up_and_hold_no_value(post: Post) -> None:
    flow = post.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    post.answers(flow, TOOLS)
    for number in (2, 3):
        flow = post.asks(call(number, city="Paris", **{"jean@example.org": "x"}))
        post.answers(flow, result(number, link="https://cdn.example.net/u/jean@example.org"))
    post.work()
    assert observed(post) == [
        ("header-parameter", "search_flights", "city", "Mcp-Param-City", 1),
        ("returned-url", "search_flights", "cdn.example.net", "", 2),
        ("unlisted", "search_flights", "/params/arguments/{key}", "", 2),
    ]
    assert post.rows("SELECT tool, direction, pointer, calls FROM field_uses ORDER BY direction, pointer") == [
        ("search_flights", "to_app", "", 2),
        ("search_flights", "to_app", "/city", 2),
        ("search_flights", "to_app", "/{key}", 2),
        ("search_flights", "to_chatgpt", "", 2),
        ("search_flights", "to_chatgpt", "/link", 2),
    ]


def test_a_message_that_is_read_again_after_a_crash_is_counted_once(post: Post) -> None:
    flow = post.asks(call(1, city="Paris"))
    post.answers(flow, result(1, link="https://cdn.example.net/"))
    post.inspector._destroy = lambda _done: None  # type: ignore[method-assign] # it dies before the spool is emptied
    while post.inspector.turn():
        pass
    assert post.left() == 2
    post.inspector.close()
    post.inspector = post.open()
    post.work()
    assert [row[4] for row in observed(post)] == [1]
    assert {row[0] for row in post.rows("SELECT calls FROM field_uses")} == {1}


def test_what_a_tool_says_besides_its_schemas_is_kept_by_known_keys_and_hash(post: Post) -> None:
    flow = post.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    post.answers(flow, TOOLS)
    post.work()
    ((meta, digest),) = post.rows("SELECT meta, description_sha256 FROM tools")
    assert meta == '{"openai/visibility": "public", "securitySchemes": [{"type": "noauth"}]}'
    assert len(digest) == 64
    again = post.open()
    try:
        found = again._ledger.tool("travel", "search_flights")
        assert found is not None
        assert (found.meta["openai/visibility"], found.description_sha256) == ("public", digest)
    finally:
        again.close()


def test_douanes_own_requests_are_not_counted(post: Post) -> None:
    flow = post.asks(call(1, city="Paris"), own=True)
    post.answers(flow, result(1, link="https://cdn.example.net/"))
    post.work()
    assert observed(post) == []
    assert post.rows("SELECT * FROM field_uses") == []
