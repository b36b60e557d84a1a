"""Whether a master key is the one that a data folder was made with: another would destroy what waits in the spool."""

from pathlib import Path

from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.schema import LedgerRefused
from douane.ledger.spool import Spool, SpoolFailed, Unreadable

_LOOKED_AT = 8


def fits(master: bytes, ledger: Path, spool: Path) -> bool:
    """Whether the key can read the spool's records and continue the ledger's pseudonyms.

    True as well where there is nothing to tell by: no files yet, or files that something else is wrong with.
    """
    return _fits_ledger(master, ledger) and _fits_spool(master, spool)


def _fits_ledger(master: bytes, ledger: Path) -> bool:
    if not ledger.exists():
        return True
    try:
        db = open_ledger(ledger)
    except LedgerRefused:
        return True
    try:
        rows = db.execute("SELECT a.name, k.key_id FROM keys k JOIN apps a ON a.id = k.app_id").fetchall()
    finally:
        db.close()
    pseudonymiser = Pseudonymiser(master)
    return all(pseudonymiser.made(app, key_id) for app, key_id in rows)


def _fits_spool(master: bytes, path: Path) -> bool:
    if not path.exists():
        return True
    try:
        with Spool(path, master) as spool:
            waiting = spool.take(0, _LOOKED_AT)
    except SpoolFailed:
        return True
    return not waiting or not all(isinstance(record, Unreadable) for record in waiting)
