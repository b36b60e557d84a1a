"""What somebody with an SQLite program and without the master key can do to a ledger's events, rows and segments.

Each takes the file's connection and a source of randomness, and says what it did; empty, or `IndexError`, where there
was nothing to do.
"""

import json
import random
import sqlite3
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from douane.ledger.data import verify_ledger as second

type Mutation = Callable[[sqlite3.Connection, random.Random], str]

ROW_TABLES = {kind: table for kind, (table, _, _) in second.ROWS.items()}
SNAPSHOT_TABLES = {kind: table for kind, (table, _) in second.SNAPSHOTS.items() if kind != "key"}
TABLES = {**ROW_TABLES, **SNAPSHOT_TABLES}
DETAIL = {table: detail for table, _, detail in second.ROWS.values() if detail}


def delete_event(db: sqlite3.Connection, rng: random.Random) -> str:
    """Take an event away: the first, the last or any."""
    seqs = _numbers(db)
    seq = rng.choice((seqs[0], seqs[-1], rng.choice(seqs)))
    db.execute("DELETE FROM events WHERE seq = ?", (seq,))
    return f"event {seq} deleted"


def delete_row(db: sqlite3.Connection, rng: random.Random) -> str:
    """Take a row away, and leave its event."""
    table = rng.choice([*TABLES.values(), "keys", "declared", "observations", "field_uses"])
    key = "key_id" if table == "keys" else "id"
    (row,) = rng.choice(db.execute(f"SELECT {key} FROM {table}").fetchall())
    db.execute(f"DELETE FROM {table} WHERE {key} = ?", (row,))
    return f"{table} {row} deleted"


def delete_both(db: sqlite3.Connection, rng: random.Random) -> str:
    """Take an event and its row away."""
    seq, kind, row = rng.choice(db.execute("SELECT seq, kind, row FROM events WHERE row IS NOT NULL").fetchall())
    if kind not in ROW_TABLES:
        return ""
    db.execute("DELETE FROM events WHERE seq = ?", (seq,))
    db.execute(f"DELETE FROM {ROW_TABLES[kind]} WHERE id = ?", (row,))
    return f"event {seq} and its {kind} {row} deleted"


def delete_segment(db: sqlite3.Connection, rng: random.Random) -> str:
    """Take a segment's header away, with or without its events."""
    number, first, last = rng.choice(db.execute("SELECT number, first_seq, last_seq FROM segments").fetchall())
    db.execute("DELETE FROM segments WHERE number = ?", (number,))
    if rng.random() < 0.5:
        return f"header {number} deleted"
    db.execute("DELETE FROM events WHERE seq BETWEEN ? AND ?", (first, last))
    return f"segment {number} and its events deleted"


def delete_single(db: sqlite3.Connection, rng: random.Random) -> str:
    """Empty one of the tables that have a single row."""
    table = rng.choice(("chain", "open_segment"))
    db.execute(f"DELETE FROM {table}")
    return f"{table} emptied"


def truncate(db: sqlite3.Connection, rng: random.Random) -> str:
    """Cut the end off, with or without its rows, with or without setting the chain back."""
    end = db.execute("SELECT seq FROM chain").fetchone()[0]
    cut = rng.randint(max(1, end - 30), end)
    done = f"events from {cut} cut off"
    if rng.random() < 0.5:
        for kind, row in db.execute("SELECT kind, row FROM events WHERE seq >= ?", (cut,)).fetchall():
            if kind in ROW_TABLES:
                db.execute(f"DELETE FROM {ROW_TABLES[kind]} WHERE id = ?", (row,))
        done += " with their rows"
    db.execute("DELETE FROM events WHERE seq >= ?", (cut,))
    if rng.random() < 0.5:
        set_end(db)
        done += ", the chain set back"
    return done


def reorder(db: sqlite3.Connection, rng: random.Random) -> str:
    """Let two events change places."""
    one, other = rng.sample(_numbers(db), 2)
    db.execute("UPDATE events SET seq = -1 WHERE seq = ?", (one,))
    db.execute("UPDATE events SET seq = ? WHERE seq = ?", (one, other))
    db.execute("UPDATE events SET seq = ? WHERE seq = -1", (other,))
    return f"events {one} and {other} exchanged"


def exchange_content(db: sqlite3.Connection, rng: random.Random) -> str:
    """Let two events of one kind change what they say, and keep their numbers."""
    (kind,) = rng.choice(db.execute("SELECT kind FROM events GROUP BY kind HAVING count(*) > 1").fetchall())
    seqs = [seq for (seq,) in db.execute("SELECT seq FROM events WHERE kind = ?", (kind,))]
    pair = rng.sample(seqs, 2)
    rows = [db.execute("SELECT row, body, leaf FROM events WHERE seq = ?", (seq,)).fetchone() for seq in pair]
    if rows[0][:2] == rows[1][:2]:
        return ""
    for seq, row in zip(pair, reversed(rows), strict=True):
        db.execute("UPDATE events SET row = ?, body = ?, leaf = ? WHERE seq = ?", (*row, seq))
    return f"{kind} events {pair} exchanged what they say"


def repeat_event(db: sqlite3.Connection, rng: random.Random) -> str:
    """Write an event a second time at the end, perhaps with a leaf and a head that fit."""
    end = db.execute("SELECT seq FROM chain").fetchone()[0]
    seq = rng.choice(_numbers(db))
    db.execute(
        "INSERT INTO events SELECT (SELECT max(seq) FROM events) + 1, kind, row, body, leaf FROM events WHERE seq = ?",
        (seq,),
    )
    if rng.random() < 0.5:
        return f"event {seq} repeated beyond the end"
    make_leaves(db, end + 1)
    set_end(db)
    return f"event {seq} repeated with leaf and head"


def replay_segment(db: sqlite3.Connection, rng: random.Random) -> str:
    """Append a whole closed segment a second time, with leaves, head and a copy of its header."""
    found = db.execute(
        "SELECT number, first_seq, last_seq FROM segments WHERE count > 0"
        " AND EXISTS (SELECT 1 FROM events WHERE seq = last_seq)"
    ).fetchall()
    number, first, last = rng.choice(found)
    end, latest = db.execute("SELECT seq, segment FROM chain").fetchone()
    db.execute(
        "INSERT INTO events SELECT seq + ?, kind, row, body, leaf FROM events WHERE seq BETWEEN ? AND ?",
        (end + 1 - first, first, last),
    )
    if rng.random() < 0.5:
        make_leaves(db, end + 1)
    set_end(db)
    if rng.random() < 0.5:
        names = ", ".join(name for name in second.columns(second.OTHERS["segments"]) if name != "number")
        db.execute(
            f"INSERT INTO segments (number, {names}) SELECT ?, {names} FROM segments WHERE number = ?", (latest, number)
        )
        db.execute("UPDATE open_segment SET number = ?", (latest + 1,))
        db.execute("UPDATE chain SET segment = ?", (latest + 1,))
    return f"segment {number} replayed"


def insert_row(db: sqlite3.Connection, rng: random.Random) -> str:
    """Add a row like another that no event vouches for, or that a forged event at the end does."""
    kind, table = rng.choice([*TABLES.items(), ("", "declared"), ("", "observations"), ("", "field_uses")])
    names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
    row = dict(zip(names, rng.choice(db.execute(f"SELECT * FROM {table}").fetchall()), strict=True))
    row["id"] = db.execute(f"SELECT max(id) + 1 FROM {table}").fetchone()[0]
    for unique in ("record_id", "name"):
        if unique in row:
            row[unique] += "x"
    if table == "field_uses":
        row["pointer"] += "x"
    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", tuple(row.values()))
    if kind not in ROW_TABLES or rng.random() < 0.5:
        return f"{table} {row['id']} inserted"
    end = db.execute("SELECT seq FROM chain").fetchone()[0]
    db.execute("INSERT INTO events VALUES (?, ?, ?, NULL, zeroblob(32))", (end + 1, kind, row["id"]))
    make_leaves(db, end + 1)
    set_end(db)
    return f"{table} {row['id']} inserted with an event"


def remove_detail(db: sqlite3.Connection, rng: random.Random) -> str:
    """Take the detail of a row away: some or all of it, without an event or with a forged one at the end."""
    table = rng.choice(list(DETAIL))
    (row,) = rng.choice(db.execute(f"SELECT id FROM {table} WHERE nonce IS NOT NULL").fetchall())
    columns = {**DETAIL[table], "nonce": None}
    chosen = list(columns) if rng.random() < 0.6 else ["nonce"]
    for column in chosen:
        gone = None if columns[column] is None else ""
        db.execute(f"UPDATE {table} SET {column} = ? WHERE id = ?", (gone, row))
    if rng.random() < 0.5:
        return f"detail of {table} {row} removed: {chosen}"
    end = db.execute("SELECT seq FROM chain").fetchone()[0]
    ids = {name: [row] if name == table else [] for name in DETAIL}
    body = json.dumps({"at": "2096-10-02T14:00:00.000Z", **ids, "who": "x"}, sort_keys=True, separators=(",", ":"))
    db.execute("INSERT INTO events VALUES (?, 'erased', NULL, ?, zeroblob(32))", (end + 1, body))
    make_leaves(db, end + 1)
    set_end(db)
    return f"detail of {table} {row} removed with a forged event: {chosen}"


def rewrite_open(db: sqlite3.Connection, rng: random.Random) -> str:
    """Change a row that the open segment vouches for, and make leaves and head anew over the open segment."""
    first = db.execute("SELECT first_seq FROM open_segment").fetchone()[0]
    found = db.execute("SELECT row FROM events WHERE kind = 'verdict' AND seq >= ?", (first,)).fetchall()
    (row,) = rng.choice(found)
    db.execute("UPDATE verdicts SET reason = reason || '.' WHERE id = ?", (row,))
    make_leaves(db, first)
    set_end(db)
    return f"verdict {row} of the open segment rewritten"


def rebuild(db: sqlite3.Connection, rng: random.Random) -> str:
    """Change an old row and make everything anew that can be made without the master key, signatures with own keys."""
    (row,) = rng.choice(db.execute("SELECT id FROM exchanges").fetchall())
    db.execute("UPDATE exchanges SET size = size + 1 WHERE id = ?", (row,))
    keys = {
        number: Ed25519PrivateKey.generate()
        for (number,) in db.execute("SELECT number FROM segments UNION SELECT number FROM open_segment")
    }
    public = {number: key.public_key().public_bytes_raw() for number, key in keys.items()}
    (body,) = db.execute("SELECT body FROM events WHERE kind = 'sealing'").fetchone()
    (own,) = db.execute("SELECT public_key FROM segments WHERE number = 1").fetchone()
    db.execute("UPDATE events SET body = ? WHERE kind = 'sealing'", (body.replace(own.hex(), public[1].hex()),))
    make_leaves(db, 1)
    heads = set_end(db)
    (ledger,) = db.execute("SELECT ledger FROM chain").fetchone()
    before = None
    for number, first, last, previous, head in db.execute(
        "SELECT number, first_seq, last_seq, previous_head, head FROM segments ORDER BY number"
    ).fetchall():
        ends = (heads.get(first - 1, previous), heads.get(last, head))  # a purged one keeps what it has
        db.execute(
            "UPDATE segments SET previous_head = ?, head = ?, previous_signature = ?, public_key = ?,"
            " next_public_key = ? WHERE number = ?",
            (*ends, before, public[number], public[number + 1], number),
        )
        header = db.execute(f"SELECT {second.SIGNED} FROM segments WHERE number = ?", (number,)).fetchone()
        before = keys[number].sign(b"douane-segment/1\x00" + second.enc(ledger, *header))
        db.execute("UPDATE segments SET signature = ? WHERE number = ?", (before, number))
    number, first = db.execute("SELECT number, first_seq FROM open_segment").fetchone()
    db.execute("UPDATE open_segment SET previous_head = ?, public_key = ?", (heads[first - 1], public[number]))
    return f"everything made anew after a change of exchanges {row}"


def rebuild_table(db: sqlite3.Connection, rng: random.Random) -> str:
    """Build a table anew without its types or its key, perhaps with a value of another type or a row twice."""
    kept = {"events": "seq", "segments": "number", "open_segment": "number", "chain": "one"}
    table = rng.choice(("events", *second.OTHERS, *TABLES.values()))
    if table == "keys":
        return ""
    return rebuilt(db, table, kept.get(table, "id"), rng.choice(REBUILDS), rng)


REBUILDS = ("", "text", "real", "blob", "twice", "column", "any", "composed", "descending", "strict", "generated")
"""What else is done to a table that is rebuilt: to its key, to a column of it, or to how it is declared."""


def rebuilt(db: sqlite3.Connection, table: str, key: str, how: str, rng: random.Random) -> str:
    """Build `table` anew in one of the ways of `REBUILDS`; return what was done."""
    for kind, name in db.execute("SELECT type, name FROM sqlite_schema WHERE type IN ('view', 'trigger')").fetchall():
        db.execute(f'DROP {kind} "{name}"')
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute("PRAGMA legacy_alter_table = ON")
    about = [(row[1], row[2]) for row in db.execute(f"PRAGMA table_info({table})")]
    names = ", ".join(f'"{name}"' for name, _ in about)
    typed = [f'"{name}" {kind}' for name, kind in about if name != key]
    others = [name for name, _ in about if name != key]
    declared = {
        "any": f"({key} INTEGER PRIMARY KEY, {', '.join(f'"{name}" ANY' for name in others)}) STRICT",
        "composed": f"({key} INTEGER, {', '.join(typed)}, PRIMARY KEY ({key}, {others[0]})) STRICT",
        "descending": f"({key} INTEGER PRIMARY KEY DESC, {', '.join(typed)}) STRICT",
        "strict": f"({key} INTEGER, {', '.join(typed)}) STRICT",
        "column": f"({key} INTEGER PRIMARY KEY, {', '.join(f'"{name}"' for name in others)})",
        "generated": f"({key} INTEGER PRIMARY KEY, {', '.join(typed[1:])}, {typed[0]} AS (NULL)) STRICT",
    }
    db.execute(f"CREATE TABLE rebuilt {declared.get(how, f'({names})')}")
    if how == "generated":
        names = ", ".join(f'"{name}"' for name in [key, *others[1:]])
    db.execute(f"INSERT INTO rebuilt ({names}) SELECT {names} FROM {table}")
    db.execute(f"DROP TABLE {table}")
    db.execute(f"ALTER TABLE rebuilt RENAME TO {table}")
    value = rng.choice(db.execute(f"SELECT {key} FROM {table}").fetchall())[0]
    column = rng.choice([name for name, _ in about])
    if how in ("text", "real", "blob"):
        db.execute(f"UPDATE {table} SET {key} = CAST({key} AS {how}) WHERE {key} = ?", (value,))
    elif how == "twice":
        db.execute(f"INSERT INTO {table} SELECT * FROM {table} WHERE {key} = ?", (value,))
    elif how in ("column", "any") and column != key:
        kind = rng.choice(("TEXT", "REAL", "BLOB", "INTEGER"))
        db.execute(f'UPDATE {table} SET "{column}" = CAST("{column}" AS {kind}) WHERE {key} = ?', (value,))
    return f"{table} rebuilt ({how or 'no more'}), at {key} {value}, column {column}"


def _numbers(db: sqlite3.Connection) -> list[int]:
    return [seq for (seq,) in db.execute("SELECT seq FROM events ORDER BY seq")]


def make_leaves(db: sqlite3.Connection, since: int) -> None:
    """Give every event from this number on the leaf that fits what it says and its row, as far as the row is there."""
    for seq, kind, row, body in db.execute(
        "SELECT seq, kind, row, body FROM events WHERE seq >= ?", (since,)
    ).fetchall():
        if kind in ROW_TABLES:
            table, names, _ = second.ROWS[kind]
            found = db.execute(f"SELECT {names} FROM {table} WHERE id = ?", (row,)).fetchone()
            said = None if found is None else second.enc(seq, kind, *found)
        elif kind in second.SNAPSHOTS:
            said = second.enc(seq, kind, row, body)
        else:
            said = second.enc(seq, kind, body)
        if said is not None:
            db.execute("UPDATE events SET leaf = ? WHERE seq = ?", (second.sha(b"\x00", said), seq))


def set_end(db: sqlite3.Connection) -> dict[int, bytes]:
    """Let the chain end where the events end, with the head that they give; return every head."""
    ledger, created_at = db.execute("SELECT ledger, created_at FROM chain").fetchone()
    heads = {0: second.sha(b"\x05", second.enc(ledger, created_at))}
    head, last = heads[0], 0
    headers = dict(db.execute("SELECT last_seq, head FROM segments").fetchall())
    for seq, leaf in db.execute("SELECT seq, leaf FROM events ORDER BY seq"):
        if seq != last + 1:  # what lies before has been purged
            head = heads[seq - 1] = headers.get(seq - 1, head)
        head = heads[seq] = second.sha(b"\x01", head, leaf)
        last = seq
    db.execute("UPDATE chain SET seq = ?, head = ?", (last, head))
    return heads


MUTATIONS: tuple[Mutation, ...] = (
    delete_event, delete_row, delete_both, delete_segment, delete_single, truncate, reorder, exchange_content,
    repeat_event, replay_segment, insert_row, remove_detail, rewrite_open, rebuild,
    rebuild_table,
)  # fmt: skip
"""Each of them must be detected by whoever has the master key."""
