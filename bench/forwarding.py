"""Forwarding while recording: direct, stock mitmdump with an addon that parses the JSON, and Douane, in turns.

    python -m bench.forwarding [--quick] [--json FILE]

Needs `wrk` and `taskset`. The proxy under test has core 0, the upstream and wrk have core 1. Figures of one turn are
compared with those of the same turn only, since a shared machine is never the same twice; medians are over turns.
No inspector empties the spool here, so at 100 kB the writer's own checkpoints show in Douane's p99.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import platform
import re
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.proxying import MITMDUMP_ADDON, free_port, wait_for

SIZES = (500, 5_000, 100_000)
CONNECTIONS = (1, 16)
PROXY_CORE, LOAD_CORE = "0", "1"

WRK_SCRIPT = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Accept"] = "application/json, text/event-stream"
wrk.headers["Authorization"] = "Bearer 0123456789abcdef0123456789abcdef"
wrk.headers["MCP-Protocol-Version"] = "2025-11-25"
wrk.headers["X-Openai-Session"] = "v1/0123456789abcdef"
wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"find","arguments":{"text":"' ..
  string.rep("x", tonumber(os.getenv("BODY_SIZE")) - 110) .. '"}}}'
"""


@dataclass(frozen=True, slots=True)
class Turn:
    """One run of wrk against one target."""

    per_second: float
    p50_us: float
    p99_us: float
    errors: int


class _Answers(asyncio.Protocol):
    """Answers each POST with a JSON-RPC result of as many bytes as the target's `n` says."""

    made: dict[int, bytes] = {}  # noqa: RUF012 - shared on purpose

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("a stream transport is needed")
        self.transport = transport
        self.buffer = b""

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end].lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(self.buffer) < end + 4 + length:
                return
            self.buffer = self.buffer[end + 4 + length :]
            size = int(head.split(b" ", 2)[1].partition(b"n=")[2] or 500)
            self.transport.write(self._answer(size))

    def _answer(self, size: int) -> bytes:
        answer = self.made.get(size)
        if answer is None:
            body = b'{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"%s"}]}}' % (b"y" * (size - 74))
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            answer = self.made[size] = head + body
        return answer


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(_Answers, "127.0.0.1", port)
    await server.serve_forever()


@contextlib.contextmanager
def _running(core: str, *command: str, line: bytes = b"") -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(["taskset", "-c", core, *command], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    if process.stdin is not None and line:
        process.stdin.write(line)
        process.stdin.flush()
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def _targets(folder: Path, optimised: bool) -> Iterator[dict[str, int]]:
    """Start the upstream and both proxies; yield name -> port."""
    upstream, stock, douane = free_port(), free_port(), free_port()
    addon = folder / "parses.py"
    addon.write_text(MITMDUMP_ADDON)
    settings = {
        "apps": [{"name": "bench", "upstream": f"http://127.0.0.1:{upstream}/mcp", "listen_port": douane}],
        "spool": str(folder / "spool.db"),
        "spool_limit_bytes": 1 << 40,
    }
    key = base64.b64encode(secrets.token_bytes(32))
    mitmdump = str(Path(sys.executable).with_name("mitmdump"))
    options = ["-q", "--mode", f"reverse:http://127.0.0.1:{upstream}", "-p", str(stock), "-s", str(addon)]
    flags = ["-O"] if optimised else []
    with (
        _running(LOAD_CORE, sys.executable, "-m", "bench.forwarding", "--serve", str(upstream)),
        _running(PROXY_CORE, mitmdump, *options, "--set", f"confdir={folder / 'mitmproxy'}"),
        _running(
            PROXY_CORE,
            sys.executable,
            *flags,
            "-m",
            "douane.proxy.main",
            line=json.dumps(settings).encode() + b"\n" + key + b"\n",
        ),
    ):
        ports = {"direct": upstream, "mitmdump": stock, "douane": douane}
        for port in ports.values():
            wait_for(port)
        yield ports


def _wrk(script: Path, port: int, size: int, connections: int, seconds: float) -> Turn:
    done = subprocess.run(
        [
            *("taskset", "-c", LOAD_CORE, "wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "--latency"),
            *("-s", str(script), f"http://127.0.0.1:{port}/mcp?n={size}"),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "BODY_SIZE": str(size)},
    )
    said = done.stdout
    rate = re.search(r"Requests/sec:\s*([\d.]+)", said)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if rate is None:
        raise SystemExit(f"wrk said something else:\n{said}")
    return Turn(float(rate[1]), _latency(said, "50%"), _latency(said, "99%"), int(failed[1]) if failed else 0)


def _latency(said: str, which: str) -> float:
    found = re.search(rf"{which}\s+([\d.]+)(us|ms|s)\b", said)
    return float(found[1]) * {"us": 1, "ms": 1_000, "s": 1_000_000}[found[2]] if found else float("nan")


@dataclass(frozen=True, slots=True)
class Row:
    """The medians of one size and number of connections; ratios are Douane's to mitmdump's in the same turn."""

    size: int
    connections: int
    direct: Turn
    mitmdump: Turn
    douane: Turn
    rate_ratio: float
    p50_ratio: float
    turns: int


def _median(turns: list[Turn]) -> Turn:
    columns = zip(*((turn.per_second, turn.p50_us, turn.p99_us) for turn in turns), strict=True)
    rate, p50, p99 = (statistics.median(column) for column in columns)
    return Turn(rate, p50, p99, sum(turn.errors for turn in turns))


def measure(
    sizes: tuple[int, ...], connections: tuple[int, ...], turns: int, seconds: float, optimised: bool
) -> list[Row]:
    """Run every combination in turns and return its medians."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = folder / "post.lua"
        script.write_text(WRK_SCRIPT)
        with _targets(folder, optimised) as ports:
            for port in ports.values():
                _wrk(script, port, sizes[0], 1, 1)
            for size in sizes:
                for count in connections:
                    rows.append(_row(script, ports, size, count, turns, seconds))
                    _print(rows[-1])
    return rows


def _row(script: Path, ports: dict[str, int], size: int, connections: int, turns: int, seconds: float) -> Row:
    seen: dict[str, list[Turn]] = {name: [] for name in ports}
    names = list(ports)
    for turn in range(turns):
        order = names[turn % 3 :] + names[: turn % 3]
        for name in order:
            seen[name].append(_wrk(script, ports[name], size, connections, seconds))
    pairs = list(zip(seen["douane"], seen["mitmdump"], strict=True))
    return Row(
        size=size,
        connections=connections,
        direct=_median(seen["direct"]),
        mitmdump=_median(seen["mitmdump"]),
        douane=_median(seen["douane"]),
        rate_ratio=statistics.median(ours.per_second / theirs.per_second for ours, theirs in pairs),
        p50_ratio=statistics.median(ours.p50_us / theirs.p50_us for ours, theirs in pairs),
        turns=turns,
    )


def _print(row: Row) -> None:
    for name in ("direct", "mitmdump", "douane"):
        turn: Turn = getattr(row, name)
        ratios = f"{row.rate_ratio:6.2f} x {row.p50_ratio:6.2f} x" if name == "douane" else ""
        print(
            f"{row.size / 1000:>7g} kB {row.connections:>3} conn  {name:<9} {turn.per_second:>9.0f}/s "
            f"p50 {turn.p50_us / 1000:>8.2f} ms  p99 {turn.p99_us / 1000:>8.2f} ms  {ratios}"
            + (f"  {turn.errors} errors" if turn.errors else ""),
            flush=True,
        )


def main() -> int:
    """Measure and print; exit 1 when an answer was not a success."""
    parser = argparse.ArgumentParser(description="Forwarding while recording, against direct and stock mitmdump.")
    parser.add_argument("--quick", action="store_true", help="5 kB and one connection only, short turns")
    parser.add_argument("--no-optimise", action="store_true", help="run Douane without -O")
    parser.add_argument("--turns", type=int, default=0)
    parser.add_argument("--json", type=Path, help="write the figures there too")
    parser.add_argument("--serve", type=int, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.serve:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_serve(wanted.serve))
        return 0
    missing = [tool for tool in ("wrk", "taskset") if shutil.which(tool) is None]
    if missing:
        raise SystemExit(f"{' and '.join(missing)}: not found; install it to run this bench")
    print(f"{platform.platform()}, {os.cpu_count()} cores, CPython {platform.python_version()}")
    print("ratios: Douane to mitmdump in the same turn, requests/s and p50 (aims at 5 kB, 1 conn: 1.60 x, 0.60 x)")
    sizes, connections = ((5_000,), (1,)) if wanted.quick else (SIZES, CONNECTIONS)
    turns = wanted.turns or (5 if wanted.quick else 7)
    rows = measure(sizes, connections, turns, 1 if wanted.quick else 2, not wanted.no_optimise)
    if wanted.json:
        wanted.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    return 1 if any(row.douane.errors for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
