"""The systemd unit: systemd understands it, it leaves little exposed, and Douane runs with what it leaves."""

import contextlib
import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from confined import Confinement
from running import App, Running, until
from speaking import call

ROOT = Path(__file__).parent.parent.parent
UNIT = ROOT / "deploy" / "douane.service"
USER = 61_234
AT_MOST = 12
"""The exposure, in tenths, as `systemd-analyze security` counts it: 100 for a service without a restriction."""


def settings() -> dict[str, list[str]]:
    """The unit's settings, each with all the values that it is given."""
    found: dict[str, list[str]] = defaultdict(list)
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if "=" in line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found[key].append(value)
    return found


def systemd(*words: str, unit: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = ["systemd-analyze", *words, *([str(unit)] if unit else [])]
    return subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "SYSTEMD_PAGER": ""})


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit as it is, but for the program, which stands elsewhere here."""
    copy = tmp_path / "douane.service"
    copy.write_text(UNIT.read_text(encoding="utf-8").replace("/opt/douane/bin/douane", sys.executable))
    return copy


def test_systemd_finds_no_fault_in_the_unit(unit: Path) -> None:
    ran = systemd("verify", "--man=no", unit=unit)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.promise("deploy-service")
def test_the_unit_leaves_no_more_exposed_than_it_must(unit: Path) -> None:
    ran = systemd("security", "--offline=true", f"--threshold={AT_MOST}", unit=unit)
    assert ran.returncode == 0, ran.stdout[-2000:]
    looser = unit.with_name("looser.service")
    looser.write_text(unit.read_text().replace("SystemCallFilter=~@privileged @resources\n", ""))
    assert systemd("security", "--offline=true", f"--threshold={AT_MOST}", unit=looser).returncode != 0


def calls(*sets: str) -> set[str]:
    """The system calls in sets such as `@system-service`, as this systemd has them."""
    found: set[str] = set()
    for one in sets:
        if not one.startswith("@"):
            found.add(one)
            continue
        lines = systemd("syscall-filter", one).stdout.splitlines()
        found |= calls(*(line.strip() for line in lines[1:] if line.startswith("    ") and "#" not in line))
    return found


def confinement(folder: Path, uid: int = USER) -> Confinement:
    """What the unit asks for, with the service's folders below `folder`."""
    said = settings()
    allowed: set[str] = set()
    for value in said["SystemCallFilter"]:
        named = calls(*value.lstrip("~").split())
        allowed = allowed - named if value.startswith("~") else allowed | named
    for flag in ("MemoryDenyWriteExecute", "NoNewPrivileges", "RestrictNamespaces"):
        assert said[flag] == ["yes"]
    assert (said["ProtectSystem"], said["CapabilityBoundingSet"]) == (["strict"], [""])
    states = said["StateDirectory"][0].split()
    for state in states:
        (folder / state).mkdir(mode=0o700)
        os.chown(folder / state, uid, uid)
    given = dict(value.split("=", 1) for value in said["Environment"])
    return Confinement(
        folder=str(folder / "root"),
        uid=uid,
        # HOME is what DynamicUser gives a user without one; there is no other variable but systemd's own.
        environ={
            "HOME": "/",
            "PATH": "/usr/bin:/bin",
            "CREDENTIALS_DIRECTORY": "/run/credentials/douane.service",
            **{key: value.replace("%d", "/run/credentials/douane.service") for key, value in given.items()},
        },
        files={
            "/opt/douane": sys.prefix,
            "/etc/douane/config.yaml": str(folder / "config.yaml"),
        },
        writable={f"/var/lib/{state}": str(folder / state) for state in states},
        credentials={"/run/credentials/douane.service/master.key": str(folder / "master.key")},
        calls=sorted(allowed),
        families=[getattr(socket, name) for name in said["RestrictAddressFamilies"][0].split()],
        execute_only=True,
        only_processes=said["ProcSubset"] == ["pid"],
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a key and a configuration, as an administrator leaves them: of root, and readable to root only."""
    made = subprocess.run(["openssl", "rand", "-base64", "32"], check=True, capture_output=True)
    (tmp_path / "master.key").write_bytes(made.stdout)
    (tmp_path / "master.key").chmod(0o600)
    (tmp_path / "config.yaml").write_text("")
    (tmp_path / "config.yaml").chmod(0o644)
    return tmp_path


@pytest.mark.slow
@pytest.mark.promise("deploy-service")
def test_douane_runs_with_what_the_unit_leaves_and_writes_nowhere_else(folder: Path) -> None:
    it = confinement(folder)
    words = settings()["ExecStart"][0].split()
    with App() as app:
        (folder / "config.yaml").write_text(
            f"apps:\n  - {{name: crm, upstream: '{app.url}', port: 0, fetch_tools: false}}\n"
            "trust: {anchor_folder: /var/lib/douane-anchors}\n"
        )
        douane = Running(folder, [], command=it.command(*words)).start()
        try:
            answer = call(douane.port(), {"email": "lea.exemple@example.org"})
            until(lambda: douane.events("exchange"), 60, "an exchange")
        finally:
            code = douane.stop()
    assert "result" in answer
    assert code == 0, b"".join(douane.errors)
    assert douane.complaints() == []
    with contextlib.closing(sqlite3.connect(folder / "douane" / "douane.db")) as db:
        found = {row[0] for row in db.execute("SELECT DISTINCT category FROM disclosures")}
        gaps = [row[0] for row in db.execute("SELECT code FROM gaps WHERE exchange_id IS NULL")]
    assert ("user.contact.email" in found, gaps) == (True, [])
    files = [one for state in ("douane", "douane-anchors") for one in (folder / state).iterdir()]
    assert {one.parent.name for one in files} == {"douane", "douane-anchors"}
    assert {(one.stat().st_uid, one.stat().st_mode & 0o077) for one in files} == {(USER, 0)}


PROBE = """
import ctypes, mmap, os, socket, subprocess

def told(what, act):
    try:
        act()
    except (OSError, subprocess.SubprocessError) as error:
        print(what, error.__class__.__name__)
    else:
        print(what, 'done')

told('own folder', lambda: open('/var/lib/douane/probe', 'w').close())
told('configuration', lambda: open('/etc/douane/config.yaml', 'a').close())
told('root', lambda: open('/probe', 'w').close())
told('temporary folder', lambda: open('/tmp/probe', 'w').close())
told('checkout below it', lambda: open('/tmp/checkout/config.yaml').read())
told('checkout below it to write', lambda: open('/tmp/checkout/config.yaml', 'a').close())
told('key', lambda: open('/run/credentials/douane.service/master.key').read())
told('key to write', lambda: open('/run/credentials/douane.service/master.key', 'a').close())
told('inet', lambda: socket.socket(socket.AF_INET).close())
told('packet', lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close())
told('netlink', lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close())
told('write and execute', lambda: mmap.mmap(-1, 4096, prot=mmap.PROT_WRITE | mmap.PROT_EXEC))
told('namespace', lambda: os.unshare(os.CLONE_NEWUSER))
told('priority', lambda: os.setpriority(os.PRIO_PROCESS, 0, -5))
told('root user', lambda: os.setuid(0))
"""


def test_the_confinement_of_this_test_holds(folder: Path) -> None:
    it = confinement(folder)
    it.files["/tmp/checkout/config.yaml"] = str(folder / "config.yaml")
    ran = subprocess.run(
        it.command(sys.executable, "-c", PROBE), capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.stderr == ""
    said = dict(re.findall(r"^(.+) (\w+)$", ran.stdout, re.MULTILINE))
    allowed = {what for what, came in said.items() if came == "done"}
    assert len(said) == 15
    assert allowed == {"own folder", "key", "inet", "temporary folder", "checkout below it"}
