"""The file itself: what stands in it and in no page, and that verifying leaves nothing beside it."""

import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from aged import SECOND
from attacking import Attacked, image, said
from chained import START, history

from douane.ledger.peeking import digest
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.verify import verify
from douane.ledger.verify_bytes import check_bytes
from douane.ledger.verify_file import opened
from douane.ledger.verify_words import Places


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("attacked")
    return Attacked(history(folder, random.Random(3), steps=1), folder)


@pytest.mark.promise("nothing-kept-beside")
@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (lambda raw: raw + b"ada@example.org" * 600, "file"),
        (lambda raw: raw + b"\0", "file"),
        (lambda raw: raw[:72] + b"kept a pseudonym 000" + raw[92:], "header"),
        (lambda raw: raw[:91] + b"\1" + raw[92:], "header"),
        (lambda raw: raw[:60] + b"kept" + raw[64:], "header"),
        (lambda raw: raw[:68] + b"kept" + raw[72:], "header"),
    ],
)
def test_what_is_kept_in_no_page_is_named_by_both(
    attacked: Attacked, spoil: Callable[[bytes], bytes], named: str
) -> None:
    attacked.path.write_bytes(spoil(attacked.bytes))
    assert attacked.of(attacked.path, anchored=True).word == "ALTERED"
    assert ("bytes", named) in [(one.what, one.table) for one in verify(attacked.path, children=0).found]
    assert named in [one.where for one in SECOND.verify(attacked.path).findings]


@pytest.mark.promise("nothing-kept-beside")
def test_a_journal_that_holds_something_is_not_taken_for_bytes_in_no_page(attacked: Attacked, tmp_path: Path) -> None:
    path, sealer = tmp_path / "live.db", Sealer(attacked.ledger.master)
    path.write_bytes(attacked.bytes)
    with Ledger(path, taxonomy="tax/1", sealer=sealer, clock=lambda: START + 90_000) as ledger:
        for number in range(40):
            ledger.add_app(f"app {number} {'x' * 900}", at=START + 90_000)
        journal = tmp_path / "live.db-wal"
        assert journal.stat().st_size
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            assert db.execute("PRAGMA page_count").fetchone()[0] * 4096 > path.stat().st_size
        assert said(path, attacked.ledger, []).word == "INTACT"
    assert not journal.exists()
    assert said(path, attacked.ledger, []).word == "INTACT"


@pytest.mark.promise("verify-changes-nothing")
@pytest.mark.parametrize("children", [0, 2])
def test_verifying_leaves_nothing_beside_the_file_and_changes_nothing(
    attacked: Attacked, tmp_path: Path, children: int
) -> None:
    path = tmp_path / "copy.db"
    shutil.copy(attacked.ledger.path, path)
    with closing(sqlite3.connect(path)) as db:  # a copy as Douane leaves one: in WAL mode, without a journal
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    before = path.read_bytes()
    assert verify(path, children=children).word == SECOND.verify(path).word == "INTACT"
    assert [one.name for one in tmp_path.iterdir()] == [path.name]
    assert path.read_bytes() == before


def test_no_writer_that_ends_takes_the_snapshot_from_who_looked_at_the_bytes(
    attacked: Attacked, tmp_path: Path
) -> None:
    sums = "SELECT count(*), max(version) FROM runs"
    write = (
        "import sqlite3, sys; db = sqlite3.connect(sys.argv[1], isolation_level=None);"
        "db.execute('UPDATE runs SET version = ?', (sys.argv[2],)); db.close()"
    )

    def first(db: sqlite3.Connection, path: Path) -> None:
        check_bytes(db, path, Places())
        digest(path)

    def second(db: sqlite3.Connection, path: Path) -> None:
        SECOND.Check(db, [], []).look_at_bytes(path)
        SECOND.digest_of(path)

    for number, look in enumerate((first, second)):
        path = tmp_path / f"{number}.db"
        shutil.copy(attacked.ledger.path, path)
        with closing(sqlite3.connect(path, isolation_level=None)) as writer:
            writer.execute("PRAGMA journal_mode = wal")
            writer.execute("UPDATE runs SET version = 'one'")
            db = opened(path)
        with closing(db):
            db.execute("BEGIN")
            before = db.execute(sums).fetchone()
            look(db, path)
            subprocess.run([sys.executable, "-I", "-S", "-c", write, str(path), "two"], check=True, timeout=60)
            assert Path(f"{path}-wal").stat().st_size, "the writer could not take the last reader for gone"
            assert db.execute(sums).fetchone() == before
            db.execute("ROLLBACK")
            assert db.execute(sums).fetchone() != before


def test_a_ledger_that_is_written_to_meanwhile_is_verified_again(attacked: Attacked, tmp_path: Path) -> None:
    path, told = tmp_path / "live.db", []
    shutil.copy(attacked.ledger.path, path)
    sealer = Sealer(attacked.ledger.master)

    def meanwhile(done: int, total: int) -> None:
        if told:
            return
        told.append((done, total))
        with Ledger(path, taxonomy="tax/1", sealer=sealer, clock=lambda: START + 90_000) as ledger:
            ledger.add_app("a new one", at=START + 90_000)

    found = verify(path, sealer=sealer, progress=meanwhile, children=0)
    with closing(sqlite3.connect(path)) as db:
        (seq,) = db.execute("SELECT seq FROM chain").fetchone()
    assert (found.word, found.seq, len(told)) == ("INTACT", seq, 1)
    assert image(path)
