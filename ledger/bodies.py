"""The bodies of told events, read where nobody verified them: one that was changed is refused, and never a crash."""

import json
from typing import Any

from douane.ledger.refused import LedgerRefused


def body_of(seq: int, kind: str, text: str | bytes | None) -> dict[str, Any]:
    """Return what an event tells; raises `LedgerRefused`, which names the event, for what is no JSON object."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        raise broken(seq, kind) from None
    if not isinstance(found, dict):
        raise broken(seq, kind)
    return found


def broken(seq: int, kind: str) -> LedgerRefused:
    """What is raised for an event whose body is not as it was written."""
    return LedgerRefused(f"event {seq} ({kind}) is not as one is written; run `douane verify`")
