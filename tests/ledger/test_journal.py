"""What a damaged journal lost is counted, whatever byte of it changed, and a whole one lost nothing."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from douane.ledger.journal import JournalUnread, lost
from douane.ledger.spool import Spool

MASTER = bytes(32)
WRITER = """
import os, signal, sys
from pathlib import Path
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool
spool = Spool(Path(sys.argv[1]), bytes(32))
for number in range(20):
    spool.put(RecordKind.REQUEST, "a", "f", number, 1.0, {}, bytes(3000))
if sys.argv[2] == "halfway":
    spool._db.execute("PRAGMA cache_size = 2")
    spool._db.execute("BEGIN")
    spool._db.execute("UPDATE records SET attempts = attempts + 1")
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The spool of a process that was killed, its journal still beside it."""
    path = tmp_path_factory.mktemp("killed") / "spool.db"
    subprocess.run([sys.executable, "-c", WRITER, str(path), ""], check=False, timeout=60)
    assert Path(f"{path}-wal").stat().st_size > 100_000
    return path


def copy(killed: Path, folder: Path, at: int | None, length: int | None = None) -> Path:
    """The same files with one byte of the journal changed, and cut off after so many bytes."""
    database = folder / "spool.db"
    database.write_bytes(killed.read_bytes())
    journal = bytearray(Path(f"{killed}-wal").read_bytes()[:length])
    if at is not None:
        journal[at] ^= 0x41
    Path(f"{database}-wal").write_bytes(journal)
    return database


def left(database: Path) -> int:
    with Spool(database, MASTER) as spool:
        return len(spool.take())


def test_a_whole_journal_lost_nothing(killed: Path, tmp_path: Path) -> None:
    database = copy(killed, tmp_path, None)
    assert (lost(database), left(database)) == (0, 20)


@pytest.mark.promise("journal-told")
@pytest.mark.parametrize("at", [0, 9, 13, 17, 25, 33, 41, 50, 70, 1000, 40_000, 77_777, -1, -3000])
def test_each_record_that_is_gone_is_counted_once(at: int, killed: Path, tmp_path: Path) -> None:
    database = copy(killed, tmp_path, at)
    found = lost(database)
    gone = 20 - left(database)
    assert gone >= 1
    assert gone <= found <= gone + 2  # the schema and the first block of ids are transactions too
    assert lost(database) == 0


def test_what_was_never_committed_is_not_lost(tmp_path: Path) -> None:
    database = tmp_path / "spool.db"
    subprocess.run([sys.executable, "-c", WRITER, str(database), "halfway"], check=False, timeout=60)
    assert (lost(database), left(database)) == (0, 20)


def test_files_that_are_not_there_lost_nothing(tmp_path: Path) -> None:
    assert lost(tmp_path / "spool.db") == 0
    (tmp_path / "spool.db").write_bytes(b"")
    assert lost(tmp_path / "spool.db") == 0
    (tmp_path / "spool.db-wal").write_bytes(b"short")
    assert lost(tmp_path / "spool.db") == 0


def test_a_journal_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"")
    (tmp_path / "spool.db-wal").mkdir()
    with pytest.raises(JournalUnread, match="Is a directory"):
        lost(tmp_path / "spool.db")


def test_a_spool_whose_maker_died_before_its_first_commit_is_used(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "spool.db") as db:
        db.execute("PRAGMA journal_mode = WAL").close()
    db.close()
    assert (tmp_path / "spool.db").stat().st_size > 0
    assert left(tmp_path / "spool.db") == 0
