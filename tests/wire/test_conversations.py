"""Whole conversations, as they are had with each revision of MCP."""

from typing import Any


def test_a_call_and_its_answer_in_one_exchange(talk: Any) -> None:
    had = (
        talk() >> talk.post("a", talk.call(1, "find_trip", to="Lisbon")) << talk.answer("a", talk.result(1, content=[]))
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call find_trip",
        "<< a.answer/0 result tools/call find_trip to a.request/0",
    ]
    assert had.done == ["a.request", "a.answer"]


def test_a_call_answered_by_a_stream(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.call("x", "find_trip"))
        << talk.stream("a")
        << talk.piece("a", talk.event(b"", id="0"))
        << talk.piece("a", talk.event(talk.tell("notifications/progress", progress=1), id="1"))
        << talk.piece("a", talk.event(talk.result("x"), id="2"))
        << talk.end("a")
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call find_trip",
        "<< a.piece1/0 notification notifications/progress",
        "<< a.piece2/0 result tools/call find_trip to a.request/0",
    ]
    assert sorted(had.done) == ["a.end", "a.piece0", "a.piece1", "a.piece2", "a.request", "a.stream"]


def test_a_batch_gives_one_message_per_item(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", [talk.call(1, "one"), talk.tell("notifications/initialized"), talk.call(2, "two")])
        << talk.answer("a", [talk.result(2), talk.result(1)])
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call one",
        ">> a.request/1 notification notifications/initialized",
        ">> a.request/2 request tools/call two",
        "<< a.answer/0 result tools/call two to a.request/2",
        "<< a.answer/1 result tools/call one to a.request/0",
    ]


def test_an_elicitation_is_answered_in_another_exchange(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.call(1, "book"), session="s1")
        << talk.stream("a")
        << talk.piece("a", talk.event(talk.ask(1, "elicitation/create", message="Which seat?")))
        >> talk.post("b", talk.result(1, action="accept", content={"seat": "12A"}), session="s1")
        << talk.answer("b", status=202)
        << talk.piece("a", talk.event(talk.result(1)))
        << talk.end("a")
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call book",
        "<< a.piece0/0 request elicitation/create",
        ">> b.request/0 result elicitation/create to a.piece0/0",
        "<< a.piece1/0 result tools/call book to a.request/0",
    ]


def test_legacy_sse_answers_on_its_other_flow(talk: Any) -> None:
    had = (
        talk(session_name=lambda app, session: f"{app}~{session}")
        >> talk.get("g", target="/sse")
        << talk.stream("g")
        << talk.piece("g", b"event: endpoint\ndata: /messages?sessionId=77\n\n")
        >> talk.post("a", talk.call(1, "find_trip"), target="/messages?sessionId=", session="app~77")
        << talk.answer("a", b"Accepted", status=202)
        << talk.piece("g", talk.event(talk.result(1)))
        << talk.end("g", "client")
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call find_trip",
        "<< g.piece1/0 result tools/call find_trip to a.request/0",
    ]
    assert {one.transport for one in had.crossed} == {"legacy-sse"}
    assert {one.protocol for one in had.crossed} == {"2024-11-05"}
