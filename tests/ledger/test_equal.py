"""Equal data as one: what rules and summaries make of it is what they make of every message."""

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from happening import Life

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Pseudonym
from douane.audit.history import Condensed, Observation, Seen
from douane.audit.message import Direction, Kind
from douane.audit.onward import passed_on
from douane.audit.planted import without_planted
from douane.audit.rules.registry import check_all
from douane.ledger.condensed import condensed
from douane.ledger.equal import equal
from douane.ledger.equal_groups import NAMED
from douane.ledger.history import history
from douane.ledger.query import open_ledger
from douane.ledger.report_query import Scope, apps, ids
from douane.ledger.store import Ledger
from douane.reports.findings import Findings, found

PERIODS = ((None, None), ("2096-10-20", None), ("2096-10-20", "2096-11-20"))


def findings(db: sqlite3.Connection, since: str | None, until: str | None) -> tuple[Findings, Findings]:
    """What the rules find in every message, and in equal data as one."""
    names = [one.name for one in apps(db)]
    one = found(history(db, name, since, until) for name in names)
    return one, found(condensed(db, names, equal(db, Scope(None, since, until))))


def told(findings: Findings) -> list[Any]:
    """The findings without the numbers that only mean something in their own history."""
    return [
        replace(
            group,
            places=tuple(replace(one, hit=replace(one.hit, exchange=-1, disclosure=-1)) for one in group.places),
        )
        for group in findings.groups
    ]


@pytest.mark.parametrize("seed", range(4))
def test_the_rules_find_the_same(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path, 40 + seed)
    for _ in range(30):
        life.happens()
    with closing(open_ledger(life.made.path)) as db:
        for since, until in PERIODS:
            whole, short = findings(db, since, until)
            assert told(whole) == told(short)
            assert whole.results == short.results
        assert told(findings(db, None, None)[0])


@pytest.mark.parametrize("seed", range(2))
def test_the_summary_has_every_datum_once(tmp_path: Path, seed: int) -> None:
    life = Life(tmp_path, 60 + seed)
    for _ in range(30):
        life.happens()
    with closing(open_ledger(life.made.path)) as db:
        for since, until in PERIODS:
            rows = db.execute(
                "SELECT e.app_id, e.direction, e.outcome, ifnull(e.tool, ''), ifnull(e.method, ''), d.category,"
                " d.headline, d.pointer, count(*), min(e.at), max(e.at),"
                " sum(EXISTS (SELECT 1 FROM verdicts v WHERE v.disclosure_id = d.id AND v.replaced_at IS NULL"
                "   AND v.source = 'policy' AND v.verdict IN ('omitted', 'incorrect')))"
                " FROM disclosures d JOIN exchanges e ON e.id = d.exchange_id WHERE e.own_traffic = 0"
                " AND e.route <> 'egress' AND e.at >= ? AND e.at < ? GROUP BY 1, 2, 3, 4, 5, 6, 7, 8",
                (since or "", until or "~"),
            ).fetchall()
            seen = equal(db, Scope(None, since, until))
            counts: Counter[tuple[Any, ...]] = Counter()
            by_policy: Counter[tuple[Any, ...]] = Counter()
            ends: dict[tuple[Any, ...], tuple[str, str]] = {}
            for one in seen.found():
                key = (
                    *(one.app, one.direction, one.outcome, one.tool, one.method, one.category, one.headline),
                    one.pointer,
                )
                counts[key] += one.count
                by_policy[key] += one.count if one.by_policy else 0
                first, last = ends.get(key, (one.first, one.last))
                ends[key] = (min(first, one.first), max(last, one.last))
            assert {(*key, n, *ends[key], by_policy[key]) for key, n in counts.items()} == set(rows)
            messages = db.execute(
                "SELECT app_id, direction, outcome, count(*),"
                " sum(EXISTS (SELECT 1 FROM disclosures d WHERE d.exchange_id = exchanges.id)), min(at), max(at)"
                " FROM exchanges WHERE own_traffic = 0 AND route <> 'egress' AND at >= ? AND at < ? GROUP BY 1, 2, 3",
                (since or "", until or "~"),
            ).fetchall()
            said = [
                (one.app, one.direction, one.outcome, one.messages, one.carrying, one.first, one.last)
                for one in seen.outcomes()
            ]
            assert said == messages


UP, DOWN = Direction.TO_APP, Direction.TO_CHATGPT
META, ARGS, OUT = "/params/_meta/openai~1subject", "/params/arguments/id", "/result/structuredContent/user"


def message(number: int, way: Direction, *data: tuple[str, str], **others: Any) -> Exchange:
    kind = Kind.REQUEST if way is UP else Kind.RESULT
    disclosures = tuple(
        Disclosure(
            pointer, "user.unique_id.pseudonymous", (), "made-up", 0.9, "", (), Label.GAP,
            pseudonym=Pseudonym(who * 64, "1-0123456789ab"),
        )
        for pointer, who in data
    )  # fmt: skip
    made = Exchange(
        f"r{number}", 0, 1_790_000_000.0 + number, "crm", way, kind, "tools/call", "find", Outcome.DELIVERED, 9
    )
    return replace(made, disclosures=disclosures, **others)


def test_identifiers_that_come_back_unasked_are_counted_one_by_one(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    with Ledger(path, taxonomy="t") as ledger, ledger.batch():
        for number in range(0, 12, 2):
            asked = [(ARGS, "a")] if number == 4 else []
            given = "b" if number == 6 else "a"
            ledger.append(message(number, UP, (META, "a"), *asked, redelivery=number == 10))
            late = Outcome.FAILED if number == 8 else Outcome.DELIVERED
            ledger.append(message(number + 1, DOWN, (OUT, given), answers=(f"r{number}", 0), outcome=late))
    with closing(open_ledger(path)) as db:
        whole, short = findings(db, None, None)
        assert told(whole) == told(short)
        echoed = [one for one in short.groups if one.rule.id == "openai/echoed-id"]
    assert [(one.count, [place.exchange for place in one.places]) for one in echoed] == [(2, [2])]


def test_what_an_app_passed_on_is_judged_by_the_place_where_chatgpt_had_put_it(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    with Ledger(path, taxonomy="t") as ledger, ledger.batch():
        ledger.append(message(1, UP, (ARGS, "a"), (META, "b")))
        ledger.append(message(2, UP, (ARGS, "a")))
        for number in (1, 3):
            sent = Observation(Seen.EGRESS, "mail.example", f"user.unique_id.pseudonymous #{number}")
            ledger.note("crm", at=1_790_000_009.0, observations=(sent,))
    with closing(open_ledger(path)) as db:
        one = history(db, "crm")
        (other,) = condensed(db, ["crm"], equal(db, Scope()))
        assert list(passed_on(one)) == list(passed_on(other)) != []
        datum = other.data({1, 2, 3})[3]
        assert (datum[1].pointer, datum[0].tool, sorted(other.data({1, 2, 3}))) == (ARGS, "find", [1, 3])
        (early,) = condensed(db, ["crm"], equal(db, Scope(None, None, "2026-01-01")))
        assert early.data({1, 3}) == {}


def test_a_group_names_some_of_its_disclosures_and_the_text_of_a_place_cannot_be_forged(tmp_path: Path) -> None:
    path = tmp_path / "douane.db"
    places = ('/params/arguments/a\x1e\x00",0]', "/params/arguments/a\x1f", "/params/arguments/a")
    with Ledger(path, taxonomy="t") as ledger, ledger.batch():
        for number in range(NAMED + 5):
            ledger.append(message(number, UP, *((place, "a") for place in places)))
        odd = Disclosure(places[2], "user.name", (), "made-up", 0.9, "", (), Label.GAP, reached='x\x1f"\x1d')
        ledger.append(replace(message(900, UP), disclosures=(odd,)))
    with closing(open_ledger(path)) as db:
        data = equal(db, Scope()).data()
    assert {(one.pointer, one.category, one.reached): one.count for one in data} == {
        (places[2], "user.name", 'x\x1f"\x1d'): 1,
        **{(place, "user.unique_id.pseudonymous", ""): NAMED + 5 for place in places},
    }
    assert [len(one.ids) for one in data] == [NAMED, NAMED, NAMED, 1]
    assert data[0].ids == tuple(range(1, 3 * NAMED, 3))


def test_an_app_that_the_ledger_does_not_know_has_an_empty_history(tmp_path: Path) -> None:
    Ledger(tmp_path / "douane.db").close()
    with closing(open_ledger(tmp_path / "douane.db")) as db:
        assert list(condensed(db, ["crm"], equal(db, Scope(ids(apps(db), ["crm"]))))) == [Condensed("crm")]


def test_counts_of_messages_and_named_tools_are_those_of_all_messages(tmp_path: Path) -> None:
    life = Life(tmp_path, 77)
    for _ in range(20):
        life.cross()
    with closing(open_ledger(life.made.path)) as db:
        names = [one.name for one in apps(db)]
        for one, other in zip(
            (without_planted(history(db, name)) for name in names),
            condensed(db, names, equal(db, Scope())),
            strict=True,
        ):
            assert [one.messages(way) for way in (None, UP, DOWN)] == [other.messages(way) for way in (None, UP, DOWN)]
            for moment in ("2096-10-15", "2096-12-15", "2099"):
                assert one.named_before(moment) == other.named_before(moment)
            assert len(check_all(one)) == len(check_all(other))
