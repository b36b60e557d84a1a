import json
import sqlite3
import subprocess
import sys
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from spooled import MASTER, put

from douane.ledger.record import Record, RecordKind
from douane.ledger.spool import Expired, Spool, SpoolFailed, SpoolFull, SpoolSize, Unreadable


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.db"


@pytest.fixture
def spool(path):
    with Spool(path, MASTER) as made:
        yield made


def test_a_record_comes_back_as_it_was_put(spool):
    meta = {"method": "POST", "headers": [["accept", "*/*"]], "odd": "\ud800 é"}
    uid = spool.put(RecordKind.ANSWER, "médical", "f-1", 7, 1700000000.25, meta, b"\x00\xffbody")
    assert spool.take() == [
        Record(1, uid, "médical", "f-1", RecordKind.ANSWER, 7, 1700000000.25, meta, b"\x00\xffbody", 0)
    ]
    assert uid == f"{spool.uuid[:12]}-1"


def test_meta_may_come_as_its_json_bytes(spool):
    put(spool, meta=b'{"a": [1]}')
    assert spool.take()[0].meta == {"a": [1]}


def test_records_come_in_the_order_of_their_ids_from_after_one(spool):
    for number in range(5):
        put(spool, str(number).encode())
    assert [record.body for record in spool.take(2, 2)] == [b"2", b"3"]
    assert [record.id for record in spool.take()] == [1, 2, 3, 4, 5]


def test_taking_stops_at_a_size_but_never_takes_nothing(spool):
    for _ in range(4):
        put(spool, bytes(10_000))
    assert len(spool.take(max_bytes=1)) == 1
    assert len(spool.take(max_bytes=15_000)) == 2


def test_a_deleted_record_is_gone_and_its_id_is_never_given_again(path, spool):
    for _ in range(20):
        put(spool)
    spool.delete(range(1, 100))
    assert spool.take() == []
    with Spool(path, MASTER) as again:
        put(again)
        assert again.take()[0].id > 20


def test_attempts_are_counted(spool):
    put(spool)
    put(spool)
    spool.bump(1)
    spool.bump([1, 2])
    assert [record.attempts for record in spool.take()] == [2, 1]


def test_old_records_are_listed_then_destroyed(spool):
    uid = put(spool, b"old", at=10.0, flow="f9", seq=3, kind=RecordKind.PIECE)
    put(spool, b"new", at=20.0)
    expected = [Expired(1, uid, "travel", "f9", "piece", 3, 10.0, 3)]
    assert spool.expired(15.0) == expected
    assert len(spool.take()) == 2
    assert spool.expire(15.0) == expected
    assert [record.body for record in spool.take()] == [b"new"]
    assert spool.expire(15.0) == []


def test_the_size_says_what_waits(spool):
    empty = spool.size()
    put(spool, bytes(50_000), at=3.0)
    put(spool, at=2.0)
    found = spool.size()
    assert (empty.records, empty.oldest) == (0, None)
    assert found == SpoolSize(2, found.used_bytes, 2.0)
    assert 45_000 < found.used_bytes - empty.used_bytes < 80_000


def test_a_reader_sees_that_a_writer_committed(path, spool):
    with Spool(path, MASTER) as reader:
        assert reader.changed()
        assert not reader.changed()
        put(spool)
        assert reader.changed()
        reader.delete([1])
        assert not reader.changed()


def test_two_writers_never_give_the_same_id(path, spool):
    with Spool(path, MASTER) as other:
        uids = [put(one) for _ in range(5) for one in (spool, other)]
    assert len(set(uids)) == 10
    assert len(spool.take()) == 10


# sealing


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    app=st.text(st.characters(codec="utf-8"), max_size=20),
    flow=st.text(st.characters(codec="utf-8"), max_size=20),
    kind=st.sampled_from(RecordKind),
    seq=st.integers(0, 2**62),
    at=st.floats(0, 1e10),
    meta=st.dictionaries(st.text(max_size=5), st.one_of(st.none(), st.integers(), st.text(max_size=9)), max_size=4),
    body=st.binary(max_size=300),
)
def test_whatever_is_sealed_is_unsealed(spool, app, flow, kind, seq, at, meta, body):
    uid = spool.put(kind, app, flow, seq, at, meta, body)
    row = int(uid.rpartition("-")[2])
    assert spool.take(row - 1, 1) == [Record(row, uid, app, flow, kind, seq, at, meta, body)]


@pytest.mark.promise("spool-sealed")
def test_nothing_of_a_record_can_be_read_in_the_files(path, spool):
    put(spool, b"camille.durand@example.org", meta={"target": "/canary-of-the-target"})
    found = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"camille" not in found
    assert b"canary" not in found
    assert b"travel" in found


ALTERATIONS = {
    "sealed": "CAST(x'00' || substr(sealed, 2) AS BLOB)",
    "app": "'other'",
    "flow": "'other'",
    "kind": "'answer'",
    "seq": "seq + 1",
    "at": "at + 1",
    "id": "id + 1000",
}


@pytest.mark.promise("spool-sealed")
@pytest.mark.parametrize("column", ALTERATIONS)
def test_an_altered_record_comes_as_a_value(path, spool, column):
    put(spool, b"body")
    with sqlite3.connect(path) as db:
        db.execute(f"UPDATE records SET {column} = {ALTERATIONS[column]}")
        row = db.execute("SELECT id, app, flow, kind, seq, at, size FROM records").fetchone()
    db.close()
    assert spool.take() == [Unreadable(row[0], f"{spool.uuid[:12]}-{row[0]}", *row[1:])]


@pytest.mark.parametrize("sealed", [b"", b"short", bytes(12), bytes(28)])
def test_a_seal_cut_short_comes_as_a_value(path, spool, sealed):
    put(spool)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE records SET sealed = ?", (sealed,))
    db.close()
    assert [type(record) for record in spool.take()] == [Unreadable]


@pytest.mark.parametrize("column", ["app", "flow", "kind"])
def test_a_column_that_is_not_utf_8_comes_as_a_value(path, spool, column):
    put(spool)
    with sqlite3.connect(path) as db:
        db.execute(f"UPDATE records SET {column} = CAST(x'ff61' AS TEXT)")
    db.close()
    record = spool.take()[0]
    assert isinstance(record, Unreadable)
    assert getattr(record, column) == "\ufffda"


@pytest.mark.promise("spool-sealed")
def test_a_sealed_value_copied_into_another_row_does_not_open(path, spool):
    put(spool, b"one")
    put(spool, b"two")
    with sqlite3.connect(path) as db:
        db.execute("UPDATE records SET sealed = (SELECT sealed FROM records WHERE id = 1)")
    db.close()
    assert [type(record) for record in spool.take()] == [Record, Unreadable]


def test_another_key_opens_nothing_and_keeps_all(path, spool):
    uid = put(spool, b"body")
    with Spool(path, b"another master key for the tests") as other:
        assert other.take() == [Unreadable(1, uid, "travel", "f1", "request", 0, 1.0, 4)]
    assert [record.body for record in spool.take()] == [b"body"]


@pytest.mark.parametrize("meta", [b"[1]", b"{", b"\xff"])
def test_meta_that_is_no_json_object_comes_as_a_value(spool, meta):
    put(spool, meta=meta)
    assert [type(record) for record in spool.take()] == [Unreadable]


# limits and failures


def test_a_full_spool_refuses_and_takes_again_after_a_delete(path):
    with Spool(path, MASTER, limit_bytes=400_000) as spool:
        stored = 0
        with pytest.raises(SpoolFull, match="of 400000 bytes"):  # noqa: PT012 - the put that fails is the last
            for _ in range(1000):
                put(spool, bytes(5000))
                stored += 1
        assert 40 < stored < 80
        assert spool.size().used_bytes <= 400_000
        assert len(spool.take()) == stored
        spool.delete(range(1, 21))
        put(spool, b"again")
        assert spool.take()[-1].body == b"again"


def test_a_record_larger_than_the_limit_is_refused(path):
    with Spool(path, MASTER, limit_bytes=200_000) as spool:
        with pytest.raises(SpoolFull):
            put(spool, bytes(300_000))
        put(spool)
        assert len(spool.take()) == 1


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool, SpoolFailed
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
spool = Spool(Path(sys.argv[1]), b"spool master for the tests only!")
def put():
    return spool.put(RecordKind.REQUEST, "a", "f", 0, 1.0, {}, bytes(5000))
put()
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, hard))
failed = 0
for _ in range(100):
    try:
        put()
    except SpoolFailed as error:
        failed += 1
        text = str(error)
kept = len(spool.take())
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
put()
print(failed, kept, len(spool.take()), text)
"""


def test_a_disk_that_takes_no_more_fails_the_put_and_leaves_no_part_of_it(path):
    answer = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=True, timeout=60
    ).stdout.split(maxsplit=3)
    failed, kept, after = map(int, answer[:3])
    assert failed > 0
    assert (kept, after) == (101 - failed, 102 - failed)
    assert "SQLITE_" in answer[3]


def test_a_writer_waits_for_another_and_gives_up_with_a_failure(path, spool, monkeypatch):
    blocker = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    blocker.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.05, lambda: blocker.execute("COMMIT"))
    timer.start()
    put(spool)
    timer.join()
    monkeypatch.setattr("douane.ledger.spool._BUSY_SECONDS", 0.02)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(SpoolFailed, match="SQLITE_BUSY"):
        put(spool)
    blocker.execute("COMMIT")
    blocker.close()
    put(spool)
    assert len(spool.take()) == 2


@pytest.mark.parametrize(
    "values",
    [{"app": "\ud800"}, {"flow": "\udfff"}, {"seq": 2**64}, {"seq": -(2**70)}],
    ids=["app", "flow", "big", "low"],
)
def test_what_cannot_be_stored_is_a_failure_that_stores_nothing(spool, values):
    with pytest.raises(SpoolFailed):
        put(spool, **values)
    put(spool)
    assert len(spool.take()) == 1


@pytest.mark.parametrize("content", [b"not a database at all, but long enough to look at it twice" * 20, b"PK\x03\x04"])
def test_a_file_that_is_no_spool_is_refused_and_left_alone(path, content):
    path.write_bytes(content)
    with pytest.raises(SpoolFailed):
        Spool(path, MASTER)
    assert path.read_bytes() == content


def test_somebody_elses_database_is_refused(path):
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE records (id)")
    db.close()
    with pytest.raises(SpoolFailed, match="not a Douane spool"):
        Spool(path, MASTER)


def test_a_spool_of_another_version_is_refused(path, spool):
    spool.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 2")
    db.close()
    with pytest.raises(SpoolFailed, match="another Douane version"):
        Spool(path, MASTER)


def test_a_folder_that_cannot_be_made_is_a_failure(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SpoolFailed):
        Spool(tmp_path / "file" / "spool.db", MASTER)


def test_the_format_is_as_documented(path, spool):
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from douane.ledger.keys import derive

    put(spool, b"body", app="é", flow="f", seq=2, at=1.5, meta={"a": 1})
    with sqlite3.connect(path) as db:
        sealed = db.execute("SELECT sealed FROM records").fetchone()[0]
    db.close()
    bound = (
        (1).to_bytes(8, "big") + (2).to_bytes(8, "big") + bytes.fromhex("3ff8000000000000")
        + b"\0\0\0\2\xc3\xa9" + b"\0\0\0\1f" + b"\0\0\0\7request"
    )  # fmt: skip
    plain = AESGCM(derive(MASTER, "spool", spool.uuid)).decrypt(sealed[:12], sealed[12:], bound)
    assert plain == b"\0\0\0\7" + json.dumps({"a": 1}, separators=(",", ":")).encode() + b"body"
