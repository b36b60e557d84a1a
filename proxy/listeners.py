"""The listeners of the proxy process."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from mitmproxy.utils import asyncio_utils

from douane.ledger.spool import Spool
from douane.proxy.bodies import Bodies
from douane.proxy.engine import Desk, Post
from douane.proxy.events import Events
from douane.proxy.forward import ForwardDesk
from douane.proxy.heap import Heap
from douane.proxy.missed import Missed
from douane.proxy.no_tls import NoTls, Tls
from douane.proxy.options import FixedOptions
from douane.proxy.recorder import FLUSH_INTERVAL_S, Recorder, has_room
from douane.proxy.reverse import ReverseDesk
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import App, app_from
from douane.proxy.settings import ForwardSettings, ProxySettings
from douane.proxy.slow import Patience, SlowClients

if TYPE_CHECKING:
    from douane.proxy.tls import UpstreamTls

_GRACE_S = 1.0
_POLL_S = 0.02
_DRAIN_S = 2.0
_BACKLOG = 1024


class CannotListen(Exception):  # noqa: N818 - it says what happened
    """A listener cannot be opened: its address, whose it is, and the system's reason."""

    def __init__(self, host: str, port: int, whose: str, error: OSError) -> None:
        super().__init__(f"{f'[{host}]' if ':' in host else host}:{port} for {whose}")
        self.error = error


class Proxy:
    """All listeners of one process."""

    def __init__(self, settings: ProxySettings, master: bytes, spool: Spool, events: Events) -> None:
        self._settings = settings
        self._events = events
        self._missed = _missed(settings)
        self._recorder = Recorder(spool, events, has_room=lambda size: has_room(spool, size), missed=self._missed)
        self._rewriter = Rewriter(events)
        self._options = FixedOptions(body_limit_bytes=settings.body_limit_bytes, idle_timeout_s=settings.idle_timeout_s)
        self._bodies = Bodies(max(settings.waiting_limit_bytes, settings.body_limit_bytes))
        self._apps = [app_from(app, master) for app in settings.apps]
        self._upstreams = frozenset((app.host, app.port) for app in self._apps)
        self._servers: list[asyncio.Server] = []
        self._own_ports: set[int] = set()
        self._posts: dict[asyncio.Task[None], Post] = {}
        self._no_tls = NoTls()
        self._upstream_tls = _upstream_tls(settings, self._apps)

    async def run(self, stop: asyncio.Event) -> None:
        """Listen until `stop` is set; raises `CannotListen` when a listener cannot be opened."""
        with asyncio_utils.set_eager_task_factory():
            self._tell_of_damage()
            listeners = [await self._listen(apps) for apps in _shared(self._apps)]
            listeners += [await self._listen_forward(forward) for forward in self._settings.forward]
            self._events.emit("ready", listeners=listeners)
            allowed = self._settings
            patience = Patience(allowed.head_timeout_s, allowed.body_timeout_s, allowed.silent_timeout_s)
            slow, heap, given_up = SlowClients(patience), Heap(), 0
            try:
                while not stop.is_set():
                    with suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), FLUSH_INTERVAL_S)
                    self._recorder.flush()
                    slow.look(list(self._posts.values()), time.monotonic())
                    if given_up != self._bodies.given_up:
                        given_up = self._bodies.given_up
                        heap.soon(time.monotonic())
                    heap.tidy(time.monotonic())
            finally:
                await self._close()

    def _tell_of_damage(self) -> None:
        """Write the gaps for what damaged journals lost; nobody can tell any more whose messages they were."""
        for file, count in self._settings.lost.items():
            for app in self._apps:
                detail = f"{count} transactions of all apps together"
                self._recorder.count_gap(app.name, "journal-damaged", file, detail, "")
        self._recorder.flush()

    async def _listen(self, apps: list[App]) -> dict[str, Any]:
        first, names = apps[0].settings, [app.name for app in apps]
        desk = ReverseDesk(apps, self._recorder, self._events, self._rewriter, own_token=self._settings.own_token)
        tls: Tls = self._no_tls
        if self._upstream_tls is not None:
            from douane.proxy.tls import ReverseTls  # imports what only TLS needs

            tls = ReverseTls(first.tls, self._upstream_tls)

        def dial(host: str, port: int) -> bool:
            return (host, port) in self._upstreams and not self._is_own(host, port)

        listens_with_tls = first.tls is not None
        host, port = await self._serve(
            first.listen_host,
            first.listen_port,
            desk,
            tls,
            dial,
            whose=", ".join(names),
            listens_with_tls=listens_with_tls,
            forward=False,
        )
        return {"apps": names, "route": "reverse", "host": host, "port": port, "tls": listens_with_tls}

    async def _listen_forward(self, forward: ForwardSettings) -> dict[str, Any]:
        from douane.proxy.tls import ForwardTls, authority_certificate

        confdir = self._settings.confdir
        if self._upstream_tls is None or confdir is None:
            raise ValueError("a forward listener without a certificate authority")
        desk = ForwardDesk(
            forward, self._apps, self._recorder, self._events, self._rewriter, own_token=self._settings.own_token
        )
        tls = ForwardTls(self._upstream_tls, forward.upstream_ca_file)

        def dial(host: str, port: int) -> bool:
            return desk.may_reach(host, port) and not self._is_own(host, port)

        host, port = await self._serve(
            forward.listen_host,
            forward.listen_port,
            desk,
            tls,
            dial,
            whose=f"the egress of {forward.app}" if forward.route == "egress" else "forward mode",
            listens_with_tls=False,
            forward=True,
        )
        return {
            "apps": [forward.app] if forward.app else [app.name for app in self._apps],
            "route": forward.route,
            "host": host,
            "port": port,
            "tls": False,
            "ca": str(authority_certificate(confdir)),
        }

    async def _serve(
        self,
        host: str,
        port: int,
        desk: Desk,
        tls_side: Tls,
        dial: Callable[[str, int], bool],
        *,
        whose: str,
        listens_with_tls: bool,
        forward: bool,
    ) -> tuple[str, int]:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            post = Post(
                reader,
                writer,
                self._options,
                desk=desk,
                tls=tls_side,
                bodies=self._bodies,
                listens_with_tls=listens_with_tls,
                forward=forward,
                dial=dial,
                crashed=lambda kind: self._events.warn("proxy-fault", "", kind),
            )
            task = asyncio.current_task()
            if task is not None:
                self._posts[task] = post
                task.add_done_callback(self._posts.pop)
            await post.handle_client()

        try:
            server = await asyncio.start_server(accept, host, port, backlog=_BACKLOG)
        except OSError as error:
            raise CannotListen(host, port, whose, error) from None
        self._servers.append(server)
        address = server.sockets[0].getsockname()
        self._own_ports.add(address[1])
        return address[0], address[1]

    def _is_own(self, host: str, port: int) -> bool:
        """Whether a destination is one of these listeners: a request sent there would go round and round."""
        return port in self._own_ports and is_of_this_machine(host)

    async def _close(self) -> None:
        """Take no more connections, give requests under way a second to be answered, end everything else."""
        for server in self._servers:
            server.close()
        for _ in range(round(_GRACE_S / _POLL_S)):
            if not any(post.waits_for_answer() for post in self._posts.values()):
                break
            await asyncio.sleep(_POLL_S)
        for post in list(self._posts.values()):
            post.leave()
        if self._posts:
            _, left = await asyncio.wait(list(self._posts), timeout=_DRAIN_S)
            for task in left:
                task.cancel()
        for server in self._servers:
            server.close_clients()  # one that was accepted in the last moment has no post yet
        await asyncio.sleep(0)
        self._recorder.flush(last=True)
        if self._missed is not None:
            self._missed.close()


def is_of_this_machine(host: str) -> bool:
    """Whether a host name or address leads to this machine; asks the system's resolver."""
    try:
        addresses = {(one[0], one[4][0]) for one in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except (OSError, UnicodeError):
        return False
    for family, address in addresses:
        with suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.bind((address, 0))  # only an address of this machine can be bound
            return True
    return False


def _missed(settings: ProxySettings) -> Missed | None:
    """Where counts of what is missed are kept; None where even that cannot be made: the spool cannot be, either."""
    try:
        return Missed(settings.spool.with_name(f"{settings.spool.name}.missed"))
    except OSError:
        return None


def _shared(apps: list[App]) -> list[list[App]]:
    """Group apps by listener; port 0 is a listener of its own each time."""
    groups: dict[tuple[str, int, str], list[App]] = {}
    for app in apps:
        own = app.name if app.settings.listen_port == 0 else ""
        groups.setdefault((app.settings.listen_host, app.settings.listen_port, own), []).append(app)
    return list(groups.values())


def _upstream_tls(settings: ProxySettings, apps: list[App]) -> "UpstreamTls | None":
    """Return the TLS side towards upstreams, None where nothing needs TLS; raises `TlsRefused`."""
    if not settings.forward and not any(app.scheme == "https" or app.settings.tls for app in apps):
        return None
    from douane.proxy.tls import UpstreamTls  # imports what only TLS needs

    files = {
        (app.host, app.port): app.settings.upstream_ca_file for app in apps if app.settings.upstream_ca_file is not None
    }
    return UpstreamTls(files, settings.confdir if settings.forward else None)
