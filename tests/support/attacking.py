"""Changes to a ledger's file as somebody without the master key can make them, and what both verifiers say of it."""

import random
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from chained import Chained

from douane.ledger import verify as first
from douane.ledger.data import verify_ledger as second
from douane.ledger.sealing import Sealer
from douane.ledger.verify_anchors import Anchor, Note, read_anchors
from douane.ledger.verify_words import Unreadable

UNREADABLE = "exit code 2"
HOLDS = {"INTACT", "ERASED", "PURGED-BY-POLICY"}
PAGE = Path(__file__).parents[2] / "docs" / "ledger-format.md"
KEY_ONLY = {("chain", "appends"), ("chain", "mac"), ("open_segment", "opened_at"), ("open_segment", "sealed")}
"""Columns that only a verifier with the master key can check."""

type Change = Callable[[sqlite3.Connection], object]
type Column = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """The words of both verifiers."""

    first: str
    second: str

    @property
    def word(self) -> str:
        """The word that both said. Fails when they differ."""
        assert self.first == self.second, self
        return self.first


class Attacked:
    """A ledger's bytes, from which changed copies are made, one at a time, in one file."""

    def __init__(self, ledger: Chained, folder: Path) -> None:
        self.ledger = ledger
        self.anchors = ledger.anchors.write(folder)
        self.path = folder / "attacked.db"
        self.bytes = image(ledger.path)

    def changed(self, change: Change) -> Path:
        """Return a copy in which this was done through SQLite, all its checks and references off."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
            db.deserialize(self.bytes)
            db.execute("PRAGMA ignore_check_constraints = ON")
            db.execute("PRAGMA journal_mode = OFF").close()
            change(db)
            self.path.write_bytes(db.serialize())
        return self.path

    def said(self, change: Change, *, key: bool = True, anchored: bool = False) -> Said:
        """Return what both verifiers say after this change."""
        return self.of(self.changed(change), key=key, anchored=anchored)

    def of(self, path: Path, *, key: bool = True, anchored: bool = False) -> Said:
        """Return what both verifiers say of a file."""
        return said(path, self.ledger if key else None, self.anchors if anchored else [])


def image(path: Path) -> bytes:
    """Return a ledger's file as one that is not in WAL mode, as memory can hold it."""
    with closing(sqlite3.connect(path)) as db:
        raw = bytearray(db.serialize())
    raw[18:20] = b"\x01\x01"
    return bytes(raw)


def said(path: Path, ledger: Chained | None, anchors: list[Path]) -> Said:
    """Let both verifiers read a file, with the master key of `ledger` if one is given."""
    sealer = Sealer(ledger.master) if ledger else None
    found: list[Anchor | Note] = [one for name in anchors for one in read_anchors(name.read_text(), str(name))]
    try:
        one = first.verify(path, sealer=sealer, anchors=found, children=0).word.value
    except Unreadable:
        one = UNREADABLE
    try:
        other = second.verify(path, ledger.key_file if ledger else None, anchors).word
    except second.Unreadable:
        other = UNREADABLE
    return Said(one, other)


def columns_of_the_page() -> dict[str, list[str]]:
    """Return the tables of the chain and their columns, as the format's page has them."""
    text = PAGE.read_text()
    found: dict[str, list[str]] = {}
    for name, rows in re.findall(
        r"^`(\w+)`: [^\n]*\n\n\| column \| holds \|\n\|[-|]+\|\n((?:\|[^\n]*\n)+)", text, re.MULTILINE
    ):
        found[name] = re.findall(r"^\| `(\w+)` \|", rows, re.MULTILINE)
    for table, leaf, detail, beside in re.findall(
        r"^\| `\w+` \| `(\w+)` \| `([^|`]*)` \|([^|]*)\|([^|]*)\|$", text, re.MULTILINE
    ):
        found[table] = [*leaf.split(", "), *_named(detail), *re.findall(r"`(\w+)`", re.sub(r"\([^)]*\)", "", beside))]
    for table, digest in re.findall(r"^\| `\w+` \| `(\w+)` \| `([^`]*)`[^|]*\|$", text, re.MULTILINE):
        found.setdefault(table, digest.split(", "))
    found["declared"] = ["id", "declaration_id", "what", "name"]
    for table, key in (("observations", "observations"), ("field_uses", "uses")):
        told = re.search(rf"`{key}`: lists of `([^`]*)`", text)
        assert told
        found[table] = ["id", *told[1].split(", ")]
    for table, column in outside_of_the_page():
        if column not in found[table]:
            found[table].append(column)
    return found


def outside_of_the_page() -> set[Column]:
    """Return the columns that the page names as outside the chain."""
    told = PAGE.read_text().split("Outside the chain, and free to change:")[1].split("\n\n")[0]
    sentence, *_ = told.split(", and `chain.appends`")
    found = {(table, column) for table, column in re.findall(r"`(\w+)\.(\w+)`", sentence)}
    return found | {(table, "id") for table in ("observations", "field_uses", "declared")}


def _named(cell: str) -> list[str]:
    return [name for part in re.findall(r"`([^`]*)`", cell) for name in part.split(", ")]


def altered(value: object, kind: str, rng: random.Random) -> object:
    """Return another value of the column's type: a bit, a character or a number away."""
    if value is None:
        return {"INTEGER": rng.randint(1, 9), "REAL": rng.random(), "TEXT": "x", "BLOB": rng.randbytes(16)}[kind]
    if isinstance(value, int):
        return value + rng.choice((1, -1, 1 << rng.randrange(1, 30)))
    if isinstance(value, float):
        return value + rng.choice((0.0625, -0.0625, 2.0**-40))
    if isinstance(value, bytes):
        at = rng.randrange(len(value))
        return value[:at] + bytes([value[at] ^ (1 << rng.randrange(8))]) + value[at + 1 :]
    text = str(value)
    if not text or rng.random() < 0.2:
        return text + rng.choice("x0 é")
    at = rng.randrange(len(text))
    if rng.random() < 0.2:
        return text[:at] + text[at + 1 :]
    return text[:at] + chr(ord(text[at]) ^ rng.choice((1, 2, 4))) + text[at + 1 :]


def alter(db: sqlite3.Connection, table: str, column: str, rng: random.Random) -> str:
    """Give one field of a random row another value; return what was done, empty where the table takes no other."""
    kinds = {row[1]: row[2] for row in db.execute(f"PRAGMA table_info({table})")}
    keys = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[5]]
    rows = db.execute(f"SELECT {keys[0]}, {column} FROM {table}").fetchall()
    for _ in range(20 if rows else 0):
        key, value = rng.choice(rows)
        new = altered(value, kinds[column], rng)
        if value is not None and rng.random() < 0.1:
            new = None
        try:
            db.execute(f"UPDATE {table} SET {column} = ? WHERE {keys[0]} = ?", (new, key))
        except (sqlite3.IntegrityError, OverflowError):
            continue
        if db.execute("SELECT changes()").fetchone()[0] and new != value:
            return f"{table}.{column} of {key}: {value!r} to {new!r}"
    return ""
