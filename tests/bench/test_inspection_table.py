"""The table of inspection on the page is written as the measurement writes it."""

import re
from pathlib import Path

from bench import inspection

PAGE = (Path(__file__).parents[2] / "docs" / "performance.md").read_text(encoding="utf-8")


def test_the_table_says_the_aim_and_counts_as_the_page_does() -> None:
    made = inspection.lines([(2_890, 5.0), (2_890, 10.0), (2_890, 4.0)], (9_932, 20.0))
    assert made == [
        "| sustained inspected messages a second (median of 3 runs of 2,890; aim: 400) | 578 |",
        "| drain time of a burst of 9,932 messages (497 a second) | 20.0 s |",
    ]
    for line in made:  # the page has other figures, and says the same of them
        shape = re.sub(r"\d+", r"\\d+", re.escape(line)).replace(r"aim:\ \d+", rf"aim:\ {inspection.AIM}")
        assert re.search(shape, PAGE), line
    assert f"at least {inspection.AIM} messages a second inspected" in PAGE
