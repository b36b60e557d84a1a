"""No telemetry: everything that Douane does is done where nothing can leave the machine, and nothing tries to."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SUPPORT = Path(__file__).parent / "support"
TRIES = """
import contextlib, socket
for act in (
    lambda: socket.create_connection(('192.0.2.9', 443), timeout=0.3),
    lambda: socket.create_connection(('2001:db8::9', 443), timeout=0.3),
    lambda: socket.getaddrinfo('telemetry.example', 443),
    lambda: socket.create_connection(('127.0.0.1', 9), timeout=0.3),
):
    with contextlib.suppress(OSError):
        act()
"""


def nowhere(folder: Path, *command: str, seconds: float = 280) -> tuple[int, set[str], set[str], str]:
    """Run a command where nothing leads anywhere: its exit code, the packets that left, who was asked for, errors."""
    packets, asked, home = folder / "packets", folder / "asked", folder / "home"
    home.mkdir()
    packets.touch()
    asked.touch()
    environ = {  # no variable of CI: there a library may be quiet that is not elsewhere
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PYTHONPATH": f"{SUPPORT / 'watched'}{os.pathsep}{SUPPORT}",
        "DOUANE_WATCHED": str(asked),
        "RES_OPTIONS": "timeout:1 attempts:1",
    }
    trap = ["unshare", "--net", sys.executable, str(SUPPORT / "nowhere.py"), str(packets)]
    ran = subprocess.run(
        [*trap, *command], env=environ, capture_output=True, text=True, check=False, timeout=seconds, cwd=folder
    )
    return (
        ran.returncode,
        set(packets.read_text().split("\n")[:-1]),
        set(asked.read_text().split("\n")[:-1]),
        ran.stderr,
    )


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.promise("no-telemetry", "loopback-only")
def test_everything_works_where_nothing_leads_out_and_nothing_is_tried(tmp_path: Path) -> None:
    code, packets, asked, errors = nowhere(tmp_path, sys.executable, str(SUPPORT / "errands.py"), str(tmp_path))
    assert code == 0, errors
    assert (packets, asked) == (set(), set())
    assert sorted(str(path.relative_to(tmp_path / "home")) for path in (tmp_path / "home").rglob("*")) == []


def test_the_trap_of_this_test_sees_an_attempt(tmp_path: Path) -> None:
    code, packets, asked, _ = nowhere(tmp_path, sys.executable, "-c", TRIES)
    assert code == 0
    assert {"192.0.2.9:443 6", "2001:db8::9:443 6"} <= packets
    assert any(packet.endswith(":53 17") for packet in packets)
    assert asked >= {"socket.connect 192.0.2.9", "socket.connect 2001:db8::9", "socket.getaddrinfo telemetry.example"}
    assert [one for one in asked if "127.0.0.1" in one] == []
