"""The figures that a change of the detectors may not move unnoticed.

    python -m bench.detection.gate [--update]

Compares the F1 of every labelled set of the repository, in points, with bench/data/accuracy-gate.json; ends with 1
where one differs by more than `TOLERANCE`, in either direction. With --update the file is rewritten.
"""

import argparse
import json
import sys

from bench.detection.messages import DATA, load, look, sets
from bench.detection.scoring import rates, tally, total
from douane.detectors.registry import load_all, prepare

FILE = DATA / "accuracy-gate.json"
TOLERANCE = 0.5
UPDATE = "python -m bench.detection.gate --update"

type Figures = dict[str, dict[str, float]]
"""For each set the F1 of all fields and of those without `openai/*`, in points."""


def measured() -> Figures:
    """The figures now, with the detectors as they ship."""
    detectors = load_all()
    prepare(detectors)
    found: Figures = {}
    for path in sets():
        looks = (look(one, detectors) for one in load(path))
        sums = total(tally(one.opened.row, one.predictions) for one in looks)
        found[path.stem] = {
            "all fields": round(100 * rates(sums["field", ""]).f1, 2),
            "without openai/*": round(100 * rates(sums["core", ""]).f1, 2),
        }
    return found


def differences(now: Figures, kept: Figures) -> list[str]:
    """What moved by more than the tolerance, and sets that only one side has, in words."""
    found: list[str] = []
    for name in sorted(now.keys() | kept.keys()):
        if name not in now or name not in kept:
            found.append(f"{name}: {'no figure is kept' if name in now else 'the set is gone'}; run {UPDATE}")
            continue
        for what, before in kept[name].items():
            after = now[name].get(what, 0.0)
            if abs(after - before) > TOLERANCE:
                advice = "find out why" if after < before else "keep the gain"
                found.append(f"{name}, {what}: F1 {before:.2f} -> {after:.2f}; {advice}, then run {UPDATE}")
    return found


def main() -> int:
    """Compare, or update."""
    options = argparse.ArgumentParser(prog="python -m bench.detection.gate", description="hold the accuracy")
    options.add_argument("--update", action="store_true", help="keep the figures of now")
    now = measured()
    if options.parse_args().update:
        FILE.write_text(json.dumps(now, indent=2) + "\n", encoding="utf-8")
        print(json.dumps(now, indent=2))
        return 0
    found = differences(now, json.loads(FILE.read_text(encoding="utf-8")))
    print("\n".join(found) or "accuracy is where it was: " + json.dumps(now))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
