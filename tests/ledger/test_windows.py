"""What is held a window at a time is what is held event by event, whatever was changed."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest
from attacking import alter, columns_of_the_page
from chained import history, lived

from douane.ledger import verify_leaves
from douane.ledger.canonical import ROWS, row_leaf
from douane.ledger.verify_file import begin, opened
from douane.ledger.verify_leaves import Leaves, Part
from douane.ledger.verify_windows import Windows

CHANGES = 150
ONLY_AT_ONCE = {"headlines": [], "worst": [], "said": True, "replaced": False}
"""What is read on the way of a window alone; test_headlines.py holds it."""
HELD = ("events", *(one.table for one in ROWS))


@pytest.fixture(scope="module", params=[history, lived], ids=["whole", "purged"])
def ledger(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(request.param(tmp_path_factory.mktemp("ledger"), random.Random(4), steps=2).path)


def changed(ledger: Path, folder: Path, change: Callable[[sqlite3.Connection], object]) -> Path:
    path = folder / "changed.db"
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(ledger)) as db, closing(sqlite3.connect(path, isolation_level=None)) as copy:
        db.backup(copy)
        copy.execute("PRAGMA foreign_keys = OFF")
        change(copy)
    return path


def told(path: Path, *, at_once: bool) -> tuple[Part, bool]:
    """What all events tell, and whether any window of them was held at once."""
    with closing(opened(path)) as db:
        begin(db)
        first, last = db.execute("SELECT min(seq), max(seq) FROM events").fetchone()
        leaves = Leaves(db)
        if not at_once:
            leaves._windows.hold = lambda *_: None  # type: ignore[method-assign]
        held = Windows(db).hold(first, min(last, first + verify_leaves.WINDOW - 1)) is not None
        return leaves.check(first, last), held


def same(path: Path) -> tuple[Part, bool]:
    quick, held = told(path, at_once=True)
    slow, _ = told(path, at_once=False)
    assert not slow.said
    first, second = ({**asdict(one), **ONLY_AT_ONCE, "runs": sorted(one.runs)} for one in (quick, slow))
    assert first == second
    return quick, held


@pytest.mark.parametrize("window", [7, 40, 1024])
def test_a_ledger_as_it_was_written_is_held_at_once_and_tells_the_same(
    ledger: Path, window: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_leaves, "WINDOW", window)
    part, held = same(ledger)
    assert held
    assert part.faults == 0
    assert {"exchange", "disclosure", "verdict"} <= set(part.rows)


def test_whatever_is_changed_is_told_as_it_is_event_by_event(
    ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_leaves, "WINDOW", 40)
    rng, faults = random.Random(6), 0
    fields = [(table, one) for table in HELD for one in columns_of_the_page()[table]]
    for number in range(CHANGES):
        table, column = fields[number % len(fields)]

        def change(db: sqlite3.Connection, table: str = table, column: str = column) -> None:
            try:
                alter(db, table, column, rng)
            except IndexError:
                return  # the table has no row

        faults += same(changed(ledger, tmp_path, change))[0].faults > 0
    assert faults > CHANGES // 3


def loosely(value: object) -> Callable[[sqlite3.Connection], None]:
    """The last verdict's reason is this value, and its event's leaf the one of the value as text.

    The tables' own rules forbid it: somebody takes them away and puts them back.
    """
    (kind,) = (one for one in ROWS if one.kind == "verdict")

    def change(db: sqlite3.Connection) -> None:
        (before,) = db.execute("SELECT sql FROM sqlite_schema WHERE name = 'verdicts'").fetchone()
        seq, row = db.execute("SELECT max(seq), max(row) FROM events WHERE kind = 'verdict'").fetchone()
        db.execute("PRAGMA ignore_check_constraints = ON")
        for sql in (before.replace("reason TEXT", "reason ANY"), before):
            db.execute("PRAGMA writable_schema = ON")
            db.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'verdicts'", (sql,))
            db.execute("PRAGMA writable_schema = RESET")
            if sql != before:
                db.execute("UPDATE verdicts SET reason = ? WHERE id = ?", (value, row))
        columns = db.execute(f"SELECT {', '.join(kind.columns)} FROM verdicts WHERE id = ?", (row,)).fetchone()
        as_text = [str(one) if name == "reason" else one for name, one in zip(kind.columns, columns, strict=True)]
        db.execute("UPDATE events SET leaf = ? WHERE seq = ?", (row_leaf(seq, "verdict", as_text), seq))

    return change


@pytest.mark.parametrize(("value", "faults"), [(1.5, 1), (15, 0), ("15", 0)])
def test_a_number_where_a_text_belongs_is_told_as_event_by_event(
    ledger: Path, tmp_path: Path, value: object, faults: int
) -> None:
    part, _ = same(changed(ledger, tmp_path, loosely(value)))
    assert part.faults == faults


def test_two_leaves_that_are_cut_elsewhere_are_told(ledger: Path, tmp_path: Path) -> None:
    def change(db: sqlite3.Connection) -> None:
        db.execute("PRAGMA ignore_check_constraints = ON")
        two = db.execute("SELECT seq, leaf FROM events WHERE kind = 'verdict' ORDER BY seq DESC LIMIT 2").fetchall()
        (later, one), (earlier, other) = two
        db.execute("UPDATE events SET leaf = ? WHERE seq = ?", (other + one[:1], earlier))
        db.execute("UPDATE events SET leaf = ? WHERE seq = ?", (one[1:], later))

    part, held = same(changed(ledger, tmp_path, change))
    assert not held
    assert part.faults == 2


def test_rows_of_two_events_that_change_places_are_told(ledger: Path, tmp_path: Path) -> None:
    def change(db: sqlite3.Connection) -> None:
        (one, row), (other, second) = db.execute(
            "SELECT seq, row FROM events WHERE kind = 'verdict' ORDER BY seq DESC LIMIT 2"
        ).fetchall()
        db.execute("UPDATE events SET row = ? WHERE seq = ?", (second, one))
        db.execute("UPDATE events SET row = ? WHERE seq = ?", (row, other))

    part, _ = same(changed(ledger, tmp_path, change))
    assert part.faults == 2
