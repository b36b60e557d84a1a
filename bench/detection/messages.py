"""Labelled sets of MCP messages, opened as the pipeline opens them, and what Douane finds in them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.accuracy import message_of
from bench.detection.scoring import Prediction, ignored
from douane.audit.context import Context
from douane.audit.fields import Field, fields
from douane.audit.finding import Finding
from douane.detectors.base import Detector
from douane.detectors.registry import detect

DATA = Path(__file__).parent.parent / "data"

ABOUT: dict[str, tuple[bool, str]] = {
    "mcp-dev": (True, "written for this project; rules and word lists were written with it in view"),
    "mcp-a": (True, "written without sight of the rules: F1 0.70 at first sight; its errors were then read"),
    "mcp-b": (True, "written without sight of the rules: F1 0.86 at first sight; its errors were then read"),
    "mcp-c": (True, "written without sight of the rules: F1 0.88 at first sight; its errors were then read"),
    "mcp-d": (
        False,
        "written without sight of the rules, after the others; measured only, the map of confidences apart",
    ),
}
"""Whether rules were written with a set in view, and how it came about."""


def sets() -> list[Path]:
    """The labelled sets of the repository."""
    return sorted(DATA.glob("mcp-*.jsonl"), key=lambda path: (path.stem != "mcp-dev", path.stem))


@dataclass(frozen=True, slots=True)
class Opened:
    """A labelled line, and its message's fields and context."""

    row: dict[str, Any]
    fields: list[Field]
    context: Context


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a message, the same as predictions, and the processor time that it took."""

    opened: Opened
    findings: list[Finding]
    predictions: list[Prediction]
    seconds: float


def load(path: Path) -> list[Opened]:
    """The lines of a labelled set."""
    found: list[Opened] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            row = json.loads(line)
            message, context = message_of(row)
            found.append(Opened(row, fields(message)[0], context))
    return found


def look(opened: Opened, detectors: Sequence[Detector]) -> Look:
    """Run the detectors on a message. A detector that raises ends the measurement."""
    started = time.process_time()
    findings, gaps = detect(opened.fields, opened.context, detectors)
    seconds = time.process_time() - started
    if gaps:
        raise RuntimeError(f"{gaps[0].code} {gaps[0].detail} in {opened.row['id']}")
    return Look(opened, findings, [predicted(one) for one in findings], seconds)


def predicted(finding: Finding) -> Prediction:
    """A finding as it is scored: offsets in the string at the pointer."""
    start, end = finding.of.outer(finding.start, finding.end)
    return Prediction(pointer=finding.of.pointer, start=start, end=end, category=finding.category)


def harmless(row: dict[str, Any], pointers: set[str]) -> set[str]:
    """Those of a message's places that no label names and that the labels do not leave open."""
    named = {one["pointer"] for one in row["gold"]} | {one["pointer"] for one in row.get("ignore_categories", [])}
    return {pointer for pointer in pointers - named if not ignored(pointer, row["ignore"])}
