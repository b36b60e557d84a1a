"""What was not deleted because the ledger does not verify: told in the chain, so that nobody can say that it was."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from douane.ledger.chain import Chain
from douane.ledger.failed import LedgerFailed
from douane.ledger.refused import LedgerDoubted, LedgerRefused
from douane.ledger.times import iso
from douane.ledger.writing import transaction

_LAST: Final = "SELECT body FROM events WHERE kind = 'refused' AND row IS NULL ORDER BY seq DESC LIMIT 1"


@contextmanager
def telling(db: sqlite3.Connection, chain: Chain, *, who: str, what: str, now: float) -> Iterator[None]:
    """Tell a `refused` event where the ledger is doubted within, once for each place in turn; the doubt goes on.

    `what` is `purge` or `erasure`, `now` is Unix time in seconds. Where nothing can be appended, nothing is told.
    """
    try:
        yield
    except LedgerDoubted as doubt:
        with suppress(LedgerRefused, LedgerFailed, sqlite3.Error), transaction(db, chain):
            body = {"at": iso(now), "who": who, "what": what, "place": doubt.place}
            if not _is_told(db.execute(_LAST).fetchone(), body):
                chain.tell("refused", body)
        raise


def _is_told(row: tuple[object, ...] | None, body: dict[str, str]) -> bool:
    with suppress(ValueError, TypeError):
        last = json.loads(str(row[0])) if row is not None else None
        return isinstance(last, dict) and {**last, "at": ""} == {**body, "at": ""}
    return False
