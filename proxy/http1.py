"""Three repairs to mitmproxy's HTTP/1, put in the place of its own classes by `install`.

Without them trailers fail an exchange with a 502, an interim answer such as 103 is taken for the final one, and a head
that never ends is kept in memory for ever. Held against the installed version by tests/proxy/test_engine_contract.py.
"""

import re
from collections.abc import Generator
from typing import Any

import h11
from h11._readers import ChunkedReader
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http as http_layers
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Server

HEAD_LIMIT_BYTES = 256 * 1024

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r]")

type Commands = Generator[commands.Command, Any]


class TrailerlessReader(ChunkedReader):
    """Reads a chunked body and passes over its trailers (RFC 9110 §6.5.1)."""

    def __call__(self, buf: Any) -> Any:
        """Read the next event."""
        event = super().__call__(buf)
        return h11.EndOfMessage() if isinstance(event, h11.EndOfMessage) and event.headers else event


class FinalAnswers(Http1Client):
    """The upstream side of a connection; passes over interim answers (RFC 9110 §15.2) except 101."""

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of the final answer."""
        if self.request is not None and isinstance(event, events.DataReceived):
            while _INTERIM.match(bytes(self.buf)) and self.buf.maybe_extract_lines() is not None:
                pass
        yield from super().read_headers(event)


class BoundedHeads(Http1Server):
    """The client side of a connection; answers 431 to a head that does not end within the limit."""

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of a request."""
        yield from super().read_headers(event)
        if len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_headers:
            self.state = self.done
            yield commands.SendData(
                self.conn, b"HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            yield commands.CloseConnection(self.conn)


def install() -> None:
    """Let mitmproxy's layers use these classes."""
    _http1.ChunkedReader = TrailerlessReader  # type: ignore[attr-defined]
    http_layers.Http1Client = FinalAnswers  # type: ignore[attr-defined]
    http_layers.Http1Server = BoundedHeads  # type: ignore[attr-defined]
