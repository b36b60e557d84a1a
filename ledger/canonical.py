"""The ledger's rows as bytes, and the hashes over them. Pure module; `docs/ledger-format.md` is its specification."""

import hashlib
import json
import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

type Value = str | int | float | bytes | None

NONCE_BYTES: Final = 16
_NULL: Final = 0xFFFFFFFF
_REAL: Final = struct.Struct(">d")


@dataclass(frozen=True, slots=True)
class RowKind:
    """A kind of event that vouches for a row that never changes.

    `columns` are in its leaf, `detail` is committed to and may go, with `nonce`, when it has to.
    """

    kind: str
    table: str
    columns: tuple[str, ...]
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SnapshotKind:
    """A kind of event that holds the digest of a row as it was then. `row` is SQL for the number it goes by."""

    kind: str
    table: str
    columns: tuple[str, ...]
    row: str = "id"


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ROWS: Final = (
    RowKind(
        "exchange",
        "exchanges",
        _names(
            "id record_id part app_id tool_id tool at direction kind method protocol transport flow answers_id size"
            " fields duration_ms http_status own_traffic redelivery taxonomy inspected_at route host"
            " commitment"
        ),
        ("session", "rpc", "salt"),
    ),
    RowKind(
        "disclosure",
        "disclosures",
        _names("id exchange_id category flags pointer reached detector confidence evidence also commitment"),
        ("pseudonym", "key_id", "preview", "length"),
    ),
    RowKind(
        "verdict",
        "verdicts",
        _names("id disclosure_id source verdict score reason statements declaration_id judgement_id judged_at"),
    ),
    RowKind(
        "gap",
        "gaps",
        _names("id record_id part exchange_id app_id at code place detail size count route"),
    ),
    RowKind(
        "passage",
        "passages",
        _names("id record_id app_id at host path_class status bytes_up bytes_down route"),
    ),
    RowKind(
        "waiver",
        "waivers",
        _names("id at event fingerprint rule app reason accepted_by expires file_sha256"),
    ),
)
"""In the order in which the rows of one transaction are appended."""

SNAPSHOTS: Final = (
    SnapshotKind("app", "apps", ("id", "name", "upstream_host", "route", "egress")),
    SnapshotKind(
        "tool",
        "tools",
        _names(
            "id app_id name version input_schema_sha256 output_schema_sha256 annotations input_schema output_schema"
            " source seen_at meta description_sha256"
        ),
    ),
    SnapshotKind(
        "declaration", "declarations", ("id", "app_id", "file", "sha256", "taxonomy", "loaded_at", "document")
    ),
    SnapshotKind("run", "runs", ("id", "started_at", "ended_at", "version", "config_sha256", "taxonomy")),
    SnapshotKind("judgement", "judgements", ("id", "at", "reason", "taxonomy", "version")),
    SnapshotKind("key", "keys", ("key_id", "app_id", "epoch", "created_at"), row="app_id * 1000000 + epoch"),
)

HEADER: Final = _names(
    "number first_seq last_seq count opened_at closed_at previous_head head previous_signature taxonomy config_sha256"
    " rules_sha256 version public_key next_public_key"
)
"""The columns of a closed segment that its signature covers, after the ledger's number."""


def enc(values: Sequence[Value]) -> bytes:
    """Return the values behind their lengths: four bytes each, big-endian, `FF FF FF FF` for None."""
    lengths: list[int] = []
    parts: list[bytes] = []
    for value in values:  # on every event's way: a function for each value would double what this costs
        if value is None:
            lengths.append(_NULL)
            continue
        part = (
            value.encode()
            if isinstance(value, str)
            else value
            if isinstance(value, bytes)
            else b"%d" % value
            if isinstance(value, int)
            else _REAL.pack(value)
        )
        lengths.append(len(part))
        parts.append(part)
    return _lengths(len(lengths)).pack(*lengths) + b"".join(parts)


def row_leaf(seq: int, kind: str, columns: Sequence[Value]) -> bytes:
    """Return the leaf of a row event; `columns` in the order of its kind."""
    return hashlib.sha256(b"\x00" + enc((seq, kind, *columns))).digest()


def snapshot_leaf(seq: int, kind: str, row: int, digest: str) -> bytes:
    """Return the leaf of a snapshot."""
    return hashlib.sha256(b"\x00" + enc((seq, kind, row, digest))).digest()


def told_leaf(seq: int, kind: str, body: str) -> bytes:
    """Return the leaf of an event that has only a body."""
    return hashlib.sha256(b"\x00" + enc((seq, kind, body))).digest()


def genesis(ledger: str, created_at: str) -> bytes:
    """Return the head before the first event."""
    return hashlib.sha256(b"\x05" + enc((ledger, created_at))).digest()


def next_head(head: bytes, leaf: bytes) -> bytes:
    """Return the head after one more event."""
    return hashlib.sha256(b"\x01" + head + leaf).digest()


def row_digest(columns: Sequence[Value]) -> str:
    """Return the digest that a snapshot holds, in hex."""
    return hashlib.sha256(b"\x02" + enc(columns)).hexdigest()


def commitment(nonce: bytes, detail: Sequence[Value]) -> bytes:
    """Return what stays of a detail: a hash over it and a nonce that goes with it."""
    return hashlib.sha256(b"\x03" + nonce + enc(detail)).digest()


def canonical(body: Mapping[str, object]) -> str:
    """Return an event's body as it is hashed: JSON with sorted keys, no white space, ASCII only."""
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def rules_digest(rules: Iterable[tuple[str, str]]) -> str:
    """Return the SHA-256 in hex of rule ids and their versions, in the order of the ids."""
    flat = [value for rule in sorted(rules) for value in rule]
    return hashlib.sha256(enc(flat)).hexdigest()


@cache
def _lengths(count: int) -> struct.Struct:
    return struct.Struct(f">{count}I")
