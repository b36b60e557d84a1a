"""Who is let in: one-time addresses, passwords, and the sessions that they open. Nothing of it is kept on disk."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

IDLE_SECONDS: Final = 12 * 3600.0
"""How long a session lasts that nobody uses."""
SESSIONS: Final = 200
_TRIES: Final = 8
_WINDOW_SECONDS: Final = 60.0


@dataclass(slots=True)
class Session:
    """One browser that was let in. `csrf` goes into every form; `who` is the name given with a password, if any.

    What its cookie holds is not kept, only its hash.
    """

    csrf: str = field(repr=False)
    seen: float
    who: str = ""
    alive: bool = True
    ledger: str = ""
    """Which ledger it was told in (`following.number_and_file`); another in its place ends it."""


class Door:
    """Opens sessions and finds them again. Safe to use from several threads."""

    def __init__(self, *, password: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._password = hashlib.sha256(password.encode()).digest() if password else b""
        self._tokens: set[bytes] = set()
        self._sessions: dict[bytes, Session] = {}
        self._tries: list[float] = []
        self._replaced = False
        self._lock = threading.Lock()

    @property
    def asks_for_password(self) -> bool:
        """Whether a password opens a session too."""
        return bool(self._password)

    def token(self) -> str:
        """A new token that opens one session, once."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            self._tokens.add(_digest(made))
        return made

    def redeem(self, token: str) -> bool:
        """Use a token up; False for one that was never made or is used."""
        with self._lock:
            try:
                self._tokens.remove(_digest(token))
            except KeyError:
                return False
        return True

    def restore(self, token: str) -> None:
        """Let a token that was used up open a session after all."""
        with self._lock:
            self._tokens.add(_digest(token))

    def fits(self, password: str) -> bool | None:
        """Whether this is the password; None, unseen, where too many were tried in the last minute."""
        with self._lock:
            now = self._clock()
            self._tries = [at for at in self._tries if now - at < _WINDOW_SECONDS]
            if len(self._tries) >= _TRIES:
                return None
            right = hmac.compare_digest(hashlib.sha256(password.encode("utf-8", "replace")).digest(), self._password)
            if not right:
                self._tries.append(now)
        return right and bool(self._password)

    def open(self, who: str = "", ledger: str = "") -> str:
        """Open a session that was told in `ledger`, for a name where one was given; return what its cookie holds."""
        made = secrets.token_urlsafe(32)
        with self._lock:
            self._forget_idle()
            if len(self._sessions) >= SESSIONS:
                oldest = min(self._sessions, key=lambda one: self._sessions[one].seen)
                self._sessions.pop(oldest).alive = False
            self._replaced = False
            self._sessions[_digest(made)] = Session(secrets.token_urlsafe(32), self._clock(), who, ledger=ledger)
        return made

    def session(self, cookie: str) -> Session | None:
        """The session of a cookie, None for one that was never opened, was closed or was idle for too long."""
        with self._lock:
            self._forget_idle()
            found = self._sessions.get(_digest(cookie))
            if found is not None:
                found.seen = self._clock()
        return found

    def close(self, cookie: str) -> None:
        """Close a session; streams that it has open end."""
        with self._lock:
            found = self._sessions.pop(_digest(cookie), None)
            if found is not None:
                found.alive = False

    def close_all(self, *, replaced: bool = False) -> None:
        """Close every session; `replaced` says that another ledger is in the place of theirs."""
        with self._lock:
            self._replaced = replaced
            for one in self._sessions.values():
                one.alive = False
            self._sessions.clear()

    @property
    def is_replaced(self) -> bool:
        """Whether the sessions ended because another ledger came, and none was opened since."""
        return self._replaced

    @property
    def is_shut(self) -> bool:
        """Whether nobody is in and no token is left, so that nobody could come in without a password."""
        with self._lock:
            self._forget_idle()
            return not self._sessions and not self._tokens

    def _forget_idle(self) -> None:
        now = self._clock()
        for key in [key for key, one in self._sessions.items() if now - one.seen > IDLE_SECONDS]:
            self._sessions.pop(key).alive = False


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
