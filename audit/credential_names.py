"""What a parameter of an address is by its name, where its value is never recorded. Pure module: no I/O."""

import re
from functools import lru_cache
from typing import Final

from douane.audit import announce
from douane.audit.keys import HIDDEN, is_field_name

_TOKEN: Final = "system.secret.token"  # noqa: S105 - a category
_KEY: Final = "system.secret.api_key"
_PASSWORD: Final = "user.authorization.password"  # noqa: S105 - a category
_CODE: Final = "system.secret.one_time_code"
_KEYS: Final = "key apikey subscriptionkey code sig signature hmac xamzsignature xgoogsignature functionskey"
_TOKENS: Final = """
token accesstoken idtoken refreshtoken idtokenhint logintoken auth authorization bearer jwt assertion clientassertion
samlresponse ticket secret clientsecret credential credentials xamzcredential xamzsecuritytoken xgoogcredential
"""
_KNOWN: Final = {
    **dict.fromkeys(_KEYS.split(), _KEY),
    **dict.fromkeys(("password", "passwd", "pwd", "pass"), _PASSWORD),
    **dict.fromkeys(_TOKENS.split(), _TOKEN),
    "otp": _CODE,
}
_HARMLESS: Final = """
session sessionid sid jsession jsessionid state nonce hash csrf xsrf page pagination next cursor continuation sync
previous max min count limit total number challenge verifier device idempotency cookie
"""
PROTOCOLS_OWN: Final = "protocol-session"
SESSION: Final = "session"
OTHER: Final = "other"
"""Kinds of what was blanked and gives no access by itself, where it is no category (`kind_of`)."""
_SESSION_WORDS: Final = frozenset(("session", "sessionid", "sid", "jsession", "jsessionid"))
_PROTOCOL_SESSION: Final = frozenset(("session", "sessionid"))
_NO_KEY: Final = frozenset(_HARMLESS.split())
"""Words of parameters that are blanked for caution and give no access by themselves, or belong to signing in."""


@lru_cache(maxsize=1024)
def credential_of(name: str) -> str | None:
    """The category of the secret that a parameter of this name holds, None where it gives no access by itself.

    `access_token`, `apiKey`, `code` (a function's key) and `sig` do; `session_id`, `page_token` and `state` do not.
    """
    known = _KNOWN.get(_plain(name))
    if known is not None:
        return known
    words = announce.words(name)
    if not _NO_KEY.isdisjoint(words[0]):
        return None
    said = announce.announced(words)
    if not said:
        return _TOKEN if {"token", "jwt", "auth", "secret"}.intersection(words[0]) else None
    return next((one for one in (_PASSWORD, _CODE, _KEY) if one in said), _TOKEN)


def kind_of(name: str, part: str = "query") -> str:
    """What a blanked value of an address is by its name: a category, else `session`, `protocol-session` or `other`.

    A user name or password before the host (part `userinfo`) has no name. `protocol-session` is the session that MCP
    2024-11-05 puts in the query itself, of which a pseudonym is kept as of the header that came after it.
    """
    if part == "userinfo":
        return _PASSWORD
    known = credential_of(name)
    if known is not None:
        return known
    if part == "query" and _plain(name) in _PROTOCOL_SESSION:
        return PROTOCOLS_OWN
    words = announce.words(name)[0]
    return SESSION if _plain(name) in _SESSION_WORDS or not _SESSION_WORDS.isdisjoint(words) else OTHER


def shown(name: str) -> str:
    """The parameter's name where it is a known one or a name of a field, else `{key}`."""
    return name if _plain(name) in _KNOWN or is_field_name(name) else HIDDEN


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
