"""Unix time to the ledger's text. Pure module: no clock."""

from datetime import UTC, datetime


def iso(at: float) -> str:
    """Return Unix time in seconds as ISO 8601 in UTC, cut to milliseconds: `2026-01-02T03:04:05.678Z`."""
    return f"{datetime.fromtimestamp(at, UTC).isoformat(timespec='milliseconds')[:-6]}Z"
