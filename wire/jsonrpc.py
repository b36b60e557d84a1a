"""JSON-RPC 2.0 messages from a body, recognised by content whatever Content-Type says. Pure module: no I/O."""

import re
from dataclasses import dataclass, field, replace
from typing import Final

from douane.audit.escapes import whole
from douane.audit.jsontext import Malformed, Node, get, parse, prefix
from douane.audit.message import Gap, Kind
from douane.wire.envelope import envelope

MAX_DEPTH: Final = 128
MAX_NODES: Final = 200_000
MAX_LENIENT: Final = 524_288
"""Characters of a body that is read although it is not strict JSON: such reading is slow."""
_MAX_IN_A_ROW: Final = 1_000
_BOM: Final = "\ufeff"
_SPACE: Final = " \t\n\r"
_NOT_JSON: Final = re.compile(r'("(?:[^"\\]++|\\.)*+"?)|-?Infinity|NaN', re.DOTALL)


# Not frozen: see `audit.jsontext.Member`.
@dataclass(slots=True, unsafe_hash=True)
class Parsed:
    """One JSON-RPC message.

    `node` holds its spans in `text`, which is the whole body (shared by the messages of a batch). `size` is in bytes
    of UTF-8. `gaps` says in which respect the message was not what the specification asks for, although it was read.
    When `unread`, `node` is only the envelope of a large message, and its spans are those of no text.
    """

    kind: Final[Kind]
    method: Final[str | None]
    rpc_id: Final[str | int | float | None] = field(repr=False)
    node: Final[Node] = field(repr=False)
    text: Final[str] = field(repr=False)
    size: Final[int]
    gaps: Final[tuple[Gap, ...]] = ()
    unread: Final[bool] = False


def read(
    body: bytes | str, *, max_depth: int = MAX_DEPTH, max_nodes: int = MAX_NODES, skim: int | None = None
) -> list[Parsed | Gap]:
    """The messages in `body`: one, or one per item of a batch. Empty (or white space) gives none. Never raises.

    Of a message of more than `skim` characters only the envelope is read; `in_full` reads the rest of it later.

    What a strict reader refuses but a tolerant one takes (bytes that are not UTF-8, `NaN`, several values in a row)
    is read and carries an `irregular` gap, since the other side may have been a tolerant reader.
    """
    noted: list[Gap] = []
    if isinstance(body, str):
        text = body
    else:
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError:
            text = body.decode("utf-8", "replace")
            noted.append(Gap("irregular", detail="not UTF-8; read with the bad bytes replaced"))
    start = 1 if text.startswith(_BOM) else 0
    if not text[start : start + 64].strip(_SPACE) and not text[start:].strip(_SPACE):
        return []
    size = len(body) if isinstance(body, bytes) else None
    if skim is not None and len(text) > skim:
        skimmed = _skimmed(text, start, noted, size)
        if skimmed is not None:
            return [skimmed]
    root = parse(text, max_depth=max_depth, max_nodes=max_nodes, start=start)
    if isinstance(root, Malformed):
        if root.code != "malformed":
            return [Gap(root.code, detail=f"at character {root.at}", size=size)]
        return _tolerant(text, start, root, noted, size, max_depth, max_nodes)
    return _messages(text, root, noted, size)


def in_full(text: str, *, max_depth: int = MAX_DEPTH) -> Parsed | Gap:
    """The one message of `text` whose envelope was read before, or the gap that says why there is none."""
    found = read(text, max_depth=max_depth)
    return found[0] if found else Gap("malformed")


def _skimmed(text: str, start: int, noted: list[Gap], size: int | None) -> Parsed | Gap | None:
    """The envelope; None for a body that has none and is small enough to be read as it is."""
    node = envelope(text[start:] if start else text)
    if isinstance(node, Node):
        found = classify(text, node, tuple(noted), size if size is not None else _bytes(text))
        return replace(found, unread=True) if isinstance(found, Parsed) else found
    if node.code != "malformed":
        return Gap(node.code, detail="read by its envelope only", size=size)
    if len(text) <= MAX_LENIENT:
        return None
    return Gap("malformed", detail="too large to be read as anything but one strict JSON object", size=size)


def _tolerant(
    text: str, start: int, why: Malformed, noted: list[Gap], size: int | None, max_depth: int, max_nodes: int
) -> list[Parsed | Gap]:
    # Spans must stay, so a constant gives way to an empty string of its length.
    strict = _NOT_JSON.sub(lambda found: found[1] or '""' + " " * (len(found[0]) - 2), text)
    loose = parse(strict, max_depth=max_depth, max_nodes=max_nodes, start=start, lenient=True)
    if isinstance(loose, Node) and loose.kind in ("object", "array"):
        return _messages(text, loose, [*noted, Gap("irregular", detail="not strict JSON; read leniently")], size)
    found: list[Parsed | Gap] = []
    end = start
    for _ in range(_MAX_IN_A_ROW):
        one = prefix(text, end, max_depth=max_depth, max_nodes=max_nodes)
        if isinstance(one, Malformed) or one.kind not in ("object", "array"):
            break
        end = one.end
        found += [item for item in _messages(text, one, noted, None) if isinstance(item, Parsed)]
    rest = text[end:].strip(_SPACE)
    if not found:
        return [Gap("malformed", detail=f"at character {why.at}", size=size)]
    if rest:
        found.append(Gap("malformed", detail="data after a message", size=_bytes(rest)))
    else:
        found.append(Gap("irregular", detail="several JSON values in one body", size=size))
    return found


def _messages(text: str, root: Node, noted: list[Gap], size: int | None) -> list[Parsed | Gap]:
    if root.kind == "object":
        return [classify(text, root, tuple(noted), size if size is not None else _bytes(text[root.start : root.end]))]
    items = root.value
    if root.kind != "array" or not isinstance(items, tuple):
        return [Gap("malformed", detail="not a JSON-RPC message", size=size)]
    if not items:
        return [Gap("malformed", detail="empty batch", size=size)]
    return [
        classify(text, item, tuple(noted), _bytes(text[item.start : item.end]))
        if isinstance(item, Node) and item.kind == "object"
        else Gap("malformed", detail="a batch item that is no JSON-RPC message")
        for item in items
    ]


def classify(text: str, node: Node, noted: tuple[Gap, ...] = (), size: int = 0) -> Parsed | Gap:
    """An object of `text` as the kind of JSON-RPC message that it is, or the gap that it is none."""
    method = get(node, "method")
    identity = get(node, "id")
    rpc_id: str | int | float | None = None
    if identity is not None:
        value = identity.value
        if identity.kind in ("string", "number") and isinstance(value, (str, int, float)):
            rpc_id = whole(value) if isinstance(value, str) else value
        elif identity.kind != "null":
            noted = (*noted, Gap("irregular", "/id", "an id that is neither string nor number"))
    if method is not None and isinstance(method.value, str):
        kind = Kind.REQUEST if identity is not None else Kind.NOTIFICATION
        return Parsed(kind, whole(method.value), rpc_id, node, text, size, noted)
    if identity is not None or get(node, "jsonrpc") is not None:
        if get(node, "result") is not None:
            return Parsed(Kind.RESULT, None, rpc_id, node, text, size, noted)
        error = get(node, "error")
        if error is not None and error.kind == "object":
            return Parsed(Kind.ERROR, None, rpc_id, node, text, size, noted)
    return Gap("malformed", detail="not a JSON-RPC message", size=size)


def http_error(body: bytes) -> Parsed | None:
    """The JSON object of an HTTP error that is no JSON-RPC message (what an authorization layer answers, say).

    It is read as an error without an id, so that what it says is inspected like any other error. None for other bodies.
    """
    if len(body) > MAX_LENIENT:
        return None
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return None
    root = parse(text)
    if isinstance(root, Malformed) or root.kind != "object":
        return None
    return Parsed(Kind.ERROR, None, None, root, text, len(body))


def _bytes(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
