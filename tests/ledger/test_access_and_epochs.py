"""Readings and epochs in the chain: told once, read back, taken up by whoever writes; and what cannot be joined."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from post import MASTER, Post, call, result

from douane.ledger.access import Access, Scope, accesses, last_profile, note
from douane.ledger.epochs import begin, in_force, settle
from douane.ledger.keys import Master, fingerprint, renewed
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import find_value, open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.sealing import SealBroken, Sealer
from douane.ledger.store import Ledger

EMAIL = "ingrid.solheim@example.org"
NAME = "Ingrid Solheim"
SEALER = Sealer(MASTER)
HINTS = {("disclosures", "preview"), ("disclosures", "length"), ("exchanges", "size")}
KEYED = {"pseudonym", "key_id", "session", "rpc", "salt", "nonce", "commitment", "record_id", "flow"}


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "douane.db"
    with Ledger(path, sealer=SEALER, clock=lambda: 5.0) as made, made.batch():
        made.add_run(at=1.0, version="1", config_sha256="", profile="monitor", reason="a drill")
    return path


def test_a_reading_is_told_with_who_why_and_of_which_apps(ledger: Path) -> None:
    scope = Scope(("crm",), "2026-11-01T00:00:00.000Z", "")
    told = note(ledger, SEALER, who="mara", role="dpo", what="report", why="a request", scope=scope, clock=lambda: 7.0)
    assert told == Access("1970-01-01T00:00:07.000Z", "mara", "dpo", "report", "a request", scope)
    note(ledger, SEALER, who="jon", what="check", clock=lambda: 8.0)
    with closing(open_ledger(ledger)) as db:
        assert accesses(db) == [told, Access("1970-01-01T00:00:08.000Z", "jon", "", "check", "", Scope())]
        assert last_profile(db) == ("monitor", "a drill")


def test_nothing_of_a_reading_can_steer_a_terminal_or_grow_without_end(ledger: Path) -> None:
    told = note(ledger, SEALER, who="a\x1b[2J\u202eb", what="report", why="x" * 9000)
    assert (told.who, len(told.why)) == ("a\ufffd[2J\ufffdb", 500)


def test_a_sealed_ledger_takes_no_reading_without_its_key(ledger: Path) -> None:
    for sealer in (None, Sealer(bytes(32))):
        with pytest.raises(LedgerRefused):
            note(ledger, sealer, who="jon", what="report")
    with closing(open_ledger(ledger)) as db:
        assert accesses(db) == []


def test_epochs_are_counted_from_one_and_told(ledger: Path) -> None:
    with closing(open_ledger(ledger)) as db:
        assert in_force(db) == 1
        assert [begin(ledger, SEALER), begin(ledger, SEALER)] == [2, 3]
        assert in_force(db) == 3
    assert settle(ledger, MASTER, SEALER) == 3


def test_every_rotation_is_one_event_and_a_new_master_is_told_by_its_fingerprint(ledger: Path) -> None:
    master = renewed(MASTER)
    begin(ledger, SEALER, who="mara", why="every year", clock=lambda: 7.0)
    begin(ledger, Sealer(master), who="mara", master=master, clock=lambda: 8.0)
    begin(ledger, Sealer(master), clock=lambda: 9.0)
    told = [json.loads(str(body)) for (body,) in rows(ledger, "SELECT body FROM events WHERE kind = 'epoch'")]
    assert told == [
        {"at": "1970-01-01T00:00:07.000Z", "epoch": 2, "who": "mara", "why": "every year"},
        {"at": "1970-01-01T00:00:08.000Z", "epoch": 3, "who": "mara", "master": fingerprint(bytes(master))},
        {"at": "1970-01-01T00:00:09.000Z", "epoch": 4},
    ]


@pytest.mark.parametrize("start", [True, False], ids=["at the next start", "with the rotation"])
def test_a_new_master_closes_the_segment_that_the_old_one_sealed(ledger: Path, start: bool) -> None:
    master = renewed(MASTER)
    if start:
        assert [settle(ledger, master, Sealer(master)) for _ in range(2)] == [2, 2]
    else:
        assert begin(ledger, Sealer(master), master=master) == 2
        assert settle(ledger, master, Sealer(master)) == 2
    assert rows(ledger, "SELECT number, last_seq FROM segments") == rows(ledger, "SELECT 1, seq FROM chain")
    ((number, number_of_ledger, at, sealed),) = rows(
        ledger, "SELECT number, ledger, opened_at, sealed FROM open_segment, chain"
    )
    assert number == 2
    assert isinstance(sealed, bytes)
    with pytest.raises(SealBroken):
        SEALER.unseal(str(number_of_ledger), 2, str(at), sealed)
    with pytest.raises(LedgerRefused, match="another master key"):
        note(ledger, SEALER, who="somebody with the old key", what="report")
    assert note(ledger, Sealer(bytes(master)), who="mara", what="report").who == "mara"


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def crossed(post: Post, *apps: str) -> None:
    for app in apps:
        flow = post.asks(call(1, "invite", email=EMAIL, name=NAME), app=app)
        post.answers(flow, result(1, sent_to=EMAIL), app=app)
        while not post.inspector.idle():
            post.inspector.turn()


@pytest.mark.promise("rotation-loses-nobody")
def test_a_rotation_is_taken_up_by_a_running_inspector_and_a_person_is_found_before_and_after(tmp_path: Path) -> None:
    post = Post(tmp_path)
    crossed(post, "crm")
    begin(tmp_path / "douane.db", SEALER)
    post.inspector._sweep()
    crossed(post, "crm")
    post.close()
    made = rows(
        tmp_path / "douane.db", "SELECT key_id, pseudonym FROM disclosures WHERE category = 'user.contact.email'"
    )
    assert {str(key_id)[:2] for key_id, _ in made} == {"1-", "2-"}
    assert len({digest for _, digest in made}) == 2
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        found = find_value(db, Pseudonymiser(MASTER), EMAIL, "user.contact.email")
    assert len(found) == len(made)


@pytest.mark.promise("rotation-loses-nobody")
def test_a_new_master_begins_an_epoch_at_the_next_start_and_loses_no_look_up(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    post = Post(tmp_path)
    crossed(post, "crm")
    post.close()
    master = renewed(MASTER)
    assert settle(path, master, Sealer(master)) == 2
    assert settle(path, master, Sealer(master)) == 2
    with Ledger(path, sealer=Sealer(master)) as again, again.batch():
        again.add_run(at=9.0, version="1", config_sha256="")
    with closing(open_ledger(path)) as db:
        assert find_value(db, Pseudonymiser(master), EMAIL, "user.contact.email") != []
        assert find_value(db, Pseudonymiser(bytes(master)), EMAIL, "user.contact.email") == []
        assert isinstance(master, Master)


@pytest.mark.promise("pseudonyms-per-app")
def test_no_column_of_any_table_joins_two_apps_rows_about_one_person(tmp_path: Path) -> None:
    """One person in two apps leaves no more in common than two persons do, but for what docs/ledger.md calls hints."""
    post = Post(tmp_path)
    crossed(post, "crm", "travel")
    post.close()
    path = tmp_path / "douane.db"
    alone = tmp_path / "other"
    alone.mkdir()
    other = Post(alone)  # the same two apps with two different persons
    for app, email, name in (("crm", EMAIL, NAME), ("travel", "tomas.berg@example.net", "Tomas Berg")):
        flow = other.asks(call(1, "invite", email=email, name=name), app=app)
        other.answers(flow, result(1, sent_to=email), app=app)
        while not other.inspector.idle():
            other.inspector.turn()
    other.close()
    assert common(path) - common(alone / "douane.db") <= HINTS
    assert not {column for _, column in common(path)} & KEYED
    assert rows(path, "SELECT count(*) FROM disclosures WHERE pseudonym IS NOT NULL") != [(0,)]


def common(path: Path) -> set[tuple[str, str]]:
    """Table and column of every value, not of one of a few words, that rows of both apps hold."""
    with closing(sqlite3.connect(path)) as db:
        tables = [name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found: set[tuple[str, str]] = set()
        for table in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")]
            whose = {
                "exchanges": "app_id", "gaps": "app_id", "keys": "app_id", "passages": "app_id", "tools": "app_id",
                "observations": "app_id", "field_uses": "app_id",
                "disclosures": "(SELECT app_id FROM exchanges e WHERE e.id = t.exchange_id)",
            }.get(table)  # fmt: skip
            for column in columns if whose else []:
                both = db.execute(
                    f'SELECT count(DISTINCT {whose}) FROM {table} t WHERE "{column}" IS NOT NULL AND "{column}" <> \'\''
                    f' GROUP BY "{column}" HAVING count(DISTINCT {whose}) > 1'
                ).fetchall()
                if both:
                    found.add((table, str(column)))
    return found
