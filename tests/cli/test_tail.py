"""`douane tail` shows what is written as it is written, through a replacement of the ledger, and ends cleanly."""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aged import MASTER, call, datum
from click.testing import Result
from typer.testing import CliRunner

from douane.audit.exchange import Label, Outcome, Source, Verdict
from douane.cli.main import app
from douane.ledger.keys import encode
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

AT = 1_790_000_000.0
DEADLINE = 60.0
OMITTED = (Verdict(Source.DECLARATION, Label.OMITTED, "not declared"),)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder with a ledger of three messages."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_text(encode(MASTER))
    key.chmod(0o600)
    monkeypatch.setenv("DOUANE_KEY_FILE", str(key))
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    with opened(tmp_path) as ledger:
        ledger.append(call(1, "crm", "", datum("crm", "user.contact.email", "a@example.org", b""), at=AT))
        found = replace(datum("crm", "user.name", "Ada Lovelace", b""), verdicts=OMITTED, headline=Label.OMITTED)
        ledger.append(call(2, "crm", "", found, at=AT + 1, answers=1))
        ledger.append(replace(call(3, "travel", "", at=AT + 2), tool="book"))
        ledger.append(replace(call(4, "travel", "", at=AT + 3), own_traffic=True))
    return tmp_path


@contextmanager
def opened(place: Path, name: str = "data/douane.db") -> Iterator[Ledger]:
    with Ledger(place / name, taxonomy="t-1", sealer=Sealer(MASTER)) as ledger:
        yield ledger


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["tail", "--no-follow", *arguments], prog_name="douane")


def numbers(*arguments: str) -> list[int]:
    ran = run("--json", *arguments)
    assert ran.exit_code == 0, ran.output
    return [json.loads(line)["id"] for line in ran.stdout.splitlines()]


class Following:
    """`douane tail` in a process of its own; its lines are waited for with a deadline."""

    def __init__(self, *arguments: str, stdout: int = subprocess.PIPE) -> None:
        command = [sys.executable, "-m", "douane.cli.main", "tail", *arguments]
        self.process = subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE)
        self.rest = b""

    def line(self) -> str:
        assert self.process.stdout is not None
        return self._read(self.process.stdout.fileno())

    def _read(self, number: int) -> str:
        end = time.monotonic() + DEADLINE
        while b"\n" not in self.rest:
            assert select.select([number], [], [], max(0.0, end - time.monotonic()))[0], "no line came in time"
            piece = os.read(number, 65536)
            assert piece, "it ended"
            self.rest += piece
        line, _, self.rest = self.rest.partition(b"\n")
        return line.decode()

    def event(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads(self.line())
        return read

    def ended(self) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=DEADLINE)
        return self.process.returncode, errors.decode()


@pytest.fixture
def following() -> Iterator[Callable[..., Following]]:
    with ExitStack() as stack:

        def start(*arguments: str, **more: Any) -> Following:
            one = Following(*arguments, **more)
            stack.enter_context(one.process)  # waits for it, and closes its pipes
            stack.callback(one.process.kill)
            return one

        yield start


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), [1, 2, 3]),
        (("-n", "2"), [2, 3]),
        (("-n", "0"), []),
        (("--app", "crm"), [1, 2]),
        (("--tool", "book"), [3]),
        (("--category", "user.contact"), [1]),
        (("--category", "user.contact", "--category", "user.name"), [1, 2]),
        (("--undeclared",), [2]),
        (("--undeclared", "--category", "user.contact"), []),
        (("--undeclared", "-n", "1"), [2]),
    ],
)
def test_the_last_messages_that_are_asked_for_come_oldest_first(
    place: Path, arguments: tuple[str, ...], expected: list[int]
) -> None:
    assert numbers(*arguments) == expected


def test_a_line_has_number_app_direction_tool_and_what_was_found(place: Path) -> None:
    lines = run().stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["message", "1"], ["message", "2"], ["message", "3"]]
    assert "crm ← find  Name (no declaration found)" in lines[1]
    assert "Nom (sans déclaration trouvée)" in run("--lang", "fr").stdout


@pytest.mark.promise("followed-live")
def test_what_is_written_comes_at_once_and_a_later_outcome_too_until_a_signal_ends_it(
    place: Path, following: Callable[..., Following]
) -> None:
    tail = following("--json", "-n", "1")
    assert tail.event()["id"] == 3
    with opened(place) as ledger:
        late = replace(call(9, "crm", "", at=AT + 9), outcome=Outcome.UNKNOWN)
        ledger.append(late)
        first = tail.event()
        assert (first["event"], first["id"], first["outcome"]) == ("exchange", 5, "unknown")
        ledger.set_outcome(Outcome.FAILED, record_id=late.record_id)
        second = tail.event()
    assert (second["event"], second["id"], second["outcome"]) == ("outcome", 5, "failed")
    tail.process.send_signal(signal.SIGINT)
    assert tail.ended() == (0, "")


@pytest.mark.promise("followed-live")
def test_it_goes_on_where_another_ledger_takes_the_place(place: Path, following: Callable[..., Following]) -> None:
    tail = following("--json", "-n", "1", "--unrecorded")  # the anchors know the ledger that was there
    assert tail.event()["id"] == 3
    with opened(place, "fresh/douane.db") as ledger:
        ledger.append(call(1, "shop", "", at=AT))
    for side in ("-wal", "-shm"):
        (place / f"data/douane.db{side}").unlink(missing_ok=True)
    (place / "fresh" / "douane.db").replace(place / "data" / "douane.db")
    assert tail.process.stderr is not None
    assert b"Another file has taken the ledger's place" in tail.process.stderr.readline()
    with opened(place) as ledger:
        ledger.append(call(2, "shop", "", at=AT + 1))
    assert (one := tail.event())["app"] == "shop"
    assert one["id"] == 2
    tail.process.send_signal(signal.SIGTERM)
    code, said = tail.ended()
    assert (code, said.startswith("This reading is not recorded: "), said.count("\n")) == (0, True, 1)


@pytest.mark.promise("followed-live")
def test_it_ends_when_nobody_reads_it_although_nothing_comes(place: Path, following: Callable[..., Following]) -> None:
    tail = following("-n", "1")
    tail.line()
    assert tail.process.stdout is not None
    tail.process.stdout.close()
    assert tail.process.wait(DEADLINE) == 0


def test_on_a_terminal_it_has_colours(
    place: Path, following: Callable[..., Following], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    ours, theirs = pty.openpty()
    tail = following("-n", "2", "--no-follow", stdout=theirs)
    try:
        assert "\x1b[" in tail._read(ours)
    finally:
        os.close(theirs)
        os.close(ours)
    assert "\x1b[" not in run().stdout


def test_it_is_told_and_a_developer_sees_their_own_apps(place: Path) -> None:
    (place / "config.yaml").write_text(
        "storage: {folder: data}\nroles: [{who: jon, role: developer, apps: [travel]}]\n"
    )
    assert numbers("--as", "jon") == [3]
    assert run("--app", "crm", "--as", "jon").exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "says"), [(("--category", "user.nothing"), "is no category"), (("--lang", "de"), "choose one of")]
)
def test_wrong_use_is_said(place: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = run(*arguments)
    assert (ran.exit_code, says in ran.stderr) == (2, True)
