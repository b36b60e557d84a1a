"""The TLS side of a listener. mitmproxy's TlsConfig is loaded only when a listener or an upstream needs TLS."""

from typing import Any

from douane.proxy.settings import ProxySettings


class NoTls:
    """For listeners and upstreams without TLS."""

    def tls_clienthello(self, data: Any) -> None:
        """Do nothing."""

    def tls_start_client(self, data: Any) -> None:
        """Do nothing: the connection fails."""

    def tls_start_server(self, data: Any) -> None:
        """Do nothing: the connection fails."""


def needs_tls(settings: ProxySettings) -> bool:
    """Say whether any part of the settings needs TLS."""
    return bool(settings.forward) or any(app.tls or app.upstream.startswith("https:") for app in settings.apps)
