"""A message to its fields: every place that can hold a datum, opened. Pure module: no I/O."""

from dataclasses import dataclass, field
from typing import Final

from douane.audit.jsontext import Member, Node, char_span, char_to_byte, escape
from douane.audit.message import Gap, Message
from douane.audit.sourcemap import Layer


@dataclass(frozen=True, slots=True)
class Limits:
    """How far a message is opened; what lies beyond becomes a `Gap`.

    `depth` counts decodings inside each other, `fields` the fields of one message, `chars` the characters of all
    decoded texts together.
    """

    depth: int = 8
    fields: int = 50_000
    chars: int = 32_000_000


# Not frozen: see `audit.jsontext.Node`.
@dataclass(slots=True, unsafe_hash=True)
class Field:
    """One value, and how it was reached. Never changed once built.

    `pointer` is the RFC 6901 pointer of the string, number or boolean in the message that holds it (`/@http/header/
    user-agent`, `/@http/query/city`, `/@http/path` for what crossed beside the body). `reached` is the decoding path
    from there (`json:/a/b`, `base64`, `csv:2/email`, joined by ` > `), empty for the value itself. `text` is the
    printed value, `value` the value. `keys` are the object keys from the root down to it, decoded ones included;
    `key` the nearest. `is_key` is true when the datum is itself a dictionary key. `group` is equal for the members of
    one object: siblings. `place` is the id of its row in `audit.places`. `opened` is true when parts of this text are
    fields of their own as well. `at` is the offset of its token in `message.text`, -1 beside the body.
    """

    pointer: str
    value: str | int | float | bool = field(repr=False)
    text: str = field(repr=False)
    key: str
    keys: tuple[str, ...]
    place: str
    group: int
    reached: str = ""
    is_key: bool = False
    opened: bool = False
    at: int = field(default=-1, repr=False)
    layer: Layer | None = field(default=None, repr=False, compare=False)

    def outer(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` of `text` stand in the string at `pointer`, in characters.

        Inside base64 that is the whole encoded part.
        """
        return (start, end) if self.layer is None else self.layer.outermost(start, end)

    def raw_span(self, message: Message, start: int, end: int) -> tuple[int, int] | None:
        """The UTF-8 bytes of `message.text` that hold characters `start` to `end`; None beside the body.

        Exact through JSON escapes. A number or boolean is its whole token.
        """
        if self.at < 0:
            return None
        text = message.text
        if text[self.at : self.at + 1] == '"':
            start, end = self.outer(start, end)
            first, last = char_span(text, self.at, start, end)
        else:
            first, last = self.at, self.at
            while last < len(text) and text[last] not in ",]} \t\r\n":
                last += 1
        return char_to_byte(text, first), char_to_byte(text, last)


_CONSTANTS: Final = frozenset({"/jsonrpc", "/method"})


def fields(message: Message, *, limits: Limits = Limits()) -> tuple[list[Field], list[Gap]]:
    """Every datum of the message and what could not be opened. Never raises."""
    found: list[Field] = []
    gaps: list[Gap] = []
    for number, part in enumerate(message.http):
        pointer = f"/@http/{part.place}" + (f"/{escape(part.name)}" if part.name else "")
        found.append(Field(pointer, part.value, part.value, part.name, ("@http", part.name), "http", -number - 1))
    stack: list[tuple[Node, str, str, tuple[str, ...], int]] = [(message.payload, "", "", (), 0)]
    groups = 0
    while stack:
        node, pointer, key, keys, group = stack.pop()
        value = node.value
        if len(found) >= limits.fields:
            gaps.append(Gap("too-many", "body"))
            break
        if isinstance(value, tuple):
            groups += 1
            for at in range(len(value) - 1, -1, -1):
                item = value[at]
                if isinstance(item, Member):
                    stack.append((item.node, f"{pointer}/{escape(item.key)}", item.key, (*keys, item.key), groups))
                else:
                    stack.append((item, f"{pointer}/{at}", key, keys, groups))
        elif value is not None and pointer not in _CONSTANTS and not (pointer == "/id" and node.kind == "number"):
            text = value if isinstance(value, str) else str(value)
            found.append(Field(pointer, value, text, key, keys, "body", group, at=node.start))
    return found, gaps
