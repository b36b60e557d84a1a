"""A ledger of version 2 is brought to version 3, with nothing lost, and its rows read as before."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from douane.ledger.onward import read_onward
from douane.ledger.query import counts, open_ledger
from douane.ledger.schema import VERSION, LedgerRefused, prepare
from douane.ledger.store import Ledger

OLD = Path(__file__).parents[1] / "data" / "ledger_2.sql"
"""A ledger as version 2 wrote it: a call and its answer, and an e-mail address that left the app."""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "douane.db"
    with closing(sqlite3.connect(path)) as db:
        db.executescript(OLD.read_text())
    return path


def tables(path, *names):
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        rows = {name: [dict(row) for row in db.execute(f"SELECT * FROM {name} ORDER BY 1")] for name in names}
    for row in (row for found in rows.values() for row in found):
        row.pop("nonce", None), row.pop("commitment", None)  # of the fourth ledger
    return rows


def test_every_row_stays_and_gets_the_route_that_it_had(old):
    names = ("apps", "exchanges", "disclosures", "verdicts", "gaps", "passages", "observations", "keys")
    before = tables(old, *names)
    with pytest.raises(LedgerRefused, match="ledger version 2"):
        open_ledger(old)
    Ledger(old).close()
    after = tables(old, *names)
    added = {"exchanges": {"route": "reverse", "host": ""}, "gaps": {"route": "reverse"}}
    added |= {"passages": {"route": "reverse"}, "apps": {"egress": 1}}
    assert len(before["exchanges"]) == 2
    for name in names:
        assert after[name] == [row | added.get(name, {}) for row in before[name]], name


def test_an_old_ledger_has_the_same_tables_and_views_as_a_new_one(old):
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new, closing(sqlite3.connect(old)) as db:
        prepare(new, "new")
        db.isolation_level = None
        prepare(db, "old")
        sql = "SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name"
        assert db.execute(sql).fetchall() == new.execute(sql).fetchall()
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_what_was_read_before_is_read_after(old):
    Ledger(old).close()
    with closing(open_ledger(old)) as db:
        assert counts(db).exchanges == 2
        assert counts(db).disclosures == 1
        ((called,), (passed,)) = read_onward(db, "crm")
        assert (called.host, passed.category) == ("mail-vendor.example", "user.contact.email")
        assert db.execute("SELECT count(*) FROM who_gets_what").fetchone() == (1,)
        assert db.execute("SELECT count(*) FROM passed_on").fetchone() == (0,)
