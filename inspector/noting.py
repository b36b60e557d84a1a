"""What an inspected message showed besides disclosures: counted in the ledger, or asked for."""

from collections.abc import Callable
from typing import Any

from douane.audit.exchange import Exchange
from douane.audit.message import Message
from douane.inspector.knowledge import Knowledge
from douane.inspector.pipeline import Inspected
from douane.inspector.seen import kept, kept_uses
from douane.ledger.store import Ledger


def note(ledger: Ledger, knowledge: Knowledge, message: Message, made: Exchange, inspected: Inspected) -> None:
    """Count a message's observations and used places; Douane's own traffic and repeated events show nothing."""
    if made.own_traffic or made.redelivery:
        return
    declared = knowledge.declared(message.app, message.tool)
    seen = kept(inspected.observations, declared=declared, own=knowledge.own_hosts(message.app))
    seen += knowledge.drifted(message.app, seen)
    uses = kept_uses(message.tool, message.direction, inspected.uses, declared)
    if seen or uses:
        ledger.note(message.app, at=made.at, observations=seen, uses=uses)


class Unknown:
    """Says once per app, in an event, that a tool was called whose schema nobody has seen: Douane may fetch it."""

    def __init__(self, emit: Callable[[dict[str, Any]], None]) -> None:
        self._emit = emit
        self._asked: set[tuple[str, str]] = set()

    def ask(self, made: Exchange, inspected: Inspected) -> None:
        """Look at a message that was written; Douane's own calls ask for nothing."""
        if not made.own_traffic and any(gap.code == "no-schema" for gap in inspected.gaps):
            key = (made.app, made.protocol)
            if key not in self._asked:
                self._asked.add(key)
                self._emit({"event": "tools-unknown", "app": made.app, "protocol": made.protocol})
