"""What the spool says of records besides giving them: those that cannot be read, those too old, and how many wait."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that cannot be unsealed (another key, or altered): its plain columns, as they stand in the file."""

    id: int
    uid: str
    app: str
    flow: str
    kind: str
    seq: int
    at: float
    size: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Expired:
    """A record that was not inspected in time: its plain columns."""

    id: int
    uid: str
    app: str
    flow: str
    kind: str
    seq: int
    at: float
    size: int
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class SpoolSize:
    """How many records wait, how many bytes the spool's used pages take, and the Unix time of the oldest record."""

    records: int
    used_bytes: int
    oldest: float | None
