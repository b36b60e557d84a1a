"""Repairs to mitmproxy's HTTP/1, put in the place of its own classes by `install`.

Without them trailers fail an exchange with a 502, an interim answer such as 103 is taken for the final one, and heads
are passed on that two readers may read in two ways. What never ends is kept in memory for ever: a head, a chunk's first
line, trailers, requests that are sent before the first is answered. What mitmproxy refuses is answered in our words.
Held against the installed version by tests/proxy/test_engine_contract.py.
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
from mitmproxy.proxy.layers.http._events import ErrorCode, HttpEvent, RequestProtocolError, ResponseProtocolError
from mitmproxy.proxy.layers.http._http1 import Http1Client, Http1Server

from douane.proxy.answers import refusal_response
from douane.proxy.refusing import INVALID, TOO_FAR_AHEAD, TOO_LARGE_HEAD, VERSION, answer_to, count_refusal
from douane.proxy.routes import Refusal

HEAD_LIMIT_BYTES = 256 * 1024
"""The most of a head, of a chunk's first line and of trailers that is kept."""
AHEAD_LIMIT_BYTES = 1024 * 1024
"""The most that a client may send of further requests before it is answered."""
INTERIM_ANSWERS = 100
"""How many interim answers may come before the final one."""

_INTERIM = re.compile(rb"HTTP/1\.[01] 1(?!01)[0-9]{2}[ \r]")
_FIELDS = rb"(?:[!-~\x80-\xff][\t -~\x80-\xff]*+\r\n)*+\r\n"
_TWICE_READ = re.compile(
    rb"\r\n(?:content-length:[ \t]*0*[1-9][0-9]{18}|(?:content_length|transfer_encoding):)", re.IGNORECASE
)
_REQUEST_HEAD = re.compile(rb"[!-~]+ [!-~\x80-\xff]+ HTTP/[0-9.]+\r\n" + _FIELDS)
_ANSWER_HEAD = re.compile(rb"HTTP/1\.[01] [1-9][0-9]{2}(?: [\t -~\x80-\xff]*+)?\r\n" + _FIELDS)
_OTHER_VERSION = re.compile(rb"[!-~]+ [!-~\x80-\xff]+ HTTP/(?!1\.[01]\r)[0-9.]+\r\n")

type Commands = Generator[commands.Command, Any]


def head_fault(received: bytes, *, of_request: bool) -> bool:
    """Say whether what was received begins with a whole head that two readers may read in two ways.

    That is one with control characters, a bare CR or LF or a folded line (RFC 9110 §5.5, RFC 9112 §2.2, §5.2), a
    request line that is not three words with one space between them (RFC 9112 §3), a status line of no HTTP/1.0 or
    HTTP/1.1 or of another form (RFC 9112 §4; its last space may be left out), a length that 64 bits do not hold, or
    framing under a name that some take for the real one (an underscore for the hyphen).
    """
    head = (_REQUEST_HEAD if of_request else _ANSWER_HEAD).match(received)
    if head is not None:
        return _TWICE_READ.search(received, 0, head.end()) is not None
    return b"\n\r\n" in received or b"\n\n" in received


class TrailerlessReader(ChunkedReader):
    """Reads a chunked body and passes over its trailers (RFC 9110 §6.5.1)."""

    def __call__(self, buf: Any) -> Any:
        """Read the next event."""
        event = super().__call__(buf)
        return h11.EndOfMessage() if isinstance(event, h11.EndOfMessage) and event.headers else event


class FinalAnswers(Http1Client):
    """The upstream side of a connection; passes over interim answers (RFC 9110 §15.2) except 101.

    A head with two readings is no answer, nor is one that does not end within the limit.
    """

    _interim = 0

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of the final answer."""
        if self.request is not None and self.stream_id is not None and isinstance(event, events.DataReceived):
            fault = head_fault(received := bytes(self.buf), of_request=False)
            while not fault and _INTERIM.match(received) and self.buf.maybe_extract_lines() is not None:
                self._interim += 1
                fault = self._interim > INTERIM_ANSWERS or head_fault(received := bytes(self.buf), of_request=False)
            if fault:
                yield from self._no_answer("the head of the answer is not valid")
                return
        yield from super().read_headers(event)
        if self.response is not None:
            self._interim = 0
        elif len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_headers:
            yield from self._no_answer("the head of the answer does not end")

    def read_body(self, event: events.Event) -> Commands:
        """Read a part of the answer's body."""
        yield from super().read_body(event)
        if len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_body:
            yield from self._no_answer("a chunk's first line, or the trailers, do not end")

    def _no_answer(self, message: str) -> Commands:
        self.state = self.done
        yield commands.CloseConnection(self.conn)
        if self.stream_id is not None:
            yield ReceiveHttp(ResponseProtocolError(self.stream_id, message, ErrorCode.GENERIC_SERVER_ERROR))


class BoundedHeads(Http1Server):
    """The client side of a connection; refuses heads with two readings, and those that do not end within the limit."""

    _refused = False

    @property
    def waits_for_head(self) -> bool:
        """Whether a head has begun and not ended."""
        return bool(self.buf) and self.state == self.read_headers

    def read_headers(self, event: events.ConnectionEvent) -> Commands:
        """Read the head of a request."""
        if isinstance(event, events.DataReceived) and self.buf:
            while (received := bytes(self.buf)).startswith(b"\r\n"):  # RFC 9112 §2.2: before a request line
                self.buf.maybe_extract_lines()
            if head_fault(received, of_request=True):
                yield from self._refuse(INVALID)
                return
            if _OTHER_VERSION.match(received):  # RFC 9110 §15.6.6: else it would be passed on as it is
                yield from self._refuse(VERSION)
                return
        for command in super().read_headers(event):
            if isinstance(command, commands.SendData) and command.data is _INVALID and not self._refused:
                self._refused = True
                count_refusal(self.context, INVALID)
            yield command
        if len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_headers:
            yield from self._refuse(TOO_LARGE_HEAD)

    def read_body(self, event: events.Event) -> Commands:
        """Read a part of a request's body; framing that is not valid is answered before the connection is closed."""
        for command in super().read_body(event):
            if isinstance(command, commands.CloseConnection) and isinstance(event, events.DataReceived):
                yield from self._answer_invalid()
            yield command
        if len(self.buf) > HEAD_LIMIT_BYTES and self.state == self.read_body:
            self.state = self.done
            yield from self._answer_invalid()
            yield commands.CloseConnection(self.conn)
            message = "a chunk's first line, or the trailers, do not end"
            yield ReceiveHttp(RequestProtocolError(self.stream_id, message, ErrorCode.GENERIC_CLIENT_ERROR))

    def _answer_invalid(self) -> Commands:
        if self.response is None and self.state != self.read_headers and self._can_write():
            count_refusal(self.context, INVALID)
            yield commands.SendData(self.conn, _INVALID)

    def wait(self, event: events.Event) -> Commands:
        """Keep what comes before the answer is sent, up to the limit."""
        yield from super().wait(event)
        if len(self.buf) > AHEAD_LIMIT_BYTES and isinstance(event, events.DataReceived):
            self.state = self.done
            count_refusal(self.context, TOO_FAR_AHEAD)
            yield commands.CloseConnection(self.conn)
            message = "too much was sent ahead"
            yield ReceiveHttp(RequestProtocolError(self.stream_id, message, ErrorCode.CLIENT_DISCONNECTED))

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
