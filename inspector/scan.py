"""Messages from a file instead of from the wire: the same opening, detecting and judging, with nothing stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from douane.audit.context import Context, ToolSchema
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.jsontext import Malformed, Node, get, parse, plain, prefix
from douane.audit.message import GAP_CODES, Direction, Gap, Kind, Message
from douane.detectors.assembly import Assembly, assemble
from douane.detectors.explain import Explained, explain
from douane.inspector.pipeline import Inspected, Judged, inspect
from douane.wire.jsonrpc import MAX_NODES, Parsed, classify
from douane.wire.revision import tool_called
from douane.wire.rpclog import FROM_THE_APP
from douane.wire.session import id_text

type Schemas = tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]

NO_MESSAGE = "not a JSON-RPC message (an object with a method, a result or an error), nor a batch of them"


@dataclass(frozen=True, slots=True)
class Item:
    """A line, or an item of the batch in it: the message, or why it could not be read."""

    label: Any
    part: int | None = None
    message: Message | None = field(default=None, repr=False)
    schema: ToolSchema | None = field(default=None, repr=False)
    error: str = ""
    code: str = "malformed"


@dataclass(frozen=True, slots=True)
class Explanation:
    """A message with each of its fields explained."""

    item: Item
    rows: tuple[Explained, ...]
    gaps: tuple[Gap, ...]


class Scanner:
    """Reads one JSON line after the other; remembers requests so that a later answer knows its method and tool."""

    def __init__(self, *, presidio: bool = True, assembly: Assembly | None = None) -> None:
        self._assembly = assembly or assemble(presidio=presidio)
        self._asked: dict[tuple[str, str], tuple[str | None, str | None]] = {}

    def answers(self, line: bytes | str, number: int, *, show_values: bool = False) -> list[dict[str, Any]]:
        """The answers for one line: one, or one per item of a batch, each with its `part`, counted from 0.

        `id` is the `id` beside `message`, else the line's number. `error` says why a line or an item could not be
        read. Never raises on any input.
        """
        return [self._answer(item, show_values=show_values) for item in self._items(line, number)]

    def explained(self, line: bytes | str, number: int) -> list[Explanation]:
        """The same messages with every field explained. Never raises on any input."""
        return [self._explanation(item) for item in self._items(line, number)]

    def _items(self, line: bytes | str, number: int) -> Iterator[Item]:
        try:
            text = line.decode() if isinstance(line, bytes) else line
        except UnicodeDecodeError:
            yield Item(number, error="not UTF-8")
            return
        text = text.strip()
        root = parse(text)
        if isinstance(root, Malformed):
            why = "not valid JSON" if root.code == "malformed" else GAP_CODES[root.code]
            yield Item(id_before(text, root, number), error=f"{why}, at character {root.at}", code=root.code)
            return
        envelope, node = unwrapped(root, text)
        given = get(envelope, "id") if envelope is not None else None
        label = plain(given) if given is not None else number
        schemas: Schemas = (None, None)
        if envelope is not None:
            why = wrong_in(envelope)
            if why:
                yield Item(label, error=why)
                return
            schemas = schema(get(envelope, "input_schema")), schema(get(envelope, "output_schema"))
        if node.kind == "object":
            yield self._item(label, None, envelope, node, text, schemas)
            return
        if node.kind != "array":
            yield Item(label, error=NO_MESSAGE)
            return
        items = [item for item in node.value if isinstance(item, Node)] if isinstance(node.value, tuple) else []
        if not items:
            yield Item(label, error="an empty batch")
        for part, item in enumerate(items):
            yield self._item(label, part, envelope, item, text, schemas)

    def _item(
        self, label: Any, part: int | None, envelope: Node | None, node: Node, text: str, schemas: Schemas
    ) -> Item:
        message = self._message(envelope, node, text) if node.kind == "object" else None
        if message is None:
            return Item(label, part, error=NO_MESSAGE)
        return Item(label, part, message, schema_of(schemas, message))

    def _answer(self, item: Item, *, show_values: bool) -> dict[str, Any]:
        if item.message is None:
            told_ = unread(item.label, item.error, item.code)
        else:
            inspected = inspect(item.message, self._assembly.detect, schema=item.schema)
            told_ = answer(item.label, inspected, show_values=show_values)
        return told_ if item.part is None else placed(item.part, told_)

    def _explanation(self, item: Item) -> Explanation:
        rows: list[Explained] = []

        def detect(opened: Sequence[Field], context: Context) -> tuple[list[Finding], list[Gap]]:
            told_, found, gaps = explain(opened, context, self._assembly)
            rows.extend(told_)
            return found, gaps

        if item.message is None:
            return Explanation(item, (), ())
        inspected = inspect(item.message, detect, schema=item.schema)
        return Explanation(item, tuple(rows), inspected.gaps)

    def _message(self, envelope: Node | None, node: Node, text: str) -> Message | None:
        parsed = classify(text, node)
        if isinstance(parsed, Gap):
            return None
        kind, method, tool = parsed.kind, parsed.method, tool_called(parsed)
        identity = id_text(parsed.rpc_id)
        direction = self._direction(envelope, kind, method, identity)
        if kind in (Kind.RESULT, Kind.ERROR):
            other = Direction.TO_APP if direction is Direction.TO_CHATGPT else Direction.TO_CHATGPT
            method, tool = self._asked.pop((other, identity), (None, None))
            if method is None and kind is Kind.RESULT:
                method = method_of_result(node, direction)
                tool = string(get(envelope, "tool")) if envelope is not None else None
        elif kind is Kind.REQUEST and envelope is None:
            self._asked[direction, identity] = (method, tool)
        app = string(get(envelope, "app")) if envelope is not None else None
        return Message(
            app=app or "",
            direction=direction,
            kind=kind,
            method=method,
            tool=tool if method == "tools/call" else None,
            rpc_id=parsed.rpc_id,
            payload=node,
            text=text,
        )

    def _direction(self, envelope: Node | None, kind: Kind, method: str | None, identity: str) -> Direction:
        said = string(get(envelope, "direction")) if envelope is not None else None
        if said in (Direction.TO_APP, Direction.TO_CHATGPT):
            return Direction(said)
        if kind in (Kind.RESULT, Kind.ERROR):
            return Direction.TO_APP if (Direction.TO_CHATGPT, identity) in self._asked else Direction.TO_CHATGPT
        return Direction.TO_CHATGPT if method in FROM_THE_APP else Direction.TO_APP


def method_of_result(node: Node, direction: Direction) -> str | None:
    """The method that a result answers, told from its shape, for results whose request was not given."""
    shapes = {
        Direction.TO_CHATGPT: (
            ("structuredContent", "tools/call"),
            ("content", "tools/call"),
            ("tools", "tools/list"),
            ("contents", "resources/read"),
            ("messages", "prompts/get"),
            ("completion", "completion/complete"),
            ("resources", "resources/list"),
            ("resourceTemplates", "resources/templates/list"),
            ("prompts", "prompts/list"),
            ("serverInfo", "initialize"),
            ("supportedVersions", "server/discover"),
        ),
        Direction.TO_APP: (
            ("action", "elicitation/create"),
            ("role", "sampling/createMessage"),
            ("roots", "roots/list"),
        ),
    }
    return next((method for key, method in shapes[direction] if get(node, "result", key) is not None), None)


def unwrapped(root: Node, text: str) -> tuple[Node | None, Node]:
    """The envelope of a line, None for a bare message or batch, and what it holds (of any kind).

    A JSON-RPC message that has a key `message` of its own is bare all the same.
    """
    if root.kind != "object":
        return None, root
    held = get(root, "message")
    enveloped = held is not None and held.kind in ("object", "array") and get(root, "jsonrpc") is None
    if not enveloped and isinstance(classify(text, root), Parsed):
        return None, root
    return root, root if held is None else held


def wrong_in(envelope: Node) -> str:
    """What is wrong with the keys beside `message`, and what to write instead; empty when nothing is."""
    way = get(envelope, "direction")
    if way is not None and way.kind != "null" and way.value not in tuple(Direction):
        return f"unknown direction; give {' or '.join(Direction)}, or leave it out"
    for key in ("input_schema", "output_schema"):
        given = get(envelope, key)
        if given is not None and given.kind not in ("object", "null"):
            return f"{key} is no JSON object; give the tool's schema, or leave it out"
    return ""


def id_before(text: str, fault: Malformed, number: int) -> Any:
    """The `id` of an envelope that could not be read to its end, where it stands before the fault; else the number."""
    whole = parse(text, max_depth=MAX_NODES) if fault.code == "too-deep" else fault
    read = prefix(text[: fault.at], max_nodes=MAX_NODES + 1, partial=True) if isinstance(whole, Malformed) else whole
    given = get(read, "id") if isinstance(read, Node) else None
    enveloped = isinstance(read, Node) and get(read, "jsonrpc") is None and get(read, "method") is None
    return plain(given) if given is not None and enveloped and given.kind in ("string", "number") else number


def schema_of(schemas: Schemas, message: Message) -> ToolSchema | None:
    """The schema that the line gives: `input_schema` for a call, `output_schema` for an answer."""
    into, out = schemas
    if into is None and out is None:
        return None
    return ToolSchema(message.tool or "", input_schema=into, output_schema=out)


def schema(node: Node | None) -> Mapping[str, Any] | None:
    """A JSON object as plain Python, None for anything else."""
    value = plain(node) if node is not None and node.kind == "object" else None
    return value if isinstance(value, dict) else None


def string(node: Node | None) -> str | None:
    """The value of a JSON string, None for anything else."""
    return node.value if node is not None and isinstance(node.value, str) else None


def answer(label: Any, inspected: Inspected, *, show_values: bool) -> dict[str, Any]:
    """The printed answer; values only when asked for."""
    return {
        "id": label,
        "findings": [one(judged, show_values=show_values) for judged in inspected.judged],
        "undeclared": list(inspected.undeclared),
        "gaps": [told(gap) for gap in inspected.gaps],
    }


def one(judged: Judged, *, show_values: bool) -> dict[str, Any]:
    """One finding: offsets in the string at the pointer, or in the pointer's last key where `in` says so."""
    finding = judged.finding
    start, end = finding.of.outer(finding.start, finding.end)
    told_: dict[str, Any] = {
        "pointer": finding.of.pointer,
        "start": start,
        "end": end,
        "category": finding.category,
        "flags": list(judged.flags),
        "score": round(finding.score, 3),
        "detector": finding.detector,
    }
    if finding.of.in_key:
        told_["in"] = "key"
    if finding.of.reached:
        told_["reached"] = finding.of.reached
    if show_values:
        told_["value"] = finding.of.text[finding.start : finding.end]
    return told_


def told(gap: Gap) -> dict[str, Any]:
    """One gap, without what is empty."""
    return {
        key: value
        for key, value in (
            ("code", gap.code),
            ("place", gap.place),
            ("detail", gap.detail),
            ("size", gap.size),
            ("count", gap.count),
        )
        if value not in ("", None)
    }


def placed(part: int, given: dict[str, Any]) -> dict[str, Any]:
    """The answer for an item of a batch: with the item's index."""
    return {"id": given.pop("id"), "part": part, **given}


def unread(label: Any, why: str, code: str = "malformed") -> dict[str, Any]:
    """The answer for a line or an item that could not be read."""
    return {
        "id": label,
        "error": why,
        "findings": [],
        "undeclared": [],
        "gaps": [{"code": code, "place": "line"}],
    }
