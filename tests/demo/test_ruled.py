"""What the rules find of the sample apps is held against what was planted, and said either way."""

import sqlite3
from contextlib import closing

import pytest
from pydantic import ValidationError

from douane.demo.apps import APPS
from douane.demo.ruled import PlantedFinding, expected_findings, findings, held_against, in_words
from douane.ledger.store import Ledger

ONE = PlantedFinding(app="travel", rule="openai/undisclosed", tool="book")
OTHER = PlantedFinding(app="travel", rule="gdpr/minor", tool="book")


def test_what_was_found_missed_and_found_besides_is_told_apart() -> None:
    ruled = held_against([ONE], [OTHER])
    assert (ruled.found, ruled.missed, ruled.besides) == ((), (OTHER,), (ONE,))
    lines = in_words(ruled, ["travel"])
    assert lines == [
        "travel: no finding.",
        "Planted and not found: travel: gdpr/minor.",
        "Found and not planted: travel: openai/undisclosed.",
    ]


def test_a_rule_is_named_with_its_tools() -> None:
    two = [ONE, ONE.model_copy(update={"tool": "pay"})]
    assert in_words(held_against(two, two), ["travel"]) == ["travel: Undisclosed user data in an answer (book, pay)."]


def test_a_rule_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValidationError, match="no rule has this id"):
        PlantedFinding(app="travel", rule="openai/no-such-rule")


def test_only_known_apps_are_planted_in_and_the_one_that_is_right_is_not() -> None:
    assert {one.app for one in expected_findings()} == set(APPS) - {"library"}


def test_a_ledger_without_traffic_has_no_findings(tmp_path) -> None:
    path = tmp_path / "douane.db"
    Ledger(path).close()
    with closing(sqlite3.connect(path)) as db:
        assert findings(db, APPS) == ()
