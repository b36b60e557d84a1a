"""What the audit report asks of a ledger beside its summary: messages over time, calls of tools, answers; read-only.

Scopes are those of `ledger.report_query`; Douane's own traffic and what apps send out themselves are in no answer.
"""

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from douane.ledger.report_query import Scope

_IN_SCOPE = """own_traffic = 0 AND route <> 'egress' AND +at >= :since AND +at < :until
              AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))"""


@dataclass(frozen=True, slots=True)
class Bucket:
    """Messages of one app that were delivered in one hour, `2026-11-22T10`, or one day, `2026-11-22` (UTC)."""

    at: str
    app: int
    messages: int


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
class Answers:
    """Requests of one app that were passed on, those answered with a result or an error, and those with neither."""

    app: int
    requests: int
    results: int
    errors: int
    failed: int


@dataclass(frozen=True, slots=True)
class Held:
    """What holding a tool against the approved snapshot gave: `drift` or `approved`, and what differs."""

    app: int
    tool: str
    kind: str
    name: str


def over_time(db: sqlite3.Connection, scope: Scope, *, hours: bool) -> list[Bucket]:
    """Delivered messages by app and day, or by app and hour, in the order of time."""
    rows = db.execute(
        f"""SELECT substr(at, 1, :length) AS bucket, app_id, count(*) FROM exchanges
            WHERE outcome = 'delivered' AND {_IN_SCOPE} GROUP BY bucket, app_id ORDER BY bucket, app_id""",  # noqa: S608 - our own words
        {**scope.bound(), "length": 13 if hours else 10},
    )
    return [Bucket(*row) for row in rows]


def tool_calls(db: sqlite3.Connection, scope: Scope) -> list[ToolCalls]:
    """Calls by app and tool, most often called first."""
    rows = db.execute(
        f"""WITH calls AS (
              SELECT id, at, app_id, tool, session, outcome,
                     EXISTS (SELECT 1 FROM exchanges answer
                              WHERE answer.answers_id = exchanges.id AND answer.kind = 'error') AS error
                FROM exchanges
               WHERE kind = 'request' AND tool IS NOT NULL AND tool <> '' AND {_IN_SCOPE}),
            before AS (
              SELECT *, lag(at) OVER same AS was_at,
                     lag(outcome IN ('failed', 'refused') OR error) OVER same AS went_wrong
                FROM calls WINDOW same AS (PARTITION BY app_id, tool, session ORDER BY at, id))
            SELECT app_id, tool, count(*), sum(outcome = 'delivered'), sum(outcome = 'refused'),
                   sum(outcome = 'failed'), sum(outcome = 'unknown'), sum(error),
                   sum(coalesce(went_wrong, 0) AND session <> ''
                       AND unixepoch(at) - unixepoch(was_at) <= 60),
                   min(at), max(at), min(id)
              FROM before GROUP BY app_id, tool ORDER BY count(*) DESC, app_id, tool""",  # noqa: S608 - likewise
        scope.bound(),
    )
    return [ToolCalls(*row) for row in rows]


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


def answers(db: sqlite3.Connection, scope: Scope) -> list[Answers]:
    """Requests to each app, and how they were answered."""
    rows = db.execute(
        f"""SELECT app_id, sum(kind = 'request' AND direction = 'to_app' AND outcome <> 'refused'),
                   sum(kind = 'result' AND direction = 'to_chatgpt'),
                   sum(kind = 'error' AND direction = 'to_chatgpt'),
                   sum(kind = 'request' AND direction = 'to_app' AND outcome = 'failed')
              FROM exchanges WHERE {_IN_SCOPE} GROUP BY app_id""",  # noqa: S608 - likewise
        scope.bound(),
    )
    return [Answers(*row) for row in rows]


def held_against_approved(db: sqlite3.Connection) -> list[Held]:
    """What holding each tool against the approved snapshot gave, whenever that was."""
    rows = db.execute(
        "SELECT app_id, tool, kind, name FROM observations WHERE kind IN ('drift', 'approved')"
        " ORDER BY app_id, tool, kind DESC, name"
    )
    return [Held(*row) for row in rows]
