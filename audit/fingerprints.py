"""What makes two findings the same one, from run to run. Pure module: no I/O."""

import hashlib
from collections.abc import Sequence

from douane.audit.declaration import Purpose
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
    return _digest(
        VERSION, rule, app, tool, place, category, direction.value if direction is not None else "", length=LENGTH
    )


def of_purpose(place: str, purposes: Sequence[Purpose]) -> str:
    """A place that begins with a purpose's number (`purpose/2 …`), with what the purpose is called instead.

    That is a digest of its name, else of its number in the register, else of its data use; purposes that are called
    alike are counted. Any other place, and that of a purpose that is not there or says none of it, stays as it is.
    """
    head, space, rest = place.partition(" ")
    known = next((one for one in purposes if one.id == head), None)
    called = _called(known) if known is not None else ()
    if known is None or not called:
        return place
    alike = [one.id for one in purposes if _called(one) == called]
    return f"purpose:{_digest(*called, length=16)}:{alike.index(head)}{space}{rest}"


def _called(purpose: Purpose) -> tuple[str, ...]:
    for kind in ("name", "register_ref", "data_use"):
        if said := getattr(purpose, kind):
            return kind, said
    return ()


def _digest(*parts: str, length: int) -> str:
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.hexdigest()[:length]
