"""Each purge held to the signed times of what it took: nothing goes by a rule before its time is over."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from douane.ledger.verify_heads import Segment
from douane.ledger.verify_told import Told
from douane.ledger.verify_words import Places

_WRITTEN: Final = {
    "exchange": "SELECT inspected_at FROM exchanges NOT INDEXED WHERE id = ?",
    "disclosure": "SELECT x.inspected_at FROM disclosures d NOT INDEXED CROSS JOIN exchanges x NOT INDEXED"
    " ON x.id = d.exchange_id WHERE d.id = ?",
}


def check_early(db: sqlite3.Connection, segments: Sequence[Segment], told: Told, places: Places) -> None:
    """Hold the segments that each purge took to its rule, and the rows whose detail expired to theirs."""
    known = {one.number: one for one in segments}
    for purge in told.purges:
        number, left = purge.last, purge.events
        while (one := known.get(number)) is not None:
            if one.closed_at > purge.latest:
                places.altered("purged-early", seq=purge.seq)
                break
            number, left = number - 1, left - (one.last_seq - one.first_seq + 1)
            if left <= 0:
                break
    for expired in told.expired:
        latest, sql = expired.latest.encode(), _WRITTEN[expired.kind]
        for row in expired.rows:
            written = db.execute(sql, (row,)).fetchone()
            if written is not None and isinstance(written[0], bytes) and written[0] > latest:
                places.altered("expired-early", table=f"{expired.kind}s", row=row)
