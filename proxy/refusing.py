"""How a connection says and counts what mitmproxy itself refuses, and what no upstream answered."""

from mitmproxy import http
from mitmproxy.proxy.context import Context
from mitmproxy.proxy.layers.http import HttpLayer
from mitmproxy.proxy.layers.http._events import ResponseProtocolError

from douane.proxy import routes
from douane.proxy.answers import no_answer_response, refusal_response
from douane.proxy.routes import Refusal

INVALID = Refusal(400, "invalid-request", "The request is not valid HTTP, or might be read in two ways.")
TOO_LARGE_HEAD = Refusal(431, "head-too-large", "The request's head is over 256 kB.")
SLOW_HEAD = Refusal(408, "head-too-slow", "The request's head did not end within a minute.")
SLOW_BODY = Refusal(408, "body-too-slow", "The request's body did not end within the time allowed.")
TOO_MUCH_WAITING = Refusal(503, "too-much-waiting", "Too much of requests that did not end was kept in memory.")
VERSION = Refusal(505, "version", "Douane speaks HTTP/1.0, HTTP/1.1 and HTTP/2; send the request with one of these.")
TOO_FAR_AHEAD = Refusal(400, "too-far-ahead", "Over 1 MiB of further requests came before the answer to the first.")
NO_CONNECT = Refusal(400, routes.CONNECT.code, routes.CONNECT.message)


class CountingLayer(HttpLayer):
    """An HTTP layer that is told of requests refused before they were routed."""

    def refused(self, refusal: Refusal) -> None:
        """Count a refusal."""
        raise NotImplementedError


def count_refusal(context: Context, refusal: Refusal) -> None:
    """Tell the layer to which a connection belongs that a request of it is refused."""
    for each in reversed(context.layers):
        if isinstance(each, CountingLayer):
            each.refused(refusal)
            return


def answer_to(event: ResponseProtocolError, context: Context, request: http.Request | None) -> http.Response | None:
    """Return the answer that stands for an error, None for an error that ends the connection instead.

    A request that is refused by it is counted.
    """
    status = event.code.http_status_code()
    if status is None:
        return None
    if status >= 500:
        return no_answer_response(status, request)
    refusal = NO_CONNECT if request is not None and request.method == "CONNECT" else INVALID
    count_refusal(context, refusal)
    return refusal_response(refusal)


def asked(context: Context, stream_id: int) -> http.Request | None:
    """Return the request of a stream, None when there is none any more."""
    for each in reversed(context.layers):
        if isinstance(each, HttpLayer):
            flow: http.HTTPFlow | None = getattr(each.streams.get(stream_id), "flow", None)
            return flow.request if flow is not None else None
    return None
