"""A call, its answer, and an app that always answers the same."""

from collections.abc import Callable
from typing import Any

CALL = b'{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"find","arguments":{"city":"Lyon"}}}'
RESULT = b'{"jsonrpc":"2.0","id":7,"result":{"content":[]}}'


def http_answer(body: bytes, content_type: str = "application/json", status: str = "200 OK", extra: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n{extra}Content-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def always(answer: bytes) -> Callable[..., None]:
    def serve(wire: Any, upstream: Any) -> None:
        while True:
            upstream.received.append(wire.message())
            wire.send(answer)

    return serve
