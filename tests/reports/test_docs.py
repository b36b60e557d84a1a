"""The documentation names every key of the JSON report."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from douane.reports import json_
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
