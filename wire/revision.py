"""Which revision of MCP a message speaks, and what it says of tools, tasks and cancellation. Pure module: no I/O."""

import re
from typing import Final

from douane.audit.escapes import whole
from douane.audit.jsontext import Node, get
from douane.audit.message import Kind
from douane.wire.jsonrpc import Parsed

ASSUMED: Final = "2025-03-26"
"""Without any word on the revision, over Streamable HTTP (basic/transports, 2025-06-18)."""

LEGACY: Final = "2024-11-05"
"""Without any word on the revision, over HTTP+SSE."""

_REVISION: Final = re.compile(r"20\d\d-[01]\d-[0-3]\d")
_META_VERSION: Final = "io.modelcontextprotocol/protocolVersion"
_META_TASK: Final = "io.modelcontextprotocol/related-task"
MAX_NAME: Final = 512


def revision(value: str | None) -> str:
    """`value` when it looks like a revision (a date), else ""."""
    return value if value is not None and _REVISION.fullmatch(value) else ""


def text_of(node: Node | None) -> str | None:
    """The string that `node` is, without halves of surrogate pairs; None when it is none or too long for a name."""
    if node is None or not isinstance(node.value, str) or node.kind != "string" or len(node.value) > MAX_NAME:
        return None
    return whole(node.value)


def spoken(parsed: Parsed, method: str | None) -> str:
    """The revision that the message itself names, or "": `_meta`, or what `initialize` proposes or settles."""
    said = revision(text_of(get(parsed.node, "params", "_meta", _META_VERSION)))
    if not said and method == "initialize":
        place = "result" if parsed.kind is Kind.RESULT else "params"
        said = revision(text_of(get(parsed.node, place, "protocolVersion")))
    return said


def tool_called(parsed: Parsed) -> str | None:
    """The tool that a `tools/call` names."""
    return text_of(get(parsed.node, "params", "name")) if parsed.method == "tools/call" else None


def task_asked(parsed: Parsed) -> str | None:
    """The task that a request or notification is about."""
    if parsed.method is None or not parsed.method.startswith(("tasks/", "notifications/tasks")):
        return None
    return text_of(get(parsed.node, "params", "taskId")) or text_of(get(parsed.node, "params", "task", "taskId"))


def task_related(parsed: Parsed) -> str | None:
    """The task that a message names in `_meta` as the one it belongs to (2025-11-25)."""
    place = "params" if parsed.method is not None else "result"
    return text_of(get(parsed.node, place, "_meta", _META_TASK, "taskId"))


def task_created(parsed: Parsed) -> str | None:
    """The task that the answer to a `tools/call` promises: `result.task` (2025-11-25) or a `task` result."""
    return text_of(get(parsed.node, "result", "task", "taskId")) or (
        text_of(get(parsed.node, "result", "taskId"))
        if text_of(get(parsed.node, "result", "resultType")) == "task"
        else None
    )


def request_cancelled(parsed: Parsed) -> str | int | float | None:
    """The id of the request that a `notifications/cancelled` calls off."""
    if parsed.method != "notifications/cancelled":
        return None
    node = get(parsed.node, "params", "requestId")
    if node is None or node.kind not in ("string", "number") or not isinstance(node.value, (str, int, float)):
        return None
    return whole(node.value) if isinstance(node.value, str) else node.value
