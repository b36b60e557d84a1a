"""Rows as the bytes that are hashed, column by column: value by value, Python takes twice as long. Pure module.

What comes out is what `canonical` says of one row; a test holds the two to each other.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import repeat
from typing import Any, Final

REALS: Final = frozenset({"confidence", "score", "duration_ms"})
_NUMBERS: Final = frozenset(
    (
        *("id", "part", "app_id", "tool_id", "answers_id", "size", "fields", "http_status"),
        *("own_traffic", "redelivery", "exchange_id", "disclosure_id", "declaration_id", "judgement_id"),
        *("count", "status", "bytes_up", "bytes_down"),
    )
)
_NULL: Final = 0xFFFFFFFF
_real: Final = struct.Struct(">d").pack
_sha256 = hashlib.sha256


def as_bytes(column: str) -> str:
    """Return SQL that gives a column as the bytes of its leaf, to a connection whose texts are bytes; a REAL stays."""
    return column if column in REALS else f"CAST({column} AS TEXT)" if column in _NUMBERS else column


def row_leaves(kind: str, first: int, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """Return the leaves of row events from the number `first` on; the rows' values as `as_bytes` reads `names`."""
    if not rows:
        return []
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    for at, name in enumerate(names):
        if name in REALS:
            columns[at] = packed(columns[at])
    return leaves(kind.encode(), [b"%d" % seq for seq in range(first, first + len(rows))], columns)


def packed(column: Sequence[Any]) -> Sequence[Any]:
    """Return a column of REALs as the bytes of each; raises `struct.error` for what is no number."""
    if column.count(None) == len(column):
        return column
    return [None if one is None else _real(one) for one in column]


def leaves(kind: bytes, numbers: Sequence[bytes], columns: Sequence[Sequence[Any]]) -> list[bytes]:
    """Return the leaves of row events: their kind, the digits of their numbers, and the columns as bytes.

    Raises `TypeError` for a value that is no bytes.
    """
    lengths, contents = measured(columns)
    heads = map(_head(2 + len(columns)).pack, repeat(0), map(len, numbers), repeat(len(kind)), *lengths)
    return hashed(zip(heads, numbers, repeat(kind), *contents))


def commitments(nonces: Sequence[bytes], detail: Sequence[Sequence[Any]]) -> list[bytes]:
    """Return what stays of each row's detail, whose columns are bytes; raises `TypeError` for a value that is none."""
    lengths, contents = measured(detail)
    return hashed(zip(repeat(b"\x03"), nonces, map(_lengths(len(detail)).pack, *lengths), *contents))


def measured(columns: Iterable[Sequence[Any]]) -> tuple[list[Iterable[int]], list[Iterable[bytes]]]:
    """Return the lengths of each column, and the bytes of each that has any; raises `TypeError` for other values."""
    lengths: list[Iterable[int]] = []
    contents: list[Iterable[bytes]] = []
    for column in columns:
        try:
            lengths.append(list(map(len, column)))
            contents.append(column)
        except TypeError:
            if column.count(None) == len(column):  # as often as not
                lengths.append(repeat(_NULL, len(column)))
                continue
            lengths.append([_NULL if one is None else len(one) for one in column])
            contents.append([b"" if one is None else one for one in column])
    return lengths, contents


def hashed(parts: Iterable[Iterable[bytes]]) -> list[bytes]:
    """Return the SHA-256 of each row of parts."""
    return [one.digest() for one in map(_sha256, map(b"".join, parts))]


@cache
def _head(count: int) -> struct.Struct:
    return struct.Struct(f">B{count}I")


@cache
def _lengths(count: int) -> struct.Struct:
    return struct.Struct(f">{count}I")
