"""A declaration out of the ledger, as it stood when it was loaded."""

import sqlite3

from douane.audit.declaration import Declaration, Recipient
from douane.ledger import catalogue
from douane.ledger.rows import clean


def read_declaration(db: sqlite3.Connection, declaration_id: int) -> Declaration | None:
    """Return the declaration of that number: as it was where it was kept whole, else its categories and recipients.

    None when there is no such number.
    """
    row = db.execute(
        "SELECT a.name, n.file, n.sha256, n.taxonomy FROM declarations n JOIN apps a ON a.id = n.app_id WHERE n.id = ?",
        (declaration_id,),
    ).fetchone()
    if row is None:
        return None
    try:
        whole = catalogue.read_declaration(db, declaration_id)
    except ValueError:
        whole = None
    if whole is not None:
        return whole
    app, file, sha256, taxonomy = row
    names: dict[str, list[str]] = {"to_app": [], "to_chatgpt": [], "recipient": []}
    for what, name in db.execute(
        "SELECT what, name FROM declared WHERE declaration_id = ? ORDER BY name", (declaration_id,)
    ):
        names[what].append(name)
    return Declaration(
        app,
        tuple(names["to_app"]),
        tuple(names["to_chatgpt"]),
        tuple(Recipient(name) for name in names["recipient"]),
        sha256=sha256,
        source=file,
        taxonomy=taxonomy,
    )


def last_declaration(db: sqlite3.Connection, app: str) -> tuple[int, Declaration] | None:
    """Return the app's last declaration with its number, None when it never had one."""
    row = db.execute(
        "SELECT max(n.id) FROM declarations n JOIN apps a ON a.id = n.app_id WHERE a.name = ?", (clean(app),)
    ).fetchone()
    read = read_declaration(db, row[0]) if row[0] is not None else None
    return None if read is None else (row[0], read)
