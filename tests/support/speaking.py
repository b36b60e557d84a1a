"""One MCP call to a Douane that runs in a test."""

import json
import urllib.request
from typing import Any


def call(port: int, arguments: dict[str, Any], *, seconds: float = 30) -> dict[str, Any]:
    """Call a tool of the app behind this port; the answer."""
    params = {"name": "find", "arguments": arguments}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).encode()
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/mcp", body, headers)
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=seconds) as answer:
        said: dict[str, Any] = json.loads(answer.read())
        return said
