"""What a request or an answer is, told from its first bytes, its headers and its path. Pure functions."""

import re
from functools import lru_cache
from urllib.parse import urlsplit

_HEAD_BYTES = 64 * 1024
_OPENED_BYTES = 8 * 1024 * 1024
_FIRST = re.compile(rb"^(?:\xef\xbb\xbf)?[ \t\r\n]*[{\[]")

_OAUTH_LAST_NAMES = """
authorize authorization token tokens register registration revoke revocation introspect introspection userinfo callback
jwks jwks.json login signin sign-in logout signout consent par device device_authorization device-authorization oauth
oauth2 saml sso acs endsession connector_platform_oauth_redirect
"""
_OAUTH_NAMES = "oauth oauth2 openid oidc saml sso auth realms protocol"
_CHECKOUT_NAMES = """
checkout_sessions checkout-sessions agentic_commerce agentic-commerce agentic_checkout agentic-checkout
delegate_payment delegate-payment
"""
_OAUTH_LAST = frozenset(_OAUTH_LAST_NAMES.split())
_OAUTH_SEGMENTS = frozenset(_OAUTH_NAMES.split())
_CHECKOUT_SEGMENTS = frozenset(_CHECKOUT_NAMES.split())

CHALLENGE_PATH = "/.well-known/openai-apps-challenge"


def looks_like_json_rpc(body: bytes, encoding: bytes = b"") -> bool:
    """Say whether a body, or the beginning of one, reads as JSON-RPC; its Content-Type has no say.

    Of a compressed body the first 64 kB are undone; one that cannot be undone is none.
    """
    if not body:
        return False
    body = _opened(body, encoding)
    return _FIRST.match(body) is not None and b'"jsonrpc"' in body


def reads_as_json(body: bytes, encoding: bytes = b"") -> bool:
    """Say whether a body begins as a JSON object or array does, also one in UTF-16 or UTF-32."""
    return _FIRST.match(beginning(body, encoding).replace(b"\0", b"").lstrip(b"\xff\xfe")) is not None


def beginning(body: bytes, encoding: bytes = b"") -> bytes:
    """Return the first 64 kB of a body, those of a compressed one undone; empty when they cannot be undone."""
    return _opened(body[:_HEAD_BYTES], encoding)


def _opened(body: bytes, encoding: bytes) -> bytes:
    if not encoding or encoding.strip().lower() == b"identity":
        return body
    from douane.wire.encodings import Decoder  # only here: few bodies are compressed

    return b"".join(Decoder(encoding.decode("latin-1"), limit=_OPENED_BYTES).feed(body[:_HEAD_BYTES]))


@lru_cache(maxsize=256)
def is_event_stream(content_type: bytes | None) -> bool:
    """Say whether a Content-Type is `text/event-stream`, whatever its case and parameters."""
    return content_type is not None and content_type.split(b";")[0].strip().lower() == b"text/event-stream"


@lru_cache(maxsize=256)
def may_be_json(content_type: bytes | None) -> bool:
    """Say whether a body of this type is worth a look off the MCP path: JSON, text, octets, or no type at all."""
    if content_type is None:
        return True
    essence = content_type.split(b";")[0].strip().lower()
    return essence.endswith(b"json") or essence in (b"", b"text/plain", b"application/octet-stream")


@lru_cache(maxsize=256)
def is_form(content_type: bytes | None) -> bool:
    """Say whether a Content-Type names a form, which is how OAuth sends codes and secrets."""
    return content_type is not None and content_type.split(b";")[0].strip().lower() in (
        b"application/x-www-form-urlencoded",
        b"multipart/form-data",
    )


@lru_cache(maxsize=4096)
def path_class(path: str) -> str:
    """Sort a path without its query: `challenge`, `well-known`, `oauth`, `checkout` or `other`."""
    if path == CHALLENGE_PATH:
        return "challenge"
    if path.startswith("/.well-known/") or "/.well-known/" in path:
        return "well-known"
    segments = [segment.lower() for segment in path.split("/") if segment]
    if any(segment in _CHECKOUT_SEGMENTS for segment in segments):
        return "checkout"
    if segments and (segments[-1] in _OAUTH_LAST or any(segment in _OAUTH_SEGMENTS for segment in segments)):
        return "oauth"
    return "other"


_ENDPOINT = re.compile(
    rb"(?:^|\r\n|\n|\r)event: ?endpoint(?:\r\n|\n|\r)(?:[^\r\n]+(?:\r\n|\n|\r))*?data: ?([^\r\n]+)[\r\n]"
)


def legacy_endpoint(beginning: bytes) -> tuple[int, int] | None:
    """Find the URL in the `endpoint` event of a 2024-11-05 stream: its start and end in the stream's first bytes."""
    found = _ENDPOINT.search(beginning)
    return found.span(1) if found else None


def path_at_upstream(url: str, origin: str) -> str | None:
    """Return the path (no query) of a URL that the app named, None when it points to another origin than its own."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    if parts.scheme or parts.netloc:
        named = f"{parts.scheme}://{parts.netloc}" if parts.scheme else f"{origin.partition(':')[0]}://{parts.netloc}"
        if named.lower() != origin.lower():
            return None
    return parts.path if parts.path.startswith("/") else None
