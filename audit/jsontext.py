"""JSON text to a tree that remembers where each value stood. Pure module: no I/O."""

from dataclasses import dataclass, field

type Scalar = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Member:
    """One `"key": value` of an object; the key's span holds its quotes."""

    key: str = field(repr=False)
    start: int
    end: int
    node: "Node"


@dataclass(frozen=True, slots=True)
class Node:
    """A JSON value and its span in the text it was read from (characters; a string's span holds its quotes).

    `value` is a scalar, a tuple of nodes (array) or a tuple of members (object; equal keys are all kept).
    """

    value: "Scalar | tuple[Node, ...] | tuple[Member, ...]" = field(repr=False)
    start: int
    end: int
    kind: str  # "object" | "array" | "string" | "number" | "boolean" | "null"
