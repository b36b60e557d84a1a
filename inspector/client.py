"""Reads what an app says of itself, as a real MCP client over HTTP or stdio: tools, widgets, name.

Only what an app publishes is asked for: `tools/list`, `resources/list`, and its `ui://` resources. No tool is called.
"""

import logging
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Self
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from mcp_types import Implementation, JSONRPCResponse
from pydantic import ValidationError

from douane.audit.keys import HIDDEN, is_name
from douane.audit.rules.base import Text
from douane.audit.toollist import Unread, odd_in, refused
from douane.audit.toolmeta import widget_uri
from douane.inspector.redirects import FOLLOWING, RedirectedElsewhere

MOST_PAGES = 100
MOST_WIDGETS = 50
MOST_TOOLS = 2_000
_NAME = "douane"
_STATELESS = "2026-07-28"


@dataclass(frozen=True, slots=True)
class Http:
    """An app that is reached under a URL. `bearer` is sent as `Authorization: Bearer …`, empty for none."""

    url: str = field(repr=False)
    bearer: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Scheme, host and port: a path can hold a secret."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"


@dataclass(frozen=True, slots=True)
class Command:
    """An app that is started as a program and spoken to over its standard streams."""

    words: tuple[str, ...] = field(repr=False)

    def __str__(self) -> str:
        """The program's name without its folder and arguments, which can hold secrets."""
        return os.path.basename(self.words[0]) if self.words else ""  # noqa: PTH119 - a bare name may be no path


type Target = Http | Command


@dataclass(frozen=True, slots=True)
class ReadApp:
    """What an app said: `tools` as they were listed, `widgets` as the `ui://` resources with their `_meta`, no text.

    `name`, `title` and `version` are the server's own. `unread` says what could not be read as it stands, and why.
    """

    name: str
    title: str
    version: str
    protocol: str
    tools: tuple[Mapping[str, Any], ...]
    widgets: tuple[Mapping[str, Any], ...] = ()
    unread: tuple[Unread, ...] = ()


@dataclass(frozen=True, slots=True)
class NotRead:
    """Why an app could not be read, and what to do; nothing that it sent is in it."""

    why: str
    remedy: str


def read_app(target: Target, *, seconds: float = 30.0) -> ReadApp | NotRead:
    """Connect, read, disconnect. Never raises for anything that the app does or does not do."""
    with _unlogged():
        try:
            read = anyio.run(_read, target, seconds, "auto")
            if not read.tools and read.protocol >= _STATELESS:
                # Some bridges list nothing in the newest era and everything in the one before (FastMCP 4.1's proxy).
                read = anyio.run(_read, target, seconds, "legacy")
            return read
        except Exception as error:  # noqa: BLE001 - its text may hold what the app sent
            return _why(error, target)


async def _read(target: Target, seconds: float, mode: Literal["auto", "legacy"]) -> ReadApp:
    heard: list[dict[str, Any]] = []
    with anyio.fail_after(seconds):
        who = Implementation(name=_NAME, version="1")
        async with Client(_listening(target, heard), client_info=who, mode=mode) as client:
            unread: list[Unread] = []
            offers = client.server_capabilities
            # Not every server names what it offers, so that both are asked for; one that said no may refuse.
            for said, name, list_page in (
                (offers is not None and offers.tools is not None, "tools/list", client.list_tools),
                (offers is not None and offers.resources is not None, "resources/list", client.list_resources),
            ):
                unread += await _pages(name, list_page, heard, said=said)
            tools = _listed(heard, "tools", "name")
            uris = _widget_uris(tools, _unique(heard, "resources", "uri"))
            for uri in uris[:MOST_WIDGETS]:
                unread += await _widget(client, uri)
            for name, found, most in (("tools/list", tools, MOST_TOOLS), ("resources/read", uris, MOST_WIDGETS)):
                if len(found) > most:
                    unread.append(Unread(name, "", _more_than(most), _FEWER))
            server = client.server_info
            return ReadApp(
                name=server.name if server else "",
                title=(server.title or "") if server else "",
                version=server.version if server else "",
                protocol=str(client.protocol_version),
                tools=tuple(tools[:MOST_TOOLS]),
                widgets=_widgets(heard),
                unread=tuple(unread),
            )


async def _pages(name: str, list_page: Any, heard: list[dict[str, Any]], *, said: bool) -> list[Unread]:
    """Ask for every page; what the SDK's models refuse was heard all the same, and is told by its place.

    An error is told where the app `said` that it has such a list, or has begun it.
    """
    found: list[Unread] = []
    cursor: str | None = None
    for number in range(1, MOST_PAGES + 1):
        request = name if number == 1 else f"{name}, page {number}"
        before, faults = len(heard), []
        try:
            cursor = (await list_page(cursor=cursor)).next_cursor
        except ValidationError as error:
            faults = _faults(error, request)
            following = heard[-1].get("nextCursor") if len(heard) > before else None
            cursor = following if isinstance(following, str) else None
        except MCPError as error:
            return [*found, Unread(request, "", _answered(error), _LIST_IT)] if said or number > 1 else found
        ours = [odd for result in heard[before:] if name == "tools/list" for odd in odd_in(result, request)]
        found += ours + [one for one in faults if one.pointer not in {odd.pointer for odd in ours}]
        if not cursor:
            return found
    return [*found, Unread(name, "", _more_than(MOST_PAGES), _FEWER)]


async def _widget(client: Client, uri: str) -> list[Unread]:
    """Read a widget's resource, of which `heard` keeps what it says; what could not be read, and why."""
    request = f"resources/read {widget_uri(uri)}"
    try:
        await client.read_resource(uri)
    except MCPError as error:
        return [Unread(request, "", _answered(error), _READ_IT)]
    except ValidationError as error:
        return _faults(error, request)
    return []


_LIST_IT: Final = Text(
    "See that the app answers this request: what it lists there is not known.",
    "Veillez à ce que l’application réponde à cette requête : ce qu’elle y liste n’est pas connu.",
)
_READ_IT: Final = Text(
    "See that the app answers this request: its widget may reach more than is shown.",
    "Veillez à ce que l’application réponde à cette requête : son widget peut atteindre plus que ce qui est indiqué.",
)
_FEWER: Final = Text("Offer fewer, or look at the rest by hand.", "Proposez-en moins, ou vérifiez le reste à la main.")


def _more_than(most: int) -> Text:
    return Text(
        f"there are more than {most}; the others were not read",
        f"il y en a plus de {most} ; les autres n’ont pas été lus",
    )


def _answered(error: MCPError) -> Text:
    code = error.error.code
    return Text(f"the app answered with error {code}", f"l’application a répondu par l’erreur {code}")


def _faults(error: ValidationError, request: str) -> list[Unread]:
    """What the SDK's models refused, by its place; a key that may be somebody's is hidden."""
    out: dict[str, Unread] = {}
    for fault in error.errors(include_url=False, include_context=False, include_input=False):
        keys = [one if isinstance(one, int) or is_name(one) else HIDDEN for one in fault["loc"]]
        one = refused(fault["type"], keys, request)
        out.setdefault(one.pointer, one)
    return list(out.values())


def _widget_uris(tools: list[Mapping[str, Any]], listed: list[Mapping[str, Any]]) -> list[str]:
    """The widgets that tools name, and those that are listed."""
    uris: dict[str, None] = {}
    for tool in tools:
        meta = tool.get("_meta")
        meta = meta if isinstance(meta, Mapping) else {}
        ui = meta.get("ui")
        named = (ui.get("resourceUri") if isinstance(ui, Mapping) else None, meta.get("ui/resourceUri"))
        for uri in (*named, meta.get("openai/outputTemplate")):
            if isinstance(uri, str) and uri.startswith("ui://"):
                uris[uri] = None
    for resource in listed:
        uri = resource.get("uri")
        if isinstance(uri, str) and uri.startswith("ui://"):
            uris[uri] = None
    return list(uris)


def _widgets(heard: list[dict[str, Any]]) -> tuple[Mapping[str, Any], ...]:
    """Each widget once: what it said when it was read goes before what the list said of it."""
    found: dict[str, Mapping[str, Any]] = {}
    for key in ("resources", "contents"):
        for one in _unique(heard, key, "uri"):
            if str(one["uri"]).startswith("ui://") and ("_meta" in one or one["uri"] not in found):
                found[one["uri"]] = {"uri": one["uri"], "_meta": one.get("_meta") or {}}
    return tuple(found.values())


def _listed(heard: list[dict[str, Any]], key: str, name: str) -> list[Mapping[str, Any]]:
    """Everything listed under `key` that has a name; the same said twice is once, two under one name are two."""
    out: dict[str, list[Mapping[str, Any]]] = {}
    for result in heard:
        listed = result.get(key)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, dict) and isinstance(one.get(name), str) and one not in out.setdefault(one[name], []):
                out[one[name]].append(one)
    return [one for same in out.values() for one in same]


def _unique(heard: list[dict[str, Any]], key: str, name: str) -> list[Mapping[str, Any]]:
    return list({one[name]: one for one in reversed(_listed(heard, key, name))}.values())[::-1]


class _Heard:
    """A transport's reading side that keeps each result as it was sent: the SDK's models drop keys they do not know."""

    def __init__(self, inner: Any, heard: list[dict[str, Any]]) -> None:
        self._inner = inner
        self._heard = heard

    @property
    def last_context(self) -> Any:
        return getattr(self._inner, "last_context", None)

    async def receive(self) -> Any:
        return self._keep(await self._inner.receive())

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        return self._keep(await self._inner.__anext__())

    async def __aenter__(self) -> Self:
        await self._inner.__aenter__()
        return self

    async def __aexit__(self, *error: object) -> bool | None:
        closed: bool | None = await self._inner.__aexit__(*error)
        return closed

    def _keep(self, item: Any) -> Any:
        if isinstance(item, SessionMessage) and isinstance(item.message, JSONRPCResponse):
            result = item.message.result
            if isinstance(result, dict):
                self._heard.append(result)
        return item


@asynccontextmanager
async def _listening(target: Target, heard: list[dict[str, Any]]) -> AsyncIterator[Any]:
    async with _transport(target) as (read, write):
        yield _Heard(read, heard), write


@contextmanager
def _unlogged() -> Iterator[None]:
    """The SDK logs what it cannot read, word for word; that may hold values, and none of it is to be printed."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


@asynccontextmanager
async def _transport(target: Target) -> AsyncIterator[Any]:
    if isinstance(target, Command):
        with open(os.devnull, "w") as nowhere:  # noqa: PTH123, ASYNC230 - its log may hold values, and is not ours
            started = StdioServerParameters(command=target.words[0], args=list(target.words[1:]), env=dict(os.environ))
            async with stdio_client(started, errlog=nowhere) as streams:
                yield streams
        return
    headers = {"Authorization": f"Bearer {target.bearer}"} if target.bearer else {}
    if urlsplit(target.url).path.rstrip("/").endswith("/sse"):
        async with sse_client(target.url, headers=headers) as streams:
            yield streams
        return
    async with httpx2.AsyncClient(headers=headers, timeout=20, trust_env=False, **FOLLOWING) as http:
        http_streams: AbstractAsyncContextManager[Any] = streamable_http_client(target.url, http_client=http)
        async with http_streams as streams:
            yield streams


def _why(error: BaseException, target: Target) -> NotRead:
    """The cause in our words, by type and HTTP status."""
    kinds = list(_leaves(error))
    statuses = [one.response.status_code for one in kinds if isinstance(one, httpx2.HTTPStatusError)]
    if any(status in (401, 403) for status in statuses) or any(_asks_for_sign_in(one) for one in kinds):
        return NotRead(
            f"{target} asks for sign-in",
            "Put an access token into an environment variable and name it with --token-env.",
        )
    if any(isinstance(one, RedirectedElsewhere) for one in kinds):
        return NotRead(
            f"{target} sends on to another address, where nothing was sent",
            "Give the address that the app is really at, if you trust it.",
        )
    if any(isinstance(one, TimeoutError) for one in kinds):
        return NotRead(f"{target} did not answer in time", "Is it an MCP server? Give it more time with --seconds.")
    if any(isinstance(one, FileNotFoundError | PermissionError) for one in kinds):
        return NotRead(f"{target} cannot be started", "Give the program as it is called on the command line.")
    if any(isinstance(one, httpx2.ConnectError | ConnectionError) for one in kinds):
        return NotRead(f"there is no connection to {target}", "Is the app running, and is this its URL?")
    if statuses:
        return NotRead(f"{target} answered with HTTP {statuses[0]}", "Give the app's MCP URL with its path (/mcp).")
    return NotRead(
        f"{target} does not answer as an MCP server ({type(kinds[0]).__name__})",
        "Give the app's MCP URL with its path (/mcp), or the command that starts it.",
    )


def _asks_for_sign_in(error: BaseException) -> bool:
    return isinstance(error, MCPError) and any(word in str(error).lower() for word in ("unauthorized", "401"))


def _leaves(error: BaseException) -> list[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        return [leaf for inner in error.exceptions for leaf in _leaves(inner)]
    return [error]
