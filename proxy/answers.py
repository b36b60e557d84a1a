"""The answers that Douane gives itself. They quote nothing of what was sent but the request's JSON-RPC id."""

import json

from mitmproxy import http

from douane.audit.jsontext import Node, get
from douane.proxy.routes import Refusal

NOT_RECORDED = "Douane could not record this message, so it was not passed on."
NO_ANSWER = "The app's server could not be reached, or gave no valid answer."
_INTERNAL_ERROR = -32603
_READ_BYTES = 16 << 20
"""Bodies that are searched for an id, which takes 0.1 s at this size; larger ones are rarely kept."""


def refusal_response(refusal: Refusal) -> http.Response:
    """Return the answer to a request that is refused."""
    body = json.dumps({"error": refusal.code, "message": refusal.message}).encode()
    return http.Response.make(refusal.status, body, {"Content-Type": "application/json", "Cache-Control": "no-store"})


def not_recorded_response(request: http.Request) -> http.Response:
    """Return a JSON-RPC error with the request's id where that can be read, with HTTP status 503."""
    response = _rpc_error(503, NOT_RECORDED, request)
    response.headers["Retry-After"] = "5"
    return response


def no_answer_response(status: int, request: http.Request | None) -> http.Response:
    """Return a JSON-RPC error with the request's id where that can be read, for an upstream that does not answer."""
    return _rpc_error(status, NO_ANSWER, request)


def _rpc_error(status: int, message: str, request: http.Request | None) -> http.Response:
    error = {"jsonrpc": "2.0", "id": _rpc_id(request), "error": {"code": _INTERNAL_ERROR, "message": message}}
    return http.Response.make(status, json.dumps(error).encode(), {"Content-Type": "application/json"})


def _rpc_id(request: http.Request | None) -> str | int | None:
    """The id of the one message that a body is, what is beside it skipped; None for a batch and what is no JSON."""
    body = (request.raw_content if request is not None else None) or b""
    if request is None or not 0 < len(body) <= _READ_BYTES:
        return None
    from douane.wire.encodings import decode  # only here: what cannot be answered is rare
    from douane.wire.envelope import envelope

    opened = decode(body, request.headers.get("content-encoding", ""), _READ_BYTES)
    read = envelope(opened.decode("utf-8", "replace")) if isinstance(opened, bytes) else None
    found = get(read, "id") if isinstance(read, Node) else None
    if found is None or found.kind not in ("string", "number"):
        return None
    fits = isinstance(found.value, str) if found.kind == "string" else isinstance(found.value, int)
    return found.value if fits and isinstance(found.value, str | int) else None
