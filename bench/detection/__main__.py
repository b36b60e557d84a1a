"""`make accuracy`: how well detection finds and how quiet it stays, beside stock Presidio in the same run.

    python -m bench.detection [--corpora FOLDER] [--only PART ...] [--print]

Writes docs/accuracy.md. Corpora that are not the project's own are looked for in FOLDER or in the folder that the
variable DOUANE_CORPORA names; parts whose corpus is absent stay in the page as they were last measured.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.detection import aims, generated, labelled, page, reliability, texts
from bench.detection.messages import DATA, sets
from bench.detection.peer import Stock
from douane.detectors.base import Detector
from douane.detectors.registry import load_all, prepare

PAGE = Path(__file__).parent.parent.parent / "docs" / "accuracy.md"
PARTS = ("labelled", "confidence", "harmless", "identifiers", "secrets", "prose", "synthetic", "names")
MADE_BY = "make accuracy"


def main() -> int:
    """Measure the parts, print them, and write them down."""
    options = argparse.ArgumentParser(prog="python -m bench.detection", description="measure detection")
    options.add_argument("--corpora", type=Path, default=_from_environment(), help="folder with ner/ and pii/")
    options.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="parts to measure")
    options.add_argument("--print", action="store_true", help="print the figures and leave the page alone")
    given = options.parse_args()
    detectors = load_all()
    prepare(detectors)
    stock = Stock()
    sections: dict[str, list[str]] = {}
    measured = []
    if {"labelled", "harmless"} & set(given.only):
        for path in sets():
            _say(f"messages of {path.stem}")
            measured.append(labelled.measure(path, detectors, stock))
    if "labelled" in given.only:
        sections["sets"] = labelled.listing(measured)
        sections["labelled"] = [line for one in measured for line in labelled.overview(one)]
        sections["errors"] = labelled.analysis(measured)
    if "confidence" in given.only:
        _say("confidence")
        sections["confidence"] = reliability.report(detectors)
    if "harmless" in given.only:
        _say("harmless fields")
        sections["harmless"] = generated.quiet(measured, detectors, stock)
    if "identifiers" in given.only:
        _say("identifiers")
        sections["identifiers"] = generated.identifiers(detectors, stock)
    if "secrets" in given.only:
        _say("secrets")
        sections["secrets"] = generated.secrets(detectors)
    if "prose" in given.only:
        _say("own prose")
        sections["prose"] = texts.own(DATA, detectors, stock)
    _corpora(given.corpora, given.only, sections, detectors, stock)
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    for lines in sections.values():
        lines += ["", f"*Measured {today}.*"]
    for name, lines in sections.items():
        print(f"\n== {name}\n" + "\n".join(lines))
    if not given.print:
        page.write(PAGE, sections, MADE_BY)
        page.write(PAGE, {"aims": aims.table(PAGE.read_text(encoding="utf-8"))}, MADE_BY)
        _say(f"wrote {', '.join(sections)} into {PAGE.name}")
    return 0


def _corpora(
    corpora: Path | None,
    only: Sequence[str],
    sections: dict[str, list[str]],
    detectors: Sequence[Detector],
    stock: Stock,
) -> None:
    """The parts on texts that are not the project's own."""
    wanted = {"synthetic", "names"} & set(only)
    if not wanted:
        return
    if corpora is None:
        _say(
            "left as they were, since neither --corpora nor DOUANE_CORPORA names a folder: " + ", ".join(sorted(wanted))
        )
        return
    model = texts.tagger()
    if "synthetic" in only:
        if (corpora / texts.SYNTHETIC).exists():
            _say("Presidio's synthetic set")
            sections["synthetic"] = texts.synthetic(corpora, detectors, stock)
        else:
            _say(f"left as it was, since {texts.SYNTHETIC.name} is absent: synthetic")
    if "names" in only:
        present = [path for _, path, _ in texts.NAMES if (corpora / path).exists()]
        if model is None:
            _say("left as it was, since the package holds no name tagger yet: names")
        elif len(present) < len(texts.NAMES):
            _say("left as it was, since a set of names is absent: names")
        else:
            _say("sets of names")
            sections["names"] = texts.names(corpora, model, stock)


def _from_environment() -> Path | None:
    named = os.environ.get("DOUANE_CORPORA", "")
    return Path(named) if named else None


def _say(line: str) -> None:
    print(f"[{time.process_time():6.1f} s] {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
