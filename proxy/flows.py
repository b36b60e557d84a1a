"""mitmproxy's flow files (`mitmdump -w`) to captured exchanges, one flow in memory at a time.

The container is read here and not by mitmproxy, whose reader believes any length that a file names; the flow's own
versions and fields are mitmproxy's business.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from mitmproxy import flow as mitmproxy_flow
from mitmproxy import http
from mitmproxy.io import compat

from douane.wire.captured import MAX_ENTRY, Answer, Exchanged, Faulty, Unusable, in_order

_MAX_DEPTH: Final = 32
_DIGITS: Final = 12

type Read = tuple[Exchanged, bool] | Faulty


class _BrokenError(Exception):
    """The file is not what it says; the message quotes nothing of it."""


def read_flows(file: BinaryIO) -> Iterator[Read] | Unusable:
    """Each exchange twice, as a request and as its answer, in the order in which they began; or what is wrong.

    `file` can seek and is read twice. Flows that are no HTTP are passed over. Never raises but for the file's OSError.
    """
    first = file.read(1)
    file.seek(0)
    if not first.isdigit():
        return Unusable("this is no flow file of mitmproxy. Save one with: mitmdump -w FILE")
    return _walk(file)


def _walk(file: BinaryIO) -> Iterator[Read]:
    steps: list[tuple[float, int, bool]] = []
    offsets: list[int] = []
    while True:
        offset, number = file.tell(), len(offsets) + 1
        try:
            raw = _element(file)
        except _BrokenError as broken:
            yield Faulty(number, f"{broken}; what follows it is not read")
            break
        if raw is None:
            break
        offsets.append(offset)
        flow = _flow(raw, number)
        if isinstance(flow, Faulty):
            yield flow
        elif flow is not None:
            steps.append((flow.request.timestamp_start, number - 1, False))
            begun = flow.response.timestamp_start if flow.response is not None else flow.request.timestamp_start
            steps.append((begun, number - 1, True))
    for index, answers in in_order(steps):
        file.seek(offsets[index])
        again = _element(file)
        flow = _flow(again, index + 1) if again is not None else None
        if isinstance(flow, http.HTTPFlow):
            yield _exchanged(flow, index + 1), answers


def _exchanged(flow: http.HTTPFlow, number: int) -> Exchanged:
    request, response = flow.request, flow.response
    answer = None
    if response is not None:
        answer = Answer(
            response.status_code,
            at=response.timestamp_end or response.timestamp_start,
            headers=tuple(response.headers.fields),
            body=response.raw_content or b"",
            truncated=flow.error is not None,
            missing=response.raw_content is None,
        )
    return Exchanged(
        number,
        at=request.timestamp_start,
        method=request.method[:32],
        url=request.url,
        headers=tuple(request.headers.fields),
        body=request.raw_content or b"",
        missing=request.raw_content is None,
        answer=answer,
        websocket=flow.websocket is not None or (response is not None and response.status_code == 101),
    )


def _flow(raw: tuple[bytes, bytes], number: int) -> http.HTTPFlow | Faulty | None:
    try:
        state = _value(*raw)
    except (_BrokenError, ValueError) as broken:
        return Faulty(number, str(broken) if isinstance(broken, _BrokenError) else "not written as mitmproxy writes")
    if not isinstance(state, dict):
        return Faulty(number, "not a flow")
    try:
        migrated = compat.migrate_flow(state)
        if migrated.get("type", migrated.get(b"type")) not in ("http", b"http"):
            return None
        flow = mitmproxy_flow.Flow.from_state(migrated)
        if not isinstance(flow, http.HTTPFlow):
            return None
        _exchanged(flow, number)
    except Exception:  # noqa: BLE001 - mitmproxy's converters take a flow's shape for granted; the text may quote it
        return Faulty(number, "not a flow that this mitmproxy reads")
    return flow


def _element(file: BinaryIO) -> tuple[bytes, bytes] | None:
    """The next element's type and content; None at the end of the file."""
    digits = b""
    while (one := file.read(1)).isdigit():
        digits += one
        if len(digits) > _DIGITS:
            raise _BrokenError("a length that cannot be")
    if not digits and not one:
        return None
    if one != b":" or not digits:
        raise _BrokenError("not written as mitmproxy writes" if one else "the file ends within it")
    if int(digits) > MAX_ENTRY:
        raise _BrokenError(f"larger than {MAX_ENTRY // (1024 * 1024)} MiB")
    content, kind = file.read(int(digits)), file.read(1)
    if len(content) < int(digits) or not kind:
        raise _BrokenError("the file ends within it")
    return kind, content


def _value(kind: bytes, content: bytes) -> Any:
    """The value of an element (https://tnetstrings.info), its nesting bounded."""
    return _parsed(kind, memoryview(content), 0)


def _parsed(kind: bytes, data: memoryview, depth: int) -> Any:
    match kind:
        case b",":
            return data.tobytes()
        case b";":
            return str(data, "utf-8")
        case b"#":
            return int(data.tobytes())
        case b"^":
            return float(data.tobytes())
        case b"!":
            return {b"true": True, b"false": False}.get(data.tobytes())
        case b"~":
            return None
        case b"]" | b"}":
            if depth >= _MAX_DEPTH:
                raise _BrokenError("nested too deep")
            items = [_parsed(one, part, depth + 1) for one, part in _parts(data)]
            if kind == b"]":
                return items
            if len(items) % 2 or not all(isinstance(key, str | bytes) for key in items[::2]):
                raise _BrokenError("not written as mitmproxy writes")
            return dict(zip(items[::2], items[1::2], strict=True))
        case _:
            raise _BrokenError("not written as mitmproxy writes")


def _parts(data: memoryview) -> Iterator[tuple[bytes, memoryview]]:
    at = 0
    while at < len(data):
        colon = data[at : at + _DIGITS + 1].tobytes().find(b":")
        digits = data[at : at + max(colon, 0)].tobytes()
        if colon < 1 or not digits.isdigit():
            raise _BrokenError("not written as mitmproxy writes")
        start = at + colon + 1
        end = start + int(digits)
        if end >= len(data):
            raise _BrokenError("a length that cannot be")
        yield data[end : end + 1].tobytes(), data[start:end]
        at = end + 1
