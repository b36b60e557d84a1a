"""Leaves made column by column are those that `canonical` makes row by row."""

import sqlite3
from contextlib import closing

from entries import CALL
from hypothesis import given
from hypothesis import strategies as st

from douane.ledger.canonical import ROWS, row_leaf
from douane.ledger.columns import REALS, as_bytes, row_leaves
from douane.ledger.store import Ledger

NAMES = ("id", "app", "score", "reason", "nonce", "count")
TABLE = "CREATE TABLE t (id INTEGER, app TEXT, score REAL, reason TEXT, nonce BLOB, count INTEGER) STRICT"
TEXT = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
INTEGER = st.none() | st.integers(-(2**63), 2**63 - 1)
ROW = st.tuples(INTEGER, TEXT, st.none() | st.floats(allow_nan=False), TEXT, st.none() | st.binary(max_size=6), INTEGER)


@given(st.lists(ROW, max_size=6), st.integers(1, 10**6))
def test_the_leaves_are_those_of_the_rows_one_by_one(rows, first):
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute(TABLE)
        db.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", rows)
        kept = db.execute("SELECT * FROM t ORDER BY rowid").fetchall()
        db.text_factory = bytes
        read = db.execute(f"SELECT {', '.join(map(as_bytes, NAMES))} FROM t ORDER BY rowid").fetchall()
    made = row_leaves("gap", first, NAMES, read)
    assert made == [row_leaf(first + at, "gap", row) for at, row in enumerate(kept)]


def test_a_ledger_holds_the_leaves_of_its_rows_one_by_one(tmp_path):
    with Ledger(tmp_path / "douane.db") as ledger:
        ledger.append(CALL)
    with closing(sqlite3.connect(tmp_path / "douane.db")) as db:
        kinds = {kind.kind: kind for kind in ROWS}
        events = db.execute("SELECT seq, kind, row, leaf FROM events WHERE row IS NOT NULL AND body IS NULL").fetchall()
        assert {kind for _, kind, _, _ in events} >= {"exchange", "disclosure", "verdict"}
        for seq, kind, row, leaf in events:
            of = kinds[kind]
            sql = f"SELECT {', '.join(of.columns)} FROM {of.table} WHERE id = ?"
            assert row_leaf(seq, kind, db.execute(sql, (row,)).fetchone()) == leaf


def test_every_column_is_read_by_its_type(tmp_path):
    Ledger(tmp_path / "douane.db").close()
    with closing(sqlite3.connect(tmp_path / "douane.db")) as db:
        for kind in ROWS:
            types = {name: type_ for _, name, type_, *_ in db.execute(f"PRAGMA table_info({kind.table})")}
            for column in kind.columns:
                as_it_is = {"TEXT": column, "BLOB": column, "REAL": column}
                assert as_bytes(column) == as_it_is.get(types[column], f"CAST({column} AS TEXT)")
                assert (column in REALS) is (types[column] == "REAL")
