"""Attacks on the ledger's file itself: both verifiers tell every change of what is signed, with the same word.

`DOUANE_MUTATIONS` says how many random changes are made (2,000; `make attacks` makes more).
"""

import os
import random
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import mutations
import pytest
from aged import SECOND
from astray import led_astray
from attacking import (
    HOLDS,
    KEY_ONLY,
    UNREADABLE,
    Attacked,
    alter,
    columns_of_the_page,
    image,
    outside_of_the_page,
    said,
)
from chained import READING, START, Chained, history, lived
from mutations import MUTATIONS, REBUILDS, Mutation, make_leaves, rebuilt, set_end

from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.ledger.times import iso
from douane.ledger.verify import verify
from douane.ledger.writing import writing

RUNS = int(os.environ.get("DOUANE_MUTATIONS", "2000"))
FIELDS, STRUCTURES, BYTES = RUNS * 65 // 100, RUNS * 20 // 100, RUNS * 15 // 100
MODES = ((True, False), (True, True), (False, False))
"""With the master key, with it and the anchors, with neither."""
SHAPED = {("apps", "first_seen"), ("apps", "last_seen")}
"""Columns that may hold any moment, and nothing else."""
NOT_CHAINED = {"_sqlite_migrations", "sqlite_sequence"}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    folder = tmp_path_factory.mktemp("attacked")
    return Attacked(history(folder, random.Random(3), steps=2), folder)


@pytest.fixture(scope="module")
def purged(tmp_path_factory: pytest.TempPathFactory) -> Attacked:
    """A ledger in which details have expired, a person was erased and segments were purged."""
    folder = tmp_path_factory.mktemp("purged")
    for seed in range(10):
        made = Attacked(lived(folder / str(seed), random.Random(seed), steps=2, likely=1), folder)
        with closing(sqlite3.connect(made.ledger.path)) as db:
            kinds = {kind for (kind,) in db.execute("SELECT kind FROM events")}
        if {"purge", "erased", "expired"} <= kinds:
            return made
    raise AssertionError("no history has it all")


def attempt(mutation: Mutation, rng: random.Random, what: list[str]) -> Callable[[sqlite3.Connection], None]:
    """The mutation as a change of the file; what it did goes into `what`."""

    def change(db: sqlite3.Connection) -> None:
        try:
            what.append(mutation(db, rng))
        except IndexError:
            what.append("")

    return change


def contents(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything in the file that the chain binds."""
    outside = outside_of_the_page()
    with closing(sqlite3.connect(path)) as db:
        return {
            table: db.execute(
                f"SELECT {', '.join(one for one in columns if (table, one) not in outside)}"
                f" FROM {table} NOT INDEXED ORDER BY {columns[0]}"
            ).fetchall()
            for table, columns in columns_of_the_page().items()
        }


@pytest.mark.promise("tamper-evident")
def test_every_column_of_every_chained_table_is_on_the_page(attacked: Attacked) -> None:
    with closing(sqlite3.connect(attacked.ledger.path)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        found = {table: {row[1] for row in db.execute(f"PRAGMA table_info({table})")} for table in tables - NOT_CHAINED}
        empty = [table for table in found if not db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]]
    assert {table: set(columns) for table, columns in columns_of_the_page().items()} == found
    assert empty == [], "a table without a row cannot be attacked"


@pytest.mark.parametrize(("key", "anchored"), [*MODES, (False, True)])
def test_an_untouched_ledger_is_intact(attacked: Attacked, key: bool, anchored: bool) -> None:
    assert attacked.of(attacked.ledger.path, key=key, anchored=anchored).word == "INTACT"
    assert attacked.said(lambda _: None, key=key, anchored=anchored).word == "INTACT"


@pytest.mark.promise("tamper-evident")
def test_no_legitimate_history_is_taken_for_a_change(tmp_path: Path) -> None:
    words = set()
    for seed in range(16):
        folder = tmp_path / str(seed)
        write = lived if seed % 2 else history
        made = write(folder, random.Random(seed), steps=seed % 3)
        for ledger, anchors in ((made, made.anchors.write(folder)), (None, [])):
            word = said(made.path, ledger, anchors).word
            assert word == "INTACT" if write is history else word in HOLDS, seed
            words.add(word)
    assert words == HOLDS


@pytest.mark.parametrize("part", range(4))
@pytest.mark.promise("tamper-evident")
def test_any_change_of_any_field_is_told_and_of_no_other(attacked: Attacked, purged: Attacked, part: int) -> None:
    outside, rng = outside_of_the_page() - {("declared", "id")}, random.Random(part)
    fields = [(table, one) for table, columns in columns_of_the_page().items() for one in columns]
    fields.remove(("declared", "id"))  # its order counts, see below
    wrong, done = [], 0
    for number in range(part * FIELDS // 4, (part + 1) * FIELDS // 4):
        table, column = fields[number % len(fields)]
        turn = number // len(fields)
        key, anchored = MODES[turn % 3]
        what: list[str] = []
        change = attempt(lambda db, rng: alter(db, table, column, rng), rng, what)  # noqa: B023 - called at once
        both = (purged if turn % 2 else attacked).said(change, key=key, anchored=anchored)
        done += bool(what[0])
        told = both.first not in HOLDS
        free = (not key and (table, column) in KEY_ONLY) or (table, column) in SHAPED
        if what[0] and (both.first != both.second or (not free and told == ((table, column) in outside))):
            wrong.append((what[0], key, anchored, both))
    assert wrong == []
    assert done > FIELDS * 0.22


@pytest.mark.promise("tamper-evident")
def test_any_change_of_events_rows_and_segments_is_told(attacked: Attacked, purged: Attacked) -> None:
    rng, wrong, done = random.Random(STRUCTURES), [], 0
    for number in range(STRUCTURES):
        mutation = MUTATIONS[number % len(MUTATIONS)]
        turn = number // len(MUTATIONS)
        key, anchored = MODES[turn % 3]
        what: list[str] = []
        both = (purged if turn % 2 else attacked).said(attempt(mutation, rng, what), key=key, anchored=anchored)
        done += bool(what[0])
        if what[0] and (both.first != both.second or (key and both.first in HOLDS)):
            wrong.append((what[0], key, anchored, both))
    assert wrong == []
    assert done > STRUCTURES * 0.85


@pytest.mark.parametrize("which", ["attacked", "purged"])
@pytest.mark.promise("tamper-evident")
def test_any_change_of_the_files_bytes_is_told_or_changes_nothing_signed(
    request: pytest.FixtureRequest, which: str
) -> None:
    ledger: Attacked = request.getfixturevalue(which)
    rng, original, wrong, told = random.Random(which), contents(ledger.ledger.path), [], 0
    for number in range(BYTES // 2):
        what = spoil(raw := bytearray(ledger.bytes), rng)
        ledger.path.write_bytes(raw)
        both = ledger.of(ledger.path, key=True, anchored=bool(number % 2))
        told += both.first not in HOLDS
        if both.first != both.second or (both.first in HOLDS and contents(ledger.path) != original):
            wrong.append((what, both))
    assert wrong == []
    assert told > BYTES // 40


def spoil(raw: bytearray, rng: random.Random) -> str:
    """Change the bytes of a file somewhere; return how."""
    at, kind = rng.randrange(len(raw)), rng.choice(("bit", "bit", "bit", "byte", "zeros", "cut", "pages"))
    if kind == "bit":
        raw[at] ^= 1 << rng.randrange(8)
    elif kind == "byte":
        raw[at] = rng.randrange(256)
    elif kind == "zeros":
        raw[at : at + 3000] = bytes(len(raw[at : at + 3000]))
    elif kind == "cut":
        del raw[at:]
    else:
        one, other = (rng.randrange(len(raw) // 4096) * 4096 for _ in range(2))
        raw[one : one + 4096], raw[other : other + 4096] = raw[other : other + 4096], raw[one : one + 4096]
    return f"{kind} at {at}"


def do(*statements: str) -> Callable[[sqlite3.Connection], None]:
    """A change made of SQL statements."""

    def change(db: sqlite3.Connection) -> None:
        for one in statements:
            db.execute(one)

    return change


@pytest.mark.parametrize(
    ("statements", "word"),
    [
        (["DELETE FROM events WHERE seq = 3"], "MISSING"),  # a told event: no row is left behind
        (["DELETE FROM events WHERE seq = (SELECT seq FROM chain)"], "TRUNCATED"),
        (["DELETE FROM events"], "TRUNCATED"),
        (["DELETE FROM gaps WHERE id = 1"], "MISSING"),
        (["DELETE FROM waivers"], "MISSING"),
        (["DELETE FROM segments WHERE number = 1"], "MISSING"),
        (["DELETE FROM segments WHERE number = 2"], "MISSING"),
        (["DELETE FROM segments WHERE number = (SELECT max(number) FROM segments)"], "MISSING"),
        (["DELETE FROM open_segment"], "ALTERED"),
        (["DELETE FROM chain"], "ALTERED"),
        (["UPDATE chain SET seq = seq + 1"], "TRUNCATED"),
        (["UPDATE chain SET seq = seq - 1"], "ALTERED"),
        (["UPDATE chain SET seq = 9000000000000000000"], "TRUNCATED"),
        (["UPDATE chain SET appends = 9000000000000000000"], "ALTERED"),
        (["UPDATE chain SET format = 2"], UNREADABLE),
        (["UPDATE open_segment SET number = 9000000000000000000"], "ALTERED"),
        (["UPDATE segments SET last_seq = 9000000000000000000 WHERE number = 1"], "ALTERED"),
        (["DROP TABLE events"], UNREADABLE),
        (["DROP TABLE waivers"], UNREADABLE),
        (["ALTER TABLE gaps RENAME COLUMN detail TO details"], UNREADABLE),
        (["ALTER TABLE gaps RENAME TO gaps_2", "CREATE VIEW gaps AS SELECT * FROM gaps_2"], UNREADABLE),
        (["UPDATE exchanges SET outcome = 'delivered' WHERE outcome = 'unknown'"], "ALTERED"),
        (["UPDATE exchanges SET outcome = 'unknown' WHERE outcome = 'delivered'"], "ALTERED"),
        (["UPDATE disclosures SET headline = 'clear'"], "ALTERED"),
        (["UPDATE verdicts SET replaced_at = judged_at WHERE replaced_at IS NULL"], "ALTERED"),
        (["UPDATE verdicts SET replaced_at = NULL WHERE replaced_at IS NOT NULL"], "ALTERED"),
        (["UPDATE observations SET count = count + 1"], "ALTERED"),
        (["DELETE FROM observations WHERE id = 1"], "ALTERED"),
        (["DELETE FROM field_uses WHERE id = 1"], "ALTERED"),
        (["UPDATE disclosures SET nonce = NULL, pseudonym = NULL, key_id = NULL, preview = NULL"], "ALTERED"),
        (["UPDATE exchanges SET session = 's-other'"], "ALTERED"),
        (["UPDATE declared SET id = -id"], "ALTERED"),  # another order
        (["UPDATE events SET body = replace(body, 'a test', 'no test') WHERE kind = 'access'"], "ALTERED"),
    ],
)  # fmt: skip
@pytest.mark.promise("second-verifier")
def test_an_edit_by_hand_is_told(attacked: Attacked, statements: list[str], word: str) -> None:
    assert attacked.said(do(*statements)).word == word


@pytest.mark.parametrize("how", REBUILDS)
@pytest.mark.promise("second-verifier")
def test_a_table_that_was_rebuilt_with_other_types_or_another_key_is_unreadable(attacked: Attacked, how: str) -> None:
    keys = {table: "id" for table in columns_of_the_page() if table != "keys"}
    keys |= {"events": "seq", "segments": "number", "open_segment": "number", "chain": "one"}
    said = {
        table: attacked.said(lambda db: rebuilt(db, table, key, how, random.Random(how)))  # noqa: B023 - called at once
        for table, key in keys.items()
    }
    assert {table: (both.first, both.second) for table, both in said.items()} == dict.fromkeys(
        keys, (UNREADABLE, UNREADABLE)
    )


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE apps SET last_seen = first_seen"],
        ["UPDATE judgements SET changed = changed + 1"],
        ["UPDATE declared SET id = id + 1000"],
        ["ANALYZE"],
        ["DROP VIEW exchange_log"],
        ["DELETE FROM _sqlite_migrations"],
        ["REINDEX"],
        ["VACUUM"],
        ["CREATE TABLE big (b BLOB)", "INSERT INTO big VALUES (zeroblob(100000))", "DROP TABLE big"],  # free pages
    ],
)
def test_what_is_outside_the_chain_is_not_told_as_a_change(attacked: Attacked, statements: list[str]) -> None:
    assert attacked.said(do(*statements), anchored=True).word == "INTACT"


@pytest.mark.promise("nothing-planted")
@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("CREATE TRIGGER quiet AFTER UPDATE ON apps BEGIN DELETE FROM events; END", "trigger quiet"),
        ("CREATE TABLE mine (id INTEGER)", "table mine"),
        ("CREATE VIEW more AS SELECT 1", "view more"),
        ("CREATE INDEX own ON disclosures (preview)", "index own"),
        ("ALTER TABLE disclosures ADD COLUMN spare TEXT", "column disclosures.spare"),
        ("ALTER TABLE exchanges ADD COLUMN seen TEXT AS (session || rpc)", "column exchanges.seen"),
        ("CREATE VIRTUAL TABLE words USING fts5(text)", "table words"),
    ],
)
def test_what_was_planted_in_the_file_is_named_by_both(attacked: Attacked, statement: str, named: str) -> None:
    both = attacked.said(do(statement), anchored=True)
    assert (both.first, both.second) == ("ALTERED", "ALTERED")
    path = attacked.changed(do(statement))
    assert named in [one.table for one in verify(path, children=0).found]
    assert named in [one.where for one in SECOND.verify(path).findings]


KEPT = [
    ("INSERT INTO sqlite_sequence VALUES ('kept a pseudonym', 1)", "table sqlite_sequence"),
    ("INSERT INTO sqlite_sequence VALUES ('gaps', 1)", "table sqlite_sequence"),
    ("UPDATE sqlite_sequence SET seq = 'a pseudonym'", "table sqlite_sequence"),
    ("INSERT INTO sqlite_stat1 VALUES ('apps', 'a pseudonym', '5 1')", "table sqlite_stat1"),
    ("INSERT INTO sqlite_stat1 VALUES ('kept', NULL, '5')", "table sqlite_stat1"),
    ("UPDATE sqlite_stat1 SET stat = 'a pseudonym'", "table sqlite_stat1"),
    ("INSERT INTO sqlite_stat1 SELECT * FROM sqlite_stat1", "table sqlite_stat1"),
    ("UPDATE _sqlite_migrations SET applied_at = 'a pseudonym' WHERE id = 1", "table _sqlite_migrations"),
    ("UPDATE _sqlite_migrations SET name = 'a pseudonym' WHERE id = 1", "table _sqlite_migrations"),
    ("UPDATE _sqlite_migrations SET id = 999999999999 WHERE id = 1", "table _sqlite_migrations"),
    ("UPDATE apps SET last_seen = 'a pseudonym'", "table apps"),
]


@pytest.mark.promise("nothing-kept-beside")
@pytest.mark.parametrize(("statement", "named"), KEPT)
def test_what_is_kept_beside_the_chain_is_named_by_both(attacked: Attacked, statement: str, named: str) -> None:
    change = do("ANALYZE", statement)
    assert attacked.said(change, anchored=True).word == "ALTERED"
    path = attacked.changed(change)
    assert ("kept", named) in [(one.what, one.table) for one in verify(path, children=0).found]
    assert named in [one.where for one in SECOND.verify(path).findings]


@pytest.mark.promise("nothing-kept-beside")
def test_a_table_that_was_taken_out_of_the_schema_is_named_by_both(attacked: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE kept AS SELECT id, pseudonym, preview FROM disclosures")
        db.execute("PRAGMA writable_schema = ON").close()
        db.execute("DELETE FROM sqlite_schema WHERE name = 'kept'")

    assert attacked.said(change, anchored=True).word == "ALTERED"
    path = attacked.changed(change)
    assert "pages" in [one.what for one in verify(path, children=0).found]
    assert "pages" in [one.where for one in SECOND.verify(path).findings]


@pytest.mark.promise("no-index-decides")
def test_an_index_that_does_not_say_what_its_table_holds_is_named_by_both(attacked: Attacked, tmp_path: Path) -> None:
    path = tmp_path / "led.db"
    path.write_bytes(attacked.bytes)
    with closing(sqlite3.connect(path)) as db:
        ((one, digest), (other, _), *_) = db.execute(
            "SELECT max(id), pseudonym FROM disclosures WHERE pseudonym IS NOT NULL GROUP BY 2 LIMIT 2"
        ).fetchall()
    led_astray(path, "disclosures_by_pseudonym", "disclosures", one, other, "pseudonym", digest)
    assert attacked.of(path, anchored=True).word == "ALTERED"
    assert ("index-astray", "index disclosures_by_pseudonym") in [
        (one.what, one.table) for one in verify(path, children=0).found
    ]
    assert "index disclosures_by_pseudonym" in [one.where for one in SECOND.verify(path).findings]


def test_indices_do_not_matter(attacked: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL").fetchall():
            db.execute(f'DROP INDEX "{name}"')

    assert attacked.said(change).word == "INTACT"


def test_an_edit_with_the_sqlite3_program_is_told(attacked: Attacked) -> None:
    path = attacked.changed(lambda _: None)
    subprocess.run(["sqlite3", str(path), "UPDATE gaps SET count = 7 WHERE id = 1"], check=True, capture_output=True)
    assert attacked.of(path).word == "ALTERED"


@pytest.mark.promise("anchors-tell")
def test_an_old_copy_is_told_by_the_anchors_alone(tmp_path: Path) -> None:
    made = history(tmp_path, random.Random(5), steps=1)
    old = tmp_path / "old.db"
    old.write_bytes(image(made.path))
    with writing(made.path, Sealer(made.master), anchors=made.anchors) as (_, chain):
        chain.tell("access", READING)
    anchors = made.anchors.write(tmp_path)
    assert said(made.path, made, anchors).word == "INTACT"
    assert said(old, made, anchors).word == "TRUNCATED"
    assert said(old, made, []).word == "INTACT", "nothing in the file can tell"


@pytest.mark.promise("anchors-tell")
def test_a_history_made_anew_is_told_by_the_key_and_by_the_anchors(attacked: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        mutations.rebuild(db, random.Random(1))

    assert attacked.said(change).word == "ALTERED"
    assert attacked.said(change, key=False, anchored=True).word == "FORKED"
    assert attacked.said(change, key=False).word == "INTACT", "whoever has neither cannot tell"


def test_anchors_of_the_history_that_a_restored_copy_left_do_not_count(tmp_path: Path) -> None:
    made, at = history(tmp_path, random.Random(4), steps=1), START + 14_000
    sealer, old = Sealer(made.master), tmp_path / "old.db"
    old.write_bytes(image(made.path))
    copy = made.anchors.standing["seq"]
    with Ledger(made.path, sealer=sealer, anchors=made.anchors, clock=lambda: at) as ledger:
        ledger.seal()
        ledger.seal()  # an empty one, where the copy ends
        ledger.add_run(at=at, version="2", config_sha256="")
    anchors, left = made.anchors.write(tmp_path), made.anchors.standing
    assert said(old, made, anchors).word == "TRUNCATED"
    body = {"at": iso(at + 60), "who": "x", "reason": "a test", "copy": copy, "seq": left["seq"], "head": left["head"]}
    with writing(old, sealer, clock=lambda: at + 60) as (_, chain):
        chain.tell("restored", body)
    assert said(old, made, anchors).word == "INTACT"
    with Ledger(old, sealer=sealer, clock=lambda: at + 90) as ledger:
        ledger.seal()
        ledger.seal()
    assert said(old, made, anchors).word == "INTACT"


def test_another_ledger_is_told_by_the_anchors(attacked: Attacked, tmp_path: Path) -> None:
    other: Chained = history(tmp_path, random.Random(9), steps=1)
    assert said(other.path, other, attacked.anchors).word == "FORKED"


def test_a_rewritten_open_segment_is_told_by_the_key(attacked: Attacked) -> None:
    def change(db: sqlite3.Connection) -> None:
        db.execute("UPDATE events SET body = replace(body, 'a test', 'no test') WHERE kind = 'access'")
        make_leaves(db, db.execute("SELECT first_seq FROM open_segment").fetchone()[0])
        set_end(db)

    assert attacked.said(change).word == "ALTERED"
    assert attacked.said(change, key=False, anchored=True).word == "FORKED"
