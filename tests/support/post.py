"""A customs post in a test: what the proxy would record goes in, the ledger's rows come out."""

import json
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.message import Gap
from douane.detectors import registry
from douane.inspector.process import Inspector
from douane.inspector.settings import AppSettings, InspectorSettings
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool

MASTER = bytes(range(32))
DETECTORS = registry.load_all(presidio=False)


def detect(fields: Sequence[Field], context: Context) -> tuple[list[Finding], list[Gap]]:
    return registry.detect(fields, context, DETECTORS)


@dataclass
class Post:
    folder: Path
    apps: tuple[AppSettings, ...] = ()
    detect: Any = detect
    ahead: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    at: float = 1_790_000_000.0
    flows: int = 0

    def __post_init__(self) -> None:
        self.spool = Spool(self.folder / "spool.db", MASTER)
        self.inspector = self.open()

    def open(self) -> Inspector:
        settings = InspectorSettings(
            ledger=self.folder / "douane.db",
            spool=self.folder / "spool.db",
            apps=self.apps,
            presidio=False,
            **self.options,
        )
        return Inspector(
            settings, MASTER, self.detect, clock=lambda: self.at, emit=self.events.append, ahead=self.ahead
        )

    def put(
        self, kind: RecordKind, flow: str, seq: int = 0, *, app: str = "travel", body: bytes = b"", **meta: Any
    ) -> str:
        self.at += 0.01
        return self.spool.put(kind, app, flow, seq, self.at, meta, body)

    def asks(self, message: Any, *, app: str = "travel", **meta: Any) -> str:
        """ChatGPT sends a message; the answer names the flow."""
        self.flows += 1
        flow = f"flow{self.flows}"
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = [["content-type", "application/json"], *meta.pop("headers", [])]
        self.put(RecordKind.REQUEST, flow, app=app, body=body, method="POST", target="/mcp", headers=headers, **meta)
        return flow

    def answers(self, flow: str, message: Any, *, app: str = "travel", **meta: Any) -> None:
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        headers = [["content-type", "application/json"]]
        self.put(RecordKind.ANSWER, flow, app=app, body=body, status=200, headers=headers, **meta)

    def work(self, *, seconds: float = 30.0) -> None:
        """Let the inspector work until nothing is left."""
        deadline = time.monotonic() + seconds
        while self.inspector.turn() or not self.inspector.idle():
            if time.monotonic() > deadline:
                raise TimeoutError("the inspector did not come to an end")

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "douane.db")) as db:
            return list(db.execute(sql))

    def left(self) -> int:
        return self.spool.size().records

    def close(self) -> None:
        self.inspector.close()
        self.spool.close()


def call(number: int | str, tool: str = "search_flights", **arguments: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}


def result(number: int | str, **structured: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": number, "result": {"content": [], "structuredContent": structured}}
