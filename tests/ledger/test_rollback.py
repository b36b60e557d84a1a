"""An older copy in the ledger's place, under a Douane that runs or not: it is told, and never becomes the newest."""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, Years, call, fill

from douane.ledger import given_up
from douane.ledger.anchors import FileAnchors, standing_of
from douane.ledger.backup import compare, copy_whole, place_of, restore
from douane.ledger.purge import Purge
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Policy
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.swapped import swapped
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "douane.db"
    fill(path, Years(), hours=2, calls=2)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


def append(path: Path, folder: Path, number: int, *, seal: bool = False) -> None:
    """A command of its own: opened, one call written, closed, its anchors with it."""
    anchors = FileAnchors(folder)
    try:
        with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
            ledger.append(call(number, "crm", "s", at=1_900_000_000.0))
            if seal:
                ledger.seal()
    finally:
        anchors.close()


def known(path: Path, folder: Path) -> int:
    standing = standing_of(folder, place_of(path).ledger)
    return 0 if standing is None else standing.seq


def last_line(folder: Path) -> dict[str, object]:
    """The standing that the folder keeps, whatever the ledger's file says."""
    (file,) = folder.glob("*.head")
    found: dict[str, object] = json.loads(file.read_text())
    return found


def rows(path: Path, statement: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(statement).fetchall()


def put_in_place(copy: Path, path: Path) -> None:
    for side in ("-wal", "-shm"):
        Path(f"{path}{side}").unlink(missing_ok=True)
    shutil.copyfile(copy, path)


def restored(path: Path, folder: Path, tmp_path: Path) -> Path:
    """A copy of the ledger after one call, which was restored after another one."""
    append(path, folder, 200, seal=True)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    append(path, folder, 201, seal=True)
    anchors = FileAnchors(folder)
    restore(copy, path, compare(copy, path), SEALER, who="ada", reason="a test", anchors=anchors)
    anchors.close()
    return copy


def sql(path: Path, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(statement, values)


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("sealed", [True, False])
def test_a_forged_word_of_a_restore_makes_no_older_copy_the_newest(
    path: Path, folder: Path, tmp_path: Path, sealed: bool
) -> None:
    append(path, folder, 200)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    for number in (201, 202):
        append(path, folder, number, seal=sealed)
    last = known(path, folder)
    put_in_place(copy, path)
    with pytest.raises(LedgerRefused, match="older copy"):
        append(path, folder, 203)
    body = {"at": "9999-01-01T00:00:00.000Z", "copy": 0, "seq": 999_999, "who": "", "reason": "", "head": "00" * 32}
    sql(path, "UPDATE events SET kind = 'restored', row = NULL, body = ? WHERE seq = 3", json.dumps(body))
    with pytest.raises(LedgerRefused, match="older copy"):
        append(path, folder, 203)
    assert known(path, folder) == last


@pytest.mark.promise("older-copy-refused")
def test_a_restore_is_believed_by_what_it_wrote_outside_and_only_for_the_file_that_it_made(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    copy = restored(path, folder, tmp_path)
    append(path, folder, 202)
    file = given_up.file_of(folder, place_of(path).ledger)
    assert swapped(path, folder, SEALER) is None
    assert "older copy" in (swapped(copy, folder, SEALER) or "")
    lines = file.read_text()
    assert swapped(path, folder, Sealer(b"x" * 32)) is not None, "a line holds under its own master key alone"
    file.write_text(lines.replace('"copy": ', '"copy": -'))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(given_up, "told_in", lambda _: False)
        assert swapped(path, folder, SEALER) is not None, "a line that was changed counts for nothing"


@pytest.mark.promise("older-copy-refused")
def test_a_restore_of_before_it_was_told_outside_is_believed_once_all_of_it_verifies(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    restored(path, folder, tmp_path)
    file = given_up.file_of(folder, place_of(path).ledger)
    file.unlink()
    altered = tmp_path / "altered.db"
    copy_whole(path, altered)
    sql(altered, "UPDATE exchanges SET method = 'other' WHERE id = 1")
    assert swapped(altered, folder, SEALER) is not None
    assert not file.exists()
    assert swapped(path, folder, SEALER) is None
    assert len(given_up.read(folder, place_of(path).ledger, SEALER)) == 1, "it is asked once"


@pytest.fixture
def running(path: Path, folder: Path) -> Iterator[Ledger]:
    """A Douane that goes on writing."""
    ledger = Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=FileAnchors(folder))
    with ledger:
        ledger.append(call(300, "crm", "s", at=1_900_000_000.0))
        yield ledger


def write(ledger: Ledger, number: int) -> None:
    ledger.append(call(number, "crm", "s", at=1_900_000_000.0))


def roll_back(path: Path, copy: Path) -> None:
    """What `.restore` of SQLite's shell does: the pages of another file, into this one, while others have it open."""
    with closing(sqlite3.connect(copy)) as old, closing(sqlite3.connect(path)) as db:
        old.backup(db)


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("again", [False, True])
def test_a_rollback_under_a_running_douane_is_refused(
    path: Path, folder: Path, tmp_path: Path, running: Ledger, again: bool
) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    write(running, 301)
    end = place_of(path).seq
    roll_back(path, copy)
    if again:  # until it is further than before: by somebody who has the key and no anchors
        for number in range(400, 404):
            with Ledger(path, taxonomy="t-1", sealer=SEALER) as other:
                write(other, number)
        assert place_of(path).seq > end
    for number in (302, 303):  # and it is not forgotten by the first refusal
        with pytest.raises(LedgerRefused, match="older copy"):
            write(running, number)
    roll_back(path, copy)
    with pytest.raises(LedgerRefused, match="`douane restore`"):
        write(running, 304)


@pytest.mark.promise("older-copy-refused")
def test_another_file_in_the_place_of_one_that_is_written_is_refused(
    path: Path, tmp_path: Path, running: Ledger
) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    copy.replace(path)
    with pytest.raises(LedgerRefused, match="another file was put in the ledger's place"):
        write(running, 301)


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize(
    "broken",
    [
        "ALTER TABLE segments DROP COLUMN taxonomy",
        "DROP TABLE segments",
        "ALTER TABLE chain RENAME COLUMN created_at TO made",
    ],
)
def test_an_older_copy_that_cannot_be_held_to_its_anchors_is_refused_by_who_runs_and_by_who_starts(
    path: Path, folder: Path, tmp_path: Path, broken: str
) -> None:
    copy = tmp_path / "copy.db"
    anchors = FileAnchors(folder)
    with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
        write(ledger, 200)
        ledger.seal()
        copy_whole(path, copy)
        write(ledger, 201)
        anchors.close()
        last = known(path, folder)
        sql(copy, broken)
        roll_back(path, copy)
        with pytest.raises(LedgerRefused):
            write(ledger, 202)
    for kept in (anchors, FileAnchors(folder)):  # opened again by the one that was refused, and by another
        with pytest.raises(LedgerRefused), Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=kept) as ledger:
            write(ledger, 203)
        kept.close()
    assert "cannot be held to its anchors" in (swapped(path, folder, SEALER) or "")
    assert last_line(folder)["seq"] == last


@pytest.mark.promise("older-copy-refused")
def test_who_was_refused_and_opens_the_file_again_holds_it_to_what_no_anchor_has(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    anchors = FileAnchors(folder, monotonic=lambda: 0.0)  # the last standing waits for a second that never comes
    with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
        write(ledger, 200)
        copy_whole(path, copy)
        write(ledger, 201)
        roll_back(path, copy)
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as other:  # who has the key and no anchors
        for number in range(400, 404):
            write(other, number)
    with (
        pytest.raises(LedgerRefused, match="another history"),
        Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger,
    ):
        write(ledger, 202)


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("further", [False, True])
def test_who_runs_notices_that_others_were_further_than_the_copy_that_looks_like_its_own(
    path: Path, folder: Path, tmp_path: Path, running: Ledger, further: bool
) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)  # as the one that runs left it
    for number in (400, 401):
        append(path, folder, number)
    last = last_line(folder)
    roll_back(path, copy)
    if further:
        with Ledger(path, taxonomy="t-1", sealer=SEALER) as other:
            for number in range(500, 504):
                write(other, number)
    for number in (301, 302):
        with pytest.raises(LedgerRefused, match="another history" if further else "older copy"):
            write(running, number)
    assert last_line(folder) == last


@pytest.mark.promise("older-copy-refused")
def test_another_history_that_borrowed_what_the_ledger_says_of_its_past_is_refused(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    append(path, folder, 200)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    append(path, folder, 201)
    with Ledger(copy, taxonomy="t-1", sealer=SEALER) as other:  # a copy elsewhere: it moves no anchor
        for number in range(400, 404):
            write(other, number)
    leaves = rows(path, "SELECT leaf, seq FROM events")
    with closing(sqlite3.connect(copy, isolation_level=None)) as db:
        db.executemany("UPDATE events SET leaf = ? WHERE seq = ?", leaves)
    put_in_place(copy, path)
    with pytest.raises(LedgerRefused, match="another history"):
        append(path, folder, 202)


@pytest.mark.promise("older-copy-refused")
def test_of_an_older_copy_a_purge_does_not_even_say_that_nothing_is_over(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    append(path, folder, 200)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    append(path, folder, 201)
    put_in_place(copy, path)
    with (
        pytest.raises(LedgerRefused, match="older copy"),
        Purge(path, SEALER, Policy(), who="a test", anchors=FileAnchors(folder)) as work,
    ):
        work.step()


@pytest.mark.promise("older-copy-refused")
def test_one_damaged_line_loses_no_other_anchor_and_is_told_with_the_remedy(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    append(path, folder, 200, seal=True)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    for number in (201, 202):
        append(path, folder, number, seal=True)
    ledger_number = place_of(path).ledger
    lines, head = folder / f"{ledger_number}.jsonl", folder / f"{ledger_number}.head"
    lines.write_bytes(b"\xff no line at all\n" + lines.read_bytes())
    anchors = FileAnchors(folder)
    with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
        write(ledger, 203)
        assert [(one.what, one.error) for one in anchors.failures()] == [
            ("file", f"line 1 of {lines.name} is no anchor; take that line out, or put the file back from a copy")
        ]
        write(ledger, 204)
        assert anchors.failures() == [], "it is told once"
    for left in (head, lines):  # each holds without the other
        kept = left.read_bytes()
        left.unlink()
        assert "older copy" in (swapped(copy, folder, SEALER) or "")
        left.write_bytes(kept)


def test_what_others_append_in_between_is_followed(path: Path, folder: Path, running: Ledger) -> None:
    for number in (301, 302):
        with writing(path, SEALER, anchors=FileAnchors(folder)) as (_, chain):
            chain.tell("access", {"at": "2026-01-01T00:00:00.000Z", "who": "ada", "role": "dpo", "what": "a test"})
        write(running, number)
    assert place_of(path).seq == known(path, folder) or known(path, folder) > 0
