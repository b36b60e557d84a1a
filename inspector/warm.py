"""The detectors, loaded and warm: a model's loading time is no message's cost."""

import json
from collections.abc import Sequence

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Gap, Kind, Message
from douane.detectors import registry
from douane.inspector.pipeline import Detect, inspect

NOTES = ("Hier, nous avons vu Léa Exemple à la maison de campagne.", "Yesterday we met Anna Example at the lake house.")


def warm_detect(*, presidio: bool) -> tuple[Detect, int]:
    """What finds things in fields, after a first sentence in each language, and how many detectors that is."""
    detectors = registry.load_all(presidio=presidio)
    registry.prepare(detectors)

    def detect(fields: Sequence[Field], context: Context) -> tuple[list[Finding], list[Gap]]:
        return registry.detect(fields, context, detectors)

    params = {"name": "warm", "arguments": {"notes": NOTES}}
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, ensure_ascii=False)
    node = parse(text)
    if isinstance(node, Node):
        inspect(Message("", Direction.TO_APP, Kind.REQUEST, "tools/call", None, 1, node, text), detect)
    return detect, len(detectors)
