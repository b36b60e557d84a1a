"""What apps sent out themselves, as a report asks for it: by host and category, and what ChatGPT had given before."""

import json
import sqlite3
from dataclasses import dataclass

from douane.ledger.report_query import Scope

_SENT = """e.route = 'egress' AND e.direction = 'to_app' AND e.outcome = 'delivered' AND e.own_traffic = 0
    AND e.at >= :since AND e.at < :until
    AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))"""


@dataclass(frozen=True, slots=True)
class SentRow:
    """Equal data that an app sent to a host: same category, flags and headline. Times are ISO 8601."""

    app: int
    host: str
    category: str
    flags: tuple[str, ...]
    headline: str
    count: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A datum that ChatGPT gave the app at `received` and that left for the host at `sent`."""

    app: int
    host: str
    category: str
    received: str
    sent: str


def sent(db: sqlite3.Connection, scope: Scope) -> list[SentRow]:
    """What was found in delivered requests that apps sent out, by app, host and category."""
    rows = db.execute(
        "SELECT e.app_id, e.host, d.category, d.flags, d.headline, count(*), min(e.at), max(e.at)"  # noqa: S608 - ours
        f" FROM exchanges e JOIN disclosures d ON d.exchange_id = e.id WHERE {_SENT}"
        " GROUP BY e.app_id, e.host, d.category, d.flags, d.headline ORDER BY 1, 2, 3, 5",
        scope.bound(),
    )
    return [
        SentRow(app, host, category, tuple(json.loads(flags)), *figures)
        for app, host, category, flags, *figures in rows
    ]


def links(db: sqlite3.Connection, scope: Scope) -> list[LinkRow]:
    """Each datum that was sent out after ChatGPT had given it, with the latest moment of that; oldest first."""
    rows = db.execute(
        "SELECT e.app_id, e.host, d.category, (SELECT max(r.at) FROM disclosures g"  # noqa: S608 - ours
        " JOIN exchanges r ON r.id = g.exchange_id WHERE g.pseudonym = d.pseudonym AND r.app_id = e.app_id"
        " AND r.direction = 'to_app' AND r.route <> 'egress' AND r.outcome = 'delivered' AND r.own_traffic = 0"
        " AND r.at <= e.at) AS received, e.at"
        f" FROM exchanges e JOIN disclosures d ON d.exchange_id = e.id WHERE {_SENT} AND d.pseudonym IS NOT NULL"
        " ORDER BY e.at, d.id",
        scope.bound(),
    )
    return [LinkRow(*row) for row in rows if row[3] is not None]
