"""A key that does not belong to a data folder is noticed before anything is read with it."""

from pathlib import Path

from douane.ledger.custody import fits
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool
from douane.ledger.store import Ledger

RIGHT, WRONG = bytes(32), bytes(range(32))


def test_any_key_fits_where_nothing_is(tmp_path: Path) -> None:
    assert fits(RIGHT, tmp_path / "douane.db", tmp_path / "spool.db")


def test_only_its_own_key_fits_a_spool_in_which_something_waits(tmp_path: Path) -> None:
    with Spool(tmp_path / "spool.db", RIGHT) as spool:
        spool.put(RecordKind.REQUEST, "app", "flow", 0, 1_790_000_000.0, {}, b"{}")
    assert fits(RIGHT, tmp_path / "douane.db", tmp_path / "spool.db")
    assert not fits(WRONG, tmp_path / "douane.db", tmp_path / "spool.db")


def test_only_its_own_key_fits_a_ledger_with_pseudonyms(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "douane.db")
    ledger.add_app("app", at=1_790_000_000.0)
    ledger.close()
    assert fits(WRONG, tmp_path / "douane.db", tmp_path / "spool.db")
    ledger = Ledger(tmp_path / "douane.db")
    ledger._db.execute(
        "INSERT INTO keys (key_id, app_id, epoch, created_at) VALUES (?, 1, 1, '2026-11-22T00:00:00Z')",
        (Pseudonymiser(RIGHT).key_id("app"),),
    )
    ledger.close()
    assert fits(RIGHT, tmp_path / "douane.db", tmp_path / "spool.db")
    assert not fits(WRONG, tmp_path / "douane.db", tmp_path / "spool.db")


def test_files_that_are_no_ledger_or_spool_are_for_others_to_refuse(tmp_path: Path) -> None:
    for name in ("douane.db", "spool.db"):
        (tmp_path / name).write_text("something else")
    assert fits(WRONG, tmp_path / "douane.db", tmp_path / "spool.db")
