"""The listeners of the proxy process."""

import asyncio
from contextlib import suppress
from typing import Any

from mitmproxy.utils import asyncio_utils

from douane.ledger.spool import Spool
from douane.proxy.desk import ReverseDesk
from douane.proxy.engine import Desk, FixedOptions, Post, Tls
from douane.proxy.events import Events
from douane.proxy.recorder import FLUSH_INTERVAL_S, Recorder
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import App, app_from
from douane.proxy.settings import AppSettings, ProxySettings
from douane.proxy.tls import NoTls

_DRAIN_S = 2.0


class Proxy:
    """All listeners of one process."""

    def __init__(self, settings: ProxySettings, master: bytes, spool: Spool, events: Events) -> None:
        self._settings = settings
        self._events = events
        self._recorder = Recorder(spool, events)
        self._rewriter = Rewriter(events)
        self._options = FixedOptions(body_limit_bytes=settings.body_limit_bytes, idle_timeout_s=settings.idle_timeout_s)
        self._apps = [app_from(app, master) for app in settings.apps]
        self._upstreams = frozenset((app.host, app.port) for app in self._apps)
        self._servers: list[asyncio.Server] = []
        self._posts: set[asyncio.Task[None]] = set()

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set; raises OSError when a listener cannot be opened."""
        with asyncio_utils.set_eager_task_factory():
            listeners = [await self._listen(apps) for apps in _shared(self._apps)]
            self._events.emit("ready", listeners=listeners)
            try:
                while not stop.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), FLUSH_INTERVAL_S)
                    self._recorder.flush()
            finally:
                await self._close()

    async def _listen(self, apps: list[App]) -> dict[str, Any]:
        first: AppSettings = apps[0].settings
        desk = ReverseDesk(apps, self._recorder, self._events, self._rewriter, own_token=self._settings.own_token)
        server = await self._serve(first.listen_host, first.listen_port, desk, NoTls(), tls=False, forward=False)
        host, port = server.sockets[0].getsockname()[:2]
        return {"apps": [app.name for app in apps], "route": "reverse", "host": host, "port": port, "tls": False}

    async def _serve(
        self, host: str, port: int, desk: Desk, tls_side: Tls, *, tls: bool, forward: bool
    ) -> asyncio.Server:
        def dial(host: str, port: int) -> bool:
            return (host, port) in self._upstreams

        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            if task is not None:
                self._posts.add(task)
                task.add_done_callback(self._posts.discard)
            post = Post(
                reader,
                writer,
                self._options,
                desk=desk,
                tls=tls_side,
                listens_with_tls=tls,
                forward=forward,
                dial=dial,
                crashed=lambda kind: self._events.warn("proxy-fault", "", kind),
            )
            await post.handle_client()

        server = await asyncio.start_server(accept, host, port)
        self._servers.append(server)
        return server

    async def _close(self) -> None:
        for server in self._servers:
            server.close()
        for task in self._posts:
            task.cancel()
        if self._posts:
            await asyncio.wait(self._posts, timeout=_DRAIN_S)
        self._recorder.flush()


def _shared(apps: list[App]) -> list[list[App]]:
    """Group apps by listener; port 0 is a listener of its own each time."""
    groups: dict[tuple[str, int, str], list[App]] = {}
    for app in apps:
        own = app.name if app.settings.listen_port == 0 else ""
        groups.setdefault((app.settings.listen_host, app.settings.listen_port, own), []).append(app)
    return list(groups.values())
