"""What an exercise plants in a call that no schema asks for. Pure module: no I/O.

The data are Douane's own: that an app was sent them is no fault of the app's. That its schema is open to them is, and
so is what it gives back of them.
"""

from typing import Final

from douane.audit.message import Direction

PLANTED: Final = "douane_test_fields"
"""The argument under which an exercise puts fields that no schema lists."""
_PLACE: Final = f"/params/arguments/{PLANTED}"


def is_planted(pointer: str, direction: Direction | None) -> bool:
    """Whether a place of a call is one that only an exercise fills."""
    return direction is Direction.TO_APP and (pointer == _PLACE or pointer.startswith(f"{_PLACE}/"))
