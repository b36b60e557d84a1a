"""Messages whose fields a test looks at, and those fields. What they hold is invented."""

import json
from typing import Any

from douane.audit.fields import Field, fields
from douane.audit.jsontext import Node, get, parse
from douane.audit.message import Direction, HttpPart, Kind, Message

CANARY = "Zoé O'Brien-Müller 😀"


def message_of(text: str, *, direction: Direction = Direction.TO_APP, http: tuple[HttpPart, ...] = ()) -> Message:
    payload = parse(text)
    assert isinstance(payload, Node)
    method = get(payload, "method")
    return Message(
        app="demo",
        direction=direction,
        kind=Kind.REQUEST,
        method=str(method.value) if method is not None else None,
        tool=None,
        rpc_id=1,
        payload=payload,
        text=text,
        http=http,
    )


def call(arguments: object, *, ascii_only: bool = False, http: tuple[HttpPart, ...] = ()) -> Message:
    body = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "send", "arguments": arguments}}
    return message_of(json.dumps(body, ensure_ascii=ascii_only), http=http)


def seen(message: Message, **options: Any) -> list[tuple[str, str, str]]:
    """(pointer below the arguments, decoding path, text) of each field."""
    found, _ = fields(message, **options)
    return [(field.pointer.removeprefix("/params/arguments"), field.reached, field.text) for field in found]


def one(message: Message, text: str) -> Field:
    found = [field for field in fields(message)[0] if field.text == text]
    assert len(found) == 1, f"{len(found)} fields have that text"
    return found[0]
