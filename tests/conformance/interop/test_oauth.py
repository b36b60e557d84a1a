"""A real client signs in at a real authorization server with Douane in front of the app, and nothing secret is kept."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx2
import pytest
from mcp.client import Client
from mcp.client.auth import OAuthClientProvider, OAuthFlowError
from mcp.client.streamable_http import streamable_http_client

from douane.demo.client import signing_in
from douane.demo.crm import sample
from douane.demo.processes import free_ports, poll
from douane.demo.serving import server_for
from douane.ledger.record import Record
from douane.ledger.spool import Spool

pytestmark = pytest.mark.conformance

RESOURCE = "/.well-known/oauth-protected-resource/mcp"
SERVER = "/.well-known/oauth-authorization-server"


@dataclass(slots=True)
class SignedIn:
    """What the client heard, every URL that it asked for, and what must be nowhere else."""

    answer: dict[str, Any] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)


async def sign_in_and_look(url: str) -> SignedIn:
    """Sign in at the app at `url`, knowing nothing but that URL, and call a tool."""
    done = SignedIn()
    provider: OAuthClientProvider = signing_in(url)

    async def note(request: httpx2.Request) -> None:
        done.asked.append(str(request.url))
        if request.url.path == "/token":
            form = dict(pair.split("=", 1) for pair in request.content.decode().split("&"))
            done.secrets.extend(form[key] for key in ("code", "code_verifier", "client_secret") if key in form)

    http = httpx2.AsyncClient(auth=provider, timeout=60, event_hooks={"request": [note]})
    client = Client(streamable_http_client(url, http_client=http), mode="legacy", cache=None)
    async with http, client:
        result = await client.call_tool("find_contacts", {"query": "Nordlys"})
        done.answer = dict(result.structured_content or {})
    tokens = provider.context.current_tokens
    assert tokens is not None
    assert tokens.refresh_token is not None
    done.secrets += [tokens.access_token, tokens.refresh_token]
    return done


type Crm = Callable[..., AbstractContextManager[str]]


@pytest.fixture
def crm() -> Crm:
    """`with crm(port, public_url, issuer_port) as url`: the sample CRM and its authorization server, in a thread."""

    @contextmanager
    def start(port: int, public_url: str, issuer_port: int, *, any_audience: bool = False) -> Iterator[str]:
        app, signs_in = sample(port, public_url, issuer_port, any_audience=any_audience)
        server = server_for({issuer_port: signs_in, port: app})
        sockets = [socket.create_server(("127.0.0.1", each)) for each in sorted({port, issuer_port})]
        thread = threading.Thread(target=server.run, args=(sockets,))
        thread.start()
        try:
            assert poll(lambda: server.started, 60)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            server.should_exit = True
            thread.join(60)
        assert not thread.is_alive()

    return start


def origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def kept(proxy: Any) -> list[Record]:
    """Everything that the proxy wrote to its spool, unsealed."""
    with Spool(proxy.folder / "spool.db", proxy.master) as spool:
        return [record for record in spool.take(limit=10_000) if isinstance(record, Record)]


def everything_written(proxy: Any) -> str:
    """The records' clear contents, and what the proxy said and logged."""
    records = [json.dumps(record.meta) + record.body.decode("latin-1") for record in kept(proxy)]
    logs = [path.read_text(errors="replace") for path in proxy.folder.glob("*") if path.suffix in (".jsonl", ".log")]
    return "\n".join(records + logs)


def check_that_no_secret_was_written(done: SignedIn, proxy: Any) -> None:
    """Code, verifier and tokens are in no record and no log; the call itself is in one."""
    written = everything_written(proxy)
    assert "find_contacts" in written
    assert len(done.secrets) >= 4
    assert [number for number, secret in enumerate(done.secrets) if secret in written] == []


@pytest.mark.parametrize("shared", [False, True], ids=["own-authorization-server", "authorization-server-in-the-app"])
def test_an_app_configured_with_the_public_url_is_signed_in_to_and_nothing_is_rewritten(
    shared: bool, crm: Crm, douane_proxy: Callable[..., Any]
) -> None:
    port, issuer, front = free_ports(3)
    public = f"http://127.0.0.1:{front}/mcp"
    with (
        crm(port, public, port if shared else issuer) as url,
        douane_proxy(url, port=front, app={"oauth": "public_url", "public_url": public}) as proxy,
    ):
        done = anyio.run(sign_in_and_look, proxy.url)
        documents = [httpx2.get(origin(each) + RESOURCE) for each in (url, proxy.url)]
        challenges = [httpx2.post(each, json={}).headers["www-authenticate"] for each in (url, proxy.url)]
    assert done.answer["contacts"][0]["name"] == "Ingrid Solheim"
    assert documents[0].content == documents[1].content
    assert challenges[0] == challenges[1]
    assert documents[1].json()["resource"] == public
    assert [event for event in proxy.events() if event["event"] == "oauth"] == []
    check_that_no_secret_was_written(done, proxy)


@pytest.mark.parametrize("shared", [False, True], ids=["own-authorization-server", "authorization-server-in-the-app"])
def test_an_app_that_names_its_own_url_is_signed_in_to_when_discovery_is_rewritten(
    shared: bool, crm: Crm, douane_proxy: Callable[..., Any]
) -> None:
    port, issuer = free_ports(2)
    own = f"http://127.0.0.1:{port}/mcp"
    with (
        crm(port, own, port if shared else issuer, any_audience=True) as url,
        douane_proxy(url, app={"oauth": "rewrite"}) as proxy,
    ):
        done = anyio.run(sign_in_and_look, proxy.url)
        resource = httpx2.get(origin(proxy.url) + RESOURCE).json()
        issuer_url = resource["authorization_servers"][0]
        metadata = httpx2.get(issuer_url.rstrip("/") + SERVER).json()
    assert done.answer["contacts"][0]["name"] == "Ingrid Solheim"
    assert resource["resource"] == proxy.url
    elsewhere = {origin(asked) for asked in done.asked} - {origin(proxy.url)}
    assert elsewhere == (set() if shared else {f"http://127.0.0.1:{issuer}"})
    signs_in_at = origin(proxy.url) if shared else f"http://127.0.0.1:{issuer}"
    named = {origin(value) for value in metadata.values() if isinstance(value, str) and value.startswith("http")}
    assert named == {signs_in_at}
    check_that_no_secret_was_written(done, proxy)


def test_detection_leaves_the_documents_alone_and_says_which_setting_to_change(
    crm: Crm, douane_proxy: Callable[..., Any]
) -> None:
    port, issuer = free_ports(2)
    own = f"http://127.0.0.1:{port}/mcp"
    with crm(port, own, issuer) as url, douane_proxy(url, app={"oauth": "detect"}) as proxy:
        with pytest.raises(BaseExceptionGroup) as caught:
            anyio.run(sign_in_and_look, proxy.url)
        direct, through = (httpx2.get(origin(each) + RESOURCE).content for each in (url, proxy.url))
        told = [event for event in proxy.events() if event["event"] == "oauth"]
    assert caught.group_contains(OAuthFlowError, depth=None)
    assert direct == through
    assert [(event["app"], event["names"]) for event in told] == [("app", origin(own))]
    assert all(word in told[0]["change"] for word in ("public_url", "rewrite"))
