"""Numbers of rows that somebody set so high that none can be written any more."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, Years, call, fill

from douane.ledger.ids import MOST
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.writing import writing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "douane.db"
    fill(path, Years(), hours=1, calls=2)
    return path


def set_to(path: Path, number: object, table: str = "disclosures") -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE sqlite_sequence SET seq = ? WHERE name = ?", (number, table))


def write(path: Path) -> None:
    with Ledger(path, taxonomy="t-1", sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(100, "crm", "s", at=1_900_000_000.0))


@pytest.mark.parametrize("table", ["exchanges", "disclosures"])
@pytest.mark.parametrize("number", [2**63 - 1, 2**63 - 8, MOST + 1, -1, "some"])
def test_nothing_is_written_and_the_remedy_is_named(path: Path, table: str, number: object) -> None:
    set_to(path, number, table)
    with pytest.raises(LedgerRefused, match=r"sqlite_sequence .* `douane restore`; or set each number"):
        write(path)
    with pytest.raises(LedgerRefused, match="sqlite_sequence"), writing(path, Sealer(MASTER)):
        pass


def test_it_is_written_again_once_the_remedy_was_taken(path: Path) -> None:
    set_to(path, 2**63 - 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("UPDATE sqlite_sequence SET seq = (SELECT max(id) FROM disclosures) WHERE name = 'disclosures'")
    write(path)


def test_a_number_that_a_ledger_may_come_to_is_none_of_these(path: Path) -> None:
    set_to(path, 10**12)
    write(path)
