"""What a message shows besides disclosures: destinations, what is asked for, what no schema lists. Pure module: no I/O.

Nothing here is a value: hosts without paths, names of properties, categories, pointers. Pointers and property names may
still be data, until `inspector.seen` has made them safe.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, Protocol

from douane.audit import csp
from douane.audit.context import ToolSchema
from douane.audit.credential_names import credential_of, kind_of
from douane.audit.fields import Field
from douane.audit.history import Observation, Seen
from douane.audit.hosts import host_of, hosts_in
from douane.audit.jsontext import Member, Node, escape, get, plain
from douane.audit.message import Direction, HttpPart, Kind, Message
from douane.audit.schema import ARGUMENTS, STRUCTURED, find_property
from douane.audit.toolmeta import MIME

MOST_HOSTS: Final = 50
"""Hosts of URLs that are noted of one message."""
MOST_PLACES: Final = 500
"""Places of one message that are noted as used."""

_WITHHELD: Final = "withheld"
_ANSWERS: Final = (Kind.RESULT, Kind.ERROR, Kind.NOTIFICATION)


class Found(Protocol):
    """A finding, as far as it is needed here: its category and its field."""

    @property
    def category(self) -> str:
        """The category's key."""
        ...

    @property
    def of(self) -> Field:
        """Where it was found."""
        ...


def observe(
    message: Message, fields: Sequence[Field], found: Iterable[Found], undeclared: Sequence[str] = ()
) -> tuple[Observation, ...]:
    """Everything noteworthy of one message, each thing once. Never raises on any message."""
    seen: dict[Observation, None] = {}
    for one in _all(message, fields, found, undeclared):
        seen[one] = None
    return tuple(seen)


def used(message: Message) -> tuple[str, ...]:
    """The places below a call's arguments or an answer's structured content that held a value, each once.

    RFC 6901 pointers, indices as `*`; the root (an empty pointer) comes first and counts the call itself. Empty for a
    message that is neither. Null, and an object or array with nothing in it, is no value.
    """
    root = body(message)
    if root is None:
        return ()
    out: dict[str, None] = {"": None}
    pending: list[tuple[Node, str]] = [(root, "")]
    while pending and len(out) < MOST_PLACES:
        node, pointer = pending.pop()
        if not isinstance(node.value, tuple):
            if node.value is not None:
                out[pointer] = None
            continue
        for part in reversed(node.value):
            if isinstance(part, Member):
                pending.append((part.node, f"{pointer}/{escape(part.key)}"))
            elif isinstance(part, Node):
                pending.append((part, f"{pointer}/*"))
    return tuple(out)


def body(message: Message) -> Node | None:
    """The arguments of a tool call, or the structured content of its answer; None for any other message."""
    if message.method != "tools/call" or message.tool is None:
        return None
    if message.kind is Kind.REQUEST and message.direction is Direction.TO_APP:
        paths = ARGUMENTS
    elif message.kind is Kind.RESULT and message.direction is Direction.TO_CHATGPT:
        paths = STRUCTURED
    else:
        return None
    return next((node for path in paths if (node := get(message.payload, *path)) is not None), None)


def header_parameters(tool: ToolSchema) -> Iterator[Observation]:
    """The properties of a tool's input that are mirrored into HTTP headers (`x-mcp-header`, MCP 2026-07-28)."""
    pending: list[tuple[object, str, int]] = [(tool.input_schema, "", 0)]
    while pending:
        schema, name, level = pending.pop()
        if not isinstance(schema, Mapping) or level > 16:
            continue
        header = schema.get("x-mcp-header")
        if isinstance(header, str) and name:
            yield Observation(Seen.HEADER_PARAMETER, name, f"Mcp-Param-{header}", tool.name)
        properties = schema.get("properties")
        if isinstance(properties, Mapping):
            pending += [(inner, key, level + 1) for key, inner in properties.items() if isinstance(key, str)]


def _all(
    message: Message, fields: Sequence[Field], found: Iterable[Found], undeclared: Sequence[str]
) -> Iterator[Observation]:
    tool = message.tool
    for pointer in undeclared:
        yield Observation(Seen.UNLISTED, pointer, tool=tool)
    if message.direction is Direction.TO_APP:
        for part in message.http:
            if part.place.startswith(_WITHHELD):
                yield _withheld(part)
        if message.kind is Kind.REQUEST and message.method == "tools/call" and "download_url" in message.text:
            yield from _files(message)
        return
    if message.kind is Kind.REQUEST:
        if message.method == "elicitation/create":
            yield from _asks(get(message.payload, "params"), "/params", found, tool)
        return
    if message.kind in _ANSWERS:
        yield from _urls(message, fields)
    if message.kind is not Kind.RESULT:
        return
    if message.method in ("resources/read", "resources/list"):
        yield from _widgets(message)
    if "elicitation/create" in message.text:
        yield from _embedded(message, found)


def _withheld(part: HttpPart) -> Observation:
    """What was blanked in the address before it was recorded."""
    if part.place == _WITHHELD:
        category = credential_of(part.name)
        if category is not None:
            return Observation(Seen.QUERY_CREDENTIAL, part.name, category)
        return Observation(Seen.WITHHELD, "query", kind_of(part.name))
    where = part.place.removeprefix(f"{_WITHHELD}-")
    return Observation(Seen.WITHHELD, where, kind_of(part.name, where))


def _files(message: Message) -> Iterator[Observation]:
    """ChatGPT gives a file as `{download_url, file_id, mime_type?, file_name?}`; the app fetches it out of sight."""
    arguments = get(message.payload, "params", "arguments")
    for member in _members(arguments):
        items = member.node.value if member.node.kind == "array" else (member.node,)
        for item in items if isinstance(items, tuple) else ():
            if not isinstance(item, Node) or item.kind != "object" or _text(item, "file_id") is None:
                continue
            url = _text(item, "download_url")
            name = host_of(url) if url and "://" in url else ""
            if name:
                mime = (_text(item, "mime_type") or "").lower()
                yield Observation(Seen.FILE_DOWNLOAD, name, mime if MIME.fullmatch(mime) else "", message.tool)


def _urls(message: Message, fields: Sequence[Field]) -> Iterator[Observation]:
    if ":/" not in message.text and ":\\/" not in message.text:
        return
    hosts: dict[str, None] = {}
    for field in fields:
        if "://" in field.text and not _is_page(message, field):
            hosts.update(dict.fromkeys(hosts_in(field.text)))
            if len(hosts) >= MOST_HOSTS:
                break
    for name in list(hosts)[:MOST_HOSTS]:
        yield Observation(Seen.RETURNED_URL, name, tool=message.tool)


def _is_page(message: Message, field: Field) -> bool:
    """A widget's HTML, its scripts and its `_meta`: what they may reach is told from their CSP, not as an answer."""
    if message.method not in ("resources/read", "resources/list"):
        return False
    return "/_meta" in field.pointer or (field.pointer.endswith("/text") and "<" in field.text)


def _widgets(message: Message) -> Iterator[Observation]:
    key = "contents" if message.method == "resources/read" else "resources"
    listed = get(message.payload, "result", key)
    for item in listed.value if listed is not None and isinstance(listed.value, tuple) else ():
        uri, meta = (get(item, name) for name in ("uri", "_meta")) if isinstance(item, Node) else (None, None)
        if meta is not None and uri is not None:
            yield from csp.widget({"uri": uri.value, "_meta": plain(meta)})


def _embedded(message: Message, found: Iterable[Found]) -> Iterator[Observation]:
    """Elicitations inside a result (`inputRequests`, MCP 2026-07-28)."""
    found = list(found)
    for member in _members(get(message.payload, "result", "inputRequests")):
        if _text(member.node, "method") == "elicitation/create":
            where = f"/result/inputRequests/{escape(member.key)}/params"
            yield from _asks(get(member.node, "params"), where, found, message.tool)


def _asks(params: Node | None, where: str, found: Iterable[Found], tool: str | None) -> Iterator[Observation]:
    if params is None:
        return
    url = _text(params, "url")
    if url is not None:
        name = host_of(url)
        held = sorted({one.category for one in found if one.of.pointer == f"{where}/url"})
        for category in held or [""]:
            yield Observation(Seen.URL_ASKS, name, category, tool)
    schema = get(params, "requestedSchema")
    if schema is None or schema.kind != "object":
        return
    wanted: Any = plain(schema)
    for member in _members(get(schema, "properties")):
        said = find_property(wanted, (member.key,))
        for category in sorted(said.announced()) if said is not None else ():
            yield Observation(Seen.FORM_ASKS, category, member.key, tool)


def _members(node: Node | None) -> tuple[Member, ...]:
    if node is None or node.kind != "object" or not isinstance(node.value, tuple):
        return ()
    return tuple(part for part in node.value if isinstance(part, Member))


def _text(node: Node, key: str) -> str | None:
    inner = get(node, key)
    return inner.value if inner is not None and isinstance(inner.value, str) else None
