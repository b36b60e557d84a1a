"""What must never enter the spool: credentials, in headers and in URLs. Pure functions."""

import re
from collections.abc import Iterable
from functools import lru_cache
from urllib.parse import unquote_plus


_WITHHELD_NAMES = """
authorization proxy-authorization cookie cookie2 set-cookie set-cookie2 mcp-session-id dpop authentication-info
proxy-authentication-info x-api-key api-key apikey x-forwarded-client-cert client-cert client-cert-chain
x-amz-security-token x-amzn-oidc-data x-amzn-oidc-identity x-goog-iap-jwt-assertion cf-access-jwt-assertion
x-serverless-authorization x-ms-client-principal douane-own
"""
_WITHHELD = frozenset(_WITHHELD_NAMES.split())
_WITHHELD_WORDS = re.compile(
    r"token|secret|passw|api-?key|credential|cookie|jwt|signature|session-id|-auth$|^auth-|otp"
)
_CARRIES_URL = frozenset(("location", "content-location", "referer", "refresh", "link"))

_CREDENTIAL_NAMES = """
accesstoken token idtoken refreshtoken idtokenhint logintoken key apikey subscriptionkey code sig signature sessionid
session sid password passwd pwd pass secret clientsecret auth authorization jwt assertion clientassertion samlresponse
samlrequest otp ticket credential credentials xamzsignature xamzcredential xamzsecuritytoken xgoogsignature
xgoogcredential hmac hash state nonce codeverifier codechallenge devicecode usercode requesturi bearer csrf csrftoken
"""
_CREDENTIAL_PARAMETERS = frozenset(_CREDENTIAL_NAMES.split())
_SESSION_PARAMETERS = frozenset(("sessionid", "session"))

type Fields = Iterable[tuple[bytes, bytes]]


@lru_cache(maxsize=1024)
def is_withheld(name: bytes) -> bool:
    """Say whether a header of this name holds a credential and so stays out of the spool.

    Listed names, and any name with a word that says credential. `Mcp-Param-*` mirrors an argument and never counts.
    """
    lower = name.decode("latin-1").lower()
    if lower in _WITHHELD:
        return True
    return not lower.startswith("mcp-param-") and _WITHHELD_WORDS.search(lower) is not None


def recorded_headers(fields: Fields) -> list[list[str]]:
    """Return the headers as they may be recorded: in order, without credentials, URLs in them blanked."""
    kept: list[list[str]] = []
    for name, value in fields:
        if is_withheld(name):
            continue
        text = value.decode("utf-8", "surrogateescape")
        title = name.decode("latin-1")
        kept.append([title, blank_target(text) if title.lower() in _CARRIES_URL else text])
    return kept


def blank_target(target: str) -> str:
    """Return a URL or request target in which each credential-like query value reads `{n}`, n its length.

    Parameters in a fragment count too, and so does a password before an `@`.
    """
    if "@" in target and "://" in target:
        target = re.sub(r"(://)([^/?#@]*)@", lambda found: f"{found[1]}{{{len(found[2])}}}@", target)
    if "=" not in target:
        return target
    return re.sub(r"(?<=[?&#;])([^=&#;?]*)=([^&#;]*)", _blanked, target)


def _blanked(found: re.Match[str]) -> str:
    if found[2] and _plain_name(found[1]) in _CREDENTIAL_PARAMETERS:
        return f"{found[1]}={{{len(found[2])}}}"
    return found[0]


@lru_cache(maxsize=1024)
def _plain_name(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", unquote_plus(name).lower())


def session_in_target(target: str) -> str:
    """Return the session id that a legacy message endpoint carries in its query, or an empty string."""
    _, _, query = target.partition("?")
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if value and _plain_name(name) in _SESSION_PARAMETERS:
            return unquote_plus(value)
    return ""


def credential_in_target(target: str) -> str:
    """Return the access token or key that a request carries in its query, or an empty string."""
    _, _, query = target.partition("?")
    for pair in query.split("&") if query else ():
        name, _, value = pair.partition("=")
        if value and _plain_name(name) in ("accesstoken", "token", "apikey", "key"):
            return value
    return ""
