"""What of an exchange is changed on its way, all of it by configuration: OAuth discovery and path prefixes."""

import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from mitmproxy import http

from douane.proxy.crossing import HOST_KEY, Crossing
from douane.proxy.events import Events
from douane.proxy.routes import App

_PROTECTED_RESOURCE = "/.well-known/oauth-protected-resource"
_SERVER_METADATA = ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration")
_LOOKED_AT = frozenset((b"location", b"set-cookie", b"www-authenticate"))
_RESOURCE_METADATA = re.compile(r'(resource_metadata\s*=\s*)(?:"([^"]*)"|([^\s,"]+))', re.IGNORECASE)


class Rewriter:
    """Rewrites what the settings of an app ask for, and tells when an app's OAuth names another origin.

    Nothing is changed for an app that has neither a path prefix nor `oauth: rewrite`.
    """

    def __init__(self, events: Events) -> None:
        self._events = events
        self._told: set[tuple[str, str]] = set()

    def prepare(self, flow: http.HTTPFlow, crossing: Crossing) -> None:
        """Before the request goes on: ask for an answer that we can read where we must read it."""
        if crossing.app.prefix and flow.request.method == "GET":  # a legacy stream's `endpoint`
            fields = flow.request.headers.fields
            flow.request.headers.fields = tuple(
                (name, b"identity" if name.lower() == b"accept-encoding" else value) for name, value in fields
            )

    def wants_body(self, crossing: Crossing) -> bool:
        """Say whether the answer is read here although it is never recorded."""
        return crossing.path_class == "well-known" and crossing.route == "reverse"

    def endpoint(self, flow: http.HTTPFlow, crossing: Crossing) -> Callable[[str], str] | None:
        """Return what renames a legacy `endpoint` URL, None when nothing is renamed."""
        if not crossing.app.prefix or crossing.route != "reverse":
            return None
        public = _public_origin(flow, crossing.app)
        return lambda url: _outside(url, crossing.app, public) or url

    def head(self, flow: http.HTTPFlow, crossing: Crossing) -> None:
        """Rewrite, or look at, the head of an answer before it is passed on."""
        response = flow.response
        if response is None or crossing.route != "reverse":
            return
        if not any(name.lower() in _LOOKED_AT for name, _ in response.headers.fields):
            return
        app, headers, public = crossing.app, response.headers, _public_origin(flow, crossing.app)
        rewrites = app.settings.oauth == "rewrite"
        if app.prefix and "location" in headers:
            headers["location"] = _outside(headers["location"], app, public) or headers["location"]
        if app.prefix and "set-cookie" in headers:
            headers.set_all("set-cookie", [_cookie_outside(cookie, app) for cookie in headers.get_all("set-cookie")])
        if rewrites and "location" in headers:
            headers["location"] = _issuer_outside(headers["location"], app, public)
        if "www-authenticate" in headers:
            self._challenge(response, app, public, rewrites=rewrites)

    def document(self, flow: http.HTTPFlow, crossing: Crossing) -> None:
        """Rewrite, or look at, a whole discovery document before it is passed on."""
        response = flow.response
        if response is not None and response.status_code == 200 and self.wants_body(crossing):
            public = _public_origin(flow, crossing.app)
            self._document(response, crossing, public, rewrites=crossing.app.settings.oauth == "rewrite")

    def _challenge(self, response: http.Response, app: App, public: str, *, rewrites: bool) -> None:
        values = response.headers.get_all("www-authenticate")
        if rewrites:
            changed = [
                _RESOURCE_METADATA.sub(
                    lambda found: f'{found[1]}"{_metadata_outside(found[2] or found[3] or "", app, public)}"', value
                )
                for value in values
            ]
            if changed != values:
                response.headers.set_all("www-authenticate", changed)
            return
        for value in values:
            for found in _RESOURCE_METADATA.finditer(value):
                self._compare(app, public, found[2] or found[3] or "", "www-authenticate")

    def _document(self, response: http.Response, crossing: Crossing, public: str, *, rewrites: bool) -> None:
        try:
            document: Any = json.loads(response.get_content(strict=True) or b"")
        except (ValueError, RecursionError):
            return
        if not isinstance(document, dict):
            return
        if _PROTECTED_RESOURCE in crossing.path:
            resource = document.get("resource")
            if not rewrites:
                self._compare(crossing.app, public, resource if isinstance(resource, str) else "", "protected-resource")
                return
            changed = _resource_outside(document, crossing.app, public)
        elif rewrites and any(name in crossing.path for name in _SERVER_METADATA):
            changed = _urls_outside(document, crossing.app, public)
        else:
            return
        if changed != document:
            response.content = json.dumps(changed, separators=(",", ":")).encode()
            response.headers.pop("etag", None)

    def _compare(self, app: App, public: str, url: str, place: str) -> None:
        named = _origin(url)
        if not named or named in (_origin(app.settings.public_url or ""), public):
            return
        if (app.name, named) in self._told:
            return
        self._told.add((app.name, named))
        self._events.emit(
            "oauth",
            app=app.name,
            place=place,
            names=named,
            reached_as=public,
            change=(
                "Either configure the app itself with its public URL and set oauth: public_url and public_url here, "
                "or, if the app accepts tokens for that audience, set oauth: rewrite."
            ),
        )


def _public_origin(flow: http.HTTPFlow, app: App) -> str:
    """Return the origin under which clients know the app: its public_url, else what the request itself says."""
    if app.settings.public_url:
        return _origin(app.settings.public_url)
    host = str(flow.metadata.get(HOST_KEY) or "")
    scheme = "https" if flow.client_conn.tls else "http"
    forwarded = flow.request.headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return f"{forwarded if forwarded in ('http', 'https') else scheme}://{host}".lower()


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            return ""
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        port = parts.port
    except ValueError:
        return ""
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + ("" if port in (None, default) else f":{port}")


def _outside(url: str, app: App, public: str) -> str | None:
    """Return the app's URL as clients must ask for it, None for one that is not the app's own."""
    if url.startswith("/") and not url.startswith("//"):
        return app.prefix + url
    if _origin(url) != _origin(app.origin):
        return None
    parts = urlsplit(url)
    rest = parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")
    if app.prefix and rest.startswith("/.well-known/"):
        return public + _well_known_outside(rest, app.prefix)
    return f"{public}{app.prefix}{rest}" if rest or app.prefix else public


def _well_known_outside(path: str, prefix: str) -> str:
    """Put the prefix where RFC 8414 §3.1 and RFC 9728 §3.1 have it: behind the well-known name."""
    name, slash, rest = path.removeprefix("/.well-known/").partition("/")
    return f"/.well-known/{name}{prefix}{slash}{rest}"


def _metadata_outside(url: str, app: App, public: str) -> str:
    return _outside(url, app, public) or url


def _resource_outside(document: dict[str, Any], app: App, public: str) -> dict[str, Any]:
    """RFC 9728 §2: `resource` becomes the client's URL; an authorization server only if it is the app itself."""
    changed = dict(document)
    for key in ("resource", "jwks_uri"):
        if isinstance(changed.get(key), str):
            changed[key] = _metadata_outside(changed[key], app, public)
    servers = changed.get("authorization_servers")
    if isinstance(servers, list):
        changed["authorization_servers"] = [
            _metadata_outside(server, app, public) if isinstance(server, str) else server for server in servers
        ]
    return changed


def _urls_outside(document: dict[str, Any], app: App, public: str) -> dict[str, Any]:
    """RFC 8414 §2: every URL of the app's own origin, `issuer` first of all, becomes the client's."""
    return {
        key: _metadata_outside(value, app, public) if isinstance(value, str) else value
        for key, value in document.items()
    }


def _issuer_outside(location: str, app: App, public: str) -> str:
    """RFC 9207: the `iss` of an authorization response must equal the issuer in the rewritten metadata."""

    def renamed(found: re.Match[str]) -> str:
        return found[1] + quote(_metadata_outside(unquote(found[2]), app, public), safe="")

    return re.sub(r"([?&]iss=)([^&#]*)", renamed, location)


def _cookie_outside(cookie: str, app: App) -> str:
    return re.sub(r"(?i)(;\s*path=)(/[^;]*)", lambda found: found[1] + app.prefix + found[2], cookie)
