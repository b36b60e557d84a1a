"""What the audit report asks of a ledger beside its summary: messages by hour, and calls of tools; read-only.

Scopes are those of `ledger.report_query`; Douane's own traffic and what apps send out themselves are in no answer.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from douane.audit.exchange import Outcome
from douane.ledger.equal import Equal
from douane.ledger.report_query import Scope

_IN_SCOPE = """own_traffic = 0 AND route <> 'egress' AND +at >= :since AND +at < :until
              AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))"""


# Only a call that comes after one that went wrong can repeat it: few sessions are put in order, not every one.
_WRONG: Final = f"""WITH errors AS MATERIALIZED (
      SELECT DISTINCT answers_id AS id FROM exchanges WHERE kind = 'error' AND answers_id IS NOT NULL),
    wrong AS MATERIALIZED (
      SELECT id, app_id, tool, session, id IN (SELECT id FROM errors) AS error FROM exchanges
       WHERE kind = 'request' AND tool IS NOT NULL AND tool <> '' AND {_IN_SCOPE}
         AND (outcome IN ('failed', 'refused') OR id IN (SELECT id FROM errors))),
    calls AS (
      SELECT id, at, app_id, tool, session, id IN (SELECT id FROM wrong) AS wrong FROM exchanges
       WHERE kind = 'request' AND session <> '' AND {_IN_SCOPE}
         AND (session, tool, app_id) IN (SELECT session, tool, app_id FROM wrong)),
    before AS (
      SELECT app_id, tool, at, lag(at) OVER same AS was_at, lag(wrong) OVER same AS went_wrong
        FROM calls WINDOW same AS (PARTITION BY app_id, tool, session ORDER BY at, id))
    SELECT app_id, tool, sum(error), sum(repeated) FROM (
      SELECT app_id, tool, error, 0 AS repeated FROM wrong
      UNION ALL
      SELECT app_id, tool, 0, 1 FROM before WHERE went_wrong AND unixepoch(at) - unixepoch(was_at) <= 60)
    GROUP BY app_id, tool"""  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class ToolCalls:
    """Calls of one tool by what became of them.

    `errors` were answered with an error; `repeated` came in the same session within a minute after a call of the same
    tool that had failed, was refused or was answered with an error.
    """

    app: int
    tool: str
    calls: int
    delivered: int
    refused: int
    failed: int
    unknown: int
    errors: int
    repeated: int
    first: str
    last: str
    exchange: int


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a tool. `answered` is `result` or `error`, empty where no answer was paired with it."""

    exchange: int
    at: str
    app: int
    tool: str
    outcome: str
    answered: str


@dataclass(frozen=True, slots=True)
class Held:
    """What holding a tool against the approved snapshot gave: `drift` or `approved`, and what differs."""

    app: int
    tool: str
    kind: str
    name: str


def by_hour(db: sqlite3.Connection, scope: Scope) -> dict[str, int]:
    """Delivered messages by hour (UTC, `2026-11-22T10`), in the order of time; by day, `ledger.equal` has them."""
    rows = db.execute(
        f"""SELECT substr(at, 1, 13) AS hour, count(*) FROM exchanges
            WHERE outcome = 'delivered' AND {_IN_SCOPE} GROUP BY hour ORDER BY hour""",  # noqa: S608 - our own words
        scope.bound(),
    )
    return dict(rows.fetchall())


def tool_calls(db: sqlite3.Connection, seen: Equal) -> list[ToolCalls]:
    """Calls by app and tool, most often called first, of what was counted in the same `report_query.snapshot`."""
    wrong = {(app, tool): (errors, repeated) for app, tool, errors, repeated in db.execute(_WRONG, seen.scope.bound())}
    out: list[ToolCalls] = []
    for row in seen.calls_of_tools():
        delivered, refused, failed, unknown = (row.fates.get(one.value, 0) for one in Outcome)
        errors, repeated = wrong.get((row.app, row.tool), (0, 0))
        counts = (sum(row.fates.values()), delivered, refused, failed, unknown, errors, repeated)
        out.append(ToolCalls(row.app, row.tool, *counts, row.first, row.last, row.exchange))
    return out


def last_calls(db: sqlite3.Connection, scope: Scope, tools: Iterable[tuple[int, str]], most: int) -> list[Call]:
    """The last calls of these tools (app and name), newest first, at most so many."""
    rows = db.execute(
        f"""SELECT id, at, app_id, tool, outcome,
                   coalesce((SELECT max(answer.kind) FROM exchanges answer
                              WHERE answer.answers_id = exchanges.id AND answer.kind IN ('result', 'error')), '')
              FROM exchanges
             WHERE kind = 'request' AND {_IN_SCOPE}
               AND EXISTS (SELECT 1 FROM json_each(:tools)
                            WHERE value ->> 0 = app_id AND value ->> 1 = tool)
             ORDER BY at DESC, id DESC LIMIT :most""",  # noqa: S608 - likewise
        {**scope.bound(), "tools": json.dumps(list(tools)), "most": most},
    )
    return [Call(*row) for row in rows]


def held_against_approved(db: sqlite3.Connection) -> list[Held]:
    """What holding each tool against the approved snapshot gave, whenever that was."""
    rows = db.execute(
        "SELECT app_id, tool, kind, name FROM observations WHERE kind IN ('drift', 'approved')"
        " ORDER BY app_id, tool, kind DESC, name"
    )
    return [Held(*row) for row in rows]
