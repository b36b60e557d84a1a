"""What crosses is what was sent: bytes, times, status, header names, values and order."""

import json
import threading
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

REQUEST_HEADERS = [
    (b"Accept", b"application/json, text/event-stream"),
    (b"MCP-Protocol-Version", b"2025-11-25"),
    (b"mcp-session-id", b"S-1"),
    (b"X-Mixed-CASE", b"Value With  Two Spaces"),
    (b"x-openai-subject", b"v1/abc"),
    (b"X-Twice", b"1"),
    (b"Mcp-Param-City", b"=?base64?TMOpb24=?="),
    (b"X-Twice", b"2"),
    (b"X-Utf8", "Évreux".encode()),
    (b"X-Latin1", b"\xc9vreux"),
    (b"X-Empty", b""),
    (b"Authorization", b"Bearer a.b.c"),
    (b"Cookie", b"a=1; b=2"),
    (b"Accept-Encoding", b"gzip, br"),
    (b"X-Forwarded-For", b"192.0.2.1"),
    (b"Traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
]
ANSWER_HEADERS = [
    (b"content-type", b"application/json;charset=UTF-8"),
    (b"Set-Cookie", b"a=1"),
    (b"SET-COOKIE", b"b=2"),
    (b"X-Odd", b"1"),
    (b"Mcp-Session-Id", b"S-2"),
    (b"X-Odd", b"2"),
    (b"Server", b"an/1.0"),
    (b"X-Accel-Buffering", b"no"),
    (b"WWW-Authenticate", b'Bearer resource_metadata="http://x.example/y"'),
]


def head(first: bytes, fields: list[tuple[bytes, bytes]]) -> bytes:
    return first + b"\r\n" + b"".join(name + b": " + value + b"\r\n" for name, value in fields) + b"\r\n"


@pytest.mark.promise("transparent")
def test_request_and_answer_heads_are_equal_on_both_sides_but_for_host(start_proxy, start_upstream, app) -> None:
    body = b'{"jsonrpc": "2.0",\r\n "id":1 , "method":"ping"}\n'
    reply = b'{"jsonrpc":"2.0","id":1,"result":{}}  '

    def serve(wire: Any, upstream: Any) -> None:
        upstream.received.append(wire.message())
        wire.send(head(b"HTTP/1.1 207 Rather Odd", [*ANSWER_HEADERS, (b"Content-Length", b"%d" % len(reply))]) + reply)

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    fields = [(b"Host", b"localhost"), *REQUEST_HEADERS, (b"Content-Length", b"%d" % len(body))]
    answer = proxy.ask(head(b"POST /mcp/%C3%A9?q=a%20b&q=+&token=t HTTP/1.1", fields) + body)
    (seen,) = up.received
    assert seen.first_line == b"POST /mcp/%C3%A9?q=a%20b&q=+&token=t HTTP/1.1"
    assert seen.fields == [(b"Host", b"127.0.0.1:%d" % up.port), *fields[1:]]
    assert seen.body == body
    assert answer.first_line == b"HTTP/1.1 207 Rather Odd"
    assert answer.fields == [*ANSWER_HEADERS, (b"Content-Length", b"%d" % len(reply))]
    assert answer.body == reply


@pytest.mark.parametrize("status", [200, 202, 204, 304, 400, 401, 403, 404, 405, 429, 500, 503])
def test_every_status_passes(status, start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        length = b"" if status in (204, 304) else b"Content-Length: 0\r\n"
        wire.send(b"HTTP/1.1 %d X\r\n%s\r\n" % (status, length))

    proxy = start_proxy(app(start_upstream(serve)))
    assert proxy.ask(post(b"{}")).status == status


@pytest.mark.promise("transparent")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(parts=st.lists(st.binary(min_size=1, max_size=3000), min_size=1, max_size=6), chunked=st.booleans())
def test_bodies_cross_byte_for_byte(parts, chunked, echoing) -> None:
    body = b"".join(parts)
    raw = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    if chunked:
        raw += b"Transfer-Encoding: chunked\r\n\r\n"
        raw += b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
    else:
        raw += b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    assert echoing.ask(raw).body == body


@pytest.fixture
def echoing(start_proxy, start_upstream, app) -> Any:
    def serve(wire: Any, upstream: Any) -> None:
        while True:
            body = wire.message().body
            wire.send(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
            )

    return start_proxy(app(start_upstream(serve)))


EVENTS = [
    b": priming\r\nid: 1\r\ndata:\r\n\r\n",
    b'event: message\ndata: {"a":"\xc3\xa9"}\n\n',
    b"retry: 500\n\n",
    b"data: two\rdata: lines\r\r",
    b": keep-alive\r\n\r\n",
]


@pytest.mark.promise("streams-at-once")
@pytest.mark.parametrize("framing", ["chunked", "until close", "one byte a chunk"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_each_event_arrives_before_the_next_is_produced(
    framing, method, start_proxy, start_upstream, app, post
) -> None:
    go = threading.Semaphore(0)

    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        coding = b"" if framing == "until close" else b"Transfer-Encoding: chunked\r\n"
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n%s\r\n" % coding)
        for event in EVENTS:
            assert go.acquire(timeout=60)
            if framing == "until close":
                wire.send(event)
            elif framing == "chunked":
                wire.send(b"%x\r\n%s\r\n" % (len(event), event))
            else:
                for at in range(len(event)):
                    wire.send(b"1\r\n%s\r\n" % event[at : at + 1])
        if framing != "until close":
            wire.send(b"0\r\n\r\n")

    proxy = start_proxy(app(start_upstream(serve)))
    wire = proxy.connect()
    if method == "POST":
        wire.send(post(b'{"jsonrpc":"2.0","id":1,"method":"subscriptions/listen"}'))
    else:
        wire.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    wire.message(head_only=True)
    for event in EVENTS:
        go.release()
        if framing == "until close":
            assert wire.exactly(len(event)) == event
        else:
            got = b""
            while len(got) < len(event):
                got += wire.chunk()
            assert got == event
    wire.close()
    recorded = b"".join(record.body for record in proxy.records() if record.kind == "piece")
    assert recorded == b"".join(EVENTS)


def test_trailers_are_dropped_and_the_answer_arrives(start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
            b"2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n"
        )

    proxy = start_proxy(app(start_upstream(serve)))
    wire = proxy.connect()
    wire.send(post(b"{}"))
    assert wire.message().body == b"{}"


@pytest.mark.parametrize("at_once", [True, False])
def test_interim_answers_are_passed_over_and_the_final_one_arrives(
    at_once, start_proxy, start_upstream, app, post
) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n"
    final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            wire.message()
            if at_once:
                wire.send(interim + final)
            else:
                for at in range(len(interim)):
                    wire.send(interim[at : at + 1])
                wire.send(final)

    proxy = start_proxy(app(start_upstream(serve)))
    wire = proxy.connect()
    for _ in range(2):
        wire.send(post(b"{}"))
        answer = wire.message()
        assert (answer.status, answer.body) == (200, b"{}")


@pytest.mark.promise("bounded")
def test_a_head_that_does_not_end_is_answered_with_431(start_proxy, start_upstream, app) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    wire.send(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
    wire.send(b"x" * 300_000)
    answer = wire.message()
    assert (answer.status, json.loads(answer.body)["error"]) == (431, "head-too-large")
    assert up.connections == 0
    proxy.stop()
    assert [record.meta["detail"] for record in proxy.records()] == ["head-too-large"]


def test_a_client_that_expects_100_continue_gets_it_and_then_the_answer(start_proxy, start_upstream, app) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    wire.send(b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert wire.message().status == 100
    wire.send(b"{}")
    assert wire.message().status == 200
    wire.close()
    assert up.received[0].header(b"expect") is None


def test_requests_on_one_connection_are_answered_in_turn_even_when_sent_at_once(
    start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        while True:
            body = wire.message().body
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    bodies = [b'{"id":%d}' % number for number in range(10)]
    wire.send(b"".join(post(body) for body in bodies))
    assert [wire.message().body for _ in bodies] == bodies
    wire.close()
    assert up.connections == 1


def test_many_silent_streams_of_one_client_do_not_hold_up_its_requests(start_proxy, start_upstream, app, post) -> None:
    hold = threading.Event()

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            received = wire.message()
            if received.first_line.startswith(b"GET"):
                wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
                hold.wait(60)
                return
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    proxy = start_proxy(app(start_upstream(serve)))
    streams = [proxy.connect() for _ in range(30)]
    for stream in streams:
        stream.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
        stream.until(b": hello\n\n")
    assert proxy.ask(post(b"{}")).status == 200
    hold.set()
    for stream in streams:
        stream.to_end()
        stream.close()


@pytest.mark.promise("bounded")
@pytest.mark.slow
def test_a_stream_of_30_mb_grows_the_proxy_by_5_mb_at_most(start_process, start_upstream, app, post) -> None:
    piece = b"data: " + b"x" * 2990 + b"\r\n\r\n"
    count = 10_500

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            asked = int(wire.message().body)
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(asked):
                wire.send(b"%x\r\n%s\r\n" % (len(piece), piece))
            wire.send(b"0\r\n\r\n")

    proxy = start_process(app(start_upstream(serve)))
    wire = proxy.connect()
    wire.send(post(b"500"))
    wire.message()
    time.sleep(0.3)  # the allocator's first growth is not what is measured
    before = proxy.rss()
    wire.send(post(b"%d" % count))
    wire.message(head_only=True)
    got, peak = 0, before
    while chunk := wire.chunk():
        got += len(chunk)
        peak = max(peak, proxy.rss()) if got % (1024 * len(piece)) == 0 else peak
    peak = max(peak, proxy.rss())
    wire.close()
    assert got == count * len(piece) > 30_000_000
    assert peak - before <= 5_000_000, (before, peak)
