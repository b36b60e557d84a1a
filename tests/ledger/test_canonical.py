"""Rows as bytes: no two rows share them, and what the page says of them is what is hashed."""

import hashlib
import struct

from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.canonical import (
    canonical,
    commitment,
    enc,
    genesis,
    next_head,
    row_digest,
    row_leaf,
    rules_digest,
    snapshot_leaf,
    told_leaf,
)

VALUES = st.lists(st.none() | st.text(max_size=8) | st.integers() | st.floats(allow_nan=False) | st.binary(max_size=8))
TEXTS = st.lists(st.none() | st.text(max_size=4), min_size=3, max_size=3)


def decoded(data, count):
    """Read `enc` back, as the page describes it."""
    lengths = struct.unpack(f">{count}I", data[: 4 * count])
    at, out = 4 * count, []
    for length in lengths:
        out.append(None if length == 0xFFFFFFFF else data[at : at + length])
        at += 0 if length == 0xFFFFFFFF else length
    assert at == len(data)
    return out


@given(VALUES)
def test_the_values_can_be_read_back(values):
    def raw(value):
        match value:
            case str():
                return value.encode()
            case int():
                return str(value).encode()
            case float():
                return struct.pack(">d", value)
            case _:
                return value

    assert decoded(enc(values), len(values)) == [raw(value) for value in values]


@given(TEXTS, TEXTS)
def test_no_two_rows_have_the_same_bytes(one, other):
    assert (enc(one) == enc(other)) is (one == other)


def test_nothing_and_empty_text_differ():
    assert enc([None]) != enc([""])


def test_the_hashes_are_those_of_the_page():
    columns = (7, "a", None, 0.5, b"\x01")
    assert row_leaf(1, "gap", columns) == hashlib.sha256(b"\x00" + enc((1, "gap", *columns))).digest()
    assert snapshot_leaf(2, "app", 3, "ab") == hashlib.sha256(b"\x00" + enc((2, "app", 3, "ab"))).digest()
    assert told_leaf(3, "access", "{}") == hashlib.sha256(b"\x00" + enc((3, "access", "{}"))).digest()
    assert next_head(b"h" * 32, b"l" * 32) == hashlib.sha256(b"\x01" + b"h" * 32 + b"l" * 32).digest()
    assert row_digest(columns) == hashlib.sha256(b"\x02" + enc(columns)).hexdigest()
    assert commitment(b"n" * 16, columns) == hashlib.sha256(b"\x03" + b"n" * 16 + enc(columns)).digest()
    assert genesis("ab", "now") == hashlib.sha256(b"\x05" + enc(("ab", "now"))).digest()


def test_a_body_has_one_form():
    assert canonical({"b": ["é"], "a": 1}) == '{"a":1,"b":["\\u00e9"]}'


def test_the_rules_digest_does_not_depend_on_their_order():
    rules = [("a/b", "2026-01-01"), ("c/d", "2026-02-01")]
    assert rules_digest(rules) == rules_digest(reversed(rules))
    assert rules_digest(rules) != rules_digest([("a/b", "2026-01-02"), rules[1]])
