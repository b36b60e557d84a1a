"""A ledger that is not the one which lay there: taken away, emptied, without its chain, another. None begins unseen."""

import errno
import json
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from aged import MASTER, Years, call, fill

import douane.ledger
from douane.ledger.anchors import FileAnchors, files_of, standing_of
from douane.ledger.anew import begin_instead
from douane.ledger.backup import compare, copy_whole, place_of, restore
from douane.ledger.failed import LedgerFailed
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.schema import VERSION, VIEWS
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.swapped import swapped
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import read_anchors
from douane.ledger.verify_words import Unreadable
from douane.ledger.writing import writing

SEALER = Sealer(MASTER)
SECOND = Path(douane.ledger.__file__).parent / "data" / "verify_ledger.py"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "anchors"


@pytest.fixture
def path(tmp_path: Path, folder: Path) -> Path:
    path = tmp_path / "data" / "douane.db"
    fill(path, Years(), hours=1, calls=2)
    append(path, folder, 200)
    return path


def append(path: Path, folder: Path, number: int) -> None:
    """A command of its own, of a process that saw nothing before."""
    anchors = FileAnchors(folder)
    try:
        with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
            ledger.append(call(number, "crm", "s", at=1_900_000_000.0))
    finally:
        anchors.close()


def gone(path: Path) -> None:
    for side in ("", "-wal", "-shm"):
        Path(f"{path}{side}").unlink(missing_ok=True)


def without_chain(path: Path, version: int = 3) -> None:
    """What whoever can write the file needs no key for: its rows falsified, in a ledger of before the chain."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        for view in VIEWS:
            db.execute(f"DROP VIEW IF EXISTS {view}")
        for table in ("events", "chain", "segments", "open_segment"):
            db.execute(f"DROP TABLE {table}")
        for table in ("exchanges", "disclosures"):
            for column in ("commitment", "nonce"):
                db.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        db.execute("UPDATE verdicts SET verdict = 'clear'")
        db.execute("UPDATE disclosures SET headline = 'clear'")
        db.execute("DELETE FROM _sqlite_migrations WHERE name LIKE '0004%'")
        db.execute(f"PRAGMA user_version = {version}")


def both(path: Path, *anchors: Path) -> tuple[tuple[str, str], tuple[str, str]]:
    """The word of each verifier without any key, and what it says besides."""
    found = [one for file in anchors for one in read_anchors(file.read_text(), str(file))]
    first = verify(path, anchors=found)
    named = [word for file in anchors for word in ("--anchor", str(file))]
    done = subprocess.run(
        [sys.executable, str(SECOND), str(path), *named, "--json"], capture_output=True, text=True, timeout=60
    )
    said = json.loads(done.stdout)
    return (first.word.value, " ".join(first.notes)), (said["word"], " ".join(said["remarks"]))


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("what", ["absent", "empty", "no chain", "another's", "no database"])
def test_what_is_not_the_ledger_that_the_anchors_know_there_is_not_begun_on(
    path: Path, folder: Path, tmp_path: Path, what: str
) -> None:
    true = standing_of(folder, place_of(path).ledger)
    assert true is not None
    other = tmp_path / "other" / "douane.db"
    append(other, folder, 1)  # of the same key, with its own anchors in the same folder
    if what == "no chain":
        without_chain(path)
    else:
        gone(path)
    if what == "empty":
        path.touch()
    if what == "no database":
        path.write_text("no database at all")
    if what == "another's":
        copy_whole(other, path)
    before = path.read_bytes() if path.exists() else None
    why = swapped(path, folder, SEALER) or ""
    assert f"knows another ledger at {path}: {true.ledger} up to event {true.seq}" in why
    assert "--new-ledger" in why
    with pytest.raises(LedgerRefused, match="knows another ledger"):
        append(path, folder, 201)
    if what != "another's":  # that one is a whole ledger, opened before it was refused
        assert (path.read_bytes() if path.exists() else None) == before, "nothing was begun"
    assert standing_of(folder, true.ledger) == true
    append(other, folder, 2)


@pytest.mark.parametrize("when", ["opened", "read"])
def test_a_file_that_cannot_be_read_just_now_is_not_told_as_another_ledger(
    path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def fails(*_: object) -> None:
        if when == "opened":
            raise Unreadable("douane.db: cannot be read as a ledger (SQLITE_IOERR)")
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR, "SQLITE_IOERR"
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("douane.ledger.instead.opened" if when == "opened" else "douane.ledger.instead.read_end", fails)
        assert FileAnchors(folder).missed(str(path)) is None
    path.unlink()
    path.mkdir()
    assert FileAnchors(folder).missed(str(path)) is None
    with pytest.raises(LedgerFailed):  # which is tried again, where a refusal ends Douane
        append(path, folder, 201)


@pytest.mark.promise("older-copy-refused")
@pytest.mark.parametrize("what", ["absent", "no chain", "another's"])
def test_a_ledger_takes_anothers_place_knowingly_and_says_so_and_the_anchors_stay(
    path: Path, folder: Path, tmp_path: Path, what: str
) -> None:
    true = standing_of(folder, place_of(path).ledger)
    assert true is not None
    other = tmp_path / "other" / "douane.db"
    append(other, folder, 1)
    if what == "no chain":
        without_chain(path)
    else:
        gone(path)
    if what == "another's":
        copy_whole(other, path)
    (left,) = begin_instead(path, folder, SEALER, who="ada", reason="a new year")
    assert (left.ledger, left.seq, left.head) == (true.ledger, true.seq, true.head)
    assert swapped(path, folder, SEALER) is None
    append(path, folder, 201)
    kept = standing_of(folder, true.ledger)
    assert kept is not None
    assert (kept.seq, kept.head, kept.at, kept.file) == (true.seq, true.head, true.at, None)
    assert begin_instead(path, folder, SEALER, who="ada", reason="again") == [], "it is told once"
    own = files_of(folder, place_of(path).ledger)
    for word, said in both(path, *own):
        assert word == "INTACT"
        assert f"took the place of the ledger {true.ledger}, known up to event {true.seq}, by ada (a new year)" in said
    assert {word for word, _ in both(path, *files_of(folder, true.ledger))} == {"FORKED"}


@pytest.mark.promise("adopted-told")
def test_rows_that_nobody_vouched_for_are_told_with_their_number_by_both_verifiers(path: Path, folder: Path) -> None:
    assert all("vouches" not in said for _, said in both(path))
    without_chain(path)
    with closing(sqlite3.connect(path)) as db:
        tables = [
            *("exchanges", "disclosures", "verdicts", "gaps", "passages", "waivers", "apps", "tools", "declarations"),
            *("runs", "judgements", "keys", "observations", "field_uses"),
        ]
        count = sum(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables)
    begin_instead(path, folder, SEALER, who="ada", reason="an older Douane's")
    for word, said in both(path):
        assert word == "INTACT"
        assert f"{count} rows" in said
        assert "before the chain" in said


def test_a_ledger_that_was_moved_and_written_there_leaves_its_old_place_free(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved" / "douane.db"
    copy_whole(path, moved)
    gone(path)
    append(moved, folder, 201)
    append(path, folder, 1)
    assert place_of(path).ledger != place_of(moved).ledger
    assert all(swapped(one, folder, SEALER) is None for one in (path, moved))


def test_a_restore_that_happened_is_not_told_as_one_that_did_not_where_the_anchors_cannot_be_written(
    path: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, copy = tmp_path / "other" / "douane.db", tmp_path / "copy.db"
    append(other, folder, 1)
    copy_whole(other, copy)
    path.rename(tmp_path / "aside.db")
    gone(path)

    def refuses(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    with monkeypatch.context() as patch:
        patch.setattr(FileAnchors, "gave_way", refuses)
        with pytest.raises(LedgerFailed, match=r"was replaced by the copy, but the anchors .* \(Read-only"):
            restore(copy, path, compare(copy, path), SEALER, who="ada", reason="a test", anchors=FileAnchors(folder))
    assert place_of(path).ledger == place_of(copy).ledger
    assert swapped(path, folder, SEALER) is not None
    assert len(begin_instead(path, folder, SEALER, who="ada", reason="as the message says")) == 1
    assert swapped(path, folder, SEALER) is None


@pytest.mark.promise("older-copy-refused")
def test_the_true_ledger_comes_back_by_a_restore_which_tells_what_lay_there(
    path: Path, folder: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    gone(path)
    begin_instead(path, folder, SEALER, who="ada", reason="a new year")
    append(path, folder, 1)
    new = standing_of(folder, place_of(path).ledger)
    assert new is not None
    with pytest.raises(LedgerRefused, match=r"move .* away first"):
        compare(copy, path)
    path.rename(tmp_path / "aside.db")
    gone(path)
    anchors = FileAnchors(folder)
    with (
        pytest.raises(LedgerRefused, match="knows another ledger"),
        writing(copy_at(copy, path), SEALER, anchors=anchors),
    ):
        pass
    gone(path)
    restore(copy, path, compare(copy, path), SEALER, who="ada", reason="it was the true one", anchors=anchors)
    anchors.close()
    append(path, folder, 202)
    for word, said in both(path, *files_of(folder, place_of(path).ledger)):
        assert word == "INTACT"
        assert f"took the place of the ledger {new.ledger}" in said
    kept = standing_of(folder, new.ledger)
    assert kept is not None
    assert kept.file is None


def copy_at(copy: Path, path: Path) -> Path:
    shutil.copyfile(copy, path)
    return path


def test_a_ledger_whose_chain_was_taken_out_is_no_older_one_and_every_reader_says_the_same(
    path: Path, folder: Path
) -> None:
    without_chain(path, VERSION)
    with pytest.raises(LedgerRefused, match="knows another ledger"):
        append(path, folder, 201)
    with pytest.raises(LedgerRefused, match=r"no table chain.*`douane restore`"):
        append(path, folder / "none", 201)
    with pytest.raises(LedgerRefused, match=r"chain was taken out.*`douane restore`"):
        open_ledger(path)
    with pytest.raises(Unreadable, match=r"chain was taken out.*`douane restore`"):
        verify(path)
    done = subprocess.run([sys.executable, str(SECOND), str(path)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "chain was taken out" in done.stderr
    with pytest.raises(LedgerRefused, match="chain was taken out"):
        begin_instead(path, folder, SEALER, who="ada", reason="a new year")
