"""A transaction on the ledger beside the inspector's: how every other writer writes."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from douane.ledger.chain import Chain
from douane.ledger.failed import LedgerFailed
from douane.ledger.files import error_name
from douane.ledger.ids import check_ids
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Anchors, Sealer

WAIT_SECONDS: Final = 30.0


@contextmanager
def opened_for_writing(path: Path, *, wait: float = WAIT_SECONDS) -> Iterator[sqlite3.Connection]:
    """A connection that may write, beside the inspector's own; waits so many seconds for other writers.

    Raises `LedgerRefused` for what is no ledger of this version, `LedgerFailed` when SQLite or the disk fails.
    """
    open_ledger(path).close()
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=wait)
        db.setconfig(sqlite3.SQLITE_DBCONFIG_ENABLE_TRIGGER, False)  # Douane has none
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON").close()
        db.execute("PRAGMA synchronous = NORMAL")
    except sqlite3.Error as error:
        raise LedgerFailed(f"{path}: cannot be opened ({error_name(error)})") from None
    try:
        yield db
    except sqlite3.Error as error:
        raise LedgerFailed(f"{path}: the ledger failed ({error_name(error)})") from None
    finally:
        db.close()


@contextmanager
def transaction(db: sqlite3.Connection, chain: Chain) -> Iterator[None]:
    """One transaction that ends with its events appended to the chain, or with nothing written."""
    db.execute("BEGIN IMMEDIATE")
    try:
        chain.begin()
        check_ids(db)
        yield
        chain.finish(close_segment=chain.due())
        db.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            db.execute("ROLLBACK")
        chain.rolled_back()
        raise
    chain.committed()


@contextmanager
def writing(
    path: Path,
    sealer: Sealer | None,
    *,
    anchors: Anchors | None = None,
    clock: Callable[[], float] = time.time,
    wait: float = WAIT_SECONDS,
) -> Iterator[tuple[sqlite3.Connection, Chain]]:
    """Open the ledger and do one transaction on it, its events appended to the chain.

    Raises as `opened_for_writing` does, and `LedgerRefused` when the chain cannot be continued with this sealer.
    """
    with opened_for_writing(path, wait=wait) as db:
        chain = Chain(db, sealer, anchors=anchors, clock=clock, file=str(path.resolve()))
        with transaction(db, chain):
            yield db, chain
