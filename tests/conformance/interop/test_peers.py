"""Other people's clients hear the same from other people's servers with and without Douane between them."""

import json
import os
import re
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import anyio
import fastmcp
import mcp_types as t
import pytest
from mcp.client import Client, ClientRequestContext
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import FileUrl

from douane.demo.processes import free_ports, running

pytestmark = pytest.mark.conformance

EVERYTHING = "@modelcontextprotocol/server-everything/dist/index.js"
BUDGET = "@modelcontextprotocol/server-budget-allocator/dist/index.js"
INSPECTOR = "@modelcontextprotocol/inspector/clients/launcher/build/index.js"

CALLS: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "everything": [
        ("echo", {"message": "Bonjour à tous, «çà et là» \U0001f6c3"}),
        ("get-sum", {"a": 2, "b": 40}),
        ("get-structured-content", {"location": "Chicago"}),
        ("get-annotated-message", {"messageType": "success", "includeImage": True}),
        ("get-resource-links", {"count": 3}),
        ("get-resource-reference", {"resourceType": "Text", "resourceId": 2}),
        ("get-tiny-image", {}),
        ("trigger-long-running-operation", {"duration": 0.2, "steps": 4}),
        ("trigger-sampling-request", {"prompt": "Say something", "maxTokens": 20}),
        ("trigger-elicitation-request", {}),
        ("get-roots-list", {}),
        ("no-such-tool", {}),
    ],
    "budget": [("get-budget-data", {})],
}
VARYING = (
    (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
    (r"\d{1,2}:\d\d:\d\d ?[AP]M", "TIME"),
    (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "UUID"),
    (r"127\.0\.0\.1:\d+", "HOST"),
)

type Serve = Callable[[str, str], AbstractContextManager[str]]


@pytest.fixture
def serve(node: str, npm_peer: Callable[[str], str], tmp_path: Path) -> Serve:
    """`with serve(EVERYTHING, "sse") as url`: a server from npm on a free port."""

    @contextmanager
    def start(script: str, mode: str) -> Iterator[str]:
        (port,) = free_ports(1)
        log = tmp_path / "server.log"
        with running([node, npm_peer(script), mode], [port], log, name=script, env={"PORT": str(port)}):
            yield f"http://127.0.0.1:{port}/{'sse' if mode == 'sse' else 'mcp'}"

    return start


def settled(said: Any) -> Any:
    """What was heard, as plain data, with what differs from run to run written alike."""
    text = json.dumps(said, sort_keys=True, default=lambda model: model.model_dump(mode="json", by_alias=True))
    for pattern, word in VARYING:
        text = re.sub(pattern, word, text)
    return json.loads(text)


async def outcome(call: Any) -> Any:
    """The answer to a call, or the words of its error."""
    try:
        return await call
    except Exception as error:  # noqa: BLE001 - whatever the server and the client make of it must be equal
        return f"{type(error).__name__}: {error}"


async def ask_everything(client: Client, calls: list[tuple[str, dict[str, Any]]], heard: list[Any]) -> list[Any]:
    async def progress(progress: float, total: float | None, message: str | None) -> None:
        heard.append(["progress", progress, total, message])

    # server-everything asks for the roots at a moment of its own and logs that it has them; a call that needs them
    # before then makes it ask twice
    if any(name == "get-roots-list" for name, _ in calls):
        with anyio.move_on_after(10):
            while not any(each[0] == "log" for each in heard):  # noqa: ASYNC110 - two kinds of client fill one list
                await anyio.sleep(0.02)
    said: list[Any] = [client.server_info, client.server_capabilities, await outcome(client.list_tools())]
    said += [await outcome(client.call_tool(name, given, progress_callback=progress)) for name, given in calls]
    resources = await outcome(client.list_resources())
    said += [resources, await outcome(client.list_resource_templates()), await outcome(client.list_prompts())]
    uris = [str(r.uri) for r in resources.resources] + ["demo://resource/dynamic/text/3", "demo://nowhere"]
    said += [await outcome(client.read_resource(uri)) for uri in uris]
    said.append(await outcome(client.get_prompt("args-prompt", {"city": "Évry", "state": "Île-de-France"})))
    ref = t.PromptReference(name="completable-prompt")
    said.append(await outcome(client.complete(ref, {"name": "department", "value": "S"})))
    return [*said, sorted(heard, key=lambda each: str(each[0]))]


@asynccontextmanager
async def official(url: str, heard: list[Any]) -> AsyncIterator[Client]:
    """The official SDK's client over the transport that the URL names, answering what servers ask."""

    async def sample(context: ClientRequestContext, params: t.CreateMessageRequestParams) -> t.CreateMessageResult:
        heard.append(["sampling", params])
        return t.CreateMessageResult(role="assistant", model="none", content=t.TextContent(type="text", text="Hello"))

    async def fill_in(context: ClientRequestContext, params: t.ElicitRequestParams) -> t.ElicitResult:
        heard.append(["elicitation", params])
        return t.ElicitResult(action="decline")

    async def roots(context: ClientRequestContext) -> t.ListRootsResult:
        return t.ListRootsResult(roots=[t.Root(uri=FileUrl("file:///srv/exemple"), name="exemple")])

    async def log(params: t.LoggingMessageNotificationParams) -> None:
        heard.append(["log", params])

    transport = sse_client(url) if url.endswith("/sse") else streamable_http_client(url)
    client = Client(
        transport,
        sampling_callback=sample,
        elicitation_callback=fill_in,
        list_roots_callback=roots,
        logging_callback=log,
        cache=None,
        read_timeout_seconds=20,
    )
    async with client:
        yield client


async def with_the_official_client(url: str, which: str) -> list[Any]:
    heard: list[Any] = []
    async with official(url, heard) as client:
        return await ask_everything(client, CALLS[which], heard)


async def with_fastmcp(url: str, which: str) -> list[Any]:
    async with fastmcp.Client(url) as client:
        said: list[Any] = [await client.list_tools()]
        calls = [(n, a) for n, a in CALLS[which] if not n.startswith(("trigger-", "get-roots"))]
        said += [await outcome(client.call_tool_mcp(name, given)) for name, given in calls]
        resources = await client.list_resources()
        return [*said, resources, *[await outcome(client.read_resource(r.uri)) for r in resources]]


@pytest.mark.parametrize("client", [with_the_official_client, with_fastmcp])
@pytest.mark.parametrize(
    ("script", "mode", "which"),
    [
        pytest.param(EVERYTHING, "streamableHttp", "everything", id="everything"),
        pytest.param(EVERYTHING, "sse", "everything", id="everything-over-legacy-sse"),
        pytest.param(BUDGET, "", "budget", id="budget-allocator-with-its-widget"),
    ],
)
def test_a_client_hears_the_same_through_douane_as_directly(
    client: Callable[[str, str], Any],
    script: str,
    mode: str,
    which: str,
    serve: Serve,
    douane_proxy: Callable[..., Any],
) -> None:
    with serve(script, mode) as url, douane_proxy(url) as proxy:
        direct, through = anyio.run(client, url, which), anyio.run(client, proxy.url, which)
    assert settled(through) == settled(direct)
    assert len(direct) > 3


@pytest.fixture
def inspector(node: str, npm_peer: Callable[[str], str], tmp_path: Path) -> Callable[..., Any]:
    """Run the inspector's command line against a URL and give what it prints."""

    def run(url: str, *arguments: str) -> Any:
        command = [node, npm_peer(INSPECTOR), "--cli", url, *arguments]
        home = {"HOME": str(tmp_path), "MCP_STORAGE_DIR": str(tmp_path)}
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, **home})
        assert done.returncode == 0, done.stderr[-1500:]
        return json.loads(done.stdout)

    return run


@pytest.fixture
def everything(serve: Serve) -> Iterator[str]:
    with serve(EVERYTHING, "streamableHttp") as url:
        yield url


def test_the_inspector_prints_the_same_through_douane_as_directly(
    inspector: Callable[..., Any], everything: str, douane_proxy: Callable[..., Any]
) -> None:
    asked = [
        ["--method", "tools/list"],
        ["--method", "tools/call", "--tool-name", "get-structured-content", "--tool-arg", "location=Chicago"],
        ["--method", "prompts/get", "--prompt-name", "args-prompt", "--prompt-args", "city=Lyon"],
    ]
    with douane_proxy(everything) as proxy:
        answers = [(inspector(everything, *each), inspector(proxy.url, *each)) for each in asked]
    for direct, through in answers:
        assert settled(through) == settled(direct)
