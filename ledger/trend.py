"""How much was disclosed, and how much of it nobody declared, by day or hour. Read-only."""

import sqlite3
from dataclasses import dataclass
from typing import Final

from douane.ledger.report_query import Scope

_SQL: Final = """SELECT substr(e.at, 1, :length) AS bucket, count(*),
        sum(d.headline IN ('omitted', 'incorrect', 'prohibited'))
    FROM exchanges e JOIN disclosures d ON d.exchange_id = e.id
    WHERE e.outcome = 'delivered' AND e.own_traffic = 0 AND e.route <> 'egress' AND +e.at >= :since AND +e.at < :until
      AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))
    GROUP BY bucket ORDER BY bucket"""


@dataclass(frozen=True, slots=True)
class Span:
    """A day (`2026-11-22`) or an hour (`2026-11-22T10`): delivered disclosures, and those to look at by headline."""

    at: str
    data: int
    pressing: int


def trend(db: sqlite3.Connection, scope: Scope, *, hours: bool) -> list[Span]:
    """Return the days or hours in which something was disclosed, in the order of time."""
    return [Span(*row) for row in db.execute(_SQL, {**scope.bound(), "length": 13 if hours else 10})]
