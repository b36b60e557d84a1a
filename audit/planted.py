"""What an exercise plants in a call that no schema asks for. Pure module: no I/O.

The data are Douane's own: that an app was sent them is no fault of the app's. That its schema is open to them is, and
so is what it gives back of them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from douane.audit.history import History, Numbered
from douane.audit.message import Direction

PLANTED: Final = "douane_test_fields"
"""The argument under which an exercise puts fields that no schema lists."""
_ARGUMENTS: Final = "/params/arguments"
_PLACE: Final = f"{_ARGUMENTS}/{PLANTED}"


def is_planted(pointer: str, direction: Direction | None) -> bool:
    """Whether a place of a call is one that only an exercise fills."""
    return direction is Direction.TO_APP and (pointer == _PLACE or pointer.startswith(f"{_PLACE}/"))


def without_planted(history: History) -> History:
    """The history without the data that an exercise planted in calls."""
    return replace(history, exchanges=tuple(map(_without, history.exchanges)))


def used_by_people(uses: Mapping[str, int]) -> dict[str, int]:
    """The places below a tool's arguments with their counts, without those that only an exercise fills."""
    return {place: count for place, count in uses.items() if not is_planted(f"{_ARGUMENTS}{place}", Direction.TO_APP)}


def _without(one: Numbered) -> Numbered:
    exchange = one.exchange
    if exchange.direction is not Direction.TO_APP:
        return one
    kept = [at for at, found in enumerate(exchange.disclosures) if not is_planted(found.pointer, exchange.direction)]
    if len(kept) == len(exchange.disclosures):
        return one
    ids = tuple(one.disclosure_ids[at] for at in kept if at < len(one.disclosure_ids))
    disclosures = tuple(exchange.disclosures[at] for at in kept)
    return replace(one, exchange=replace(exchange, disclosures=disclosures), disclosure_ids=ids)
