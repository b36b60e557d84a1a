"""The desk of a reverse proxy listener."""

from mitmproxy import http

from douane.proxy import routes
from douane.proxy.crossing import HOST_KEY
from douane.proxy.desk import Desk
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import App, Refusal, Routed

_OVERRIDES = frozenset(
    (b"x-original-url", b"x-rewrite-url", b"x-http-method-override", b"x-http-method", b"x-method-override")
)
_SUSPECT = _OVERRIDES | {b"x-forwarded-host", b"x-original-host", b"x-host", b"forwarded"}


class ReverseDesk(Desk):
    """The desk of a reverse proxy listener: the only destinations are its apps' upstreams."""

    def __init__(
        self,
        apps: list[App],
        recorder: Recorder,
        events: Events,
        rewriter: Rewriter,
        *,
        own_token: str | None = None,
    ) -> None:
        owner = apps[0].name if len(apps) == 1 else ""
        super().__init__(recorder, events, rewriter, own_token=own_token, owner=owner)
        self._apps = apps

    def _route(self, flow: http.HTTPFlow) -> Routed | Refusal:
        request = flow.request
        if request.method == "CONNECT":
            return routes.CONNECT
        fields = [(name.lower(), value) for name, value in request.headers.fields]
        hosts = [value.decode("latin-1") for name, value in fields if name == b"host"]
        authority = request.authority
        absolute = bool(authority) and not request.is_http2
        if len(hosts) > 1 or (authority and hosts and authority.lower() != hosts[0].lower()):
            return routes.ABSOLUTE if absolute and len(hosts) == 1 else routes.BAD_HOST
        local_ip = str(flow.client_conn.sockname[0])
        host = authority or (hosts[0] if hosts else None)
        routed = routes.route(self._apps, host, request.path, local_ip)
        if isinstance(routed, Refusal):
            return routes.ABSOLUTE if absolute and routed.status == 421 else routed
        for name, value in fields:
            if name in _SUSPECT and (refusal := self._suspect(name, value.decode("latin-1"), local_ip, routed.app)):
                return refusal
        self._send_to(flow, routed, host or "")
        return routed

    def _suspect(self, name: bytes, value: str, local_ip: str, app: App) -> Refusal | None:
        """Refuse headers that make a server take a request for another than the one that was routed."""
        if name in _OVERRIDES:
            return routes.PATH_OVERRIDE
        hosts = routes.forwarded_hosts(value) if name == b"forwarded" else [value]
        if not all(routes.accepts_host(self._apps, host, local_ip) for host in hosts):
            return routes.UNKNOWN_HOST
        return routes.BAD_HOST if any(routes.names_another(self._apps, app, host) for host in hosts) else None

    def _send_to(self, flow: http.HTTPFlow, routed: Routed, host: str) -> None:
        request, app = flow.request, routed.app
        data = request.data
        flow.metadata[HOST_KEY] = host
        data.host, data.port, data.scheme = app.host, app.port, app.scheme.encode()
        own = app.authority.encode()
        if data.authority:
            data.authority = own if request.is_http2 else b""
        data.path = routed.target.encode("utf-8", "surrogateescape")
        data.headers.fields = tuple(
            (name, own if name.lower() == b"host" else value) for name, value in data.headers.fields
        )
