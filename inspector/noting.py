"""What an inspected message showed besides disclosures, counted in the ledger."""

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
