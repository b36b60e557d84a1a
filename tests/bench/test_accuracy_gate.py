"""The accuracy on the labelled sets is where the committed figures say; what moved it is in the same commit."""

import subprocess
import sys
from pathlib import Path

from bench.detection import gate

ROOT = Path(__file__).parent.parent.parent


def test_accuracy_is_where_the_committed_figures_say() -> None:
    # In a process of its own: values that another test has shown must not be remembered.
    ran = subprocess.run(
        [sys.executable, "-m", "bench.detection.gate"], cwd=ROOT, capture_output=True, text=True, timeout=110
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_figure_that_moves_by_more_than_half_a_point_is_told_in_either_direction() -> None:
    kept = {"a": {"all fields": 90.0}, "b": {"all fields": 80.0}, "gone": {"all fields": 1.0}}
    now = {"a": {"all fields": 89.4}, "b": {"all fields": 80.6}, "new": {"all fields": 1.0}}
    found = gate.differences(now, kept)
    assert [line.split(":")[0] for line in found] == ["a, all fields", "b, all fields", "gone", "new"]
    assert all(gate.UPDATE in line for line in found)
    assert gate.differences({"a": {"all fields": 90.4}}, {"a": {"all fields": 90.0}}) == []
