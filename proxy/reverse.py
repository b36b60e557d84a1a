"""The desk of a reverse proxy listener."""

from mitmproxy import http

from douane.proxy import routes
from douane.proxy.desk import Desk
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder
from douane.proxy.rewrite import Rewriter
from douane.proxy.routes import App, Refusal, Routed

_OVERRIDES = ("x-original-url", "x-rewrite-url", "x-http-method-override", "x-http-method", "x-method-override")
_FORWARDED_HOSTS = ("x-forwarded-host", "x-original-host", "x-host")


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
        headers = request.headers
        if request.method == "CONNECT":
            return routes.CONNECT
        hosts = headers.get_all("host")
        authority = request.authority
        if len(hosts) > 1 or (authority and hosts and authority.lower() != hosts[0].lower()):
            return routes.ABSOLUTE if authority and len(hosts) == 1 and not request.is_http2 else routes.BAD_HOST
        local_ip = str(flow.client_conn.sockname[0])
        host = authority or (hosts[0] if hosts else None)
        routed = routes.route(self._apps, host, request.path, local_ip)
        if isinstance(routed, Refusal):
            return routes.ABSOLUTE if authority and not request.is_http2 and routed.status == 421 else routed
        for name in _FORWARDED_HOSTS:
            for value in headers.get_all(name):
                if not routes.accepts_host(self._apps, value, local_ip):
                    return routes.UNKNOWN_HOST
        for value in headers.get_all("forwarded"):
            for host in routes.forwarded_hosts(value):
                if not routes.accepts_host(self._apps, host, local_ip):
                    return routes.UNKNOWN_HOST
        if any(name in headers for name in _OVERRIDES):
            return routes.PATH_OVERRIDE
        self._send_to(flow, routed)
        return routed

    def _send_to(self, flow: http.HTTPFlow, routed: Routed) -> None:
        request, app = flow.request, routed.app
        data = request.data
        flow.metadata["douane-host"] = data.headers.get("host") or request.authority
        data.host, data.port, data.scheme = app.host, app.port, app.scheme.encode()
        if data.authority:
            data.authority = app.authority.encode() if request.is_http2 else b""
        data.path = routed.target.encode("utf-8", "surrogateescape")
        own = app.authority.encode()
        data.headers.fields = tuple(
            (name, own if name.lower() == b"host" else value) for name, value in data.headers.fields
        )
