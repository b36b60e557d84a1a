"""HTTP archives (HAR 1.2) to captured exchanges. Pure module: no I/O, no transport.

The format: http://www.softwareishard.com/blog/har-12-spec/. Browsers write bodies with their content encoding undone;
some tools write them as they crossed, in base64.
"""

import base64
import binascii
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from douane.wire.captured import MAX_ENTRY, Answer, Exchanged, Faulty, Fields, Unusable, in_order

_COMPRESSED: Final = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd")  # gzip, zstd
_UPGRADED: Final = 101


class _Header(msgspec.Struct):
    name: str
    value: str = ""


class _Post(msgspec.Struct):
    text: str | None = None
    encoding: str = ""


class _Request(msgspec.Struct, rename="camel"):
    method: str
    url: str
    headers: list[_Header] = []
    post_data: _Post | None = None
    body_size: float | None = None


class _Content(msgspec.Struct):
    text: str | None = None
    encoding: str = ""
    size: float | None = None


class _Response(msgspec.Struct, rename="camel"):
    status: int = 0
    headers: list[_Header] = []
    content: _Content = msgspec.field(default_factory=_Content)
    body_size: float | None = None


class _Timings(msgspec.Struct):
    receive: float | None = None


class _When(msgspec.Struct, rename="camel", kw_only=True):
    started_date_time: str
    time: float | None = 0.0
    timings: _Timings | None = None


class _Entry(_When, rename="camel", kw_only=True):
    request: _Request
    response: _Response | None = None
    sockets: msgspec.Raw | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="_webSocketMessages")


class _Log(msgspec.Struct):
    entries: list[msgspec.Raw]


class _Archive(msgspec.Struct):
    log: _Log


_ARCHIVE: Final = msgspec.json.Decoder(_Archive)
_WHEN: Final = msgspec.json.Decoder(_When, strict=False)
_ENTRY: Final = msgspec.json.Decoder(_Entry, strict=False)

type Read = tuple[Exchanged, bool] | Faulty


def read_har(content: bytes) -> Iterator[Read] | Unusable:
    """Each exchange twice, as a request and as its answer, in the order in which they began; or what is wrong.

    Of the exchanges one at a time is decoded. Never raises on any input.
    """
    try:
        archive = _ARCHIVE.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return Unusable(
            "this is no HTTP archive (a JSON object with log.entries). Save it with the browser's network panel."
        )
    return _walk(archive.log.entries)


def _walk(entries: Sequence[msgspec.Raw]) -> Iterator[Read]:
    steps: list[tuple[float, int, bool]] = []
    for index, raw in enumerate(entries):
        if len(memoryview(raw)) > MAX_ENTRY:
            yield Faulty(index + 1, f"larger than {MAX_ENTRY // (1024 * 1024)} MiB")
            continue
        when = _decoded(_WHEN, raw)
        started = _time(when.started_date_time) if when is not None else None
        if when is None or started is None:
            yield Faulty(index + 1, "no startedDateTime that is an ISO 8601 time")
            continue
        received = when.timings.receive if when.timings is not None else None
        steps.append((started, index, False))
        steps.append((started + max(0.0, (when.time or 0.0) - max(0.0, received or 0.0)) / 1000, index, True))
    told: set[int] = set()
    for index, answers in in_order(steps):
        entry = _decoded(_ENTRY, entries[index])
        if entry is None:
            if index not in told:
                told.add(index)
                yield Faulty(index + 1, "its request or response is not written as in HAR 1.2")
            continue
        read = _exchanged(entry, index + 1)
        if isinstance(read, Exchanged):
            yield read, answers
        elif index not in told:
            told.add(index)
            yield read


def _decoded(decoder: msgspec.json.Decoder[Any], raw: msgspec.Raw) -> Any:
    try:
        return decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        return None


def _exchanged(entry: _Entry, number: int) -> Exchanged | Faulty:
    started = _time(entry.started_date_time) or 0.0
    post = entry.request.post_data
    body = _body(post.text, post.encoding) if post is not None else b""
    if body is None:
        return Faulty(number, "postData.text is not the base64 that it says it is")
    headers, body = _headers(entry.request.headers, body)
    answer: Answer | None = None
    response = entry.response
    upgraded = entry.sockets is not msgspec.UNSET or (response is not None and response.status == _UPGRADED)
    if response is not None and 100 <= response.status <= 599:
        content = _body(response.content.text, response.content.encoding)
        if content is None:
            return Faulty(number, "response.content.text is not the base64 that it says it is")
        fields, content = _headers(response.headers, content)
        size = max(response.content.size or 0, response.body_size or 0)
        answer = Answer(
            response.status,
            at=started + max(0.0, entry.time or 0.0) / 1000,
            headers=fields,
            body=content,
            missing=not content and size > 0,
            size=int(size) if 0 < size < 2**53 else None,
        )
    return Exchanged(
        number,
        at=started,
        method=entry.request.method.upper()[:32],
        url=entry.request.url,
        headers=headers,
        body=body,
        missing=not body and (entry.request.body_size or 0) > 0,
        answer=answer,
        websocket=upgraded,
    )


def _body(text: str | None, encoding: str) -> bytes | None:
    if text is None:
        return b""
    if encoding.lower() != "base64":
        return text.encode("utf-8", "surrogatepass")
    try:
        return base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None


def _headers(listed: Sequence[_Header], body: bytes) -> tuple[Fields, bytes]:
    """The headers as bytes; a content encoding is named only where the body still has it."""
    encoded = body.startswith(_COMPRESSED)
    fields = tuple(
        (_bytes(header.name), _bytes(header.value))
        for header in listed
        if header.name
        and not header.name.startswith(":")
        and (encoded or header.name.lower() not in ("content-encoding", "transfer-encoding"))
    )
    return fields, body


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _time(text: str) -> float | None:
    try:
        read = datetime.fromisoformat(text.strip())
        return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
