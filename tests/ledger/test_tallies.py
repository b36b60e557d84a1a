"""The counts in memory say what a fresh count says, whatever happened to the ledger meanwhile."""

import shutil
import sqlite3
import threading
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from happening import Life

from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.ledger import report_query as query
from douane.ledger.counted import Counted
from douane.ledger.counting import place, printed
from douane.ledger.equal import equal
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope
from douane.ledger.store import Ledger
from douane.ledger.tallies import Tallies


def said(counted: Counted) -> dict[str, Any]:
    """All that is counted, in an order of its own."""
    ids = [one.app for one in counted.apps()]
    return {
        "apps": counted.apps(),
        "tools": {app: counted.tools(app) for app in ids},
        "fields": {app: counted.fields(app) for app in ids},
        "flows": {app: dict(sorted(counted.categories(app).items())) for app in ids},
        "days": {app: counted.days(app) for app in (None, *ids)},
        "passed": {app: counted.passed(app) for app in ids},
    }


def counted_by_sql(db: sqlite3.Connection) -> dict[str, Any]:
    """The same figures, as reports ask the ledger for them."""
    seen = equal(db, Scope())
    rows = [one for one in seen.found() if not is_planted(one.pointer, Direction(one.direction))]
    delivered = [one for one in rows if one.outcome == "delivered"]
    left_out = [one for one in delivered if one.by_schema or one.by_declaration or one.by_policy or one.by_connection]
    fields: Counter[tuple[Any, ...]] = Counter()
    for one in delivered:
        fields[one.app, one.tool, one.method, one.direction, place(one.pointer), one.category] += one.count
    messages: Counter[tuple[Any, ...]] = Counter()
    for row in seen.outcomes():
        messages[row.app, row.outcome] += row.messages
        messages[row.app, row.outcome, "carrying"] += row.carrying
    return {
        "messages": +messages,
        "fields": fields,
        "undeclared": +_sums(left_out),
        "prohibited": +_sums([one for one in delivered if one.headline == "prohibited"]),
        "special": +_sums([one for one in delivered if "art9" in one.flags]),
        "days": dict(
            db.execute(
                "SELECT substr(at, 1, 10), count(*) FROM exchanges WHERE outcome = 'delivered' AND own_traffic = 0"
                " AND route <> 'egress' GROUP BY 1 ORDER BY 1"
            ).fetchall()
        ),
        "gaps": {(row.app, row.code): row.times for row in query.gaps(db, Scope())},
        "own": seen.own_traffic(),
        "times": {
            row.app: (row.count, printed(row.p50), printed(row.p95), printed(row.most))
            for row in query.latency(db, Scope())
        },
        "passed": {(one.app, one.host, one.path_class): (one.count, one.failed) for one in query.passages(db, Scope())},
        "ends": {
            (app, tool): (first, last)
            for app, tool, first, last in db.execute(
                "SELECT e.app_id, coalesce(e.tool, ''), min(e.id), max(e.id) FROM exchanges e"
                " JOIN disclosures d ON d.exchange_id = e.id WHERE e.outcome = 'delivered' AND e.own_traffic = 0"
                " AND e.route <> 'egress' AND NOT (e.direction = 'to_app'"
                " AND d.pointer LIKE '/params/arguments/douane_test_fields/%') GROUP BY 1, 2"
            )
        },
    }  # fmt: skip


def counted_in_memory(counted: Counted) -> dict[str, Any]:
    apps = counted.apps()
    messages: Counter[tuple[Any, ...]] = Counter()
    for one in apps:
        for outcome, fate in one.figures.fates.items():
            messages[one.app, outcome] += fate.messages
            messages[one.app, outcome, "carrying"] += fate.carrying
    fields = {
        (row.app, row.tool, row.method, row.direction, row.pointer, row.category): row.count
        for one in apps
        for row in counted.fields(one.app)
    }
    ends: dict[tuple[int, str], tuple[int, int]] = {}
    for one in apps:
        for row in counted.fields(one.app):
            first, last = ends.get((row.app, row.tool), (row.first, row.last))
            ends[row.app, row.tool] = (min(first, row.first), max(last, row.last))
    return {
        "messages": +messages,
        "fields": Counter(fields),
        "undeclared": +Counter({one.app: one.figures.undeclared for one in apps}),
        "prohibited": +Counter({one.app: one.figures.prohibited for one in apps}),
        "special": +Counter({one.app: one.figures.special for one in apps}),
        "days": {one.day: one.messages for one in counted.days() if one.messages},
        "gaps": {(one.app, code): times for one in apps for code, times in one.gaps.items()},
        "own": {one.app: one.own for one in apps if one.own},
        "times": {
            one.app: (one.times.count, one.times.p50, one.times.p95, one.times.most) for one in apps if one.times
        },
        "passed": {(one.app, *key): figures for one in apps for key, figures in counted.passed(one.app).items()},
        "ends": ends,
    }


def _sums(rows: list[query.FoundRow]) -> Counter[int]:
    sums: Counter[int] = Counter()
    for one in rows:
        sums[one.app] += one.count
    return sums


@pytest.mark.parametrize("seed", range(6))
def test_the_counts_follow_all_that_happens_to_a_ledger(tmp_path: Path, seed: int) -> None:
    life, tallies = Life(tmp_path, seed), Tallies(block=5)
    for _ in range(18):
        for _ in range(life.rng.randint(1, 3)):
            life.happens()
        with closing(open_ledger(life.made.path)) as db:
            counted = tallies.follow(db)
            assert counted_in_memory(counted) == counted_by_sql(db)
            assert said(counted) == said(Tallies(block=64).follow(db))


def test_nothing_is_counted_again_where_nothing_has_changed(tmp_path: Path) -> None:
    life, tallies = Life(tmp_path, 1), Tallies(block=5)
    with closing(open_ledger(life.made.path)) as db:
        first = tallies.follow(db)
        asked: list[str] = []
        db.set_trace_callback(asked.append)
        assert tallies.follow(db) is first
    assert not [sql for sql in asked if "exchanges" in sql or "disclosures" in sql]


def test_an_earlier_count_stays_as_it_was(tmp_path: Path) -> None:
    life, tallies = Life(tmp_path, 2), Tallies(block=5)
    with closing(open_ledger(life.made.path)) as db:
        first = tallies.follow(db)
        before = said(first)
        life.cross()
        life.judge()
        assert tallies.follow(db) is not first
        assert said(replace(first, _kept={})) == before


def test_another_file_in_the_same_place_is_counted_from_the_start(tmp_path: Path) -> None:
    life, tallies = Life(tmp_path, 3), Tallies(block=5)
    path = life.made.path
    copy = tmp_path / "copy.db"
    shutil.copy(path, copy)
    life.cross()
    with closing(open_ledger(path)) as db:
        tallies.follow(db)
    life.made = replace(life.made, path=copy)
    for _ in range(3):
        life.cross()
    with closing(open_ledger(copy)) as db:
        counted = tallies.follow(db)
        assert counted_in_memory(counted) == counted_by_sql(db)


def test_an_empty_ledger_counts_nothing(tmp_path: Path) -> None:
    Ledger(tmp_path / "douane.db").close()
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        tallies = Tallies()
        assert tallies.counted is None
        assert (tallies.follow(db).apps(), tallies.follow(db).days(), tallies.progress) == ((), (), 1.0)
        assert tallies.counted is tallies.follow(db)


def test_an_app_of_which_nothing_was_seen_has_zeros(tmp_path: Path) -> None:
    life = Life(tmp_path, 4)
    with closing(open_ledger(life.made.path)) as db:
        unknown = Tallies().follow(db).app(99)
    assert (unknown.figures.messages, unknown.figures.uncompared, unknown.gaps, unknown.times) == (0, 0, {}, None)


def test_many_threads_may_ask_while_the_ledger_grows(tmp_path: Path) -> None:
    life, tallies = Life(tmp_path, 5), Tallies(block=5)
    done, failures = threading.Event(), list[BaseException]()

    def ask() -> None:
        try:
            with closing(open_ledger(life.made.path)) as db:
                while not done.is_set():
                    with query.snapshot(db):
                        counted = tallies.follow(db)
                        total = sum(one.messages for one in equal(db, Scope()).outcomes())
                        mine = sum(fate.messages for one in counted.apps() for fate in one.figures.fates.values())
                        assert mine >= total, "another thread may have seen more, none less"
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for one in threads:
        one.start()
    for _ in range(10):
        life.cross()
    done.set()
    for one in threads:
        one.join(60)
    assert failures == []


def test_a_duration_is_rounded_as_it_is_printed() -> None:
    assert [printed(ms) for ms in (0.04, 9.94, 12.4, 999.4, 1234.0, 61_006.0)] == [
        0.0,
        9.9,
        12.0,
        999.0,
        1230.0,
        61010.0,
    ]
