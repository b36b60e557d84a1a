"""What a hostile app makes up costs bounded memory, and nothing of what it was given and gave is lost."""

from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Kind
from douane.ledger import browse
from douane.ledger.browse import Where
from douane.ledger.capped import REST, Caps
from douane.ledger.counted import Counted
from douane.ledger.counting import FieldKey
from douane.ledger.query import open_ledger
from douane.ledger.store import Ledger
from douane.ledger.tallies import Tallies

TOOLS = 40
OMITTED = (Verdict(Source.SCHEMA, Label.OMITTED, "as told"),)


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A ledger of an app with another tool and another field in each call, and of one that makes nothing up."""
    path = tmp_path / "douane.db"
    with Ledger(path, taxonomy="t") as ledger, ledger.batch():
        for number in range(TOOLS):
            for app, tool, field in (("hostile", f"tool_{number}", f"field_{number}"), ("plain", "find", "name")):
                place = f"/params/arguments/{field}"
                data = (Disclosure(place, "user.name", (), "made-up", 0.9, "", OMITTED, Label.OMITTED),)
                crossed = (Kind.REQUEST, "tools/call", tool, Outcome.DELIVERED, 9)
                at = 1_790_000_000.0 + number
                made = Exchange(
                    f"{app}-{number}", 0, at, app, Direction.TO_APP, *crossed, duration_ms=5.0, disclosures=data
                )
                ledger.append(made)
    return path


def counted(path: Path, names: int, places: int) -> Counted:
    with closing(open_ledger(path)) as db:
        return Tallies(block=8, names=names, places=places).follow(db)


def test_the_app_has_all_its_figures_and_its_tools_those_that_are_named(hostile: Path) -> None:
    whole, some = counted(hostile, 1_000, 1_000), counted(hostile, 4, 3)
    (made_up,) = [one.app for one in some.apps() if one.app in some.capped]
    assert (whole.capped, some.capped) == (frozenset(), frozenset((made_up,)))
    assert some.apps() == whole.apps()
    assert some.days() == whole.days()
    assert {key: one.disclosures for key, one in some.categories(made_up).items()} == {("user.name", "to_app"): TOOLS}
    assert {one.tool: (one.figures.calls, one.figures.disclosures) for one in some.tools(made_up)} == {
        **{f"tool_{number}": (1, 1) for number in range(4)},
        REST: (TOOLS - 4, TOOLS - 4),
    }
    assert {(one.tool, one.pointer): one.count for one in some.fields(made_up)} == {
        **{(f"tool_{number}", f"/params/arguments/field_{number}"): 1 for number in range(3)},
        ("tool_3", REST): 1,
        (REST, REST): TOOLS - 4,
    }
    other = next(one.app for one in some.apps() if one.app != made_up)
    assert (some.tools(other), some.fields(other)) == (whole.tools(other), whole.fields(other))


def test_rows_that_are_not_counted_by_name_are_found_by_it(hostile: Path) -> None:
    some = counted(hostile, 4, 3)
    with closing(open_ledger(hostile)) as db:
        for number in (0, 3, 17, TOOLS - 1):
            where = Where(tool=f"tool_{number}")
            assert [one.tool for one in browse.exchanges(db, some, where).rows] == [where.tool]
            where = Where(tool=f"tool_{number}", pointer=f"/params/arguments/field_{number}")
            assert [one.tool for one in browse.disclosures(db, some, where).rows] == [where.tool]
        assert browse.exchanges(db, some, Where(tool="never")).rows == ()


def test_however_much_is_made_up_no_more_than_the_limits_is_kept() -> None:
    caps = Caps(names=10, places=50)
    kept: Counter[FieldKey] = Counter()
    for number in range(3_000):
        tool, pointer, method = f"t{number % 60}", f"/params/{number}", f"m{number % 37}"
        key = FieldKey(1, tool, method, "to_app", "delivered", f"user.{number % 7}", "[]", "omitted", 1, pointer)
        kept[caps.field(key)] += 1
    assert sum(kept.values()) == 3_000
    assert len({key for key in kept if key.pointer != REST}) == 50
    # those without a place, and at last those of which only our own words are left
    assert len(kept) <= 2 * 50 + 7
    assert len({key.tool for key in kept}) <= 10 + 1
    assert caps.apps == {1}


def test_a_recount_keeps_what_is_named(hostile: Path) -> None:
    tallies = Tallies(block=8, names=4, places=3)
    with closing(open_ledger(hostile)) as db:
        before = tallies.follow(db)
    with Ledger(hostile, taxonomy="t") as ledger, ledger.batch():
        at, crossed = 1_790_000_900.0, (Kind.REQUEST, "tools/call", "late", Outcome.DELIVERED, 9)
        ledger.append(Exchange("late", 0, at, "hostile", Direction.TO_APP, *crossed))
    with closing(open_ledger(hostile)) as db:
        after = tallies.follow(db)
    (made_up,) = after.capped
    calls = {one.tool: one.figures.calls for one in before.tools(made_up)}
    assert {one.tool: one.figures.calls for one in after.tools(made_up)} == calls | {REST: calls[REST] + 1}
