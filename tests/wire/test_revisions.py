"""Every method of every MCP revision, in both directions, and how the revision is told."""

from typing import Any

import pytest
from mcp_types import methods

REVISIONS = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25", "2026-07-28"]
TASKS_OF_2025 = ["tasks/get", "tasks/result", "tasks/cancel", "tasks/list"]


def named(table: Any, version: str) -> list[str]:
    return sorted(method for method, of in table if of == version)


def test_the_revisions_are_those_of_the_protocol_package() -> None:
    assert sorted({version for _, version in methods.CLIENT_REQUESTS}) == REVISIONS


@pytest.mark.parametrize("version", ["2024-10-07", *REVISIONS])
def test_every_request_to_the_app_is_named_with_its_answer(talk: Any, version: str) -> None:
    asked = named(methods.CLIENT_REQUESTS, "2024-11-05" if version == "2024-10-07" else version) + TASKS_OF_2025
    had, expected = talk(), []
    for number, method in enumerate(asked):
        flow, params = f"f{number}", {"protocolVersion": version} if method == "initialize" else {}
        had = (
            had
            >> talk.post(flow, talk.ask(number, method, **params), headers={"MCP-Protocol-Version": version})
            << talk.answer(flow, talk.result(number, **params))
        )
        expected += [f">> {flow}.request/0 request {method}", f"<< {flow}.answer/0 result {method} to {flow}.request/0"]
    assert had.lines() == expected
    assert {one.protocol for one in had.crossed} == {version}


@pytest.mark.parametrize("version", REVISIONS)
def test_every_notification_is_named(talk: Any, version: str) -> None:
    there, back = named(methods.CLIENT_NOTIFICATIONS, version), named(methods.SERVER_NOTIFICATIONS, version)
    had = talk()
    for number, method in enumerate(there):
        had = had >> talk.post(f"f{number}", talk.tell(method)) << talk.answer(f"f{number}", status=202)
    had = had >> talk.get("g") << talk.stream("g")
    for method in back:
        had = had << talk.piece("g", talk.event(talk.tell(method)))
    assert [one.message.method for one in had.crossed] == there + back
    assert [str(one.message.kind) for one in had.crossed] == ["notification"] * len(there + back)


@pytest.mark.parametrize("version", REVISIONS)
def test_every_request_of_the_app_is_named_with_its_answer(talk: Any, version: str) -> None:
    asked = named(methods.SERVER_REQUESTS, version)
    had = talk() >> talk.post("a", talk.call(1), session="s") << talk.stream("a")
    for method in asked:
        had = had << talk.piece("a", talk.event(talk.ask(method, method)))
    for number, method in enumerate(asked):
        flow = f"f{number}"
        had = had >> talk.post(flow, talk.result(method), session="s") << talk.answer(flow, status=202)
    assert [one.message.method for one in had.crossed[1:]] == asked + asked
    assert all(one.answers for one in had.crossed[1 + len(asked) :])


@pytest.mark.parametrize(
    ("headers", "meta", "said"),
    [
        ({}, {}, "2025-03-26"),
        ({"mcp-protocol-version": "2025-06-18"}, {}, "2025-06-18"),
        ({}, {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}, "2026-07-28"),
        (
            {"mcp-protocol-version": "2025-06-18"},
            {"io.modelcontextprotocol/protocolVersion": "2026-07-28"},
            "2026-07-28",
        ),
        ({"mcp-protocol-version": "ada@example.org"}, {}, "2025-03-26"),
        ({}, {"io.modelcontextprotocol/protocolVersion": ["2026-07-28"]}, "2025-03-26"),
    ],
)
def test_the_revision_is_said_by_message_then_header_else_assumed(
    talk: Any, headers: dict[str, str], meta: dict[str, object], said: str
) -> None:
    had = talk() >> talk.post("a", talk.ask(1, "tools/list", _meta=meta), headers=headers)
    assert [one.protocol for one in had.crossed] == [said]


def test_the_revision_that_a_session_settled_holds_for_its_later_messages(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.ask(1, "initialize", protocolVersion="2025-11-25"), credential="ada")
        << talk.stream("a", session="s")
        << talk.piece("a", talk.event(talk.result(1, protocolVersion="2025-03-26")))
        << talk.end("a")
        >> talk.get("g", session="s")
        << talk.stream("g")
        << talk.piece("g", talk.event(talk.tell("notifications/message", data="x")))
        >> talk.post("b", talk.call(2), session="other")
    )
    assert [one.protocol for one in had.crossed] == ["2025-11-25", "2025-03-26", "2025-03-26", "2025-03-26"]
