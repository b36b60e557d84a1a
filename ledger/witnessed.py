"""Where one message stands in the chain, and whether the events of its own rows hold. Read-only.

It looks at the message's segment alone: that the whole chain holds is for `ledger.verify` to say.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from douane.ledger.canonical import HEADER, ROWS, RowKind, commitment, genesis, next_head, row_leaf
from douane.ledger.sealing import Header, is_signed

_KINDS: Final = {one.kind: one for one in ROWS}
_WHICH: Final = {
    "exchange": "id = :id",
    "disclosure": "exchange_id = :id",
    "verdict": "disclosure_id IN (SELECT id FROM disclosures WHERE exchange_id = :id)",
    "gap": "exchange_id = :id",
}


@dataclass(frozen=True, slots=True)
class Witness:
    """An event that vouches for a row: whether its leaf is that of the row, and whether the detail is what it was.

    `seq` is 0 where there is no such event. `detail` is None for a row without any, or whose detail has gone.
    """

    kind: str
    row: int
    seq: int
    holds: bool
    detail: bool | None = None


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The events of a message's rows, and the segment in which its own stands.

    `segment` is 0 in a ledger that was never sealed. `closed_at` is empty while the segment is open. `heads` says
    whether its events lead to its head, `signed` whether its signature holds, None while it is open. `told` is what
    took a detail away: `erased`, `expired`, or empty.
    """

    ledger: str
    events: tuple[Witness, ...]
    segment: int
    first_seq: int
    last_seq: int
    closed_at: str
    heads: bool
    signed: bool | None
    told: str = ""

    @property
    def seq(self) -> int:
        """The number of the message's own event."""
        return next((one.seq for one in self.events if one.kind == "exchange"), 0)

    @property
    def holds(self) -> bool:
        """Whether everything that was looked at holds."""
        rows = all(one.seq and one.holds and one.detail is not False for one in self.events)
        return rows and self.heads and self.signed is not False


def witnessed(db: sqlite3.Connection, exchange: int) -> Witnessed | None:
    """Return what vouches for a message and for the rows that belong to it; None for a ledger without a chain."""
    chain = db.execute("SELECT ledger, created_at, seq, head, segment FROM chain").fetchone()
    if chain is None:
        return None
    rows = {name: _rows(db, _KINDS[name], exchange) for name in _WHICH}
    moments = sorted({at for some in rows.values() for _, at, _ in some.values()})
    found: dict[tuple[str, int], tuple[int, bytes]] = {}
    for first, last in _ranges(db, moments, chain[2]):
        found |= _events(db, rows, first, last)
    if sum(map(len, rows.values())) > len(found):
        found |= _events(db, rows, 0, chain[2])  # a clock that was set back, or rows that were adopted
    events = tuple(_witness(_KINDS[name], row, found, some[row]) for name, some in rows.items() for row in sorted(some))
    own = next((one.seq for one in events if one.kind == "exchange"), 0)
    number, first, last, closed_at, heads, signed = _segment(db, chain, own)
    return Witnessed(chain[0], events, number, first, last, closed_at, heads, signed, _told(db, exchange, own))


type _Row = tuple[Sequence[Any], str, tuple[bytes | None, Sequence[Any]]]
"""A row's columns in the leaf, when it was written, and its nonce with its detail."""


def _rows(db: sqlite3.Connection, kind: RowKind, exchange: int) -> dict[int, _Row]:
    at = {"exchange": "inspected_at", "verdict": "judged_at"}.get(kind.kind, "''")
    if kind.kind in ("disclosure", "gap"):
        at = "(SELECT inspected_at FROM exchanges WHERE id = :id)"
    detail = ("nonce", *kind.detail) if kind.detail else ()
    names = ", ".join((*kind.columns, *detail, at))
    out: dict[int, _Row] = {}
    sql = f"SELECT {names} FROM {kind.table} WHERE {_WHICH[kind.kind]}"  # noqa: S608 - our own names
    for row in db.execute(sql, {"id": exchange}):
        columns, rest = row[: len(kind.columns)], row[len(kind.columns) :]
        out[row[0]] = (columns, rest[-1] or "", (rest[0], rest[1:-1]) if detail else (None, ()))
    return out


def _ranges(db: sqlite3.Connection, moments: Sequence[str], seq: int) -> Iterator[tuple[int, int]]:
    """The events around these moments: those of the segment that was open, with its neighbours."""
    for at in moments:
        number = db.execute("SELECT coalesce(max(number), 0) FROM segments WHERE opened_at <= ?", (at,)).fetchone()[0]
        sql = "SELECT min(first_seq), max(last_seq), max(number) FROM segments WHERE number BETWEEN ? AND ?"
        first, last, newest = db.execute(sql, (number - 1, number + 1)).fetchone()
        is_last = newest == db.execute("SELECT max(number) FROM segments").fetchone()[0]
        yield first or 0, seq if is_last or last is None else last


def _events(
    db: sqlite3.Connection, rows: dict[str, dict[int, _Row]], first: int, last: int
) -> dict[tuple[str, int], tuple[int, bytes]]:
    sql = "SELECT kind, row, seq, leaf FROM events WHERE seq BETWEEN ? AND ? AND row IS NOT NULL AND body IS NULL"
    return {
        (kind, row): (seq, leaf)
        for kind, row, seq, leaf in db.execute(sql, (first, last))
        if kind in rows and row in rows[kind]
    }


def _witness(kind: RowKind, number: int, found: dict[tuple[str, int], tuple[int, bytes]], row: _Row) -> Witness:
    columns, _, (nonce, detail) = row
    seq, leaf = found.get((kind.kind, number), (0, b""))
    kept = None
    if nonce is not None:
        kept = commitment(nonce, detail) == columns[-1]
    return Witness(kind.kind, number, seq, bool(seq) and row_leaf(seq, kind.kind, columns) == leaf, kept)


def _segment(db: sqlite3.Connection, chain: tuple[Any, ...], seq: int) -> tuple[int, int, int, str, bool, bool | None]:
    """The segment of an event: number, first and last event, when it was closed, whether heads and signature hold."""
    ledger, created_at, end, head, opened = chain
    columns = ", ".join(HEADER)
    sql = f"SELECT {columns}, signature FROM segments WHERE first_seq <= ? AND last_seq >= ?"  # noqa: S608 - likewise
    row = db.execute(sql, (seq, seq)).fetchone()
    if row is not None:
        header = Header(*row[:-1])
        heads = _leads(db, header.previous_head, header.first_seq, header.last_seq) == header.head
        signed = is_signed(ledger, header, row[-1])
        return header.number, header.first_seq, header.last_seq, header.closed_at, heads, signed
    begun = db.execute("SELECT first_seq, previous_head FROM open_segment").fetchone() or (
        1,
        genesis(ledger, created_at),
    )
    return opened, begun[0], end, "", _leads(db, begun[1], begun[0], end) == head, None


def _leads(db: sqlite3.Connection, head: bytes, first: int, last: int) -> bytes:
    for (leaf,) in db.execute("SELECT leaf FROM events WHERE seq BETWEEN ? AND ? ORDER BY seq", (first, last)):
        head = next_head(head, leaf)
    return head


def _told(db: sqlite3.Connection, exchange: int, seq: int) -> str:
    """What took the message's own detail away: the first event that names it."""
    gone = db.execute("SELECT nonce IS NULL FROM exchanges WHERE id = ?", (exchange,)).fetchone()
    if gone is None or not gone[0]:
        return ""
    sql = """SELECT v.kind FROM events v WHERE v.kind IN ('erased', 'expired') AND v.row IS NULL AND v.seq > ?
        AND EXISTS (SELECT 1 FROM json_each(v.body, '$.exchanges') WHERE value = ?) ORDER BY v.seq LIMIT 1"""
    row = db.execute(sql, (seq, exchange)).fetchone()
    return str(row[0]) if row is not None else ""
