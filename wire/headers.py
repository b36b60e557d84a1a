"""Which HTTP headers and URL parts carry user data, and how they read. Pure module: no I/O.

Every header is inspected unless it is listed here as a credential (never recorded) or as part of the protocol, so a
header that nobody foresaw is opened rather than missed.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import unquote, unquote_plus

from douane.audit.message import HttpPart

_CREDENTIALS_WORDS: Final = """
authorization proxy-authorization cookie cookie2 set-cookie set-cookie2 www-authenticate proxy-authenticate
authentication-info proxy-authentication-info x-api-key api-key apikey x-auth-token x-access-token x-csrf-token
x-xsrf-token x-amz-security-token x-goog-api-key x-functions-key ocp-apim-subscription-key dpop
x-forwarded-access-token x-forwarded-client-cert client-cert client-cert-chain
"""
CREDENTIALS: Final = frozenset(_CREDENTIALS_WORDS.split())
"""Headers that hold a secret. The proxy takes them off before it records; here they are passed over all the same."""

_PROTOCOL_WORDS: Final = """
accept accept-charset accept-encoding cache-control connection content-encoding content-length content-type
content-md5 content-digest repr-digest date dnt early-data expect host http2-settings if-match if-modified-since
if-none-match if-range if-unmodified-since keep-alive last-event-id max-forwards mcp-method mcp-protocol-version
mcp-session-id origin pragma priority proxy-connection range save-data sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform
sec-fetch-dest sec-fetch-mode sec-fetch-site sec-fetch-user sec-gpc te traceparent tracestate trailer
transfer-encoding upgrade upgrade-insecure-requests via x-accel-buffering x-amzn-trace-id x-b3-flags
x-b3-parentspanid x-b3-sampled x-b3-spanid x-b3-traceid b3 x-cloud-trace-context x-datadog-parent-id
x-datadog-sampling-priority x-datadog-trace-id x-envoy-attempt-count x-envoy-expected-rq-timeout-ms x-forwarded-host
x-forwarded-port x-forwarded-proto x-forwarded-scheme x-forwarded-ssl x-original-forwarded-proto x-request-id
x-request-start x-scheme cdn-loop cf-ray cf-visitor cf-warp-tag-id webhook-id webhook-timestamp webhook-signature
"""
PROTOCOL: Final = frozenset(_PROTOCOL_WORDS.split())
"""Headers that the protocol or the network needs and that hold no datum of a person."""

PROTOCOL_PREFIXES: Final = ("x-stainless-", "access-control-")

_EVERYDAY_WORDS: Final = """
user-agent accept-language x-forwarded-for forwarded x-real-ip cf-connecting-ip cf-ipcountry true-client-ip
"""
EVERYDAY: Final = frozenset(_EVERYDAY_WORDS.split())
"""Inspected on messages, but sent with every request alike: they alone do not make an exchange of a bodiless one."""

_ANSWER_WORDS: Final = """
accept-ch accept-ranges age allow alt-svc content-language content-security-policy
content-security-policy-report-only etag expect-ct expires last-modified link nel origin-agent-cluster
permissions-policy proxy-status referrer-policy report-to reporting-endpoints retry-after server server-timing
sourcemap strict-transport-security timing-allow-origin vary x-aspnet-version x-aspnetmvc-version x-cache
x-cache-hits x-content-type-options x-correlation-id x-dns-prefetch-control x-download-options x-frame-options
x-kong-proxy-latency x-kong-upstream-latency x-permitted-cross-domain-policies x-powered-by x-process-time
x-railway-request-id x-render-origin-server x-response-time x-robots-tag x-runtime x-served-by x-timer x-trace-id
x-ua-compatible x-vercel-cache x-vercel-id x-xss-protection fly-request-id
"""
ANSWER_PROTOCOL: Final = frozenset(_ANSWER_WORDS.split())
"""Headers of answers that say how the answer was made or is to be treated, and hold no datum of a person."""

ANSWER_PREFIXES: Final = ("cross-origin-", "ratelimit", "x-ratelimit-", "x-rate-limit-", "cf-", "x-amz-", "x-envoy-")

_SESSION_KEYS: Final = frozenset({"sessionid", "session"})  # of the 2024-11-05 transport, however they are spelled

WITHHELD_BESIDE: Final = ("userinfo", "path", "fragment")
"""The parts of an address, besides its query, in which a credential may stand."""

_PLAIN_PATH: Final = frozenset({"", "mcp", "sse", "message", "messages", "api", "v1", "v2", "stream", "http", "rpc"})
_B64_START: Final = "=?base64?"
_B64_END: Final = "?="


def decode_value(value: str) -> str:
    """A header value with the `=?base64?…?=` form of MCP 2026-07-28 undone; as it is when it is not that."""
    if not (value.lower().startswith(_B64_START) and value.endswith(_B64_END)):
        return value
    coded = value[len(_B64_START) : -len(_B64_END)]
    try:
        return base64.b64decode(coded, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return value


def is_inspected(name: str) -> bool:
    """Whether a header of this lower-case name is opened."""
    return name not in CREDENTIALS and name not in PROTOCOL and not name.startswith(PROTOCOL_PREFIXES)


def first(headers: Iterable[Sequence[str]], name: str) -> str:
    """The first value of the header `name` (given in lower case), stripped, or ""."""
    for pair in headers:
        if pair[0].lower() == name:
            return pair[1].strip()
    return ""


def header_parts(headers: Iterable[Sequence[str]]) -> tuple[HttpPart, ...]:
    """The headers of a request that can carry user data, in order, `Mcp-*` values decoded."""
    parts: list[HttpPart] = []
    for pair in headers:
        name, value = pair[0].lower(), pair[1]
        if value and is_inspected(name):
            text = _readable(value)
            parts.append(HttpPart("header", name, decode_value(text) if name.startswith("mcp-") else text))
    return tuple(parts)


def answer_parts(headers: Iterable[Sequence[str]]) -> tuple[HttpPart, ...]:
    """The headers of an answer that can carry user data, in order."""
    return tuple(
        part
        for part in header_parts(headers)
        if part.name not in ANSWER_PROTOCOL and not part.name.startswith(ANSWER_PREFIXES)
    )


def target_parts(target: str) -> tuple[HttpPart, ...]:
    """Path and query of a request target, percent-decoded, without session ids of the protocol and everyday paths."""
    path, _, query = target.partition("#")[0].partition("?")
    if "://" in path:
        path = "/" + path.partition("://")[2].partition("/")[2]
    parts: list[HttpPart] = []
    if not all(segment in _PLAIN_PATH for segment in path.lower().split("/")):
        parts.append(HttpPart("path", "", unquote(path, errors="replace")))
    for pair in query.split("&"):
        name, has_value, value = pair.partition("=")
        key = unquote_plus(name, errors="replace")
        if not pair or _is_session_key(name):
            continue
        if has_value:
            parts.append(HttpPart("query", key, unquote_plus(value, errors="replace")))
        else:
            parts.append(HttpPart("query", "", key))  # `?hello` is data, not the name of a datum
    return tuple(parts)


def withheld_parts(meta: Mapping[str, object]) -> tuple[HttpPart, ...]:
    """What of a request's address held credentials and so was never recorded: the part and the name, no value."""
    parts = [HttpPart("withheld", name, "") for name in _strings(meta.get("withheld"))]
    for one in _strings(meta.get("withheld_beside")):
        place, _, name = one.partition(" ")
        if place in WITHHELD_BESIDE:
            parts.append(HttpPart(f"withheld-{place}", name, ""))
    return tuple(parts)


def _strings(listed: object) -> list[str]:
    return [one for one in listed if isinstance(one, str)] if isinstance(listed, list) else []


def names_session(target: str) -> bool:
    """Whether the query of `target` names a session in the way of the SDKs' 2024-11-05 transport."""
    query = target.partition("?")[2]
    return bool(query) and any(_plain(pair.partition("=")[0]) == "sessionid" for pair in query.split("&"))


def session_in(target: str) -> str:
    """The session id in the query of a 2024-11-05 message endpoint, or ""."""
    for pair in target.partition("#")[0].partition("?")[2].split("&"):
        name, _, value = pair.partition("=")
        if _is_session_key(name):
            return unquote_plus(value, errors="replace")
    return ""


def _readable(value: str) -> str:
    """A value whose bytes were not UTF-8 (kept as lone surrogates) as the Latin-1 that it then was."""
    if value.isascii():
        return value
    try:
        raw = value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _is_session_key(name: str) -> bool:
    return _plain(name) in _SESSION_KEYS


def _plain(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")
