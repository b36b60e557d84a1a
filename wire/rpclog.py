"""JSON-RPC logs, a message a line, to logged messages. Pure module: no I/O, no transport.

A line is a bare message (or a batch), or an object around one: `{"message", "direction", "at", "session"}`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from douane.audit.jsontext import Malformed, Node, get, parse, plain
from douane.audit.message import GAP_CODES, Direction, Kind
from douane.wire.captured import MAX_ENTRY, Faulty, Logged
from douane.wire.jsonrpc import Parsed, classify
from douane.wire.session import id_text

FROM_THE_APP: Final = frozenset(
    {
        "sampling/createMessage",
        "roots/list",
        "elicitation/create",
        "notifications/message",
        "notifications/resources/updated",
        "notifications/resources/list_changed",
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/elicitation/complete",
        "notifications/tasks/status",
        "notifications/tasks",
        "notifications/subscriptions/acknowledged",
    }
)
_TIMES: Final = ("at", "time", "timestamp", "ts")
_SESSIONS: Final = ("session", "session_id", "sessionId")
_WAYS: Final = {
    "to_app": Direction.TO_APP,
    "to_chatgpt": Direction.TO_CHATGPT,
    "client": Direction.TO_APP,
    "server": Direction.TO_CHATGPT,
    "request": Direction.TO_APP,
    "response": Direction.TO_CHATGPT,
}
_MILLISECONDS: Final = 1e11  # a Unix time above it counts milliseconds: in seconds it would be the year 5138
_REMEMBERED: Final = 20_000


class RpcLog:
    """Reads one line after the other; remembers which requests the app made, to tell which way an answer went."""

    def __init__(self) -> None:
        self._asked: dict[tuple[str, str], None] = {}

    def read(self, line: bytes, number: int) -> Logged | Faulty | None:
        """The message of a line, or why it could not be read; None for an empty line. Never raises."""
        if len(line) > MAX_ENTRY:
            return Faulty(number, f"longer than {MAX_ENTRY // (1024 * 1024)} MiB")
        try:
            text = line.decode("utf-8").removeprefix("\ufeff").strip()
        except UnicodeDecodeError:
            return Faulty(number, "not UTF-8")
        if not text:
            return None
        root = parse(text)
        if isinstance(root, Malformed):
            why = "not valid JSON" if root.code == "malformed" else GAP_CODES[root.code]
            return Faulty(number, f"{why}, at character {root.at}")
        held, beside = _opened(root)
        if held.kind not in ("object", "array"):
            return Faulty(number, "neither a JSON-RPC message nor an object with one under `message`")
        said = _first(beside, ("direction", "from", "source"))
        way = _WAYS.get(said) if isinstance(said, str) else None
        if said is not None and way is None:
            return Faulty(number, "unknown direction; give to_app or to_chatgpt, or leave it out")
        told = _first(beside, _TIMES)
        at = _moment(told)
        if told is not None and at is None:
            key = next(name for name in _TIMES if name in beside)
            return Faulty(number, f"`{key}` is no time; give one of ISO 8601 or Unix seconds, or leave it out")
        session = _first(beside, _SESSIONS)
        if session is not None and not isinstance(session, str | int | float):
            key = next(name for name in _SESSIONS if name in beside)
            return Faulty(number, f"`{key}` is neither a text nor a number; give one, or leave it out")
        name = session if isinstance(session, str) else "" if session is None else id_text(session)
        items = held.value if held.kind == "array" and isinstance(held.value, tuple) else (held,)
        parsed = [
            one
            for one in (classify(text, item) for item in items if isinstance(item, Node) and item.kind == "object")
            if isinstance(one, Parsed)
        ]
        if not parsed:
            return Faulty(
                number, "no JSON-RPC message (an object with a method, a result or an error), nor a batch of them"
            )
        way = way or self._way(name, parsed[0])
        for one in parsed:
            self._note(name, one, way)
        return Logged(
            number,
            at,
            way,
            name,
            text[held.start : held.end].encode("utf-8", "surrogatepass"),
        )

    def _way(self, session: str, parsed: Parsed) -> Direction:
        if parsed.kind in (Kind.RESULT, Kind.ERROR):
            asked = (session, id_text(parsed.rpc_id)) in self._asked
            return Direction.TO_APP if asked else Direction.TO_CHATGPT
        return Direction.TO_CHATGPT if parsed.method in FROM_THE_APP else Direction.TO_APP

    def _note(self, session: str, parsed: Parsed, way: Direction) -> None:
        key = (session, id_text(parsed.rpc_id))
        if parsed.kind is Kind.REQUEST and way is Direction.TO_CHATGPT:
            self._asked[key] = None
            if len(self._asked) > _REMEMBERED:
                del self._asked[next(iter(self._asked))]
        elif parsed.kind in (Kind.RESULT, Kind.ERROR) and way is Direction.TO_APP:
            self._asked.pop(key, None)


def _opened(root: Node) -> tuple[Node, Mapping[str, Any]]:
    """The message of a line, and what is said beside it: words and numbers as they are, anything else as its node."""
    if root.kind != "object" or get(root, "jsonrpc") is not None:
        return root, {}
    held = get(root, "message")
    if held is None or held.kind not in ("object", "array"):
        return root, {}
    beside: dict[str, Any] = {}
    for name in (*_TIMES, *_SESSIONS, "direction", "from", "source"):
        node = get(root, name)
        if node is not None and node.kind != "null":
            beside[name] = plain(node) if node.kind in ("string", "number") else node
    return held, beside


def _first(beside: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((beside[name] for name in names if name in beside), None)


def _moment(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        seconds = value / 1000 if value > _MILLISECONDS else float(value)
        return seconds if 0 < seconds < _MILLISECONDS else None
    if isinstance(value, str):
        try:
            read = datetime.fromisoformat(value.strip())
            return (read if read.tzinfo is not None else read.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None
    return None
