"""Repairs to mitmproxy's HTTP/1, put in the place of its own classes by `install`.

Without them trailers fail an exchange with a 502, an interim answer such as 103 is taken for the final one, a head that
never ends is kept in memory for ever, and heads are passed on that two readers may read in two ways. What mitmproxy
refuses is answered in our words. Held against the installed version by tests/proxy/test_engine_contract.py.
"""

import re
from collections.abc import Generator
from typing import Any

import h11
from h11._readers import ChunkedReader
from mitmproxy import http
from mitmproxy.connection import ConnectionState
from mitmproxy.net.http.http1 import assemble_response
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers import http as http_layers
from mitmproxy.proxy.layers.http import _http1
from mitmproxy.proxy.layers.http._base import ReceiveHttp
from mitmproxy.proxy.layers.http._events import ErrorCode, HttpEvent, ResponseProtocolError
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Server

from douane.proxy.answers import refusal_response
from douane.proxy.refusing import INVALID, TOO_LARGE_HEAD, answer_to, count_refusal
from douane.proxy.routes import Refusal

HEAD_LIMIT_BYTES = 256 * 1024

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r]")
_FIELDS = rb"(?:[!-~\x80-\xff][\t -~\x80-\xff]*+\r\n)*+\r\n"
_REQUEST_HEAD = re.compile(rb"[!-~]+ [!-~\x80-\xff]+ HTTP/[0-9.]+\r\n" + _FIELDS)
_ANSWER_HEAD = re.compile(_FIELDS)

type Commands = Generator[commands.Command, Any]


def head_fault(received: bytes, *, of_request: bool) -> bool:
    """Say whether what was received begins with a whole head that two readers may read in two ways.

    That is one with control characters, a bare CR or LF or a folded line (RFC 9110 §5.5, RFC 9112 §2.2, §5.2), or a
    request line that is not three words with one space between them (RFC 9112 §3).
    """
    if (_REQUEST_HEAD if of_request else _ANSWER_HEAD).match(received) is not None:
        return False
    return b"\n\r\n" in received or b"\n\n" in received


class TrailerlessReader(ChunkedReader):
    """Reads a chunked body and passes over its trailers (RFC 9110 §6.5.1)."""

    def __call__(self, buf: Any) -> Any:
        """Read the next event."""
        event = super().__call__(buf)
        return h11.EndOfMessage() if isinstance(event, h11.EndOfMessage) and event.headers else event


class FinalAnswers(Http1Client):
    """The upstream side of a connection; passes over interim answers (RFC 9110 §15.2) except 101.

    A head with two readings is no answer.
    """

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of the final answer."""
        if self.request is not None and self.stream_id is not None and isinstance(event, events.DataReceived):
            fault = head_fault(received := bytes(self.buf), of_request=False)
            while not fault and _INTERIM.match(received) and self.buf.maybe_extract_lines() is not None:
                fault = head_fault(received := bytes(self.buf), of_request=False)
            if fault:
                self.state = self.done
                yield commands.CloseConnection(self.conn)
                message = "the head of the answer is not valid"
                yield ReceiveHttp(ResponseProtocolError(self.stream_id, message, ErrorCode.GENERIC_SERVER_ERROR))
                return
        yield from super().read_headers(event)


class BoundedHeads(Http1Server):
    """The client side of a connection; refuses heads with two readings, and those that do not end within the limit."""

    _refused = False

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of a request."""
        if isinstance(event, events.DataReceived) and self.buf:
            while (received := bytes(self.buf)).startswith(b"\r\n"):  # RFC 9112 §2.2: before a request line
                self.buf.maybe_extract_lines()
            if head_fault(received, of_request=True):
                yield from self._refuse(INVALID)
                return
        for command in super().read_headers(event):
            if isinstance(command, commands.SendData) and command.data is _INVALID and not self._refused:
                self._refused = True
                count_refusal(self.context, INVALID)
            yield command
        if len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_headers:
            yield from self._refuse(TOO_LARGE_HEAD)

    def send(self, event: HttpEvent) -> Commands:
        """Send a part of an answer; one that stands for an error is in our words."""
        if isinstance(event, ResponseProtocolError) and not self.response and self._can_write():
            response = answer_to(event, self.context, self.request)
            if response is not None:
                yield commands.SendData(self.conn, _assembled(response))
                yield commands.CloseConnection(self.conn)
                return
        yield from super().send(event)

    def _can_write(self) -> bool:
        return bool(self.conn.state & ConnectionState.CAN_WRITE)

    def _refuse(self, refusal: Refusal) -> Commands:
        self.state = self.done
        count_refusal(self.context, refusal)
        yield commands.SendData(self.conn, _assembled(refusal_response(refusal)))
        yield commands.CloseConnection(self.conn)


def _assembled(response: http.Response) -> bytes:
    response.headers["Connection"] = "close"
    assembled: bytes = assemble_response(response)  # type: ignore[no-untyped-call]
    return assembled


_INVALID = _assembled(refusal_response(INVALID))


def _invalid(status_code: int, message: str = "") -> bytes:  # noqa: ARG001 - the message quotes the request
    return _INVALID


def install() -> None:
    """Let mitmproxy's layers use these classes."""
    _http1.ChunkedReader = TrailerlessReader  # type: ignore[attr-defined]
    _http1.make_error_response = _invalid
    http_layers.Http1Client = FinalAnswers  # type: ignore[attr-defined]
    http_layers.Http1Server = BoundedHeads  # type: ignore[attr-defined]
