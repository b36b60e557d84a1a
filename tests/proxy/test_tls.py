"""TLS: at the listener, towards the upstream, and intercepted for clients on this machine."""

import json
import socket
import ssl
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import trustme

CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find"}}'
CHATGPT = "mtls.prod.connectors.openai.com"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def files(authority: trustme.CA, tmp_path: Path) -> Callable[..., Path]:
    """Write a certificate for these names, with its key, into one file."""

    def write(*names: str, issuer: trustme.CA = authority) -> Path:
        path = tmp_path / f"{'-'.join(names)}.pem"
        issuer.issue_cert(*names).private_key_and_cert_chain_pem.write_to_path(str(path))
        return path

    return write


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


def trusting(ca_file: Path, own: Path | None = None, protocols: tuple[str, ...] = ()) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca_file))
    if own is not None:
        context.load_cert_chain(str(own))
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


def tls_server(certificate: Path, *protocols: str) -> Callable[[socket.socket], socket.socket]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(certificate))
    context.set_alpn_protocols(list(protocols or ("http/1.1",)))
    return lambda sock: context.wrap_socket(sock, server_side=True)


@pytest.mark.parametrize(("http2", "version"), [(True, "HTTP/2"), (False, "HTTP/1.1")])
def test_a_listener_with_a_certificate_speaks_http2_and_http1(
    http2, version, start_proxy, start_upstream, app, files, ca_file
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up, tls={"cert_file": str(files("localhost"))}))
    assert proxy.ready["listeners"][0]["tls"] is True
    with httpx.Client(http2=http2, verify=trusting(ca_file)) as client:
        answers = [
            client.post(
                f"https://localhost:{proxy.port}/mcp", content=CALL, headers={"Content-Type": "application/json"}
            )
            for _ in range(3)
        ]
    assert [(answer.http_version, answer.status_code) for answer in answers] == [(version, 200)] * 3
    assert [message.body for message in up.received] == [CALL] * 3
    assert up.received[0].header(b"host") == b"127.0.0.1:%d" % up.port
    assert proxy.kinds() == ["request", "answer"] * 3


def test_an_upstream_that_is_not_there_is_said_over_http2_too(start_proxy, start_upstream, app, files, ca_file) -> None:
    up = start_upstream()
    up.close()
    proxy = start_proxy(app(up, tls={"cert_file": str(files("localhost"))}))
    with httpx.Client(http2=True, verify=trusting(ca_file)) as client:
        answer = client.post(f"https://localhost:{proxy.port}/mcp", content=CALL)
    assert (answer.http_version, answer.status_code, "server" in answer.headers) == ("HTTP/2", 502, False)
    assert answer.json()["id"] == json.loads(CALL)["id"]


def test_http2_streams_arrive_event_by_event_beside_other_requests(
    start_proxy, start_upstream, app, files, ca_file
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        received = wire.message()
        if received.first_line.startswith(b"GET"):
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n")
            wire.to_end()
        else:
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    proxy = start_proxy(app(start_upstream(serve), tls={"cert_file": str(files("localhost"))}))
    url = f"https://localhost:{proxy.port}/mcp"
    with (
        httpx.Client(http2=True, verify=trusting(ca_file)) as client,
        client.stream("GET", url, headers={"Accept": "text/event-stream"}) as stream,
    ):
        assert next(stream.iter_bytes()) == b"data: 1\n\n"
        assert client.post(url, content=CALL).text == "{}"
    proxy.until(lambda found: any(record.kind == "end" and record.meta == {"reason": "client"} for record in found))


@pytest.mark.promise("only-chatgpt")
@pytest.mark.parametrize(
    ("names", "issued_by_the_authority", "accepted"),
    [
        ((CHATGPT,), True, True),
        ((f"x.{CHATGPT}",), True, False),
        (("client.example",), True, False),
        ((CHATGPT,), False, False),
        ((), True, False),
    ],
)
def test_only_a_client_with_the_right_certificate_gets_in(
    names, issued_by_the_authority, accepted, start_proxy, start_upstream, app, files, ca_file, tmp_path
) -> None:
    up = start_upstream()
    listen = {"cert_file": str(files("localhost")), "client_ca_file": str(ca_file)}
    proxy = start_proxy(app(up, tls=listen))
    stranger = trustme.CA()
    own = files(*names, **({} if issued_by_the_authority else {"issuer": stranger})) if names else None
    with httpx.Client(verify=trusting(ca_file, own)) as client:
        if accepted:
            assert client.post(f"https://localhost:{proxy.port}/mcp", content=CALL).status_code == 200
        else:
            with pytest.raises(httpx.TransportError):
                client.post(f"https://localhost:{proxy.port}/mcp", content=CALL)
    assert len(up.received) == accepted
    if not accepted:
        warning = proxy.until_event("warning")
        assert (warning["code"], warning["app"], warning["detail"]) == ("refused", "travel", "client-certificate")
    proxy.stop()
    gaps = [record.meta for record in proxy.records() if record.kind == "gap"]
    assert [(gap["code"], gap["detail"], gap["count"]) for gap in gaps] == (
        [] if accepted else [("refused", "client-certificate", 1)]
    )


def test_a_client_that_does_not_accept_douane_s_certificate_is_not_counted_as_refused(
    start_proxy, start_upstream, app, files, ca_file, tmp_path
) -> None:
    proxy = start_proxy(
        app(start_upstream(), tls={"cert_file": str(files("localhost")), "client_ca_file": str(ca_file)})
    )
    with httpx.Client(verify=ssl.create_default_context()) as client, pytest.raises(httpx.TransportError):
        client.post(f"https://localhost:{proxy.port}/mcp", content=CALL)
    with httpx.Client(verify=trusting(ca_file, files(CHATGPT))) as client:
        assert client.post(f"https://localhost:{proxy.port}/mcp", content=CALL).status_code == 200
    proxy.stop()
    assert [record.kind for record in proxy.records() if record.kind == "gap"] == []
    assert proxy.events == []


@pytest.mark.promise("upstream-certificate")
@pytest.mark.parametrize(
    ("names", "trusted", "status"), [("localhost", True, 200), ("other.example", True, 502), ("localhost", False, 502)]
)
def test_an_https_upstream_must_show_a_valid_certificate_for_its_name(
    names, trusted, status, start_proxy, start_upstream, app, post, files, ca_file
) -> None:
    from_upstream: Any = None

    def serve(wire: Any, upstream: Any) -> None:
        upstream.received.append(wire.message())
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    from_upstream = start_upstream(serve, wrap=tls_server(files(names)))
    settings = {"name": "travel", "upstream": f"https://localhost:{from_upstream.port}/mcp"}
    if trusted:
        settings["upstream_ca_file"] = str(ca_file)
    proxy = start_proxy(settings)
    assert proxy.ask(post(CALL)).status == status
    assert len(from_upstream.received) == (status == 200)
    if status == 200:
        assert from_upstream.received[0].header(b"host") == b"localhost:%d" % from_upstream.port


@pytest.mark.parametrize(
    "listen",
    [{"cert_file": "missing.pem"}, {"cert_file": "/dev/null"}, {"cert_file": "CERT", "client_ca_file": "missing.pem"}],
)
def test_certificates_that_cannot_be_used_are_named_at_the_start(listen, launch, files, tmp_path) -> None:
    listen = {key: str(files("localhost")) if value == "CERT" else value for key, value in listen.items()}
    settings = {
        "spool": str(tmp_path / "s.db"),
        "apps": [{"name": "a", "upstream": "http://127.0.0.1:9/mcp", "tls": listen}],
    }
    process = launch(settings)
    said = json.loads(process.stdout.readline())
    assert (said["event"], said["code"]) == ("error", "tls")
    assert "tls." in said["detail"]
    assert process.wait(60) == 2


def through(proxy: Any, ca: Path, **options: Any) -> httpx.Client:
    (listener,) = [each for each in proxy.ready["listeners"] if each["route"] != "reverse"]
    return httpx.Client(proxy=f"http://127.0.0.1:{listener['port']}", verify=trusting(ca), **options)


@pytest.fixture
def third_party(start_upstream, files) -> Any:
    """A server of somebody else, on https."""

    def serve(wire: Any, upstream: Any) -> None:
        while True:
            upstream.received.append(wire.message())
            wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n" + b'{"ok":12}')

    return start_upstream(serve, wrap=tls_server(files("localhost")))


def test_clients_on_this_machine_reach_a_configured_app_through_interception(
    start_proxy, third_party, files, ca_file, tmp_path
) -> None:
    settings = {
        "name": "travel",
        "upstream": f"https://localhost:{third_party.port}/mcp",
        "upstream_ca_file": str(ca_file),
    }
    proxy = start_proxy(settings, confdir=str(tmp_path / "ca"), forward=[{}])
    ca = Path(proxy.ready["listeners"][1]["ca"])
    assert ca == tmp_path / "ca" / "douane-ca-cert.pem"
    assert stat.S_IMODE((tmp_path / "ca" / "douane-ca.pem").stat().st_mode) == 0o600
    with through(proxy, ca) as client:
        answer = client.post(f"https://localhost:{third_party.port}/mcp", content=CALL)
    assert (answer.status_code, answer.text) == (200, '{"ok":12}')
    request = next(record for record in proxy.records() if record.kind == "request")
    assert (request.app, request.body, request.meta["route"]) == ("travel", CALL, "forward")
    assert request.meta["host"] == "localhost"


def test_an_apps_own_egress_is_attributed_to_it_and_carries_what_it_sent(
    start_proxy, start_upstream, third_party, app, ca_file, tmp_path
) -> None:
    plain = start_upstream()
    egress = {
        "route": "egress",
        "app": "travel",
        "allow_hosts": ["localhost", "127.0.0.1"],
        "upstream_ca_file": str(ca_file),
    }
    proxy = start_proxy(
        app(start_upstream()), app(start_upstream(), "crm"), confdir=str(tmp_path / "ca"), forward=[egress]
    )
    ca = Path(proxy.ready["listeners"][2]["ca"])
    with through(proxy, ca) as client:
        assert client.post(f"https://localhost:{third_party.port}/track", content=b'{"user":"ada"}').status_code == 200
        assert client.post(f"http://127.0.0.1:{plain.port}/mcp", content=CALL).status_code == 200
    records = proxy.until(lambda found: len([r for r in found if r.kind != "outcome"]) == 3)
    assert {record.app for record in records} == {"travel"}
    passage = next(record for record in records if record.kind == "passage")
    figures = {"host": "localhost", "path_class": "other", "status": 200, "bytes_up": 14, "bytes_down": 9}
    assert {key: passage.meta[key] for key in figures} == figures
    assert (passage.meta["route"], passage.meta["target"], passage.body) == ("egress", "/track", b'{"user":"ada"}')
    request = next(record for record in records if record.kind == "request")
    assert (request.meta["route"], request.body) == ("egress", CALL)


def test_a_request_for_the_listener_itself_does_not_go_round(start_proxy, start_upstream, app, tmp_path) -> None:
    egress = {"route": "egress", "app": "travel", "allow_hosts": ["localhost", "127.0.0.1"]}
    proxy = start_proxy(app(start_upstream()), confdir=str(tmp_path / "ca"), forward=[egress])
    port = proxy.ready["listeners"][1]["port"]
    with through(proxy, Path(proxy.ready["listeners"][1]["ca"])) as client:
        for host in ("127.0.0.1", "localhost"):
            assert client.get(f"http://{host}:{port}/mcp").status_code == 502


@pytest.mark.promise("no-open-proxy")
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_forward_listener_opens_no_other_destination(
    scheme, start_proxy, start_upstream, third_party, app, ca_file, tmp_path
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), confdir=str(tmp_path / "ca"), forward=[{}])
    ca = Path(proxy.ready["listeners"][1]["ca"])
    with through(proxy, ca) as client:
        if scheme == "https":
            with pytest.raises(httpx.ProxyError, match="403"):
                client.get(f"https://localhost:{third_party.port}/x")
        else:
            assert client.get(f"http://localhost:{third_party.port}/x").status_code == 403
            other = client.get(f"http://127.0.0.1:{up.port}/mcp", headers={"Host": "other.example"})
            assert other.status_code == 400
    assert (third_party.connections, up.connections) == (0, 0)


@pytest.mark.parametrize("route", ["forward", "egress"])
@pytest.mark.parametrize("tunnel", [False, True])
def test_what_a_client_says_to_its_proxy_reaches_no_server(
    tunnel, route, start_proxy, start_upstream, app, tmp_path
) -> None:
    up = start_upstream()
    listener = {"route": route, "app": "travel", "allow_hosts": ["127.0.0.1"]}
    proxy = start_proxy(app(up), confdir=str(tmp_path / "ca"), forward=[listener])
    wire = proxy.connect(proxy.ready["listeners"][1]["port"])
    place = b"127.0.0.1:%d" % up.port
    said = b"Proxy-Authorization: Basic c2VjcmV0\r\nproxy-connection: keep-alive\r\n"
    if tunnel:
        wire.send(b"CONNECT %s HTTP/1.1\r\nHost: %s\r\n%s\r\n" % (place, place, said))
        assert wire.message(head_only=True).status == 200
    target = b"/mcp" if tunnel else b"http://%s/mcp" % place
    head = b"POST %s HTTP/1.1\r\nA: 1\r\nHost: %s\r\n%sB: 2\r\nContent-Length: %d\r\n\r\n"
    wire.send(head % (target, place, said, len(CALL)) + CALL)
    assert wire.message().status == 200
    (seen,) = up.received
    assert [name for name, _ in seen.fields] == [b"A", b"Host", b"B", b"Content-Length"]
    assert b"c2VjcmV0" not in proxy.spool_path.read_bytes()


@pytest.mark.promise("no-open-proxy")
@pytest.mark.parametrize("tunnel", [False, True])
@pytest.mark.parametrize("host", ["127.0.0.1:1", "127.0.0.1", "other.example:{port}", "x@127.0.0.1:{port}"])
def test_a_forward_listener_refuses_a_host_that_is_not_the_destination_and_its_port(
    host, tunnel, start_proxy, start_upstream, app, tmp_path
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), confdir=str(tmp_path / "ca"), forward=[{}])
    wire = proxy.connect(proxy.ready["listeners"][1]["port"])
    place = f"127.0.0.1:{up.port}"
    if tunnel:
        wire.send(f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\r\n".encode())
        assert wire.message(head_only=True).status == 200
    target = "/mcp" if tunnel else f"http://{place}/mcp"
    wire.send(f"GET {target} HTTP/1.1\r\nHost: {host.format(port=up.port)}\r\n\r\n".encode())
    answer = wire.message()
    assert (answer.status, json.loads(answer.body)["error"]) == (400, "host")
    assert up.connections == 0


def test_a_tunnel_that_carries_no_http_is_not_passed_on_unread(start_proxy, start_upstream, app, tmp_path) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), confdir=str(tmp_path / "ca"), forward=[{}])
    wire = proxy.connect(proxy.ready["listeners"][1]["port"])
    wire.send(b"CONNECT 127.0.0.1:%d HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % (up.port, up.port))
    assert wire.message(head_only=True).status == 200
    wire.send(b"SSH-2.0-client\r\n\r\n")
    assert wire.message(head_only=True).status == 400
    assert up.connections == 0


def test_the_process_serves_tls_and_intercepts_without_the_modules_that_it_leaves_out(
    start_process, third_party, files, ca_file, tmp_path
) -> None:
    settings = {
        "name": "travel",
        "upstream": f"https://localhost:{third_party.port}/mcp",
        "upstream_ca_file": str(ca_file),
        "tls": {"cert_file": str(files("localhost"))},
    }
    proxy = start_process(settings, confdir=str(tmp_path / "ca"), forward=[{}])
    ca = Path(proxy.ready["listeners"][1]["ca"])
    for http2 in (True, False):
        with httpx.Client(http2=http2, verify=trusting(ca_file)) as client:
            assert client.post(f"https://localhost:{proxy.port}/mcp", content=CALL).status_code == 200
        with through(proxy, ca, http2=http2) as client:
            assert client.post(f"https://localhost:{third_party.port}/mcp", content=CALL).status_code == 200
    proxy.stop()
    assert [record.meta["route"] for record in proxy.records() if record.kind == "request"] == [
        "reverse",
        "forward",
    ] * 2
    assert proxy.events == []


def test_http2_goes_through_to_an_upstream_that_speaks_it(
    start_proxy, start_upstream, app, files, ca_file, tmp_path
) -> None:
    up = start_upstream()
    behind = start_proxy(app(up, "behind", tls={"cert_file": str(files("localhost"))}), spool=tmp_path / "behind.db")
    settings = {
        "name": "front",
        "upstream": f"https://localhost:{behind.port}/mcp",
        "upstream_ca_file": str(ca_file),
        "tls": {"cert_file": str(files("localhost"))},
    }
    front = start_proxy(settings)
    with httpx.Client(http2=True, verify=trusting(ca_file)) as client:
        for _ in range(3):
            answer = client.post(f"https://localhost:{front.port}/mcp", content=CALL, headers={"X-Odd": "é".encode()})
            assert (answer.status_code, answer.http_version) == (200, "HTTP/2")
    heads = [record.meta["headers"] for record in front.records() if record.kind == "request"]
    assert all(["X-Odd".lower(), "é"] in head for head in heads)
    assert front.kinds() == behind.kinds() == ["request", "answer"] * 3
    assert up.received[2].header(b"x-odd") == "é".encode()
