"""What a period of an app's traffic hides: messages never judged, and what its data were held against."""

import sqlite3
from dataclasses import dataclass, field

from douane.audit.verdicts import NO_DECLARATION
from douane.ledger.rows import clean

_AGAINST = """SELECT coalesce(n.sha256, ''), count(DISTINCT v.disclosure_id) FROM verdicts v
    JOIN disclosures d ON d.id = v.disclosure_id JOIN exchanges e ON e.id = d.exchange_id
    JOIN apps a ON a.id = e.app_id LEFT JOIN declarations n ON n.id = v.declaration_id
    WHERE a.name = :app AND e.own_traffic = 0 AND e.route <> 'egress' AND e.at >= :since AND e.at < :until
      AND v.replaced_at IS NULL AND (v.declaration_id IS NOT NULL OR v.source = 'declaration' AND v.reason = :none)
    GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Hidden:
    """Messages that were judged, and gaps by code: those of messages that were not (`lost`), and all.

    `against` counts the data by the SHA-256 of the declaration that the verdicts which hold name, empty for data that
    were judged before there was any.
    """

    judged: int
    lost: dict[str, int]
    gaps: dict[str, int]
    against: dict[str, int] = field(default_factory=dict[str, int])

    def stale(self, sha256: str) -> int:
        """How many data were held against another declaration than this one."""
        return sum(count for one, count in self.against.items() if one != sha256)


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
    against = dict(db.execute(_AGAINST, {**where, "none": NO_DECLARATION.reason}).fetchall())
    return Hidden(judged, lost, gaps, against)
