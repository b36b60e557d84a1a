"""The bodies of told events, read where nobody verified them: one that was changed is refused, and never a crash."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from douane.ledger.refused import LedgerRefused


def read[T](seq: int, kind: str, text: str | None, shape: Callable[[Mapping[str, Any]], T]) -> T:
    """Return what `shape` takes from an event's body.

    Raises `LedgerRefused`, which names the event, for a body that is no JSON object or not of that shape.
    """
    try:
        found = json.loads(text or "")
        if not isinstance(found, dict):
            raise TypeError
        return shape(found)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        raise LedgerRefused(f"event {seq} ({kind}) is not as one is written; run `douane verify`") from None
