"""What crossed: one MCP message with everything that travelled with it. Pure module: no I/O, no transport."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from douane.audit.jsontext import Node


class Direction(StrEnum):
    """Which way a message crossed the customs post."""

    TO_APP = "to_app"
    TO_CHATGPT = "to_chatgpt"


class Kind(StrEnum):
    """The four kinds of JSON-RPC 2.0 message."""

    REQUEST = "request"
    NOTIFICATION = "notification"
    RESULT = "result"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class HttpPart:
    """A header or a URL part that crossed with a message.

    `place` is `header`, `path` or `query`; `name` is the lower-case header name or the query key (empty for a path).
    `withheld` is a query key whose value was a credential and never recorded: the value is empty. `withheld-path`,
    `withheld-fragment` and `withheld-userinfo` are the same outside of the query.
    """

    place: str
    name: str
    value: str = field(repr=False)


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Message:
    """One JSON-RPC message and its way.

    `method` is the message's own method or that of the request it answers; None when no request was found for an
    answer. `tool` is the `params.name` of a `tools/call`, on the call and on its answer. `payload` is the whole
    JSON-RPC object with character offsets into `text`; `text` is what crossed, decoded to characters. While `unread`,
    `payload` holds only what names and pairs the message; the rest still has to be read from `text`.
    """

    app: Final[str]
    direction: Final[Direction]
    kind: Final[Kind]
    method: Final[str | None]
    tool: Final[str | None]
    rpc_id: Final[str | int | float | None] = field(repr=False)
    payload: Final[Node] = field(repr=False)
    text: Final[str] = field(repr=False)
    http: Final[tuple[HttpPart, ...]] = field(default=(), repr=False)
    unread: Final[bool] = False


@dataclass(frozen=True, slots=True)
class Gap:
    """What could not be inspected or compared, and why. A value, never a warning.

    `code` is one of `GAP_CODES`; `place` names the part (a pointer with data-bearing keys hidden, `body`, `stream`,
    `headers`…); `detail` holds figures and names of ours only, never something that crossed. `size` is in bytes, when
    known; `count` sums equal gaps up.
    """

    code: str
    place: str = "body"
    detail: str = ""
    size: int | None = None
    count: int = 1


GAP_CODES: dict[str, str] = {
    "malformed": "not valid JSON or JSON-RPC",
    "irregular": "not quite valid JSON or JSON-RPC; read all the same",
    "not-decodable": "the content encoding could not be undone",
    "truncated": "the transfer ended before the message did",
    "too-large": "larger than the inspection limit",
    "too-deep": "nested deeper than the inspection limit",
    "too-many": "more fields than the inspection limit",
    "duplicate-key": "the same key twice in one object; readers may differ on which counts",
    "unpaired": "an answer whose request was not seen",
    "ambiguous": "an answer that fits several requests",
    "no-schema": "the tool's schema has not been seen",
    "no-declaration": "no declaration found for the app",
    "binary": "binary content that no detector opens",
    "expired": "not inspected within the time that the spool keeps a message",
    "crashed": "inspection failed twice",
    "overran": "inspection took longer than its time budget",
    "stream-lost": "part of a stream could not be read after a restart",
    "detector-failed": "a detector failed on this message",
    "not-recorded": "passed on without a record because the spool could not take it",
    "refused": "refused by Douane and not forwarded",
    "checkout": "a path that looks like agentic checkout; not MCP, not opened",
    "websocket": "an upgraded connection; not MCP over HTTP, not opened",
    "spool-unreadable": "a record that could not be unsealed",
    "spool-missing": "records that somebody took out of the spool before they were inspected",
    "journal-damaged": "a journal on the disk was damaged; what was committed to it last is lost",
    "allowed": "found, and left out because the configuration allows it",
}
