"""What a period of an app's traffic hides: messages that were never judged, and the declaration they were judged by."""

import sqlite3
from dataclasses import dataclass

from douane.ledger.rows import clean


@dataclass(frozen=True, slots=True)
class Hidden:
    """Messages that were judged, and gaps by code: those of messages that were not (`lost`), and all.

    `declaration` is the SHA-256 of the declaration that the ledger last held the app's data against, empty for none.
    """

    judged: int
    lost: dict[str, int]
    gaps: dict[str, int]
    declaration: str = ""


def hidden(db: sqlite3.Connection, app: str, since: str, until: str) -> Hidden:
    """Return what is not seen of an app from `since` on and before `until` (times as the ledger writes them)."""
    where = {"app": clean(app), "since": since, "until": until or "~"}
    judged = db.execute(
        "SELECT count(*) FROM exchanges e JOIN apps a ON a.id = e.app_id"
        " WHERE a.name = :app AND e.own_traffic = 0 AND e.route <> 'egress' AND e.at >= :since AND e.at < :until",
        where,
    ).fetchone()[0]
    lost: dict[str, int] = {}
    gaps: dict[str, int] = {}
    for code, whole, count in db.execute(
        "SELECT g.code, g.exchange_id IS NULL, sum(g.count) FROM gaps g JOIN apps a ON a.id = g.app_id"
        " WHERE a.name = :app AND g.route <> 'egress' AND g.at >= :since AND g.at < :until GROUP BY 1, 2 ORDER BY 1, 2",
        where,
    ):
        gaps[code] = gaps.get(code, 0) + count
        if whole:
            lost[code] = lost.get(code, 0) + count
    row = db.execute(
        "SELECT n.sha256 FROM declarations n JOIN apps a ON a.id = n.app_id WHERE a.name = ?"
        " ORDER BY n.id DESC LIMIT 1",
        (where["app"],),
    ).fetchone()
    return Hidden(judged, lost, gaps, row[0] if row else "")
