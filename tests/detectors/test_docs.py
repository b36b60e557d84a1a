"""Every detector has its line in the docs."""

from pathlib import Path

from douane.detectors.registry import load_all

TEXT = (Path(__file__).parents[2] / "docs" / "detectors.md").read_text(encoding="utf-8")


def test_every_detector_has_its_line_and_no_line_is_left_over() -> None:
    lines = [
        tuple(cell.strip() for cell in row.strip("|").split("|")) for row in TEXT.splitlines() if row.startswith("| `")
    ]
    assert [(name, title) for name, title, _ in lines] == [(f"`{one.name}`", one.title) for one in load_all()]
    assert all(says for _, _, says in lines)
