"""Serve a sample app on the loopback interface. The apps under `demo/` are sample data, not part of the product."""

import argparse
import socket
from collections.abc import Mapping
from typing import Any

import uvicorn
from mcp_types import CallToolResult, TextContent
from pydantic import BaseModel, ConfigDict
from starlette.types import ASGIApp, Receive, Scope, Send

from douane.demo.processes import HOST


class Record(BaseModel):
    """Base of what the sample apps declare to take and to give: Python names inside, the same names on the wire."""

    model_config = ConfigDict(hide_input_in_errors=True)


def answer(
    text: str, data: Mapping[str, Any], *, only_for_the_widget: Mapping[str, Any] | None = None
) -> CallToolResult:
    """A tool result as apps for ChatGPT give it: `text` for the model, `data` for model and widget."""
    return CallToolResult(
        content=[TextContent(type="text", text=text)],
        structured_content=dict(data),
        _meta=dict(only_for_the_widget) if only_for_the_widget else None,
    )


def port_from_arguments(description: str | None) -> int:
    """The value of `--port`, the only argument that a plain sample app takes."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, required=True, help="the loopback port to listen on")
    return int(parser.parse_args().port)


def server_for(apps: Mapping[int, ASGIApp]) -> uvicorn.Server:
    """A server that gives each app the requests of its port; the last app's lifespan is run."""
    *_, last = apps.values()

    async def by_port(scope: Scope, receive: Receive, send: Send) -> None:
        port = (scope.get("server") or ("", 0))[1]
        await apps.get(port, last)(scope, receive, send)

    return uvicorn.Server(uvicorn.Config(by_port, log_level="warning", timeout_graceful_shutdown=1))


def serve(apps: Mapping[int, ASGIApp]) -> None:
    """Serve each app on its loopback port until the process is told to end. The last app's lifespan is run."""
    server_for(apps).run(sockets=[socket.create_server((HOST, port), backlog=128) for port in apps])
