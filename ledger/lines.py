"""A ledger's tables as JSON Lines, an open format, and the proof that the lines say what the chain vouches for."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any, Final

from douane.ledger.canonical import (
    ROWS,
    SNAPSHOTS,
    Value,
    commitment,
    next_head,
    row_digest,
    row_leaf,
    snapshot_leaf,
    told_leaf,
)

TABLES: Final = (
    *(one.table for one in ROWS),
    *(one.table for one in SNAPSHOTS),
    "declared",
    "observations",
    "field_uses",
    "events",
    "segments",
    "chain",
)
_ORDER: Final = {"keys": "app_id, epoch", "chain": "one", "events": "seq", "segments": "number"}
_LONGEST: Final = 1 << 28
_BYTES: Final = ("nonce", "commitment", "salt", "leaf", "head")
_ROW: Final = {one.kind: one for one in ROWS}
_SNAPSHOT: Final = {one.kind: one for one in SNAPSHOTS}


class LinesDiffer(Exception):  # noqa: N818 - it says what happened
    """The lines do not say what the chain vouches for. The message names the file and the event."""


def write_lines(db: sqlite3.Connection, folder: Path) -> dict[str, int]:
    """Write each table into `<table>.jsonl`, an object a line, bytes as lower-case hex; return how many lines each has.

    Raises `OSError` and `sqlite3.Error`.
    """
    counts: dict[str, int] = {}
    for table in TABLES:
        with (folder / f"{table}.jsonl").open("w", encoding="ascii", newline="\n") as file:
            count = 0
            for count, line in enumerate(_lines_of(db, table), 1):  # noqa: B007 - counted
                file.write(line)
        counts[table] = count
    return counts


def hold_to(db: sqlite3.Connection, table: str, pieces: Iterable[bytes]) -> None:
    """Hold a table's lines, as they come in pieces, to the table in a database, byte by byte.

    Raises `LinesDiffer`, `sqlite3.Error`, and what the pieces raise.
    """
    made, left = _lines_of(db, table), b""
    for piece in pieces:
        *whole, left = (left + piece).split(b"\n")
        if any(next(made, "").encode() != line + b"\n" for line in whole):
            raise LinesDiffer(f"{table}.jsonl: a line is not what the ledger holds")
        if len(left) > _LONGEST:
            raise LinesDiffer(f"{table}.jsonl: a line does not end")
    if left or next(made, None) is not None:
        raise LinesDiffer(f"{table}.jsonl: it does not end where the ledger's table does")


def _lines_of(db: sqlite3.Connection, table: str) -> Iterator[str]:
    cursor = db.execute(f"SELECT * FROM {table} ORDER BY {_ORDER.get(table, 'id')}")  # noqa: S608 - our own names
    names = [one[0] for one in cursor.description]
    for row in cursor:
        yield json.dumps(dict(zip(names, map(_plain, row), strict=True)), separators=(",", ":")) + "\n"


def check_lines(folder: Path, first_head: bytes) -> int:
    """Hold the lines to the chain: leaf by leaf, from the head before the first event to the last; return how many.

    Every row that an event vouches for is made of its line again, every detail that is there of its commitment, every
    row that may change of its last digest. Raises `LinesDiffer`, and `OSError`.
    """
    head, count = first_head, 0
    digests: dict[tuple[str, int], str] = {}
    with ExitStack() as stack:
        rows = {one.kind: _lines(stack, folder / f"{one.table}.jsonl") for one in ROWS}
        for event in _lines(stack, folder / "events.jsonl"):
            seq, kind, row, body = (event[name] for name in ("seq", "kind", "row", "body"))
            if kind in _ROW:
                leaf = _row_leaf(seq, _ROW[kind].kind, row, next(rows[kind], {}))
            elif kind in _SNAPSHOT:
                leaf = snapshot_leaf(seq, kind, row, body)
                digests[kind, row] = body
            else:
                leaf = told_leaf(seq, kind, body)
            if leaf.hex() != event["leaf"]:
                raise LinesDiffer(f"events.jsonl: event {seq} does not say what its line says")
            head, count = next_head(head, leaf), count + 1
        for kind, left in rows.items():
            if next(left, None) is not None:
                raise LinesDiffer(f"{_ROW[kind].table}.jsonl: a line that no event vouches for")
        for chain in _lines(stack, folder / "chain.jsonl"):
            if chain["head"] != head.hex():
                raise LinesDiffer("chain.jsonl: the lines do not lead to this head")
        _check_digests(stack, folder, digests)
    return count


def _row_leaf(seq: int, kind: str, row: int, line: Mapping[str, Any]) -> bytes:
    of = _ROW[kind]
    if line.get("id") != row:
        raise LinesDiffer(f"{of.table}.jsonl: event {seq} vouches for row {row}, and its line is not there")
    if of.detail and line["nonce"] is not None:
        made = commitment(_value("nonce", line), [_value(name, line) for name in of.detail])  # type: ignore[arg-type]
        if made.hex() != line["commitment"]:
            raise LinesDiffer(f"{of.table}.jsonl: the detail of row {row} is not the one that was committed to")
    return row_leaf(seq, kind, [_value(name, line) for name in of.columns])


def _check_digests(stack: ExitStack, folder: Path, digests: Mapping[tuple[str, int], str]) -> None:
    declared: dict[int, list[Value]] = {}
    for line in _lines(stack, folder / "declared.jsonl"):
        declared.setdefault(line["declaration_id"], []).extend((line["what"], line["name"]))
    for one in SNAPSHOTS:
        for line in _lines(stack, folder / f"{one.table}.jsonl"):
            row = line["app_id"] * 1_000_000 + line["epoch"] if one.kind == "key" else line["id"]
            values = [_value(name, line) for name in one.columns]
            values += declared.get(row, []) if one.kind == "declaration" else []
            if digests.get((one.kind, row)) != row_digest(values):
                raise LinesDiffer(f"{one.table}.jsonl: row {row} is not as the chain says")


def _lines(stack: ExitStack, path: Path) -> Iterator[dict[str, Any]]:
    file: IO[str] = stack.enter_context(path.open(encoding="ascii"))
    return (json.loads(line) for line in file)


def _plain(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes) else value


def _value(name: str, line: Mapping[str, Any]) -> Value:
    value = line[name]
    return bytes.fromhex(value) if name in _BYTES and value is not None else value
