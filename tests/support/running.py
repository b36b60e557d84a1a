"""A real `douane run` in a test: started, spoken to, stopped, and its files read."""

import asyncio
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

INSPECTOR = "douane.inspector.main"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], Any], seconds: float = 60.0, what: str = "it") -> Any:
    """Poll until `true()` is truthy and give that back; fail after a deadline."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"{what} did not happen within {seconds} seconds")
        time.sleep(0.02)
    return found


def children(pid: int) -> dict[str, int]:
    """The process ids of a supervisor's children, by module."""
    found: dict[str, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError, ValueError):
                if int((entry / "stat").read_text().rpartition(")")[2].split()[1]) == pid:
                    words = (entry / "cmdline").read_bytes().decode().split("\0")
                    found[words[words.index("-m") + 1] if "-m" in words else words[0]] = int(entry.name)
    return found


def inspecting(pid: int) -> int | None:
    """The process id of the inspector that works below a supervisor; what stands by for it is `children`'s."""
    above = children(pid).get(INSPECTOR)
    return children(above).get(INSPECTOR) if above is not None else None


@dataclass
class Running:
    """`douane run` as a process of its own group; `lines` is what it said in JSON.

    `command` is all of what is started, where that is more than this Python's `douane run` with `arguments`.
    """

    folder: Path
    arguments: list[str]
    command: list[str] = field(default_factory=list)
    lines: list[dict[str, Any]] = field(default_factory=list)
    errors: list[bytes] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    def start(self) -> "Running":
        environ = {**os.environ, "DOUANE_KEY_FILE": str(self.folder / "key" / "master.key")}
        self.process = subprocess.Popen(
            self.command
            or [
                sys.executable,
                "-m",
                "douane.cli.main",
                "run",
                *self.arguments,
                "--data",
                str(self.folder / "data"),
                "--log-format",
                "json",
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            start_new_session=True,
        )
        self.readers = [
            threading.Thread(target=self._read, daemon=True),
            threading.Thread(target=self._moan, daemon=True),
        ]
        for reader in self.readers:
            reader.start()
        self.ready()
        return self

    def ready(self) -> dict[str, Any]:
        def told() -> Any:
            if self.process.poll() is not None:
                raise RuntimeError(f"douane run ended with {self.process.returncode}: {b''.join(self.errors).decode()}")
            return next((line for line in self.lines if line.get("event") == "ready"), None)

        return until(told, 40, "ready")

    def port(self) -> int:
        return int(self.ready()["listeners"][0]["port"])

    def events(self, kind: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line.get("event") == kind]

    def complaints(self) -> list[bytes]:
        """What it said on standard error, but for how far behind it is: that is said of the machine."""
        return [line for line in self.errors if not re.search(rb"Inspection is \d+ \w+ behind", line)]

    def master(self) -> bytes:
        from douane.ledger import keys

        return keys.load(self.folder / "key" / "master.key")

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        for reader in self.readers:
            reader.join(5)
        if any(reader.is_alive() for reader in self.readers):  # what it started may be stopped, and keeps the pipes
            self._end_what_is_left()
            for reader in self.readers:
                reader.join(60)
        if self.process.stdout is not None and self.process.stderr is not None:
            self.process.stdout.close()
            self.process.stderr.close()
        return int(self.process.returncode)

    def _end_what_is_left(self) -> None:
        """Kill what still runs with this folder's key; each is in a session of its own."""
        mark = f"DOUANE_KEY_FILE={self.folder / 'key' / 'master.key'}".encode()
        for entry in Path("/proc").glob("[0-9]*/environ"):
            with contextlib.suppress(OSError):
                if mark in entry.read_bytes().split(b"\0") and int(entry.parent.name) != os.getpid():
                    os.kill(int(entry.parent.name), signal.SIGKILL)

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.raw.append(line)
            with contextlib.suppress(ValueError):
                self.lines.append(json.loads(line))

    def _moan(self) -> None:
        for line in self.process.stderr or ():
            self.errors.append(line)


@contextlib.contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    douane = Running(folder, list(arguments))
    try:
        yield douane.start()
    finally:
        douane.stop()


class App:
    """A small HTTP server that speaks JSON-RPC: keeps what it received, answers as told."""

    def __init__(self, answer: Callable[[dict[str, Any]], Any] | None = None) -> None:
        self.received: list[dict[str, Any]] = []
        self._answer = answer or (
            lambda message: {"jsonrpc": "2.0", "id": message.get("id"), "result": {"content": []}}
        )
        self.port = 0

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"

    def _run(self, started: threading.Event) -> None:
        async def serve() -> None:
            self._stop = asyncio.Event()
            server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            await self._stop.wait()
            server.close()
            server.close_clients()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(server.wait_closed(), 5)

        self._loop.run_until_complete(serve())
        self._loop.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError, ValueError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    (
                        int(line.split(b":")[1])
                        for line in head.split(b"\r\n")
                        if line.lower().startswith(b"content-length:")
                    ),
                    0,
                )
                body = await reader.readexactly(length)
                try:
                    message = json.loads(body)
                except ValueError:
                    message = {}  # not everything that an app is sent is JSON
                self.received.append(message)
                body = json.dumps(self._answer(message)).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    % (len(body), body)
                )
                await writer.drain()
        writer.close()
