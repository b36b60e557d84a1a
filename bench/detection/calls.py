"""A tool's arguments or answer as a message's fields, for generated cases."""

import json
from typing import Any

from bench.accuracy import message_of
from bench.detection.messages import Opened
from douane.audit.fields import fields


def opened(given: dict[str, Any], *, french: bool = False, answer: bool = False) -> Opened:
    """The fields and context of a call with these arguments, or of an answer with this structured content."""
    payload: dict[str, Any] = {"jsonrpc": "2.0", "id": 1}
    if answer:
        payload["result"] = {"content": [], "structuredContent": given}
    else:
        payload |= {"method": "tools/call", "params": {"name": "tool", "arguments": given}}
    row = {
        "id": "generated",
        "app": "Generated",
        "lang": "fr" if french else "en",
        "direction": "to_chatgpt" if answer else "to_app",
        "tool": "tool",
        "message": json.loads(json.dumps(payload)),
        "gold": [],
        "ignore": [],
    }
    message, context = message_of(row)
    return Opened(row, fields(message)[0], context)
