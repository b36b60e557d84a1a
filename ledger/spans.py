"""A ledger's exchanges and what was found in them, span by span, each column joined into one text by SQLite; read-only.

A row each would cost more in Python than in SQLite. Joined, a span is a few texts that are only split. Whatever tells
two messages or two data apart is one JSON text: what came from outside is quoted in it, and no separator can be forged.
"""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from douane.audit.echo import GIVEN, identifies
from douane.audit.planted import PLANTED
from douane.audit.taxonomy import categories
from douane.ledger.report_query import Scope

EXCHANGES: Final = 8_192
"""Ids of exchanges in a span at most: the memory of a pass does not grow with the ledger."""
DATA: Final = 24_000
"""Data in a span at most, where it has more than one exchange."""
_APART: Final = "\x1e"  # JSON text holds no control character
_MESSAGES: Final = """SELECT group_concat(id, ' '), group_concat(at, ' '), group_concat(json_array(app_id, direction,
        kind, outcome, coalesce(tool, ''), coalesce(method, ''), redelivery, own_traffic, route, protocol, taxonomy),
        char(30))
    FROM exchanges WHERE id BETWEEN :first AND :last AND +at >= :since AND +at < :until
      AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))"""
_ECHOED: Final = f"""EXISTS (SELECT 1 FROM exchanges e CROSS JOIN exchanges q ON q.id = e.answers_id
        WHERE e.id = d.exchange_id AND e.direction = 'to_chatgpt' AND e.outcome = 'delivered'
          AND q.app_id = e.app_id AND q.direction = 'to_app' AND q.own_traffic = 0 AND q.route <> 'egress'
          AND q.redelivery = 0 AND q.at >= :since AND q.at < :until
          AND EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym
            AND ({{given}}))
          AND NOT EXISTS (SELECT 1 FROM disclosures g WHERE g.exchange_id = q.id AND g.pseudonym = d.pseudonym
            AND NOT ({{given}}) AND g.pointer NOT LIKE '/params/arguments/{PLANTED}/%'
            AND g.pointer <> '/params/arguments/{PLANTED}'))""".format(  # noqa: S608 - our own words
    given=" OR ".join(f"substr(g.pointer, 1, {len(prefix)}) = '{prefix}'" for prefix in GIVEN)
)
_FOUND: Final = f"""SELECT group_concat(id, ' '), group_concat(exchange_id, ' '), group_concat(text, char(30)) FROM (
    SELECT d.id, d.exchange_id, json_array(d.category, d.headline, d.detector, d.flags, d.also,
        CASE WHEN d.headline IN ('omitted', 'incorrect', 'prohibited')
            THEN (SELECT group_concat(v.source || ':' || v.verdict, ' ') FROM verdicts v
                WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL) END, d.reached, d.pointer,
        CASE WHEN d.pseudonym IS NOT NULL AND d.category IN (SELECT value FROM json_each(:identifiers))
            THEN {_ECHOED} ELSE 0 END) AS text
    FROM disclosures d WHERE d.exchange_id BETWEEN :first AND :last ORDER BY d.exchange_id, d.id)"""  # noqa: S608 - our own words
_ENDS: Final = "SELECT (SELECT min(id) FROM exchanges), (SELECT max(id) FROM exchanges)"
_ROOM: Final = "SELECT exchange_id FROM disclosures WHERE exchange_id >= ? ORDER BY exchange_id LIMIT 1 OFFSET ?"


@dataclass(frozen=True, slots=True)
class Span:
    """Some exchanges in the order of their ids: ids, times, and what tells them apart for a report; then their data.

    Ids are decimal texts. `messages` are JSON lists of app, direction, kind, outcome, tool, method, redelivery, own
    traffic, route, protocol and taxonomy; Douane's own traffic and what apps sent out are among them. `exchanges` says
    for each of `data` which message it was in; `texts` are JSON lists of category, headline, detector, flags, also,
    verdicts that hold (of faults only, else null), reached, pointer, and whether it is an identifier that ChatGPT had
    sent unasked. Data may be of messages outside the scope.
    """

    ids: list[str]
    times: list[str]
    messages: list[str]
    data: list[str]
    exchanges: list[str]
    texts: list[str]


def cut(db: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Give the first and last id of each span, oldest first."""
    start, end = db.execute(_ENDS).fetchone()
    while start is not None and start <= end:
        last = min(start + EXCHANGES - 1, end)
        over = db.execute(_ROOM, (start, DATA)).fetchone()
        if over is not None:
            last = min(last, max(over[0] - 1, start))
        yield start, last
        start = last + 1


def read(db: sqlite3.Connection, scope: Scope, first: int, last: int) -> Span:
    """Read the exchanges of a scope with ids from `first` to `last`, and their data."""
    bound = {**scope.bound(), "identifiers": _identifiers(), "first": first, "last": last}
    ids, times, messages = db.execute(_MESSAGES, bound).fetchone()
    if ids is None:
        return Span([], [], [], [], [], [])
    data, exchanges, texts = db.execute(_FOUND, bound).fetchone()
    crossed = (ids.split(" "), times.split(" "), messages.split(_APART))
    if data is None:
        return Span(*crossed, [], [], [])
    return Span(*crossed, data.split(" "), exchanges.split(" "), texts.split(_APART))


@cache
def _identifiers() -> str:
    return json.dumps([one.key for one in categories() if identifies(one.key)])
