"""A small disk of its own, two apps in front of it with both policies, and what their ledger says."""

import contextlib
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from running import App, Running

CONFIG = """\
listen: {first_port: 0}
detection: {presidio: false}
storage: {key_in_folder: true}
apps:
  - {name: strict, upstream: "%(url)s", port: 0, fetch_tools: false}
  - {name: lax, upstream: "%(url)s", port: 0, fetch_tools: false, on_log_failure: pass}
"""


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system in memory that holds so much; skips, which CI takes for a failure, where mounting is refused."""
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "tmpfs", str(folder)]
    mounted = subprocess.run(["mount", *options], capture_output=True, text=True, check=False)
    if mounted.returncode:
        pytest.skip(f"no small disk can be mounted here: {mounted.stderr.strip()}. Run this as root.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Write a file until the disk is full, to the last byte."""
    file = folder / "ballast"
    with file.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while out.write(b"x" * size) == size:
                    pass
    return file


@dataclass
class Answered:
    """What a client got: the HTTP status and the JSON of the body."""

    status: int
    body: Any


@dataclass
class Two:
    """A running Douane with two apps: `strict` refuses what it cannot record, `lax` passes it."""

    douane: Running
    app: App
    sent: int = 0

    def port(self, name: str) -> int:
        listeners = self.douane.ready()["listeners"]
        return int(next(one["port"] for one in listeners if one["apps"] == [name]))

    def call(self, name: str, padding: int = 10) -> Answered:
        """Send one call with an e-mail address of its own and so much text."""
        self.sent += 1
        arguments = {"email": f"person{self.sent}@example.org", "text": "x" * padding}
        message = {"name": "find", "arguments": arguments}
        body = {"jsonrpc": "2.0", "id": f"n{self.sent}", "method": "tools/call", "params": message}
        asked = HTTPConnection("127.0.0.1", self.port(name), timeout=60)
        try:
            asked.request("POST", "/mcp", json.dumps(body), {"Content-Type": "application/json"})
            answer = asked.getresponse()
            return Answered(answer.status, json.loads(answer.read()))
        finally:
            asked.close()

    def received(self) -> int:
        return len(self.app.received)

    def warned(self, words: str) -> list[str]:
        return [line for line in b"".join(self.douane.errors).decode().splitlines() if words in line]

    def returnable(self) -> int:
        """How many bytes Douane can give back to the disk: it empties its journals when it is idle."""
        return sum(file.stat().st_size for file in (self.douane.folder / "data").glob("*-wal"))

    @property
    def ledger(self) -> Path:
        return self.douane.folder / "data" / "douane.db"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """What the ledger says, read beside its writer; nothing while it cannot be read."""
        with (
            contextlib.suppress(sqlite3.Error),
            contextlib.closing(sqlite3.connect(f"file:{self.ledger}?mode=ro", uri=True, timeout=1)) as db,
        ):
            return db.execute(sql).fetchall()
        return []

    def gaps(self) -> dict[tuple[str, str], int]:
        """How many messages each app's gaps of refusing and passing stand for."""
        found = self.rows(
            "SELECT a.name, g.code, sum(g.count) FROM gaps g JOIN apps a ON a.id = g.app_id"
            " WHERE g.code IN ('refused', 'not-recorded', 'expired', 'crashed', 'spool-unreadable',"
            " 'journal-damaged') GROUP BY 1, 2"
        )
        return {(name, code): count for name, code, count in found}

    def exchanges(self) -> dict[tuple[str, str], int]:
        """How many messages each app's ledger holds, by direction."""
        found = self.rows(
            "SELECT a.name, e.direction, count(*) FROM exchanges e JOIN apps a ON a.id = e.app_id GROUP BY 1, 2"
        )
        return {(name, way): count for name, way, count in found}

    def outcomes(self, since: int) -> dict[tuple[str, str, str], int]:
        """What became of how many messages in the rows after this one, by app and direction."""
        found = self.rows(
            "SELECT a.name, e.direction, e.outcome, count(*) FROM exchanges e JOIN apps a ON a.id = e.app_id"
            f" WHERE e.id > {since} GROUP BY 1, 2, 3"
        )
        return {(name, way, outcome): count for name, way, outcome, count in found}


def echo(message: dict[str, Any]) -> Any:
    """An app's answer that is about as large as what it was asked."""
    text = message.get("params", {}).get("arguments", {}).get("text", "")
    return {"jsonrpc": "2.0", "id": message.get("id"), "result": {"content": [{"type": "text", "text": text}]}}


@contextlib.contextmanager
def two_apps(folder: Path) -> Iterator[Two]:
    """`douane run` with its data in `folder`/data and its key in `folder`/key, and an app behind it."""
    with App(echo) as app:
        config = folder / "config.yaml"
        config.write_text(CONFIG % {"url": app.url})
        douane = Running(folder, ["--config", str(config)]).start()
        try:
            yield Two(douane, app)
        finally:
            douane.stop()


HOLDER = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
db.execute("BEGIN " + sys.argv[2])
print("held", flush=True)
sys.stdin.readline()
db.execute("ROLLBACK")
"""


@contextlib.contextmanager
def locked(database: Path, how: str = "IMMEDIATE") -> Iterator[None]:
    """Another process holds the database's lock for writing."""
    command = [sys.executable, "-c", HOLDER, str(database), how]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            holder.communicate(b"\n")
