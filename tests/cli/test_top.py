"""`douane top` fits every terminal, counts what its window holds, takes keys, and leaves the terminal as it was."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from aged import MASTER, call, datum
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from douane.audit.message import Direction
from douane.cli.main import app
from douane.ledger.following import Datum, Lost, Message
from douane.ledger.keys import encode
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.reports.i18n import LANGS, Lang
from douane.reports.top import SORTS, WINDOWS, Count, Screen, Traffic, View, counted

NOW = 1_790_000_000.0
FOUND = (
    Datum(1, "user.health_and_medical", ("art9",), "prohibited", True),
    Datum(2, "user.contact.email", (), "omitted", True),
    Datum(3, "user.name", (), "clear", False),
)


def message(number: int, app_name: str = "crm", *, ago: float = 5.0, **more: object) -> Message:
    given = {
        "outcome": "delivered", "route": "reverse", "host": "", "flow": "", "size": 1, "duration_ms": None,
        "lag_ms": 3.0, "data": FOUND, "gaps": (), "tool": "find", **more,
    }  # fmt: skip
    tool = given.pop("tool")
    head = (number, iso(NOW - ago), app_name, Direction.TO_APP, "request", "tools/call", tool)
    return Message(*head, **given)  # type: ignore[arg-type]


def busy(apps: int = 30) -> Traffic:
    traffic = Traffic(waiting=12)
    names = ["\x1b[31mred\u202e" * 20, "=cmd|'/C calc'!A0", *(f"app {n}" for n in range(apps - 2))]
    traffic.add(message(n, names[n % apps], ago=3000 - n, gaps=("too-deep",), duration_ms=float(n)) for n in range(300))
    traffic.add([Lost(1, iso(NOW - 9), "vault", "too-large", "", 4, "reverse")])
    return traffic


def drawn(screen: Screen, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, color_system=None, force_terminal=True, legacy_windows=False)
    with console.capture() as captured:
        console.print(screen, height=height, end="")
    return captured.get().splitlines()


@pytest.mark.parametrize("size", [(80, 24), (140, 50), (60, 12), (40, 8), (200, 24)], ids=str)
@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("tools", [False, True])
def test_the_screen_is_never_wider_or_higher_than_the_terminal(size: tuple[int, int], lang: Lang, tools: bool) -> None:
    width, height = size
    for traffic in (Traffic(), busy(3), busy()):
        lines = drawn(Screen(traffic, View(tools=tools), lang, NOW, "douane.db"), width, height)
        assert len(lines) <= height
        assert [line for line in lines if cell_len(line) > width] == []
        assert "\x1b" not in "".join(lines)
        assert lines[-1].startswith("q quit" if lang == "en" else "q quitter")


def test_what_the_window_holds_is_counted_by_app_and_by_tool() -> None:
    traffic = Traffic()
    traffic.add(
        [
            message(1, ago=59 * 60),
            message(2, ago=61 * 60),
            message(3, ago=30, gaps=("too-deep", "no-schema"), duration_ms=20.0),
            message(4, ago=20, outcome="failed"),
            message(5, ago=10, route="egress"),
            message(6, "travel", ago=5, data=(), tool=""),
        ]
    )
    crm = Count("crm", 3, 2, 6, 4, 2, 1, iso(NOW - 20), [20.0])
    assert counted(traffic, NOW, View()) == [crm, Count("travel", 1, 1, last=iso(NOW - 5))]
    assert [one.name for one in counted(traffic, NOW, View(tools=True))] == ["crm · find"]
    assert counted(traffic, NOW, View(window=1440))[0].messages == 4
    assert crm.p95 == 20.0


@pytest.mark.parametrize(
    ("sort", "first"), [("undeclared", "b"), ("rate", "a"), ("data", "c"), ("gaps", "d"), ("name", "a")]
)
def test_each_column_can_be_sorted_by(sort: str, first: str) -> None:
    traffic = Traffic()
    traffic.add([message(n, "a", data=()) for n in range(5)])
    traffic.add([message(9, "b", ago=99), message(10, "c", ago=99, data=FOUND[2:] * 9)])
    traffic.add([message(11, "d", ago=99, data=(), gaps=("too-deep",) * 2)])
    assert counted(traffic, NOW, View(sort=sort))[0].name == first


def test_keys_change_the_view_and_one_ends_it() -> None:
    view = View()
    assert all(view.key(key) for key in "stwp!")
    assert (view.sort, view.tools, view.window, view.held) == (SORTS[1], True, WINDOWS[2], True)
    assert not view.key("q")
    for _ in SORTS:
        view.key("s")
    assert view.sort == SORTS[1]


def test_what_is_over_is_forgotten() -> None:
    traffic = Traffic()
    traffic.add([message(1, ago=90_000), message(2)])
    traffic.expire(NOW)
    assert [one.id for one in traffic.messages] == [2]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder with a ledger of one message of a moment ago."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_text(encode(MASTER))
    key.chmod(0o600)
    monkeypatch.setenv("DOUANE_KEY_FILE", str(key))
    monkeypatch.setenv("TERM", "xterm-256color")
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    write(tmp_path, 1)
    return tmp_path


def write(place: Path, number: int) -> None:
    with Ledger(place / "data" / "douane.db", taxonomy="t-1", sealer=Sealer(MASTER)) as ledger:
        mail = datum(f"app{number}", "user.contact.email", "a@example.org", b"")
        ledger.append(call(number, f"app{number}", "", mail, at=time.time()))


def until(terminal: int, text: bytes, seen: bytes = b"") -> bytes:
    end = time.monotonic() + 60
    while text not in seen:
        assert select.select([terminal], [], [], max(0.0, end - time.monotonic()))[0], "it did not come in time"
        seen += os.read(terminal, 65536)
    return seen


@pytest.mark.promise("top-leaves-the-terminal")
@pytest.mark.parametrize("way", ["q", signal.SIGTERM])
def test_in_a_terminal_it_shows_what_comes_and_leaves_it_as_it_was(place: Path, way: str | signal.Signals) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    command = [sys.executable, "-m", "douane.cli.main", "top"]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE) as process:
        try:
            until(ours, b"app1")
            write(place, 2)
            until(ours, b"app2")
            if isinstance(way, str):
                os.write(ours, way.encode())
            else:
                process.send_signal(way)
            until(ours, b"\x1b[?1049l")
            assert process.wait(60) == 0
            assert termios.tcgetattr(theirs) == before
        finally:
            process.kill()
            os.close(theirs)
            os.close(ours)


def test_without_a_terminal_it_says_what_to_use_instead(place: Path) -> None:
    ran = CliRunner().invoke(app, ["top"], prog_name="douane")
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert "needs a terminal. Use douane tail for lines, or douane report for figures." in ran.stderr
