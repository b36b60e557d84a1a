"""Reading a ledger span by span: whatever the spans and whoever reads them, the same is read."""

import errno
import os
import sqlite3
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from happening import Life

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.ledger import equal_beside
from douane.ledger import spans as module
from douane.ledger.equal import equal
from douane.ledger.equal_child import Parts
from douane.ledger.equal_groups import Groups
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope, snapshot
from douane.ledger.spans import Span, cut, read
from douane.ledger.store import Ledger

PLACE = "/params/arguments/name"


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spans of a few rows, counted by two processes however few there are."""
    monkeypatch.setattr(module, "EXCHANGES", 5)
    monkeypatch.setattr(module, "DATA", 7)
    monkeypatch.setattr(equal_beside, "_WORTH", 1)
    monkeypatch.setattr(os, "process_cpu_count", lambda: 2)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, small: None) -> list[object]:
    """What the other process answered, from the first question on; it is given half of the spans at least."""
    answers: list[object] = []
    ask, work = equal_beside._Helper._ask, equal_beside._work

    def noted(self: equal_beside._Helper, what: object) -> object:
        answers.append(answer := ask(self, what))
        return answer

    def slow(db: sqlite3.Connection, scope: Scope, into: Groups, tasks: deque[tuple[int, int]]) -> None:
        half, deadline = len(tasks) // 2, time.monotonic() + 20
        while len(tasks) > half and (not answers or answers[0]) and time.monotonic() < deadline:
            time.sleep(0.005)
        work(db, scope, into, tasks)

    monkeypatch.setattr(equal_beside._Helper, "_ask", noted)
    monkeypatch.setattr(equal_beside, "_work", slow)
    return answers


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


def spans(db: sqlite3.Connection, scope: Scope) -> Iterator[Span]:
    """The spans of a ledger as one process reads them."""
    return (read(db, scope, *ends) for ends in cut(db))


def joined(found: Iterator[Span]) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """All messages and all data, row by row."""
    all_of = list(found)
    return (
        [row for one in all_of for row in zip(one.ids, one.times, one.messages, strict=True)],
        [row for one in all_of for row in zip(one.data, one.exchanges, one.texts, strict=True)],
    )


def counted(db: sqlite3.Connection, scope: Scope) -> tuple[object, ...]:
    """All that a count says."""
    seen = equal(db, scope)
    return seen.data(), seen.outcomes(), seen.calls_of_tools(), seen.days(), seen.routes(), seen.protocols()


@pytest.mark.parametrize("seed", range(3))
def test_small_spans_counted_by_two_processes_say_what_one_span_says(
    tmp_path: Path, seed: int, request: pytest.FixtureRequest
) -> None:
    life = Life(tmp_path, 80 + seed)
    for _ in range(25):
        life.happens()
    scopes = (Scope(), Scope((1,)), Scope(None, "2096-10-20", "2096-11-20"))
    with closing(open_ledger(life.made.path)) as db:
        whole = [joined(spans(db, scope)) for scope in scopes]
        said = [counted(db, scope) for scope in scopes]
        assert said[0][0]
        answers = request.getfixturevalue("asked")
        with snapshot(db):
            small = [joined(spans(db, scope)) for scope in scopes]
            for scope, one in zip(scopes, said, strict=True):
                answers.clear()
                assert counted(db, scope) == one
                assert answers[:2] == [True, True]  # it saw the same, and counted a span at least
                assert isinstance(answers[-1], dict)
    # data of messages outside the scope may be read along with a span, or not
    assert [one[0] for one in small] == [one[0] for one in whole]
    for (messages, few), (_, many) in zip(small, whole, strict=True):
        ids = {row[0] for row in messages}
        assert [row for row in few if row[1] in ids] == [row for row in many if row[1] in ids]


def test_what_is_added_meanwhile_is_not_counted(tmp_path: Path, asked: list[object]) -> None:
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(open_ledger(path)) as db, snapshot(db):
        assert db.execute("SELECT count(*) FROM exchanges").fetchone() == (20,)
        written(path, *(message(number, PLACE) for number in range(20, 30)))
        assert [one.count for one in equal(db, Scope()).data()] == [20]
        assert asked[0] is True
    with closing(open_ledger(path)) as db:
        assert [one.count for one in equal(db, Scope()).data()] == [30]


def test_a_process_that_sees_changed_rows_counts_nothing(tmp_path: Path, asked: list[object]) -> None:
    path = tmp_path / "douane.db"
    written(path, *(replace(message(number, PLACE), outcome=Outcome.UNKNOWN) for number in range(20)))
    with closing(open_ledger(path)) as db, snapshot(db):
        before = counted(db, Scope())
        with Ledger(path, taxonomy="t") as ledger, ledger.batch():
            assert ledger.set_outcome(Outcome.FAILED, record_id="r3") == 1
        asked.clear()
        assert (counted(db, Scope()), asked) == (before, [False])


def test_a_process_that_dies_costs_nothing_but_time(
    tmp_path: Path, asked: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(40)))
    ask = equal_beside._Helper._ask

    def dies(self: equal_beside._Helper, what: object) -> object:
        if len(self.taken) == 3:
            self._process.kill()
            self._process.wait()
        return ask(self, what)

    with closing(open_ledger(path)) as db:
        whole = counted(db, Scope())
        monkeypatch.setattr(equal_beside._Helper, "_ask", dies)
        asked.clear()
        with snapshot(db):
            assert counted(db, Scope()) == whole
    assert asked == [True, True, True]


@pytest.mark.usefixtures("small")
def test_a_message_with_more_data_than_a_span_takes_is_a_span_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    written(path, message(0, PLACE), message(1, *(f"{PLACE}/{n}" for n in range(30))), *map(message, range(2, 9)))
    with closing(open_ledger(path)) as db:
        found = list(spans(db, Scope()))
    assert [(one.ids, len(one.data)) for one in found] == [
        (["1"], 1),
        (["2"], 30),
        (["3", "4", "5", "6", "7"], 0),
        (["8", "9"], 0),
    ]


@pytest.mark.usefixtures("small")
def test_one_processor_counts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "process_cpu_count", lambda: 1)
    monkeypatch.setattr(equal_beside, "_Helper", None)
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(open_ledger(path)) as db:
        assert [one.count for one in equal(db, Scope()).data()] == [20]


@pytest.mark.usefixtures("small")
def test_without_another_process_one_counts_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr("douane.ledger.equal_beside.subprocess.Popen", refuses)
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(open_ledger(path)) as db, snapshot(db):
        assert [one.count for one in equal(db, Scope()).data()] == [20]


@pytest.mark.usefixtures("small")
def test_spans_counted_from_the_end_are_few_parts_that_say_what_one_count_says(tmp_path: Path) -> None:
    path, whole, parts = tmp_path / "douane.db", Groups(), Parts()
    written(path, *(message(number, PLACE, f"{PLACE}/{number}") for number in range(40)))
    with closing(open_ledger(path)) as db:
        found = list(spans(db, Scope()))
    for one in found:
        whole.count(one)
    for one in reversed(found):
        parts.count(one)
        assert len(parts.held) <= len(found).bit_length() < len(found)
    assert parts.together().state() == whole.state()


@pytest.mark.usefixtures("small")
def test_a_connection_that_writes_counts_what_it_has_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(equal_beside, "_Helper", None)
    path = tmp_path / "douane.db"
    written(path, *(message(number, PLACE) for number in range(20)))
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("BEGIN")
        db.execute("DELETE FROM disclosures WHERE id > 12")
        assert [one.count for one in equal(db, Scope()).data()] == [12]
        db.execute("ROLLBACK")


def test_an_empty_ledger_has_no_span(tmp_path: Path) -> None:
    Ledger(tmp_path / "douane.db").close()
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        assert list(cut(db)) == []
