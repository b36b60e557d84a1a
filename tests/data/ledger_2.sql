PRAGMA application_id = 1146049857;
BEGIN TRANSACTION;
CREATE TABLE "_sqlite_migrations" (
   "id" INTEGER PRIMARY KEY,
   "migration_set" TEXT,
   "name" TEXT,
   "applied_at" TEXT
);
INSERT INTO "_sqlite_migrations" VALUES(1,'douane-ledger','0001_first_ledger','2026-11-22 14:25:41.255692+00:00');
INSERT INTO "_sqlite_migrations" VALUES(2,'douane-ledger','0002_declared_versus_observed','2026-11-22 14:25:41.292650+00:00');
CREATE TABLE apps (
        id INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        upstream_host TEXT NOT NULL DEFAULT '',
        route TEXT NOT NULL DEFAULT 'reverse' CHECK (route = 'reverse' OR route = 'forward' OR route = 'egress' OR route = 'file'),
        first_seen TEXT NOT NULL,
        last_seen TEXT NOT NULL
    ) STRICT;
INSERT INTO "apps" VALUES(1,'crm','','reverse','2026-09-21T14:13:20.010Z','2026-09-21T14:13:20.030Z');
CREATE TABLE declarations (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        file TEXT NOT NULL,
        sha256 TEXT NOT NULL,
        taxonomy TEXT NOT NULL,
        loaded_at TEXT NOT NULL
    , document TEXT CHECK (document IS NULL OR json_type(document) = 'object')) STRICT;
CREATE TABLE declared (
        id INTEGER PRIMARY KEY,
        declaration_id INTEGER NOT NULL REFERENCES declarations (id) ON DELETE CASCADE,
        what TEXT NOT NULL CHECK (what IN ('to_app', 'to_chatgpt', 'recipient')),
        name TEXT NOT NULL,
        UNIQUE (declaration_id, what, name)
    ) STRICT;
CREATE TABLE "disclosures" (
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
        headline TEXT NOT NULL CHECK (headline = 'clear' OR headline = 'vague' OR headline = 'ambiguous' OR headline = 'omitted' OR headline = 'incorrect' OR headline = 'prohibited' OR headline = 'gap'),
        CHECK ((pseudonym IS NULL) = (key_id IS NULL))
    ) STRICT;
INSERT INTO "disclosures" VALUES(1,1,'user.contact.email','["hipaa"]','/params/arguments/email','','email',0.97,'address','16-31','0560f82cc59b17ce37e7460d218abf0e406f2a53a27972f0342d22aa0d088d0f','1-573bb9b310e2','in…rg','[]','gap');
CREATE TABLE exchanges (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        record_id TEXT NOT NULL,
        part INTEGER NOT NULL,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        tool_id INTEGER REFERENCES tools (id),
        tool TEXT,
        at TEXT NOT NULL,
        direction TEXT NOT NULL CHECK (direction = 'to_app' OR direction = 'to_chatgpt'),
        kind TEXT NOT NULL CHECK (kind = 'request' OR kind = 'notification' OR kind = 'result' OR kind = 'error'),
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
        outcome TEXT NOT NULL CHECK (outcome = 'delivered' OR outcome = 'refused' OR outcome = 'failed' OR outcome = 'unknown'),
        own_traffic INTEGER NOT NULL CHECK (own_traffic IN (0, 1)),
        redelivery INTEGER NOT NULL CHECK (redelivery IN (0, 1)),
        salt BLOB,
        taxonomy TEXT NOT NULL,
        inspected_at TEXT NOT NULL,
        UNIQUE (record_id, part)
    ) STRICT;
INSERT INTO "exchanges" VALUES(1,'dc44247937d9-1',0,1,NULL,'invite','2026-09-21T14:13:20.010Z','to_app','request','tools/call','2025-03-26','json','','flow1','bff2bf64c2b6a58002fdee91',NULL,135,1,NULL,NULL,'delivered',0,0,X'F03409031CF4EC60CA703A4E12127A24','fideslang/3.1.4+douane.1','2026-09-21T14:13:20.030Z');
INSERT INTO "exchanges" VALUES(2,'dc44247937d9-2',0,1,NULL,'invite','2026-09-21T14:13:20.020Z','to_chatgpt','result','tools/call','2025-03-26','json','','flow1','',1,89,1,10.0,200,'unknown',0,0,X'57AE07EE3B7D617862CC6906D2D20D87','fideslang/3.1.4+douane.1','2026-09-21T14:13:20.030Z');
CREATE TABLE field_uses (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        tool TEXT NOT NULL,
        direction TEXT NOT NULL CHECK (direction = 'to_app' OR direction = 'to_chatgpt'),
        pointer TEXT NOT NULL,
        calls INTEGER NOT NULL DEFAULT 1 CHECK (calls > 0),
        last_at TEXT NOT NULL,
        UNIQUE (app_id, tool, direction, pointer)
    ) STRICT;
INSERT INTO "field_uses" VALUES(1,1,'invite','to_app','',1,'2026-09-21T14:13:20.010Z');
INSERT INTO "field_uses" VALUES(2,1,'invite','to_app','/email',1,'2026-09-21T14:13:20.010Z');
INSERT INTO "field_uses" VALUES(3,1,'invite','to_chatgpt','',1,'2026-09-21T14:13:20.020Z');
INSERT INTO "field_uses" VALUES(4,1,'invite','to_chatgpt','/ok',1,'2026-09-21T14:13:20.020Z');
CREATE TABLE gaps (
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
    ) STRICT;
INSERT INTO "gaps" VALUES(1,'dc44247937d9-1',0,1,1,'2026-09-21T14:13:20.010Z','no-schema','tool','',NULL,1);
INSERT INTO "gaps" VALUES(2,'dc44247937d9-2',0,2,1,'2026-09-21T14:13:20.020Z','no-schema','tool','',NULL,1);
CREATE TABLE judgements (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        reason TEXT NOT NULL,
        taxonomy TEXT NOT NULL,
        version TEXT NOT NULL,
        disclosures INTEGER NOT NULL CHECK (disclosures >= 0),
        changed INTEGER NOT NULL CHECK (changed >= 0)
    ) STRICT;
CREATE TABLE keys (
        key_id TEXT PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        epoch INTEGER NOT NULL CHECK (epoch > 0),
        created_at TEXT NOT NULL,
        UNIQUE (app_id, epoch)
    ) STRICT, WITHOUT ROWID;
INSERT INTO "keys" VALUES('1-573bb9b310e2',1,1,'2026-09-21T14:13:20.030Z');
CREATE TABLE observations (
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
    ) STRICT;
INSERT INTO "observations" VALUES(1,1,'','egress','mail-vendor.example','',1,'2026-09-21T14:13:20.030Z','2026-09-21T14:13:20.030Z');
INSERT INTO "observations" VALUES(2,1,'','egress','mail-vendor.example','user.contact.email',1,'2026-09-21T14:13:20.030Z','2026-09-21T14:13:20.030Z');
INSERT INTO "observations" VALUES(3,1,'invite','egress','mail-vendor.example','user.contact.email #1',1,'2026-09-21T14:13:20.030Z','2026-09-21T14:13:20.030Z');
CREATE TABLE passages (
        id INTEGER PRIMARY KEY,
        record_id TEXT NOT NULL UNIQUE,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        at TEXT NOT NULL,
        host TEXT NOT NULL,
        path_class TEXT NOT NULL,
        status INTEGER,
        bytes_up INTEGER NOT NULL,
        bytes_down INTEGER NOT NULL
    ) STRICT;
INSERT INTO "passages" VALUES(1,'dc44247937d9-3',1,'2026-09-21T14:13:20.030Z','mail-vendor.example','other',200,10,2);
CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        started_at TEXT NOT NULL,
        ended_at TEXT,
        version TEXT NOT NULL,
        config_sha256 TEXT NOT NULL,
        taxonomy TEXT NOT NULL
    ) STRICT;
INSERT INTO "runs" VALUES(1,'2026-09-21T14:13:20.000Z','2026-09-21T14:13:20.030Z','','','fideslang/3.1.4+douane.1');
CREATE TABLE tools (
        id INTEGER PRIMARY KEY,
        app_id INTEGER NOT NULL REFERENCES apps (id),
        name TEXT NOT NULL,
        version INTEGER NOT NULL CHECK (version > 0),
        input_schema_sha256 TEXT,
        output_schema_sha256 TEXT,
        annotations TEXT NOT NULL CHECK (json_type(annotations) = 'object'),
        input_schema TEXT CHECK (input_schema IS NULL OR json_valid(input_schema)),
        output_schema TEXT CHECK (output_schema IS NULL OR json_valid(output_schema)),
        source TEXT NOT NULL CHECK (source = 'seen' OR source = 'fetched' OR source = 'file'),
        seen_at TEXT NOT NULL, meta TEXT NOT NULL DEFAULT '{}' CHECK (json_type(meta) = 'object'), description_sha256 TEXT,
        UNIQUE (app_id, name, version)
    ) STRICT;
CREATE TABLE "verdicts" (
        id INTEGER PRIMARY KEY,
        disclosure_id INTEGER NOT NULL REFERENCES disclosures (id) ON DELETE CASCADE,
        source TEXT NOT NULL CHECK (source = 'schema' OR source = 'declaration' OR source = 'policy' OR source = 'connection' OR source = 'platform'),
        verdict TEXT NOT NULL CHECK (verdict = 'clear' OR verdict = 'vague' OR verdict = 'ambiguous' OR verdict = 'omitted' OR verdict = 'incorrect' OR verdict = 'prohibited' OR verdict = 'gap'),
        score REAL CHECK (score IS NULL OR score BETWEEN 0 AND 1),
        reason TEXT NOT NULL,
        statements TEXT NOT NULL DEFAULT '[]' CHECK (statements GLOB '[[]*]'),
        declaration_id INTEGER REFERENCES declarations (id),
        judgement_id INTEGER REFERENCES judgements (id),
        judged_at TEXT NOT NULL,
        replaced_at TEXT
    ) STRICT;
INSERT INTO "verdicts" VALUES(1,1,'schema','gap',NULL,'no schema seen for the tool','[]',NULL,NULL,'2026-09-21T14:13:20.030Z',NULL);
INSERT INTO "verdicts" VALUES(2,1,'declaration','gap',NULL,'no declaration found for the app','[]',NULL,NULL,'2026-09-21T14:13:20.030Z',NULL);
CREATE TABLE waivers (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        event TEXT NOT NULL CHECK (event = 'accepted' OR event = 'changed' OR event = 'expired' OR event = 'withdrawn'),
        fingerprint TEXT NOT NULL,
        rule TEXT NOT NULL,
        app TEXT NOT NULL,
        reason TEXT NOT NULL,
        accepted_by TEXT NOT NULL,
        expires TEXT NOT NULL,
        file_sha256 TEXT NOT NULL
    ) STRICT;
CREATE UNIQUE INDEX "idx__sqlite_migrations_migration_set_name"
    ON "_sqlite_migrations" ("migration_set", "name");
CREATE INDEX declarations_by_app ON declarations (app_id);
CREATE INDEX exchanges_by_time ON exchanges (at);
CREATE INDEX exchanges_by_flow ON exchanges (flow);
CREATE INDEX exchanges_by_rpc ON exchanges (rpc) WHERE rpc <> '' AND kind = 'request';
CREATE INDEX exchanges_by_answered ON exchanges (answers_id) WHERE answers_id IS NOT NULL;
CREATE INDEX gaps_by_exchange ON gaps (exchange_id) WHERE exchange_id IS NOT NULL;
CREATE INDEX passages_by_app ON passages (app_id);
CREATE INDEX disclosures_by_exchange ON disclosures (exchange_id);
CREATE INDEX disclosures_by_pseudonym ON disclosures (pseudonym) WHERE pseudonym IS NOT NULL;
CREATE INDEX verdicts_by_disclosure ON verdicts (disclosure_id);
CREATE VIEW "who_gets_what" AS 
        SELECT a.name AS app, e.direction, d.category, d.flags, CASE max(CASE d.headline WHEN 'gap' THEN 0 WHEN 'clear' THEN 1 WHEN 'vague' THEN 2 WHEN 'ambiguous' THEN 3 WHEN 'omitted' THEN 4 WHEN 'incorrect' THEN 5 WHEN 'prohibited' THEN 6 END) WHEN 0 THEN 'gap' WHEN 1 THEN 'clear' WHEN 2 THEN 'vague' WHEN 3 THEN 'ambiguous' WHEN 4 THEN 'omitted' WHEN 5 THEN 'incorrect' WHEN 6 THEN 'prohibited' END AS verdict,
            count(*) AS disclosures, count(DISTINCT e.id) AS exchanges,
            group_concat(DISTINCT e.tool) AS tools, min(e.at) AS first_at, max(e.at) AS last_at
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
        WHERE e.outcome = 'delivered' AND e.own_traffic = 0
        GROUP BY a.name, e.direction, d.category, d.flags
        ORDER BY a.name, e.direction, d.category;
CREATE VIEW "undeclared_disclosures" AS 
        SELECT d.id, e.at, a.name AS app, e.direction, e.method, e.tool, d.category, d.flags, d.pointer, d.reached,
            d.headline AS verdict, d.confidence, d.detector, d.preview, e.outcome,
            (SELECT group_concat(v.source || ': ' || v.reason, '; ') FROM verdicts v
             WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL
                AND v.verdict IN ('omitted', 'incorrect', 'prohibited')) AS reasons,
            e.id AS exchange_id
        FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id
        WHERE d.headline IN ('omitted', 'incorrect', 'prohibited') AND e.own_traffic = 0
        ORDER BY e.at DESC, d.id;
CREATE VIEW "exchange_log" AS 
        SELECT e.id, e.at, a.name AS app, e.direction, e.kind, e.method, e.tool, e.outcome, e.size, e.fields,
            e.duration_ms, e.http_status, e.protocol, e.transport, e.session, e.answers_id, e.own_traffic,
            (SELECT count(*) FROM disclosures d WHERE d.exchange_id = e.id) AS disclosures,
            (SELECT group_concat(DISTINCT d.category) FROM disclosures d WHERE d.exchange_id = e.id) AS categories,
            (SELECT CASE max(CASE d.headline WHEN 'gap' THEN 0 WHEN 'clear' THEN 1 WHEN 'vague' THEN 2 WHEN 'ambiguous' THEN 3 WHEN 'omitted' THEN 4 WHEN 'incorrect' THEN 5 WHEN 'prohibited' THEN 6 END) WHEN 0 THEN 'gap' WHEN 1 THEN 'clear' WHEN 2 THEN 'vague' WHEN 3 THEN 'ambiguous' WHEN 4 THEN 'omitted' WHEN 5 THEN 'incorrect' WHEN 6 THEN 'prohibited' END FROM disclosures d WHERE d.exchange_id = e.id) AS verdict,
            (SELECT coalesce(sum(g.count), 0) FROM gaps g WHERE g.exchange_id = e.id) AS gaps
        FROM exchanges e JOIN apps a ON a.id = e.app_id
        ORDER BY e.id DESC;
CREATE VIEW "gap_summary" AS 
        SELECT a.name AS app, g.code, g.place, count(*) AS rows, sum(g.count) AS gaps, sum(g.size) AS bytes,
            min(g.at) AS first_at, max(g.at) AS last_at
        FROM gaps g JOIN apps a ON a.id = g.app_id
        GROUP BY a.name, g.code, g.place
        ORDER BY gaps DESC, app, g.code, g.place;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('disclosures',1);
INSERT INTO "sqlite_sequence" VALUES('exchanges',2);
COMMIT;
PRAGMA user_version = 2;
