"""A forged entry in an index does not have the recorder take a message for judged that is still to come."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from chained import chained

from douane.audit.exchange import Exchange, Outcome
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.failed import LedgerFailed
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify

UNIQUE = {
    "exchanges": "UNIQUE (record_id, part)",
    "gaps": "UNIQUE (record_id, part, code, place, detail)",
}


def exchange(record: str) -> Exchange:
    return Exchange(record, 0, 1_790_000_000.0, "crm", Direction.TO_APP, Kind.REQUEST, "ping", None, Outcome.UNKNOWN, 9)


def promised(path: Path, table: str, record: str, row: int) -> None:
    """Have the index of records lead from one that is still to come to a row of another; the table stays as it is."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        (own,) = db.execute(f"SELECT record_id FROM {table} WHERE id = ?", (row,)).fetchone()
        db.execute(f"UPDATE {table} SET record_id = ? WHERE id = ?", (record, row))
        (sql,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()
        index = f"sqlite_autoindex_{table}_1"
        entry = db.execute("SELECT * FROM sqlite_schema WHERE name = ?", (index,)).fetchone()
        db.execute("PRAGMA writable_schema = ON").close()
        db.execute("DELETE FROM sqlite_schema WHERE name = ?", (index,))
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql.replace(UNIQUE[table], "CHECK (1)"), table))
        db.execute("PRAGMA writable_schema = RESET")
        db.execute(f"UPDATE {table} SET record_id = ? WHERE id = ?", (own, row))
        db.execute("PRAGMA writable_schema = ON").close()
        db.execute("INSERT INTO sqlite_schema VALUES (?, ?, ?, ?, ?)", entry)
        db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = ?", (sql, table))
        db.execute("PRAGMA writable_schema = RESET")
        found = db.execute(f"SELECT id FROM {table} WHERE record_id = ?", (record,)).fetchall()
        assert found == [(row,)], "the index says so"
        sure = f"SELECT id FROM {table} NOT INDEXED WHERE record_id = ?"
        assert db.execute(sure, (record,)).fetchall() == []


@pytest.mark.promise("no-index-decides")
def test_an_entry_for_an_exchange_that_is_to_come_is_loud_and_leaves_it_to_be_told_as_a_gap(tmp_path: Path) -> None:
    made = chained(tmp_path)
    promised(made.path, "exchanges", "to-come", 1)
    with Ledger(made.path, sealer=Sealer(made.master), taxonomy="t") as ledger:
        assert not ledger.has("to-come", 0)
        with pytest.raises(LedgerFailed, match="SQLITE_CONSTRAINT"):  # SQLite itself takes no second one: that is loud
            ledger.append(exchange("to-come"))
        assert ledger.add_gap("to-come", 0, "crm", Gap("crashed"), 1.0), "as the inspector does when it failed so twice"
    assert ("index-astray", "index sqlite_autoindex_exchanges_1") in {
        (one.what, one.table) for one in verify(made.path).found
    }


@pytest.mark.promise("no-index-decides")
def test_an_entry_for_a_gap_that_is_to_come_drops_no_message(tmp_path: Path) -> None:
    made = chained(tmp_path)
    with Ledger(made.path, sealer=Sealer(made.master), taxonomy="t") as ledger:
        assert ledger.add_gap("unread", 0, "crm", Gap("malformed"), 1.0)
    with closing(sqlite3.connect(made.path)) as db:
        (row,) = db.execute("SELECT id FROM gaps WHERE record_id = 'unread'").fetchone()
    promised(made.path, "gaps", "to-come", row)
    with Ledger(made.path, sealer=Sealer(made.master), taxonomy="t") as ledger:
        assert ledger.append(exchange("to-come")) is not None
        assert ledger.append(exchange("to-come")) is None, "what is there is known by its row"
