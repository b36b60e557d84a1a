"""What stands in the spool, and that it stands there before anything is passed on."""

import gzip
import json
import threading
from typing import Any

import pytest
from answering import CALL, RESULT, always, http_answer


def test_a_request_and_its_answer_are_recorded_whole_with_what_is_known_of_them(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(always(http_answer(RESULT, extra="Mcp-Session-Id: s-1\r\nSet-Cookie: a=b\r\n")))
    proxy = start_proxy(app(up))
    answer = proxy.ask(
        post(
            CALL,
            "/mcp?city=Lyon&token=abcdef",
            headers=(("Authorization", "Bearer secret"), ("X-Openai-Session", "v1/x")),
        )
    )
    assert (answer.status, answer.body) == (200, RESULT)
    request, reply, outcome = proxy.until(lambda records: len(records) == 3)
    assert (request.kind, request.app, request.seq, request.body) == ("request", "travel", 0, CALL)
    credential = request.meta.pop("credential")
    assert len(credential) == 32
    assert request.meta == {
        "method": "POST",
        "target": "/mcp?city=Lyon&token={6}",
        "withheld": ["token"],
        "headers": [
            ["Host", f"127.0.0.1:{up.port}"],
            ["Content-Type", "application/json"],
            ["X-Openai-Session", "v1/x"],
            ["Content-Length", str(len(CALL))],
        ],
        "session": "",
        "route": "reverse",
        "own": False,
        "host": "127.0.0.1",
        "truncated": False,
    }
    assert (reply.kind, reply.flow, reply.body) == ("answer", request.flow, RESULT)
    session = reply.meta.pop("session")
    assert len(session) == 32
    assert reply.meta == {
        "status": 200,
        "headers": [["Content-Type", "application/json"], ["Content-Length", str(len(RESULT))]],
        "truncated": False,
    }
    assert (outcome.kind, outcome.meta) == ("outcome", {"delivered": [request.flow]})
    assert up.received[0].first_line == b"POST /mcp?city=Lyon&token=abcdef HTTP/1.1"
    assert up.received[0].header(b"authorization") == b"Bearer secret"


def test_pseudonyms_are_equal_for_equal_secrets_of_one_app_and_differ_between_apps(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(always(http_answer(RESULT)))
    proxy = start_proxy(app(up), app(up, "crm"))
    ports = [listener["port"] for listener in proxy.ready["listeners"]]
    for port, token in ((ports[0], "one"), (ports[0], "one"), (ports[0], "two"), (ports[1], "one")):
        proxy.ask(post(CALL, headers=(("Authorization", f"Bearer {token}"), ("Mcp-Session-Id", token))), port=port)
    metas = [record.meta for record in proxy.records() if record.kind == "request"]
    for key in ("credential", "session"):
        first, again, other, other_app = (meta[key] for meta in metas)
        assert first == again
        assert len({first, other, other_app}) == 3


@pytest.mark.promise("recorded-first")
def test_a_request_is_in_the_spool_before_the_upstream_has_it_and_an_answer_before_the_client_has_it(
    start_proxy, start_upstream, app, post
) -> None:
    proxy: Any = None

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            upstream.received.append(wire.message())
            upstream.said.append(",".join(proxy.kinds()))
            wire.send(http_answer(RESULT))

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    proxy.ask(post(CALL))
    assert up.said == ["request"]
    assert proxy.kinds()[:2] == ["request", "answer"]


@pytest.mark.promise("recorded-first")
def test_each_piece_of_a_stream_is_in_the_spool_before_the_client_has_it(
    start_proxy, start_upstream, app, post
) -> None:
    go = threading.Semaphore(0)

    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(
            b"HTTP/1.1 200 OK\r\nContent-Type: Text/Event-Stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            go.acquire(timeout=60)
            event = b"data: %d\n\n" % number
            wire.send(b"%x\r\n%s\r\n" % (len(event), event))
        go.acquire(timeout=60)
        wire.send(b"0\r\n\r\n")

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    wire.send(post(CALL))
    assert wire.message(head_only=True).status == 200
    assert proxy.kinds() == ["request", "stream"]
    for number in range(3):
        go.release()
        assert wire.chunk() == b"data: %d\n\n" % number
        assert [r.body for r in proxy.records() if r.kind == "piece"][-1] == b"data: %d\n\n" % number
    go.release()
    assert wire.chunk() == b""
    wire.close()
    records = proxy.until(lambda found: any("delivered" in r.meta and r.meta["delivered"] for r in found))
    pieces = [record for record in records if record.kind == "piece"]
    assert [record.seq for record in pieces] == [0, 1, 2]
    end = next(record for record in records if record.kind == "end")
    assert (end.meta, end.seq) == ({"reason": "complete"}, 3)
    streams = [r.meta["streams"] for r in records if r.kind == "outcome" and "streams" in r.meta]
    assert list(streams[-1].values()) == [2]


@pytest.mark.promise("no-credentials")
@pytest.mark.parametrize(
    ("path", "content_type", "body", "path_class"),
    [
        ("/oauth/token", "application/x-www-form-urlencoded", b"grant_type=x&code=secret-code", "oauth"),
        ("/mcp", "application/x-www-form-urlencoded", b"code=secret-code", "form"),
        ("/mcp", "application/octet-stream", b"grant_type=x&code=secret-code", "oauth"),
        ("/mcp", "application/json", b"refresh_token=secret-code&client_id=a", "oauth"),
        ("/assets/t", "text/plain", b"client_secret=secret-code", "oauth"),
        ("/register", "application/json", b'{"jsonrpc":"2.0","client_secret":"secret-code"}', "oauth"),
        ("/.well-known/oauth-protected-resource/mcp", "application/json", b'{"jsonrpc":"secret-code"}', "well-known"),
        ("/.well-known/openai-apps-challenge", "text/plain", b"secret-code", "challenge"),
        ("/assets/logo", "text/plain", b"secret-code", "other"),
    ],
)
def test_what_is_not_mcp_passes_and_leaves_byte_counts_only(
    path, content_type, body, path_class, start_proxy, start_upstream, app, post
) -> None:
    answer = b'{"access_token":"secret-code"}'
    up = start_upstream(always(http_answer(answer)))
    proxy = start_proxy(app(up))
    got = proxy.ask(post(body, path, content_type=content_type))
    assert got.body == answer
    assert up.received[0].body == body
    (record,) = proxy.until(lambda records: len(records) == 1)
    assert record.kind == "passage"
    assert record.body == b""
    assert record.meta == {
        "host": "127.0.0.1",
        "path_class": path_class,
        "status": 200,
        "bytes_up": len(body),
        "bytes_down": len(answer),
    }
    assert b"secret-code" not in proxy.spool_path.read_bytes()


FORMS = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "Application/X-WWW-Form-URLEncoded")
TYPES = (*FORMS, "application/json", "text/plain", "application/octet-stream", "text/html", "image/png")
STREAMED = b"event: message\r\ndata: " + RESULT + b"\r\n\r\n"


@pytest.mark.parametrize("path", ["/mcp", "/mcp/", "/rpc"])
@pytest.mark.parametrize("content_type", TYPES)
def test_json_rpc_is_recorded_with_its_answer_whatever_its_content_type_says(
    content_type, path, start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        while True:
            asked = wire.message()
            upstream.received.append(asked)
            streams = asked.header(b"accept") == b"text/event-stream"
            wire.send(http_answer(STREAMED if streams else RESULT, "text/event-stream" if streams else content_type))

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    assert proxy.ask(post(CALL, path, content_type=content_type)).body == RESULT
    wants_stream = (("Accept", "text/event-stream"),)
    assert proxy.ask(post(CALL, path, headers=wants_stream, content_type=content_type)).body == STREAMED
    records = proxy.until(lambda found: any(record.kind == "end" for record in found))
    assert [str(record.kind) for record in records if record.kind != "outcome"] == [
        *("request", "answer"),
        *("request", "stream", "piece", "end"),
    ]
    assert [record.body for record in records if record.kind in ("request", "answer", "piece")] == [
        *(CALL, RESULT),
        *(CALL, STREAMED),
    ]
    assert [received.body for received in up.received] == [CALL, CALL]


@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize(
    "body",
    [
        b'{"\\u006asonrpc":"2.0","id":7,"method":"ping"}',
        CALL.decode().encode("utf-16"),
        b"\xef\xbb\xbf " + CALL,
        b'{"method":"tools/call","params":{"grant_type":"x","y":"' + b"y" * 70_000 + b'"},"jsonrpc":"2.0","id":7}',
    ],
)
def test_json_on_the_mcp_path_is_no_form_however_it_is_written(
    body, content_type, start_proxy, start_upstream, app, post
) -> None:
    proxy = start_proxy(app(start_upstream(always(http_answer(RESULT)))))
    proxy.ask(post(body, content_type=content_type))
    assert [record.body for record in proxy.records() if record.kind != "outcome"] == [body, RESULT]


@pytest.mark.parametrize("path", ["/mcp", "/rpc"])
@pytest.mark.parametrize("content_type", FORMS)
@pytest.mark.parametrize("streams", [False, True])
def test_a_form_is_a_passage_even_when_its_answer_reads_as_json_rpc(
    streams, content_type, path, start_proxy, start_upstream, app, post
) -> None:
    answer = http_answer(STREAMED, "text/event-stream") if streams else http_answer(RESULT)
    proxy = start_proxy(app(start_upstream(always(answer))))
    multipart = b'--b\r\nContent-Disposition: form-data; name="code"\r\n\r\nsecret-code\r\n--b--\r\n'
    body = multipart if b"multipart" in content_type.encode() else b"city=Lyon&x=secret-code"
    proxy.ask(post(body, path, content_type=content_type))
    (record,) = proxy.until(lambda records: len(records) == 1)
    assert (record.kind, record.meta["path_class"]) == ("passage", "form")
    assert b"secret-code" not in proxy.spool_path.read_bytes()


def test_a_stream_opened_with_a_form_s_content_type_is_recorded(start_proxy, start_upstream, app) -> None:
    proxy = start_proxy(app(start_upstream(always(http_answer(STREAMED, "text/event-stream")))))
    head = b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nContent-Type: "
    assert proxy.ask(head + FORMS[0].encode() + b"\r\n\r\n").body == STREAMED
    records = proxy.until(lambda found: any(record.kind == "end" for record in found))
    assert [record.body for record in records if record.kind == "piece"] == [STREAMED]


def test_a_path_that_looks_like_agentic_checkout_leaves_a_gap_too(start_proxy, start_upstream, app, post) -> None:
    up = start_upstream(always(http_answer(b'{"id":"c1"}')))
    proxy = start_proxy(app(up))
    proxy.ask(post(b'{"buyer":{"first_name":"Ada"}}', "/checkout_sessions/c1/complete"))
    gap, passage = proxy.until(lambda records: len(records) == 2)
    assert (gap.kind, gap.meta["code"], gap.meta["direction"]) == ("gap", "checkout", "to_app")
    assert passage.meta["path_class"] == "checkout"


@pytest.mark.parametrize("streams", [False, True])
def test_a_checkout_that_is_answered_in_json_rpc_leaves_its_gap_and_its_answer(
    streams, start_proxy, start_upstream, app, post
) -> None:
    answer = http_answer(STREAMED, "text/event-stream") if streams else http_answer(RESULT)
    proxy = start_proxy(app(start_upstream(always(answer))))
    body = b'{"buyer":{"first_name":"secret-name"}}'
    proxy.ask(post(body, "/checkout_sessions"))
    records = proxy.until(lambda found: any(record.kind in ("answer", "end") for record in found))
    by_kind = {str(record.kind): record for record in records}
    assert by_kind["request"].body == b""
    assert (by_kind["gap"].meta["code"], by_kind["gap"].meta["size"]) == ("checkout", len(body))
    assert by_kind["piece" if streams else "answer"].body == (STREAMED if streams else RESULT)
    assert [record.kind for record in records if record.kind == "passage"] == []


@pytest.mark.parametrize(
    ("request_body", "answer", "kinds"),
    [
        (CALL, RESULT, ["request", "answer"]),
        (b"not json", RESULT, ["request", "answer"]),
        (b'{"plain":1}', b'{"plain":2}', ["passage"]),
        (b" \n[" + CALL + b"]", b"[]", ["request", "answer"]),
    ],
)
def test_json_rpc_is_recognised_by_content_off_the_mcp_path(
    request_body, answer, kinds, start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(always(http_answer(answer, "text/plain")))
    proxy = start_proxy(app(up))
    proxy.ask(post(request_body, "/rpc", content_type="application/octet-stream"))
    proxy.until(lambda records: bool(records))
    assert proxy.kinds() == kinds


def test_compressed_json_rpc_off_the_mcp_path_is_recognised_and_recorded_as_it_crossed(
    start_proxy, start_upstream, app, post
) -> None:
    packed = gzip.compress(RESULT)
    up = start_upstream(always(http_answer(packed, extra="Content-Encoding: gzip\r\n")))
    proxy = start_proxy(app(up))
    assert proxy.ask(post(gzip.compress(CALL), "/rpc", headers=(("Content-Encoding", "gzip"),))).body == packed
    assert [gzip.decompress(record.body) for record in proxy.records() if record.kind != "outcome"] == [CALL, RESULT]


def test_a_legacy_stream_is_recorded_on_any_path_and_its_message_endpoint_is_learned(
    start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        while True:
            received = wire.message()
            upstream.received.append(received)
            if received.first_line.startswith(b"GET"):
                wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
                event = b"event: endpoint\r\ndata: /talk/here?sessionId=5f1c-secret\r\n\r\n"
                wire.send(b"%x\r\n%s\r\n" % (len(event), event))
            else:
                wire.send(http_answer(b"Accepted", "text/plain", "202 Accepted"))

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    stream = proxy.connect()
    stream.send(b"GET /sse HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    stream.message(head_only=True)
    assert stream.chunk() == b"event: endpoint\r\ndata: /talk/here?sessionId=5f1c-secret\r\n\r\n"
    malformed = b'{"jsonrpc": broken'
    assert proxy.ask(post(malformed, "/talk/here?sessionId=5f1c-secret")).status == 202
    stream.close()
    records = proxy.until(lambda found: any(record.kind == "end" for record in found))
    by_kind = {str(record.kind): record for record in records}
    piece, sent = by_kind["piece"], by_kind["request"]
    assert piece.body == b"event: endpoint\r\ndata: /talk/here?sessionId=xxxxxxxxxxx\r\n\r\n"
    assert (sent.body, sent.meta["target"]) == (malformed, "/talk/here?sessionId={11}")
    assert piece.meta["session"] == sent.meta["session"] != ""
    assert by_kind["end"].meta == {"reason": "client"}


def test_douanes_own_requests_are_marked_and_their_mark_is_not_passed_on(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(always(http_answer(RESULT)))
    proxy = start_proxy(app(up), own_token="0123456789abcdef")
    proxy.ask(post(CALL, headers=(("Douane-Own", "0123456789abcdef"),)))
    proxy.ask(post(CALL, headers=(("Douane-Own", "guessed"),)))
    assert [record.meta["own"] for record in proxy.records() if record.kind == "request"] == [True, False]
    assert [message.header(b"douane-own") for message in up.received] == [None, b"guessed"]


def test_many_clients_at_once_are_recorded_without_loss(start_proxy, start_upstream, app, post) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up))
    bodies = {json.dumps({"jsonrpc": "2.0", "id": n, "method": "ping"}).encode() for n in range(60)}

    def talk(share: list[bytes]) -> None:
        wire = proxy.connect()
        for body in share:
            wire.send(post(body))
            wire.message()
        wire.close()

    listed = sorted(bodies)
    threads = [threading.Thread(target=talk, args=(listed[at::6],)) for at in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    records = proxy.records()
    assert sorted(record.body for record in records if record.kind == "request") == listed
    assert sum(record.kind == "answer" for record in records) == 60
