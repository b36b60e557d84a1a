import json
import sqlite3
import stat
import threading
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path

import pytest
from aged import DAY, MASTER, SECOND, Years, call, fill, person

from douane.ledger.anchors import FileAnchors, files_of
from douane.ledger.backup import Comparison, Place, compare, copy_whole, place_of, restore
from douane.ledger.erase import erase, find
from douane.ledger.portable import checked
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.purge import Purge
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.retention import Policy
from douane.ledger.sealing import Closed, GivenUp, Sealer, Standing
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_anchors import Anchor, read_anchors
from douane.ledger.verify_words import Word

SEALER = Sealer(MASTER)


class Kept:
    """Anchors in memory."""

    def __init__(self) -> None:
        self.last: Standing | None = None

    def doubt(self, file: str, sealer: Sealer | None, ledger: str, *, again: bool = False) -> str | None:
        return None

    def moved(self, ledger: str) -> bool:
        return False

    def saw(self, standing: Standing) -> None:
        pass

    def missed(self, file: str) -> str | None:
        return None

    def others(self, file: str, ledger: str) -> list[Standing]:
        return []

    def gave_way(self, other: Standing) -> None:
        pass

    def gave_up(self, given: GivenUp, sealer: Sealer) -> None:
        pass

    def stands(self, standing: Standing) -> None:
        self.last = standing

    def closed(self, closed: Closed) -> None:
        pass


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "douane.db"
    fill(path, Years(time.time() - 3 * 3600), hours=2, calls=4)  # what is written next is no clock that went back
    return path


def more(path: Path, first: int = 100, count: int = 3) -> None:
    with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
        for number in range(first, first + count):
            ledger.append(call(number, "crm", f"s-{number}", at=1_900_000_000.0))
        ledger.seal()


def word(path: Path, *anchors: Anchor) -> Word:
    return verify(path, sealer=SEALER, anchors=anchors, children=0).word


def ask(path: Path, sql: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def anchor_of(path: Path) -> Anchor:
    place = place_of(path)
    return Anchor(place.ledger, place.seq, place.head, "2026-01-01T00:00:00.000Z")


@pytest.mark.promise("backup-while-running")
def test_a_backup_is_whole_private_and_of_one_moment_while_the_ledger_is_written(path: Path, tmp_path: Path) -> None:
    stop = threading.Event()

    def write() -> None:
        with Ledger(path, taxonomy="t-1", sealer=SEALER) as ledger:
            number = 1000
            while not stop.is_set():
                ledger.append(call(number, "crm", "s", at=1_900_000_000.0))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        copies = [tmp_path / f"copy{number}.db" for number in range(5)]
        for copy in copies:
            copy_whole(path, copy)
    finally:
        stop.set()
        writer.join()
    assert [word(copy) for copy in copies] == [Word.INTACT] * 5
    assert {stat.S_IMODE(copy.stat().st_mode) for copy in copies} == {0o600}
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(["data", *(copy.name for copy in copies)])


def test_a_backup_never_replaces_a_file(path: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.db"
    there.write_bytes(b"something else")
    with pytest.raises(FileExistsError):
        copy_whole(path, there)
    assert there.read_bytes() == b"something else"


def test_a_copy_that_does_not_pass_gets_no_name(path: Path, tmp_path: Path) -> None:
    def refuse(_: Path) -> None:
        raise LedgerRefused("no")

    with pytest.raises(LedgerRefused):
        copy_whole(path, tmp_path / "copy.db", refuse)
    assert [file.name for file in tmp_path.iterdir()] == ["data"]


def test_an_older_copy_is_known_as_one_by_the_file_and_by_the_anchor(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    old = copy_whole(path, copy)
    more(path)
    now = place_of(path)
    found = compare(copy, path)
    assert (found.copy, found.latest, found.missing, found.older) == (old, now, now.seq - old.seq, True)
    assert found.kinds == {"exchange": 3, "gap": 3, "outcome": 3}
    path.unlink()
    anchor = Place(now.ledger, now.seq, now.head)
    assert compare(copy, path, anchor) == Comparison(old, anchor, now.seq - old.seq)
    assert not compare(copy, path).older


def test_the_present_ledger_is_no_older_copy(path: Path, tmp_path: Path) -> None:
    place = copy_whole(path, tmp_path / "copy.db")
    assert compare(tmp_path / "copy.db", path) == Comparison(place, place, 0)


def test_another_ledger_or_another_history_is_refused(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.db"
    fill(other, Years(), hours=1, calls=1)
    with pytest.raises(LedgerRefused, match="another ledger"):
        compare(other, path)
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    more(copy, first=500)
    more(path, first=100)
    more(path, first=200)
    with pytest.raises(LedgerRefused, match="another history"):
        compare(copy, path)


@pytest.mark.promise("older-copy-told")
def test_a_restored_copy_says_what_it_lacks_and_both_anchors_hold(path: Path, tmp_path: Path) -> None:
    copy, kept = tmp_path / "copy.db", Kept()
    old = copy_whole(path, copy)
    between = anchor_of(path)
    more(path)
    left = anchor_of(path)
    aside = restore(copy, path, compare(copy, path), SEALER, who="ada", reason="the disk broke", anchors=kept)
    assert aside is not None
    assert word(aside, left) == Word.INTACT
    (body,) = [json.loads(body) for (body,) in ask(path, "SELECT body FROM events WHERE kind = 'restored'")]
    assert {key: body[key] for key in ("who", "reason", "copy", "seq", "head")} == {
        "who": "ada", "reason": "the disk broke", "copy": old.seq, "seq": left.seq, "head": left.head.hex(),
    }  # fmt: skip
    assert word(path, between, left) == Word.INTACT
    assert kept.last is not None
    assert (kept.last.seq, kept.last.file) == (old.seq + 1, str(path))
    more(path, first=700)
    assert word(path, between, left, anchor_of(path)) == Word.INTACT
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_word_in_the_chain_an_older_copy_is_told_by_its_anchor(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    more(path)
    assert word(copy, anchor_of(path)) == Word.TRUNCATED


@pytest.mark.promise("older-copy-told")
def test_nobody_who_was_erased_comes_back(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    mail = ("user.contact.email", person(2))
    with closing(open_ledger(path)) as db:
        found = find(db, Pseudonymiser(MASTER), [mail])
    erase(path, SEALER, found, who="ada")
    restore(copy, path, compare(copy, path), SEALER, who="ada", reason="a test")
    with closing(open_ledger(path)) as db:
        assert find(db, Pseudonymiser(MASTER), [mail]).direct == ()
    assert word(path) == Word.ERASED
    digest = Pseudonymiser(MASTER).look_up(mail[1], mail[0], [("crm", 1)])[0].digest
    assert digest.encode() not in path.read_bytes()


def test_a_journal_that_is_left_is_never_read_into_the_copy(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    found = compare(copy, path)
    path.write_bytes(b"a broken disk" * 1000)
    wal = Path(f"{path}-wal")
    wal.write_bytes(b"what was left of a journal" * 1000)
    aside = restore(copy, path, found, SEALER, who="ada", reason="a test")
    assert not wal.exists()
    assert aside is not None
    assert aside.read_bytes() == b"a broken disk" * 1000
    assert word(path) == Word.INTACT


def test_without_the_key_nothing_is_restored(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    copy_whole(path, copy)
    more(path)
    before = path.read_bytes()
    with pytest.raises(LedgerRefused):
        restore(copy, path, compare(copy, path), Sealer(b"x" * 32), who="ada", reason="a test")
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir() if file.name.startswith((".", "douane.db."))] == []


def test_both_verifiers_take_a_restored_copy_for_what_it_is_whatever_the_clock_says(path: Path, tmp_path: Path) -> None:
    copy, folder = tmp_path / "copy.db", tmp_path / "anchors"
    key = tmp_path / "master.key"
    key.write_bytes(b64encode(MASTER))

    def anchored(number: int) -> None:
        anchors = FileAnchors(folder)
        with Ledger(path, taxonomy="t-1", sealer=SEALER, anchors=anchors) as ledger:
            ledger.append(call(number, "crm", "s", at=1_900_000_000.0))
            ledger.seal()
        anchors.close()

    anchored(900)
    copy_whole(path, copy)
    anchored(901)
    anchored(902)
    anchors = FileAnchors(folder)
    restore(copy, path, compare(copy, path), SEALER, who="ada", reason="a test", anchors=anchors)
    anchors.close()
    anchored(903)
    files = files_of(folder, place_of(path).ledger)
    known = [one for file in files for one in read_anchors(file.read_text(), str(file))]
    assert len(known) >= 5
    assert SECOND.verify(path, key, files).word == "INTACT"
    assert verify(path, sealer=SEALER, anchors=known, children=0).word == "INTACT"
    clock = Years()
    clock.now += 400 * DAY
    with Purge(path, SEALER, Policy(), who="a test", clock=clock) as work:
        while work.step():
            pass
    assert SECOND.verify(path, key, files).word == "PURGED-BY-POLICY"
    assert verify(path, sealer=SEALER, anchors=known, children=0).word == "PURGED-BY-POLICY"


@pytest.mark.promise("restore-believes-nothing-altered")
def test_what_an_altered_ledger_says_was_erased_is_not_erased_in_the_copy(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    old = copy_whole(path, copy)
    more(path)
    anchor = place_of(path)
    body = '{"at":"2026-01-01T00:00:00.000Z","disclosures":[1],"exchanges":[1,2],"who":"x"}'
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("INSERT INTO events VALUES (?, 'erased', NULL, ?, zeroblob(32))", (anchor.seq + 1, body))
        db.execute("UPDATE chain SET seq = seq + 1")
    found = compare(copy, path, anchor, SEALER)
    assert (found.erased, found.latest, found.missing) == (((), ()), anchor, anchor.seq - old.seq)
    assert "does not verify: ALTERED at" in found.doubted
    restore(copy, path, found, SEALER, who="ada", reason="somebody changed it")
    assert word(path) == Word.INTACT
    assert ask(path, "SELECT count(*) FROM exchanges WHERE nonce IS NULL") == [(0,)]


@pytest.mark.promise("older-copy-told")
def test_a_copy_that_is_changed_after_it_was_looked_at_is_not_restored(path: Path, tmp_path: Path) -> None:
    copy, other = tmp_path / "copy.db", tmp_path / "other.db"
    copy_whole(path, other)
    more(path)
    copy_whole(path, copy)
    found, whole = compare(copy, path), path.read_bytes()
    other.replace(copy)
    with pytest.raises(LedgerRefused, match="is not the copy any more that was compared"):
        restore(copy, path, found, SEALER, who="ada", reason="a test")
    found = compare(copy, path)
    do(copy, "UPDATE exchanges SET outcome = 'failed'")
    with pytest.raises(LedgerRefused, match="does not verify"):
        restore(copy, path, found, SEALER, who="ada", reason="a test", check=lambda draft: checked(draft, SEALER))
    assert path.read_bytes() == whole
    assert {file.name for file in path.parent.iterdir()} <= {f"douane.db{side}" for side in ("", "-wal", "-shm")}


def do(path: Path, sql: str) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute(sql)
