"""The warm process that stands by: what it starts anew, what it lets end, and that nothing outlives it."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from post import call
from running import INSPECTOR, children, until

from douane.inspector import standby
from douane.inspector.settings import InspectorSettings
from douane.ledger.keys import encode
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool

MASTER = bytes(range(32))
pytestmark = pytest.mark.skipif(not standby.AVAILABLE, reason="a fork is tied to its parent on Linux only")


@dataclass
class StandingBy:
    process: subprocess.Popen[bytes]
    said: list[dict[str, Any]] = field(default_factory=list)

    def listen(self) -> None:
        for line in self.process.stdout or ():
            self.said.append(json.loads(line))

    def worker(self, times: int = 1) -> int:
        """The process id of the one that inspects, once so many have said that they do."""
        told = until(lambda: len(found := self.told("inspecting")) >= times and found, 40, "an inspector")
        return int(told[times - 1]["pid"])

    def told(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.said if event["event"] == kind]


@contextlib.contextmanager
def standing_by(folder: Path, **more: Any) -> Iterator[StandingBy]:
    Spool(folder / "spool.db", MASTER).close()
    settings = InspectorSettings(
        ledger=folder / "douane.db", spool=folder / "spool.db", presidio=False, stand_by=True, **more
    )
    process = subprocess.Popen(
        [sys.executable, "-m", INSPECTOR],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "DOUANE_KEY_FILE": str(folder / "key" / "master.key")},
    )
    one = StandingBy(process)
    reader = threading.Thread(target=one.listen, daemon=True)
    reader.start()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(settings.model_dump_json().encode() + b"\n" + encode(MASTER).encode() + b"\n")
    process.stdin.flush()
    try:
        yield one
    finally:
        process.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(60)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        reader.join(5)
        process.stdout.close()


def alive(pid: int) -> bool:
    """Whether it runs; what has ended and waits to be looked after does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def test_a_crash_is_told_and_another_inspects_until_the_pipe_closes(tmp_path: Path) -> None:
    with standing_by(tmp_path) as one:
        first = one.worker()
        assert children(one.process.pid) == {INSPECTOR: first}
        os.kill(first, signal.SIGKILL)
        second = one.worker(2)
        assert second != first
        assert [(event["code"], event["pid"]) for event in one.told("restarted")] == [(-signal.SIGKILL, first)]
        assert one.process.stdin is not None
        one.process.stdin.close()
        assert one.process.wait(60) == 0
        assert not alive(second)
        assert len(one.told("restarted")) == 1


def test_the_inspector_goes_with_what_stands_by(tmp_path: Path) -> None:
    with standing_by(tmp_path) as one:
        worker = one.worker()
        one.process.kill()
        until(lambda: not alive(worker), 60, "the end of the inspector")


def test_what_crashes_again_and_again_is_for_the_one_above_to_count(tmp_path: Path) -> None:
    with standing_by(tmp_path) as one:
        for times in range(1, standby.FORKS + 1):
            os.kill(one.worker(times), signal.SIGKILL)
        assert one.process.wait(60) == -signal.SIGKILL
        assert len(one.told("restarted")) == standby.FORKS - 1


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="nothing is inspected beside on one core")
def test_a_process_beside_that_crashes_again_and_again_is_told_of_once_and_all_is_inspected(tmp_path: Path) -> None:
    with standing_by(tmp_path) as one, Spool(tmp_path / "spool.db", MASTER) as spool:
        apart = until(lambda: children(one.worker()).get(INSPECTOR), 40, "a process beside")
        until(lambda: children(apart).get(INSPECTOR), 40, "the one that works there")
        while alive(apart):
            if worker := children(apart).get(INSPECTOR):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)
            time.sleep(0.01)
        meta = {"method": "POST", "target": "/mcp", "headers": [["content-type", "application/json"]]}
        for first in (0, 20):
            for number in range(first, first + 20):
                body = json.dumps(call(number, email=f"lea{number}@example.org")).encode()
                spool.put(RecordKind.REQUEST, "travel", f"f{number}", 0, time.time(), meta, body)
            until(lambda done=first + 20: len(one.told("exchange")) == done, 40, "the inspection of all")
        assert one.told("warning") == [{"event": "warning", "code": "beside-ended", "app": "", "detail": ""}]
        assert one.told("restarted") == []


def test_settings_that_cannot_be_met_end_it_without_a_fork(tmp_path: Path) -> None:
    (tmp_path / "douane.db").write_text("not a ledger")
    with standing_by(tmp_path) as one:
        assert one.process.wait(40) == 3
        assert one.told("inspecting") == []


def test_a_ledger_that_is_refused_after_a_crash_ends_it_with_the_code_of_what_cannot_start(tmp_path: Path) -> None:
    with standing_by(tmp_path) as one:
        first = one.worker()
        for path in tmp_path.glob("douane.db-*"):
            path.unlink()
        (tmp_path / "douane.db").write_text("not a ledger any more")
        os.kill(first, signal.SIGKILL)
        assert one.process.wait(60) == 3
        assert [event["detail"] for event in one.told("failed")] != []
