"""Each purge held to its rule: nothing goes before its time is over, nor by a rule that is for something else."""

import sqlite3
from collections.abc import Sequence
from typing import Final

from douane.ledger.verify_heads import Segment
from douane.ledger.verify_told import Told
from douane.ledger.verify_words import Places

_WRITTEN: Final = {
    "exchange": "SELECT x.inspected_at, a.name, '' FROM exchanges x NOT INDEXED LEFT JOIN apps a NOT INDEXED"
    " ON a.id = x.app_id WHERE x.id = ?",
    "disclosure": "SELECT x.inspected_at, a.name, d.category FROM disclosures d NOT INDEXED CROSS JOIN exchanges x"
    " NOT INDEXED ON x.id = d.exchange_id LEFT JOIN apps a NOT INDEXED ON a.id = x.app_id WHERE d.id = ?",
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
            if written is None:
                continue
            at, app, category = written
            if isinstance(at, bytes) and at > latest:
                places.altered("expired-early", table=f"{expired.kind}s", row=row)
            if not all(_is_of(name.encode("utf-8", "replace"), app, category) for name in expired.names):
                places.altered("expired-other", table=f"{expired.kind}s", row=row)


def _is_of(name: bytes, app: object, category: object) -> bool:
    """Whether a word of a rule names a row's app, or its category or one that this lies within."""
    return name == app or (isinstance(category, bytes) and (category + b".").startswith(name + b"."))
