"""Whole conversations, as they are had with each revision of MCP."""

from typing import Any

from douane.ledger.record import Record


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


def test_initialize_settles_revision_and_session(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.ask(0, "initialize", protocolVersion="2025-11-25"))
        << talk.answer("a", talk.result(0, protocolVersion="2025-06-18"), session="s1")
        >> talk.post("b", talk.tell("notifications/initialized"), session="s1")
        << talk.answer("b", status=202)
        >> talk.post("c", talk.ask(1, "tools/list"), session="s1")
        << talk.answer("c", talk.result(1, tools=[]))
        >> talk.post("d", verb="DELETE", session="s1")
        << talk.answer("d", status=204)
    )
    assert had.lines() == [
        ">> a.request/0 request initialize",
        "<< a.answer/0 result initialize to a.request/0",
        ">> b.request/0 notification notifications/initialized",
        ">> c.request/0 request tools/list",
        "<< c.answer/0 result tools/list to c.request/0",
    ]
    assert [one.protocol for one in had.crossed] == [
        "2025-11-25",
        "2025-06-18",
        "2025-06-18",
        "2025-06-18",
        "2025-06-18",
    ]
    assert [one.session for one in had.crossed] == ["", "s1", "s1", "s1", "s1"]
    assert len(had.done) == len(had.records)


def test_the_era_probe_falls_back(talk: Any) -> None:
    version = {"io.modelcontextprotocol/protocolVersion": "2026-07-28"}
    had = (
        talk()
        >> talk.post("a", talk.ask(1, "server/discover", _meta=version), headers={"MCP-Protocol-Version": "2026-07-28"})
        << talk.answer("a", b"no such page", status=404)
        >> talk.post("b", talk.ask(2, "initialize", protocolVersion="2025-11-25"))
        << talk.answer("b", talk.result(2, protocolVersion="2025-11-25"))
        >> talk.post("c", talk.ask(3, "tools/list"))
        << talk.answer("c", talk.error(None, -32600), status=400)
    )
    assert had.lines() == [
        ">> a.request/0 request server/discover",
        "<< a.answer/0 to a.request/0 gap malformed",
        ">> b.request/0 request initialize",
        "<< b.answer/0 result initialize to b.request/0",
        ">> c.request/0 request tools/list",
        "<< c.answer/0 error tools/list to c.request/0",
    ]
    assert [(one.protocol, one.http_status) for one in had.crossed] == [
        ("2026-07-28", None),
        ("2026-07-28", 404),
        ("2025-11-25", None),
        ("2025-11-25", 200),
        ("2025-03-26", None),
        ("2025-03-26", 400),
    ]


def test_input_required_and_the_retry_name_the_tool(talk: Any) -> None:
    retry = talk.ask(2, "tools/call", name="book", inputResponses={"seat": {"action": "accept"}}, requestState="e30=")
    had = (
        talk()
        >> talk.post("a", talk.call(1, "book"))
        << talk.answer("a", talk.result(1, resultType="input_required", requestState="e30="))
        >> talk.post("b", retry)
        << talk.answer("b", talk.result(2, resultType="complete", content=[]))
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call book",
        "<< a.answer/0 result tools/call book to a.request/0",
        ">> b.request/0 request tools/call book",
        "<< b.answer/0 result tools/call book to b.request/0",
    ]


def test_a_task_keeps_the_tool_that_created_it(talk: Any) -> None:
    """2026-07-28, extension: `tasks/get` carries the tool's result in `result.result`."""
    had = (
        talk()
        >> talk.post("a", talk.call(1, "book"))
        << talk.answer("a", talk.result(1, resultType="task", taskId="t-1", status="working"))
        >> talk.post("b", talk.ask(2, "tasks/get", taskId="t-1"))
        << talk.answer("b", talk.result(2, taskId="t-1", status="completed", result={"content": []}))
        >> talk.post("c", talk.ask(3, "tasks/update", taskId="t-1", inputResponses={}))
        << talk.answer("c", talk.result(3))
        >> talk.post("d", talk.ask(4, "tasks/get", taskId="t-unknown"))
        << talk.answer("d", talk.error(4))
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call book",
        "<< a.answer/0 result tools/call book to a.request/0",
        ">> b.request/0 request tasks/get book",
        "<< b.answer/0 result tasks/get book to b.request/0",
        ">> c.request/0 request tasks/update book",
        "<< c.answer/0 result tasks/update book to c.request/0",
        ">> d.request/0 request tasks/get",
        "<< d.answer/0 error tasks/get to d.request/0",
    ]


def test_a_task_of_2025_11_25_keeps_its_tool_too(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.call(1, "book"), session="s")
        << talk.answer("a", talk.result(1, task={"taskId": "t-1", "status": "working"}))
        >> talk.get("g", session="s")
        << talk.stream("g")
        << talk.piece("g", talk.event(talk.tell("notifications/tasks/status", taskId="t-1", status="input_required")))
        << talk.piece(
            "g",
            talk.event(
                talk.ask(9, "elicitation/create", _meta={"io.modelcontextprotocol/related-task": {"taskId": "t-1"}})
            ),
        )
        >> talk.post("b", talk.result(9, action="decline"), session="s")
        << talk.answer("b", status=202)
        >> talk.post("c", talk.ask(2, "tasks/result", taskId="t-1"), session="s")
        << talk.answer("c", talk.result(2, content=[]))
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call book",
        "<< a.answer/0 result tools/call book to a.request/0",
        "<< g.piece0/0 notification notifications/tasks/status book",
        "<< g.piece1/0 request elicitation/create book",
        ">> b.request/0 result elicitation/create book to g.piece1/0",
        ">> c.request/0 request tasks/result book",
        "<< c.answer/0 result tasks/result book to c.request/0",
    ]


def test_a_subscription_streams_for_as_long_as_it_is_listened_to(talk: Any) -> None:
    tag = {"io.modelcontextprotocol/subscriptionId": 1}
    had = (
        talk()
        >> talk.post(
            "a", talk.ask(1, "subscriptions/listen", notifications={}), headers={"mcp-protocol-version": "2026-07-28"}
        )
        << talk.stream("a")
        << talk.piece("a", talk.event(talk.tell("notifications/subscriptions/acknowledged", _meta=tag)))
        << talk.piece("a", b":\r\n")
        << talk.piece("a", talk.event(talk.tell("notifications/resources/updated", uri="x:/1", _meta=tag)))
        << talk.end("a", "client")
    )
    assert had.lines() == [
        ">> a.request/0 request subscriptions/listen",
        "<< a.piece0/0 notification notifications/subscriptions/acknowledged",
        "<< a.piece2/0 notification notifications/resources/updated",
    ]
    assert {one.protocol for one in had.crossed} == {"2026-07-28"}


def test_a_broken_stream_is_resumed_and_the_answer_still_finds_its_request(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", talk.call(1, "slow"), session="s")
        << talk.stream("a")
        << talk.piece("a", talk.event(b"", id="e0"))
        << talk.piece("a", talk.event(talk.tell("notifications/progress", progress=1), id="e1"))
        << talk.end("a", "upstream")
        >> talk.get("b", session="s", headers={"Last-Event-ID": "e0"})
        << talk.stream("b")
        << talk.piece("b", talk.event(talk.tell("notifications/progress", progress=1), id="e1"))
        << talk.piece("b", talk.event(talk.result(1), id="e2"))
        << talk.end("b")
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call slow",
        "<< a.piece1/0 notification notifications/progress",
        "<< b.piece0/0 notification notifications/progress again a.piece1/0",
        "<< b.piece1/0 result tools/call slow to a.request/0",
    ]


def test_an_answer_sent_again_answers_the_same_request(talk: Any) -> None:
    answer = talk.event(talk.result(1), id="e1")
    had = (
        talk()
        >> talk.post("a", talk.call(1, "slow"))
        << talk.stream("a")
        << talk.piece("a", talk.event(b"", id="e0") + answer)
        << talk.end("a", "client")
        >> talk.get("b", headers={"Last-Event-ID": "e0"})
        << talk.stream("b")
        << talk.piece("b", answer)
        << talk.end("b")
    )
    assert had.lines() == [
        ">> a.request/0 request tools/call slow",
        "<< a.piece0/1 result tools/call slow to a.request/0",
        "<< b.piece0/0 result tools/call slow to a.request/0 again a.piece0/1",
    ]


def test_an_elicitation_sent_again_is_still_one_request(talk: Any) -> None:
    elicitation = talk.event(talk.ask(7, "elicitation/create"), id="e1")
    had = (
        talk()
        >> talk.get("g", session="s")
        << talk.stream("g")
        << talk.piece("g", elicitation)
        << talk.end("g", "client")
        >> talk.get("h", session="s", headers={"Last-Event-ID": "e0"})
        << talk.stream("h")
        << talk.piece("h", elicitation)
        >> talk.post("b", talk.result(7, action="cancel"), session="s")
    )
    assert had.lines() == [
        "<< g.piece0/0 request elicitation/create",
        "<< h.piece0/0 request elicitation/create again g.piece0/0",
        ">> b.request/0 result elicitation/create to g.piece0/0",
    ]


def test_equal_event_ids_of_other_sessions_or_other_data_are_no_redelivery(talk: Any) -> None:
    def stream(flow: str, session: str, data: str) -> list[Any]:
        return [
            talk.get(flow, session=session),
            talk.stream(flow),
            talk.piece(flow, talk.event(talk.tell("notifications/message", data=data), id="1")),
        ]

    had = talk()
    for step in [*stream("a", "s", "x"), *stream("b", "t", "x"), *stream("c", "s", "y"), *stream("d", "", "x")]:
        had <<= step
    assert [one.redelivery_of for one in had.crossed] == [None] * 4


def test_equal_ids_of_concurrent_users_pair_by_flow(talk: Any) -> None:
    """ChatGPT sends no session id, and counts from 1 for each user."""
    had = (
        talk()
        >> talk.post("a", talk.call(1, "mine"), credential="ada")
        >> talk.post("b", talk.call(1, "yours"), credential="bob")
        >> talk.post("c", talk.call(1, "again"), credential="ada")
        << talk.answer("b", talk.result(1))
        << talk.answer("c", talk.result(1))
        << talk.answer("a", talk.result(1))
    )
    assert had.lines()[3:] == [
        "<< b.answer/0 result tools/call yours to b.request/0",
        "<< c.answer/0 result tools/call again to c.request/0",
        "<< a.answer/0 result tools/call mine to a.request/0",
    ]


def test_an_elicitation_pairs_by_credential_unless_two_fit(talk: Any) -> None:
    def asked(flow: str, credential: str) -> list[Any]:
        return [
            talk.post(flow, talk.call(flow, "book"), credential=credential),
            talk.stream(flow),
            talk.piece(flow, talk.event(talk.ask(1, "elicitation/create"))),
        ]

    had = talk()
    for step in [*asked("a", "ada"), *asked("b", "bob"), *asked("c", "bob"), *asked("d", "")]:
        had <<= step
    had = (
        had
        >> talk.post("x", talk.result(1), credential="ada")
        >> talk.post("y", talk.result(1), credential="bob")
        >> talk.post("z", talk.result(1))
    )
    assert had.lines()[-3:] == [
        ">> x.request/0 result elicitation/create to a.piece0/0",
        ">> y.request/0 result gap ambiguous",
        ">> z.request/0 result gap unpaired",
    ]


def test_a_ping_from_the_app_and_its_answer(talk: Any) -> None:
    had = (
        talk()
        >> talk.get("g", session="s")
        << talk.stream("g")
        << talk.piece("g", talk.event(talk.ask("p", "ping")))
        >> talk.post("a", talk.result("p"), session="s")
        << talk.answer("a", status=202)
        << talk.end("g")
    )
    assert had.lines() == ["<< g.piece0/0 request ping", ">> a.request/0 result ping to g.piece0/0"]
    assert [one.transport for one in had.crossed] == ["get-sse", "json"]


def test_the_proxy_names_the_legacy_session_on_the_piece(talk: Any) -> None:
    had = talk() >> talk.get("g", target="/sse") << talk.stream("g")
    endpoint = talk.piece("g", b"event: endpoint\r\ndata: /messages?sessionId=xxxx\r\n\r\n")
    endpoint.meta["session"] = "n77"
    had = (
        had
        << endpoint
        >> talk.post("a", talk.call(1, "one"), target="/messages?sessionId={4}", session="n77")
        << talk.answer("a", b"Accepted", status=202)
        >> talk.post("b", talk.call(1, "two"), target="/messages?sessionId={4}", session="n78")
        << talk.answer("b", b"Accepted", status=202)
        << talk.piece("g", talk.event(talk.result(1)))
        << talk.piece("g", talk.event(talk.result(1)))
    )
    assert had.lines()[2:] == [
        "<< g.piece1/0 result tools/call one to a.request/0",
        "<< g.piece2/0 result gap unpaired",
    ]
    assert "g.piece0" not in had.done


def test_an_answer_takes_the_time_since_its_request(talk: Any) -> None:
    had = talk() >> talk.post("a", talk.call(1)) << talk.answer("a", talk.result(1))
    assert [one.duration_ms for one in had.crossed] == [None, 1000.0]


def test_an_answer_that_a_clock_set_back_puts_before_its_request_took_no_known_time(talk: Any) -> None:
    had = talk() >> talk.post("a", talk.call(1))
    step = talk.answer("a", talk.result(1))
    had.feed(Record(2, "a.answer", "app", "a", step.kind, 0, 5.0, step.meta, step.body))
    assert [one.duration_ms for one in had.crossed] == [None, None]
    assert had.crossed[1].answers == ("a.request", 0)


def test_own_traffic_is_marked_on_both_ways(talk: Any) -> None:
    had = talk() >> talk.post("a", talk.ask(1, "tools/list"), own=True) << talk.answer("a", talk.result(1, tools=[]))
    assert [one.own for one in had.crossed] == [True, True]


def test_a_batch_inside_an_event_is_numbered_within_the_event(talk: Any) -> None:
    had = (
        talk()
        >> talk.post("a", [talk.call(1, "one"), talk.call(2, "two")])
        << talk.stream("a")
        << talk.piece(
            "a", talk.event(talk.tell("x")) + talk.event([talk.result(2), talk.result(1)]) + talk.event(talk.tell("y"))
        )
        << talk.end("a")
    )
    assert [(one.part, one.answers) for one in had.crossed[2:]] == [
        (0, None),
        (1, ("a.request", 1)),
        (1 + (1 << 32), ("a.request", 0)),
        (2, None),
    ]


def test_the_headers_of_an_answer_go_with_its_message(talk: Any) -> None:
    told = {"X-User-Email": "ada@example.org", "Server": "uvicorn", "Set-Cookie": "sid=1"}
    had = talk() >> talk.post("a", talk.call(1)) << talk.answer("a", talk.result(1), headers=told)
    assert [[(part.name, part.value) for part in one.message.http] for one in had.crossed] == [
        [],
        [("x-user-email", "ada@example.org")],
    ]


def test_the_headers_of_a_stream_or_of_an_answer_without_a_message_stand_by_themselves(talk: Any) -> None:
    told = {"X-User-Email": "ada@example.org"}
    streamed = (
        talk()
        >> talk.post("a", talk.call(1))
        << talk.stream("a", headers=told)
        << talk.piece("a", talk.event(talk.result(1)))
    )
    assert streamed.lines() == [
        ">> a.request/0 request tools/call search",
        "<< a.stream/0 notification POST",
        "<< a.piece0/0 result tools/call search to a.request/0",
    ]
    empty = (
        talk() >> talk.post("a", talk.tell("notifications/initialized")) << talk.answer("a", status=202, headers=told)
    )
    assert empty.lines()[1:] == ["<< a.answer/0 notification POST"]
