"""What a real Douane does when its files cannot be written: nothing is passed unseen, nothing is lost unsaid."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from running import children, inspecting, until
from storage import Two, fill, locked, small_disk, two_apps

pytestmark = [pytest.mark.recovery, pytest.mark.timeout(180)]
WAIT = 90


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Two]:
    """Douane with its data on a disk of 16 MB, which each test leaves as it was."""
    with small_disk(tmp_path_factory.mktemp("storage") / "disk", 16) as disk, two_apps(disk) as running:
        for name in ("strict", "lax"):
            assert running.call(name).status == 200
        until(lambda: sum(running.exchanges().values()) == 4, WAIT, "the first rows")
        yield running


def added(two: Two, act: Callable[[], None]) -> Callable[[], tuple[Counter[Any], Counter[Any]]]:
    """What the ledger held more of than before `act`: gaps and exchanges."""
    before = Counter(two.gaps()), Counter(two.exchanges())
    act()
    return lambda: (Counter(two.gaps()) - before[0], Counter(two.exchanges()) - before[1])


def reach(now: Callable[[], Any], expected: Any) -> None:
    """Poll until the ledger says what is expected; show what it says instead."""
    with contextlib.suppress(TimeoutError):
        until(lambda: now() == expected, WAIT)
    assert now() == expected


def refused(two: Two, answer: Any) -> bool:
    """Whether this is the answer of a message that was not passed on: JSON-RPC, with the message's own id."""
    error = answer.body.get("error", {})
    return (answer.status, answer.body["jsonrpc"], answer.body["id"], error.get("code")) == (
        503,
        "2.0",
        f"n{two.sent}",
        -32603,
    )


def listens(two: Two) -> bool:
    """Whether both apps' listeners take connections."""
    with contextlib.suppress(OSError):
        for name in ("strict", "lax"):
            socket.create_connection(("127.0.0.1", two.port(name)), 60).close()
        return True
    return False


@pytest.mark.promise("refuse-or-pass")
def test_on_a_full_disk_a_message_is_refused_or_passed_by_each_apps_policy_and_counted(two: Two) -> None:
    def act() -> None:
        too_large = 2 * two.returnable() + 20_000  # does not fit either where a journal is emptied meanwhile
        ballast = fill(two.douane.folder)
        try:
            arrived = two.received()
            assert all(refused(two, two.call("strict", too_large)) for _ in range(3))
            assert two.received() == arrived
            assert [two.call("lax", too_large).status for _ in range(2)] == [200, 200]
            assert two.received() == arrived + 2
            until(
                lambda: two.warned("strict: the spool cannot be written: messages are not passed on"), WAIT, "a warning"
            )
            until(lambda: two.warned("lax: the spool cannot be written: messages pass without"), WAIT, "the other")
            dead = children(two.douane.process.pid)["douane.proxy.main"]
            os.kill(dead, signal.SIGKILL)  # what it counted is not lost with it
            until(lambda: len(two.warned("The proxy ended unexpectedly")) == 1, WAIT, "another proxy")
            until(lambda: listens(two), WAIT, "its listeners")
        finally:
            ballast.unlink()
        assert [two.call(name).status for name in ("strict", "lax")] == [200, 200]
        until(lambda: two.warned("recording again"), WAIT, "the end of it")

    now = added(two, act)
    expected = (
        Counter({("strict", "refused"): 3, ("lax", "not-recorded"): 4}),
        Counter({(name, way): 1 for name in ("strict", "lax") for way in ("to_app", "to_chatgpt")}),
    )
    reach(now, expected)
    assert not two.warned("a bug")  # a disk that is full is none


def test_a_spool_that_another_program_keeps_locked_is_waited_for_once_and_then_refused_at_once(two: Two) -> None:
    taken: list[float] = []

    def act() -> None:
        with locked(two.douane.folder / "data" / "spool.db"):
            for _ in range(5):
                begun = time.monotonic()
                assert refused(two, two.call("strict"))
                taken.append(time.monotonic() - begun)
            assert two.call("lax").status == 200
        assert two.call("strict").status == 200

    now = added(two, act)
    assert taken[0] > 1.5
    assert min(taken[1:]) < taken[0] - 1  # where each of them waited, each would take as long
    expected = (
        Counter({("strict", "refused"): 5, ("lax", "not-recorded"): 2}),
        Counter({("strict", "to_app"): 1, ("strict", "to_chatgpt"): 1}),
    )
    reach(now, expected)


def test_while_another_program_keeps_the_ledger_locked_messages_wait_in_the_spool(two: Two) -> None:
    warnings, arrived = len(two.warned("the ledger cannot be written")), two.received()
    (last,) = two.rows("SELECT max(id) FROM exchanges")[0]

    def act() -> None:
        assert [two.call("strict").status for _ in range(3)] == [200] * 3  # of which some may be written, some not
        with locked(two.ledger):
            assert [two.call("strict").status for _ in range(5)] == [200] * 5
            until(lambda: len(two.warned("the ledger cannot be written")) > warnings, WAIT, "a warning")
            assert two.call("strict").status == 200
        assert [two.call("strict").status for _ in range(3)] == [200] * 3

    now = added(two, act)
    expected = (Counter(), Counter({("strict", "to_app"): 12, ("strict", "to_chatgpt"): 12}))
    assert two.received() - arrived == 12
    with contextlib.suppress(TimeoutError):
        until(lambda: now() == expected, WAIT)
    doubled = (
        "SELECT flow, direction, count(DISTINCT record_id), count(*) FROM exchanges GROUP BY 1, 2 HAVING count(*) > 1"
    )
    assert (now(), two.rows(doubled)) == (expected, [])
    reach(
        lambda: two.outcomes(last),
        {("strict", "to_app", "delivered"): 12, ("strict", "to_chatgpt", "delivered"): 12},
    )


def run_another(folder: Path, config: str, data: Path | None = None) -> subprocess.CompletedProcess[str]:
    folder.mkdir()
    (folder / "config.yaml").write_text(config)
    command = [sys.executable, "-m", "douane.cli.main", "run", "--config", str(folder / "config.yaml")]
    return subprocess.run(
        [*command, "--data", str(data)] if data else command,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "DOUANE_KEY_FILE": str(folder / "master.key")},
    )


APP = "apps: [{name: other, upstream: 'http://127.0.0.1:9/mcp', port: 0}]\n"


@pytest.mark.promise("one-douane")
def test_a_second_douane_on_one_ledger_refuses_and_says_who_has_it(two: Two, tmp_path: Path) -> None:
    in_use = f"is in use by another Douane (process {two.douane.process.pid}). Stop it, or give --data another folder."
    same = run_another(tmp_path / "same", APP, two.ledger.parent)
    assert (same.returncode, same.stdout) == (3, "")
    assert in_use in same.stderr
    beside = f"storage: {{folder: {tmp_path / 'own'}, ledger: {two.ledger}}}\n{APP}"
    ledger = run_another(tmp_path / "ledger", beside)
    assert (ledger.returncode, ledger.stdout) == (3, "")
    assert in_use in ledger.stderr
    now = added(two, lambda: None)
    assert two.call("strict").status == 200
    reach(now, (Counter(), Counter({("strict", "to_app"): 1, ("strict", "to_chatgpt"): 1})))


def test_a_folder_that_cannot_be_written_is_named_at_the_start(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 1) as disk:
        (disk / "data").mkdir()
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        ran = run_another(tmp_path / "douane", APP, disk / "data")
    assert (ran.returncode, ran.stdout) == (3, "")
    assert (
        ran.stderr
        == f"douane: {disk / 'data'}: Read-only file system. Name a folder of yours with --data or storage.folder.\n"
    )


@pytest.mark.promise("journal-told")
def test_a_damaged_journal_is_told_at_the_next_start_and_is_a_gap_of_each_app(tmp_path: Path) -> None:
    spool = tmp_path / "data" / "spool.db"
    with two_apps(tmp_path) as before:
        mine = before.douane.process.pid
        running = until(lambda: len(found := children(mine)) == 2 and found, 60, "both processes")
        worker = until(lambda: inspecting(mine), 60, "the inspector")
        os.kill(worker, signal.SIGSTOP)  # what is recorded from here on stays in the spool
        try:
            assert [before.call("strict").status for _ in range(4)] == [200] * 4
            os.kill(mine, signal.SIGSTOP)  # or it would start a proxy again, and that would read the journal
        finally:  # whoever waits for a stopped process waits for ever
            for pid in (running["douane.proxy.main"], running["douane.inspector.main"], mine):
                os.kill(pid, signal.SIGKILL)
        before.douane.process.wait(60)
        journal = Path(f"{spool}-wal")
        written = bytearray(journal.read_bytes())
        written[-9000] ^= 0xFF
        journal.write_bytes(written)
    with two_apps(tmp_path) as after:
        until(lambda: after.warned("The journal of the spool was damaged: "), 60, "the warning")
        until(lambda: after.gaps().get(("lax", "journal-damaged")) == 1, WAIT, "a gap in each app")
        assert after.gaps()["strict", "journal-damaged"] == 1
        assert after.call("strict").status == 200
        until(lambda: after.exchanges().get(("strict", "to_chatgpt"), 0) >= 1, WAIT, "a row again")


CLOCK = """
import os, time
real = time.time
def shifted():
    with open(os.environ["TEST_CLOCK"]) as file:
        return real() + float(file.read() or 0)
time.time = shifted
"""


def test_a_clock_that_jumps_back_or_ahead_loses_and_doubles_nothing(tmp_path: Path, monkeypatch: Any) -> None:
    clock = tmp_path / "clock"
    shift = clock / "seconds"
    clock.mkdir()
    (clock / "sitecustomize.py").write_text(CLOCK)
    monkeypatch.setenv("PYTHONPATH", str(clock))
    monkeypatch.setenv("TEST_CLOCK", str(shift))
    shift.write_text("0")
    (tmp_path / "douane").mkdir()
    with two_apps(tmp_path / "douane") as here:
        for number, seconds in enumerate((0, -3600, 40 * 86400, -400 * 86400, 0), 1):
            shift.write_text(str(seconds))
            assert here.call("strict").status == 200
            until(lambda number=number: sum(here.exchanges().values()) == 2 * number, WAIT, f"rows; {here.exchanges()}")
        assert here.gaps() == {}
        assert here.exchanges() == {("strict", "to_app"): 5, ("strict", "to_chatgpt"): 5}
        days = here.rows("SELECT date(max(at), '-1 day') > date(min(at), '+1 year') FROM exchanges")
        assert days == [(1,)]  # the clock did jump
        assert here.rows("SELECT count(*) FROM exchanges WHERE answers_id IS NULL") == [(5,)]
        assert not here.warned("ended unexpectedly")
