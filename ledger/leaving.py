"""Which of ChatGPT's own fields reached an app: what another client would not send it, read-only."""

import re
import sqlite3
from dataclasses import dataclass

from douane.ledger.report_query import Scope

_FIELD = re.compile(r"/_meta/(openai~1[A-Za-z]{1,40})(?=/|$)")


@dataclass(frozen=True, slots=True)
class OwnField:
    """A field of ChatGPT's own (`openai/userLocation`) in delivered messages to an app: how often, first and last."""

    app: str
    name: str
    count: int
    first: str
    last: str


def own_fields(db: sqlite3.Connection, scope: Scope) -> list[OwnField]:
    """ChatGPT's own fields in which something about its user was found, by app and name."""
    rows = db.execute(
        """SELECT a.name, d.pointer, count(DISTINCT e.id), min(e.at), max(e.at)
             FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
            WHERE d.pointer GLOB '*/_meta/openai~1*' AND e.direction = 'to_app' AND e.outcome = 'delivered'
              AND e.own_traffic = 0 AND e.route <> 'egress' AND +e.at >= :since AND +e.at < :until
              AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))
            GROUP BY a.name, d.pointer""",
        scope.bound(),
    )
    found: dict[tuple[str, str], OwnField] = {}
    for app, pointer, count, first, last in rows:
        match = _FIELD.search(pointer)
        if match is None:
            continue
        name = match.group(1).replace("~1", "/")
        known = found.get((app, name))
        if known is not None:  # the parts of one field come together: the messages are those of its most frequent part
            count, first, last = max(count, known.count), min(first, known.first), max(last, known.last)
        found[app, name] = OwnField(app, name, count, first, last)
    return [found[key] for key in sorted(found)]
