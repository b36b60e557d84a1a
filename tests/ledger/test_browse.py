"""Pages of rows hold every row once, newest first, and no question walks a table."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from happening import Life

from douane.ledger import browse, counting, tallies
from douane.ledger.browse import Page, Where
from douane.ledger.counted import Counted
from douane.ledger.counting import place
from douane.ledger.query import open_ledger
from douane.ledger.tallies import Tallies

NOT_PLANTED = "NOT (e.direction = 'to_app' AND d.pointer LIKE '/params/arguments/douane_test_fields/%')"
SEEN = "e.own_traffic = 0 AND e.route <> 'egress'"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[sqlite3.Connection, Counted]]:
    life = Life(tmp_path_factory.mktemp("browse"), 21)
    for _ in range(40):
        life.cross()
    life.judge()
    with closing(open_ledger(life.made.path)) as db:
        yield db, Tallies(block=4).follow(db)


def ids[T](page: Callable[[int | None], Page[T]], number: Callable[[T], int]) -> list[int]:
    """All rows, page by page."""
    out: list[int] = []
    before = None
    while True:
        one = page(before)
        out += [number(row) for row in one.rows]
        before = one.before
        if before is None:
            return out
        assert before == out[-1]


FILTERS = [
    Where(),
    Where(app=1),
    Where(app=2, tool="book"),
    Where(tool=""),
    Where(direction="to_chatgpt", outcome="failed"),
    Where(app=99),
    Where(since="2096-10-10", until="2097-01-01T00:00:00.000Z"),
]


def meets(where: Where) -> tuple[str, dict[str, Any]]:
    """The same condition, written another way."""
    parts: list[str] = [SEEN]
    for name, column in (("app", "e.app_id"), ("direction", "e.direction"), ("outcome", "e.outcome")):
        if getattr(where, name) is not None:
            parts.append(f"{column} = :{name}")
    for name, sql in (("tool", "ifnull(e.tool, '') = :tool"), ("since", "e.at >= :since"), ("until", "e.at < :until")):
        if getattr(where, name) is not None:
            parts.append(sql)
    values = {name: getattr(where, name) for name in ("app", "direction", "outcome", "tool", "since", "until")}
    return " AND ".join(parts), values


@pytest.mark.parametrize("where", FILTERS, ids=str)
@pytest.mark.parametrize("most", [1, 7, 1000])
def test_exchanges_come_newest_first_each_once(
    opened: tuple[sqlite3.Connection, Counted], where: Where, most: int
) -> None:
    db, counted = opened
    sql, values = meets(where)
    wanted = [row[0] for row in db.execute(f"SELECT e.id FROM exchanges e WHERE {sql} ORDER BY e.id DESC", values)]
    assert wanted or where.app == 99
    got = ids(lambda before: browse.exchanges(db, counted, where, before=before, most=most), lambda one: one.id)
    assert got == wanted


DATA = [
    Where(),
    Where(category="user.health_and_medical"),
    Where(app=1, undeclared=True),
    Where(undeclared=False),
    Where(headline="prohibited", tool="find"),
    Where(pointer="/params/arguments/rows/*/mail", direction="to_app"),
    Where(pointer="/params/arguments/douane_test_fields/a", direction="to_app"),
]


@pytest.mark.parametrize("where", DATA, ids=str)
@pytest.mark.parametrize("most", [1, 6, 1000])
def test_disclosures_come_newest_first_each_once(
    opened: tuple[sqlite3.Connection, Counted], where: Where, most: int
) -> None:
    db, counted = opened
    sql, values = meets(where)
    left_out = """EXISTS (SELECT 1 FROM verdicts v WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL
        AND v.source IN ('schema', 'declaration', 'policy', 'connection') AND v.verdict IN ('omitted', 'incorrect'))"""
    rows = db.execute(
        f"SELECT d.id, e.id, d.category, d.headline, d.pointer, {left_out} FROM disclosures d"
        f" JOIN exchanges e ON e.id = d.exchange_id WHERE {sql} AND {NOT_PLANTED} ORDER BY d.id DESC",
        values,
    )
    kept = [
        (number, exchange)
        for number, exchange, category, headline, pointer, out in rows
        if where.category in (None, category)
        and where.headline in (None, headline)
        and where.pointer in (None, place(pointer))
        and where.undeclared in (None, bool(out))
    ]
    assert kept or "douane_test" in str(where.pointer)
    got = ids(lambda before: browse.disclosures(db, counted, where, before=before, most=most), lambda one: one.id)
    assert got == [number for number, _ in kept]
    if where.of_data:
        got = ids(lambda before: browse.exchanges(db, counted, where, before=before, most=most), lambda one: one.id)
        assert got == sorted({exchange for _, exchange in kept}, reverse=True)


@pytest.mark.parametrize("codes", [None, ("malformed",), ("no-schema", "too-large"), ("unheard-of",)])
@pytest.mark.parametrize("tool", [None, "book", ""])
def test_gaps_come_newest_first_each_once(
    opened: tuple[sqlite3.Connection, Counted], codes: tuple[str, ...] | None, tool: str | None
) -> None:
    db, counted = opened
    rows = db.execute(
        "SELECT g.id, g.code, ifnull(e.tool, '') FROM gaps g LEFT JOIN exchanges e ON e.id = g.exchange_id"
        " WHERE g.route <> 'egress' AND ifnull(e.own_traffic, 0) = 0 ORDER BY g.id DESC"
    )
    wanted = [n for n, code, of in rows if (codes is None or code in codes) and tool in (None, of)]
    for most in (1, 5, 1000):
        got = ids(
            lambda before, most=most: browse.gaps(db, counted, tool=tool, codes=codes, before=before, most=most),
            lambda one: one.id,
        )
        assert got == wanted


def test_what_the_chain_tells_comes_newest_first(opened: tuple[sqlite3.Connection, Counted]) -> None:
    db, _ = opened
    marks = ", ".join(f"'{kind}'" for kind in browse.TOLD)
    wanted = [row[0] for row in db.execute(f"SELECT seq FROM events WHERE row IS NULL AND kind IN ({marks})")]
    for most in (1, 2, 100):
        got = ids(lambda before, most=most: browse.events(db, before=before, most=most), lambda one: one.seq)
        assert got == sorted(wanted, reverse=True)
    assert {"start", "access", "sealing"} <= {one.kind for one in browse.events(db, most=1000).rows}
    assert all(one.body for one in browse.events(db, most=1000).rows)


def test_an_exchange_is_shown_with_what_was_found_in_it(opened: tuple[sqlite3.Connection, Counted]) -> None:
    db, counted = opened
    one = next(row for row in browse.exchanges(db, counted, Where(), most=500).rows if row.disclosures > 1 and row.gaps)
    assert browse.exchange(db, one.id) == one
    held = browse.disclosures_in(db, one.id)
    assert len(held) == one.disclosures
    assert tuple(dict.fromkeys((found.category, found.headline) for found in held)) == one.categories
    assert [found.id for found in held] == sorted(found.id for found in held)
    assert browse.moments(db, [one.id, 999_999]) == {one.id: one.at}


def test_douanes_own_messages_and_what_is_not_there_are_shown_by_no_number(
    opened: tuple[sqlite3.Connection, Counted],
) -> None:
    db, _ = opened
    for (own,) in db.execute("SELECT id FROM exchanges WHERE own_traffic = 1 OR route = 'egress' LIMIT 3").fetchall():
        assert browse.exchange(db, own) is None
    assert browse.exchange(db, 999_999) is None
    assert browse.disclosures_in(db, 999_999) == ()


def test_a_page_that_was_begun_goes_on_while_rows_come(tmp_path: Path) -> None:
    life, kept = Life(tmp_path, 8), Tallies(block=4)
    with closing(open_ledger(life.made.path)) as db:
        first = browse.exchanges(db, kept.follow(db), Where(), most=3)
        for _ in range(4):
            life.cross()
        second = browse.exchanges(db, kept.follow(db), Where(), before=first.before, most=3)
    assert max(one.id for one in second.rows) < min(one.id for one in first.rows)


STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in (browse, counting, tallies)
    for name, value in vars(module).items()
    if isinstance(value, str) and value.startswith("SELECT")
}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_no_question_walks_a_table(opened: tuple[sqlite3.Connection, Counted], name: str) -> None:
    db, _ = opened
    named = {**browse.bound(Where()), "first": 1, "last": 2, "before": 3, "app": 1, "tool": None}
    sql = STATEMENTS[name]
    values: Any = named if ":first" in sql else ("[]",) * sql.count("?")
    steps = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    walked = [step for step in steps if step.startswith("SCAN") and "VIRTUAL TABLE" not in step]
    assert steps
    assert walked == (["SCAN chain"] if name.endswith("STANDING") else []), "one row is all that chain has"


def test_the_statements_of_all_three_modules_are_looked_at() -> None:
    assert {name.partition(".")[0] for name in STATEMENTS} == {"browse", "counting", "tallies"}
    assert len(STATEMENTS) >= 15
