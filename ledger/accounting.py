"""The accounting of disclosures, row by row, and the history of declarations and waivers, read-only."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from douane.ledger.report_query import Scope

_MARKED: Final = "EXISTS (SELECT 1 FROM json_each({}.flags) WHERE value IN ('art9', 'art10', 'minor'))"
_GIVEN: Final = """SELECT d.id, e.id, e.at, a.name, e.direction, e.route, coalesce(nullif(e.host, ''), a.upstream_host),
        coalesce(e.tool, ''), coalesce(e.method, ''), d.category, d.flags, d.pointer, d.headline,
        coalesce(d.pseudonym, ''), coalesce(d.key_id, '')
    FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
    WHERE e.outcome = 'delivered' AND e.own_traffic = 0 AND (e.route = 'egress') = :egress
      AND NOT (e.route = 'egress' AND e.direction = 'to_chatgpt')
      AND +e.at >= :since AND +e.at < :until
      AND (:apps IS NULL OR e.app_id IN (SELECT value FROM json_each(:apps)))
    ORDER BY d.id"""


@dataclass(frozen=True, slots=True)
class Given:
    """One disclosure: which datum, to or from which app, when; `host` is the app's, or where the app sent it out.

    `pseudonym` and `key_id` are empty where the ledger has none. `at` is ISO 8601.
    """

    id: int
    exchange: int
    at: str
    app: str
    direction: str
    route: str
    host: str
    tool: str
    method: str
    category: str
    flags: tuple[str, ...]
    pointer: str
    headline: str
    pseudonym: str
    key_id: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """A declaration as it was loaded; `document` is JSON, empty where only its categories were kept."""

    app: str
    id: int
    file: str
    sha256: str
    taxonomy: str
    loaded_at: str
    document: str


def given(db: sqlite3.Connection, scope: Scope, *, egress: bool = False) -> Iterator[Given]:
    """Every delivered disclosure, oldest row first, one at a time; with `egress` what apps sent out themselves."""
    for row in db.execute(_GIVEN, {**scope.bound(), "egress": int(egress)}):
        values = list(row)
        values[10] = tuple(map(str, json.loads(row[10])))
        yield Given(*values)


def loaded(db: sqlite3.Connection, scope: Scope) -> Iterator[Loaded]:
    """Every declaration that was loaded, in that order."""
    rows = db.execute(
        """SELECT a.name, n.id, n.file, n.sha256, n.taxonomy, n.loaded_at, coalesce(n.document, '')
             FROM declarations n JOIN apps a ON a.id = n.app_id
            WHERE :apps IS NULL OR n.app_id IN (SELECT value FROM json_each(:apps)) ORDER BY n.id""",
        {"apps": scope.bound()["apps"]},
    )
    return (Loaded(*row) for row in rows)


def waived(db: sqlite3.Connection, apps: frozenset[str] | None = None) -> Iterator[tuple[str, ...]]:
    """What became of waivers (time, event, fingerprint, rule, app, reason, by whom, until when), of all or these."""
    sql = "SELECT at, event, fingerprint, rule, app, reason, accepted_by, expires FROM waivers ORDER BY id"
    return (row for row in db.execute(sql) if apps is None or row[4] in apps)


def leads_to_persons(db: sqlite3.Connection) -> bool:
    """Whether a message with special categories, criminal data or data of minors has a pseudonym, session or preview.

    Where the profile `audit` was always in force there is none.
    """
    row = db.execute(
        f"""SELECT 1 FROM disclosures s JOIN exchanges e ON e.id = s.exchange_id
             WHERE s.flags <> '[]' AND {_MARKED.format("s")} AND (e.session <> '' OR EXISTS (SELECT 1 FROM disclosures d
               WHERE d.exchange_id = e.id AND (d.pseudonym IS NOT NULL OR d.preview IS NOT NULL))) LIMIT 1"""  # noqa: S608 - ours
    ).fetchone()
    return row is not None
