"""A conversation over HTTP, written down as it was had: `>>` goes to the app, `<<` comes back to ChatGPT."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from douane.ledger.record import Record, RecordKind
from douane.wire.assembler import Assembler
from douane.wire.crossing import Crossed, OutcomeNote


def encoded(message: object) -> bytes:
    return message if isinstance(message, bytes) else json.dumps(message).encode()


def event(message: object, *, id: str | None = None, name: str = "message") -> bytes:  # noqa: A002
    head = f"id: {id}\n" if id is not None else ""
    return f"event: {name}\n{head}".encode() + b"data: " + encoded(message) + b"\n\n"


@dataclass(frozen=True)
class Step:
    flow: str
    kind: RecordKind
    meta: dict[str, Any] = field(default_factory=dict)
    body: bytes = b""


class Playbook:
    """Runs steps through an assembler as they are written down and remembers what came out."""

    def __init__(self, **options: Any) -> None:
        self.assembler = Assembler(**options)
        self.crossed: list[Crossed] = []
        self.notes: list[OutcomeNote] = []
        self.records: list[Record] = []
        self.done: list[str] = []
        self._pieces: dict[str, int] = {}

    def __rshift__(self, step: Step) -> "Playbook":
        return self._step(step)

    def __lshift__(self, step: Step) -> "Playbook":
        return self._step(step)

    def _step(self, step: Step) -> "Playbook":
        seq, name = 0, f"{step.flow}.{step.kind}"
        if step.kind is RecordKind.PIECE:
            seq = self._pieces.get(step.flow, 0)
            self._pieces[step.flow] = seq + 1
            name += str(seq)
        number = len(self.records) + 1
        self.feed(Record(number, name, "app", step.flow, step.kind, seq, 1000.0 + number, step.meta, step.body))
        return self

    def feed(self, record: Record) -> list[Crossed]:
        self.records.append(record)
        found = self.assembler.feed(record)
        self.crossed += found
        self.notes += self.assembler.notes()
        self.done += self.assembler.done()
        return found

    def lines(self) -> list[str]:
        """One line a message: way, name, kind, method, tool, what it answers, gaps."""
        return [line(one) for one in self.crossed]


def line(one: Crossed) -> str:
    words = [">>" if one.direction == "to_app" else "<<", f"{one.record_uid}/{one.part}"]
    if one.message is not None:
        words.append(str(one.message.kind))
        words += [word for word in (one.message.method, one.message.tool) if word]
    if one.answers is not None:
        words.append(f"to {one.answers[0]}/{one.answers[1]}")
    if one.redelivery_of is not None:
        words.append(f"again {one.redelivery_of[0]}/{one.redelivery_of[1]}")
    words += [f"gap {gap.code}" for gap in one.gaps]
    return " ".join(words)


class Words:
    """The vocabulary of a conversation."""

    event = staticmethod(event)
    line = staticmethod(line)
    Playbook = Playbook

    def __call__(self, **options: Any) -> Playbook:
        return Playbook(**options)

    @staticmethod
    def call(rpc_id: object, tool: str = "search", **arguments: object) -> dict[str, Any]:
        params = {"name": tool, "arguments": arguments}
        return {"jsonrpc": "2.0", "id": rpc_id, "method": "tools/call", "params": params}

    @staticmethod
    def ask(rpc_id: object, method: str, **params: object) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": rpc_id, "method": method, "params": params}

    @staticmethod
    def tell(method: str, **params: object) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "method": method, "params": params}

    @staticmethod
    def result(rpc_id: object, **result: object) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": rpc_id, "result": result}

    @staticmethod
    def error(rpc_id: object, code: int = -32601, text: str = "no such method") -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": rpc_id, "error": {"code": code, "message": text}}

    @staticmethod
    def post(
        flow: str,
        message: object = b"",
        *,
        session: str = "",
        credential: str = "",
        target: str = "/mcp",
        headers: dict[str, str] | None = None,
        verb: str = "POST",
        **meta: object,
    ) -> Step:
        known = {
            "method": verb,
            "target": target,
            "headers": [[name, value] for name, value in (headers or {}).items()],
            "session": session,
            "credential": credential,
            "route": "reverse",
            "own": False,
            "host": "app.example.org",
            "truncated": False,
        }
        return Step(flow, RecordKind.REQUEST, known | meta, encoded(message) if message != b"" else b"")

    def get(self, flow: str, **options: Any) -> Step:
        return self.post(flow, verb="GET", **options)

    @staticmethod
    def answer(
        flow: str,
        message: object = b"",
        *,
        status: int = 200,
        headers: dict[str, str] | None = None,
        session: str = "",
        truncated: bool = False,
    ) -> Step:
        pairs = [[name, value] for name, value in (headers or {}).items()]
        meta = {"status": status, "headers": pairs, "session": session, "truncated": truncated}
        return Step(flow, RecordKind.ANSWER, meta, encoded(message) if message != b"" else b"")

    @staticmethod
    def stream(flow: str, *, headers: dict[str, str] | None = None, session: str = "") -> Step:
        pairs = [["Content-Type", "text/event-stream"], *([name, value] for name, value in (headers or {}).items())]
        return Step(flow, RecordKind.STREAM, {"status": 200, "headers": pairs, "session": session, "truncated": False})

    @staticmethod
    def piece(flow: str, body: bytes) -> Step:
        return Step(flow, RecordKind.PIECE, {}, body)

    @staticmethod
    def end(flow: str, reason: str = "complete") -> Step:
        return Step(flow, RecordKind.END, {"reason": reason})

    @staticmethod
    def fault(flow: str, side: str, code: str) -> Step:
        return Step(flow, RecordKind.FAULT, {"side": side, "code": code})

    @staticmethod
    def delivered(*flows: str, **more: object) -> Step:
        return Step("", RecordKind.OUTCOME, {"delivered": list(flows), **more})

    @staticmethod
    def said(flow: str, code: str, **meta: object) -> Step:
        return Step(flow, RecordKind.GAP, {"code": code, **meta})


@pytest.fixture
def talk() -> Callable[..., Any]:
    return Words()
