"""The proxy is no open proxy: what it refuses, and that nothing of it reaches any server."""

import json
import socket
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from douane.proxy import routes
from douane.proxy.http1 import head_fault
from douane.proxy.routes import Refusal, Routed, app_from, route
from douane.proxy.settings import AppSettings, ForwardSettings, ListenTls, ProxySettings

MASTER = bytes(32)
CALL = b'{"jsonrpc":"2.0","id":1,"method":"ping"}'


def get(target: str, *lines: str) -> bytes:
    return ("\r\n".join([f"GET {target} HTTP/1.1", *lines]) + "\r\n\r\n").encode()


REFUSED: dict[str, tuple[bytes, int]] = {
    "absolute-form to another host": (get("http://other.example/mcp", "Host: other.example"), 421),
    "absolute-form whose Host is ours": (get("http://other.example/mcp", "Host: localhost"), 421),
    "absolute-form to an address inside": (get("http://169.254.169.254/latest", "Host: 169.254.169.254"), 421),
    "absolute-form with userinfo": (get("http://localhost@other.example/", "Host: localhost"), 400),
    "CONNECT": (b"CONNECT other.example:443 HTTP/1.1\r\nHost: other.example:443\r\n\r\n", 400),
    "another Host": (get("/mcp", "Host: other.example"), 421),
    "no Host": (get("/mcp"), 400),
    "two Hosts": (get("/mcp", "Host: localhost", "Host: other.example"), 400),
    "two equal Hosts": (get("/mcp", "Host: localhost", "Host: localhost"), 400),
    "Host with userinfo": (get("/mcp", "Host: localhost@other.example"), 400),
    "Host with a path": (get("/mcp", "Host: localhost/other"), 400),
    "Host with a space": (get("/mcp", "Host: localhost other.example"), 400),
    "Host list": (get("/mcp", "Host: localhost, other.example"), 400),
    "X-Forwarded-Host": (get("/mcp", "Host: localhost", "X-Forwarded-Host: other.example"), 421),
    "X-Forwarded-Host list": (get("/mcp", "Host: localhost", "X-Forwarded-Host: localhost, other.example"), 421),
    "Forwarded host": (get("/mcp", "Host: localhost", 'Forwarded: for=1.2.3.4;host="other.example"'), 421),
    "X-Original-URL": (get("/mcp", "Host: localhost", "X-Original-URL: /admin"), 400),
    "X-HTTP-Method-Override": (get("/mcp", "Host: localhost", "X-HTTP-Method-Override: DELETE"), 400),
    "dot segments": (get("/mcp/../admin", "Host: localhost"), 400),
    "encoded dot segments": (get("/mcp/%2e%2e/admin", "Host: localhost"), 400),
    "twice encoded dot segments": (get("/mcp/%252e%252e/admin", "Host: localhost"), 400),
    "encoded slash and dots": (get("/mcp/..%2fadmin", "Host: localhost"), 400),
    "dots with parameters": (get("/mcp/..;x=1/admin", "Host: localhost"), 400),
    "backslash": (get("/mcp/..\\admin", "Host: localhost"), 400),
    "encoded backslash": (get("/mcp/%5c..%5cadmin", "Host: localhost"), 400),
    "a path that reads as an authority": (get("//other.example/mcp", "Host: localhost"), 400),
    "encoded line break": (get("/mcp%0d%0aX:%20y", "Host: localhost"), 400),
    "asterisk": (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
    "two lengths": (b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
    "length and chunks": (
        b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        400,
    ),
}


REFUSED |= {
    name: (raw, 400)
    for name, raw in {
        "bare CR in a value": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\rY: b\r\n\r\n",
        "NUL in a value": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
        "DEL in a value": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\x7fb\r\n\r\n",
        "a folded line": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n",
        "a vertical tab before chunked": (
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n"
        ),
        "lines that end in LF": b"GET /mcp HTTP/1.1\nHost: localhost\n\n",
        "one line that ends in LF": b"GET /mcp HTTP/1.1\r\nHost: localhost\nX: a\r\n\r\n",
        "a space before the method": b" GET /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "two spaces before the target": b"GET  /mcp HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a tab after the target": b"GET /mcp\tHTTP/1.1\r\nHost: localhost\r\n\r\n",
        "a space before the colon": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX : a\r\n\r\n",
        "a line without a colon": b"GET /mcp HTTP/1.1\r\nHost: localhost\r\nX\r\n\r\n",
        "no HTTP": b"hello\r\n\r\n",
    }.items()
}
REFUSED |= {
    f"version {version.decode()}": (b"POST /mcp HTTP/%s\r\nHost: localhost\r\n\r\n" % version, 505)
    for version in (b"9.9", b"1.2", b"2.0", b"1.10")
}


@pytest.mark.promise("one-reading")
def test_what_is_no_valid_request_is_answered_without_quoting_it_and_counted(start_proxy, start_upstream, app) -> None:
    proxy = start_proxy(app(start_upstream()))
    for name, (raw, _) in REFUSED.items():
        wire = proxy.connect()
        wire.send(raw)
        answer = wire.message()
        assert set(json.loads(answer.body)) == {"error", "message"}, name
        assert answer.header(b"server") is None
        assert b"other.example" not in answer.body
    proxy.stop()
    gaps = [record.meta for record in proxy.records() if record.kind == "gap"]
    assert sum(gap["count"] for gap in gaps) == len(REFUSED)
    assert {gap["detail"] for gap in gaps} >= {"connect", "invalid-request", "absolute-form"}
    assert next(event["code"] for event in proxy.events) == "refused"


def test_an_empty_line_before_a_request_is_passed_over(start_proxy, start_upstream, app, post) -> None:
    proxy = start_proxy(app(start_upstream()))
    assert proxy.ask(b"\r\n" + post(CALL)).status == 200


@pytest.mark.promise("one-reading")
@given(st.binary(max_size=80))
def test_no_head_with_a_control_character_is_taken(value: bytes) -> None:
    head = b"GET / HTTP/1.1\r\nX: a" + value + b"b\r\n\r\n"
    controls = any((byte < 0x20 and byte != 0x09) or byte == 0x7F for byte in value)
    assert head_fault(head, of_request=True) is controls or (b"\r\n" in value)
    assert head_fault(b"HTTP/1.1 200 OK\r\n" + head[16:], of_request=False) is head_fault(head, of_request=True)


@pytest.mark.promise("no-open-proxy")
def test_each_refused_request_is_answered_here_and_reaches_no_server(start_proxy, start_upstream, app) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up))
    assert {name: proxy.ask(raw).status for name, (raw, _) in REFUSED.items()} == {
        name: status for name, (_, status) in REFUSED.items()
    }
    assert up.connections == 0
    proxy.stop()
    gaps = [record.meta for record in proxy.records()]
    assert {gap["code"] for gap in gaps} == {"refused"}
    assert all("other.example" not in json.dumps(gap) for gap in gaps)


def test_a_large_refused_request_is_read_without_being_kept_and_then_answered(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), body_limit_bytes=1000)
    answer = proxy.ask(post(b"x" * 200_000, host="other.example"))
    assert (answer.status, json.loads(answer.body)["error"]) == (421, "unknown-host")
    assert up.connections == 0


def test_the_upstream_sees_its_own_host_in_its_place(start_proxy, start_upstream, app) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up, host_names=["app.example"]))
    body = b"{}"
    raw = b"POST http://app.example/mcp?x=1 HTTP/1.1\r\nA: 1\r\nHost: app.example\r\nB: 2\r\nContent-Length: 2\r\n\r\n"
    assert proxy.ask(raw + body).status == 200
    (seen,) = up.received
    assert seen.first_line == b"POST /mcp?x=1 HTTP/1.1"
    assert seen.fields == [
        (b"A", b"1"),
        (b"Host", b"127.0.0.1:%d" % up.port),
        (b"B", b"2"),
        (b"Content-Length", b"2"),
    ]


def test_host_names_choose_between_apps_on_one_listener(start_proxy, start_upstream, app, post) -> None:
    first, second = start_upstream(), start_upstream()
    from_port = start_upstream()
    port = from_port.port
    from_port.close()
    proxy = start_proxy(
        app(first, "travel", listen_port=port, host_names=["travel.example"]),
        app(second, "crm", listen_port=port, host_names=["crm.example"]),
    )
    assert proxy.ask(post(CALL, host="travel.example")).status == 200
    assert proxy.ask(post(CALL, host="CRM.example:8443")).status == 200
    assert json.loads(proxy.ask(post(CALL, host="localhost")).body)["error"] == "ambiguous"
    assert (len(first.received), len(second.received)) == (1, 1)
    assert [record.app for record in proxy.records() if record.kind == "request"] == ["travel", "crm"]


@pytest.mark.parametrize("header", ["X-Forwarded-Host: {}", "X-Host: localhost, {}:8443", 'Forwarded: for=x;host="{}"'])
@pytest.mark.parametrize(
    ("host", "forwarded", "status"),
    [
        ("a.example", "b.example", 400),
        ("b.example", "A.example", 400),
        ("localhost", "b.example", 400),
        ("a.example", "a.example", 200),
        ("a.example", "both.example", 200),
        ("a.example", "other.example", 421),
    ],
)
def test_a_forwarding_header_that_names_another_app_than_the_host_is_refused(
    host, forwarded, status, header, start_proxy, start_upstream, app
) -> None:
    up, other = start_upstream(), start_upstream()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    proxy = start_proxy(
        app(up, "travel", listen_port=port, host_names=["a.example", "both.example"]),
        app(other, "crm", listen_port=port, host_names=["b.example", "both.example"], path_prefix="/crm"),
    )
    path = "/crm/mcp" if host == "b.example" else "/mcp"
    answer = proxy.ask(get(path, f"Host: {host}", header.format(forwarded)))
    assert answer.status == status
    if status == 400:
        assert json.loads(answer.body)["error"] == "host"
    assert (len(up.received), len(other.received)) == (status == 200, 0)


def an_app(name: str = "a", upstream: str = "http://up.example:3000/mcp", **more: Any) -> routes.App:
    return app_from(AppSettings(name=name, upstream=upstream, **more), MASTER)


ROUTES: list[tuple[dict[str, Any], str, str, str | None]] = [
    ({}, "localhost:8080", "/mcp", "/mcp"),
    ({}, "127.0.0.1", "/mcp?a=/../b", "/mcp?a=/../b"),
    ({}, "[::1]:8080", "/mcp", "/mcp"),
    ({}, "192.0.2.7", "/mcp", "/mcp"),
    ({}, "192.0.2.8", "/mcp", None),
    ({}, "up.example:3000", "/mcp", None),
    ({"host_names": ("*",)}, "anything.example", "/mcp", "/mcp"),
    ({"host_names": ("App.Example",)}, "app.example.", "/mcp", "/mcp"),
    ({"public_url": "https://app.example/mcp"}, "app.example", "/mcp", "/mcp"),
    ({}, "localhost", "/files/a.b/..c/%7Euser/x%2Fy", "/files/a.b/..c/%7Euser/x%2Fy"),
    ({}, "localhost", "/mcp/./x", None),
    ({}, "localhost", "/mcp/%2E", None),
    ({"path_prefix": "/travel"}, "localhost", "/travel/mcp?x=1", "/mcp?x=1"),
    ({"path_prefix": "/travel"}, "localhost", "/travel", "/"),
    ({"path_prefix": "/travel"}, "localhost", "/travelling/mcp", None),
    ({"path_prefix": "/travel"}, "localhost", "/mcp", None),
    (
        {"path_prefix": "/travel"},
        "localhost",
        "/.well-known/oauth-protected-resource/travel/mcp",
        "/.well-known/oauth-protected-resource/mcp",
    ),
    ({"base_path": "/api"}, "localhost", "/api/mcp", "/api/mcp"),
    ({"base_path": "/api"}, "localhost", "/apis/mcp", None),
    ({"base_path": "/api"}, "localhost", "/.well-known/openai-apps-challenge", "/.well-known/openai-apps-challenge"),
]


@pytest.mark.parametrize(("settings", "host", "target", "expected"), ROUTES)
def test_routing(settings, host, target, expected) -> None:
    app = an_app(**settings)
    found = route([app], host, target, "192.0.2.7")
    if expected is None:
        assert isinstance(found, Refusal)
    else:
        assert found == Routed(app, expected)


def test_the_longest_prefix_wins() -> None:
    outer, inner = an_app("a", path_prefix="/x"), an_app("b", path_prefix="/x/y")
    assert route([outer, inner], "localhost", "/x/y/mcp") == Routed(inner, "/mcp")
    assert route([outer, inner], "localhost", "/x/z/mcp") == Routed(outer, "/z/mcp")


@pytest.mark.promise("no-open-proxy")
@given(st.text(max_size=60), st.text(max_size=60))
def test_routing_never_raises_and_never_leaves_the_base_path(host: str, path: str) -> None:
    app = an_app(base_path="/api", host_names=("*",))
    found = route([app], host, path)
    if isinstance(found, Routed):
        assert found.target.startswith(("/api", "/.well-known/"))
        assert "/../" not in found.target.partition("?")[0]


@pytest.mark.parametrize(
    ("pattern", "host", "port", "expected"),
    [
        ("api.example", "api.example", 443, True),
        ("api.example", "API.example.", 80, True),
        ("api.example:8443", "api.example", 443, False),
        ("api.example:8443", "api.example", 8443, True),
        ("*.example", "api.example", 443, True),
        ("*.example", "example", 443, False),
        ("*.example", "notexample", 443, False),
        ("api.example", "evil-api.example", 443, False),
    ],
)
def test_allow_patterns(pattern, host, port, expected) -> None:
    assert routes.allowed([pattern], host, port) is expected


@pytest.mark.parametrize(
    ("named", "scheme", "port", "expected"),
    [
        ("api.example", "https", 443, True),
        ("API.example.:443", "https", 443, True),
        ("api.example", "http", 443, False),
        ("api.example", "https", 8443, False),
        ("api.example:8443", "https", 8443, True),
        ("user@api.example", "https", 443, False),
    ],
)
def test_a_host_is_the_destination_when_its_name_and_port_are(named, scheme, port, expected) -> None:
    assert routes.is_destination(named, "api.example", port, scheme) is expected


A = {"name": "a", "upstream": "http://up.example/mcp"}


@pytest.mark.parametrize(
    "settings",
    [
        {"apps": [A, A]},
        {"apps": [{**A, "listen_port": 8080}, {**A, "name": "b", "listen_port": 8080}]},
        {
            "apps": [
                {**A, "listen_port": 8080, "host_names": ["a.example"]},
                {**A, "name": "b", "listen_port": 8080, "tls": {"cert_file": "c"}, "host_names": ["b.example"]},
            ]
        },
        {"apps": [{**A, "path_prefix": "travel"}]},
        {"apps": [{**A, "upstream": "http://up.example/mcp?x=1"}]},
        {"apps": [{**A, "upstream": "http://[broken/mcp"}]},
        {"apps": [{**A, "public_url": "app.example"}]},
        {"apps": [A], "forward": [{"listen_port": 1}]},
        {"apps": [A], "confdir": "c", "forward": [{"listen_host": "0.0.0.0"}]},
        {"apps": [A], "confdir": "c", "forward": [{"route": "egress"}]},
        {"apps": [A], "confdir": "c", "forward": [{"route": "egress", "app": "b"}]},
    ],
)
def test_settings_that_contradict_themselves_are_refused(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        ProxySettings.model_validate({"spool": "s.db", **settings})


def test_settings_are_what_they_are_read_from() -> None:
    settings = ProxySettings.model_validate_json(
        json.dumps(
            {
                "apps": [{**A, "tls": {"cert_file": "c.pem"}}],
                "forward": [{"route": "egress", "app": "a", "allow_hosts": ["API.example"]}],
                "spool": "s.db",
                "confdir": "c",
            }
        )
    )
    assert settings.apps[0].tls == ListenTls.model_validate({"cert_file": "c.pem"})
    assert settings.forward == (ForwardSettings(route="egress", app="a", allow_hosts=("api.example",)),)
