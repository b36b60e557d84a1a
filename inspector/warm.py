"""The detectors, loaded and warm: a model's loading time is no message's cost."""

import gc
import json

from douane.audit.jsontext import Node, parse
from douane.audit.message import Direction, Kind, Message
from douane.detectors.assembly import assemble
from douane.detectors.extensions import Extensions
from douane.inspector.pipeline import Detect, inspect

NOTES = ("Hier, nous avons vu Léa Exemple à la maison de campagne.", "Yesterday we met Anna Example at the lake house.")


def warm_detect(*, presidio: bool, everything: bool = False, given: Extensions | None = None) -> tuple[Detect, int]:
    """What finds things in fields, after a first sentence in each language, and how many detectors that is.

    Raises NotAssembledError where the user's own cannot be put together.
    """
    assembly = assemble(given, presidio=presidio, everything=everything)
    assembly.prepare()
    params = {"name": "warm", "arguments": {"notes": NOTES}}
    text = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}, ensure_ascii=False)
    node = parse(text)
    if isinstance(node, Node):
        inspect(Message("", Direction.TO_APP, Kind.REQUEST, "tools/call", None, 1, node, text), assembly.detect)
    gc.collect()
    gc.freeze()  # word lists of tens of thousands of entries need not be looked through again and again
    return assembly.detect, len(assembly.detectors)
