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


def test_what_differs_from_the_approved_snapshot_is_noted_each_time_it_is_seen(tmp_path: Path) -> None:
    from douane.audit.approved import Live, pinned, written
    from douane.audit.context import ToolSchema
    from douane.inspector.settings import AppSettings

    before = Live(ToolSchema("search_flights", {"type": "object", "properties": {}}), {"readOnlyHint": True})
    snapshot = tmp_path / "travel.approved.json"
    snapshot.write_text(written(pinned("travel", [before], on="2026-11-01")))
    post = Post(tmp_path, apps=(AppSettings(name="travel", approved=snapshot),))
    try:
        for number in (1, 2):
            flow = post.asks({"jsonrpc": "2.0", "id": number, "method": "tools/list"})
            post.answers(flow, {**TOOLS, "id": number})
        card = {"uri": "ui://a/b", "_meta": {"ui": {"csp": {"connectDomains": ["https://new.example"]}}}}
        flow = post.asks({"jsonrpc": "2.0", "id": 3, "method": "resources/read", "params": {"uri": "ui://a/b"}})
        post.answers(flow, {"jsonrpc": "2.0", "id": 3, "result": {"contents": [card]}})
        post.work()
        assert [row for row in observed(post) if row[0] == "drift"] == [
            ("drift", "search_flights", "_meta", "+ openai/visibility", 2),
            ("drift", "search_flights", "_meta", "+ securitySchemes", 2),
            ("drift", "search_flights", "annotations", "~ readOnlyHint true → unset", 2),
            ("drift", "", "csp", "+ connect new.example (ui://a/b)", 1),
            ("drift", "search_flights", "inputSchema", "+ /city", 2),
        ]
    finally:
        post.close()


def test_a_tool_that_agrees_with_the_approved_snapshot_is_noted_and_lets_the_dossier_pass(tmp_path: Path) -> None:
    from contextlib import closing

    from douane.audit.approved import Live, pinned, written
    from douane.audit.toollist import tools_in
    from douane.inspector.settings import AppSettings
    from douane.ledger.fingerprint import sha256
    from douane.ledger.history import history
    from douane.ledger.query import open_ledger
    from douane.reports.dossier import Status, dossier

    plain = {"name": "find", "inputSchema": {"type": "object", "properties": {"q": {"type": "string"}}}}
    ((tool, hints),) = tools_in([plain])
    snapshot = tmp_path / "travel.approved.json"
    digests = (sha256(plain["inputSchema"]), "")
    snapshot.write_text(written(pinned("travel", [Live(tool, hints, *digests)], on="2026-11-01")))
    post = Post(tmp_path, apps=(AppSettings(name="travel", approved=snapshot),))

    def told() -> Status:
        with closing(open_ledger(tmp_path / "douane.db")) as db:
            grounds = dossier(history(db, "travel"), (), ()).grounds
        return next(one.status for one in grounds if one.ground.id == "drift")

    try:
        assert told() is Status.NOT_OBSERVED
        for number in (1, 2):
            flow = post.asks({"jsonrpc": "2.0", "id": number, "method": "tools/list"})
            post.answers(flow, {"jsonrpc": "2.0", "id": number, "result": {"tools": [plain]}})
        post.work()
        assert observed(post) == [("approved", "find", "tools", "", 2)]
        assert told() is Status.PASS
    finally:
        post.close()


def test_a_tool_named_after_a_person_is_named_in_no_event(post: Post) -> None:
    post.asks(call(1, "Jean Dupont 0612345678", q="x"))
    post.work()
    assert {event["tool"] for event in post.events if event["event"] == "exchange"} == {"{key}"}
    assert "0612345678" not in repr(post.events)
