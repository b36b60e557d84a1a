"""Judging anew: what changes, what stays, and who may write meanwhile; and the history that checks read."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration, Notice, Recipient, Says, Statement
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Pseudonym, Source
from douane.audit.history import Numbered
from douane.audit.message import Direction, Gap, Kind
from douane.audit.verdicts import headline, judge
from douane.ledger.history import history
from douane.ledger.promised import last_declaration, read_declaration
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.rejudge import Rejudged, rejudge
from douane.ledger.shared import shared_subjects
from douane.ledger.store import Ledger

UP = Direction.TO_APP
EMAIL, CARD = "user.contact.email", "user.financial.credit_card"
SCHEMA = ToolSchema("send", {"type": "object", "properties": {"email": {"type": "string"}}})
OLD = Declaration("crm", ("user.contact",), (), (Recipient("Mailer"),), sha256="1" * 64, source="crm.yaml")
NEW = replace(
    OLD,
    sha256="2" * 64,
    policy=Notice(statements=(Statement("policy/1", Says.DOES_NOT_COLLECT, "we", (EMAIL,), "We take no e-mail."),)),
)
MASTER = bytes(range(32))

type Reading = Callable[[Path], sqlite3.Connection]


def disclosure(pointer: str, category: str, declaration: Declaration | None, schema: ToolSchema | None) -> Disclosure:
    flags = taxonomy.flags(category)
    verdicts = judge(category, flags, pointer, UP, schema, declaration, method="tools/call", tool="send")
    mark = Pseudonymiser(MASTER).of("crm", category, "lea.exemple@example.org")
    return Disclosure(
        *(pointer, category, flags, "test", 0.9, "field", verdicts, headline(verdicts)),
        length="16-31",
        pseudonym=mark,
        also=("/@http/header/mcp-param-email",),
    )


def exchange(number: int, *disclosures: Disclosure, app: str = "crm", **others: Any) -> Exchange:
    made = Exchange(
        f"r{number}", 0, 1_750_000_000.0 + number, app, UP, Kind.REQUEST, "tools/call", "send", Outcome.DELIVERED, 9
    )
    return replace(made, disclosures=disclosures, **others)


@pytest.fixture
def reading() -> Iterator[Callable[[Path], sqlite3.Connection]]:
    """Opens ledgers to read, and closes them."""
    with ExitStack() as stack:
        yield lambda path: stack.enter_context(closing(open_ledger(path)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "douane.db"
    with Ledger(file, taxonomy=taxonomy.VERSION) as ledger, ledger.batch():
        ledger.add_app("crm", at=1.0)
        ledger.add_tool("crm", SCHEMA, at=1.0)
        ledger.add_declaration(OLD, at=1.0)
        for number in range(5):
            ledger.append(
                exchange(
                    number,
                    disclosure("/params/arguments/email", EMAIL, OLD, SCHEMA),
                    disclosure("/params/arguments/card", CARD, OLD, SCHEMA),
                    disclosure("/params/arguments/{key}/a", EMAIL, OLD, SCHEMA),
                    gaps=(Gap("no-schema", "tool"),),
                )
            )
        ledger.append(exchange(9, disclosure("/params/_meta/x", EMAIL, None, None), app="other"))
    return file


def done(path: Path, declaration: Declaration | None = None, **others: Any) -> Rejudged:
    found = rejudge(path, "crm", reason="the policy was read", version="1", declaration=declaration, **others)
    assert found is not None
    return found


def rows(path: Path, sql: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def test_judging_again_without_a_change_writes_nothing(path: Path) -> None:
    before = rows(path, "SELECT * FROM verdicts")
    assert done(path) == Rejudged("crm", 15, 0, 0, {}, None)
    assert rows(path, "SELECT * FROM verdicts") == before
    assert rows(path, "SELECT * FROM judgements") == []


@pytest.mark.parametrize("batch", [1, 2, 400])
def test_a_new_declaration_brings_new_verdicts_and_keeps_the_old(path: Path, batch: int) -> None:
    old = rows(path, "SELECT id, disclosure_id, source, verdict, reason, judged_at FROM verdicts ORDER BY id")
    found = done(path, NEW, batch=batch)
    assert (found.judged, found.changed, found.moves) == (
        15,
        10,
        {(Label.VAGUE, Label.INCORRECT): 5, (Label.OMITTED, Label.INCORRECT): 5},
    )
    assert (
        rows(path, f"SELECT id, disclosure_id, source, verdict, reason, judged_at FROM verdicts WHERE id <= {len(old)}")
        == old
    )
    assert rows(
        path,
        "SELECT DISTINCT source, verdict, statements, declaration_id, judgement_id FROM verdicts"
        " WHERE judgement_id IS NOT NULL ORDER BY source, verdict",
    ) == [
        ("declaration", "omitted", "[]", 2, 1),
        ("declaration", "vague", '["to_app"]', 2, 1),
        ("policy", "incorrect", '["policy/1"]', 2, 1),
        ("policy", "omitted", "[]", 2, 1),
    ]
    assert rows(path, "SELECT reason, disclosures, changed FROM judgements") == [("the policy was read", 15, 10)]
    assert rows(path, "SELECT count(*) FROM verdicts WHERE replaced_at IS NOT NULL") == [(15,)]
    assert done(path, NEW).replaced == 0
    assert rows(path, "SELECT count(*) FROM judgements") == [(1,)]


def test_the_headline_is_that_of_the_verdicts_that_hold(reading: Reading, path: Path) -> None:
    done(path, NEW)
    held = history(reading(path), "crm").exchanges
    for one in held:
        for found in one.exchange.disclosures:
            assert found.headline is headline(found.verdicts)
    assert {found.headline for one in held for found in one.exchange.disclosures} == {Label.INCORRECT, Label.PROHIBITED}


def test_another_app_is_left_alone_and_an_unknown_one_is_said(path: Path) -> None:
    done(path, NEW)
    other = "SELECT count(*) FROM verdicts v JOIN disclosures d ON d.id = v.disclosure_id WHERE d.exchange_id = 6"
    assert rows(path, other) == [(1,)]
    assert rejudge(path, "nobody", reason="", version="1") is None


def test_what_a_schema_says_of_a_hidden_place_stays(path: Path) -> None:
    kept = (
        "SELECT count(*) FROM verdicts v JOIN disclosures d ON d.id = v.disclosure_id"
        " WHERE source = 'schema' AND pointer LIKE '%{key}%'"
    )
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE verdicts SET verdict = 'clear' WHERE source = 'schema'")
        db.execute("UPDATE disclosures SET headline = 'vague' WHERE headline = 'omitted'")
    done(path)
    assert rows(path, kept + " AND replaced_at IS NULL AND verdict = 'clear'") == [(5,)]
    assert rows(path, "SELECT DISTINCT verdict FROM verdicts WHERE source = 'schema' AND replaced_at IS NULL") == [
        ("clear",),
        ("omitted",),
    ]


def test_an_inspector_may_write_meanwhile(path: Path) -> None:
    stop, written, failed = Event(), [0], list[Exception]()

    def inspect() -> None:
        try:
            with Ledger(path, taxonomy=taxonomy.VERSION) as ledger:
                while not stop.is_set() and written[0] < 500:
                    found = disclosure("/params/arguments/email", EMAIL, OLD, SCHEMA)
                    assert ledger.append(exchange(1000 + written[0], found)) is not None
                    written[0] += 1
        except Exception as error:  # noqa: BLE001 - told below
            failed.append(error)

    thread = Thread(target=inspect)
    thread.start()
    try:
        deadline = time.monotonic() + 60
        while not written[0] and not failed and time.monotonic() < deadline:
            time.sleep(0.01)
        for declaration in (NEW, OLD, NEW):
            done(path, declaration, batch=1)
    finally:
        stop.set()
        thread.join(60)
    assert (failed, written[0] > 0) == ([], True)
    assert done(path, NEW).judged == 15 + written[0]
    assert rows(path, "PRAGMA foreign_key_check") == []
    assert rows(
        path,
        "SELECT count(*) FROM (SELECT 1 FROM verdicts WHERE replaced_at IS NULL GROUP BY disclosure_id, source"
        " HAVING count(*) > 1)",
    ) == [(0,)]


def test_a_declaration_comes_back_as_it_was_loaded(reading: Reading, path: Path) -> None:
    done(path, NEW)
    db = reading(path)
    found = last_declaration(db, "crm")
    assert found is not None
    assert (found[0], found[1].to_app, found[1].sha256, found[1].source) == (2, NEW.to_app, NEW.sha256, "crm.yaml")
    first = read_declaration(db, 1)
    assert first is not None
    assert (first.to_app, [one.name for one in first.recipients]) == (OLD.to_app, ["Mailer"])
    assert read_declaration(db, 99) is None


def test_a_history_is_what_was_written(reading: Reading, path: Path) -> None:
    found = history(reading(path), "crm")
    expected = [
        exchange(
            number,
            disclosure("/params/arguments/email", EMAIL, OLD, SCHEMA),
            disclosure("/params/arguments/card", CARD, OLD, SCHEMA),
            disclosure("/params/arguments/{key}/a", EMAIL, OLD, SCHEMA),
            gaps=(Gap("no-schema", "tool"),),
        )
        for number in range(5)
    ]
    assert found.exchanges == tuple(
        Numbered(number + 1, one, f"2025-06-15T15:06:4{number}.000Z", (3 * number + 1, 3 * number + 2, 3 * number + 3))
        for number, one in enumerate(expected)
    )
    assert list(found.tools) == ["send"]
    assert found.tools["send"].input_schema is not None
    assert found.declaration is not None


def test_a_history_can_be_of_a_time_or_of_one_exchange(reading: Reading, path: Path) -> None:
    db = reading(path)
    assert [one.id for one in history(db, "crm", "2025-06-15T15:06:41.000Z", "2025-06-15T15:06:43.000Z").exchanges] == [
        2,
        3,
    ]
    assert [one.id for one in history(db, "crm", exchange=4).exchanges] == [4]
    assert history(db, "nobody").exchanges == ()


def test_own_traffic_and_redeliveries_are_no_part_of_a_history(reading: Reading, path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.append(exchange(50, own_traffic=True))
        ledger.append(exchange(51, redelivery=True))
    assert len(history(reading(path), "crm").exchanges) == 5


def test_subjects_that_two_apps_saw_are_counted_and_kept_nowhere(reading: Reading, tmp_path: Path) -> None:
    path, maker = tmp_path / "douane.db", Pseudonymiser(MASTER)
    with Ledger(path) as ledger:
        for number, (app, value) in enumerate(
            [("crm", "lea@example.org"), ("travel", "lea@example.org"), ("crm", "karim@example.org")]
        ):
            mark = maker.of(app, EMAIL, value)
            assert isinstance(mark, Pseudonym)
            found = Disclosure("/x", EMAIL, (), "test", 1.0, "", (), Label.GAP, pseudonym=mark)
            ledger.append(exchange(number, found, app=app))
    db = reading(path)
    asked = [
        (EMAIL, "lea@example.org"),
        (EMAIL, "LEA@example.org"),
        (EMAIL, "karim@example.org"),
        ("user.name.first", "Léa"),
    ]
    shared = shared_subjects(db, maker, asked)
    assert history(db, "crm", shared=shared).shared_subjects == {EMAIL: 1}
    assert history(db, "travel", shared=shared).shared_subjects == {EMAIL: 1}
    assert history(db, "crm").shared_subjects == {}
    assert "lea@" not in json.dumps([str(row) for row in db.iterdump()])


def test_views_count_only_verdicts_that_hold(path: Path) -> None:
    before = rows(path, "SELECT reasons FROM undeclared_disclosures ORDER BY id LIMIT 1")
    done(path, NEW)
    after = rows(path, "SELECT reasons FROM undeclared_disclosures WHERE id = 1")
    assert before != after
    assert after == [("policy: the privacy policy says that the app does not collect user.contact.email",)]
    assert rows(path, "SELECT count(*) FROM undeclared_disclosures WHERE app = 'crm'") == [(15,)]
    assert Source.POLICY.value in after[0][0]
