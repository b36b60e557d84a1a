"""JSON text to a tree that remembers where each value stood. Pure module: no I/O.

Strict RFC 8259 in one pass over the text, without recursion: time and memory are linear in its length, and no input
makes it raise. What a strict reader refuses comes back as `Malformed`.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from json.decoder import scanstring  # type: ignore[attr-defined]  # public in CPython, missing from typeshed
from typing import Any, Final

from douane.audit.escapes import ESCAPE, EscapeMap, byte_span, char_span, char_to_byte, unescaped

__all__ = [
    "EscapeMap",
    "Malformed",
    "Member",
    "Node",
    "byte_span",
    "char_span",
    "char_to_byte",
    "escape",
    "get",
    "parse",
    "plain",
    "pointer_of",
    "prefix",
    "unescape",
]

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
    `too-deep`, more than `max_nodes` values `too-many`. `lenient` also takes what JavaScript and Python print: single
    quotes, bare keys, `None`, `NaN`, a comma too many, control characters in strings. Never raises. Source: RFC 8259.
    """
    found = prefix(text, start, max_depth=max_depth, max_nodes=max_nodes, lenient=lenient)
    if isinstance(found, Node):
        end = _past_space(text, found.end)
        if end < len(text):
            return Malformed("malformed", end)
    return found


def prefix(
    text: str,
    start: int = 0,
    *,
    max_depth: int = 128,
    max_nodes: int = 200_000,
    lenient: bool = False,
    partial: bool = False,
) -> Node | Malformed:
    """Read the JSON value that begins at `start` (after white space), whatever comes after it.

    With `partial`, a value that breaks off gives what was read of it, its open containers ended where it broke off.
    """
    match_member, match_value = _MEMBER.match, _VALUE.match
    stack: list[_Frame] = []
    items: list[Any] = []
    opened, closer, key, key_start, key_end = start, "", "", 0, 0
    pos, budget = start, max_nodes
    node: Node | None
    fault: Malformed | None = None
    while True:
        if closer == "}":
            found = match_member(text, pos)
            if found is None:
                key_read = _read_key(text, pos, lenient)
                if isinstance(key_read, int):
                    if not _ends_early(text, pos, closer, items, lenient):
                        fault = Malformed("malformed", key_read)
                        break
                else:
                    key, key_start, key_end, pos = key_read
                    found = match_value(text, pos)
            else:
                key = found[2]
                key_start, key_end = found.span(1)
        else:
            found = match_value(text, pos)
        budget -= 1
        if budget < 0:
            fault = Malformed("too-many", pos)
            break
        which = 0 if found is None else found.lastindex
        if found is None:
            node = _loose_value(text, pos) if lenient else None
            if node is not None:
                pos = node.end
            elif not _ends_early(text, pos, closer, items, lenient):
                fault = Malformed("malformed", _past_space(text, pos))
                break
        elif which == 3:
            pos = found.end()
            node = Node(found[3], found.start(3) - 1, pos, "string")
        elif which == 4:
            pos = found.end()
            digits = found[4]
            node = Node(int(digits) if len(digits) <= MAX_INT_DIGITS else digits, pos - len(digits), pos, "number")
        elif which == 5:
            pos = found.end()
            digits = found[5]
            number = float(digits)
            node = Node(number if math.isfinite(number) else digits, pos - len(digits), pos, "number")
        elif which == 6:
            pos = found.end()
            literal, kind = _LITERALS[found[6]]
            node = Node(literal, found.start(6), pos, kind)
        elif which == 7:
            if len(stack) >= max_depth:
                fault = Malformed("too-deep", found.start(7))
                break
            pos = found.end()
            stack.append((items, opened, closer, key, key_start, key_end))
            items, opened, closer = [], found.start(7), _CLOSER[found[7]]
            continue
        elif which == 8:
            if _CLOSER[found[7]] != found[8] or len(stack) >= max_depth:
                wrong = _CLOSER[found[7]] != found[8]
                fault = Malformed("malformed" if wrong else "too-deep", found.end() - 1 if wrong else found.start(7))
                break
            pos = found.end()
            node = Node((), found.start(7), pos, "object" if found[7] == "{" else "array")
        else:
            node = _read_string(text, found.start(9), lenient)
            if node is None:
                fault = Malformed("malformed", found.start(9))
                break
            pos = node.end
        while True:
            if node is not None:
                if not closer:
                    return node
                items.append(Member(key, key_start, key_end, node) if closer == "}" else node)
            mark = text[pos : pos + 1]
            if mark == "," or (mark and mark == closer):
                pos += 1
            else:
                after = _AFTER.match(text, pos)
                if after is None or after[1] not in (",", closer):
                    fault = Malformed("malformed", _past_space(text, pos))
                    break
                mark, pos = after[1], after.end()
            if mark == ",":
                break
            node = Node(tuple(items), opened, pos, "object" if closer == "}" else "array")
            items, opened, closer, key, key_start, key_end = stack.pop()
        if fault is not None:
            break
    if partial and fault.code == "malformed" and closer:
        stack.append((items, opened, closer, key, key_start, key_end))
        return _broken_off(stack, fault)
    return fault


type _Frame = tuple[list[Any], int, str, str, int, int]


def _broken_off(stack: list[_Frame], fault: Malformed) -> Node | Malformed:
    """End the open containers at the fault; the fault itself where nothing had been read."""
    node: Node | None = None
    for inner, outer in zip(reversed(stack), [*reversed(stack[:-1]), None], strict=True):
        items, opened, closer = inner[:3]
        if node is not None:
            items.append(node if closer == "]" else Member(*inner[3:], node))
        if not closer:
            break
        node = Node(tuple(items), opened, fault.at, "object" if closer == "}" else "array") if items else None
        if outer is None or not outer[2]:
            break
    return node if node is not None else fault


def _past_space(text: str, pos: int) -> int:
    found = _SPACE.match(text, pos)
    return found.end() if found is not None else pos


def _ends_early(text: str, pos: int, closer: str, items: list[Any], lenient: bool) -> bool:
    """A comma too many: the container ends where a value should be."""
    if not (lenient and items and closer):
        return False
    after = _AFTER.match(text, pos)
    return after is not None and after[1] == closer


def _read_string(text: str, quote: int, lenient: bool) -> Node | None:
    """The string whose opening quote is at `quote`; None when it is broken."""
    try:
        string, end = scanstring(text, quote + 1, not lenient)
    except ValueError:
        return _loose_string(text, quote) if lenient else None
    return Node(string, quote, end, "string")


def _read_key(text: str, pos: int, lenient: bool) -> tuple[str, int, int, int] | int:
    """A key and its colon: the key, its span with quotes, where its value begins; else where the fault is."""
    begin = _past_space(text, pos)
    if text[begin : begin + 1] == '"':
        key = _read_string(text, begin, lenient)
    else:
        key = _loose_key(text, begin) if lenient else None
    if key is None or not isinstance(key.value, str):
        return begin
    colon = _COLON.match(text, key.end)
    if colon is None:
        return key.end
    return key.value, key.start, key.end, colon.end()


# --- what JavaScript and Python print ---------------------------------------------------------------------------------

_LOOSE_STRING: Final = re.compile(r"'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\"", re.DOTALL)
_LOOSE_KEY: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$-]{0,127}|[0-9]{1,127}")
_LOOSE_WORD: Final = re.compile(_WS + r"(NaN|[+-]?Infinity|-?inf|nan|None|True|False|undefined)\b")
_LOOSE_WORDS: Final[dict[str, tuple[bool | None, str]]] = {
    "True": (True, "boolean"),
    "False": (False, "boolean"),
    "None": (None, "null"),
    "undefined": (None, "null"),
}


def _loose_string(text: str, quote: int) -> Node | None:
    found = _LOOSE_STRING.match(text, quote)
    if found is None:
        return None
    inside = found[1] if found[1] is not None else found[2]
    return Node(ESCAPE.sub(unescaped, inside), quote, found.end(), "string")


def _loose_key(text: str, pos: int) -> Node | None:
    if text[pos : pos + 1] == "'":
        return _loose_string(text, pos)
    found = _LOOSE_KEY.match(text, pos)
    # A bare key has no quotes: its span is one wider on either side, so that all keys are mapped alike.
    return None if found is None else Node(found[0], pos - 1, found.end(), "string")


def _loose_value(text: str, pos: int) -> Node | None:
    begin = _past_space(text, pos)
    if text[begin : begin + 1] == "'":
        return _loose_string(text, begin)
    found = _LOOSE_WORD.match(text, pos)
    if found is None:
        return None
    value, kind = _LOOSE_WORDS.get(found[1], (found[1], "number"))
    return Node(value, found.start(1), found.end(), kind)


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
