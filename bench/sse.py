"""How much later an event of a stream arrives through Douane: first event, and each event, direct and through in turns.

The server writes the monotonic clock into every event; the clock is the machine's, so the difference is the delay.
"""

import asyncio
import json
import multiprocessing
import socket
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median, quantiles

from bench.proxying import douane_proxy

EVENTS = 300
GAP_SECONDS = 0.004


def serve(told: Connection) -> None:
    """An MCP endpoint whose every answer is a stream of `EVENTS` events."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n"
                )
                for number in range(EVENTS):
                    params = {"progressToken": 1, "progress": number, "message": str(time.perf_counter_ns())}
                    message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
                    event = b"event: message\r\ndata: " + json.dumps(message).encode() + b"\r\n\r\n"
                    writer.write(b"%x\r\n%s\r\n" % (len(event), event))
                    await writer.drain()
                    await asyncio.sleep(GAP_SECONDS)
                writer.write(b"0\r\n\r\n")
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            writer.close()

    async def main() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        told.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(main())


def listen(port: int) -> tuple[float, list[float]]:
    """Milliseconds from the request to the first event, and from each event's writing to its arrival."""
    with socket.create_connection(("127.0.0.1", port)) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        began = time.perf_counter_ns()
        link.sendall(b"GET /mcp HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nAccept: text/event-stream\r\n\r\n" % port)
        first, delays, held = 0.0, [], b""
        while len(delays) < EVENTS:
            data = link.recv(65536)
            now = time.perf_counter_ns()
            if not data:
                raise RuntimeError("the stream ended early")
            held += data
            while b'"message": "' in held and b"\r\n\r\n" in held.split(b'"message": "', 1)[1]:
                rest = held.split(b'"message": "', 1)[1]
                written, held = rest.split(b'"', 1)
                delays.append((now - int(written)) / 1e6)
                first = first or (now - began) / 1e6
        return first, delays


def main(*, quick: bool = False) -> list[str]:
    """Measure and return the lines of the table."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    rounds = 2 if quick else 5
    firsts: dict[str, list[float]] = {"direct": [], "Douane": []}
    events: dict[str, list[float]] = {"direct": [], "Douane": []}
    try:
        upstream = f"http://127.0.0.1:{port}/mcp"
        with tempfile.TemporaryDirectory() as folder, douane_proxy(upstream, Path(folder)) as through:
            for _ in range(rounds):
                for name, at in (("direct", port), ("Douane", through)):
                    first, delays = listen(at)
                    firsts[name].append(first)
                    events[name] += delays
    finally:
        server.kill()
    added_first = median(firsts["Douane"]) - median(firsts["direct"])
    added = median(events["Douane"]) - median(events["direct"])
    tail = quantiles(events["Douane"], n=100)[98] - quantiles(events["direct"], n=100)[98]
    first_direct, first_through = median(firsts["direct"]), median(firsts["Douane"])
    each_direct, each_through = median(events["direct"]), median(events["Douane"])
    return [
        f"| SSE, first event | {first_direct:.2f} ms | {first_through:.2f} ms | +{added_first:.2f} ms |",
        f"| SSE, each event, p50 | {each_direct:.3f} ms | {each_through:.3f} ms | +{added:.3f} ms |",
        f"| SSE, each event, p99 | | | {tail:+.3f} ms |",
    ]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
