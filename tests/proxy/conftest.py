"""A proxy process, scripted upstreams and raw sockets for the proxy's tests."""

import base64
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from douane.ledger.record import Record
from douane.ledger.spool import Spool

MASTER = bytes(range(32))
DEADLINE_S = 20.0


@dataclass
class Received:
    """One HTTP message as it came over a socket."""

    head: bytes
    body: bytes
    at: float = 0.0

    @property
    def first_line(self) -> bytes:
        return self.head.split(b"\r\n", 1)[0]

    @property
    def fields(self) -> list[tuple[bytes, bytes]]:
        lines = self.head.split(b"\r\n")[1:]
        return [(line.split(b":", 1)[0], line.split(b":", 1)[1].strip()) for line in lines if line]

    def header(self, name: bytes) -> bytes | None:
        return next((value for key, value in self.fields if key.lower() == name.lower()), None)

    @property
    def status(self) -> int:
        return int(self.first_line.split()[1])


class Wire:
    """A socket with a buffer: reads what a test expects, with a deadline."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.buffer = b""
        sock.settimeout(DEADLINE_S)

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def until(self, mark: bytes) -> bytes:
        while mark not in self.buffer:
            self._more()
        end = self.buffer.index(mark) + len(mark)
        found, self.buffer = self.buffer[:end], self.buffer[end:]
        return found

    def exactly(self, count: int) -> bytes:
        while len(self.buffer) < count:
            self._more()
        found, self.buffer = self.buffer[:count], self.buffer[count:]
        return found

    def to_end(self) -> bytes:
        with contextlib.suppress(EOFError, ConnectionError):
            while True:
                self._more()
        found, self.buffer = self.buffer, b""
        return found

    def message(self, *, head_only: bool = False) -> Received:
        head = self.until(b"\r\n\r\n")
        received = Received(head[:-2], b"", time.monotonic())
        if head_only:
            return received
        if (received.header(b"transfer-encoding") or b"").lower() == b"chunked":
            while chunk := self.chunk():
                received.body += chunk
        elif (length := received.header(b"content-length")) is not None:
            received.body = self.exactly(int(length))
        return received

    def chunk(self) -> bytes:
        size = int(self.until(b"\r\n")[:-2].split(b";")[0], 16)
        data = self.exactly(size)
        if size:
            self.exactly(2)
        else:
            while self.until(b"\r\n") != b"\r\n":
                pass
        return data

    def close(self) -> None:
        self.sock.close()

    def _more(self) -> None:
        data = self.sock.recv(65536)
        if not data:
            raise EOFError("the peer closed the connection")
        self.buffer += data


class Upstream:
    """A server whose every connection is served by `serve(wire, upstream)` in a thread of its own."""

    def __init__(
        self, serve: Callable[[Wire, "Upstream"], None], *, wrap: Callable[[socket.socket], socket.socket] | None = None
    ) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self.errors: list[BaseException] = []
        self.said: list[str] = []
        self._serve = serve
        self._wrap = wrap
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._run, args=(sock,), daemon=True).start()

    def _run(self, sock: socket.socket) -> None:
        try:
            if self._wrap is not None:
                sock = self._wrap(sock)
                self._open.append(sock)
            self._serve(Wire(sock), self)
        except (EOFError, ConnectionError, OSError) as error:
            self.errors.append(error)
        finally:
            sock.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for sock in self._open:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
        self._thread.join(DEADLINE_S)


@dataclass
class RunningProxy:
    """A proxy process that has said it is ready."""

    process: subprocess.Popen[bytes]
    spool_path: Path
    ready: dict[str, Any]
    started_in: float
    events: list[dict[str, Any]] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    _rest: bytes = b""

    @property
    def port(self) -> int:
        port: int = self.ready["listeners"][0]["port"]
        return port

    def connect(self, port: int | None = None) -> Wire:
        wire = Wire(socket.create_connection(("127.0.0.1", port or self.port)))
        self.wires.append(wire)
        return wire

    def ask(self, raw: bytes, *, port: int | None = None) -> Received:
        """Send one request on a connection of its own and return the answer."""
        wire = self.connect(port)
        try:
            wire.send(raw)
            return wire.message()
        finally:
            wire.close()

    def records(self) -> list[Record]:
        """What is in the spool, oldest first."""
        with Spool(self.spool_path, MASTER) as spool:
            found = spool.take(0, 1_000_000, max_bytes=1 << 40)
        assert all(isinstance(record, Record) for record in found)
        return [record for record in found if isinstance(record, Record)]

    def until(self, holds: Callable[[list[Record]], bool]) -> list[Record]:
        """Poll the spool until `holds` says so."""
        deadline = time.monotonic() + DEADLINE_S
        while not holds(records := self.records()):
            assert time.monotonic() < deadline, [(record.kind, record.meta) for record in records]
            time.sleep(0.02)
        return records

    def kinds(self, *, outcomes: bool = False) -> list[str]:
        return [str(record.kind) for record in self.records() if outcomes or record.kind != "outcome"]

    def until_event(self, name: str) -> dict[str, Any]:
        """Return the first event of this name, reading more of the process's output as needed."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            for event in self.events:
                if event["event"] == name:
                    return event
            assert time.monotonic() < deadline, self.events
            self.read_events(0.05)

    def read_events(self, timeout: float = 0.0) -> list[dict[str, Any]]:
        assert self.process.stdout is not None
        fd = self.process.stdout.fileno()
        while select.select([fd], [], [], timeout)[0]:
            data = os.read(fd, 65536)
            if not data:
                break
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.events += [json.loads(line) for line in lines]
            timeout = 0.0
        return self.events

    def rss(self) -> int:
        """The process's resident memory in bytes."""
        pages = Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]
        return int(pages) * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> int:
        """End its standard input and wait for it."""
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        status = self.process.wait(DEADLINE_S)
        self.read_events()
        return status

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)


type StartProxy = Callable[..., RunningProxy]
type StartUpstream = Callable[..., Upstream]


def answer_json(wire: Wire, upstream: Upstream) -> None:
    """Answer each request with a JSON-RPC result."""
    while True:
        upstream.received.append(wire.message())
        body = b'{"jsonrpc":"2.0","id":1,"result":{"ok":true}}'
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)


@pytest.fixture
def start_upstream() -> Iterator[StartUpstream]:
    """Start scripted upstreams; they are closed afterwards."""
    started: list[Upstream] = []

    def start(serve: Callable[[Wire, Upstream], None] = answer_json, **options: Any) -> Upstream:
        started.append(Upstream(serve, **options))
        return started[-1]

    yield start
    for upstream in started:
        upstream.close()


@pytest.fixture
def launch(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Start the proxy process with a settings object and the key; it is killed afterwards if it still runs."""
    started: list[subprocess.Popen[bytes]] = []

    def start(settings: dict[str, Any] | str, key: bytes = MASTER, optimised: bool = True) -> subprocess.Popen[bytes]:
        flags = ["-O"] if optimised else []
        process = subprocess.Popen(
            [sys.executable, *flags, "-m", "douane.proxy.main"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdin is not None
        line = settings if isinstance(settings, str) else json.dumps(settings)
        process.stdin.write(line.encode() + b"\n" + base64.b64encode(key) + b"\n")
        process.stdin.flush()
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.wait(DEADLINE_S)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


@pytest.fixture
def start_proxy(launch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> Iterator[StartProxy]:
    """Start a proxy for these app settings and return it once it is ready; its sockets are closed afterwards."""
    started: list[RunningProxy] = []

    def start(*apps: dict[str, Any], optimised: bool = True, **settings: Any) -> RunningProxy:
        spool = settings.pop("spool", None) or tmp_path / "spool.db"
        began = time.monotonic()
        process = launch({"apps": list(apps), "spool": str(spool), **settings}, optimised=optimised)
        assert process.stdout is not None
        line = process.stdout.readline()
        ready = json.loads(line)
        assert ready["event"] == "ready", ready
        started.append(RunningProxy(process, Path(spool), ready, time.monotonic() - began))
        return started[-1]

    yield start
    for proxy in started:
        for wire in proxy.wires:
            wire.close()


@pytest.fixture
def app() -> Callable[..., dict[str, Any]]:
    """Settings of an app in front of an upstream."""

    def settings(upstream: Upstream, name: str = "travel", path: str = "/mcp", **more: Any) -> dict[str, Any]:
        return {"name": name, "upstream": f"http://127.0.0.1:{upstream.port}{path}", **more}

    return settings


@pytest.fixture
def post() -> Callable[..., bytes]:
    """The bytes of a POST request."""

    def request(
        body: bytes,
        path: str = "/mcp",
        host: str = "127.0.0.1",
        headers: tuple[tuple[str, str], ...] = (),
        content_type: str = "application/json",
    ) -> bytes:
        lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Type: {content_type}"]
        lines += [f"{name}: {value}" for name, value in headers]
        lines.append(f"Content-Length: {len(body)}")
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + body

    return request
