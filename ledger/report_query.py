"""What the summary of a ledger asks of it: every SQL statement behind the reports, read-only.

Times are the ledger's own text (ISO 8601, UTC, milliseconds, `Z`), which sorts as time. Every function takes a `Scope`;
`at >= since` and `at < until`. Douane's own traffic and what apps send out themselves are in no answer
(`ledger.passed_on` has the latter). What is counted of messages and their data comes from `ledger.equal`, in one pass.
A report reads most of the ledger: `+at` keeps SQLite from walking it in the order of the index on times, which is no
order on the disk.
"""

import json
import sqlite3
from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

_START = ""
_END = "~"  # sorts after every time


@dataclass(frozen=True, slots=True)
class Scope:
    """Which rows count: apps by id (None: all of them) and the time from `since` on, before `until`."""

    apps: tuple[int, ...] | None = None
    since: str | None = None
    until: str | None = None

    def bound(self) -> dict[str, str | None]:
        """The values of the statements' named parameters."""
        apps = None if self.apps is None else json.dumps(self.apps)
        return {"apps": apps, "since": self.since or _START, "until": self.until or _END}


@dataclass(frozen=True, slots=True)
class AppRow:
    """An app, as the ledger knows it."""

    id: int
    name: str
    host: str
    route: str
    first_seen: str
    last_seen: str
    egress: bool


@dataclass(frozen=True, slots=True)
class FoundRow:
    """Equal disclosures: same app, way, outcome, tool, method, category, flags, headline, detector and pointer.

    `by_schema`, `by_declaration`, `by_policy` and `by_connection` say whether that source leaves them out or denies
    them (`omitted` or `incorrect`), which a headline of `prohibited` would hide; `denied` whether one denies them.
    `exchange` is the id of the first exchange that held one.
    """

    app: int
    direction: str
    outcome: str
    tool: str
    method: str
    category: str
    flags: tuple[str, ...]
    headline: str
    detector: str
    pointer: str
    by_schema: bool
    by_declaration: bool
    by_policy: bool
    by_connection: bool
    denied: bool
    count: int
    first: str
    last: str
    exchange: int


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """Messages of one app, direction and outcome; in `carrying` of them something was found."""

    app: int
    direction: str
    outcome: str
    messages: int
    carrying: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class GapRow:
    """Gaps of one app and code; `size` in bytes, 0 where none was known."""

    app: int
    code: str
    times: int
    size: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class ToolRow:
    """A tool's last version: which schemas are known, and the annotations it gives itself."""

    app: int
    name: str
    version: int
    input_schema: bool
    output_schema: bool
    annotations: dict[str, Any]
    source: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class DeclarationRow:
    """A declaration file, as loaded."""

    app: int
    id: int
    file: str
    sha256: str
    taxonomy: str
    loaded_at: str


@dataclass(frozen=True, slots=True)
class DeclaredRow:
    """One line of a declaration: `what` is `to_app`, `to_chatgpt` (`name` is a category) or `recipient`."""

    declaration: int
    what: str
    name: str


@dataclass(frozen=True, slots=True)
class PassageRow:
    """Passages of one app, host and kind of path."""

    app: int
    host: str
    path_class: str
    count: int
    failed: int
    bytes_up: int
    bytes_down: int
    first: str
    last: str


@dataclass(frozen=True, slots=True)
class LatencyRow:
    """Milliseconds over `count` answers."""

    app: int
    count: int
    p50: float
    p95: float
    most: float


@contextmanager
def snapshot(db: sqlite3.Connection) -> Iterator[None]:
    """One state of the ledger for every question asked inside, while the inspector goes on writing."""
    if db.in_transaction:
        yield
        return
    db.execute("BEGIN")
    try:
        yield
    finally:
        db.rollback()


def apps(db: sqlite3.Connection) -> list[AppRow]:
    """Every app of the ledger, by name."""
    rows = db.execute(
        "SELECT id, name, upstream_host, route, first_seen, last_seen, egress FROM apps ORDER BY name, id"
    )
    return [
        AppRow(number, name, host, route, first, last, bool(egress))
        for number, name, host, route, first, last, egress in rows
    ]


def gaps(db: sqlite3.Connection, scope: Scope) -> list[GapRow]:
    """Gaps by app and code."""
    rows = db.execute(
        """SELECT g.app_id, g.code, sum(g.count), sum(coalesce(g.size, 0)), min(g.at), max(g.at)
             FROM gaps g LEFT JOIN exchanges e ON e.id = g.exchange_id
            WHERE coalesce(e.own_traffic, 0) = 0 AND g.route <> 'egress' AND g.at >= :since AND g.at < :until
              AND (:apps IS NULL OR g.app_id IN (SELECT value FROM json_each(:apps)))
            GROUP BY g.app_id, g.code ORDER BY g.code, g.app_id""",
        scope.bound(),
    )
    return [GapRow(*row) for row in rows]


def tools(db: sqlite3.Connection, scope: Scope) -> list[ToolRow]:
    """The last version known of every tool, whenever it was seen."""
    rows = db.execute(
        """SELECT t.app_id, t.name, t.version, t.input_schema_sha256 IS NOT NULL,
                  t.output_schema_sha256 IS NOT NULL, t.annotations, t.source, t.seen_at
             FROM tools t
            WHERE t.id = (SELECT max(last.id) FROM tools last WHERE last.app_id = t.app_id AND last.name = t.name)
              AND (:apps IS NULL OR t.app_id IN (SELECT value FROM json_each(:apps)))
            ORDER BY t.app_id, t.name""",
        scope.bound(),
    )
    return [
        ToolRow(app, name, version, bool(takes), bool(gives), _object(annotations), source, seen_at)
        for app, name, version, takes, gives, annotations, source, seen_at in rows
    ]


def declarations(db: sqlite3.Connection, scope: Scope) -> list[DeclarationRow]:
    """The last declaration loaded for each app."""
    rows = db.execute(
        """SELECT n.app_id, n.id, n.file, n.sha256, n.taxonomy, n.loaded_at
             FROM declarations n
            WHERE n.id = (SELECT max(last.id) FROM declarations last WHERE last.app_id = n.app_id)
              AND (:apps IS NULL OR n.app_id IN (SELECT value FROM json_each(:apps)))""",
        scope.bound(),
    )
    return [DeclarationRow(*row) for row in rows]


def declared(db: sqlite3.Connection) -> list[DeclaredRow]:
    """What every declaration says, line by line."""
    return [
        DeclaredRow(*row)
        for row in db.execute("SELECT declaration_id, what, name FROM declared ORDER BY declaration_id, what, name")
    ]


def passages(db: sqlite3.Connection, scope: Scope) -> list[PassageRow]:
    """What passed and was not MCP, by app, host and kind of path; `failed` counts statuses from 400 on."""
    rows = db.execute(
        """SELECT p.app_id, p.host, p.path_class, count(*), sum(coalesce(p.status, 0) >= 400), sum(p.bytes_up),
                  sum(p.bytes_down),
                  min(p.at), max(p.at)
             FROM passages p
            WHERE p.route <> 'egress' AND p.at >= :since AND p.at < :until
              AND (:apps IS NULL OR p.app_id IN (SELECT value FROM json_each(:apps)))
            GROUP BY p.app_id, p.host, p.path_class ORDER BY p.app_id, p.host, p.path_class""",
        scope.bound(),
    )
    return [PassageRow(*row) for row in rows]


def latency(db: sqlite3.Connection, scope: Scope) -> list[LatencyRow]:
    """Milliseconds from a request to its answer, by app: nearest-rank median and 95th percentile, and the longest."""
    rows = db.execute(
        """SELECT app_id, duration_ms FROM exchanges
            WHERE duration_ms IS NOT NULL AND own_traffic = 0 AND route <> 'egress' AND +at >= :since AND +at < :until
              AND (:apps IS NULL OR app_id IN (SELECT value FROM json_each(:apps)))""",
        scope.bound(),
    )
    found: dict[int, array[float]] = {}
    for app, ms in rows:
        if app not in found:
            found[app] = array("d")
        found[app].append(ms)
    out: list[LatencyRow] = []
    for app in sorted(found):
        ordered = sorted(found.pop(app))
        half, most = ((len(ordered) * share + 99) // 100 - 1 for share in (50, 95))
        out.append(LatencyRow(app, len(ordered), ordered[half], ordered[most], ordered[-1]))
    return out


def versions(db: sqlite3.Connection, scope: Scope) -> list[str]:
    """The versions of Douane that ran in the period."""
    rows = db.execute(
        """SELECT DISTINCT version FROM runs
            WHERE version <> '' AND started_at < :until AND (ended_at IS NULL OR ended_at >= :since)
            ORDER BY version""",
        scope.bound(),
    )
    return [row[0] for row in rows]


def ids(rows: Sequence[AppRow], names: Sequence[str]) -> tuple[int, ...]:
    """The ids of the apps called one of `names`."""
    wanted = set(names)
    return tuple(row.id for row in rows if row.name in wanted)


def _object(stored: str) -> dict[str, Any]:
    value = json.loads(stored)
    return value if isinstance(value, dict) else {}
