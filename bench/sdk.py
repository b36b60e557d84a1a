"""What Douane adds to a call of a server on the official SDK: p50 of one connection, direct and through, in turns."""

import json
import multiprocessing
import socket
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from bench.proxying import douane_proxy

CALLS = 200


def serve(port: int) -> None:
    """A small real app on the SDK."""
    from mcp.server import MCPServer

    app = MCPServer("bench", log_level="ERROR")

    @app.tool()
    def find(email: str) -> dict[str, str]:
        """Find a contact by e-mail address."""
        return {"name": "Léa Exemple", "email": email}

    app.run(transport="streamable-http", host="127.0.0.1", port=port, json_response=True, stateless_http=True)


def call(port: int, number: int) -> float:
    """Seconds for `number` calls over one connection: the median of one."""
    link = HTTPConnection("127.0.0.1", port, timeout=20)
    body = json.dumps(
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "tools/call",
            "params": {"name": "find", "arguments": {"email": "lea@example.org"}},
        }
    )
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-11-25",
    }
    taken = []
    for _ in range(number):
        began = time.perf_counter()
        link.request("POST", "/mcp", body, headers)
        answer = link.getresponse()
        held = answer.read()
        taken.append(time.perf_counter() - began)
        if answer.status != 200 or b"Exemple" not in held:
            raise RuntimeError(f"the app answered {answer.status}")
    link.close()
    return median(taken)


def main(*, quick: bool = False) -> list[str]:
    """Measure and return the line of the table."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    server.start()
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                call(port, 5)
                break
            except OSError:
                time.sleep(0.05)
        with (
            tempfile.TemporaryDirectory() as folder,
            douane_proxy(f"http://127.0.0.1:{port}/mcp", Path(folder)) as through,
        ):
            call(through, 20)
            turns = [(call(port, CALLS), call(through, CALLS)) for _ in range(3 if quick else 9)]
    finally:
        server.kill()
    direct, douane = median(one for one, _ in turns) * 1000, median(other for _, other in turns) * 1000
    added = median(other - one for one, other in turns) * 1000
    return [f"| a call of a server on the official SDK, p50 | {direct:.2f} ms | {douane:.2f} ms | +{added:.2f} ms |"]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
