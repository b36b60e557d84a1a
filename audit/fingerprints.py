"""What makes two findings the same one, from run to run. Pure module: no I/O."""

import hashlib

from douane.audit.message import Direction

VERSION = "douane/1"
"""Changes when the parts below do: every fingerprint changes with it, and every waiver has to be looked at again."""
LENGTH = 32


def fingerprint(
    rule: str, app: str, *, tool: str = "", place: str = "", category: str = "", direction: Direction | None = None
) -> str:
    """32 hex digits that name a finding by its rule, app, tool, place, category and direction.

    Nothing else counts: neither when or how often it was seen, nor where a file says something of it, nor the version
    of the rule.
    """
    parts = (VERSION, rule, app, tool, place, category, direction.value if direction is not None else "")
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()[:LENGTH]
