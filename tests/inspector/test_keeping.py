import sqlite3
from pathlib import Path
from typing import Any

import pytest
from aged import DAY, MASTER, Years, fill

from douane.inspector.keeping import EVERY_SECONDS, FIRST_SECONDS, Keeping
from douane.inspector.settings import InspectorSettings
from douane.ledger.query import open_ledger
from douane.ledger.retention import Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify


class Post:
    """A purge on a schedule, by clocks that a test turns."""

    def __init__(self, path: Path, clock: Years, **more: Any) -> None:
        self.told: list[dict[str, Any]] = []
        self.seconds = 0.0
        settings = InspectorSettings(ledger=path, spool=path.with_name("spool.db"), **more)
        self.keeping = Keeping(
            settings, MASTER, anchors=None, emit=self.told.append, clock=clock, pace=lambda: self.seconds
        )

    def run(self, seconds: float, *, idle: bool = True, by: float = 1.0) -> int:
        """Let so many seconds go by, with a turn each `by`; returns in how many something was done."""
        done = 0
        for _ in range(round(seconds / by)):
            self.seconds += by
            done += self.keeping.step(idle=idle)
        return done


@pytest.fixture
def clock(tmp_path: Path) -> Years:
    clock = Years()
    fill(tmp_path / "l.db", clock, hours=2, calls=3)
    clock.now += 200 * DAY
    run_idle(tmp_path / "l.db", clock)
    clock.now += 200 * DAY
    return clock


def run_idle(path: Path, clock: Years) -> None:
    """Close a segment, as a Douane that has nothing to inspect does each hour."""
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.end_run(ledger.add_run(at=clock(), version="0", config_sha256=""), at=clock())
        ledger.seal()


def exchanges(path: Path) -> int:
    db = open_ledger(path)
    try:
        return int(db.execute("SELECT count(*) FROM exchanges").fetchone()[0])
    finally:
        db.close()


@pytest.mark.promise("details-expire")
def test_what_is_over_goes_a_minute_after_the_start_and_it_is_told(tmp_path: Path, clock: Years) -> None:
    path = tmp_path / "l.db"
    post = Post(path, clock)
    assert post.run(FIRST_SECONDS - 1) == 0
    assert exchanges(path) == 8
    assert post.run(60) > 2
    assert exchanges(path) == 0
    (told,) = post.told
    assert told == {"event": "purged", "segments": 3, "events": told["events"], "details": 0}
    assert verify(path, sealer=Sealer(MASTER), children=0).word == "PURGED-BY-POLICY"
    post.keeping.close()


def test_then_every_six_hours_and_silently_when_nothing_is_over(tmp_path: Path, clock: Years) -> None:
    post = Post(tmp_path / "l.db", clock)
    post.run(120)
    assert post.run(EVERY_SECONDS - 120, by=60.0) == 0
    assert post.run(120) > 0
    assert len(post.told) == 1
    post.keeping.close()


def test_it_waits_for_idle_time_and_not_for_ever(tmp_path: Path, clock: Years) -> None:
    post = Post(tmp_path / "l.db", clock)
    assert post.run(3600, idle=False, by=10.0) == 0
    assert post.run(600, idle=False, by=10.0) > 2
    assert exchanges(tmp_path / "l.db") == 0
    post.keeping.close()


def test_it_can_be_switched_off_and_the_rules_are_the_configured_ones(tmp_path: Path, clock: Years) -> None:
    off = Post(tmp_path / "l.db", clock, purge=False)
    assert off.run(7200, by=60.0) == 0
    longer = Post(tmp_path / "l.db", clock, retention=Policy("P24M", reason="a test"))
    longer.run(120)
    assert (longer.told, exchanges(tmp_path / "l.db")) == ([], 8)
    longer.keeping.close()


def test_the_inspectors_own_writing_goes_on_between_two_pieces(tmp_path: Path, clock: Years) -> None:
    path = tmp_path / "l.db"
    post = Post(path, clock)
    with Ledger(path, taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        post.seconds = FIRST_SECONDS
        for number in range(60):
            post.seconds += 1.0
            post.keeping.step(idle=True)
            ledger.add_app(f"app-{number}", at=clock())
        post.keeping.close()
    assert verify(path, sealer=Sealer(MASTER), children=0).word == "PURGED-BY-POLICY"
    db = open_ledger(path)
    assert db.execute("SELECT count(*) FROM apps").fetchone()[0] == 61
    db.close()


def test_a_ledger_that_cannot_be_written_is_told_and_tried_again_later(tmp_path: Path, clock: Years) -> None:
    path = tmp_path / "l.db"
    post = Post(path, clock)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    post.run(FIRST_SECONDS + 2)
    other.execute("ROLLBACK")
    other.close()
    assert [one["code"] for one in post.told] == ["purge-failed"]
    assert "SQLITE_BUSY" in post.told[0]["detail"]
    post.run(EVERY_SECONDS + 60, by=10.0)
    assert exchanges(path) == 0
    post.keeping.close()


def test_settings_carry_the_rules_between_processes() -> None:
    settings = InspectorSettings(ledger=Path("l.db"), spool=Path("s.db"), retention=Policy("P6M", reason="a test"))
    assert InspectorSettings.model_validate_json(settings.model_dump_json()) == settings


@pytest.mark.parametrize("traffic", [False, True])
def test_a_clock_that_jumped_purges_nothing_by_itself_and_is_told(tmp_path: Path, traffic: bool) -> None:
    path, clock = tmp_path / "l.db", Years()
    fill(path, clock, hours=2, calls=3)
    clock.now += 400 * DAY
    if traffic:  # what is recorded under the wrong clock does not hide the jump
        fill(path, clock, hours=2, calls=1, first=100)
        clock.now += 2 * DAY
    before = exchanges(path)
    post = Post(path, clock)
    post.run(FIRST_SECONDS + 30)
    assert exchanges(path) == before
    assert [one["code"] for one in post.told] == ["clock-ahead"]
    assert "the clock may be wrong" in post.told[0]["detail"]
    post.run(EVERY_SECONDS + 30, by=30)
    assert [one["code"] for one in post.told] == ["clock-ahead"] * 2
    assert verify(path, sealer=Sealer(MASTER)).word == "INTACT"


def test_a_month_without_douane_is_no_jump_however_short_the_retention(tmp_path: Path) -> None:
    path, clock = tmp_path / "l.db", Years()
    fill(path, clock, hours=2, calls=3)
    clock.now += 30 * DAY
    Post(path, clock, retention=Policy("P1D")).run(FIRST_SECONDS + 60)
    assert exchanges(path) == 0
