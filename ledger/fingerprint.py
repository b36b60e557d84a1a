"""What the ledger keeps of a tool besides its schemas' skeletons. Pure module: no I/O."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

HINTS = ("destructiveHint", "idempotentHint", "openWorldHint", "readOnlyHint")


def sha256(document: object) -> str:
    """Return the SHA-256 (hex) of a JSON document's canonical text: sorted keys, no white space, ASCII."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def hints(annotations: Mapping[str, Any]) -> dict[str, bool]:
    """Return the hints of the protocol among a tool's annotations that are true or false."""
    return {key: value for key in HINTS if isinstance(value := annotations.get(key), bool)}
