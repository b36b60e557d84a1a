"""The spool's files: for their owner only, given back to the disk, overwritten, and safe with several processes."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from spooled import MASTER, put

from douane.ledger.record import Record
from douane.ledger.spool import Spool


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path):
    with Spool(path, MASTER) as made:
        yield made


@pytest.mark.promise("owner-only")
def test_only_the_owner_can_read_the_files(tmp_path):
    path = tmp_path / "data" / "spool.db"
    old = os.umask(0)
    try:
        with Spool(path, MASTER) as spool:
            put(spool)
            modes = {file.name: file.stat().st_mode & 0o777 for file in path.parent.iterdir()}
    finally:
        os.umask(old)
    assert modes == {"spool.db": 0o600, "spool.db-wal": 0o600, "spool.db-shm": 0o600}
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_open_to_others_is_closed_to_them(path, spool):
    path.chmod(0o666)
    with Spool(path, MASTER):
        assert path.stat().st_mode & 0o777 == 0o600


def test_an_emptied_spool_gives_its_disk_space_and_its_bytes_back(path, spool):
    for _ in range(400):
        put(spool, os.urandom(5000))
    sealed = path.parent.joinpath("spool.db-wal").read_bytes()[-3000:-2000]
    spool.checkpoint()
    spool.delete(range(1, 401))
    assert spool.tidy()
    assert path.stat().st_size < 100_000
    assert path.parent.joinpath("spool.db-wal").stat().st_size == 0
    assert sealed not in path.read_bytes()
    put(spool)
    assert spool.take()[0].id == 401


@pytest.mark.promise("fifteen-minutes")
def test_what_was_destroyed_leaves_the_wal_though_something_still_waits(path, spool):
    for _ in range(50):
        put(spool, os.urandom(5000))
    sealed = path.parent.joinpath("spool.db-wal").read_bytes()[-3000:-2000]
    spool.delete(range(1, 50))
    spool.delete([50])
    put(spool)
    assert spool.tidy()
    assert path.parent.joinpath("spool.db-wal").stat().st_size == 0
    assert sealed not in path.read_bytes()
    assert [record.id for record in spool.take()] == [51]


@pytest.mark.promise("fifteen-minutes")
def test_deleted_bytes_are_overwritten_in_the_database(path, spool):
    put(spool, bytes(3000))
    put(spool)
    spool.checkpoint()
    with sqlite3.connect(path) as db:
        sealed = db.execute("SELECT sealed FROM records WHERE id = 1").fetchone()[0]
    db.close()
    assert sealed[100:900] in path.read_bytes()
    spool.delete([1])
    spool.checkpoint()
    assert sealed[100:900] not in path.read_bytes()


WRITER = """
import sys
from pathlib import Path
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool
with Spool(Path(sys.argv[1]), b"spool master for the tests only!") as spool:
    print("ready", flush=True)
    n = 0
    while True:
        print(spool.put(RecordKind.PIECE, "a", "f", n, 1.0, {"n": n}, bytes(n % 9000)), flush=True)
        n += 1
"""


@pytest.mark.recovery
def test_every_uid_that_a_killed_writer_printed_is_there(path):
    printed: list[str] = []
    dice = random.Random(7)
    for _ in range(12):
        with subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE) as writer:
            lines = [writer.stdout.readline()]
            until = time.monotonic() + dice.uniform(0, 0.15)
            while time.monotonic() < until:
                lines.append(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            lines += writer.stdout.readlines()
        printed += [line.decode().strip() for line in lines[1:] if line.endswith(b"\n")]
    with Spool(path, MASTER) as spool:
        found: dict[str, Record] = {}
        last = 0
        while records := spool.take(last):
            last = records[-1].id
            found |= {record.uid: record for record in records}
    assert len(printed) > 50
    assert set(printed) <= set(found)
    assert all(isinstance(record, Record) and record.body == bytes(record.seq % 9000) for record in found.values())


READER = """
import sys, time
from pathlib import Path
from douane.ledger.spool import Spool
with Spool(Path(sys.argv[1]), b"spool master for the tests only!") as spool:
    print("ready", flush=True)
    taken = 0
    while taken < int(sys.argv[2]):
        records = spool.take()
        spool.delete(record.id for record in records)
        taken += len(records)
        spool.checkpoint()
    print(taken, flush=True)
"""


@pytest.mark.recovery
def test_a_reader_at_full_speed_neither_loses_records_nor_stops_the_writer(path, spool):
    wanted = 1500
    with subprocess.Popen([sys.executable, "-c", READER, str(path), str(wanted)], stdout=subprocess.PIPE) as reader:
        assert reader.stdout.readline() == b"ready\n"
        for number in range(wanted):
            put(spool, bytes(2000), seq=number)  # it raises where the reader keeps the file to itself for too long
        assert reader.stdout.readline() == b"1500\n"
    assert spool.take() == []
