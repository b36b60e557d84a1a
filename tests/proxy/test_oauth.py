"""OAuth discovery and path prefixes: what is rewritten, what is only noticed, what passes as it is."""

import gzip
import json
from typing import Any

import pytest

from douane.proxy import rewrite
from douane.proxy.routes import app_from
from douane.proxy.settings import AppSettings

CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find"}}'
PRM = "/.well-known/oauth-protected-resource"
AS = "/.well-known/oauth-authorization-server"


def documents(*, packed: bool = False, others_server: bool = False) -> Any:
    """An app that protects itself and is its own authorization server, unless that is somebody else."""

    def serve(wire: Any, upstream: Any) -> None:
        me = f"http://127.0.0.1:{upstream.port}"
        while True:
            received = wire.message()
            upstream.received.append(received)
            path = received.first_line.split()[1].decode().partition("?")[0]
            head = b""
            status = b"200 OK"
            body: Any = {}
            if path == f"{PRM}/mcp":
                servers = ["https://login.example.org"] if others_server else [me]
                body = {"resource": f"{me}/mcp", "authorization_servers": servers, "scopes_supported": ["a"]}
            elif path == AS:
                body = {
                    "issuer": me,
                    "authorization_endpoint": f"{me}/authorize",
                    "token_endpoint": f"{me}/token",
                    "service_documentation": "https://docs.example.org/",
                    "scopes_supported": ["a"],
                }
            elif path == "/authorize":
                status = b"302 Found"
                iss = me.replace(":", "%3A").replace("/", "%2F")
                head = f"Location: https://chatgpt.example/cb?code=code-that-stands-nowhere-else-1&iss={iss}&state=s\r\n".encode()
                body = None
            elif path == "/go":
                status = b"302 Found"
                head = f"Location: {me}/there?x=1\r\nSet-Cookie: a=1; Path=/; HttpOnly\r\n".encode()
                body = None
            elif path == "/mcp":
                status = b"401 Unauthorized"
                head = f'WWW-Authenticate: Bearer resource_metadata="{me}{PRM}/mcp", scope="a"\r\n'.encode()
            raw = b"" if body is None else json.dumps(body).encode()
            if packed:
                raw = gzip.compress(raw)
                head += b"Content-Encoding: gzip\r\n"
            head += b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(raw)
            wire.send(b"HTTP/1.1 " + status + b"\r\n" + head + b"\r\n" + raw)

    return serve


def get(path: str, host: str = "localhost", *lines: str) -> bytes:
    return ("\r\n".join([f"GET {path} HTTP/1.1", f"Host: {host}", *lines]) + "\r\n\r\n").encode()


@pytest.mark.parametrize("packed", [False, True])
def test_rewrite_puts_the_public_origin_into_discovery_so_that_a_client_finds_its_way(
    packed, start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(documents(packed=packed))
    proxy = start_proxy(app(up, oauth="rewrite", public_url="https://app.example/mcp"))

    def document(path: str) -> Any:
        answer = proxy.ask(get(path, "app.example"))
        return json.loads(gzip.decompress(answer.body) if packed else answer.body)

    challenge = proxy.ask(post(CALL, host="app.example")).header(b"www-authenticate")
    assert challenge == b'Bearer resource_metadata="https://app.example%s/mcp", scope="a"' % PRM.encode()
    assert document(f"{PRM}/mcp") == {
        "resource": "https://app.example/mcp",
        "authorization_servers": ["https://app.example"],
        "scopes_supported": ["a"],
    }
    assert document(AS) == {
        "issuer": "https://app.example",
        "authorization_endpoint": "https://app.example/authorize",
        "token_endpoint": "https://app.example/token",
        "service_documentation": "https://docs.example.org/",
        "scopes_supported": ["a"],
    }
    redirect = proxy.ask(get("/authorize?client_id=x", "app.example")).header(b"location")
    assert (
        redirect
        == b"https://chatgpt.example/cb?code=code-that-stands-nowhere-else-1&iss=https%3A%2F%2Fapp.example&state=s"
    )
    assert proxy.stop() == 0
    assert [event for event in proxy.events if event["event"] == "oauth"] == []
    assert {record.kind for record in proxy.records()} == {"passage", "request", "answer", "outcome"}
    assert b"code-that-stands-nowhere-else-1" not in proxy.spool_path.read_bytes()


def test_rewrite_without_a_public_url_goes_by_how_the_client_came(start_proxy, start_upstream, app) -> None:
    up = start_upstream(documents(others_server=True))
    proxy = start_proxy(app(up, oauth="rewrite", host_names=["x.tunnel.example"]))
    answer = proxy.ask(get(f"{PRM}/mcp", "x.tunnel.example", "X-Forwarded-Proto: https"))
    assert json.loads(answer.body) == {
        "resource": "https://x.tunnel.example/mcp",
        "authorization_servers": ["https://login.example.org"],
        "scopes_supported": ["a"],
    }


@pytest.mark.parametrize("oauth", ["detect", "public_url"])
def test_nothing_is_rewritten_otherwise_and_an_app_that_names_another_origin_is_told_of_once(
    oauth, start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream(documents())
    proxy = start_proxy(app(up, oauth=oauth, public_url="https://app.example/mcp"))
    me = f"http://127.0.0.1:{up.port}"
    for _ in range(2):
        assert json.loads(proxy.ask(get(f"{PRM}/mcp", "app.example")).body)["resource"] == f"{me}/mcp"
        challenge = proxy.ask(post(CALL, host="app.example")).header(b"www-authenticate")
        assert challenge == f'Bearer resource_metadata="{me}{PRM}/mcp", scope="a"'.encode()
    event = proxy.until_event("oauth")
    assert (event["app"], event["place"], event["names"], event["reached_as"]) == (
        "travel",
        "protected-resource",
        me,
        "https://app.example",
    )
    assert "oauth: rewrite" in event["change"]
    proxy.stop()
    assert sum(each["event"] == "oauth" for each in proxy.events) == 1


def test_an_app_that_names_the_public_url_is_left_alone(start_proxy, start_upstream, app) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        body = b'{"resource":"https://app.example/mcp"}'
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    proxy = start_proxy(app(start_upstream(serve), public_url="https://app.example/mcp"))
    assert proxy.ask(get(f"{PRM}/mcp", "app.example")).body == b'{"resource":"https://app.example/mcp"}'
    proxy.stop()
    assert proxy.events == []


def test_the_challenge_of_the_app_directory_passes(start_proxy, start_upstream, app) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        upstream.received.append(wire.message())
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 7\r\n\r\ntoken-1")

    up = start_upstream(serve)
    proxy = start_proxy(app(up, base_path="/mcp"))
    assert proxy.ask(get("/.well-known/openai-apps-challenge")).body == b"token-1"
    (record,) = proxy.until(lambda found: len(found) == 1)
    assert (record.kind, record.meta["path_class"]) == ("passage", "challenge")


def test_a_path_prefix_is_taken_off_and_put_back_everywhere_it_must_be(start_proxy, start_upstream, app, post) -> None:
    up = start_upstream(documents())
    proxy = start_proxy(app(up, path_prefix="/travel", oauth="rewrite", public_url="https://apps.example/travel/mcp"))
    public = "https://apps.example"
    challenge = proxy.ask(post(CALL, "/travel/mcp", "apps.example")).header(b"www-authenticate")
    assert challenge == f'Bearer resource_metadata="{public}{PRM}/travel/mcp", scope="a"'.encode()
    prm = json.loads(proxy.ask(get(f"{PRM}/travel/mcp", "apps.example")).body)
    assert (prm["resource"], prm["authorization_servers"]) == (f"{public}/travel/mcp", [f"{public}/travel"])
    server = json.loads(proxy.ask(get(f"{AS}/travel", "apps.example")).body)
    assert (server["issuer"], server["token_endpoint"]) == (f"{public}/travel", f"{public}/travel/token")
    moved = proxy.ask(get("/travel/go", "apps.example"))
    assert moved.header(b"location") == f"{public}/travel/there?x=1".encode()
    assert moved.header(b"set-cookie") == b"a=1; Path=/travel/; HttpOnly"
    assert [message.first_line.split()[1] for message in up.received] == [
        b"/mcp",
        f"{PRM}/mcp".encode(),
        AS.encode(),
        b"/go",
    ]
    request = next(record for record in proxy.records() if record.kind == "request")
    assert request.meta["target"] == "/mcp"


@pytest.mark.parametrize("cuts", [(), (3,), (7, 20, 31)])
@pytest.mark.parametrize("absolute", [False, True])
def test_a_legacy_endpoint_event_gets_the_prefix_however_it_is_cut(
    cuts, absolute, start_proxy, start_upstream, app
) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        upstream.received.append(wire.message())
        origin = f"http://127.0.0.1:{upstream.port}" if absolute else ""
        event = f"event: endpoint\ndata: {origin}/messages?sessionId=s-1\n\n".encode()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for start, end in zip((0, *cuts), (*cuts, len(event)), strict=True):
            wire.send(b"%x\r\n%s\r\n" % (end - start, event[start:end]))
        wire.send(b"c\r\ndata: next\n\n\r\n0\r\n\r\n")

    up = start_upstream(serve)
    proxy = start_proxy(app(up, path_prefix="/travel"))
    raw = get("/travel/sse", "localhost", "Accept: text/event-stream", "Accept-Encoding: gzip")
    got = proxy.ask(raw).body
    place = "http://localhost/travel/messages" if absolute else "/travel/messages"
    assert got == f"event: endpoint\ndata: {place}?sessionId=s-1\n\ndata: next\n\n".encode()
    assert up.received[0].header(b"accept-encoding") == b"identity"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://up.example:3000/mcp", "https://pub.example/mcp"),
        ("HTTP://UP.example:3000/mcp?x=1#f", "https://pub.example/mcp?x=1#f"),
        ("http://up.example:3000", "https://pub.example"),
        ("/mcp", "/mcp"),
        ("//other.example/x", None),
        ("http://up.example/mcp", None),
        ("https://up.example:3000/mcp", None),
        ("http://up.example:3000@other.example/", None),
        ("http://[broken", None),
        ("mailto:x@example.org", None),
    ],
)
def test_only_urls_of_the_app_itself_are_renamed(url, expected) -> None:
    app = app_from(AppSettings(name="a", upstream="http://up.example:3000/mcp"), bytes(32))
    assert rewrite._outside(url, app, "https://pub.example") == expected
