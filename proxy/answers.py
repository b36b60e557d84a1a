"""The answers that Douane gives itself. They quote nothing of what was sent but the request's JSON-RPC id."""

import json

from mitmproxy import http

from douane.proxy.routes import Refusal

NOT_RECORDED = "Douane could not record this message, so it was not passed on."
NO_ANSWER = "The app's server could not be reached, or gave no valid answer."
_INTERNAL_ERROR = -32603
_ID_LIMIT_BYTES = 1 << 20


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
    body = (request.raw_content if request is not None else None) or b""
    if not 0 < len(body) <= _ID_LIMIT_BYTES:
        return None
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        return None
    found = read.get("id") if isinstance(read, dict) else None
    return found if isinstance(found, str | int) and not isinstance(found, bool) else None
