"""What the page asks of a ledger between two looks: whether it changed, and where it stands; and files put in place."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from aged import DAY, MASTER, Years, call, fill

from douane.audit.exchange import Outcome
from douane.ledger.changes import MARK, mark
from douane.ledger.health import sizes, standing
from douane.ledger.purge import Purge
from douane.ledger.query import open_ledger
from douane.ledger.replacing import replace
from douane.ledger.retention import Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger


def marked(path: Path) -> tuple[int, ...]:
    with closing(open_ledger(path)) as db:
        return mark(db)


def test_a_mark_is_another_after_each_change_that_a_rule_could_see_and_the_same_without(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "douane.db", Years()
    fill(path, clock, hours=1, calls=2)
    before = marked(path)
    assert marked(path) == before
    with Ledger(path, clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(900, "crm", "s", at=clock()))
        added = marked(path)
        assert added != before
        flow = call(900, "crm", "s", at=clock()).flow
        ledger.set_outcome(Outcome.FAILED, flow=flow)
        told = marked(path)
        assert ledger.seal()
        assert marked(path) == told  # where the chain stands is no change of what it tells
    clock.now += 367 * DAY
    with Purge(path, Sealer(MASTER), Policy(), who="a test", clock=clock, wait=5.0) as work:
        while work.step():
            pass
    assert marked(path) != told


def test_a_mark_reads_no_table_from_end_to_end(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "douane.db", Years()
    fill(path, clock, hours=1, calls=2)
    with closing(sqlite3.connect(path)) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {MARK}")]
    assert [line for line in plan if line.startswith("SCAN") and "CONSTANT ROW" not in line] == []


def test_where_a_chain_stands_after_a_purge(tmp_path: Path) -> None:
    path, clock = tmp_path / "data" / "douane.db", Years()
    fill(path, clock, hours=2, calls=2)
    clock.now += 367 * DAY
    with Purge(path, Sealer(MASTER), Policy(), who="a test", clock=clock, wait=5.0) as work:
        while work.step():
            pass
    with closing(open_ledger(path)) as db:
        stands = standing(db, most=1)
        closed, seq = db.execute("SELECT count(*), (SELECT seq FROM chain) FROM segments").fetchone()
    assert stands is not None
    assert (stands.closed, stands.seq, len(stands.segments)) == (closed, seq, 1)
    assert 0 < stands.purged <= closed
    assert dict(sizes(path))["douane.db"] == path.stat().st_size
    assert sizes(tmp_path / "nothing.db") == ()


def test_a_file_is_replaced_whole_keeps_its_mode_and_a_link_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "kept.yaml", tmp_path / "link.yaml"
    file.write_text("old")
    file.chmod(0o600)
    link.symlink_to(file)
    replace(link, "new é")
    assert (file.read_text(encoding="utf-8"), link.is_symlink()) == ("new é", True)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(one.name for one in tmp_path.iterdir()) == ["kept.yaml", "link.yaml"]


def test_a_file_that_cannot_be_replaced_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept.yaml"
    file.write_text("old")

    def full(_fd: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(file, "new")
    assert [one.name for one in tmp_path.iterdir()] == ["kept.yaml"]
    assert file.read_text() == "old"
