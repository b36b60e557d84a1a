"""What is too large, breaks off or is no HTTP any more stands in the spool too: as a record, or as a gap."""

import json
from typing import Any

import pytest
from answering import CALL, RESULT, always, http_answer


@pytest.mark.promise("nothing-silently")
@pytest.mark.parametrize("chunked", [False, True])
def test_a_request_over_the_limit_streams_through_and_leaves_a_gap(chunked, start_proxy, start_upstream, app) -> None:
    up = start_upstream(always(http_answer(RESULT)))
    proxy = start_proxy(app(up), body_limit_bytes=10_000)
    body = b'{"jsonrpc":"2.0","x":"' + b"a" * 50_000 + b'"}'
    head = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    wire = proxy.connect()
    if chunked:
        wire.send(head + b"Transfer-Encoding: chunked\r\n\r\n")
        for start in range(0, len(body), 5000):
            part = body[start : start + 5000]
            wire.send(b"%x\r\n%s\r\n" % (len(part), part))
        wire.send(b"0\r\n\r\n")
    else:
        wire.send(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    assert wire.message().body == RESULT
    wire.close()
    assert up.received[0].body == body
    request, gap, answer = proxy.until(lambda found: len(found) >= 3)[:3]
    assert (request.kind, request.body, request.meta["truncated"]) == ("request", b"", True)
    assert (gap.kind, gap.meta["code"], gap.meta["direction"]) == ("gap", "too-large", "to_app")
    assert gap.meta["size"] == (None if chunked else len(body))
    assert answer.body == RESULT


@pytest.mark.parametrize("chunked", [False, True])
def test_an_answer_over_the_limit_streams_through_and_leaves_a_gap(
    chunked, start_proxy, start_upstream, app, post
) -> None:
    body = b'{"jsonrpc":"2.0","x":"' + b"a" * 50_000 + b'"}'
    whole = http_answer(body)
    if chunked:
        whole = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        whole += b"".join(b"3e8\r\n%s\r\n" % body[at : at + 1000] for at in range(0, 50_000, 1000))
        whole += b"%x\r\n%s\r\n0\r\n\r\n" % (len(body) - 50_000, body[50_000:])
    up = start_upstream(always(whole))
    proxy = start_proxy(app(up), body_limit_bytes=10_000)
    assert proxy.ask(post(CALL)).body == body
    _, answer, gap = proxy.until(lambda found: len(found) >= 3)[:3]
    assert (answer.kind, answer.body, answer.meta["truncated"]) == ("answer", b"", True)
    assert (gap.meta["code"], gap.meta["direction"]) == ("too-large", "to_chatgpt")


def test_a_client_that_leaves_reaches_the_upstream_and_is_recorded(start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        upstream.said.append("waiting")
        wire.to_end()
        upstream.said.append("closed")

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    wire.send(post(CALL))
    proxy.until(lambda found: len(found) == 1 and up.said == ["waiting"])
    wire.close()
    records = proxy.until(lambda found: len(found) == 2 and up.said == ["waiting", "closed"])
    assert (records[1].kind, records[1].meta) == ("fault", {"side": "client", "code": "client-gone"})


def test_an_upstream_that_is_not_there_gives_502_and_is_recorded(start_proxy, start_upstream, app, post) -> None:
    up = start_upstream()
    settings = app(up)
    up.close()
    proxy = start_proxy(settings)
    answer = proxy.ask(post(CALL))
    assert (answer.status, answer.header(b"content-type"), answer.header(b"server")) == (502, b"application/json", None)
    told = json.loads(answer.body)
    assert (told["jsonrpc"], told["id"], told["error"]["code"]) == ("2.0", json.loads(CALL)["id"], -32603)
    warning = proxy.until_event("warning")
    assert (warning["code"], warning["app"]) == ("upstream-unreachable", "travel")
    assert warning["detail"] == f"no connection to 127.0.0.1:{up.port}"
    request, fault = proxy.until(lambda found: len(found) == 2)
    assert request.body == CALL
    assert fault.meta == {"side": "upstream", "code": "connect-failed"}


@pytest.mark.parametrize(
    ("says", "code"),
    [
        (b"", "no-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{", "answer-cut"),
        (b"HTTP/1.1 200 OK\r\nX: a\rY: b\r\nContent-Length: 2\r\n\r\n{}", "no-answer"),
        (b"HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", "no-answer"),
        (b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}", "no-answer"),
        (b"HTTP/1.1 103 X\r\nA: \0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "no-answer"),
        (b"HTTP/1.1 103 X\r\n\r\nHTTP/1.1 200 OK\r\nA: \0\r\nContent-Length: 2\r\n\r\n{}", "no-answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", "no-answer"),
    ],
)
def test_an_upstream_that_breaks_off_gives_502_and_is_recorded(
    says, code, start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(says)

    proxy = start_proxy(app(start_upstream(serve)))
    answer = proxy.ask(post(CALL))
    assert (answer.status, json.loads(answer.body)["id"]) == (502, json.loads(CALL)["id"])
    _, fault = proxy.until(lambda found: len(found) == 2)
    assert fault.meta == {"side": "upstream", "code": code}


def test_a_stream_that_breaks_off_ends_at_the_client_and_is_recorded(start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nda")

    proxy = start_proxy(app(start_upstream(serve)))
    wire = proxy.connect()
    wire.send(post(CALL))
    assert b"0\r\n\r\n" not in wire.to_end()
    wire.close()
    records = proxy.until(lambda found: any(record.kind == "end" for record in found))
    assert [record.meta for record in records if record.kind == "end"] == [{"reason": "upstream"}]


@pytest.mark.promise("nothing-silently")
def test_a_websocket_passes_with_a_gap(start_proxy, start_upstream, app) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
        wire.send(b"from-app:" + wire.exactly(4))

    proxy = start_proxy(app(start_upstream(serve)))
    wire = proxy.connect()
    wire.send(
        b"GET /live HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert wire.message(head_only=True).status == 101
    wire.send(b"ping")
    assert wire.exactly(13) == b"from-app:ping"
    wire.close()
    (gap,) = proxy.until(lambda found: len(found) == 1)
    assert (gap.kind, gap.meta["code"]) == ("gap", "websocket")
