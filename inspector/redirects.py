"""Redirects that Douane's own clients follow: those within the app's own origin, and no other.

An app could otherwise have this machine send requests to where only this machine reaches.
"""

from typing import Any, Final

import httpx2

_PORTS: Final = {"http": 80, "https": 443}


class RedirectedElsewhere(httpx2.RequestError):
    """The app answers with a redirect to another origin; nothing was sent there."""


async def stay_with_the_app(response: httpx2.Response) -> None:
    """Response hook of a client that follows redirects; raises `RedirectedElsewhere`."""
    if not response.has_redirect_location:
        return
    try:
        goal = response.url.join(response.headers["location"])
    except httpx2.InvalidURL:
        raise RedirectedElsewhere("no address", request=response.request) from None
    if _origin(goal) != _origin(response.url):
        raise RedirectedElsewhere("another origin", request=response.request)


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port or _PORTS.get(url.scheme)


FOLLOWING: Final[dict[str, Any]] = {"follow_redirects": True, "event_hooks": {"response": [stay_with_the_app]}}
"""What a client is made with."""
