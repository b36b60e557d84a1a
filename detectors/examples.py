"""A detector's examples, run and shown."""

import json
from collections.abc import Iterator
from typing import Any

from douane.audit import taxonomy
from douane.audit.context import Context
from douane.audit.fields import Field, fields
from douane.audit.finding import Finding
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.detectors.base import Detector, Match, Miss
from douane.detectors.fusion import fuse
from douane.detectors.scene import Scene

_FRAME = frozenset({"params", "arguments", "result", "structuredContent"})
_TOOL = "tool"
_WIDEST = 60


def opened(example: Match | Miss) -> tuple[list[Field], Context]:
    """The fields and the context of a call with the example's arguments, or of an answer with its content."""
    if example.results:
        payload: dict[str, Any] = {
            "jsonrpc": "2.0",
            "id": 1,
            "result": {"content": [], "structuredContent": example.given},
        }
        direction, kind = Direction.TO_CHATGPT, Kind.RESULT
    else:
        params: dict[str, Any] = {
            "name": _TOOL,
            "arguments": {key: value for key, value in example.given.items() if key != "_meta"},
        }
        if "_meta" in example.given:
            params["_meta"] = example.given["_meta"]
        payload = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
        direction, kind = Direction.TO_APP, Kind.REQUEST
    text = json.dumps(payload, ensure_ascii=False)
    node = parse(text)
    context = Context("app", direction, kind, "tools/call", _TOOL, None, example.locale)
    if not isinstance(node, Node):
        return [], context
    return fields(Message("app", direction, kind, "tools/call", _TOOL, 1, node, text))[0], context


def wrong(detector: Detector) -> Iterator[str]:
    """Which examples the detector gets wrong by itself, by their place: `MATCHES[0]`, `MISSES[2]`."""
    for number, match in enumerate(detector.MATCHES):
        if not any(_fits(one, match) for one in _found(detector, match)):
            yield f"MATCHES[{number}]"
    for number, miss in enumerate(detector.MISSES):
        if any(
            not miss.category or taxonomy.is_within(one.category, miss.category) for one in fuse(_found(detector, miss))
        ):
            yield f"MISSES[{number}]"


def _found(detector: Detector, example: Match | Miss) -> list[Finding]:
    seen, context = opened(example)
    try:
        return list(detector.find(Scene(seen, context)))
    except Exception:  # noqa: BLE001 - a detector that raises finds nothing, and its text may hold values
        return []


def _place(finding: Finding) -> str:
    return "/".join(key for key in finding.of.keys if key not in _FRAME)


def _fits(finding: Finding, match: Match) -> bool:
    return (
        taxonomy.is_within(finding.category, match.category)
        and (not match.at or _place(finding) == match.at)
        and (not match.text or finding.of.text[finding.start : finding.end] == match.text)
        and (finding.minor or not match.minor)
    )


def categories(detector: Detector) -> tuple[str, ...]:
    """What the examples show that it finds, in their order."""
    return tuple(dict.fromkeys(match.category for match in detector.MATCHES))


def shown(detector: Detector) -> str:
    """The first example in a line, `key: value`; empty where there is none."""
    if not detector.MATCHES:
        return ""
    match = detector.MATCHES[0]
    leaves = list(_leaves(match.given, ""))
    key, value = next(
        (leaf for leaf in leaves if (leaf[0] == match.at if match.at else match.text in leaf[1])),
        leaves[0] if leaves else ("", ""),
    )
    line = f"{key}: {value}".replace("\n", " ")
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 1]}…"


def _leaves(value: Any, at: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{at}/{key}" if at else str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, at)
    else:
        yield at, str(value)
