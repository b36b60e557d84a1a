"""The envelope of a large JSON-RPC message, read without reading what is in it. Pure module: no I/O.

Pairing and naming need a message's method, its id and a few names beside them, at once and in the order of the
records; the values can wait for a process of their own. Skipping them takes milliseconds where reading takes seconds.
"""

import re
from typing import Any, Final

import msgspec

from douane.audit.jsontext import Malformed, Member, Node, parse

MAX_PART: Final = 65_536
"""Bytes of a part of the envelope that is read in full; a larger one is left out."""

_OUTER: Final = ("jsonrpc", "id", "method", "params", "result", "error")
_INNER: Final = {
    "params": ("name", "_meta", "taskId", "task", "requestId", "protocolVersion"),
    "result": ("_meta", "taskId", "task", "resultType", "protocolVersion"),
    "error": ("code",),
}


def _reader(keys: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    """Reads the bytes of these members of an object and skips all others."""
    members = [(f"m{at}", msgspec.Raw | msgspec.UnsetType, msgspec.UNSET) for at in range(len(keys))]
    names = {f"m{at}": key for at, key in enumerate(keys)}
    return msgspec.json.Decoder(msgspec.defstruct("Members", members, rename=names.get))


_HALF: Final = r"u[dD][89a-fA-F][0-9a-fA-F]{2}"
_SURROGATE: Final = re.compile(r"\\" + _HALF)
_ESCAPE: Final = re.compile(rf"\\(?:\\|u[dD][89abAB]..\\u[dD][c-fC-F]..|({_HALF}))", re.DOTALL)
"""What takes a half of a pair for one: an escaped backslash before it, or its other half, come first."""
_READERS: Final = {keys: _reader(keys) for keys in (_OUTER, *_INNER.values())}


def envelope(body: str) -> Node | Malformed:
    """The object that `body` is, with only the members that name and pair a message.

    The spans of its nodes are those of no text. Of equal keys the last counts, as in most readers. Malformed when the
    text is no object of strict JSON or is deeper than the reader goes. Never raises.
    """
    try:
        try:
            return _object(body, _OUTER)
        except msgspec.DecodeError:
            # This reader refuses half of a pair, which a text cut in an emoji holds and most readers take.
            if _SURROGATE.search(body) is None:
                raise
            return _object(_ESCAPE.sub(lambda found: r"\ufffd" if found[1] else found[0], body), _OUTER)
    except RecursionError:
        return Malformed("too-deep", 0)
    except (msgspec.MsgspecError, ValueError):  # ValueError: half a pair as a character, which no UTF-8 holds
        return Malformed("malformed", 0)


def _object(body: Any, keys: tuple[str, ...]) -> Node:
    found = _READERS[keys].decode(body)
    members = []
    for at, key in enumerate(keys):
        raw = getattr(found, f"m{at}")
        node = None if raw is msgspec.UNSET else _value(memoryview(raw), _INNER.get(key))
        if node is not None:
            members.append(Member(key, 0, 0, node))
    return Node(tuple(members), 0, 0, "object")


def _value(raw: memoryview, inner: tuple[str, ...] | None) -> Node | None:
    if inner is not None:
        if bytes(raw[:1]) == b"{":
            return _object(raw, inner)
        return Node(None, 0, 0, "null")  # present, and nothing that names a message
    if len(raw) > MAX_PART:
        return None
    node = parse(str(raw, "utf-8"))
    return node if isinstance(node, Node) else None
