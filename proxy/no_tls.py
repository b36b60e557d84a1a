"""What the TLS side of a listener is, and that of a process in which nothing needs TLS."""

from typing import Any, Protocol

from douane.proxy.routes import Refusal


class TlsRefused(Exception):  # noqa: N818 - it says what happened
    """A certificate, key or CA file cannot be used. The message names the setting, never a key."""


class Tls(Protocol):
    """What makes the TLS connections of one listener."""

    def tls_clienthello(self, data: Any) -> None:
        """Look at a ClientHello."""

    def tls_start_client(self, data: Any) -> None:
        """Give the connection to the client its TLS side."""

    def tls_start_server(self, data: Any) -> None:
        """Give the connection to the upstream its TLS side."""

    def turned_away(self, data: Any) -> Refusal | None:
        """Return why a client was refused whose handshake failed, None when it was not Douane that refused."""
        ...


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
