"""Reading a ledger span by span: whatever the spans and whoever reads them, the same is read."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from happening import Life

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.ledger import spans as module
from douane.ledger.equal import equal
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope, snapshot
from douane.ledger.spans import Span, spans
from douane.ledger.store import Ledger

PLACE = "/params/arguments/name"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans of a few rows, read by several threads however few there are."""
    monkeypatch.setattr(module, "EXCHANGES", 5)
    monkeypatch.setattr(module, "DATA", 7)
    monkeypatch.setattr(module, "_WORTH", 1)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 2)


def message(number: int, *places: str) -> Exchange:
    found = tuple(Disclosure(place, "user.name", (), "made-up", 0.9, "", (), Label.GAP) for place in places)
    way, kind = Direction.TO_APP, Kind.REQUEST
    made = Exchange(
        f"r{number}", 0, 1_790_000_000.0 + number, "crm", way, kind, "tools/call", "find", Outcome.DELIVERED, 9
    )
    return replace(made, disclosures=found)


def written(path: Path, *messages: Exchange) -> None:
    with Ledger(path, taxonomy="t") as ledger, ledger.batch():
        for one in messages:
            ledger.append(one)


def joined(read: Iterator[Span]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """All messages and all data, row by row."""
    all_of = list(read)
    return (
        [row for one in all_of for row in zip(one.ids, one.times, one.messages, strict=True)],
        [row for one in all_of for row in zip(one.data, one.exchanges, one.texts, strict=True)],
    )


def reading() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("ledger-reader")]


@pytest.mark.parametrize("seed", range(3))
def test_small_spans_read_side_by_side_say_what_one_span_says(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    life = Life(tmp_path, 80 + seed)
    for _ in range(25):
        life.happens()
    scopes = (Scope(), Scope((1,)), Scope(None, "2096-10-20", "2096-11-20"))
    with closing(open_ledger(life.made.path)) as db:
        whole = [joined(spans(db, scope)) for scope in scopes]
        data = equal(db, Scope()).data()
        assert data
        request.getfixturevalue("small")
        asked: list[object] = []
        reader = module._Reader.asked

        def noted(self: module._Reader, bound: dict[str, Any]) -> Future[Span]:
            asked.append(self)
            return reader(self, bound)

        monkeypatch.setattr(module._Reader, "asked", noted)
        with snapshot(db):
            cut = [joined(spans(db, scope)) for scope in scopes]
            assert equal(db, Scope()).data() == data
    # data of messages outside the scope may be read along with a span, or not
    assert [one[0] for one in cut] == [one[0] for one in whole]
    for (messages, few), (_, many) in zip(cut, whole, strict=True):
        ids = {row[0] for row in messages}
        assert [row for row in few if row[1] in ids] == [row for row in many if row[1] in ids]
    assert len(set(asked)) > 1
    assert reading() == []


@pytest.mark.usefixtures("small")
def test_what_is_written_meanwhile_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(open_ledger(path)) as db, snapshot(db):
        assert db.execute("SELECT count(*) FROM exchanges").fetchone() == (20,)
        written(path, *(message(number, PLACE) for number in range(20, 30)))
        assert [one.count for one in equal(db, Scope()).data()] == [20]
    with closing(open_ledger(path)) as db:
        assert [one.count for one in equal(db, Scope()).data()] == [30]


@pytest.mark.usefixtures("small")
def test_a_connection_that_writes_reads_what_it_has_written(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("DELETE FROM disclosures WHERE id > 12")
        assert [one.count for one in equal(db, Scope()).data()] == [12]
        db.execute("ROLLBACK")


@pytest.mark.usefixtures("small")
def test_a_message_with_more_data_than_a_span_takes_is_a_span_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    written(path, message(0, PLACE), message(1, *(f"{PLACE}/{n}" for n in range(30))), *map(message, range(2, 9)))
    with closing(open_ledger(path)) as db:
        read = list(spans(db, Scope()))
    assert [(one.ids, len(one.data)) for one in read] == [
        (["1"], 1),
        (["2"], 30),
        (["3", "4", "5", "6", "7"], 0),
        (["8", "9"], 0),
    ]


@pytest.mark.usefixtures("small")
def test_who_stops_reading_leaves_no_thread_behind(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(60)))
    with closing(open_ledger(path)) as db:
        read = spans(db, Scope())
        assert next(read).ids == ["1", "2", "3", "4", "5"]
        assert reading()
        read.close()  # type: ignore[attr-defined]  # a generator
        assert reading() == []


@pytest.mark.usefixtures("small")
def test_one_processor_reads_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: 1)
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(open_ledger(path)) as db:
        for one in spans(db, Scope()):
            assert (len(one.ids), reading()) == (5, [])


def test_an_empty_ledger_has_no_span(tmp_path: Path) -> None:
    Ledger(tmp_path / "douane.db").close()
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        assert list(spans(db, Scope())) == []
