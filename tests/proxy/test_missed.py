"""What the spool could not take is counted even when the proxy dies before it recovers."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import pytest

from douane.ledger.record import RecordKind
from douane.ledger.spool import SpoolFailed
from douane.proxy.events import Events
from douane.proxy.missed import SIZE, Missed
from douane.proxy.recorder import Recorder
from douane.proxy.routes import app_from
from douane.proxy.settings import AppSettings

KEY = ("travel", "refused", "body", "the spool could not take it", "to_app", "")
APP = app_from(AppSettings(name="travel", upstream="http://up.example/mcp"), bytes(32))


class Spool:
    def __init__(self, *, fails: bool) -> None:
        self.fails = fails
        self.gaps: list[int] = []

    def put(self, kind: RecordKind, app: str, flow: str, seq: int, at: float, meta: Any, body: bytes) -> str:
        if self.fails:
            raise SpoolFailed("no")
        self.gaps += [meta["count"]] if kind is RecordKind.GAP else []
        return "x"


def recorder(spool: Spool, path: Path) -> Recorder:
    return Recorder(spool, Events(os.open(os.devnull, os.O_WRONLY)), missed=Missed(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "spool.db.missed"


@pytest.mark.promise("counted-if-it-ends")
def test_the_next_proxy_writes_the_gaps_of_one_that_died_and_only_once(path: Path) -> None:
    dying = recorder(Spool(fails=True), path)
    for _ in range(3):
        assert dying.put(APP, RecordKind.REQUEST, "f", {}, b"abc", direction="to_app") is False
    assert Missed(path).read() == {KEY: [3, 9]}
    for expected in ([3], []):
        spool = Spool(fails=False)
        recorder(spool, path).flush()
        assert spool.gaps == expected
    assert Missed(path).read() == {}


@pytest.mark.parametrize(("missed", "said"), [({KEY: [3, 9]}, ["spool-recovered"]), ({}, [])])
def test_the_next_proxy_says_that_recording_goes_on_where_the_one_that_died_had_missed_something(
    path: Path, missed: dict[Any, list[int]], said: list[str]
) -> None:
    Missed(path).keep(missed)
    reads, writes = os.pipe()
    with os.fdopen(reads) as lines:
        after = Recorder(Spool(fails=False), Events(writes), has_room=lambda size: size == 3, missed=Missed(path))
        after.flush()
        assert after.put(APP, RecordKind.REQUEST, "f", {}, b"", direction="to_app") is True
        os.close(writes)
        assert [json.loads(line)["code"] for line in lines] == said


def test_a_proxy_that_ends_while_the_spool_still_fails_leaves_the_counts_too(path: Path) -> None:
    ending = recorder(Spool(fails=True), path)
    ending.put(APP, RecordKind.REQUEST, "f", {}, b"abc", direction="to_app")
    ending.flush(last=True)
    assert Missed(path).read() == {KEY: [1, 3]}


def test_the_file_has_its_size_from_the_start_and_belongs_to_its_owner_alone(path: Path) -> None:
    missed = Missed(path)
    assert (path.stat().st_size, path.stat().st_mode & 0o777) == (SIZE, 0o600)
    missed.keep({(f"app{number}", *KEY[1:]): [1, 1] for number in range(5_000)})
    assert path.stat().st_size == SIZE
    assert len(missed.read()) > 300


@pytest.mark.parametrize("at", [0, 3, 4, 9, 40])
def test_a_file_that_was_damaged_says_nothing(at: int, path: Path) -> None:
    Missed(path).keep({KEY: [3, 9]})
    written = bytearray(path.read_bytes())
    written[at] ^= 0xFF
    path.write_bytes(written)
    assert Missed(path).read() == {}


def test_a_file_that_cannot_be_made_is_the_systems_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=os.strerror(errno.ENOENT)):
        Missed(tmp_path / "no" / "missed")
