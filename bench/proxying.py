"""The proxies of a measurement, each started on a free port, given back and ended: Douane's, stock mitmdump, a relay.

All of them get one core; `rest_on_the_other_core` puts the load and the server on the other.
"""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from statistics import median

from douane.proxy.settings import AppSettings, ProxySettings

PROXY_CORE, LOAD_CORE = 0, 1

MITMDUMP_ADDON = """
import json
from contextlib import suppress

class Parses:
    def request(self, flow):
        with suppress(ValueError):
            json.loads(flow.request.content)

    def responseheaders(self, flow):
        if flow.response.headers.get("content-type", "").startswith("text/event-stream"):
            flow.response.stream = True

    def response(self, flow):
        if not flow.response.stream:
            with suppress(ValueError):
                json.loads(flow.response.content)

addons = [Parses()]
"""
"""What a first version of this tool would do: parse each body, pass streams on."""


def free_port() -> int:
    """A port of the loopback interface that nothing listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    """Return when something listens at `port`."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")


@contextlib.contextmanager
def rest_on_the_other_core() -> Iterator[None]:
    """Keep this process, and what it starts meanwhile, off the proxies' core."""
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def on_core(*command: str) -> list[str]:
    """The command on the proxies' core."""
    return ["taskset", "-c", str(PROXY_CORE), *command]


@contextlib.contextmanager
def ended(child: "subprocess.Popen[str]") -> Iterator[None]:
    """End the process in any case."""
    try:
        yield
    finally:
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


@contextlib.contextmanager
def douane_proxy(upstream: str, folder: Path) -> Iterator[int]:
    """Run `python -O -m douane.proxy.main` in front of `upstream`, recording into `folder`; yields its port."""
    settings = ProxySettings(
        apps=(AppSettings(name="bench", upstream=upstream, on_log_failure="refuse"),),
        spool=folder / "spool.db",
        spool_limit_bytes=2**33,
    )
    command = on_core(sys.executable, "-O", "-m", "douane.proxy.main")
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with ended(child):
        if child.stdin is None or child.stdout is None:
            raise RuntimeError("no pipes to the proxy")
        child.stdin.write(settings.model_dump_json() + "\n" + b64encode(bytes(32)).decode() + "\n")
        child.stdin.flush()
        for line in child.stdout:
            event = json.loads(line)
            if event.get("event") == "ready":
                yield int(event["listeners"][0]["port"])
                return
        raise RuntimeError(f"the proxy ended with {child.wait()}")


@contextlib.contextmanager
def mitmdump_proxy(upstream_port: int, folder: Path) -> Iterator[int]:
    """Run stock `mitmdump` with `MITMDUMP_ADDON` in front of a port; yields its port."""
    addon, port = folder / "parses.py", free_port()
    addon.write_text(MITMDUMP_ADDON, encoding="utf-8")
    mitmdump = str(Path(sys.executable).with_name("mitmdump"))
    options = ["-q", "--mode", f"reverse:http://127.0.0.1:{upstream_port}", "-p", str(port), "-s", str(addon)]
    command = on_core(mitmdump, *options, "--set", f"confdir={folder / 'mitmproxy'}")
    with ended(subprocess.Popen(command, stdout=subprocess.DEVNULL, text=True)):
        wait_for(port)
        yield port


@contextlib.contextmanager
def relay_proxy(upstream_port: int) -> Iterator[int]:
    """Run a relay that copies bytes and looks at none; yields its port."""
    port = free_port()
    command = on_core(sys.executable, "-O", __file__, str(port), str(upstream_port))
    with ended(subprocess.Popen(command, text=True)):
        wait_for(port)
        yield port


async def _relay(port: int, upstream_port: int) -> None:
    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65_535):
                writer.write(data)
                await writer.drain()
        writer.close()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", upstream_port)
        await asyncio.gather(copy(reader, up_writer), copy(up_reader, writer))

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    await server.serve_forever()


def row(what: str, turns: list[list[float]]) -> str:
    """One line: direct, what each proxy adds, and Douane's addition by mitmdump's of the same turn."""
    added = [median(turn[which] - turn[0] for turn in turns) for which in (1, 2, 3)]
    ratio = median((turn[3] - turn[0]) / max(turn[2] - turn[0], 1e-6) for turn in turns)
    cells = [f"{median(turn[0] for turn in turns):.2f} ms", *(f"{one:+.2f} ms" for one in added), f"**{ratio:.2f} ×**"]
    return f"| {what} | {' | '.join(cells)} |"


if __name__ == "__main__":
    asyncio.run(_relay(int(sys.argv[1]), int(sys.argv[2])))
