"""The desk of a forward proxy listener: for clients on this machine, and for an app's own outgoing traffic."""

from collections.abc import Sequence

from mitmproxy import http

from douane.proxy import routes
from douane.proxy.answers import refusal_response
from douane.proxy.desk import Desk
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import App, Refusal, Routed
from douane.proxy.settings import ForwardSettings

_FOR_THE_PROXY = frozenset((b"proxy-authorization", b"proxy-connection"))
"""What a client says to its proxy, a password perhaps: no server's business."""


class ForwardDesk(Desk):
    """Lets clients reach the configured apps' upstreams and the hosts of its allow list, and nothing else."""

    def __init__(
        self,
        settings: ForwardSettings,
        apps: Sequence[App],
        recorder: Recorder,
        events: Events,
        rewriter: Rewriter,
        *,
        own_token: str | None = None,
    ) -> None:
        super().__init__(recorder, events, rewriter, own_token=own_token, owner=settings.app or "")
        self.route_name = settings.route
        self._allow = settings.allow_hosts
        self._apps = list(apps)
        self._named = next((app for app in apps if app.name == settings.app), None)

    def may_reach(self, host: str, port: int) -> bool:
        """Say whether this destination may be opened."""
        return self._owner_of(host, port) is not None

    def connect(self, flow: http.HTTPFlow) -> None:
        """Let a CONNECT to an allowed destination begin; what is in the tunnel is routed request by request."""
        if not self.may_reach(flow.request.host, flow.request.port):
            flow.response = refusal_response(routes.NOT_ALLOWED)
            self.refused(routes.NOT_ALLOWED)

    def _owner_of(self, host: str, port: int, path: str = "") -> App | None:
        """The app to which traffic with this destination belongs, None for a destination that is not allowed.

        Everything on an egress listener belongs to its app; else the app whose upstream it is, the one with the
        longest matching MCP path first.
        """
        own = [app for app in self._apps if (app.host, app.port) == (host.lower(), port)]
        if self.route_name == "egress":
            return self._named if own or routes.allowed(self._allow, host, port) else None
        if own:
            matching = [app for app in own if (path + "/").startswith(app.mcp_path + "/")]
            return max(matching or own, key=lambda app: len(app.mcp_path))
        return self._named if routes.allowed(self._allow, host, port) else None

    def _route(self, flow: http.HTTPFlow) -> Routed | Refusal:
        request = flow.request
        data = request.data
        named = request.headers.get_all("host")
        if len(named) > 1 or not (named or data.authority):
            return routes.BAD_HOST
        for one in (*named, *((request.authority,) if data.authority else ())):
            if not routes.is_destination(one, data.host, data.port, request.scheme):
                return routes.BAD_HOST
        if not request.path.startswith("/"):
            return routes.BAD_PATH
        app = self._owner_of(data.host, data.port, request.path.partition("?")[0])
        if app is None:
            return routes.NOT_ALLOWED
        data.headers.fields = tuple(field for field in data.headers.fields if field[0].lower() not in _FOR_THE_PROXY)
        elsewhere = "" if (app.host, app.port) == (data.host.lower(), data.port) else data.host.lower()
        return Routed(app, request.path, elsewhere or ("" if self.route_name == "forward" else data.host.lower()))
