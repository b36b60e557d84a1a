"""The rows held to what the events say of them: outcomes, replaced verdicts, headlines, sums and snapshots."""

import sqlite3
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from douane.ledger.canonical import ROWS, SNAPSHOTS, Value, row_digest
from douane.ledger.verify_headlines import WORDS, follow
from douane.ledger.verify_leaves import Numbers, Part
from douane.ledger.verify_told import EXPIRED, Told
from douane.ledger.verify_words import Place, Places, Word

_CHUNK: Final = 4096
_RANKS: Final = tuple(enumerate(WORDS))
_RANK: Final = (
    f"CASE CAST(verdict AS TEXT) {' '.join(f"WHEN '{word}' THEN {rank}" for rank, word in _RANKS)} ELSE 0 END"
)
_WORD: Final = f"CASE coalesce(worst, 0) {' '.join(f"WHEN {rank} THEN '{word}'" for rank, word in _RANKS)} END"
_HEADLINES: Final = f"""
    WITH held AS (
        SELECT disclosure_id AS disclosure, max({_RANK}) AS worst
        FROM verdicts NOT INDEXED WHERE replaced_at IS NULL GROUP BY disclosure_id
    )
    SELECT d.id FROM disclosures d NOT INDEXED LEFT JOIN held ON held.disclosure = d.id
    WHERE CAST(d.headline AS TEXT) IS NOT {_WORD} ORDER BY d.id"""  # noqa: S608 - our own words
"""The disclosures whose headline is not the gravest of the verdicts that hold."""
_SUMS: Final = {
    "observations": "app_id, tool, kind, name, detail, count, first_at, last_at",
    "field_uses": "app_id, tool, direction, pointer, calls, '', last_at",
}


def check_outcomes(db: sqlite3.Connection, told: Told, places: Places) -> None:
    """Hold each exchange's outcome to the first event that names it."""
    words = [word.encode() for word in told.words]
    words[0] = b"unknown"
    outcomes = told.outcomes
    rows = db.execute("SELECT id, outcome FROM exchanges NOT INDEXED ORDER BY id")
    while chunk := rows.fetchmany(_CHUNK):
        for row, outcome in chunk:
            if words[outcomes[row]] != outcome:
                places.altered("outcome", table="exchanges", row=row)


def check_verdicts(db: sqlite3.Connection, told: Told, parts: Sequence[Part], vouched: bool, places: Places) -> None:
    """Hold `replaced_at` of each verdict to the event that names it, and each headline to the verdicts that hold.

    Where every row is vouched for once, what the ranges of events said of them is all that there is.
    """
    if not vouched or any(part.replaced for part in parts) or any(told.replaced):
        _check_replaced(db, told, places)
    if vouched and all(part.said for part in parts):
        headlines = ((first, digits) for part in parts for first, digits in part.headlines)
        worst = ((first, digits) for part in parts for first, digits in part.worst)
        if follow(headlines, worst, _most(db, "disclosures")):
            return
    for (row,) in db.execute(_HEADLINES):
        places.altered("headline", table="disclosures", row=row)


def _check_replaced(db: sqlite3.Connection, told: Told, places: Places) -> None:
    left = Numbers(_most(db, "verdicts"))
    for row in told.replaced:
        left[row] = 1
    for row, at in db.execute("SELECT id, replaced_at FROM verdicts NOT INDEXED WHERE replaced_at IS NOT NULL"):
        number = told.replaced[row]
        if not number or told.words[number].encode() != at:
            places.altered("replaced", table="verdicts", row=row)
        left[row] = 0
    for row in left:
        if _is_there(db, "verdicts", row):
            places.altered("replaced", table="verdicts", row=row)


def check_sums(db: sqlite3.Connection, told: Told, places: Places) -> None:
    """Hold the sums' tables to what was told of them."""
    for table, sums in (("observations", told.observations), ("field_uses", told.uses)):
        left = {tuple(map(_bytes, key)): tuple(map(_bytes, one)) for key, one in sums.items()}
        for *key, count, first, last in db.execute(f"SELECT {_SUMS[table]} FROM {table} NOT INDEXED"):  # noqa: S608 - our own names
            if left.pop(tuple(key), None) != (count, _bytes(first), last):
                places.altered("sum", table=table, row="/".join(str(_text(one)) for one in key[:3]))
        for key in left:
            places.altered("sum", table=table, row="/".join(str(_text(one)) for one in key[:3]))


def check_snapshots(db: sqlite3.Connection, told: Told, places: Places) -> None:
    """Hold each row that may change to its last snapshot."""
    left = dict(told.digests)
    for kind in SNAPSHOTS:
        word = kind.kind.encode()
        lists = _declared(db) if kind.kind == "declaration" else {}
        rows = db.execute(f"SELECT {kind.row}, {', '.join(kind.columns)} FROM {kind.table} NOT INDEXED")  # noqa: S608 - our own names
        for row, *values in rows:
            expected = left.pop((word, row), None)
            if expected is None:
                places.altered("row-unknown", table=kind.table, row=row)
            elif row_digest([*values, *lists.pop(row, [])]).encode() != expected:
                places.altered("digest", table=kind.table, row=row)
        for row in lists:
            if (word, row) not in told.digests or not _is_there(db, kind.table, row):
                places.altered("row-unknown", table="declared", row=row)
    tables = {kind.kind.encode(): kind.table for kind in SNAPSHOTS}
    for word, row in left:
        places.missing("row-gone", table=tables[word], row=row)


def check_vouched(db: sqlite3.Connection, parts: Mapping[str, list[list[Any]]], places: Places) -> bool:
    """Hold each table of rows to its events: as many rows as events that name one, and none named twice; or not.

    `parts` are, for each kind, how many rows the ranges of events found, the lowest and highest, and whether they grow.
    """
    vouched = True
    for kind in ROWS:
        ranges = [one for one in parts.get(kind.kind, []) if one[0]]
        events = sum(one[0] for one in ranges)
        grows = all(one[3] for one in ranges) and all(a[2] < b[1] for a, b in pairwise(ranges))
        rows = int(db.execute(f"SELECT count(*) FROM {kind.table} NOT INDEXED").fetchone()[0])  # noqa: S608 - our own names
        if grows and rows == events:
            continue
        vouched = False
        seen = Numbers(8 * rows + 1_000_000)
        for (row,) in db.execute("SELECT row FROM events NOT INDEXED WHERE kind = ?", (kind.kind,)):
            if type(row) is int:
                if seen[row] == 1 and _is_there(db, kind.table, row):
                    places.altered("row-twice", table=kind.table, row=row)
                seen[row] = min(seen[row] + 1, 2)
        for (row,) in db.execute(f"SELECT id FROM {kind.table} NOT INDEXED ORDER BY id"):  # noqa: S608 - our own names
            if not seen[row]:
                places.altered("row-unknown", table=kind.table, row=row)
    return vouched


def check_gone(db: sqlite3.Connection, told: Told, parts: list[Part], places: Places) -> None:
    """Hold each row whose detail has gone to the event that names it, and each named row to its lack of detail."""
    tables = {kind.kind: kind.table for kind in ROWS}
    for kind, named in told.gone.items():
        gone = Numbers(_most(db, tables[kind]))
        for part in parts:
            for first, seq, count in part.gone.get(kind, ()):
                for step in range(count):
                    row = first + step
                    gone[row] = 1
                    why = named[row]
                    if not why:
                        places.altered("detail-gone", seq=seq + step, table=tables[kind], row=row)
                    else:
                        word = Word.PURGED if why & EXPIRED else Word.ERASED
                        places.add(Place(word, "detail", seq=seq + step, last=seq + step, table=tables[kind], row=row))
        for row in named:
            if not gone[row] and _is_there(db, tables[kind], row):
                places.altered("detail-there", table=tables[kind], row=row)


def _most(db: sqlite3.Connection, table: str) -> int:
    return 8 * int(db.execute(f"SELECT count(*) FROM {table} NOT INDEXED").fetchone()[0]) + 1_000_000  # noqa: S608 - our own names


def _is_there(db: sqlite3.Connection, table: str, row: int) -> bool:
    return db.execute(f"SELECT 1 FROM {table} NOT INDEXED WHERE id = ?", (row,)).fetchone() is not None  # noqa: S608 - our own names


def _declared(db: sqlite3.Connection) -> dict[int, list[Value]]:
    lists: dict[int, list[Value]] = {}
    for declaration, what, name in db.execute(
        "SELECT declaration_id, what, name FROM declared NOT INDEXED ORDER BY id"
    ):
        lists.setdefault(declaration, []).extend((what, name))
    return lists


def _bytes(value: object) -> object:
    return value.encode() if isinstance(value, str) else value


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
