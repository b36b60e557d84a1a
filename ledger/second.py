"""The second ledger: verdicts that a rejudgement replaces, and what was seen of an app besides its disclosures."""

from douane.ledger.words import one_of

_LABELS = ("clear", "vague", "ambiguous", "omitted", "incorrect", "prohibited", "gap")
_SOURCES = ("schema", "declaration", "policy", "connection", "platform")
_DIRECTIONS = ("to_app", "to_chatgpt")
_WAIVED = ("accepted", "changed", "expired", "withdrawn")

_DISCLOSURES = (
    "id, exchange_id, category, flags, pointer, reached, detector, confidence, evidence, length, pseudonym, key_id,"
    " preview, also, headline"
)
_VERDICTS = "id, disclosure_id, source, verdict, score, reason, declaration_id, judged_at"

STATEMENTS: tuple[str, ...] = (
    "ALTER TABLE tools ADD COLUMN meta TEXT NOT NULL DEFAULT '{}' CHECK (json_type(meta) = 'object')",
    "ALTER TABLE tools ADD COLUMN description_sha256 TEXT",
    "ALTER TABLE declarations ADD COLUMN document TEXT CHECK (document IS NULL OR json_type(document) = 'object')",
    """CREATE TABLE judgements (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        reason TEXT NOT NULL,
        taxonomy TEXT NOT NULL,
        version TEXT NOT NULL,
        disclosures INTEGER NOT NULL CHECK (disclosures >= 0),
        changed INTEGER NOT NULL CHECK (changed >= 0)
    ) STRICT""",
    # SQLite changes a CHECK only by writing the table anew.
    f"""CREATE TABLE disclosures_2 (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        exchange_id INTEGER NOT NULL REFERENCES exchanges (id) ON DELETE CASCADE,
        category TEXT NOT NULL,
        flags TEXT NOT NULL CHECK (flags GLOB '[[]*]'),
        pointer TEXT NOT NULL,
        reached TEXT NOT NULL,
        detector TEXT NOT NULL,
        confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
        evidence TEXT NOT NULL,
        length TEXT NOT NULL,
        pseudonym TEXT,
        key_id TEXT REFERENCES keys (key_id),
        preview TEXT,
        also TEXT NOT NULL CHECK (also GLOB '[[]*]'),
        headline TEXT NOT NULL {one_of("headline", _LABELS)},
        CHECK ((pseudonym IS NULL) = (key_id IS NULL))
    ) STRICT""",
    f"INSERT INTO disclosures_2 ({_DISCLOSURES}) SELECT {_DISCLOSURES} FROM disclosures",  # noqa: S608 - our own words
    f"""CREATE TABLE verdicts_2 (
        id INTEGER PRIMARY KEY,
        disclosure_id INTEGER NOT NULL REFERENCES disclosures (id) ON DELETE CASCADE,
        source TEXT NOT NULL {one_of("source", _SOURCES)},
        verdict TEXT NOT NULL {one_of("verdict", _LABELS)},
        score REAL CHECK (score IS NULL OR score BETWEEN 0 AND 1),
        reason TEXT NOT NULL,
        statements TEXT NOT NULL DEFAULT '[]' CHECK (statements GLOB '[[]*]'),
        declaration_id INTEGER REFERENCES declarations (id),
        judgement_id INTEGER REFERENCES judgements (id),
        judged_at TEXT NOT NULL,
        replaced_at TEXT
    ) STRICT""",
    f"INSERT INTO verdicts_2 ({_VERDICTS}) SELECT {_VERDICTS} FROM verdicts",  # noqa: S608 - our own words
    # the number of a row that was deleted must not be given again
    "UPDATE sqlite_sequence SET seq = max(seq, (SELECT seq FROM sqlite_sequence WHERE name = 'disclosures'))"
    " WHERE name = 'disclosures_2' AND EXISTS (SELECT 1 FROM sqlite_sequence WHERE name = 'disclosures')",
    "DROP TABLE verdicts",
    "DROP TABLE disclosures",
    "ALTER TABLE disclosures_2 RENAME TO disclosures",
    "ALTER TABLE verdicts_2 RENAME TO verdicts",
    "CREATE INDEX disclosures_by_exchange ON disclosures (exchange_id)",
    "CREATE INDEX disclosures_by_pseudonym ON disclosures (pseudonym) WHERE pseudonym IS NOT NULL",
    "CREATE INDEX verdicts_by_disclosure ON verdicts (disclosure_id)",
    """CREATE TABLE observations (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        tool TEXT NOT NULL DEFAULT '',
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        detail TEXT NOT NULL DEFAULT '',
        count INTEGER NOT NULL DEFAULT 1 CHECK (count > 0),
        first_at TEXT NOT NULL,
        last_at TEXT NOT NULL,
        UNIQUE (app_id, tool, kind, name, detail)
    ) STRICT""",
    f"""CREATE TABLE field_uses (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        tool TEXT NOT NULL,
        direction TEXT NOT NULL {one_of("direction", _DIRECTIONS)},
        pointer TEXT NOT NULL,
        calls INTEGER NOT NULL DEFAULT 1 CHECK (calls > 0),
        last_at TEXT NOT NULL,
        UNIQUE (app_id, tool, direction, pointer)
    ) STRICT""",
    f"""CREATE TABLE waivers (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        event TEXT NOT NULL {one_of("event", _WAIVED)},
        fingerprint TEXT NOT NULL,
        rule TEXT NOT NULL,
        app TEXT NOT NULL,
        reason TEXT NOT NULL,
        accepted_by TEXT NOT NULL,
        expires TEXT NOT NULL,
        file_sha256 TEXT NOT NULL
    ) STRICT""",
)
