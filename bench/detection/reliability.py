"""Whether a stated confidence is how often the finding is right, and the map that makes it so.

    python -m bench.detection.reliability [--update]

A finding is right when its field has a label of its category, one above or one below it; ChatGPT's own `openai/*`
fields are left out. The map is the monotone one of least squares (pool adjacent violators) on the sets that no rule
was written with in view. What it is worth is measured on apps that it was not fitted on. With --update the map is
written into detectors/data/confidence.toml.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from bench.detection import tables
from bench.detection.messages import ABOUT, DATA, Opened, load, predicted, sets
from bench.detection.scoring import Prediction, counted, near
from douane.audit.finding import Finding
from douane.detectors.base import Detector
from douane.detectors.confidence import Map, mapped
from douane.detectors.registry import load_all, prepare, settled

FILE = DATA.parent.parent / "detectors" / "data" / "confidence.toml"
FOLDS = 5
_EDGES = (0.0, 0.7, 0.8, 0.85, 0.9, 0.95, 1.01)
_META = "/_meta/openai~1"
_LEAST = 25
"""Findings that a step of the map rests on at the least."""


class Said(NamedTuple):
    """One finding: its app, its rule's score, and whether it is right."""

    app: str
    score: float
    right: bool


def said(opened: Opened, findings: Sequence[Finding]) -> list[Said]:
    """The findings in a labelled message that are scored, each category at a place once."""
    scores: dict[tuple[str, int, int, str], float] = {}
    predictions: list[Prediction] = []
    for finding in findings:
        one = predicted(finding)
        predictions.append(one)
        scores[_key(one)] = max(scores.get(_key(one), 0.0), finding.score)
    found: list[Said] = []
    for one in counted(opened.row, predictions):
        score = None if _META in one["pointer"] else scores.pop(_key(one), None)
        if score is not None:
            gold = [label["category"] for label in opened.row["gold"] if label["pointer"] == one["pointer"]]
            found.append(Said(opened.row["app"], score, any(near(one["category"], label) for label in gold)))
    return found


def _key(one: Prediction) -> tuple[str, int, int, str]:
    return one["pointer"], one["start"], one["end"], one["category"]


def of_set(path: Path, detectors: Sequence[Detector]) -> list[Said]:
    """The findings of a labelled set, with the scores of the rules."""
    return [found for one in load(path) for found in said(one, settled(one.fields, one.context, detectors)[0])]


def fit(findings: Sequence[Said]) -> Map:
    """The monotone map of least squares from scores to shares of right findings; empty without findings."""
    counts: dict[float, list[int]] = {}
    for one in findings:
        of = counts.setdefault(one.score, [0, 0])
        of[0] += 1
        of[1] += one.right
    blocks: list[tuple[float, int, int]] = []
    for score in sorted(counts):
        count, right = counts[score]
        low = score
        while blocks and (blocks[-1][1] < _LEAST or blocks[-1][2] * count >= right * blocks[-1][1]):
            low, more, of_these = blocks.pop()
            count, right = count + more, right + of_these
        blocks.append((low, count, right))
    while len(blocks) > 1 and blocks[-1][1] < _LEAST:
        _, count, right = blocks.pop()
        low, more, of_these = blocks.pop()
        blocks.append((low, count + more, right + of_these))
    steps: list[tuple[float, float]] = []
    for low, count, right in blocks:
        # One right and one wrong more: a share of few is no certainty (Laplace).
        share = round((right + 1) / (count + 2), 3)
        steps.append((round(low, 3), max(share, steps[-1][1] if steps else 0.0)))
    return tuple(steps)


def held_out(findings: Sequence[Said]) -> list[tuple[float, float, bool]]:
    """Each finding's score, what a map fitted on other apps makes of it, and whether it is right."""
    out: list[tuple[float, float, bool]] = []
    for fold in range(FOLDS):
        by = fit([one for one in findings if _fold(one) != fold])
        out += [(one.score, mapped(one.score, by), one.right) for one in findings if _fold(one) == fold]
    return out


def _fold(one: Said) -> int:
    return crc32(one.app.encode()) % FOLDS


def brier(pairs: Iterable[tuple[float, bool]]) -> float:
    """The mean square of confidence less outcome."""
    each = [(stated - right) ** 2 for stated, right in pairs]
    return sum(each) / len(each) if each else 0.0


def gap(pairs: Sequence[tuple[float, bool]]) -> float:
    """The mean difference of what is stated and what is right, by steps of confidence (expected calibration error)."""
    total = 0.0
    for low, high in pairwise(_EDGES):
        here = [one for one in pairs if low <= one[0] < high]
        total += abs(sum(stated for stated, _ in here) - sum(right for _, right in here))
    return total / len(pairs) if pairs else 0.0


def unseen() -> list[Path]:
    """The sets that no rule was written with in view."""
    return [path for path in sets() if not ABOUT.get(path.stem, (True, ""))[0]]


def report(detectors: Sequence[Detector]) -> list[str]:
    """The page's section: by step of score what is right, and the two measures without and with the map."""
    fresh = [one for path in unseen() for one in of_set(path, detectors)]
    seen = [one for path in sets() if path not in unseen() for one in of_set(path, detectors)]
    drawn = held_out(fresh)
    lines = tables.head(
        "score of the rule",
        "findings, unseen set",
        "right",
        "stated, apps held out",
        "findings, sets in view",
        "right ",
    )
    for low, high in pairwise(_EDGES):
        here = [one for one in drawn if low <= one[0] < high]
        others = [one for one in seen if low <= one.score < high]
        lines.append(
            tables.cells(
                f"{low:.2f} – {min(high, 1.0):.2f}" if low else f"below {high:.2f}",
                str(len(here)),
                _mean([right for _, _, right in here]),
                _mean([stated for _, stated, _ in here]),
                str(len(others)),
                _mean([one.right for one in others]),
            )
        )
    raw = [(score, right) for score, _, right in drawn]
    new = [(stated, right) for _, stated, right in drawn]
    lines += ["", *tables.head("measured on the unseen set, apps held out", "score of the rule", "stated")]
    lines.append(tables.cells("mean difference of stated and right", f"{gap(raw):.3f}", f"{gap(new):.3f}"))
    lines.append(tables.cells("Brier score", f"{brier(raw):.4f}", f"{brier(new):.4f}"))
    return lines


def _mean(values: Sequence[float]) -> str:
    return f"{sum(values) / len(values):.3f}" if values else "–"


def main() -> int:
    """Print the tables; with --update fit the map on all apps and write it."""
    detectors = load_all()
    prepare(detectors)
    print("\n".join(report(detectors)))
    if "--update" in sys.argv:
        steps = fit([one for path in unseen() for one in of_set(path, detectors)])
        FILE.write_text(
            "# Written by `python -m bench.detection.reliability --update`: from a rule's score on, the share of\n"
            "# right findings on labelled messages that no rule was written with in view.\n"
            f"steps = {json.dumps([list(step) for step in steps])}\n",
            encoding="utf-8",
        )
        print(FILE.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
