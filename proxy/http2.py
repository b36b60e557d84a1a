"""A repair to mitmproxy's HTTP/2, put in the place of its own class by `install`: errors are answered in our words."""

from collections.abc import Generator
from typing import Any

from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http as http_layers
from mitmproxy.proxy.layers.http._events import (
    ResponseData,
    ResponseEndOfMessage,
    ResponseHeaders,
    ResponseProtocolError,
)
from mitmproxy.proxy.layers.http._http2 import Http2Server

from douane.proxy.refusing import answer_to, asked

type Commands = Generator[commands.Command, Any]


class PlainErrors(Http2Server):
    """The client side of an HTTP/2 connection."""

    def _handle_event(self, event: events.Event) -> Commands:
        if isinstance(event, ResponseProtocolError) and self._may_answer(event.stream_id):
            response = answer_to(event, self.context, asked(self.context, event.stream_id))
            if response is not None:
                yield from super()._handle_event(ResponseHeaders(event.stream_id, response))
                yield from super()._handle_event(ResponseData(event.stream_id, response.raw_content or b""))
                yield from super()._handle_event(ResponseEndOfMessage(event.stream_id))
                return
        yield from super()._handle_event(event)

    def _may_answer(self, stream_id: int) -> bool:
        stream = self.h2_conn.streams.get(stream_id)
        return self.is_open_for_us(stream_id) and stream is not None and not stream.state_machine.headers_sent


def install() -> None:
    """Let mitmproxy's layers use this class."""
    http_layers.Http2Server = PlainErrors  # type: ignore[attr-defined]
