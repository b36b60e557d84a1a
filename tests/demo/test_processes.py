"""Programs are waited for with a deadline, and nothing of them is left running."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from douane.demo.processes import NotStartedError, free_ports, last_lines, listens, poll, running, uninterrupted

LISTEN = "import socket,sys,time\ns=socket.create_server(('127.0.0.1',int(sys.argv[1])))\ntime.sleep(60)"
FORK = (
    "import os,subprocess,sys,time\n"
    "child=subprocess.Popen([sys.executable,'-c','import time; time.sleep(60)'])\n"
    "print(child.pid,flush=True)\ntime.sleep(60)"
)
DEAF = "import signal,time\nsignal.signal(signal.SIGTERM,signal.SIG_IGN)\nprint('deaf',flush=True)\ntime.sleep(60)"


def alive(pid: int) -> bool:
    """Whether the process still runs; one that ended and waits to be reaped does not."""
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    except ProcessLookupError:
        return False


def test_free_ports_are_different_and_nobody_listens_on_them() -> None:
    ports = free_ports(5)
    assert len(set(ports)) == 5
    assert not any(listens(port) for port in ports)


def test_a_program_is_entered_when_it_listens_and_gone_afterwards(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running([sys.executable, "-c", LISTEN, str(port)], [port], tmp_path / "log") as process:
        assert listens(port)
    assert process.poll() is not None
    assert not listens(port)


def test_what_a_program_started_ends_with_it(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running([sys.executable, "-c", FORK], [], log):
        assert poll(lambda: log.read_text().strip().isdigit(), 60)
        child = int(log.read_text())
        assert alive(child)
    assert poll(lambda: not alive(child), 60)


def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with running([sys.executable, "-c", DEAF], [], log) as process:
        assert poll(lambda: "deaf" in log.read_text(), 60)
    assert process.returncode == -signal.SIGKILL


def test_a_program_that_ends_at_once_is_an_error_that_shows_its_last_lines(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with (
        pytest.raises(NotStartedError, match=r"ended with code 3(.|\n)*no such luck"),
        running([sys.executable, "-c", "print('no such luck'); raise SystemExit(3)"], [port], tmp_path / "log"),
    ):
        pass


def test_a_program_that_never_listens_is_an_error_after_the_deadline(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with (
        pytest.raises(NotStartedError, match=r"did not listen .* within 0.3 s"),
        running([sys.executable, "-c", "import time; time.sleep(60)"], [port], tmp_path / "log", seconds=0.3),
    ):
        pass


def test_an_interrupt_is_held_back_until_the_block_has_ended() -> None:
    steps: list[str] = []

    def interrupt_it() -> None:
        with uninterrupted():
            signal.raise_signal(signal.SIGINT)
            steps.append("went on")

    with pytest.raises(KeyboardInterrupt):
        interrupt_it()
    assert steps == ["went on"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_in_another_thread_nothing_is_held_back() -> None:
    seen: list[object] = []

    def look() -> None:
        with uninterrupted():
            seen.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [signal.getsignal(signal.SIGINT)]


@pytest.mark.parametrize(("text", "count", "end"), [("a\nb\nc\n", 2, "b\nc"), ("", 2, ""), ("one", 5, "one")])
def test_the_last_lines_of_a_log(text: str, count: int, end: str, tmp_path: Path) -> None:
    (tmp_path / "log").write_text(text)
    assert last_lines(tmp_path / "log", count) == end


def test_a_log_that_is_not_there_has_no_last_lines(tmp_path: Path) -> None:
    assert (last_lines(tmp_path / "none"), last_lines(None)) == ("", "")
