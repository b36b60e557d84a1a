"""Captures made up for tests: a short conversation with an app, as a browser, mitmproxy or a log would save it."""

import base64
import gzip
import io
import json
from typing import Any

from mitmproxy import http
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

HOST = "crm.example.test"
URL = f"https://{HOST}/mcp"
TOOLS = {
    "tools": [
        {
            "name": "find_contact",
            "inputSchema": {"type": "object", "properties": {"email": {"type": "string", "description": "E-mail"}}},
        }
    ]
}
ANSWER = {"structuredContent": {"phone": "+33 6 12 34 56 78"}, "content": []}
CONVERSATION: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"id": 1, "method": "tools/list"}, {"id": 1, "result": TOOLS}),
    (
        {
            "id": 2,
            "method": "tools/call",
            "params": {
                "name": "find_contact",
                "arguments": {"email": "lea.martin@example.org", "iban": "FR7630006000011234567890189"},
            },
        },
        {"id": 2, "result": ANSWER},
    ),
)


def text(message: dict[str, Any]) -> str:
    """A message as it crosses."""
    return json.dumps({"jsonrpc": "2.0", **message})


def jsonl() -> bytes:
    """The conversation as a log of bare messages."""
    return "\n".join(text(one) for pair in CONVERSATION for one in pair).encode() + b"\n"


def entry(request: str, answer: str, second: int, *, how: str = "plain", **over: Any) -> dict[str, Any]:
    """One entry of an archive; `how` is `plain`, `base64`, `gzip` (base64 of what crossed) or `sse`."""
    kind = "text/event-stream" if how == "sse" else "application/json"
    body = f"event: message\ndata: {answer}\n\n" if how == "sse" else answer
    content: dict[str, Any] = {"text": body, "size": len(body), "mimeType": kind}
    if how in ("base64", "gzip"):
        raw = gzip.compress(body.encode()) if how == "gzip" else body.encode()
        content |= {"text": base64.b64encode(raw).decode(), "encoding": "base64"}
    return {
        "startedDateTime": f"2026-11-03T10:00:{second:02}.000Z",
        "time": 120.5,
        "request": {
            "method": "POST",
            "url": URL,
            "headers": [
                {"name": ":authority", "value": HOST},
                {"name": "Authorization", "value": "Bearer not-a-real-token"},
                {"name": "Content-Type", "value": "application/json"},
            ],
            "postData": {"mimeType": "application/json", "text": request},
        },
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": kind}, {"name": "Content-Encoding", "value": "gzip"}],
            "content": content,
        },
        "timings": {"receive": 20},
        **over,
    }


def archive(*entries: Any) -> bytes:
    """An archive of these entries."""
    return json.dumps({"log": {"version": "1.2", "creator": {"name": "test"}, "entries": entries}}).encode()


def har(how: str = "plain") -> bytes:
    """The conversation as a browser's archive, with a page of another host beside it."""
    page = entry("", "<html>", 9)
    page["request"] |= {"method": "GET", "url": "https://ads.example.test/", "postData": None}
    return archive(
        *(entry(text(asked), text(told), at, how=how) for at, (asked, told) in enumerate(CONVERSATION)), page
    )


def flows() -> bytes:
    """The conversation as mitmproxy's flow file."""
    out = io.BytesIO()
    writer = FlowWriter(out)
    for at, (asked, told) in enumerate(CONVERSATION):
        flow = tflow.tflow(resp=True)
        flow.request = http.Request.make("POST", URL, text(asked), {"content-type": "application/json"})
        flow.response = http.Response.make(
            200, gzip.compress(text(told).encode()), {"content-type": "application/json"}
        )
        flow.response.headers["content-encoding"] = "gzip"
        flow.request.timestamp_start, flow.request.timestamp_end = 1793786400.0 + at, 1793786400.1 + at
        flow.response.timestamp_start, flow.response.timestamp_end = 1793786400.2 + at, 1793786400.3 + at
        writer.add(flow)
    return out.getvalue()
