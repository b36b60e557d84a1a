"""What an HTTP answer is, by its headers and first bytes, and the messages in its parts. Pure module: no I/O."""

from dataclasses import replace
from http import HTTPStatus
from typing import Final

from douane.audit.message import Gap
from douane.wire import headers, jsonrpc
from douane.wire.jsonrpc import Parsed
from douane.wire.sse import Event

_PHRASES: Final = {status.value: status.phrase.lower().encode() for status in HTTPStatus}
_SSE_STARTS: Final = (b"data:", b"event:", b"id:", b"retry:", b":")


def is_phrase(status: int | None, body: bytes) -> bool:
    """Whether a body is only the words that HTTP has for its status (`Not Found`)."""
    return len(body) < 64 and status in _PHRASES and body.strip(b" .\r\n").lower() == _PHRASES[status]


def is_sse(pairs: list[tuple[str, str]], body: bytes) -> bool:
    """Whether a body is an event stream: by its type unless it is JSON, or by how it begins."""
    if headers.first(pairs, "content-type").lower().startswith("text/event-stream"):
        return body[:64].lstrip(b" \t\r\n\xef\xbb\xbf")[:1] not in (b"{", b"[")
    return body.startswith(_SSE_STARTS)


def marked(items: list[Parsed | Gap], wrong: Gap) -> list[Parsed | Gap]:
    """`items` of a body with which something is wrong; that they are malformed says nothing new then."""
    kept: list[Parsed | Gap] = [one for one in items if isinstance(one, Parsed) or one.code != "malformed"]
    if not kept or not isinstance(kept[0], Parsed):
        return [wrong, *kept]
    return [replace(kept[0], gaps=(*kept[0].gaps, wrong)), *kept[1:]]


def event_items(event: Event, depth: int, skim: int | None) -> list[Parsed | Gap]:
    """The messages of one event; one that was cut off carries the gap `truncated`."""
    items = jsonrpc.read(event.data, max_depth=depth, skim=skim)
    return items if event.whole or not event.data else marked(items, Gap("truncated", "stream", size=len(event.data)))
