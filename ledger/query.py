"""Read-only questions to a ledger: what is in it, where a value is, what an answer could answer."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from douane.audit.message import Direction
from douane.ledger.files import error_name, no_ledger
from douane.ledger.pseudonyms import Pseudonymiser, needs_salt
from douane.ledger.schema import APPLICATION_ID, VERSION, LedgerRefused

_MARKS = 500  # under SQLite's limit of values in one statement


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """One row of the view `exchange_log`, newest first. `categories` are distinct, `verdict` is the worst headline."""

    id: int
    at: str
    app: str
    direction: Direction
    kind: str
    method: str | None
    tool: str | None
    outcome: str
    size: int
    disclosures: int
    categories: tuple[str, ...]
    verdict: str | None
    gaps: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows the ledger has. `gaps` sums their counts up."""

    apps: int
    exchanges: int
    disclosures: int
    undeclared: int
    unknown_outcomes: int
    gaps: int
    passages: int


@dataclass(frozen=True, slots=True)
class ToolVersion:
    """One version of a tool as it was seen: what it promises by hash, not in words."""

    app: str
    name: str
    version: int
    input_schema_sha256: str | None
    output_schema_sha256: str | None
    annotations: str
    source: str
    seen_at: str


@dataclass(frozen=True, slots=True)
class FoundDisclosure:
    """A disclosure of the value that was looked for; with the route `egress`, the app itself sent it to `host`."""

    id: int
    exchange_id: int
    at: str
    app: str
    direction: Direction
    tool: str | None
    category: str
    pointer: str
    outcome: str
    route: str = "reverse"
    host: str = ""


def open_ledger(path: Path) -> sqlite3.Connection:
    """Return a connection that cannot write. Raises `LedgerRefused` for a missing file, another's, or a newer one's."""
    try:
        db = sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True, timeout=5.0)
    except sqlite3.Error as error:
        raise LedgerRefused(f"{path}: cannot be read ({error_name(error)})") from None
    try:
        db.execute("PRAGMA query_only = ON")
        application = db.execute("PRAGMA application_id").fetchone()[0]
        version = db.execute("PRAGMA user_version").fetchone()[0]
        chained = db.execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = 'chain'").fetchone()
    except sqlite3.Error as error:
        db.close()
        raise LedgerRefused(f"{path}: {no_ledger(error)}") from None
    if application != APPLICATION_ID:
        db.close()
        raise LedgerRefused(f"{path}: this file is not a Douane ledger")
    if version != VERSION:
        db.close()
        advice = "update Douane" if version > VERSION else "open it once with `douane run` to bring it up to date"
        raise LedgerRefused(f"{path}: ledger version {version}, this Douane reads {VERSION}; {advice}")
    if chained is None:
        db.close()
        raise LedgerRefused(
            f"{path}: the chain was taken out of this ledger, so nothing vouches for what is in it; put a copy of"
            " before back with `douane restore`"
        )
    return db


def last_exchanges(db: sqlite3.Connection, n: int, *, after_id: int = 0) -> list[ExchangeRow]:
    """Return the newest `n` exchanges with ids above `after_id`, newest first, Douane's own traffic left out."""
    rows = db.execute(
        "SELECT id, at, app, direction, kind, method, tool, outcome, size, disclosures, categories, verdict, gaps"
        " FROM exchange_log WHERE id > ? AND own_traffic = 0 ORDER BY id DESC LIMIT ?",
        (after_id, n),
    )
    return [
        ExchangeRow(
            *(row_id, at, app, Direction(direction), kind, method, tool, outcome, size, found),
            categories=tuple(sorted(categories.split(","))) if categories else (),
            verdict=verdict,
            gaps=gaps,
        )
        for row_id, at, app, direction, kind, method, tool, outcome, size, found, categories, verdict, gaps in rows
    ]


def counts(db: sqlite3.Connection) -> Counts:
    """Return how much the ledger holds, without Douane's own traffic and what apps sent out themselves."""
    row = db.execute(
        """SELECT (SELECT count(*) FROM apps),
            (SELECT count(*) FROM exchanges WHERE own_traffic = 0 AND route <> 'egress'),
            (SELECT count(*) FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id
             WHERE e.own_traffic = 0 AND e.route <> 'egress'),
            (SELECT count(*) FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id
             WHERE e.own_traffic = 0 AND e.route <> 'egress' AND d.headline IN ('omitted', 'incorrect', 'prohibited')),
            (SELECT count(*) FROM exchanges WHERE own_traffic = 0 AND route <> 'egress' AND outcome = 'unknown'),
            (SELECT coalesce(sum(count), 0) FROM gaps WHERE route <> 'egress'),
            (SELECT count(*) FROM passages)"""
    ).fetchone()
    return Counts(*row)


def find_tool_versions(db: sqlite3.Connection, app: str, name: str | None = None) -> list[ToolVersion]:
    """Return every version of an app's tools, or of one of them, by name and version."""
    rows = db.execute(
        "SELECT a.name, t.name, t.version, t.input_schema_sha256, t.output_schema_sha256, t.annotations, t.source,"
        " t.seen_at FROM tools t JOIN apps a ON a.id = t.app_id"
        " WHERE a.name = :app AND (:name IS NULL OR t.name = :name) ORDER BY t.name, t.version",
        {"app": app, "name": name},
    )
    return [ToolVersion(*row) for row in rows]


def key_epochs(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return every (app, epoch) whose key made a pseudonym in this ledger."""
    rows = db.execute(
        "SELECT a.name, k.epoch FROM keys k NOT INDEXED CROSS JOIN apps a NOT INDEXED ON a.id = k.app_id"
        " ORDER BY a.name, k.epoch"
    )
    return [(app, epoch) for app, epoch in rows]


def find_pseudonyms(db: sqlite3.Connection, digests: Iterable[str]) -> list[FoundDisclosure]:
    """Return the disclosures that carry one of these digests, oldest first."""
    wanted = sorted(set(digests))
    found: list[FoundDisclosure] = []
    for start in range(0, len(wanted), _MARKS):
        chunk = wanted[start : start + _MARKS]
        found += _found(db, f"d.pseudonym IN ({', '.join('?' * len(chunk))})", chunk)
    return sorted(found, key=lambda one: one.id)


def find_value(
    db: sqlite3.Connection, pseudonymiser: Pseudonymiser, value: str, category: str
) -> list[FoundDisclosure]:
    """Return the disclosures of a value of this category, under every app's key and epoch, oldest first.

    Quick for identifiers. A low-entropy value is salted in each exchange, so each salted exchange is tried.
    """
    if not needs_salt(category, value):
        looked_up = pseudonymiser.look_up(value, category, key_epochs(db))
        return find_pseudonyms(db, (one.digest for one in looked_up))
    rows = db.execute(
        """SELECT e.id, e.salt, a.name, k.epoch FROM exchanges e JOIN apps a ON a.id = e.app_id
            JOIN keys k ON k.app_id = a.id WHERE e.salt IS NOT NULL"""
    )
    digests = (pseudonymiser.salted_digests(app, epoch, category, value, salt) for _, salt, app, epoch in rows)
    return find_pseudonyms(db, (digest for found in digests for digest in found))


def _found(db: sqlite3.Connection, condition: str, values: list[str]) -> list[FoundDisclosure]:
    rows = db.execute(
        "SELECT d.id, e.id, e.at, a.name, e.direction, e.tool, d.category, d.pointer, e.outcome, e.route, e.host"  # noqa: S608 - marks only
        " FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id"
        f" WHERE {condition} ORDER BY d.id",
        values,
    )
    return [
        FoundDisclosure(row_id, exchange_id, at, app, Direction(direction), tool, category, pointer, outcome, *where)
        for row_id, exchange_id, at, app, direction, tool, category, pointer, outcome, *where in rows
    ]
