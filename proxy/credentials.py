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
    r"token|secret|passw|api-?key|credential|cookie|jwt|signature|session|-auth$|^auth-|(?:^|-)otp(?:-|$)"
)
_MIRRORED = frozenset(("x-openai-session",))
"""Headers that mirror a field of the body, which is inspected, and whose pseudonym is kept."""
_CARRIES_URL = frozenset(("location", "content-location", "referer", "refresh", "link"))

_CREDENTIAL_NAMES = """
accesstoken token idtoken refreshtoken idtokenhint logintoken key apikey subscriptionkey code sig signature sessionid
session sid password passwd pwd pass secret clientsecret auth authorization jwt assertion clientassertion samlresponse
samlrequest otp ticket credential credentials xamzsignature xamzcredential xamzsecuritytoken xgoogsignature
xgoogcredential hmac hash state nonce codeverifier codechallenge devicecode usercode requesturi bearer csrf csrftoken
"""
_CREDENTIAL_PARAMETERS = frozenset(_CREDENTIAL_NAMES.split())
_EVERYDAY = frozenset(("code", "pin"))
_SHORTEST_CODE = 8
"""A country, a postal area and a promotion have codes too: a shorter one is blanked, and not called a credential."""
_MOST_NAMES = 20  # of withheld parameters that are recorded of one request
_SESSION_PARAMETERS = frozenset(("sessionid", "session"))

_QUERY_PAIR = re.compile(r"(?<=[?&#;])([^=&#;?]*)=([^&#;]*)")
_USERINFO = re.compile(r"(://)([^/?#@]*)@")
_PATH_PARAMETER = re.compile(r"(?<=;)([^=;/]*)=([^;/]*)")
_BAGGAGE_MEMBER = re.compile(r"(?:(?<=[,;])|^)([^=,;]*)=([^,;]*)")
_WORD_START = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+")
_FORM_NAME = re.compile(rb"(?:^|&)([^=&]*)=")
_FORM = re.compile(rb"\s*[A-Za-z0-9_.~%+*\[\]-]+=")

type Fields = Iterable[tuple[bytes, bytes]]


@lru_cache(maxsize=1024)
def is_withheld(name: bytes) -> bool:
    """Say whether a header of this name holds a credential and so stays out of the spool.

    Listed names, and any name with a word that says credential. `Mcp-Param-*` mirrors an argument and
    `X-Openai-Session` a field of `_meta`: they never count.
    """
    lower = name.decode("latin-1").lower()
    if lower in _WITHHELD:
        return True
    if lower in _MIRRORED or lower.startswith("mcp-param-"):
        return False
    return _WITHHELD_WORDS.search(lower) is not None


def recorded_headers(fields: Fields) -> list[list[str]]:
    """Return the headers as they may be recorded: in order, without credentials, URLs and baggage in them blanked."""
    kept: list[list[str]] = []
    for name, value in fields:
        if is_withheld(name):
            continue
        text = value.decode("utf-8", "surrogateescape")
        title = name.decode("latin-1")
        lower = title.lower()
        if lower in _CARRIES_URL:
            text = blank_target(text)
        elif lower == "baggage":
            text = _BAGGAGE_MEMBER.sub(_blanked, text)
        kept.append([title, text])
    return kept


def blank_target(target: str) -> str:
    """Return a URL or request target in which each credential-like query value reads `{n}`, n its length.

    Parameters in a fragment and in the path (`;jsessionid=…`) count too, and so does a password before an `@`.
    """
    if "@" in target and "://" in target:
        target = _USERINFO.sub(lambda found: f"{found[1]}{{{len(found[2])}}}@", target)
    if "=" not in target:
        return target
    end = re.search(r"[?#]|$", target)
    at = end.start() if end else len(target)
    return _PATH_PARAMETER.sub(_blanked, target[:at]) + _QUERY_PAIR.sub(_blanked, target[at:])


def recorded_target(target: str) -> dict[str, str | list[str]]:
    """Return what may be recorded of a request target.

    `target` is `blank_target` of it; `withheld`, where any were blanked, the names of the parameters of its query, and
    `withheld_beside` what was blanked elsewhere (`withheld_beside`).
    """
    blank = blank_target(target)
    recorded: dict[str, str | list[str]] = {"target": blank}
    if blank != target:
        recorded |= {"withheld": names} if (names := withheld_names(target)) else {}
        recorded |= {"withheld_beside": places} if (places := withheld_beside(target)) else {}
    return recorded


def withheld_names(target: str) -> list[str]:
    """Return the decoded names of the parameters in a target's query that hold a credential, each once."""
    query = target.partition("#")[0].partition("?")[2]
    return _names(_QUERY_PAIR.finditer(f"?{query}"))[:_MOST_NAMES]


def withheld_beside(target: str) -> list[str]:
    """Return what of a target holds a credential outside of its query, each once: a part's name, a space and a name.

    `path jsessionid` is a parameter of the path, `fragment access_token` one of the fragment; `userinfo`, alone, is a
    user name or password before an `@`.
    """
    found = ["userinfo"] if _USERINFO.search(target) else []
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    found += [f"path {name}" for name in _names(_PATH_PARAMETER.finditer(path))]
    fragment = target.partition("#")[2]
    found += [f"fragment {name}" for name in _names(_QUERY_PAIR.finditer(f"#{fragment}"))]
    return found[:_MOST_NAMES]


def _names(pairs: Iterable[re.Match[str]]) -> list[str]:
    """The decoded names of the pairs that hold a credential, each once."""
    names = (
        found[1]
        for found in pairs
        if found[2]
        and _is_credential(found[1])
        and (len(found[2]) >= _SHORTEST_CODE or _plain_name(found[1]) not in _EVERYDAY)
    )
    return list(dict.fromkeys(unquote_plus(name, errors="replace") for name in names))


def is_credential_form(body: bytes) -> bool:
    """Say whether the beginning of a body reads as a form (`a=b&c=d`) with a credential in it, as OAuth sends them.

    JSON that asks for a grant counts too. The Content-Type has no say.
    """
    if _FORM.match(body):
        names = (found[1].strip().decode("latin-1") for found in _FORM_NAME.finditer(body))
        return any(_is_credential(name) for name in names)
    return b'"grant_type"' in body and b'"jsonrpc"' not in body


def _blanked(found: re.Match[str]) -> str:
    if found[2] and _is_credential(found[1]):
        return f"{found[1]}={{{len(found[2])}}}"
    return found[0]


@lru_cache(maxsize=1024)
def _is_credential(name: str) -> bool:
    """Say whether a parameter of this name holds a credential: a listed name, or a word of it as in headers."""
    plain = _plain_name(name)
    if plain in _CREDENTIAL_PARAMETERS or plain.startswith("granttype"):
        return True
    words = _WORD_START.sub("-", unquote_plus(name).strip()).lower()
    return _WITHHELD_WORDS.search(words) is not None


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
