"""The TLS sides of a process in which nothing needs TLS."""

from typing import Any


class TlsRefused(Exception):  # noqa: N818 - it says what happened
    """A certificate, key or CA file cannot be used. The message names the setting, never a key."""


class NoTls:
    """Gives no connection a TLS side, so a handshake that should never have begun fails."""

    def tls_clienthello(self, data: Any) -> None:
        """Do nothing."""

    def tls_start_client(self, data: Any) -> None:
        """Do nothing."""

    def tls_start_server(self, data: Any) -> None:
        """Do nothing."""

    def turned_away(self, data: Any) -> None:
        """Return nothing: nobody is refused."""
