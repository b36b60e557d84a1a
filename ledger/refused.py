"""The one word for a file that cannot serve as a ledger."""


class LedgerRefused(Exception):  # noqa: N818 - it says what happened
    """The file cannot serve as a ledger: not one of ours, written by a newer Douane, or changed by somebody else.

    The message says what to do.
    """


class LedgerDoubted(LedgerRefused):
    """Something in the ledger is not as its chain has it. `place` is the first such place, such as `exchange 7`."""

    def __init__(self, message: str, place: str) -> None:
        super().__init__(message)
        self.place = place
