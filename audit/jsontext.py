"""JSON text to a tree that remembers where each value stood. Pure module: no I/O.

Strict RFC 8259 in one pass over the text, without recursion: time and memory are linear in its length, and no input
makes it raise. What a strict reader refuses comes back as `Malformed`.
"""

import math
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in CPython, missing from typeshed
from typing import Any, Final

type Scalar = str | int | float | bool | None

# The longest integer that is made an int: below the lowest limit that sys.set_int_max_str_digits accepts (640).
MAX_INT_DIGITS: Final = 600


# Not frozen: a frozen dataclass takes 2.5 times as long to build, and a message is hundreds of these. `Final` lets the
# type checkers refuse an assignment all the same.
@dataclass(slots=True, unsafe_hash=True)
class Member:
    """One `"key": value` of an object; the key's span holds its quotes. Never changed once built."""

    key: Final[str] = field(repr=False)
    start: Final[int]
    end: Final[int]
    node: "Final[Node]"


@dataclass(slots=True, unsafe_hash=True)
class Node:
    """A JSON value and its span in the text it was read from (characters; a string's span holds its quotes).

    `value` is a scalar, a tuple of nodes (array) or a tuple of members (object; equal keys are all kept). A number
    that neither int nor float holds (over 600 digits, or beyond the range of a double) is kept as its text. Never
    changed once built.
    """

    value: "Final[Scalar | tuple[Node, ...] | tuple[Member, ...]]" = field(repr=False)
    start: Final[int]
    end: Final[int]
    kind: Final[str]  # "object" | "array" | "string" | "number" | "boolean" | "null"


@dataclass(frozen=True, slots=True)
class Malformed:
    """Why a text is not the JSON that was asked for.

    `code` is one of `GAP_CODES` (`malformed`, `too-deep`, `too-many`); `at` is the offset in characters at which
    reading stopped.
    """

    code: str
    at: int


_WS = r"[ \t\n\r]*+"
# Groups: 3 string without escapes, 4 integer, 5 other number, 6 literal, 7 opening and 8 immediate close, 9 any other
# string. 1 and 2 are the key with and without its quotes.
_SCALAR = (
    r"(?:\"([^\"\\\x00-\x1f]*+)\""
    r"|(-?(?:0|[1-9][0-9]*+))(?![0-9.eE])"
    r"|(-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?)(?![0-9.eE])"
    r"|(true|false|null)"
    r"|([\[{])(?:" + _WS + r"([\]}]))?"
    r"|(\"))"
)
_MEMBER = re.compile(_WS + r"(\"([^\"\\\x00-\x1f]*+)\")" + _WS + ":" + _WS + _SCALAR)
_VALUE = re.compile(_WS + "()()" + _SCALAR)
_QUOTE = re.compile(_WS + '"')
_COLON = re.compile(_WS + ":")
_AFTER = re.compile(_WS + r"([,\]}])")
_SPACE = re.compile(_WS)
_CLOSER: Final = {"{": "}", "[": "]"}
_LITERALS: Final[dict[str, tuple[bool | None, str]]] = {
    "true": (True, "boolean"),
    "false": (False, "boolean"),
    "null": (None, "null"),
}


def parse(
    text: str, *, max_depth: int = 128, max_nodes: int = 200_000, start: int = 0, lenient: bool = False
) -> Node | Malformed:
    """Read the one JSON value that `text[start:]` is, spans counted from the start of `text`.

    Equal keys are all kept, escapes of lone surrogates stay surrogates. Deeper than `max_depth` containers is
    `too-deep`, more than `max_nodes` values `too-many`. `lenient` also takes control characters in strings. Never
    raises. Source: RFC 8259.
    """
    found = prefix(text, start, max_depth=max_depth, max_nodes=max_nodes, lenient=lenient)
    if isinstance(found, Node):
        end = _SPACE.match(text, found.end).end()  # type: ignore[union-attr]  # matches the empty string
        if end == len(text):
            return found
        found = Malformed("malformed", end)
    return found


def prefix(
    text: str, start: int = 0, *, max_depth: int = 128, max_nodes: int = 200_000, lenient: bool = False
) -> Node | Malformed:
    """Read the JSON value that begins at `start` (after white space), whatever comes after it."""
    match_member, match_value = _MEMBER.match, _VALUE.match
    stack: list[tuple[list[Any], int, str, str, int, int]] = []
    items: list[Any] = []
    opened, closer, key, key_start, key_end = start, "", "", 0, 0
    pos, budget = start, max_nodes
    while True:
        if closer == "}":
            found = match_member(text, pos)
            if found is None:
                key_read = _read_key(text, pos, lenient)
                if isinstance(key_read, Malformed):
                    return key_read
                key, key_start, key_end, pos = key_read
                found = match_value(text, pos)
            else:
                key = found[2]
                key_start, key_end = found.span(1)
        else:
            found = match_value(text, pos)
        if found is None:
            return Malformed("malformed", _SPACE.match(text, pos).end())  # type: ignore[union-attr]
        budget -= 1
        if budget < 0:
            return Malformed("too-many", found.end())
        which = found.lastindex
        pos = found.end()
        if which == 3:
            node = Node(found[3], found.start(3) - 1, pos, "string")
        elif which == 4:
            digits = found[4]
            node = Node(int(digits) if len(digits) <= MAX_INT_DIGITS else digits, pos - len(digits), pos, "number")
        elif which == 5:
            digits = found[5]
            number = float(digits)
            node = Node(number if math.isfinite(number) else digits, pos - len(digits), pos, "number")
        elif which == 6:
            literal, kind = _LITERALS[found[6]]
            node = Node(literal, found.start(6), pos, kind)
        elif which == 7:
            if len(stack) >= max_depth:
                return Malformed("too-deep", found.start(7))
            stack.append((items, opened, closer, key, key_start, key_end))
            items, opened, closer = [], found.start(7), _CLOSER[found[7]]
            continue
        elif which == 8:
            if _CLOSER[found[7]] != found[8]:
                return Malformed("malformed", pos - 1)
            if len(stack) >= max_depth:
                return Malformed("too-deep", found.start(7))
            node = Node((), found.start(7), pos, "object" if found[7] == "{" else "array")
        else:
            try:
                string, pos = scanstring(text, pos, not lenient)
            except ValueError:
                return Malformed("malformed", pos - 1)
            node = Node(string, found.start(9), pos, "string")
        while True:
            if not closer:
                return node
            items.append(Member(key, key_start, key_end, node) if closer == "}" else node)
            mark = text[pos : pos + 1]
            if mark == "," or (mark and mark == closer):
                pos += 1
            else:
                after = _AFTER.match(text, pos)
                if after is None:
                    return Malformed("malformed", _SPACE.match(text, pos).end())  # type: ignore[union-attr]
                mark, pos = after[1], after.end()
            if mark == ",":
                break
            if mark != closer:
                return Malformed("malformed", pos - 1)
            node = Node(tuple(items), opened, pos, "object" if closer == "}" else "array")
            items, opened, closer, key, key_start, key_end = stack.pop()


def _read_key(text: str, pos: int, lenient: bool) -> tuple[str, int, int, int] | Malformed:
    """Read a key that holds escapes and its colon: the key, its span with quotes, and where its value begins."""
    quote = _QUOTE.match(text, pos)
    if quote is None:
        return Malformed("malformed", _SPACE.match(text, pos).end())  # type: ignore[union-attr]
    try:
        key, end = scanstring(text, quote.end(), not lenient)
    except ValueError:
        return Malformed("malformed", quote.end() - 1)
    colon = _COLON.match(text, end)
    if colon is None:
        return Malformed("malformed", end)
    return key, quote.end() - 1, end, colon.end()


def get(node: Node | None, *path: str | int) -> Node | None:
    """Follow keys and indices from `node`; the last of equal keys wins, as in most readers. None where nothing is."""
    for step in path:
        if node is None:
            return None
        value, kind = node.value, node.kind
        node = None
        if not isinstance(value, tuple):
            return None
        if kind == "object" and isinstance(step, str):
            for member in reversed(value):
                if isinstance(member, Member) and member.key == step:
                    node = member.node
                    break
        elif kind == "array" and isinstance(step, int) and 0 <= step < len(value):
            item = value[step]
            node = item if isinstance(item, Node) else None
    return node


def plain(node: Node) -> Any:
    """The value in Python's own types; the last of equal keys wins. Depth is no limit."""
    root: list[Any] = []
    work: list[tuple[Node, Any, Any]] = [(node, root, None)]
    while work:
        current, parent, key = work.pop()
        value = current.value
        made: Any
        if current.kind == "object" and isinstance(value, tuple):
            made = {}
            for member in value:
                if isinstance(member, Member):
                    made[member.key] = None  # reserves the place that the key has in the text
            work.extend((m.node, made, m.key) for m in reversed(value) if isinstance(m, Member))
        elif current.kind == "array" and isinstance(value, tuple):
            made = [None] * len(value)
            work.extend((item, made, at) for at, item in enumerate(value) if isinstance(item, Node))
        else:
            made = value
        if key is None:
            parent.append(made)
        else:
            parent[key] = made
    return root[0]


def escape(key: str) -> str:
    """One reference token of a JSON pointer. Source: RFC 6901, section 3."""
    if "~" in key or "/" in key:
        return key.replace("~", "~0").replace("/", "~1")
    return key


def unescape(token: str) -> str:
    """The key that a reference token stands for. Source: RFC 6901, section 4."""
    return token.replace("~1", "/").replace("~0", "~") if "~" in token else token


def pointer_of(keys: Iterable[str | int]) -> str:
    """The JSON pointer of keys and indices. Source: RFC 6901, section 5."""
    return "".join("/" + escape(str(key)) for key in keys)


_ESCAPE = re.compile(r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", re.DOTALL)


def char_span(text: str, node_start: int, start: int, end: int) -> tuple[int, int]:
    """Where characters `start` to `end` of a decoded string stand in `text`, whose quote is at `node_start`."""
    cut = EscapeMap(text, node_start)
    return cut.at(start), cut.at(end)


class EscapeMap:
    """Offsets in a decoded JSON string to offsets in the text that holds it; built once, asked often."""

    __slots__ = ("_decoded", "_raw", "_start")

    def __init__(self, text: str, node_start: int) -> None:
        """Read the string whose opening quote is at `node_start` in `text`."""
        self._start = node_start + 1
        self._decoded: list[int] = []  # offset after each escape, in the decoded string
        self._raw: list[int] = []  # and in the text
        quote = text[node_start : node_start + 1]
        pos, skipped = self._start, 0
        stop = text.find(quote, pos)
        slash = text.find("\\", pos, stop if stop >= 0 else len(text))
        while slash >= 0:
            found = _ESCAPE.match(text, slash)
            if found is None:
                break
            skipped += found.end() - slash - 1
            self._raw.append(found.end())
            self._decoded.append(found.end() - self._start - skipped)
            pos = found.end()
            if stop < pos:
                stop = text.find(quote, pos)
            slash = text.find("\\", pos, stop if stop >= 0 else len(text))

    def at(self, offset: int) -> int:
        """The offset in the text of the character at `offset` of the decoded string."""
        if not self._raw:
            return self._start + offset
        before = bisect_right(self._decoded, offset) - 1
        if before < 0:
            return self._start + offset
        return self._raw[before] + offset - self._decoded[before]


def byte_span(text: str, node_start: int, start: int, end: int) -> tuple[int, int]:
    """The UTF-8 byte span in `text` of characters `start` to `end` of the decoded string quoted at `node_start`.

    Exact through escapes: cutting those bytes and reading them as the inside of a JSON string gives the characters.
    """
    first, last = char_span(text, node_start, start, end)
    return char_to_byte(text, first), char_to_byte(text, last)


def char_to_byte(text: str, offset: int) -> int:
    """The UTF-8 byte offset of a character offset; lone surrogates count three bytes each."""
    if text.isascii():
        return offset
    return len(text[:offset].encode("utf-8", "surrogatepass"))
