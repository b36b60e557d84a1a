"""The documentation names every key of the JSON report."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from douane.reports import json_
from douane.reports.kinds import kinds
from douane.reports.model import Summary

DOCS = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
BY_NAME = {"protocols", "detectors"}
"""Objects whose keys are names from the ledger."""


def keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            if key not in BY_NAME:
                yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_every_key_of_the_json_report_is_documented(summaries: dict[str, Summary]) -> None:
    named = set(re.findall(r"`([\w.]+)`", DOCS))
    assert set(keys(json_.document(summaries["demo"]))) - named == set()


def test_the_schema_documented_is_the_schema_written(summaries: dict[str, Summary]) -> None:
    assert f"## JSON: `{json_.SCHEMA}`" in DOCS
    assert json_.document(summaries["one"])["schema"] == json_.SCHEMA


def test_every_kind_of_document_in_the_docs_is_made_in_the_formats_that_they_name() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \|.*\| ([a-z]+(?:, [a-z]+)*) \|$", DOCS.split("## Documents")[1].split("\n## ")[0], re.MULTILINE
    )
    assert "audit" in dict(rows)
    assert {name: kinds()[name].formats for name, _ in rows} == {name: tuple(forms.split(", ")) for name, forms in rows}
