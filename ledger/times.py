"""Unix time to the ledger's text and back. Pure module: no clock."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

_LAST: Final = 253_402_300_799.0  # the last second of the year 9999


@lru_cache(maxsize=256)  # a message and its gaps, and whatever else one transaction writes, have one moment
def iso(at: float) -> str:
    """Return Unix time in seconds as ISO 8601 in UTC, cut to milliseconds: `2026-01-02T03:04:05.678Z`.

    What is before 1970 or no number reads as the first moment of 1970, what is after 9999 as its last second.
    """
    if not 0 <= at <= _LAST:
        at = _LAST if at > _LAST else 0.0
    return f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='milliseconds')[:-6]}Z"


def moment(text: str) -> float:
    """Return what `iso` wrote as Unix time in seconds; raises `ValueError` for anything else."""
    return datetime.fromisoformat(text).timestamp()
