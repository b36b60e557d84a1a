"""What does not belong to the schema: it never runs, and nothing is written to a ledger that holds it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, Years, call, fill

from douane.ledger.portable import export
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)
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
    named = r"table spare, trigger spy.*take it out \(DROP\)"
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
