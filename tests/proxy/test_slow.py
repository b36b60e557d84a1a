"""Clients that begin something and do not end it take bounded memory and time, and keep nobody else out."""

import contextlib
import select
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import trustme

from douane.proxy.bodies import Bodies

CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
KB = 1024
SENDERS = 64
SENT = 900 * KB
LIMIT = 4 * KB * KB


def begin(post: Callable[..., bytes], size: int, sent: int) -> bytes:
    """The beginning of a request with a body of this size."""
    head, _, _ = post(b"x" * size).partition(b"\r\n\r\n")
    return head + b"\r\n\r\n" + b"x" * sent


def refusals(records: Sequence[Any], why: str) -> int:
    """How many requests the gaps of one reason stand for."""
    return sum(one.meta.get("count", 1) for one in records if one.kind == "gap" and one.meta["detail"] == why)


def closed(wires: Sequence[Any]) -> int:
    """How many connections the other side has closed, as far as that is known now."""
    ready, _, _ = select.select([one.sock for one in wires], [], [], 0)
    count = 0
    for sock in ready:
        with contextlib.suppress(ConnectionError):
            count += sock.recv(1) == b""
            continue
        count += 1
    return count


@pytest.mark.promise("slow-bounded")
def test_many_unfinished_requests_take_bounded_memory_and_the_oldest_go_first(
    start_process: Any, start_upstream: Any, app: Any, post: Any
) -> None:
    up = start_upstream()
    proxy = start_process(app(up), body_limit_bytes=1024 * KB, waiting_limit_bytes=LIMIT)
    assert proxy.ask(post(CALL)).status == 200
    before = proxy.rss()
    for _ in range(SENDERS):
        with contextlib.suppress(ConnectionError):
            proxy.connect().send(begin(post, 1000 * KB, SENT))
    slow = proxy.wires[-SENDERS:]
    room = LIMIT // SENT
    records = proxy.until(lambda found: refusals(found, "too-much-waiting") >= SENDERS - room)
    assert proxy.ask(post(CALL)).status == 200
    deadline = time.monotonic() + 60
    while (grown := (proxy.rss() - before) // KB) > 16 * KB:  # what is freed is given back in a second
        assert time.monotonic() < deadline, f"{grown} kB for {SENDERS * SENT // KB} kB that were sent"
        time.sleep(0.1)
    assert refusals(records, "too-much-waiting") == SENDERS - room
    deadline = time.monotonic() + 60
    while (gone := closed(slow)) < SENDERS - room:
        assert time.monotonic() < deadline, gone
    slow[-1].send(b"x" * (1000 * KB - SENT))
    assert slow[-1].message().status == 200, "the last one is not kept from ending"
    assert len(up.received) == 3


@pytest.mark.promise("slow-bounded")
def test_a_body_that_does_not_end_is_given_up_and_counted(
    start_proxy: Any, start_upstream: Any, app: Any, post: Any
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), body_timeout_s=0.5)
    empty, half, chunked, other = (proxy.connect() for _ in range(4))
    empty.send(begin(post, 100, 0))
    half.send(begin(post, 100, 50))
    chunked.send(begin(post, 1, 0).replace(b"Content-Length: 1", b"Transfer-Encoding: chunked") + b"5\r\nxxxxx\r\n")
    for wire in (empty, half, chunked):
        assert wire.to_end() == b""
    other.send(post(CALL))
    assert other.message().status == 200
    assert len(up.received) == 1
    proxy.until(lambda found: refusals(found, "body-too-slow") == 3)


def test_requests_one_after_the_other_are_none_that_does_not_end(
    start_proxy: Any, start_upstream: Any, app: Any, post: Any
) -> None:
    proxy = start_proxy(app(start_upstream()), body_timeout_s=1, silent_timeout_s=1, head_timeout_s=1)
    busy = proxy.connect()
    begun = time.monotonic()
    while time.monotonic() - begun < 2.5:
        busy.send(begin(post, 100, 50))
        time.sleep(0.1)  # as a client on a slow line: it is seen in the middle of a body again and again
        busy.send(b"x" * 50)
        assert busy.message().status == 200
        time.sleep(0.1)


@pytest.mark.promise("slow-bounded")
def test_a_connection_on_which_nothing_is_asked_is_closed_and_an_open_stream_is_not(
    start_proxy: Any, start_upstream: Any, app: Any, post: Any
) -> None:
    def stream(wire: Any, upstream: Any) -> None:
        upstream.received.append(wire.message())
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: open\n\n")
        wire.to_end()

    proxy = start_proxy(app(start_upstream()), app(start_upstream(stream), name="news"), silent_timeout_s=0.5)
    news = next(one["port"] for one in proxy.ready["listeners"] if one["apps"] == ["news"])
    listens, silent, asked = proxy.connect(news), proxy.connect(), proxy.connect()
    listens.send(b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n")
    listens.until(b": open\n\n")
    asked.send(post(CALL))
    assert asked.message().status == 200
    assert (silent.to_end(), asked.to_end()) == (b"", b"")
    assert closed([listens]) == 0
    assert not [one for one in proxy.records() if one.kind == "gap"], "nothing was refused"


@pytest.mark.promise("slow-bounded")
def test_a_tls_handshake_that_does_not_end_is_given_up(
    start_proxy: Any, start_upstream: Any, app: Any, tmp_path: Path
) -> None:
    certificate = tmp_path / "localhost.pem"
    trustme.CA().issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    proxy = start_proxy(app(start_upstream(), tls={"cert_file": str(certificate)}), head_timeout_s=0.5)
    nothing, half = proxy.connect(), proxy.connect()
    half.send(b"\x16\x03\x01\x02\x00\x01\x00")
    assert (nothing.to_end(), half.to_end()) == (b"", b"")


class Request:
    """One that waits, and knows whether it was given up."""

    def __init__(self, order: list["Request"]) -> None:
        self._order = order

    def give_up(self) -> None:
        self._order.append(self)


def test_what_ended_does_not_count_and_who_was_given_up_is_given_up_once() -> None:
    gone: list[Request] = []
    bodies = Bodies(100)
    first, second, third = (Request(gone) for _ in range(3))
    bodies.hold(first, 40)
    bodies.hold(second, 40)
    bodies.hold(first, 60)
    assert (bodies.total, gone) == (100, [])
    bodies.end(second)
    bodies.hold(third, 40)
    assert (bodies.total, gone) == (100, [])
    bodies.hold(third, 41)
    assert (bodies.total, gone) == (41, [first])
    bodies.hold(first, 90)
    assert (bodies.total, gone) == (41, [first])
    bodies.hold(second, 101)
    assert (bodies.total, gone) == (0, [first, third, second])
    for one in (first, second, third):
        bodies.end(one)
    bodies.hold(first, 7)
    assert bodies.total == 7
