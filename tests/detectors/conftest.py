"""Fields as the detectors get them, from a tool's arguments or its structured answer."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from douane.audit.context import Context
from douane.audit.fields import Field, fields
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message

type Opened = tuple[list[Field], Context]
type Open = Callable[..., Opened]


def open_given(given: dict[str, Any], *, results: bool = False, locale: str = "") -> Opened:
    """The fields and the context of a call with these arguments, or of an answer with this structured content."""
    if results:
        payload: dict[str, Any] = {"jsonrpc": "2.0", "id": 1, "result": {"content": [], "structuredContent": given}}
        direction, kind = Direction.TO_CHATGPT, Kind.RESULT
    else:
        arguments = {key: value for key, value in given.items() if key != "_meta"}
        params: dict[str, Any] = {"name": "tool", "arguments": arguments}
        if "_meta" in given:
            params["_meta"] = given["_meta"]
        payload = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        direction, kind = Direction.TO_APP, Kind.REQUEST
    text = json.dumps(payload, ensure_ascii=False)
    node = parse(text)
    assert isinstance(node, Node)
    message = Message("app", direction, kind, "tools/call", "tool", 1, node, text)
    return fields(message)[0], Context("app", direction, kind, "tools/call", "tool", None, locale)


@pytest.fixture
def opened() -> Open:
    return open_given
