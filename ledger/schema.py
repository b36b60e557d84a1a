"""The ledger's tables, views and migrations. `docs/ledger.md` says what each column holds."""

import sqlite3
from enum import StrEnum

from douane.audit.exchange import Outcome
from douane.audit.message import Direction, Kind
from douane.ledger.refused import LedgerRefused as LedgerRefused
from douane.ledger.words import one_of

APPLICATION_ID = 0x444F5541  # "DOUA"
VERSION = 4
"""The number of the last migration, kept in `user_version`. A ledger with a higher one is refused."""


class ToolSource(StrEnum):
    """Where a tool's schema came from."""

    SEEN = "seen"  # in a tools/list answer that crossed
    FETCHED = "fetched"  # by Douane itself
    FILE = "file"


class Route(StrEnum):
    """How an app's traffic reaches Douane."""

    REVERSE = "reverse"
    FORWARD = "forward"
    EGRESS = "egress"
    FILE = "file"  # read from a transcript, no proxy


_LABELS = ("clear", "vague", "omitted", "prohibited", "gap")
_SOURCES = ("schema", "declaration", "platform")
"""The words of the first ledger; a migration must not change with the enums of today."""
_JSON_LIST = "CHECK ({} GLOB '[[]*]')"  # that it is JSON is the writer's business: parsing it would double the cost

TABLES: tuple[str, ...] = (
    f"""CREATE TABLE apps (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        upstream_host TEXT NOT NULL DEFAULT '',
        route TEXT NOT NULL DEFAULT 'reverse' {one_of("route", Route)},
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT""",
    f"""CREATE TABLE tools (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        name TEXT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        input_schema_sha256 TEXT,
        output_schema_sha256 TEXT,
        annotations TEXT NOT NULL CHECK (json_type(annotations) = 'object'),
        input_schema TEXT CHECK (input_schema IS NULL OR json_valid(input_schema)),
        output_schema TEXT CHECK (output_schema IS NULL OR json_valid(output_schema)),
        source TEXT NOT NULL {one_of("source", ToolSource)},
        seen_at TEXT NOT NULL,
        UNIQUE (app_id, name, version)
    ) STRICT""",
    """CREATE TABLE declarations (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        file TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        taxonomy TEXT NOT NULL,
        loaded_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE declared (
        id INTEGER PRIMARY KEY,
        declaration_id INTEGER NOT NULL REFERENCES declarations (id) ON DELETE CASCADE,
        what TEXT NOT NULL CHECK (what IN ('to_app', 'to_chatgpt', 'recipient')),
        name TEXT NOT NULL,
        UNIQUE (declaration_id, what, name)
    ) STRICT""",
    """CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        version TEXT NOT NULL,
        config_sha256 TEXT NOT NULL,
        taxonomy TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE keys (
        key_id TEXT PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        epoch INTEGER NOT NULL CHECK (epoch > 0),
        created_at TEXT NOT NULL,
        UNIQUE (app_id, epoch)
    ) STRICT, WITHOUT ROWID""",
    f"""CREATE TABLE exchanges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        record_id TEXT NOT NULL,
        part INTEGER NOT NULL,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        tool_id INTEGER REFERENCES tools (id),
        tool TEXT,
        at TEXT NOT NULL,
        direction TEXT NOT NULL {one_of("direction", Direction)},
        kind TEXT NOT NULL {one_of("kind", Kind)},
        method TEXT,
        protocol TEXT NOT NULL,
        transport TEXT NOT NULL,
        session TEXT NOT NULL,
        flow TEXT NOT NULL,
        rpc TEXT NOT NULL,
        answers_id INTEGER REFERENCES exchanges (id) ON DELETE SET NULL,
        size INTEGER NOT NULL CHECK (size >= 0),
        fields INTEGER NOT NULL CHECK (fields >= 0),
        duration_ms REAL,
        http_status INTEGER,
        outcome TEXT NOT NULL {one_of("outcome", Outcome)},
        own_traffic INTEGER NOT NULL CHECK (own_traffic IN (0, 1)),
        redelivery INTEGER NOT NULL CHECK (redelivery IN (0, 1)),
        salt BLOB,
        taxonomy TEXT NOT NULL,
        inspected_at TEXT NOT NULL,
        UNIQUE (record_id, part)
    ) STRICT""",
    f"""CREATE TABLE disclosures (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        exchange_id INTEGER NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
        category TEXT NOT NULL,
        flags TEXT NOT NULL {_JSON_LIST.format("flags")},
        pointer TEXT NOT NULL,
        reached TEXT NOT NULL,
        detector TEXT NOT NULL,
        confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        evidence TEXT NOT NULL,
        length TEXT NOT NULL,
        pseudonym TEXT,
        key_id TEXT REFERENCES keys (key_id),
        preview TEXT,
        also TEXT NOT NULL {_JSON_LIST.format("also")},
        headline TEXT NOT NULL {one_of("headline", _LABELS)},
        CHECK ((pseudonym IS NULL) = (key_id IS NULL))
    ) STRICT""",
    f"""CREATE TABLE verdicts (
        id INTEGER PRIMARY KEY,
        disclosure_id INTEGER NOT NULL REFERENCES disclosures (id) ON DELETE CASCADE,
        source TEXT NOT NULL {one_of("source", _SOURCES)},
        verdict TEXT NOT NULL {one_of("verdict", _LABELS)},
        score REAL CHECK (score IS NULL OR score BETWEEN 0 AND 1),
        reason TEXT NOT NULL,
        declaration_id INTEGER REFERENCES declarations (id),
        judged_at TEXT NOT NULL
    ) STRICT""",
    """CREATE TABLE gaps (
        id INTEGER PRIMARY KEY,
        record_id TEXT NOT NULL,
        part INTEGER NOT NULL,
        exchange_id INTEGER REFERENCES exchanges (id) ON DELETE SET NULL,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        at TEXT NOT NULL,
        code TEXT NOT NULL,
        place TEXT NOT NULL,
        detail TEXT NOT NULL,
        size INTEGER,
        count INTEGER NOT NULL CHECK (count > 0),
        UNIQUE (record_id, part, code, place, detail)
    ) STRICT""",
    """CREATE TABLE passages (
        id INTEGER PRIMARY KEY,
        record_id TEXT NOT NULL UNIQUE,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        at TEXT NOT NULL,
        host TEXT NOT NULL,
        path_class TEXT NOT NULL,
        status INTEGER,
        bytes_up INTEGER NOT NULL,
        bytes_down INTEGER NOT NULL
    ) STRICT""",
)

INDICES: tuple[str, ...] = (
    "CREATE INDEX declarations_by_app ON declarations (app_id)",
    "CREATE INDEX exchanges_by_time ON exchanges (at)",
    "CREATE INDEX exchanges_by_flow ON exchanges (flow)",
    "CREATE INDEX exchanges_by_rpc ON exchanges (rpc) WHERE rpc <> '' AND kind = 'request'",
    "CREATE INDEX exchanges_by_answered ON exchanges (answers_id) WHERE answers_id IS NOT NULL",
    "CREATE INDEX disclosures_by_exchange ON disclosures (exchange_id)",
    "CREATE INDEX disclosures_by_pseudonym ON disclosures (pseudonym) WHERE pseudonym IS NOT NULL",
    "CREATE INDEX verdicts_by_disclosure ON verdicts (disclosure_id)",
    "CREATE INDEX gaps_by_exchange ON gaps (exchange_id) WHERE exchange_id IS NOT NULL",
    "CREATE INDEX passages_by_app ON passages (app_id)",
)

_RANKED = ("gap", "clear", "vague", "ambiguous", "omitted", "incorrect", "prohibited")
_RANK = f"CASE d.headline {' '.join(f"WHEN '{label}' THEN {rank}" for rank, label in enumerate(_RANKED))} END"
_WORST = f"CASE max({_RANK}) {' '.join(f"WHEN {rank} THEN '{label}'" for rank, label in enumerate(_RANKED))} END"

VIEWS: dict[str, str] = {
    "who_gets_what": f"""
        SELECT a.name AS app, e.direction, d.category, d.flags, {_WORST} AS verdict,
            count(*) AS disclosures, count(DISTINCT e.id) AS exchanges,
            group_concat(DISTINCT e.tool) AS tools, min(e.at) AS first_at, max(e.at) AS last_at
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
        WHERE e.outcome = 'delivered' AND e.own_traffic = 0 AND e.route <> 'egress'
        GROUP BY a.name, e.direction, d.category, d.flags
        ORDER BY a.name, e.direction, d.category""",  # noqa: S608 - our own words
    "undeclared_disclosures": """
        SELECT d.id, e.at, a.name AS app, e.direction, e.method, e.tool, d.category, d.flags, d.pointer, d.reached,
            d.headline AS verdict, d.confidence, d.detector, d.preview, e.outcome,
            (SELECT group_concat(v.source || ': ' || v.reason, '; ') FROM verdicts v
             WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL
                AND v.verdict IN ('omitted', 'incorrect', 'prohibited')) AS reasons,
            e.id AS exchange_id
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
        WHERE d.headline IN ('omitted', 'incorrect', 'prohibited') AND e.own_traffic = 0 AND e.route <> 'egress'
        ORDER BY e.at DESC, d.id""",
    "exchange_log": f"""
        SELECT e.id, e.at, a.name AS app, e.direction, e.kind, e.method, e.tool, e.outcome, e.size, e.fields,
            e.duration_ms, e.http_status, e.protocol, e.transport, e.session, e.answers_id, e.own_traffic,
            (SELECT count(*) FROM disclosures d WHERE d.exchange_id = e.id) AS disclosures,
            (SELECT group_concat(DISTINCT d.category) FROM disclosures d WHERE d.exchange_id = e.id) AS categories,
            (SELECT {_WORST} FROM disclosures d WHERE d.exchange_id = e.id) AS verdict,
            (SELECT coalesce(sum(g.count), 0) FROM gaps g WHERE g.exchange_id = e.id) AS gaps
        FROM exchanges e JOIN apps a ON a.id = e.app_id
        WHERE e.route <> 'egress'
        ORDER BY e.id DESC""",  # noqa: S608 - our own words
    "passed_on": f"""
        SELECT a.name AS app, e.host, d.category, d.flags, {_WORST} AS verdict,
            count(*) AS disclosures, count(DISTINCT e.id) AS exchanges, min(e.at) AS first_at, max(e.at) AS last_at
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
        WHERE e.route = 'egress' AND e.direction = 'to_app' AND e.outcome = 'delivered'
        GROUP BY a.name, e.host, d.category, d.flags
        ORDER BY a.name, e.host, d.category""",  # noqa: S608 - our own words
    "gap_summary": """
        SELECT a.name AS app, g.route, g.code, g.place, count(*) AS rows, sum(g.count) AS gaps, sum(g.size) AS bytes,
            min(g.at) AS first_at, max(g.at) AS last_at
        FROM gaps g JOIN apps a ON a.id = g.app_id
        GROUP BY a.name, g.route, g.code, g.place
        ORDER BY gaps DESC, app, g.route, g.code, g.place""",
}


def prepare(db: sqlite3.Connection, name: str) -> None:
    """Bring a ledger file, or an empty one, to this version.

    `name` is what messages call the file. Raises `LedgerRefused` when it holds something else or is newer, and
    `sqlite3.Error` when the disk or SQLite fails. A migration that fails leaves the ledger as it was.
    """
    found = db.execute("PRAGMA application_id").fetchone()[0]
    empty = db.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    if found != APPLICATION_ID and not (found == 0 and empty):
        raise LedgerRefused(f"{name}: this file is not a Douane ledger; name another file")
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if version > VERSION:
        raise LedgerRefused(
            f"{name}: written by a newer Douane (ledger version {version}, this one knows up to {VERSION}); "
            "update Douane"
        )
    if version == VERSION:
        return
    if empty:
        db.execute("PRAGMA auto_vacuum = INCREMENTAL")  # only possible before the first table
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    from douane.ledger.migrations import apply  # only here: what it imports takes a quarter of a second

    apply(db)
    db.execute(f"PRAGMA user_version = {VERSION}")
