"""What the engine overrides and replaces, held against the installed mitmproxy."""

import hashlib
import inspect
import re
from collections import deque
from pathlib import Path
from typing import Any

import mitmproxy
import mitmproxy.http  # before mitmproxy.proxy: they import each other
import mitmproxy.proxy.server
import pytest
from mitmproxy import connection, options
from mitmproxy.proxy import commands, events, layer
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HttpLayer, HTTPMode, HttpStream, _http1, _http2

from douane.proxy.bodies import Bodies
from douane.proxy.engine import RecordedHttpLayer
from douane.proxy.options import FixedOptions

SERVERS = ("mode_servers.py", "mode_specs.py")  # not used here
OPTIONS = FixedOptions(body_limit_bytes=1000, idle_timeout_s=60)

READ_AS_WRITTEN = {
    "layer.Layer.handle_event": (layer.Layer.handle_event, "fd88b0fb09ceddbb"),
    "HttpStream.start_request_stream": (HttpStream.start_request_stream, "46f03368a2a54362"),
    "HttpStream.start_response_stream": (HttpStream.start_response_stream, "b0de9e9a5ee27276"),
    "HttpStream.state_stream_response_body": (HttpStream.state_stream_response_body, "3fb6320300d3ddd5"),
    "HttpStream.state_consume_request_body": (HttpStream.state_consume_request_body, "45459c1bbd8bdb1a"),
    "HttpStream.check_body_size": (HttpStream.check_body_size, "236ca0a7b9fd4f69"),
    "HttpStream.handle_protocol_error": (HttpStream.handle_protocol_error, "59fc3b2eeeabf63a"),
    "HttpLayer.make_stream": (HttpLayer.make_stream, "654959c6e74548e1"),
    "ConnectionHandler.__init__": (mitmproxy.proxy.server.ConnectionHandler.__init__, "ffb8e6c9e6c6d020"),
    "Http1Connection.read_body": (_http1.Http1Connection.read_body, "aece271029af36e4"),
    "Http1Connection.wait": (_http1.Http1Connection.wait, "c99d0494a840a2b6"),
    "Http1Client.read_headers": (_http1.Http1Client.read_headers, "415454c5fa8b5981"),
    "Http1Server.read_headers": (_http1.Http1Server.read_headers, "3fe0945216bcf7bc"),
    "Http1Server.send": (_http1.Http1Server.send, "cc218a1337c0f5cf"),
    "Http2Connection._handle_event": (_http2.Http2Connection._handle_event, "a7f4a7a71d31074b"),
    "make_body_reader": (_http1.make_body_reader, "9b076acda459637b"),
    "LiveConnectionHandler.__init__": (mitmproxy.proxy.server.LiveConnectionHandler.__init__, "2cb1077a21556ca9"),
    "ConnectionHandler.hook_task": (mitmproxy.proxy.server.ConnectionHandler.hook_task, "9ac7970160526268"),
}


@pytest.mark.parametrize("name", READ_AS_WRITTEN)
def test_what_is_overridden_is_still_what_was_read(name: str) -> None:
    """When this fails after an update of mitmproxy, read the new code, adapt the engine, then the digest."""
    function, digest = READ_AS_WRITTEN[name]
    assert hashlib.sha256(inspect.getsource(function).encode()).hexdigest()[:16] == digest


def test_every_option_that_the_layers_read_is_fixed() -> None:
    root = Path(mitmproxy.__file__).parent / "proxy"
    sources = [path for path in root.rglob("*.py") if "quic" not in path.parts and path.name not in SERVERS]
    read = {name for path in sources for name in re.findall(r"\boptions\.([a-z_0-9]+)", path.read_text())}
    read -= {"Options"}
    assert read - set(dir(OPTIONS)) == set()


def test_fixed_options_have_types_that_mitmproxy_accepts() -> None:
    known = options.Options()
    for name in dir(OPTIONS):
        if not name.startswith("_") and name in known._options:
            known.update(**{name: getattr(OPTIONS, name)})


class Witness:
    """A desk that only notes which hook was called."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __getattr__(self, name: str) -> Any:
        def note(flow: Any, *_: Any) -> bool:
            if name != "stream_is_cut":
                self.seen.append(name)
            if name == "requestheaders":
                flow.request.data.host, flow.request.data.port, flow.request.data.scheme = "up.example", 80, b"http"
            if name == "responseheaders" and "event-stream" in flow.response.headers.get("content-type", ""):
                flow.response.stream = True
            return name != "stream_is_cut"

        return note


REQUEST = b"POST /mcp HTTP/1.1\r\nHost: up.example\r\nContent-Length: 2\r\n\r\n{}"
SSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
CONVERSATIONS: dict[str, list[tuple[str, bytes | None]]] = {
    "json": [("client", REQUEST), ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")],
    "two in a row": [
        ("client", REQUEST),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        ("client", REQUEST),
        ("server", b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"),
    ],
    "pipelined": [
        ("client", REQUEST + REQUEST),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    ],
    "pipelined and streamed": [
        ("client", REQUEST + REQUEST),
        ("server", SSE),
        ("server", b"3\r\na\n\n\r\n0\r\n\r\n"),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"),
    ],
    "stream": [("client", REQUEST), ("server", SSE), ("server", b"3\r\na\n\n\r\n"), ("server", b"0\r\n\r\n")],
    "client leaves": [("client", REQUEST), ("server", SSE), ("client", None)],
    "upstream cuts": [("client", REQUEST), ("server", SSE), ("server", None)],
    "early end": [("client", REQUEST), ("server", None)],
    "bad request": [("client", b"POST /mcp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n")],
    "too large": [
        ("client", b"POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + b"x" * 2000),
        ("server", b"HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n" + b"y" * 2000),
    ],
}


def converse(http_layer: layer.Layer, context: Context, steps: list[tuple[str, bytes | None]], hooks: Any) -> list[Any]:
    """Drive a layer through a conversation and return what it did."""
    did: list[Any] = []
    servers: list[connection.Server] = []

    waiting: deque[events.Event] = deque()

    def run(event: events.Event) -> None:
        """Handle the event, then what the hooks and connections that it asked for came to: never one within another."""
        waiting.append(event)
        while waiting:
            for command in http_layer.handle_event(waiting.popleft()):
                if isinstance(command, commands.OpenConnection):
                    command.connection.state = connection.ConnectionState.OPEN
                    servers.append(command.connection)
                    waiting.append(events.OpenConnectionCompleted(command, None))
                elif isinstance(command, commands.StartHook):
                    getattr(hooks, command.name)(command.args()[0])
                    waiting.append(events.HookCompleted(command))
                elif isinstance(command, commands.SendData):
                    did.append(("client" if command.connection is context.client else "server", command.data))
                elif isinstance(command, commands.CloseConnection):
                    did.append(("close", "client" if command.connection is context.client else "server"))

    run(events.Start())
    for side, data in steps:
        conn: connection.Connection = context.client if side == "client" else servers[-1]
        if data is None:
            conn.state &= ~connection.ConnectionState.CAN_READ
            run(events.ConnectionClosed(conn))
        else:
            run(events.DataReceived(conn, data))
    return did


def fresh_context() -> Context:
    client = connection.Client(
        peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), state=connection.ConnectionState.OPEN, timestamp_start=1.0
    )
    untyped: Any = OPTIONS
    context = Context(client, untyped)
    context.server.address = ("nowhere.invalid", 1)
    return context


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_recorded_layer_does_what_the_stock_layer_does_with_the_same_hooks_in_the_same_order(name: str) -> None:
    theirs, ours = Witness(), Witness()
    context = fresh_context()
    expected = converse(HttpLayer(context, HTTPMode.transparent), context, CONVERSATIONS[name], theirs)
    context = fresh_context()
    desk: Any = ours
    bodies, given_up = Bodies(1 << 20), list[object]()
    ours_layer = RecordedHttpLayer(context, HTTPMode.transparent, desk, bodies, given_up.append)
    actual = converse(ours_layer, context, CONVERSATIONS[name], ours)
    assert (bodies.total, given_up) == (0, [])
    assert actual == expected
    own = {"failed", "refused", "request_overflows", "response_streams"}
    assert [hook for hook in ours.seen if hook not in own] == theirs.seen
