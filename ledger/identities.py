"""Pseudonyms of credentials and session ids: what the proxy records in their place, and the inspector pairs by."""

import hmac
from hashlib import sha256

from douane.ledger.keys import derive

CHARACTERS = 32


class Identities:
    """Keyed pseudonyms of one app's credentials and session ids, 32 hexadecimal characters each.

    The keys are derived from the master for this app alone, so two apps' pseudonyms cannot be joined.
    """

    def __init__(self, master: bytes, app: str) -> None:
        self._credential = derive(master, "proxy", "credential", app)
        self._session = derive(master, "proxy", "session", app)

    def credential(self, value: str | bytes) -> str:
        """Return the pseudonym of a credential, an empty string for an empty one."""
        return _keyed(self._credential, value)

    def session(self, value: str | bytes) -> str:
        """Return the pseudonym of a session id, an empty string for an empty one."""
        return _keyed(self._session, value)


def _keyed(key: bytes, value: str | bytes) -> str:
    if not value:
        return ""
    raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
    return hmac.new(key, raw, sha256).hexdigest()[:CHARACTERS]
