"""A record that somebody takes out of the spool before it is inspected is told; whatever else leaves a hole is not."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import post
import pytest
from post import MASTER, Post, call, result

from douane.inspector.settings import AppSettings
from douane.ledger.failed import LedgerFailed
from douane.ledger.record import RecordKind
from douane.ledger.spool import ID_BLOCK, Spool, SpoolFailed, SpoolFull

APPS = (AppSettings(name="travel"), AppSettings(name="bank"))
GAPS = """SELECT a.name, g.code, g.place, g.detail FROM gaps g JOIN apps a ON a.id = g.app_id
    WHERE g.code = 'spool-missing' ORDER BY a.name"""

type Make = Callable[[], Post]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Post] = []

    def _make() -> Post:
        made.append(post.Post(tmp_path, apps=APPS))
        return made[-1]

    yield _make
    for one in made:
        one.close()


def take_out(here: Post, *numbers: int) -> None:
    """Somebody deletes records with a program of their own."""
    with closing(sqlite3.connect(here.folder / "spool.db", isolation_level=None, timeout=5)) as db:
        marks = ", ".join("?" * len(numbers))
        assert db.execute(f"DELETE FROM records WHERE id IN ({marks})", numbers).rowcount == len(numbers)


def talk(here: Post, number: int) -> None:
    here.answers(here.asks(call(number)), result(number))


def told(records: str) -> list[tuple[str, str, str, str]]:
    return [(app, "spool-missing", "spool", f"{records} of all apps together") for app in ("bank", "travel")]


@pytest.mark.promise("taken-out-told")
def test_what_somebody_takes_out_before_it_is_inspected_is_a_gap_in_each_app_and_a_warning(make: Make) -> None:
    here = make()
    talk(here, 1)
    here.work()
    talk(here, 2)
    take_out(here, 3, 4)
    talk(here, 3)
    here.work()
    assert here.rows(GAPS) == told("2 records")
    assert [(one["code"], one["detail"]) for one in here.events if one["event"] == "warning"] == [
        ("spool-missing", "2")
    ]
    assert here.rows("SELECT count(*) FROM exchanges") == [(4,)]


@pytest.mark.promise("taken-out-told")
def test_the_first_records_of_a_new_proxy_are_missed_too(make: Make) -> None:
    here = make()
    talk(here, 1)
    here.work()
    here.spool.close()
    here.spool = Spool(here.folder / "spool.db", MASTER)
    talk(here, 2)
    take_out(here, ID_BLOCK + 1)
    here.work()
    assert ("travel", "spool-missing", "spool", "1 record of all apps together") in here.rows(GAPS)


@pytest.mark.promise("taken-out-told")
def test_puts_that_are_refused_or_fail_and_proxies_and_inspectors_that_start_leave_no_such_gap(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make()
    talk(here, 1)
    here.work()
    limit, here.spool.limit_bytes = here.spool.limit_bytes, 1
    with pytest.raises(SpoolFull):
        here.asks(call(2))
    here.spool.limit_bytes = limit
    with closing(sqlite3.connect(here.folder / "spool.db", isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        monkeypatch.setattr("douane.ledger.spool._BUSY_SECONDS", 0.01)
        with pytest.raises(SpoolFailed):
            here.asks(call(2))
        db.execute("ROLLBACK")
    talk(here, 2)
    here.work()
    for _ in range(2):
        here.spool.close()
        here.spool = Spool(here.folder / "spool.db", MASTER)
        talk(here, 3)
        here.work()
    here.put(RecordKind.STREAM, here.asks(call(4)), status=200, headers=[["content-type", "text/event-stream"]])
    talk(here, 5)
    here.work()
    assert here.left() > 0, "a stream that goes on keeps its records, and those after it have gone"
    here.inspector.close()
    here.inspector = here.open()
    talk(here, 6)
    here.work()
    assert here.rows(GAPS) == []


@pytest.mark.promise("taken-out-told")
def test_what_grew_too_old_before_it_was_taken_is_told_as_that_alone(
    make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("douane.inspector.process.SWEEP_SECONDS", 0.0)
    here = make()
    talk(here, 1)
    here.work()
    talk(here, 2)
    here.at += 10_000
    talk(here, 3)
    here.work()
    assert here.rows("SELECT count(*) FROM gaps WHERE code = 'expired'") == [(2,)]
    assert here.rows(GAPS) == []
    here.at += 10_000
    talk(here, 4)
    take_out(here, 7)
    here.work()
    assert here.rows(GAPS) == told("1 record")


def test_numbers_are_held_from_the_first_record_on_that_comes_after_an_inspector_began(make: Make) -> None:
    here = make()
    talk(here, 1)
    here.inspector.close()
    here.inspector = here.open()
    talk(here, 2)
    take_out(here, 3)
    here.work()
    assert here.rows(GAPS) == [], "as docs/security.md says: the one before may have taken it"
    talk(here, 3)
    take_out(here, 5)
    here.work()
    assert here.rows(GAPS) == told("1 record")


def test_what_is_missing_at_the_end_of_a_block_is_not_told(make: Make) -> None:
    here = make()
    talk(here, 1)
    here.work()
    here.spool._next_id = ID_BLOCK
    talk(here, 2)
    take_out(here, ID_BLOCK)
    here.work()
    assert here.rows(GAPS) == [], "as docs/security.md says: a proxy that starts leaves the same hole"


def test_a_transaction_that_fails_warns_of_nothing(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make()
    talk(here, 1)
    here.work()
    talk(here, 2)
    take_out(here, 3)

    def fails(*_: object) -> None:
        raise LedgerFailed("douane.db: the ledger failed (SQLITE_FULL)")

    with monkeypatch.context() as patch:
        patch.setattr(here.inspector._ledger, "_end", fails)
        with pytest.raises(LedgerFailed):
            here.inspector.turn()
    assert here.rows(GAPS) == []
    assert [one for one in here.events if one.get("code") == "spool-missing"] == []
