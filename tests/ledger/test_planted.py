"""What does not belong to the schema: it never runs, and nothing is written to a ledger that holds it."""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, SECOND, Years, call, fill

from douane.ledger.planted import planted
from douane.ledger.portable import export
from douane.ledger.refused import LedgerRefused
from douane.ledger.rows import INSERT_GAP
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.texts import normal, texts
from douane.ledger.verify import verify
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)
OLD = Path(__file__).parents[1] / "data" / "ledger_2.sql"
KEEPS = "CREATE TRIGGER spy AFTER UPDATE ON disclosures BEGIN INSERT INTO spare VALUES (old.pseudonym, old.nonce); END"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "douane.db"
    fill(path, Years(), hours=1, calls=2)
    return path


def run(path: Path, *statements: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [row for statement in statements for row in db.execute(statement).fetchall()]


@pytest.mark.promise("nothing-planted")
def test_nothing_is_written_to_or_exported_from_a_ledger_with_something_planted(path: Path, tmp_path: Path) -> None:
    run(path, "CREATE TABLE spare (a, b)", KEEPS)
    named = r"table spare, trigger spy.*take out \(DROP\)"
    with pytest.raises(LedgerRefused, match=named), writing(path, SEALER) as (_, chain):
        chain.tell("access", {"at": "2026-01-01T00:00:00.000Z"})
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger, pytest.raises(LedgerRefused, match=named):
        ledger.append(call(500, "crm", "s", at=1_900_000_000.0))
    with pytest.raises(LedgerRefused, match="ALTERED"):
        export(path, tmp_path / "out.zip", sealer=SEALER, at="2026-01-01T00:00:00Z", version="1")
    run(path, "DROP TRIGGER spy", "DROP TABLE spare")
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
        assert ledger.append(call(500, "crm", "s", at=1_900_000_000.0)) is not None


@pytest.mark.promise("nothing-planted")
def test_a_trigger_never_runs_not_even_one_that_comes_while_it_is_written(path: Path) -> None:
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
        ledger.append(call(500, "crm", "s", at=1_900_000_000.0))
        version = run(path, "PRAGMA schema_version")
        run(
            path,
            "CREATE TABLE spare (a)",
            "CREATE TRIGGER spy AFTER INSERT ON exchanges BEGIN INSERT INTO spare VALUES (1); END",
        )
        with pytest.raises(LedgerRefused, match="trigger spy"):
            ledger.append(call(501, "crm", "s", at=1_900_000_000.0))
        run(path, f"PRAGMA schema_version = {version[0][0]}")  # so that who is there already does not look again
        ledger.append(call(502, "crm", "s", at=1_900_000_000.0))
    assert run(path, "SELECT count(*) FROM spare") == [(0,)]


def rewritten(path: Path, kind: str, name: str, old: str, new: str) -> None:
    """Write another text of a table, index or view into the schema, as SQLite lets anybody do."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA writable_schema = ON").close()
        done = db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE type = ? AND name = ? AND instr(sql, ?)",
            (old, new, kind, name, old),
        )
        assert done.rowcount == 1
        version = db.execute("PRAGMA schema_version").fetchone()[0]
        db.execute(f"PRAGMA schema_version = {version + 1}")


TEXTS = [
    ("table", "gaps", "size INTEGER", "size INTEGER NOT NULL ON CONFLICT IGNORE"),
    ("table", "disclosures", "preview TEXT", "preview TEXT NOT NULL ON CONFLICT IGNORE"),
    ("table", "verdicts", "REFERENCES disclosures (id) ON DELETE CASCADE", ""),
    ("table", "exchanges", "http_status INTEGER", "http_status INTEGER NOT NULL ON CONFLICT IGNORE"),
    ("table", "apps", "DEFAULT ''", "DEFAULT 'elsewhere.example'"),
    ("table", "events", "CHECK (length(leaf) = 32)", ""),
    ("index", "disclosures_by_pseudonym", "WHERE pseudonym IS NOT NULL", "WHERE pseudonym < 'a'"),
    ("view", "exchange_log", "e.route <> 'egress'", "e.route <> 'reverse'"),
]


@pytest.mark.promise("nothing-planted")
@pytest.mark.parametrize(("kind", "name", "old", "new"), TEXTS)
def test_a_ledger_whose_schema_has_another_text_is_not_written_to_and_both_verifiers_name_it(
    path: Path, kind: str, name: str, old: str, new: str
) -> None:
    rewritten(path, kind, name, old, new)
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger, pytest.raises(LedgerRefused, match=f"{kind} {name}"):
        ledger.append(call(500, "crm", "s", at=1_900_000_000.0))
    said = verify(path, sealer=SEALER, children=0)
    assert (said.word, f"{kind} {name}" in [one.table for one in said.found]) == ("ALTERED", True)
    second = SECOND.verify(path)
    assert (second.word, f"{kind} {name}" in [one.where for one in second.findings]) == ("ALTERED", True)


@pytest.mark.promise("nothing-planted")
def test_a_table_or_a_column_that_is_not_there_is_not_written_to(path: Path) -> None:
    run(path, "ALTER TABLE segments DROP COLUMN taxonomy", "DROP TABLE field_uses")
    with pytest.raises(LedgerRefused, match="table segments, no table field_uses"), writing(path, SEALER):
        pass


@pytest.mark.promise("nothing-planted")
def test_a_schema_that_was_put_right_before_it_is_looked_at_is_read_anew(path: Path) -> None:
    rewritten(path, *TEXTS[0])
    rewritten(path, *TEXTS[1])
    version = run(path, "PRAGMA schema_version")[0][0]
    gaps = run(path, "SELECT count(*) FROM gaps")[0][0]
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
        rewritten(path, TEXTS[0][0], TEXTS[0][1], TEXTS[0][3], TEXTS[0][2])
        rewritten(path, TEXTS[1][0], TEXTS[1][1], TEXTS[1][3], TEXTS[1][2])
        run(path, f"PRAGMA schema_version = {version}")
        ledger.append(call(500, "crm", "s", at=1_900_000_000.0))
    assert run(path, "SELECT count(*) FROM gaps") == [(gaps + 1,)]


def test_a_row_that_a_table_would_leave_out_in_silence_ends_the_transaction(path: Path) -> None:
    rewritten(path, *TEXTS[0])
    with closing(sqlite3.connect(path)) as db, pytest.raises(sqlite3.IntegrityError):
        db.execute(INSERT_GAP, ("r", 0, None, 1, "2026-01-01", "reverse", "no-schema", "", "", None, 1))


@pytest.mark.promise("nothing-planted")
def test_the_texts_are_those_of_a_ledger_of_any_version_that_was_brought_to_this_one(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    with closing(sqlite3.connect(old)) as db:
        db.executescript(OLD.read_text())
    for path in (old, tmp_path / "new.db"):
        with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
            assert ledger.append(call(500, "crm", "s", at=1_900_000_000.0)) is not None
        with closing(sqlite3.connect(path)) as db:
            assert planted(db) == []
        assert verify(path, sealer=SEALER, children=0).word == SECOND.verify(path).word == "INTACT"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('CREATE  TABLE\n"apps" ([id] INTEGER)', "CREATE TABLE apps (id INTEGER)"),
        ("CREATE TABLE apps ( id INTEGER , b TEXT )", "CREATE TABLE apps (id INTEGER, b TEXT)"),
        ("x DEFAULT 'a  \"b\"'", None),  # what is quoted stays
        ('x IS NOT "NULL"', None),  # a name, not nothing
        ('"pre""view" TEXT', None),
        ("x\u00a0y", None),
        ("x -- 'y'", None),
    ],
)
def test_only_what_means_nothing_is_left_out_of_a_text(text: str, same: str | None) -> None:
    assert normal(text) == (text if same is None else same)


@pytest.mark.promise("second-verifier")
def test_the_page_has_every_text_and_the_second_verifier_the_digest_of_each_line() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ledger-format.md").read_text()
    lines = page.split("## The schema's own texts")[1].split("```\n")[1].splitlines()
    named = {one: text for one, text in texts().items() if not one[1].startswith("sqlite_autoindex_")}
    assert lines == [f"{' '.join(one)}: {text}" for one, text in named.items()]
    halves = [hashlib.sha256(line.encode()).hexdigest()[:32] for line in lines]
    assert dict(zip((name for _, name, _ in named), halves, strict=True)) == SECOND.TEXTS
    assert sorted(SECOND.OF_TABLES) == sorted(name for _, name, _ in texts() if name.startswith("sqlite_autoindex_"))
