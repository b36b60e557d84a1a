"""The table of aims is read from the page's own tables, and says where an aim is missed."""

from pathlib import Path

from bench.detection import aims

PAGE = (Path(__file__).parent.parent.parent / "docs" / "accuracy.md").read_text(encoding="utf-8")


def test_the_table_in_the_page_is_what_its_tables_say() -> None:
    lines = aims.table(PAGE)
    assert len(lines) == 2 + len(aims.AIMS)
    assert "\n".join(lines) in PAGE


def test_an_aim_that_is_missed_is_told() -> None:
    page = """
### `mcp-d`

| what is counted | precision | recall | F1 |
| --- | ---: | ---: | ---: |
| fields, `openai/*` left out | 0.939 (0.913–0.960) | 0.918 (0.889–0.944) | 0.891 (0.880–0.900) |

## Harmless fields

| string fields | flagged by Douane |
| --- | ---: |
| **`mcp-d`, not in view** | 5 of 1000: 0.50% (0.21%–1.16%) |
"""
    assert [line.split(" | ")[1:] for line in aims.table(page)[2:]] == [["0.891", "**no** |"], ["0.005", "yes |"]]


def test_an_aim_for_each_language_is_not_told_from_one() -> None:
    page = """
### `mcp-d`

| what is counted | precision | recall | F1 |
| --- | ---: | ---: | ---: |
| … English | 0.939 | 0.918 | 0.950 |
"""
    assert aims.table(page)[2:] == []
    both = page + "| … French | 0.939 | 0.918 | 0.870 |\n"
    assert [line.split(" | ")[1:] for line in aims.table(both)[2:]] == [["0.950; 0.870", "**no** |"]]


def test_the_table_says_that_rounded_figures_are_judged() -> None:
    assert "measured, as printed" in aims.table(PAGE)[0]
