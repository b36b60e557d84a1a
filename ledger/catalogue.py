"""What apps promise, in the ledger: their tools' versions and their declarations."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.declaration_document import declaration_of, document_of
from douane.audit.history import ToolFacts
from douane.audit.keys import HIDDEN
from douane.audit.skeleton import skeleton
from douane.ledger.fingerprint import hints, sha256
from douane.ledger.rows import bounded, clean, tool_name
from douane.ledger.schema import ToolSource


def write_tool(
    db: sqlite3.Connection,
    app_id: int,
    tool: ToolSchema,
    annotations: Mapping[str, Any],
    source: ToolSource,
    seen_at: str,
) -> int:
    """Write a version of a tool unless it is the last one's; return its number.

    Tools whose names may be data share one name, and each of them is written once.
    """
    schemas = (tool.input_schema, tool.output_schema)
    marks = (
        *(None if one is None else sha256(one) for one in schemas),
        json.dumps(hints(annotations)),
        json.dumps(dict(tool.meta), sort_keys=True),
        tool.description_sha256 or None,
    )
    name = tool_name(tool.name)
    last = db.execute(
        "SELECT version, input_schema_sha256, output_schema_sha256, annotations, meta, description_sha256 FROM tools"
        " WHERE app_id = ? AND name = ? ORDER BY version DESC LIMIT 1",
        (app_id, name),
    ).fetchone()
    if last is not None and last[1:] == marks:
        return int(last[0])
    if name == HIDDEN:
        same = db.execute(
            "SELECT version FROM tools WHERE app_id = ? AND name = ? AND input_schema_sha256 IS ?"
            " AND output_schema_sha256 IS ? AND annotations = ? AND meta = ? AND description_sha256 IS ?",
            (app_id, name, *marks),
        ).fetchone()
        if same is not None:
            return int(same[0])
    version = 1 if last is None else int(last[0]) + 1
    kept = (None if one is None else json.dumps(skeleton(one)) for one in schemas)
    db.execute(
        "INSERT OR ABORT INTO tools (app_id, name, version, input_schema_sha256, output_schema_sha256, annotations,"
        " meta, description_sha256, input_schema, output_schema, source, seen_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (app_id, name, version, *marks, *kept, source.value, seen_at),
    )
    return version


def read_tool(db: sqlite3.Connection, app: str, name: str) -> ToolSchema | None:
    """Return the last version of a tool as its skeletons, None when the ledger has none under its name."""
    if tool_name(name) == HIDDEN:
        return None
    row = db.execute(
        "SELECT t.input_schema, t.output_schema, t.meta, t.description_sha256 FROM tools t"
        " JOIN apps a ON a.id = t.app_id WHERE a.name = ? AND t.name = ? ORDER BY t.version DESC LIMIT 1",
        (clean(app), name),
    ).fetchone()
    if row is None:
        return None
    taken, given = (None if text is None else json.loads(text) for text in row[:2])
    return ToolSchema(
        name, input_schema=taken, output_schema=given, meta=json.loads(row[2]), description_sha256=row[3] or ""
    )


def read_tools(db: sqlite3.Connection, app: str) -> list[ToolFacts]:
    """Return every tool of an app as it was last seen, by name; tools whose names may be data share one entry."""
    rows = db.execute(
        "SELECT t.name, t.version, t.input_schema, t.output_schema, t.annotations, t.meta, t.seen_at FROM tools t"
        " JOIN apps a ON a.id = t.app_id WHERE a.name = ? AND t.version ="
        " (SELECT max(x.version) FROM tools x WHERE x.app_id = t.app_id AND x.name = t.name) ORDER BY t.name",
        (clean(app),),
    )
    return [
        ToolFacts(
            name,
            version,
            input_schema=None if taken is None else json.loads(taken),
            output_schema=None if given is None else json.loads(given),
            annotations=json.loads(annotations),
            meta=json.loads(meta),
            seen_at=seen_at,
        )
        for name, version, taken, given, annotations, meta, seen_at in rows
    ]


def write_declaration(
    db: sqlite3.Connection, app_id: int, declaration: Declaration, taxonomy: str, loaded_at: str
) -> int:
    """Write a declaration unless it is the app's last one; return its id. Of its source the folder is not kept."""
    marks = (declaration.sha256, taxonomy)
    last = db.execute(
        "SELECT id, sha256, taxonomy, document IS NULL FROM declarations WHERE app_id = ? ORDER BY id DESC LIMIT 1",
        (app_id,),
    ).fetchone()
    if last is not None and last[1:] == (*marks, 0):
        return int(last[0])
    file = bounded(Path(declaration.source).name)
    document = document_of(replace(declaration, source=file or ""))
    written = db.execute(
        "INSERT OR ABORT INTO declarations (app_id, file, sha256, taxonomy, loaded_at, document)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        (app_id, file, *marks, loaded_at, document),
    ).lastrowid
    listed = (
        ("to_app", declaration.to_app),
        ("to_chatgpt", declaration.to_chatgpt),
        ("recipient", tuple(recipient.name for recipient in declaration.recipients)),
    )
    db.executemany(
        "INSERT OR ABORT INTO declared (declaration_id, what, name) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [(written, what, bounded(name)) for what, names in listed for name in names],
    )
    return written or 0


def read_declaration(db: sqlite3.Connection, declaration_id: int) -> Declaration | None:
    """Return a declaration as it was when it was written, None for one of a ledger that kept only its name.

    Raises ValueError, which quotes nothing, for a row that holds something else.
    """
    row = db.execute("SELECT document FROM declarations WHERE id = ?", (declaration_id,)).fetchone()
    return None if row is None or row[0] is None else declaration_of(row[0])
