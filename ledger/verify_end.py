"""Where a ledger says that its chain ends. Pure module: no I/O."""

from dataclasses import dataclass

from douane.ledger.canonical import genesis


@dataclass(frozen=True, slots=True)
class End:
    """The row of `chain`: where the ledger says that its chain ends."""

    ledger: bytes
    created_at: bytes
    seq: int
    head: bytes
    segment: int
    appends: int
    mac: bytes | None

    @property
    def name(self) -> str:
        """The ledger's number as text."""
        return self.ledger.decode("utf-8", "replace")

    @property
    def genesis(self) -> bytes:
        """The head before the first event."""
        return genesis(self.name, self.created_at.decode("utf-8", "replace"))
