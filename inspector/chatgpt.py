"""Calls an app as ChatGPT does: its headers, its `_meta`, JSON-RPC ids that count from 1 for everybody, both eras.

2025-11-25 begins with `initialize`; 2026-07-28 is stateless, and what the app asks back comes in the result.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import httpx2

from douane.audit.personas import Persona
from douane.audit.rules.base import Text
from douane.audit.scenario import MODERN

USER_AGENT: Final = "openai-mcp/1.0.0"
CLIENT_INFO: Final = {"name": "openai-mcp", "version": "1.0.0"}
MOST_ROUNDS: Final = 5
MOST_BYTES: Final = 16 * 1024 * 1024
_ACCEPT: Final = "application/json, text/event-stream"

type Json = dict[str, Any]
type Answering = Callable[[str, Json], Json | None]
"""Answers what an app asks: a method and its params to a result, None to refuse."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back to one request. `result` or `error` is set, or neither when nothing readable came.

    `why` says in our words why there is neither. `status` is the HTTP status.
    """

    status: int = 0
    result: Json | None = field(default=None, repr=False)
    error: Json | None = field(default=None, repr=False)
    why: Text | None = None

    @property
    def refused(self) -> bool:
        """Whether the app answered that it does not do this: a JSON-RPC error, or a result marked as an error."""
        return self.error is not None or (self.result is not None and self.result.get("isError") is True)


@dataclass(slots=True)
class Caller:
    """One person in one era. Ids count from 1, so that different persons' requests have equal ids."""

    http: httpx2.AsyncClient
    url: str = field(repr=False)
    person: Persona
    era: str
    answering: Answering = field(default=lambda _method, _params: None, repr=False)
    token: str = field(default="", repr=False)
    session: str = field(default="", repr=False)
    next_id: int = 1

    async def begin(self) -> Reply:
        """Say hello as the era does; the reply has no result where the app does not speak it."""
        if self.era == MODERN:
            return await self.ask("server/discover", {})
        hello = {"protocolVersion": self.era, "capabilities": {"elicitation": {}}, "clientInfo": CLIENT_INFO}
        reply = await self.ask("initialize", hello)
        if reply.result is not None:
            await self._send({"jsonrpc": "2.0", "method": "notifications/initialized"}, "notifications/initialized", {})
        return reply

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> Reply:
        """Call a tool, and answer what the app asks back (`input_required`) a few times at most."""
        params: Json = {"name": tool, "arguments": dict(arguments)}
        reply = await self.ask("tools/call", params)
        for _ in range(MOST_ROUNDS):
            result = reply.result
            wanted = result.get("inputRequests") if result is not None else None
            if result is None or result.get("resultType") != "input_required" or not isinstance(wanted, dict):
                break
            params["inputResponses"] = {key: self._input(one) for key, one in wanted.items() if isinstance(one, dict)}
            if "requestState" in result:
                params["requestState"] = result["requestState"]
            reply = await self.ask("tools/call", params)
        return reply

    async def ask(self, method: str, params: Json) -> Reply:
        """One request with what ChatGPT adds to it. Never raises: what went wrong is in the reply."""
        number, self.next_id = self.next_id, self.next_id + 1
        body = {"jsonrpc": "2.0", "id": number, "method": method, "params": self._dressed(method, params)}
        return await self._send(body, method, params, number)

    def _dressed(self, method: str, params: Json) -> Json:
        meta: Json = self.person.meta() if method == "tools/call" else {"openai/locale": self.person.locale}
        if self.era == MODERN:
            meta["io.modelcontextprotocol/protocolVersion"] = self.era
            meta["io.modelcontextprotocol/clientCapabilities"] = {"elicitation": {"form": {}}}
            meta["io.modelcontextprotocol/clientInfo"] = CLIENT_INFO
        return {**params, "_meta": meta}

    def _headers(self, method: str, params: Json) -> dict[str, str]:
        headers = {
            "User-Agent": USER_AGENT,
            "Accept": _ACCEPT,
            "Content-Type": "application/json",
            "X-Openai-Session": self.person.session,
            "X-Openai-Subject": self.person.subject,
        }
        if method != "initialize":
            headers["MCP-Protocol-Version"] = self.era
        if self.era == MODERN:
            headers["Mcp-Method"] = method
            name = params.get("name") or params.get("uri")
            if isinstance(name, str) and name.isascii() and name.isprintable():
                headers["Mcp-Name"] = name
        if self.session:
            headers["Mcp-Session-Id"] = self.session
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        return headers

    async def _send(self, body: Json, method: str, params: Json, number: int | None = None) -> Reply:
        try:
            async with self.http.stream(
                "POST", self.url, content=json.dumps(body).encode(), headers=self._headers(method, params)
            ) as answer:
                if method == "initialize":
                    self.session = answer.headers.get("mcp-session-id", "")
                if number is None:
                    return Reply(answer.status_code)
                if "text/event-stream" in answer.headers.get("content-type", ""):
                    return await self._streamed(answer, number)
                whole = await answer.aread()
                return _reply(answer.status_code, _messages(whole), number)
        except httpx2.TimeoutException:
            return Reply(why=Text("no answer in time", "aucune réponse dans le délai"))
        except (httpx2.HTTPError, httpx2.InvalidURL, UnicodeError, ValueError) as error:
            kind = type(error).__name__
            return Reply(why=Text(f"no readable answer ({kind})", f"aucune réponse lisible ({kind})"))

    async def _streamed(self, answer: httpx2.Response, number: int) -> Reply:
        """Read events until the answer comes; what the app asks meanwhile is answered by a request of its own."""
        data: list[str] = []
        size = 0
        async for line in answer.aiter_lines():
            size += len(line)
            if size > MOST_BYTES:
                return Reply(answer.status_code, why=Text("the answer is too large", "la réponse est trop longue"))
            if line.startswith("data:"):
                data.append(line[5:].removeprefix(" "))
                continue
            if line or not data:
                continue
            messages, data = _messages("\n".join(data).encode()), []
            for message in messages:
                if "method" in message and "id" in message:
                    await self._answer(message)
            reply = _reply(answer.status_code, messages, number)
            if reply.why is None:
                return reply
        return _reply(answer.status_code, _messages("\n".join(data).encode()), number)

    async def _answer(self, request: Json) -> None:
        params = request.get("params")
        made = self._made(str(request["method"]), params if isinstance(params, dict) else {})
        body: Json = {"jsonrpc": "2.0", "id": request["id"]}
        body |= {"result": made} if made is not None else {"error": {"code": -32601, "message": "not supported"}}
        await self._send(body, str(request["method"]), {})

    def _input(self, request: Json) -> Json:
        params = request.get("params")
        return self._made(str(request.get("method")), params if isinstance(params, dict) else {}) or {
            "action": "cancel"
        }

    def _made(self, method: str, params: Json) -> Json | None:
        if method == "ping":
            return {}
        return self.answering(method, params)


def _messages(body: bytes) -> list[Json]:
    try:
        read = json.loads(body) if body.strip() else []
    except (ValueError, RecursionError):
        return []
    return [one for one in (read if isinstance(read, list) else [read]) if isinstance(one, dict)]


def _reply(status: int, messages: list[Json], number: int) -> Reply:
    for message in messages:
        if message.get("id") != number or "method" in message:
            continue
        result, error = message.get("result"), message.get("error")
        if isinstance(result, dict):
            return Reply(status, result=result)
        if isinstance(error, dict):
            return Reply(status, error=error)
    return Reply(
        status, why=Text(f"HTTP {status} without an answer to the request", f"HTTP {status} sans réponse à la requête")
    )
