"""Plays transcripts against apps, as ChatGPT does: its headers, its `_meta`, no session id, many people at once.

`chatgpt` sends the requests itself, because no client library shapes them as ChatGPT does. `sdk` drives the official
SDK's client, which also signs in where the app asks for it.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx2
import mcp_types as types
from mcp.client import Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider, TokenStorage
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthClientMetadata, OAuthToken
from pydantic import AnyUrl

from douane.demo.transcripts import Person, Protocol, Step, Transcript

USER_AGENT = "openai-mcp/1.0.0"
CLIENT_INFO = {"name": "openai-mcp", "version": "1.0.0"}
MODERN = "2026-07-28"
REDIRECT = "http://127.0.0.1:9/connector_platform_oauth_redirect"
"""Nothing listens there: the client reads code and state from the redirect itself."""

type Json = dict[str, Any]
type Heard = Callable[[str, str], None]
"""Told of each step: the app's name, and what was done (the tool's name or the resource's, never a value)."""

type Did = Callable[[str], Awaitable[None]]


class NotAnsweredError(Exception):
    """An app answered a request with an error, or not at all. The message names the method and the status only."""


@dataclass(slots=True)
class Conversation:
    """One person's requests in ChatGPT's own shape. Ids count from 1 in every conversation, as ChatGPT's do."""

    http: httpx2.AsyncClient
    url: str
    person: Person
    protocol: Protocol
    next_id: int = 1

    def headers(self, method: str, params: Mapping[str, Any]) -> dict[str, str]:
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json, text/event-stream",
            "Content-Type": "application/json",
            "X-Openai-Session": str(self.person.meta["openai/session"]),
            "X-Openai-Subject": str(self.person.meta["openai/subject"]),
        }
        if method != "initialize":
            headers["MCP-Protocol-Version"] = self.protocol
        if self.protocol == MODERN:
            headers["Mcp-Method"] = method
            if "name" in params or "uri" in params:
                headers["Mcp-Name"] = str(params.get("name") or params["uri"])
        return headers

    async def post(self, method: str, params: Json, *, notification: bool = False) -> Json:
        body: Json = {"jsonrpc": "2.0", "method": method, "params": params}
        if not notification:
            body["id"] = self.next_id
            self.next_id += 1
        answer = await self.http.post(self.url, json=body, headers=self.headers(method, params))
        if notification:
            return {}
        message = answer_in(answer, body["id"])
        if message is None or "result" not in message:
            raise NotAnsweredError(f"{method} was answered with HTTP {answer.status_code} and no result")
        return dict(message["result"])

    def params(self, **params: Any) -> Json:
        """`params` with the `_meta` that ChatGPT adds: all of it to a tool call, else the locale."""
        whole = self.person.meta if "name" in params else {"openai/locale": self.person.meta["openai/locale"]}
        meta = dict(whole)
        if self.protocol == MODERN:
            meta["io.modelcontextprotocol/protocolVersion"] = self.protocol
            meta["io.modelcontextprotocol/clientCapabilities"] = {"elicitation": {"form": {}}}
            meta["io.modelcontextprotocol/clientInfo"] = CLIENT_INFO
        return {**params, "_meta": meta}

    async def begin(self) -> None:
        if self.protocol == MODERN:
            await self.post("server/discover", self.params())
        else:
            hello = {"protocolVersion": self.protocol, "capabilities": {}, "clientInfo": CLIENT_INFO}
            await self.post("initialize", self.params(**hello))
            await self.post("notifications/initialized", {}, notification=True)
        await self.post("tools/list", self.params() if self.protocol == MODERN else {})

    async def take(self, step: Step) -> Json:
        """Do one step, and answer the app should it ask back."""
        method, params = (
            ("tools/call", self.params(name=step.call, arguments=step.arguments))
            if step.call
            else ("resources/read", self.params(uri=step.read))
        )
        result = await self.post(method, params)
        while result.get("resultType") == "input_required":
            params["inputResponses"] = {key: step.answers[key] for key in result["inputRequests"]}
            if "requestState" in result:
                params["requestState"] = result["requestState"]
            result = await self.post(method, params)
        if result.get("isError"):
            raise NotAnsweredError(f"{step.call or method} was answered with an error of the app")
        return result


def answer_in(response: httpx2.Response, rpc_id: int) -> Json | None:
    """The JSON-RPC answer to `rpc_id` in a response that is JSON or an event stream; None when there is none."""
    if "text/event-stream" not in response.headers.get("content-type", ""):
        bodies = [response.text] if response.text else []
    else:
        bodies = [line.removeprefix("data:").strip() for line in response.text.splitlines() if line.startswith("data:")]
    for body in bodies:
        message = json.loads(body) if body else {}
        if message.get("id") == rpc_id and "method" not in message:
            return dict(message)
    return None


async def chatgpt(person: Person, protocol: Protocol, url: str, did: Did) -> None:
    """Play one conversation in ChatGPT's own shape. Raises NotAnsweredError."""
    async with httpx2.AsyncClient(timeout=20) as http:
        conversation = Conversation(http, url, person, person.protocol or protocol)
        await conversation.begin()
        for step in person.steps:
            await conversation.take(step)
            await did(step.call or step.read or "")


class InMemory(TokenStorage):
    """Tokens and the client's registration for as long as the conversation lasts."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None
        self._client: OAuthClientInformationFull | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        self._client = client_info


def signing_in(url: str) -> OAuthClientProvider:
    """Sign-in for the app at `url`: discovery, registration, the code flow with PKCE; the server needs no person."""
    landed: list[str] = []

    async def visit(authorize_url: str) -> None:
        async with httpx2.AsyncClient(timeout=20) as browser:
            landed.append((await browser.get(authorize_url, follow_redirects=False)).headers["location"])

    async def come_back() -> AuthorizationCodeResult:
        query = parse_qs(urlsplit(landed.pop()).query)
        first = {key: values[0] for key, values in query.items()}
        return AuthorizationCodeResult(code=first["code"], state=first.get("state"), iss=first.get("iss"))

    return OAuthClientProvider(
        server_url=url,
        client_metadata=OAuthClientMetadata(
            client_name="ChatGPT",
            redirect_uris=[AnyUrl(REDIRECT)],
            grant_types=["authorization_code", "refresh_token"],
            response_types=["code"],
        ),
        storage=InMemory(),
        redirect_handler=visit,
        callback_handler=come_back,
    )


@asynccontextmanager
async def signed_in(url: str, protocol: Protocol, headers: Mapping[str, str]) -> AsyncIterator[Client]:
    """The official SDK's client, signed in at the app at `url`."""
    http = httpx2.AsyncClient(auth=signing_in(url), headers=dict(headers), timeout=20, follow_redirects=True)
    client = Client(
        streamable_http_client(url, http_client=http),
        mode="auto" if protocol == MODERN else "legacy",
        client_info=types.Implementation(name=CLIENT_INFO["name"], version=CLIENT_INFO["version"]),
    )
    async with http, client:
        yield client


async def sdk(person: Person, protocol: Protocol, url: str, did: Did) -> None:
    """Play one conversation with the official SDK's client, signing in first. Raises NotAnsweredError."""
    headers = {
        "User-Agent": USER_AGENT,
        "X-Openai-Session": str(person.meta["openai/session"]),
        "X-Openai-Subject": str(person.meta["openai/subject"]),
    }
    async with signed_in(url, person.protocol or protocol, headers) as client:
        await client.list_tools()
        for step in person.steps:
            if step.call:
                result = await client.call_tool(
                    step.call, step.arguments, meta=cast(types.RequestParamsMeta, dict(person.meta))
                )
                if result.is_error:
                    raise NotAnsweredError(f"{step.call} was answered with an error of the app")
            elif step.read:
                await client.read_resource(step.read)
            await did(step.call or step.read or "")


async def play(transcript: Transcript, url: str, pace: float = 0, heard: Heard = lambda _app, _did: None) -> None:
    """Play every conversation of `transcript` at the same time against the app at `url`, `pace` seconds between steps.

    Raises an exception group of NotAnsweredError and transport errors when a conversation failed.
    """
    one = chatgpt if transcript.client == "chatgpt" else sdk

    async def did(what: str) -> None:
        heard(transcript.app, what)
        await anyio.sleep(pace)

    async with anyio.create_task_group() as group:
        for person in transcript.users:
            group.start_soon(one, person, transcript.protocol, url, did)
