"""Many idle streams and clients that never end their request hold up nobody and take bounded memory."""

import asyncio
import contextlib
import resource
import threading
import time
from collections.abc import Iterator

import pytest

CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'
LISTEN = b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"
STREAMS = 1_000
EACH_KB = 150
"""What a stream may take: the client's connection, the app's, and what mitmproxy keeps of the exchange."""


class Streaming:
    """An app that opens an event stream for each GET and says nothing on it, and answers each POST."""

    def __init__(self) -> None:
        self.port = self.open = 0
        self._started = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))
        self._thread.start()
        assert self._started.wait(60)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(60)

    async def _run(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0, backlog=1024)
        self.port = server.sockets[0].getsockname()[1]
        self._started.set()
        await self._stop.wait()
        server.close()
        server.close_clients()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(server.wait_closed(), 10)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                if head.startswith(b"GET"):
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: open\n\n")
                    self.open += 1
                    await reader.read()
                    break
                await reader.readexactly(len(CALL))
                body = b'{"jsonrpc":"2.0","id":1,"result":{}}'
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
        writer.close()


@pytest.fixture
def streaming() -> Iterator[Streaming]:
    app = Streaming()
    yield app
    app.close()


@contextlib.contextmanager
def few_files() -> Iterator[None]:
    """Let what is started within inherit the limit of open files that many systems begin with."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))


def test_a_thousand_idle_streams_and_half_requests_hold_nobody_up(start_process, streaming, post) -> None:
    with few_files():
        proxy = start_process({"name": "travel", "upstream": f"http://127.0.0.1:{streaming.port}/mcp"})
    assert proxy.ask(post(CALL)).status == 200
    before = proxy.rss()
    for _ in range(STREAMS):
        proxy.connect().send(LISTEN)
    streams = proxy.wires[-STREAMS:]
    for wire in streams:
        wire.until(b": open\n\n")
    for _ in range(STREAMS // 4):
        proxy.connect().send(post(CALL)[:50])
    assert all(proxy.ask(post(CALL)).status == 200 for _ in range(5))
    grown = (proxy.rss() - before) / 1024
    assert grown < (STREAMS + STREAMS // 4) * EACH_KB, f"{grown / STREAMS:.0f} kB a stream"
    assert streaming.open == STREAMS


def test_a_request_whose_head_comes_too_slowly_is_given_up_and_counted(start_proxy, start_upstream, app, post) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), head_timeout_s=0.5)
    slow, idle = proxy.connect(), proxy.connect()
    ended, sent, head = False, 0, post(CALL)[:60]
    with contextlib.suppress(OSError):
        for byte in head:
            slow.send(bytes([byte]))
            sent += 1
            time.sleep(0.05)  # that it comes slowly is the point
        ended = slow.to_end() == b""
    assert ended or sent < len(head)
    idle.send(post(CALL))
    assert idle.message().status == 200
    assert up.connections == 1
    proxy.until(lambda records: any(one.kind == "gap" and one.meta["detail"] == "head-too-slow" for one in records))
