import sqlite3
from dataclasses import replace

import pytest

from douane.audit.context import ToolSchema
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Gap, Kind
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import (
    Counts,
    ExchangeRow,
    FoundDisclosure,
    ToolVersion,
    counts,
    find_pseudonyms,
    find_tool_versions,
    find_value,
    key_epochs,
    last_exchanges,
    open_ledger,
)
from douane.ledger.schema import LedgerRefused
from douane.ledger.store import Ledger
from douane.ledger.times import iso

MASTER = b"query master for these tests onl"
PSEUDONYMS = Pseudonymiser(MASTER)
MAIL = ("user.contact.email", "camille@example.org")
GENDER = ("user.demographic.gender", "female")


def datum(app, category, value, salt, headline=Label.OMITTED, epoch=1):
    made = Pseudonymiser(MASTER, epoch).of(app, category, value, salt=salt)
    verdict = Verdict(Source.SCHEMA, headline, "the schema does not list it")
    return Disclosure("/params/arguments/x", category, (), "keys", 0.9, "", (verdict,), headline, pseudonym=made)


def exchange(number, app, *disclosures, **more):
    base = Exchange(
        "r", number, float(number), app, Direction.TO_APP, Kind.REQUEST, "tools/call", "book", Outcome.DELIVERED, 100
    )
    return replace(base, disclosures=disclosures, **more)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a ledger?#%.db"
    with Ledger(path, clock=lambda: 0.0) as ledger:
        for number, app in enumerate(("travel", "clinic", "travel"), 1):
            salt = bytes([number]) * 16
            found = (datum(app, *MAIL, salt, epoch=number), datum(app, *GENDER, salt, Label.CLEAR, epoch=number))
            ledger.append(exchange(number, app, *found, gaps=(Gap("no-declaration", count=3),)), salt=salt)
        ledger.append(exchange(4, "travel", datum("travel", *MAIL, b""), outcome=Outcome.UNKNOWN))
        ledger.append(exchange(5, "travel", own_traffic=True))
        ledger.add_passage("r", "travel", at=1.0, host="h", path_class="", status=None, bytes_up=0, bytes_down=0)
        ledger.add_tool("travel", ToolSchema("book", {"type": "object"}), at=1.0)
        ledger.add_tool("travel", ToolSchema("book", {"type": "string"}), at=2.0)
        ledger.add_tool("travel", ToolSchema("cancel"), at=3.0)
        ledger.add_tool("clinic", ToolSchema("book"), at=4.0)
    return path


@pytest.fixture
def db(path):
    made = open_ledger(path)
    yield made
    made.close()


def test_the_connection_cannot_write(db):
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.execute("DELETE FROM exchanges")


def test_a_ledger_can_be_read_while_it_is_written(path, db):
    with Ledger(path) as ledger, ledger.batch():
        ledger.append(exchange(9, "travel"))
        assert counts(db).exchanges == 4
    assert counts(db).exchanges == 5


def test_a_missing_file_is_refused_and_not_made(tmp_path):
    with pytest.raises(LedgerRefused, match="cannot be read"):
        open_ledger(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("pragma", "message"),
    [
        ("application_id = 7", "not a Douane ledger"),
        ("user_version = 99", "update Douane"),
        ("user_version = 0", "bring it up"),
    ],
)
def test_another_ledger_is_refused(path, pragma, message):
    with sqlite3.connect(path) as db:
        db.execute(f"PRAGMA {pragma}")
    db.close()
    with pytest.raises(LedgerRefused, match=message):
        open_ledger(path)


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "x.db").write_bytes(b"no database at all" * 99)
    with pytest.raises(LedgerRefused, match="SQLITE_NOTADB"):
        open_ledger(tmp_path / "x.db")


def test_the_newest_exchanges_come_first(db):
    newest, older = last_exchanges(db, 2)
    assert newest == ExchangeRow(
        4, iso(4), "travel", Direction.TO_APP, "request", "tools/call", "book", "unknown", 100, 1,
        ("user.contact.email",), "omitted", 0,
    )  # fmt: skip
    assert (older.id, older.categories, older.verdict, older.gaps) == (
        3, ("user.contact.email", "user.demographic.gender"), "omitted", 3,
    )  # fmt: skip
    assert last_exchanges(db, 9, after_id=4) == []


def test_everything_is_counted(db):
    assert counts(db) == Counts(
        apps=2, exchanges=4, disclosures=7, undeclared=4, unknown_outcomes=1, gaps=9, passages=1
    )


def test_the_versions_of_tools_are_listed(db):
    assert [(one.name, one.version, one.seen_at) for one in find_tool_versions(db, "travel")] == [
        ("book", 1, iso(1)), ("book", 2, iso(2)), ("cancel", 1, iso(3)),
    ]  # fmt: skip
    assert find_tool_versions(db, "clinic", "book") == [
        ToolVersion("clinic", "book", 1, None, None, "{}", "seen", iso(4))
    ]
    assert find_tool_versions(db, "none") == []


def test_a_person_is_found_under_every_app_and_epoch(db):
    assert key_epochs(db) == [("clinic", 2), ("travel", 1), ("travel", 3)]
    found = find_value(db, PSEUDONYMS, " Camille@example.org", MAIL[0])
    assert found[0] == FoundDisclosure(
        1, 1, iso(1), "travel", Direction.TO_APP, "book", MAIL[0], "/params/arguments/x", "delivered"
    )
    assert [(one.exchange_id, one.app) for one in found] == [(1, "travel"), (2, "clinic"), (3, "travel"), (4, "travel")]
    assert find_value(db, PSEUDONYMS, "nobody@example.org", MAIL[0]) == []
    assert find_value(db, Pseudonymiser(b"another master key for the tests"), *MAIL[::-1]) == []


def test_a_salted_value_is_found_exchange_by_exchange(db):
    assert [one.exchange_id for one in find_value(db, PSEUDONYMS, "Female", GENDER[0])] == [1, 2, 3]
    assert find_value(db, PSEUDONYMS, "male", GENDER[0]) == []


def test_many_digests_can_be_asked_for_at_once(db):
    digest = db.execute("SELECT pseudonym FROM disclosures WHERE id = 1").fetchone()[0]
    assert [one.id for one in find_pseudonyms(db, [*map(str, range(2000)), digest])] == [1, 7]


VIEWS = {
    "who_gets_what": [
        ("clinic", "user.contact.email", "omitted", 1, 1),
        ("clinic", "user.demographic.gender", "clear", 1, 1),
        ("travel", "user.contact.email", "omitted", 2, 2),
        ("travel", "user.demographic.gender", "clear", 2, 2),
    ],
    "undeclared_disclosures": [
        ("travel", "unknown", "schema: the schema does not list it"),
        ("travel", "delivered", "schema: the schema does not list it"),
        ("clinic", "delivered", "schema: the schema does not list it"),
        ("travel", "delivered", "schema: the schema does not list it"),
    ],
    "exchange_log": [
        (5, 0, None, 0),
        (4, 1, "omitted", 0),
        (3, 2, "omitted", 3),
        (2, 2, "omitted", 3),
        (1, 2, "omitted", 3),
    ],
    "gap_summary": [("travel", "no-declaration", 2, 6), ("clinic", "no-declaration", 1, 3)],
}
CHOSEN = {
    "who_gets_what": "app, category, verdict, disclosures, exchanges",
    "undeclared_disclosures": "app, outcome, reasons",
    "exchange_log": "id, disclosures, verdict, gaps",
    "gap_summary": "app, code, rows, gaps",
}


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_reads_like_the_ledger(db, view):
    assert db.execute(f"SELECT {CHOSEN[view]} FROM {view}").fetchall() == VIEWS[view]


QUERIES = [
    ("SELECT id FROM exchanges WHERE record_id = 'r' AND part = 1", "sqlite_autoindex_exchanges_1"),
    ("SELECT id FROM exchanges WHERE flow = 'f' AND outcome = 'unknown'", "exchanges_by_flow"),
    ("SELECT id FROM exchanges WHERE rpc = 'k' AND rpc <> '' AND kind = 'request'", "exchanges_by_rpc"),
    ("SELECT id FROM exchanges WHERE answers_id = 4", "exchanges_by_answered"),
    ("SELECT id FROM exchanges WHERE at >= '2026' AND at < '2027'", "exchanges_by_time"),
    ("SELECT id FROM disclosures WHERE exchange_id = 4", "disclosures_by_exchange"),
    ("SELECT id FROM disclosures WHERE pseudonym IN ('a', 'b')", "disclosures_by_pseudonym"),
    ("SELECT id FROM verdicts WHERE disclosure_id = 4", "verdicts_by_disclosure"),
    ("SELECT id FROM gaps WHERE exchange_id = 4", "gaps_by_exchange"),
]


@pytest.mark.parametrize(("sql", "index"), QUERIES)
def test_a_question_asked_often_uses_its_index(db, sql, index):
    assert index in " ".join(row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}"))
