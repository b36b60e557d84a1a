"""Requests and answers made to be read in two ways, never to end, or to be many: one reading, bounded, or none."""

import contextlib
import json
from collections.abc import Callable
from typing import Any

import pytest

CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
WHOLE = b"%x\r\n%s\r\n0\r\n\r\n" % (len(CALL), CALL)


def sized(*lengths: bytes) -> bytes:
    return POST + b"".join(b"Content-Length: %s\r\n" % one for one in lengths) + b"\r\n" + CALL


def chunked(body: bytes, coding: bytes = b"Transfer-Encoding: chunked\r\n") -> bytes:
    return POST + coding + b"\r\n" + body


FRAMINGS = {
    "two equal lengths in a list": sized(b"40, 40"),
    "a length with a sign": sized(b"+40"),
    "a negative length": sized(b"-1"),
    "a length in hexadecimal": sized(b"0x28"),
    "a length with an underscore": sized(b"4_0"),
    "a length with other digits": sized("٤٠".encode()),
    "a length of nothing": sized(b""),
    "a length over any number": sized(b"9" * 40),
    "another coding": chunked(WHOLE, b"Transfer-Encoding: xchunked\r\n"),
    "a coding before chunks": chunked(WHOLE, b"Transfer-Encoding: identity, chunked\r\n"),
    "a coding after chunks": chunked(WHOLE, b"Transfer-Encoding: chunked, identity\r\n"),
    "two codings": chunked(WHOLE, b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
    "a coding in quotes": chunked(WHOLE, b'Transfer-Encoding: "chunked"\r\n'),
    "an underscore in the name": chunked(WHOLE, b"Transfer_Encoding: chunked\r\nContent-Length: 3\r\n"),
    "chunks in HTTP/1.0": chunked(WHOLE).replace(b"HTTP/1.1", b"HTTP/1.0"),
    "a chunk size with a prefix": chunked(b"0x28\r\n" + CALL + b"\r\n0\r\n\r\n"),
    "a chunk size with a sign": chunked(b"+28\r\n" + CALL + b"\r\n0\r\n\r\n"),
    "a chunk size with an underscore": chunked(b"2_8\r\n" + CALL + b"\r\n0\r\n\r\n"),
    "a chunk size over any number": chunked(b"f" * 30 + b"\r\n" + CALL),
    "a chunk that ends in LF": chunked(b"28\n" + CALL + b"\n0\n\n"),
    "a chunk longer than it says": chunked(b"27\r\n" + CALL + b"\r\n0\r\n\r\n"),
    "a chunk without its end": chunked(b"28\r\n" + CALL + b"0\r\n\r\n"),
    "a line break in an extension": chunked(b"28;a=\n" + CALL + b"\r\n0\r\n\r\n"),
}  # fmt: skip


@pytest.mark.promise("one-reading")
@pytest.mark.parametrize("framing", FRAMINGS)
def test_no_framing_hides_a_request(framing: str, start_proxy, start_upstream, app) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up))
    wire = proxy.connect()
    wire.send(FRAMINGS[framing] + HIDDEN)
    answered = wire.to_end()
    assert not any(b"/hidden" in received.head for received in up.received), framing
    if up.received:
        assert [received.body for received in up.received] == [CALL]
    assert answered.startswith(b"HTTP/1.1 400 ") or up.received, answered[:80]


@pytest.mark.promise("one-reading")
@pytest.mark.parametrize(
    "answer",
    [
        b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"Content-Length: +5\r\n\r\nabcde",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"Transfer-Encoding: xchunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n",
        b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nabcde\r\n0\r\n\r\n",
        b"X: a\rY: b\r\nContent-Length: 0\r\n\r\n",
        b"X: a\r\n folded\r\nContent-Length: 0\r\n\r\n",
    ],
)
def test_an_answer_with_two_readings_is_none(answer: bytes, start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + answer)
        wire.to_end()

    got = start_proxy(app(start_upstream(serve))).ask(post(CALL))
    assert (got.status, json.loads(got.body)["id"]) == (502, 1)


@pytest.mark.promise("one-reading")
@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK", 200),
        (b"HTTP/1.0 200 OK", 200),
        (b"HTTP/1.1 200", 200),
        (b"HTTP/1.1 200 Tr\xc3\xa8s bien", 200),
        (b"HTTP/1.2 200 OK", 502),
        (b"HTTP/2.0 200 OK", 502),
        (b"HTTP/9.9 200 OK", 502),
        (b"HTTP/1.1  200 OK", 502),
        (b"HTTP/1.1\t200 OK", 502),
        (b"HTTP/1.1 +200 OK", 502),
        (b"http/1.1 200 OK", 502),
    ],
)
def test_an_answer_has_a_version_and_a_status_line_that_everybody_reads_alike(
    line: bytes, status: int, start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(line + b"\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}")
        wire.to_end()

    assert start_proxy(app(start_upstream(serve))).ask(post(CALL)).status == status


def test_a_redirect_is_passed_back_and_not_followed(start_proxy, start_upstream, app, post) -> None:
    inner = start_upstream()

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            wire.message()
            where = b"http://127.0.0.1:%d/latest/meta-data" % inner.port
            wire.send(b"HTTP/1.1 307 Temporary Redirect\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n")

    proxy = start_proxy(app(start_upstream(serve)))
    answer = proxy.ask(post(CALL))
    assert answer.status == 307
    assert answer.header(b"location") == b"http://127.0.0.1:%d/latest/meta-data" % inner.port
    assert inner.connections == 0


def endless(send: Callable[[bytes], None], beginning: bytes, more: bytes, megabytes: int = 40) -> int:
    """Send a beginning and then more of the same until the other side closes; how many megabytes it took."""
    block = more * ((1 << 20) // len(more))
    sent = 0
    with contextlib.suppress(OSError):
        send(beginning)
        while sent < megabytes:
            send(block)
            sent += 1
    return sent


@pytest.mark.promise("nothing-without-end")
@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"GET /mcp HTTP/1.1\r\nHost: localhost\r\n", b"X: " + b"a" * 60 + b"\r\n"),
        (chunked(b"28;x="), b"a"),
        (chunked(b"28"), b"0"),
        (chunked(b"0\r\n"), b"X: " + b"a" * 60 + b"\r\n"),
        (sized(b"40"), HIDDEN),
    ],
    ids=["a head", "a chunk's extension", "a chunk's size", "trailers", "requests before the first is answered"],
)
def test_what_a_client_sends_without_end_is_cut_off(
    beginning: bytes, more: bytes, start_proxy, start_upstream, app
) -> None:
    def silent(wire: Any, upstream: Any) -> None:
        wire.to_end()

    proxy = start_proxy(app(start_upstream(silent)))
    assert endless(proxy.connect().send, beginning, more) < 20


@pytest.mark.promise("nothing-without-end")
@pytest.mark.parametrize(
    ("beginning", "more"),
    [
        (b"HTTP/1.1 200 OK\r\n", b"X: " + b"a" * 60 + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=", b"a"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: " + b"a" * 60 + b"\r\n"),
        (b"", b"HTTP/1.1 103 Early Hints\r\nX: " + b"a" * 60 + b"\r\n"),
    ],
    ids=["a head", "a chunk's extension", "trailers", "an interim answer"],
)
def test_what_an_app_sends_without_end_is_cut_off(
    beginning: bytes, more: bytes, start_proxy, start_upstream, app, post
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        upstream.said.append(str(endless(wire.send, beginning, more)))

    up = start_upstream(serve)
    proxy = start_proxy(app(up))
    answer = proxy.ask(post(CALL))
    assert (answer.status, json.loads(answer.body)["id"]) == (502, 1)
    proxy.until(lambda _: bool(up.said))
    assert int(up.said[0]) < 20
