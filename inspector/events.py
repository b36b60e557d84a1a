"""What the inspector says of its work, for a console: figures, names and category keys, never a value."""

from typing import Any

from douane.audit.exchange import Exchange
from douane.audit.message import Gap
from douane.ledger.rows import tool_name
from douane.wire.crossing import Crossed, OutcomeNote


def exchange_event(made: Exchange, lag_ms: float) -> dict[str, Any]:
    """One message that was judged."""
    return {
        "event": "exchange",
        "at": made.at,
        "app": made.app,
        "flow": made.flow,
        "tool": tool_name(made.tool),
        "method": made.method,
        "direction": made.direction._value_,
        "kind": made.kind._value_,
        "outcome": made.outcome._value_,
        "own": made.own_traffic,
        "route": made.route,
        "host": made.host,
        "categories": [
            {"category": one.category, "flags": list(one.flags), "headline": one.headline._value_}
            for one in made.disclosures
        ],
        "gaps": [gap.code for gap in made.gaps],
        "lag_ms": lag_ms,
    }


def gap_event(crossed: Crossed, gap: Gap, lag_ms: float) -> dict[str, Any]:
    """One message, or part of one, that could not be inspected."""
    return {
        "event": "gap",
        "at": crossed.at,
        "app": crossed.app,
        "direction": crossed.direction.value,
        "route": crossed.route,
        "gaps": [gap.code],
        "lag_ms": lag_ms,
    }


def outcome_event(note: OutcomeNote, messages: int, at: float) -> dict[str, Any]:
    """Messages that were told of before and did not arrive."""
    return {
        "event": "outcome",
        "at": at,
        "app": note.app,
        "flow": note.flow,
        "direction": note.direction.value,
        "outcome": note.outcome.value,
        "route": note.route,
        "messages": messages,
    }
