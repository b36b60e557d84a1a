"""What every request passes before anything answers it: the host's name, where it comes from, and its session."""

from http.cookies import CookieError, SimpleCookie
from typing import Final
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from douane.reports.page.door import Door, Session
from douane.reports.page.settings import PageSettings

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Final = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # `no-referrer` would make the origin of every form `null`
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "cache-control": "no-store",
}
"""On every answer, refusals included."""

OPEN_PATHS: Final = ("/open", "/sign-in")
"""What answers without a session, beside `/static/`."""

MOST_BYTES: Final = 256 * 1024
"""Of a form."""
_MOST_FIELDS: Final = 2000
_FORM: Final = "application/x-www-form-urlencoded"


class RefusedError(Exception):
    """A request that is refused: with which status, and in which words for whoever reads the network's log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def cookie_name(settings: PageSettings) -> str:
    """The name of the session's cookie: cookies know no ports, so the name has it."""
    return f"douane-{settings.port}"


def cookie_of(request: Request | Headers, name: str) -> str:
    """The value of a cookie, empty where there is none."""
    headers = request if isinstance(request, Headers) else request.headers
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return "" if found is None else found.value


class Safety:
    """Refuses what does not come from the page itself, finds the session, and puts `HEADERS` on every answer."""

    def __init__(self, app: ASGIApp, settings: PageSettings, door: Door) -> None:
        self._app, self._settings, self._door = app, settings, door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            self._check(scope["method"], Headers(scope=scope))
        except RefusedError as refused:
            await PlainTextResponse(f"{refused}\n", refused.status)(scope, receive, with_headers)
            return
        session = self._door.session(cookie_of(Headers(scope=scope), cookie_name(self._settings)))
        scope.setdefault("state", {})["session"] = session
        await self._app(scope, receive, with_headers)

    def _check(self, method: str, headers: Headers) -> None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or host_name(hosts[0]) not in self._settings.names:
            raise RefusedError(421, "This page does not answer to that name. Open the address that Douane printed.")
        if method not in ("GET", "HEAD", "POST"):
            raise RefusedError(405, "This page takes GET and POST.")
        site = headers.get("sec-fetch-site", "none")
        opened = method == "GET" and headers.get("sec-fetch-mode") == "navigate"
        if site not in ("none", "same-origin") and not (opened and headers.get("sec-fetch-dest") == "document"):
            raise RefusedError(403, "Another site asked for this.")
        if method == "POST" and not from_itself(headers.get("origin"), hosts[0]):
            raise RefusedError(403, "Another site sent this.")


def host_name(host: str) -> str:
    """The name in a `Host` header, in small letters and without port; empty for what is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".") if "@" not in host and "/" not in host else ""
    except ValueError:
        return ""


def from_itself(origin: str | None, host: str) -> bool:
    """Whether an `Origin` header (RFC 6454) names this host; programs that are no browser send none."""
    if origin is None:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == host.lower()


def session_of(request: Request) -> Session | None:
    """The session that `Safety` found."""
    found = request.scope.get("state", {}).get("session")
    return found if isinstance(found, Session) else None


async def form_of(request: Request) -> dict[str, tuple[str, ...]]:
    """What was posted. Raises `RefusedError` for another type, and for more than `MOST_BYTES`."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RefusedError(415, "This page takes forms.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            raise RefusedError(413, "This is more than the page takes.")
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="replace")
    except ValueError:
        raise RefusedError(400, "This form cannot be read.") from None
    return {name: tuple(values) for name, values in found.items()}


def let_in(response: Response, settings: PageSettings, cookie: str) -> Response:
    """The answer with a session's cookie on it, gone when the browser is closed."""
    response.set_cookie(
        cookie_name(settings), cookie, path="/", httponly=True, samesite="strict", secure=settings.secure
    )
    return response


def let_out(response: Response, settings: PageSettings) -> Response:
    """The answer that takes the session's cookie away."""
    response.delete_cookie(cookie_name(settings), path="/", httponly=True, samesite="strict", secure=settings.secure)
    return response
