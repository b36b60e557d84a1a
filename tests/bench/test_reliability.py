"""The map of confidences: monotone, fitted by shares, and worth something on apps that it was not fitted on."""

from itertools import pairwise

import pytest

from bench.detection.reliability import Said, brier, fit, gap, held_out
from douane.detectors.confidence import confidence, mapped, shipped


def findings(score: float, count: int, right: int, apps: int = 10) -> list[Said]:
    return [Said(f"app {at % apps}", score, at % count < right) for at in range(count)]


def test_the_map_says_of_each_score_what_share_is_right() -> None:
    by = fit([*findings(0.6, 100, 50), *findings(0.8, 100, 90), *findings(0.95, 400, 396)])
    assert [low for low, _ in by] == [0.6, 0.8, 0.95]
    assert [share for _, share in by] == pytest.approx([0.5, 0.9, 0.99], abs=0.01)


def test_a_higher_score_is_never_called_less_sure() -> None:
    by = fit([*findings(0.6, 100, 80), *findings(0.8, 100, 60), *findings(0.9, 100, 95)])
    assert [low for low, _ in by] == [0.6, 0.9]
    assert all(one[1] <= other[1] for one, other in pairwise(by))


def test_a_step_rests_on_some_findings_and_is_never_certain() -> None:
    by = fit([*findings(0.6, 3, 0), *findings(0.7, 60, 60), *findings(0.99, 2, 2)])
    assert len(by) == 1
    assert by[0][1] < 1


def test_a_score_below_all_steps_is_not_raised() -> None:
    assert mapped(0.3, ((0.6, 0.7),)) == 0.3
    assert mapped(0.5, ((0.6, 0.4),)) == 0.4
    assert mapped(0.6, ((0.6, 0.7),)) == 0.7
    assert mapped(0.4, ()) == 0.4


def test_apps_that_were_left_out_are_told_better_with_the_map() -> None:
    drawn = held_out([*findings(0.6, 300, 270, apps=30), *findings(0.9, 300, 297, apps=30)])
    raw = [(score, right) for score, _, right in drawn]
    new = [(stated, right) for _, stated, right in drawn]
    assert brier(new) < brier(raw)
    assert gap(new) < gap(raw)


def test_the_map_that_ships_is_monotone() -> None:
    steps = shipped()
    assert len(steps) >= 2
    assert all(one < other and one[1] <= other[1] for one, other in pairwise(steps))
    assert 0 < confidence(0.6) < confidence(0.95) < 1
