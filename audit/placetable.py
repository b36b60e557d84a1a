"""Every place in an MCP message and beside it, in one table. Pure module: no I/O."""

from collections.abc import Iterator
from typing import Final

from douane.audit.message import Direction
from douane.audit.place import ANY, DATE, DOWN, METHOD, NAME, UP, Place, row
from douane.audit.places_down import answers_down, messages_down
from douane.audit.places_up import answers_up, meta_up, requests_up


def _common() -> Iterator[Place]:
    yield row("rpc.version", "JSON-RPC version", None, ANY, "/jsonrpc", "2.0", fixed=r"2\.0")
    yield row("rpc.method", "Method", None, ANY, "/method", "the method's name", fixed=METHOD)
    yield row("rpc.id", "Message number", None, ANY, "/id", "the sender's number of the message", numbers=True)
    yield row("error.code", "Error: code", None, ANY, "/error/code", "a number", numbers=True)
    yield row("error.message", "Error: message", None, ANY, "/error/message", "free text")
    yield row("error.data", "Error: data", None, ANY, "/error/data/**", "anything, debug output included")
    yield row("error.other", "Error: anything else", None, ANY, "/error/**", "anything")
    yield row("meta.progress", "Progress token", None, ANY, "/params/_meta/progressToken", "a token", numbers=True)
    yield row(
        "meta.trace",
        "Trace parent",
        None,
        ANY,
        "/params/_meta/traceparent /result/_meta/traceparent",
        "trace and span numbers",
        fixed="[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    )
    yield row(
        "meta.baggage",
        "Trace state and baggage",
        None,
        ANY,
        "/params/_meta/tracestate /params/_meta/baggage /result/_meta/tracestate /result/_meta/baggage",
        "key=value pairs, often user and tenant numbers",
    )
    yield row(
        "meta.task",
        "Related task",
        None,
        ANY,
        "/params/_meta/io.modelcontextprotocol~1related-task/taskId "
        "/result/_meta/io.modelcontextprotocol~1related-task/taskId "
        "/params/_meta/io.modelcontextprotocol~1subscriptionId /result/_meta/io.modelcontextprotocol~1subscriptionId",
        "the number of a task or subscription",
        numbers=True,
    )
    yield row(
        "cancel.request",
        "Cancelled: which",
        None,
        ("notifications/cancelled",),
        "/params/requestId",
        "the message's number",
        numbers=True,
    )
    yield row("cancel.reason", "Cancelled: reason", None, ("notifications/cancelled",), "/params/reason", "free text")
    yield row(
        "progress.message", "Progress: message", None, ("notifications/progress",), "/params/message", "free text"
    )
    yield row(
        "progress.figures",
        "Progress: figures",
        None,
        ("notifications/progress",),
        "/params/progress /params/total /params/progressToken",
        "numbers",
        numbers=True,
    )


def _http() -> Iterator[Place]:
    def part(
        name: str, title: str, direction: Direction | None, patterns: str, holds: str, *, fixed: str = "", why: str = ""
    ) -> Place:
        return row(f"http.{name}", title, direction, ANY, patterns, holds, fixed=fixed, why=why)

    head = "/@http/header/"
    yield part(
        "session", "X-Openai-Session", UP, f"{head}x-openai-session", "the same number as openai/session; counted once"
    )
    yield part(
        "subject", "X-Openai-Subject", UP, f"{head}x-openai-subject", "the same number as openai/subject; counted once"
    )
    yield part("mirror.name", "Mcp-Name", UP, f"{head}mcp-name", "params.name or params.uri; counted once", fixed=NAME)
    yield part("mirror.param", "Mcp-Param-*", UP, f"{head}mcp-param-*", "an argument; counted once")
    yield part("mirror.method", "Mcp-Method", UP, f"{head}mcp-method", "the method", fixed=METHOD)
    yield part("version", "MCP-Protocol-Version", None, f"{head}mcp-protocol-version", "a revision", fixed=DATE)
    yield part("agent", "User-Agent", UP, f"{head}user-agent", "a browser or device; a client library is none")
    yield part("language", "Accept-Language", UP, f"{head}accept-language", "the user's languages")
    yield part(
        "forwarded", "Forwarded addresses", UP, f"{head}x-forwarded-for {head}forwarded {head}x-real-ip", "IP addresses"
    )
    yield part(
        "trace",
        "traceparent",
        None,
        f"{head}traceparent",
        "trace and span numbers",
        fixed="[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    )
    yield part("baggage", "baggage and tracestate", None, f"{head}baggage {head}tracestate", "key=value pairs")
    yield part("resume", "Last-Event-ID", UP, f"{head}last-event-id", "the number of an event")
    yield part("other", "Other headers", None, f"{head}*", "anything")
    yield part("path", "Path", None, "/@http/path", "secret paths, tokens, names")
    yield part("query", "Query", None, "/@http/query/*", "anything; tokens under names that say nothing of them")
    yield part(
        "query.credential",
        "Credentials in the query",
        UP,
        "/@http/withheld/*",
        "tokens, keys and passwords under names that say so",
        why="the value never enters the record; that it was there is a finding (mcp/query-token)",
    )
    yield part(
        "address.credential",
        "Credentials elsewhere in the address",
        UP,
        "/@http/withheld-path/* /@http/withheld-fragment/* /@http/withheld-userinfo",
        "sessions, tokens and passwords in path, fragment or user part",
        why="the value never enters the record; that it was there is a finding (mcp/address-credential)",
    )
    why = "a credential: it never enters the record, only a pseudonym of it does"
    yield part(
        "credential",
        "Credentials",
        None,
        f"{head}authorization {head}cookie {head}set-cookie {head}mcp-session-id {head}proxy-authorization",
        "tokens, cookies, session numbers",
        why=why,
    )


def _other() -> Iterator[Place]:
    yield row("other.params", "Anything else in a request", None, ANY, "/params/**", "anything")
    yield row("other.result", "Anything else in an answer", None, ANY, "/result/**", "anything")
    yield row("other", "Anything else", None, ANY, "/**", "anything")


def _unseen() -> Iterator[Place]:
    def part(name: str, title: str, direction: Direction | None, holds: str, why: str) -> Place:
        return Place(f"unseen.{name}", title, direction, (), (), holds, None, False, False, why, False)

    yield part(
        "download", "Files behind download_url", UP, "the user's file", "the app fetches it from OpenAI directly"
    )
    yield part(
        "widget",
        "Widget traffic",
        UP,
        "what the widget sends to its connectDomains",
        "it leaves the user's browser directly",
    )
    yield part(
        "state",
        "Widget state and messages",
        DOWN,
        "setWidgetState, sendFollowUpMessage, ui/message",
        "they stay between the browser and ChatGPT",
    )
    yield part(
        "events",
        "Event deliveries",
        DOWN,
        "what the app posts to ChatGPT's callback",
        "they bypass a reverse proxy; forward mode sees the connection",
    )
    yield part("oauth", "Sign-in", None, "codes, tokens, id_token_hint", "never recorded: they are credentials")
    yield part(
        "sse",
        "Event numbers of a stream",
        DOWN,
        "the app's id: lines",
        "positions in the stream; not part of a message",
    )
    yield part("comments", "Comments of a stream", DOWN, "lines that begin with a colon", "every client drops them")
    yield part(
        "everyday",
        "Everyday headers",
        None,
        "headers that the protocol or the network needs",
        "listed in wire/headers.py; by their meaning they hold no datum of a person",
    )


PLACES: Final[tuple[Place, ...]] = (
    *_common(),
    *meta_up(),
    *requests_up(),
    *answers_up(),
    *answers_down(),
    *messages_down(),
    *_http(),
    *_other(),
    *_unseen(),
)
