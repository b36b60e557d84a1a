"""Douane's own requests: a tool whose schema nobody has seen is asked for once, through Douane itself.

Going through its own listener, the request is recorded and inspected like any other, and marked as Douane's own. No
credential of a client is ever used: an app that asks for one stays without a schema, which is a gap.
"""

import subprocess
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from douane.cli.config import Config

FETCH_SECONDS = 20


class Fetcher:
    """Starts one short process per app and protocol era; never waits for it."""

    def __init__(self, config: "Config", own_token: str) -> None:
        self._apps = {app.name: app for app in config.apps if app.fetch_tools}
        self._token = own_token
        self._ports: dict[str, dict[str, Any]] = {}
        self._asked: set[str] = set()

    def listeners(self, listeners: list[dict[str, Any]]) -> None:
        """Where the proxy listens for which app."""
        for listener in listeners:
            if listener.get("route") == "reverse":
                for app in listener.get("apps", ()):
                    self._ports[app] = listener

    def fetch(self, app: str) -> bool:
        """Ask the app for its tools, once; false when it was asked before, may not be asked or is not there."""
        settings, listener = self._apps.get(app), self._ports.get(app)
        if settings is None or listener is None or app in self._asked or listener.get("tls"):
            return False
        self._asked.add(app)
        path = urlsplit(settings.upstream).path or "/"
        host = "127.0.0.1" if listener["host"] in ("0.0.0.0", "::") else listener["host"]  # noqa: S104 - compared only
        child = subprocess.Popen(
            [sys.executable, "-m", "douane.cli.fetch"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        name = settings.host_names[0] if settings.host_names else ""
        if child.stdin is not None:
            try:
                url = f"http://{host}:{listener['port']}{settings.path_prefix or ''}{path}"
                child.stdin.write(f"{url}\n{self._token}\n{name}\n{FETCH_SECONDS}\n".encode())
                child.stdin.close()
            except OSError:
                return False
        return True
