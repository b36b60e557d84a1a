"""A ledger that begins, knowingly, where another one lay: it says so, and the anchors of the other one stay."""

import time
from collections.abc import Callable
from pathlib import Path

from douane.ledger.backup import place_of, tell_instead
from douane.ledger.instead import give_way, others
from douane.ledger.sealing import Sealer, Standing
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.writing import writing


def begin_instead(
    path: Path, folder: Path, sealer: Sealer, *, who: str, reason: str, clock: Callable[[], float] = time.time
) -> list[Standing]:
    """Tell in the ledger at `path` that it takes the place of those that the anchors know there; return these.

    The ledger is made where there is none. Nothing is done where no other is known. Raises `LedgerRefused`,
    `LedgerFailed` and `OSError`; what was told by then is told again the next time.
    """
    if not others(folder, path, ""):
        return []
    Ledger(path).close()
    left = others(folder, path, place_of(path).ledger)
    if not left:
        return []
    with writing(path, sealer, clock=clock) as (_, chain):
        tell_instead(chain, left, who=who, reason=reason, at=iso(clock()))
    for one in left:
        give_way(folder, one)
    return left
