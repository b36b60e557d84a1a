"""mitmproxy's options as its proxy layers read them."""


class FixedOptions:
    """The options as plain attributes: mitmproxy's own look-up costs 1 µs each."""

    body_size_limit: str | None = None
    connection_strategy = "lazy"
    http2 = True
    http2_ping_keepalive = 58
    http3 = False
    http_connect_send_host_header = True
    keep_host_header = True
    normalize_outbound_headers = True
    proxy_debug = False
    proxyauth: str | None = None
    rawtcp = True
    store_streamed_bodies = False
    validate_inbound_headers = True
    websocket = False

    def __init__(self, *, body_limit_bytes: int, idle_timeout_s: int) -> None:
        self.stream_large_bodies = str(body_limit_bytes)
        self.tcp_timeout = idle_timeout_s
