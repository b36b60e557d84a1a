"""What is recorded of an app's own outgoing request: its query and body, so that what it passes on can be opened."""

from typing import Any, Final

from mitmproxy import http

from douane.proxy.credentials import blank_target
from douane.proxy.crossing import Crossing

MOST_BYTES: Final = 1024 * 1024
"""Of a larger body only the size is recorded, and a gap says so."""
_NEVER: Final = frozenset({"oauth", "checkout", "well-known", "challenge"})


def carried(flow: http.HTTPFlow, crossing: Crossing) -> tuple[dict[str, Any], bytes]:
    """What a passage on an egress listener carries besides its figures; nothing on any other route.

    Sign-in, checkout and discovery are never recorded; credentials in the query are blanked.
    """
    if crossing.route != "egress" or crossing.path_class in _NEVER or crossing.own:
        return {}, b""
    headers = flow.request.headers
    meta: dict[str, Any] = {
        "route": crossing.route,
        "target": blank_target(crossing.target),
        "content_type": headers.get("content-type", "")[:300],
        "content_encoding": headers.get("content-encoding", "")[:100],
    }
    body = flow.request.raw_content or b""
    if crossing.request_streamed or len(body) > MOST_BYTES:
        return {**meta, "truncated": True}, b""
    return meta, body
