"""What is added to a call of a server on the official SDK: p50 of one connection, in turns.

Direct, through a relay that copies bytes and looks at none (what any proxy written in Python adds on this machine, at
the least), through stock mitmdump that parses the JSON, and through Douane, which records.
"""

import json
import multiprocessing
import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from bench.proxying import douane_proxy, free_port, mitmdump_proxy, relay_proxy, rest_on_the_other_core, row

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


@rest_on_the_other_core()
def main(*, quick: bool = False) -> list[str]:
    """Measure and return the line of the table."""
    port = free_port()
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
            relay_proxy(port) as relay,
            mitmdump_proxy(port, Path(folder)) as stock,
            douane_proxy(f"http://127.0.0.1:{port}/mcp", Path(folder)) as douane,
        ):
            for one in (relay, stock, douane):
                call(one, 20)
            turns = [
                [call(one, CALLS) * 1000 for one in (port, relay, stock, douane)] for _ in range(3 if quick else 9)
            ]
    finally:
        server.kill()
    return [row("a call of a server on the official SDK, p50", turns)]


if __name__ == "__main__":
    print("\n".join(main(quick="--quick" in sys.argv)))
