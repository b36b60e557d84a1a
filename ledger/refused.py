"""The one word for a file that cannot serve as a ledger."""


class LedgerRefused(Exception):  # noqa: N818 - it says what happened
    """The file cannot serve as a ledger: not one of ours, written by a newer Douane, or changed by somebody else.

    The message says what to do.
    """
