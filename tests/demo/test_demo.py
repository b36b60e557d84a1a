"""`python -m douane.demo` shows the whole way, finds what was planted, and leaves nothing running."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from douane.demo.found import expected
from douane.demo.main import MARK, fresh
from douane.demo.processes import listens, poll, stop

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]

VALUES = ("925665416", "helene.delacroix", "lévothyroxine", "294039999900143", "+44 20 7946", "FR76 3000", "Solheim")
"""Some of what crosses in the demo, which must not be on the screen nor in a file that the demo leaves."""


def start(folder: Path) -> subprocess.Popen[bytes]:
    with (folder / "screen.txt").open("wb") as screen:
        return subprocess.Popen(
            [sys.executable, "-m", "douane.demo"],
            cwd=folder,
            stdout=screen,
            stderr=subprocess.STDOUT,
            env={**os.environ, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )


def ports_in(folder: Path) -> list[int]:
    config = YAML(typ="safe").load((folder / ".demo" / "config.yaml").read_text())
    listening = [int(app["port"]) for app in config["apps"]]
    return listening + [int(app["upstream"].split(":")[2].split("/")[0]) for app in config["apps"]]


def left_running(ports: list[int]) -> list[str]:
    """The command lines of processes that name one of `ports` (empty on a system without /proc)."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
    return [line for line in lines if any(str(port) in line.split() for port in ports)]


def test_the_demo_finds_everything_that_was_planted_and_leaves_nothing_running(tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        code = process.wait(200)
    finally:
        stop(process)
    screen = (tmp_path / "screen.txt").read_text()
    assert code == 0, screen[-3000:]
    assert f"All {len(expected())} contradictions that were planted were found." in screen.splitlines()
    assert screen.splitlines()[-1] == "library: no finding."
    assert [words for words in ("Not declared either", "not found", "not planted") if words in screen] == []
    assert re.search(
        r"^library: everything that was found, \d+ disclosures, had been declared\.$", screen, re.MULTILINE
    )
    assert screen.count(str(tmp_path / ".demo" / "report.html")) == 1
    assert (tmp_path / ".demo" / "report.html").stat().st_size > 5_000
    assert [port for port in ports_in(tmp_path) if listens(port)] == []
    left = [path for path in (tmp_path / ".demo").rglob("*") if path.is_file()]
    written = b"\n".join(path.read_bytes() for path in left) + screen.encode()
    assert [value for value in VALUES if value.encode() in written] == []


@pytest.mark.parametrize("until", ["Starting", "people talk"], ids=["while-it-starts", "while-people-talk"])
def test_ctrl_c_ends_the_demo_and_everything_that_it_started(until: str, tmp_path: Path) -> None:
    process = start(tmp_path)
    try:
        screen = tmp_path / "screen.txt"
        assert poll(lambda: until in screen.read_text(), 90), screen.read_text()[-2000:]
        ports = ports_in(tmp_path)
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    finally:
        stop(process)
    assert code == 130
    assert [port for port in ports if listens(port)] == []
    assert left_running(ports) == []


def test_a_folder_of_the_demos_own_is_emptied(tmp_path: Path) -> None:
    folder = fresh(tmp_path / "one")
    (folder / "old").touch()
    assert sorted(path.name for path in fresh(folder).iterdir()) == [MARK]


def test_a_folder_that_somebody_else_uses_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "theirs").touch()
    with pytest.raises(FileExistsError):
        fresh(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["theirs"]
