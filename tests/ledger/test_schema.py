import os
import re
import sqlite3
from pathlib import Path

import pytest
from sqlite_utils import Database

from douane.audit.exchange import Label, Outcome, Source
from douane.audit.message import GAP_CODES, Direction, Kind
from douane.ledger import migrations, schema
from douane.ledger.record import RecordKind
from douane.ledger.schema import APPLICATION_ID, VERSION, LedgerRefused, Route, ToolSource, prepare
from douane.ledger.store import Ledger, LedgerFailed

DOCS = Path(__file__).parents[2] / "docs" / "ledger.md"


@pytest.fixture
def db():
    made = sqlite3.connect(":memory:", isolation_level=None)
    prepare(made, "the ledger")
    yield made
    made.close()


def columns(db):
    names = [row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')")]
    return {
        name: [row[1] for row in db.execute(f"PRAGMA table_info({name})")]
        for name in names
        if not name.startswith(("sqlite_", "_"))
    }


def documented():
    """The tables and views of docs/ledger.md with the columns of the Markdown table under each heading."""
    found: dict[str, list[str]] = {}
    name = None
    for line in DOCS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            heading = re.fullmatch(r"### `(\w+)`(?: \(view\))?", line)
            name = heading and heading[1]
            if name:
                found[name] = []
        elif name and (row := re.match(r"\| `(\w+)` \|", line)):
            found[name].append(row[1])
    return found


def test_the_docs_name_every_table_view_and_column_in_order_and_no_other(db):
    assert {name: found for name, found in documented().items() if name not in ("spool", "records")} == columns(db)


def test_the_docs_name_every_column_of_the_spool(tmp_path):
    from douane.ledger.spool import Spool

    with Spool(tmp_path / "spool.db", b"m" * 32):
        db = sqlite3.connect(tmp_path / "spool.db")
        found = columns(db)
        db.close()
    assert {name: documented()[name] for name in ("spool", "records")} == found


@pytest.mark.parametrize(
    "words",
    [Direction, Kind, Outcome, Label, Source, Route, ToolSource, RecordKind, GAP_CODES],
    ids=lambda words: str(words)[:20],
)
def test_the_docs_name_every_word_that_a_column_may_hold(words):
    text = DOCS.read_text(encoding="utf-8")
    assert [str(word) for word in words if f"`{word}`" not in text] == []


ENUMERATIONS = [
    ("apps", "route", Route),
    ("tools", "source", ToolSource),
    ("exchanges", "direction", Direction),
    ("exchanges", "kind", Kind),
    ("exchanges", "outcome", Outcome),
    ("disclosures", "headline", Label),
    ("verdicts", "source", Source),
    ("verdicts", "verdict", Label),
]


@pytest.mark.parametrize(("table", "column", "words"), ENUMERATIONS)
def test_an_enumeration_is_checked_by_the_table(db, table, column, words):
    sql = db.execute("SELECT sql FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    assert schema.one_of(column, words) in sql


def test_every_table_is_strict(db):
    strict = {row[1]: row[5] for row in db.execute("PRAGMA table_list") if row[2] == "table"}
    assert [name for name in columns(db) if not strict.get(name, 1)] == []


def test_a_word_that_is_not_in_the_enumeration_is_refused(db):
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO apps (name, route, first_seen, last_seen) VALUES ('a', 'canary', '', '')")


def test_preparing_twice_changes_nothing(db):
    before = list(db.iterdump())
    prepare(db, "the ledger")
    assert list(db.iterdump()) == before


def test_the_last_migration_has_the_number_that_the_file_gets(db):
    assert len(migrations.migrations.applied(Database(db, execute_plugins=False))) == VERSION
    assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert db.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)


def test_a_newer_ledger_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "ledger.db"
    Ledger(path).close()
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA user_version = {VERSION + 1}")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LedgerRefused, match=f"newer Douane .ledger version {VERSION + 1}"):
        Ledger(path)
    assert path.read_bytes() == before


def test_somebody_elses_database_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE theirs (id)")
    db.close()
    before = path.read_bytes()
    with pytest.raises(LedgerRefused, match="not a Douane ledger"):
        Ledger(path)
    assert path.read_bytes() == before


def test_a_spool_is_no_ledger(tmp_path):
    from douane.ledger.spool import Spool

    Spool(tmp_path / "spool.db", b"m" * 32).close()
    with pytest.raises(LedgerRefused, match="not a Douane ledger"):
        Ledger(tmp_path / "spool.db")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "ledger.db"
    path.write_bytes(b"a text that is no database" * 99)
    with pytest.raises(LedgerRefused, match="not a Douane ledger"):
        Ledger(path)


def test_a_folder_that_cannot_be_made_is_a_failure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LedgerFailed, match="cannot be opened"):
        Ledger(tmp_path / "file" / "ledger.db")


def test_a_migration_that_fails_leaves_the_file_to_be_prepared_later(monkeypatch):
    db = sqlite3.connect(":memory:", isolation_level=None)
    monkeypatch.setattr(migrations, "INDICES", ("CREATE INDEX broken ON nothing (id)",))
    with pytest.raises(sqlite3.OperationalError):
        prepare(db, "the ledger")
    assert columns(db) == {}
    monkeypatch.undo()
    prepare(db, "the ledger")
    assert "exchanges" in columns(db)
    db.close()


@pytest.mark.promise("owner-only")
def test_only_the_owner_can_read_the_files(tmp_path):
    path = tmp_path / "data" / "ledger.db"
    old = os.umask(0)
    try:
        with Ledger(path) as ledger:
            ledger.add_run(at=1.0, version="0", config_sha256="")
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == {"ledger.db": 0o600, "ledger.db-wal": 0o600, "ledger.db-shm": 0o600}
