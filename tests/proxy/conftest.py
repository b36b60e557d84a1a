"""A proxy process, scripted upstreams and raw sockets for the proxy's tests."""

import asyncio
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from douane.ledger.record import Record
from douane.ledger.spool import Spool
from douane.proxy.events import Events
from douane.proxy.listeners import Proxy
from douane.proxy.settings import ProxySettings

MASTER = bytes(range(32))
DEADLINE_S = 60.0


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


class Output:
    """The proxy's event lines, read from a pipe as they come."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._rest = b""
        self.events: list[dict[str, Any]] = []

    def read(self, timeout: float = 0.0) -> list[dict[str, Any]]:
        while select.select([self._fd], [], [], timeout)[0]:
            data = os.read(self._fd, 65536)
            if not data:
                break
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.events += [json.loads(line) for line in lines]
            timeout = 0.0
        return self.events

    def first(self, *names: str) -> dict[str, Any]:
        """Return the first event of one of these names, waiting for it."""
        deadline = time.monotonic() + DEADLINE_S
        while True:
            for event in self.events:
                if event["event"] in names:
                    return event
            assert time.monotonic() < deadline, self.events
            self.read(0.05)


class RunningProxy:
    """A proxy that has said it is ready: in a thread of the test process, or in a process of its own."""

    def __init__(self, spool_path: Path, output: Output, ready: dict[str, Any]) -> None:
        self.spool_path = spool_path
        self.output = output
        self.ready = ready
        self.wires: list[Wire] = []

    @property
    def port(self) -> int:
        port: int = self.ready["listeners"][0]["port"]
        return port

    @property
    def events(self) -> list[dict[str, Any]]:
        """What it said besides that it is ready."""
        return [event for event in self.output.read() if event["event"] != "ready"]

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
        return self.output.first(name)

    def stop(self) -> int:
        """End it cleanly and return its exit status."""
        raise NotImplementedError

    def close(self) -> None:
        """Leave nothing of it open."""
        for wire in self.wires:
            wire.close()


class ProxyProcess(RunningProxy):
    """A proxy in a process of its own."""

    def __init__(
        self, process: subprocess.Popen[bytes], spool_path: Path, output: Output, ready: dict[str, Any]
    ) -> None:
        super().__init__(spool_path, output, ready)
        self.process = process

    def rss(self) -> int:
        """The process's resident memory in bytes."""
        said = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True)
        return int(said.stdout) * 1024

    def stop(self) -> int:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        status = self.process.wait(DEADLINE_S)
        self.output.read()
        return status

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(DEADLINE_S)


class ProxyThread(RunningProxy):
    """A proxy in a thread, with an event loop of its own: ready in no time, and with mitmproxy's assertions on."""

    def __init__(self, settings: ProxySettings) -> None:
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._writes, False)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run(settings)))
        self._thread.start()
        output = Output(self._reads)
        super().__init__(settings.spool, output, output.first("ready"))

    async def _run(self, settings: ProxySettings) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        events = Events(self._writes)
        self._loop.set_exception_handler(lambda _loop, context: events.warn("proxy-fault", "", str(context)))
        with Spool(settings.spool, MASTER, durability="process", limit_bytes=settings.spool_limit_bytes) as spool:
            await Proxy(settings, MASTER, spool, events).run(self._stop)

    def stop(self) -> int:
        if self._thread.is_alive() and self._loop is not None and self._stop is not None:
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(DEADLINE_S)
        assert not self._thread.is_alive()
        return 0

    def close(self) -> None:
        super().close()
        self.stop()
        faults = [event for event in self.events if event.get("code") == "proxy-fault"]
        os.close(self._reads)
        os.close(self._writes)
        assert faults == []


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
def start_process(launch: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> Iterator[StartProxy]:
    """Start a proxy process for these app settings and return it once it is ready."""
    started: list[ProxyProcess] = []

    def start(*apps: dict[str, Any], **settings: Any) -> ProxyProcess:
        spool = settings.pop("spool", None) or tmp_path / "spool.db"
        process = launch({"apps": list(apps), "spool": str(spool), **settings})
        assert process.stdout is not None
        output = Output(process.stdout.fileno())
        ready = output.first("ready", "error")
        assert ready["event"] == "ready", ready
        started.append(ProxyProcess(process, Path(spool), output, ready))
        return started[-1]

    yield start
    for proxy in started:
        proxy.close()


@pytest.fixture
def start_proxy(tmp_path: Path) -> Iterator[StartProxy]:
    """Start a proxy for these app settings in this process and return it once it is ready."""
    started: list[ProxyThread] = []

    def start(*apps: dict[str, Any], **settings: Any) -> ProxyThread:
        spool = settings.pop("spool", None) or tmp_path / "spool.db"
        read = ProxySettings.model_validate_json(json.dumps({"apps": list(apps), "spool": str(spool), **settings}))
        started.append(ProxyThread(read))
        return started[-1]

    yield start
    for proxy in started:
        proxy.close()


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
