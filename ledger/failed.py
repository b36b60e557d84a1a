"""The one word for a ledger that could not be written."""


class LedgerFailed(Exception):  # noqa: N818 - it says what happened
    """SQLite or the disk failed, or a row broke a rule of the tables. What was being written was rolled back.

    The message names the error code, never what was written.
    """
