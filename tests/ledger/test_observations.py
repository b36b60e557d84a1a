"""What was seen besides disclosures belongs to a period as far as the ledger knows when it was seen."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.message import Direction
from douane.ledger.observations import read_observations, read_uses
from douane.ledger.query import open_ledger
from douane.ledger.store import Ledger
from douane.ledger.times import iso

BOOK = FieldUse("book", Direction.TO_CHATGPT, "/debug", 1)
LINK = Observation(Seen.RETURNED_URL, "files.example.net")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A ledger in which an app's answers linked somewhere at 1000 and at 2000 s, and a field was used both times."""
    with Ledger(tmp_path / "douane.db") as ledger:
        for at in (1000.0, 2000.0):
            ledger.note("crm", at=at, observations=(LINK,), uses=(BOOK,))
    with closing(open_ledger(tmp_path / "douane.db")) as made:
        yield made


@pytest.mark.parametrize(
    ("since", "until", "seen"),
    [
        (None, None, True),
        (500.0, 1500.0, True),
        (1500.0, 1800.0, True),
        (2000.0, None, True),
        (2000.5, None, False),
        (None, 1000.0, False),
    ],
)
def test_an_observation_is_of_every_period_that_its_first_and_last_time_reach_into(
    db: sqlite3.Connection, since: float | None, until: float | None, seen: bool
) -> None:
    found = read_observations(db, "crm", *(None if at is None else iso(at) for at in (since, until)))
    assert [(one.name, one.count) for one in found] == ([(LINK.name, 2)] if seen else [])


def test_a_use_after_the_period_counts_where_its_tool_was_called_in_it(db: sqlite3.Connection) -> None:
    assert [one.calls for one in read_uses(db, "crm")] == [2]
    assert read_uses(db, "crm", iso(2000.5)) == []
    assert read_uses(db, "crm", None, iso(1500.0), {"other"}) == []
    assert [one.calls for one in read_uses(db, "crm", None, iso(1500.0), {"book"})] == [2]
    assert [one.calls for one in read_uses(db, "crm", iso(1500.0), iso(2000.5))] == [2]
