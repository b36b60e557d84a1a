"""The shell around mitmproxy's connection and HTTP layers, without its master, addons and hook look-ups.

mitmproxy's own `SimpleConnectionHandler` shows that `LiveConnectionHandler` may be driven like this. What is overridden
here is held against the installed version by tests/proxy/test_engine_contract.py.
"""

import asyncio
import logging
import sys
from collections import defaultdict
from collections.abc import Callable, Generator
from typing import Any, Protocol

import mitmproxy.proxy.server
from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.connection import Address
from mitmproxy.net.tls import starts_like_tls_record
from mitmproxy.proxy import commands, events, layer, server_hooks
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers import ClientTLSLayer, ServerTLSLayer
from mitmproxy.proxy.layers import http as http_layers
from mitmproxy.proxy.layers.http import HTTPMode, HttpStream
from mitmproxy.proxy.layers.http._events import (
    ErrorCode,
    RequestData,
    RequestEndOfMessage,
    RequestProtocolError,
    RequestTrailers,
    ResponseData,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._hooks import (
    HttpErrorHook,
    HttpRequestHeadersHook,
    HttpRequestHook,
    HttpResponseHeadersHook,
    HttpResponseHook,
)
from mitmproxy.proxy.mode_specs import ProxyMode

from douane.proxy import http1, http2
from douane.proxy.bodies import Bodies
from douane.proxy.no_tls import Tls
from douane.proxy.options import FixedOptions
from douane.proxy.refusing import TOO_MUCH_WAITING, CountingLayer
from douane.proxy.routes import Refusal

http1.install()
http2.install()

type Commands = Generator[commands.Command, Any]

NOWHERE = ("nowhere.invalid", 1)
"""The destination of a request that nobody has given one: it cannot be reached (RFC 6761)."""

UPSTREAM_CONNECTIONS = 10_000
"""Simultaneous upstream connections per client connection; mitmproxy's own 5 starves HTTP/2 clients with streams."""


class Desk(Protocol):
    """What looks at the traffic of one listener. No method blocks or raises."""

    def refused(self, refusal: Refusal) -> None:
        """Count a request that is refused."""

    def connect(self, flow: http.HTTPFlow) -> None:
        """Refuse a CONNECT, by setting `flow.response`, unless this listener serves it."""

    def requestheaders(self, flow: http.HTTPFlow) -> None:
        """Route the request: give it a destination, or a response that refuses it."""

    def request_overflows(self, flow: http.HTTPFlow) -> bool:
        """Record that the request is too large to be recorded; False refuses it (`flow.response` is the answer)."""
        ...

    def request(self, flow: http.HTTPFlow) -> None:
        """Record the whole request; it is passed on unless `flow.response` is set."""

    def responseheaders(self, flow: http.HTTPFlow) -> None:
        """Decide whether the answer is streamed."""

    def response_streams(self, flow: http.HTTPFlow) -> bool:
        """Record that an answer is about to stream; False replaces it by the new `flow.response`."""
        ...

    def stream_is_cut(self, flow: http.HTTPFlow) -> bool:
        """Say whether the stream must end now because its last piece could not be recorded."""
        ...

    def response(self, flow: http.HTTPFlow) -> None:
        """Record the whole answer."""

    def failed(self, flow: http.HTTPFlow, side: str) -> None:
        """Take note, before `error`, of the side that failed: `client` or `upstream`."""

    def error(self, flow: http.HTTPFlow) -> None:
        """Record that the exchange failed."""


class RecordedStream(HttpStream):
    """One HTTP exchange whose hooks are called in place: no task, lock or loop turn per hook as in mitmproxy."""

    def __init__(self, context: Context, stream_id: int, desk: Desk, parent: "RecordedHttpLayer") -> None:
        super().__init__(context, stream_id)
        self._desk = desk
        self._parent = parent
        self._inline: dict[type[commands.Command], Callable[[http.HTTPFlow], None]] = {
            HttpRequestHeadersHook: desk.requestheaders,
            HttpRequestHook: desk.request,
            HttpResponseHeadersHook: desk.responseheaders,
            HttpResponseHook: desk.response,
            HttpErrorHook: desk.error,
        }

    @property
    def is_unanswered(self) -> bool:
        """Whether there is a request and no answer to it yet."""
        flow: http.HTTPFlow | None = getattr(self, "flow", None)
        return flow is not None and flow.response is None and flow.error is None

    @property
    def waits_for_body(self) -> bool:
        """Whether the request's body has not come whole, and is kept until it has."""
        return bool(self.client_state == self.state_consume_request_body)

    def give_up(self) -> None:
        """Refuse a request of whose body a part waits, since too much waits."""
        self._parent.give_up(TOO_MUCH_WAITING)

    def handle_event(self, event: events.Event) -> Commands:
        """Run the exchange up to its next blocking command; hooks do not block it."""
        if self._paused is not None:
            yield from super().handle_event(event)
            return
        generator = self._handle_event(event)
        for command in generator:
            if command.blocking is True:
                hook = self._inline.get(type(command))
                if hook is None or (type(command) is HttpRequestHeadersHook and not self._parent.client_speaks):
                    command.blocking = self
                    self._paused = layer.Paused(command, generator)
                    yield command
                    return
                hook(self.flow)
                _drop_trailers(self.flow)
            else:
                yield command

    def start_request_stream(self) -> Commands:
        """Pass a request that is too large on, unless its gap cannot be recorded or it was refused before."""
        self._parent.bodies.end(self)
        if self.flow.response is None and self._desk.request_overflows(self.flow):
            yield from super().start_request_stream()
        else:
            self.flow.request.stream = False
            self.client_state = self.state_discard_request_body

    def state_consume_request_body(self, event: events.Event) -> Commands:
        """Keep a part of the request until all of it is there; how much waits so is bounded."""
        if isinstance(event, RequestEndOfMessage):
            self._parent.bodies.end(self)  # what follows may take as long as the app does
        yield from super().state_consume_request_body(event)
        if isinstance(event, RequestData) and self.waits_for_body:
            self._parent.bodies.hold(self, len(self.request_body_buf))

    def state_discard_request_body(self, event: events.Event) -> Commands:
        """Read the rest of a refused request without keeping it, then answer."""
        if isinstance(event, RequestEndOfMessage):
            yield from self.state_consume_request_body(event)
        elif not isinstance(event, RequestData | RequestTrailers):
            raise RuntimeError("an event that is no part of a request body")

    def start_response_stream(self) -> Commands:
        """Stream the answer, unless the beginning of the stream cannot be recorded."""
        if self._desk.response_streams(self.flow):
            yield from super().start_response_stream()
            return
        yield http_layers.SendHttp(
            RequestProtocolError(self.stream_id, "not recorded", ErrorCode.CANCEL), self.context.server
        )
        self.server_state = self.state_done
        response = self.flow.response
        if response is None:
            raise RuntimeError("a refused answer was not replaced")
        yield http_layers.SendHttp(ResponseHeaders(self.stream_id, response, False), self.context.client)
        yield http_layers.SendHttp(ResponseData(self.stream_id, response.raw_content or b""), self.context.client)
        self.server_state = self.state_errored
        if self.client_state == self.state_done:
            yield from self.flow_done()

    def state_stream_response_body(self, event: events.Event) -> Commands:
        """Pass a piece on, and end the stream on both sides when the piece could not be recorded."""
        yield from super().state_stream_response_body(event)
        if isinstance(event, ResponseData) and self._desk.stream_is_cut(self.flow):
            self.flow.error = mitmproxy_flow.Error("not recorded")
            yield HttpErrorHook(self.flow)
            self.flow.live = False
            self.client_state = self.server_state = self.state_errored
            yield http_layers.SendHttp(
                RequestProtocolError(self.stream_id, "not recorded", ErrorCode.CANCEL), self.context.server
            )
            yield http_layers.SendHttp(
                ResponseProtocolError(self.stream_id, "not recorded", ErrorCode.KILL), self.context.client
            )
            yield http_layers.DropStream(self.stream_id)

    def handle_protocol_error(self, event: RequestProtocolError | ResponseProtocolError) -> Commands:
        """Say which side failed, then do what mitmproxy does."""
        self._parent.bodies.end(self)
        self._desk.failed(self.flow, "client" if isinstance(event, RequestProtocolError) else "upstream")
        yield from super().handle_protocol_error(event)
        self.request_body_buf.clear()  # type: ignore[no-untyped-call]  # layers refer to each other: they go late
        self.response_body_buf.clear()  # type: ignore[no-untyped-call]


class RecordedHttpLayer(CountingLayer):
    """mitmproxy's HTTP layer whose exchanges are `RecordedStream`s."""

    client_speaks = False
    """Whether what is handled right now came from the client.

    A pipelined request is found while the answer before it is still being handled; as in mitmproxy, it then begins
    in a later event, when the upstream connection is free again.
    """

    def __init__(
        self, context: Context, mode: HTTPMode, desk: Desk, bodies: Bodies, give_up: Callable[[Refusal], None]
    ) -> None:
        super().__init__(context, mode)
        self._desk = desk
        self.bodies = bodies
        self.give_up = give_up
        self.begun = 0

    def refused(self, refusal: Refusal) -> None:
        """Count a request that is refused before it is routed."""
        self._desk.refused(refusal)

    def _handle_event(self, event: events.Event) -> Commands:
        self.client_speaks = isinstance(event, events.ConnectionEvent) and event.connection is self.context.client
        yield from super()._handle_event(event)

    def make_stream(self, stream_id: int) -> Commands:
        """Begin an exchange."""
        self.begun += 1
        stream = RecordedStream(self.context.fork(), stream_id, self._desk, self)
        self.streams[stream_id] = stream
        yield from self.event_to_child(stream, events.Start())


class Door(layer.Layer):
    """Stands before a listener's TLS layer, which asks what the layer before it is. No event comes here."""

    def _handle_event(self, event: events.Event) -> Commands:
        raise RuntimeError(f"{type(event).__name__} outside of the TLS layer")


class Post(mitmproxy.proxy.server.LiveConnectionHandler):
    """One client connection at a listener.

    `dial` says whether an upstream address may be opened at all: the last word, whatever a request asked for. `crashed`
    is told the type of an error in mitmproxy's layers.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        options: FixedOptions,
        *,
        desk: Desk,
        tls: Tls,
        bodies: Bodies,
        listens_with_tls: bool,
        forward: bool,
        dial: Callable[[str, int], bool],
        crashed: Callable[[str], None],
    ) -> None:
        # mitmproxy types the options as its Options; the contract test shows that what is read of them is in ours.
        untyped: Any = options
        super().__init__(reader, writer, untyped, ProxyMode.parse("regular"))
        self.max_conns = defaultdict[Address, asyncio.Semaphore](lambda: asyncio.Semaphore(UPSTREAM_CONNECTIONS))
        self._desk = desk
        self._bodies = bodies
        self._tls = tls
        self._dial = dial
        self._crashed = crashed
        context = self.layer.context
        if not forward:
            context.server.address = NOWHERE
        if forward:
            self.layer = self._http(context, HTTPMode.regular)
        elif listens_with_tls:
            Door(context)
            outer = ClientTLSLayer(context)
            outer.child_layer = self._http(context, HTTPMode.transparent)
            self.layer = outer
        else:
            self.layer = self._http(context, HTTPMode.transparent)
        self._hooks: dict[str, Callable[[Any], None]] = {
            "requestheaders": desk.requestheaders,
            "request": desk.request,
            "responseheaders": desk.responseheaders,
            "response": desk.response,
            "error": desk.error,
            "http_connect": desk.connect,
            "server_connect": self._server_connect,
            "next_layer": self._next_layer,
            "tcp_message": _forget_messages,
            "tls_clienthello": tls.tls_clienthello,
            "tls_start_client": tls.tls_start_client,
            "tls_start_server": tls.tls_start_server,
            "tls_failed_client": self._turned_away,
        }

    def waits_for_answer(self) -> bool:
        """Say whether a request of this client has not been answered at all yet."""
        found = self.layer.context.layers
        return any(
            isinstance(stream, RecordedStream) and stream.is_unanswered
            for each in found
            if isinstance(each, RecordedHttpLayer)
            for stream in each.streams.values()
        )

    def give_up(self, refusal: Refusal) -> None:
        """Count what the client asked for, or began to ask for, as refused, and close the connection."""
        self._desk.refused(refusal)
        self.leave()

    def leave(self) -> None:
        """Close the connection to the client as if it had left: what is open ends everywhere and is recorded."""
        client = self.transports.get(self.client)
        if client is not None and client.handler is not None:
            client.handler.cancel("shutdown")

    async def handle_hook(self, hook: commands.StartHook) -> None:
        """Call what listens to the hook, if anything does."""
        listens = self._hooks.get(hook.name)
        if listens is not None:
            listens(hook.args()[0])

    def log(self, message: str, level: int = logging.INFO, exc_info: Any = None) -> None:  # noqa: ARG002
        """Tell of crashes by their type; say nothing else, for mitmproxy's log lines quote what crossed."""
        if level >= logging.ERROR:
            error = exc_info[1] if isinstance(exc_info, tuple) else sys.exception()
            self._crashed(type(error).__name__)

    def _server_connect(self, data: server_hooks.ServerConnectionHookData) -> None:
        address = data.server.address
        if address is None or not self._dial(address[0], address[1]):
            data.server.error = "this destination is not in the configuration"

    def _turned_away(self, data: Any) -> None:
        if (refusal := self._tls.turned_away(data)) is not None:
            self._desk.refused(refusal)

    def _next_layer(self, question: layer.NextLayer) -> None:
        """Inside a CONNECT tunnel: TLS if it begins like TLS, else HTTP. Nothing is tunnelled unread."""
        data: bytes = question.data_client()  # type: ignore[no-untyped-call]
        if not data:
            return
        context = question.context
        if starts_like_tls_record(data) and not any(isinstance(seen, ClientTLSLayer) for seen in context.layers):
            outer = ServerTLSLayer(context)
            outer.child_layer = ClientTLSLayer(context)
            question.layer = outer
        else:
            question.layer = self._http(context, HTTPMode.transparent)

    def _http(self, context: Context, mode: HTTPMode) -> RecordedHttpLayer:
        return RecordedHttpLayer(context, mode, self._desk, self._bodies, self.give_up)


def _drop_trailers(flow: http.HTTPFlow) -> None:
    """RFC 9110 §6.5.1 allows it, and mitmproxy cannot send trailers on HTTP/1 at all."""
    if flow.request.data.trailers is not None:
        flow.request.data.trailers = None
    if flow.response is not None and flow.response.data.trailers is not None:
        flow.response.data.trailers = None


def _forget_messages(flow: Any) -> None:
    """Drop what an upgraded connection carried: mitmproxy keeps every message of it in memory otherwise."""
    flow.messages.clear()
