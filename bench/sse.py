"""How much later an event of a stream arrives: first event, and each event, in turns.

Direct, through a relay that copies bytes, through stock mitmdump that streams, and through Douane. The
server writes the monotonic clock into every event; the clock is the machine's, so the difference is the delay.
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

from bench.proxying import douane_proxy, mitmdump_proxy, relay_proxy, rest_on_the_other_core, row

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


@rest_on_the_other_core()
def main(*, quick: bool = False) -> list[str]:
    """Measure and return the lines of the table."""
    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    server.start()
    port = here.recv()
    rounds = 2 if quick else 5
    turns: list[list[tuple[float, list[float]]]] = []
    try:
        with (
            tempfile.TemporaryDirectory() as folder,
            relay_proxy(port) as relay,
            mitmdump_proxy(port, Path(folder)) as stock,
            douane_proxy(f"http://127.0.0.1:{port}/mcp", Path(folder)) as douane,
        ):
            targets = (port, relay, stock, douane)
            for target in targets:
                listen(target)
            turns = [[listen(target) for target in targets] for _ in range(rounds)]
    finally:
        server.kill()
    firsts = [[first for first, _ in each] for each in turns]
    middles = [[median(delays) for _, delays in each] for each in turns]
    tails = [[quantiles(delays, n=100)[98] for _, delays in each] for each in turns]
    return [
        row("SSE, first event of a stream", firsts),
        row("SSE, each event, p50", middles),
        row("SSE, each event, p99", tails),
    ]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
