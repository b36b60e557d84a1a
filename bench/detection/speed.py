"""`make bench-detect`: how long detection takes, beside stock Presidio on the same messages in the same run.

    python -m bench.detection.speed [--quick]

Each system runs in processes of its own, on one core and in turns; values come as they do in traffic, each distinct one
for the first time. Prints the figures and writes them into docs/performance.md; with --quick they are printed only.
"""

import argparse
import json
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench import inspection
from bench.detection import harmless_cases, id_cases, page, tables
from bench.detection.calls import opened
from bench.detection.messages import DATA, Opened, load, look

PAGE = Path(__file__).parent.parent.parent / "docs" / "performance.md"
LONG = 100_000
_GIVEN = ("Jean", "Marie", "Paul", "Anne", "Luc", "Zoé", "Karim", "Fatou", "Ngozi", "Tom", "Emma", "Ravi", "Olga")
_SURNAMES = ("Dupont", "Martin", "Kowalski", "Nguyen", "Traoré", "Smith", "Garcia", "Rossi", "Haddad", "Okafor")
_DEEDS = ("called", "wrote to", "visited", "phoned", "met", "thanked", "asked", "helped", "missed", "joined")
_WHY = ("about the invoice", "because the heating was broken", "before lunch on the terrace", "with a question")
TURNS = 3
AIM_MEAN, AIM_MEDIAN = 120, 60
AIMED_BESIDE = 2_900
"""What stock Presidio took a field, in µs, on the machine on which the aims for a field were set."""


@dataclass(frozen=True, slots=True)
class Timing:
    """One process's figures. Times of fields are processor time in µs; `median` is over messages."""

    fields: int
    mean: float
    median: float
    ninety_ninth: float
    long_seconds: float
    crowded_seconds: float
    start_seconds: float
    rss_mb: float


def measure_ours() -> Timing:
    """Douane in this process, import and models included in the start."""
    began = time.perf_counter()
    from douane.detectors.registry import load_all, prepare

    detectors = load_all()
    prepare(detectors)
    look(opened({"text": "Bonjour, je suis à Lyon avec Anna Martin."}, french=True), detectors)
    started = time.perf_counter() - began
    return _timing(lambda one: look(one, detectors), lambda one: len(one.fields), started)


def measure_stock() -> Timing:
    """Stock Presidio in this process."""
    began = time.perf_counter()
    from bench.detection.peer import Stock, strings

    stock = Stock()
    stock.find("Bonjour, je suis à Lyon avec Anna Martin.", "fr")
    stock.find("Hello from Leeds, this is Anna Martin.", "en")
    started = time.perf_counter() - began
    texts: dict[int, list[str]] = {}

    def found(one: Opened) -> None:
        for text in texts[id(one)]:
            stock.find(text, one.row["lang"])

    def count(one: Opened) -> int:
        texts[id(one)] = [text for _, text in strings(one.row["message"])]
        return len(texts[id(one)])

    return _timing(found, count, started)


def _timing(run: Callable[[Opened], Any], count: Callable[[Opened], int], started: float) -> Timing:
    for one in _others():
        count(one)
        run(one)
    each: list[float] = []
    seconds, fields = 0.0, 0
    for one in load(DATA / "mcp-dev.jsonl"):
        size = count(one)
        if not size:
            continue
        began = time.process_time()
        run(one)
        spent = time.process_time() - began
        seconds += spent
        fields += size
        each.append(spent / size * 1e6)
    return Timing(
        fields,
        seconds / fields * 1e6,
        statistics.median(each),
        statistics.quantiles(each, n=100)[98],
        _spent(long_text(), run, count),
        _spent(crowded_text(), run, count),
        started,
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024 * 1024),
    )


def _spent(text: str, run: Callable[[Opened], Any], count: Callable[[Opened], int]) -> float:
    """Processor time of one long text, in seconds."""
    long = opened({"text": text})
    count(long)
    began = time.process_time()
    run(long)
    return time.process_time() - began


def _others() -> Iterator[Opened]:
    """Messages with other values: what compiles or loads when first needed is not counted, what remembers values is."""
    for asked, answered in inspection.messages(30, seed=999):
        yield opened(asked["params"]["arguments"])
        yield opened(answered["result"]["structuredContent"], answer=True)
    for quiet in harmless_cases.cases(each=2):
        yield opened(quiet.given, french=quiet.french, answer=quiet.answer)
    for found in id_cases.cases(each=2):
        yield opened(found.given, french=found.french)


def long_text(size: int = LONG) -> str:
    """`size` characters of English and French, none twice, in every second sentence one of a hundred known people."""
    made: list[str] = []
    length = 0
    for number, (asked, _) in enumerate(inspection.messages(size)):
        given = asked["params"]["arguments"]
        line = (
            f"{number}. {given['name']} wrote from {given['city']} on {given['date']}: {given['note']}. "
            f"Le dossier {number * 7} a été transmis au service concerné, qui répondra sous {number % 30} jours.\n"
        )
        made.append(line)
        length += len(line)
        if length >= size:
            break
    return "".join(made)[:size]


def crowded_text(size: int = LONG) -> str:
    """`size` characters with two people in each sentence whose surnames no list has: the tagger reads all of it."""
    chance = random.Random(7)
    made: list[str] = []
    length = 0
    while length < size:
        one, other = (f"{chance.choice(_GIVEN)} {chance.choice(_SURNAMES)}{chance.choice('abcdefghjk')}" for _ in "ab")
        line = f"{one} {chance.choice(_DEEDS)} {other} {chance.choice(_WHY)} at {chance.randint(1, 12)} o'clock. "
        made.append(line)
        length += len(line)
    return "".join(made)[:size]


def _child(who: str) -> Timing:
    one_core = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    ran = subprocess.run(
        [sys.executable, "-m", "bench.detection.speed", who],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **one_core},
        cwd=PAGE.parent.parent,
    )
    return Timing(**json.loads(ran.stdout.splitlines()[-1]))


def _middle(turns: list[Timing], name: str) -> float:
    values: list[float] = [getattr(one, name) for one in turns]
    return statistics.median(values)


def report(*, quick: bool) -> list[str]:
    """Measure in turns and return the section's lines."""
    ours: list[Timing] = []
    theirs: list[Timing] = []
    for _ in range(1 if quick else TURNS):
        ours.append(_child("--ours"))
        theirs.append(_child("--stock"))
    lines = [
        f"Measured {datetime.now(UTC):%Y-%m-%d} on one core of {os.cpu_count()}, {platform.system()}, "
        f"CPython {platform.python_version()}, median of {len(ours)} turns, load average {os.getloadavg()[0]:.1f}. "
        f"{ours[0].fields} opened fields of `mcp-dev` (numbers, keys and what is nested in texts included) "
        f"against the {theirs[0].fields} strings that stock Presidio is given.",
        "",
        *tables.head("what", "Douane", "stock Presidio", "Presidio ÷ Douane", "aim"),
    ]

    def row(title: str, name: str, form: str, aim: str) -> None:
        mine, other = _middle(ours, name), _middle(theirs, name)
        lines.append(tables.cells(title, form.format(mine), form.format(other), f"**{other / mine:.1f} ×**", aim))

    row("a field, mean", "mean", "{:,.0f} µs", f"≤ {AIM_MEAN} µs, > 20 ×")
    row("a field, median over messages", "median", "{:,.0f} µs", f"≤ {AIM_MEDIAN} µs")
    row("a field, 99th percentile of messages", "ninety_ninth", "{:,.0f} µs", "")
    row(f"{LONG // 1000} kB of free text, a person in every second sentence", "long_seconds", "{:.2f} s", "≤ 2 s")
    row(f"{LONG // 1000} kB of free text, two unknown people in each sentence", "crowded_seconds", "{:.2f} s", "≤ 2 s")
    row("start, models loaded", "start_seconds", "{:.2f} s", "≤ 2 s")
    row("memory, at most", "rss_mb", "{:,.0f} MB", "≤ 350 MB")
    runs = [inspection.drain(500 if quick else 1_500, seed=seed) for seed in range(1, 2 if quick else 4)]
    rate = statistics.median(count / seconds for count, seconds in runs)
    lines.append(tables.cells("messages inspected a second, sustained", f"{rate:,.0f}", "–", "–", "≥ 400"))
    lines += ["", scaled(_middle(theirs, "mean"))]
    return lines


def scaled(stock: float) -> str:
    """What the aims for a field are where stock Presidio takes `stock` µs a field, in words."""
    scale = stock / AIMED_BESIDE
    return (
        f"The aims for a field were set on a machine on which stock Presidio took about {AIMED_BESIDE:,} µs a "
        f"field. In this run it took {stock:,.0f} µs, {scale:.2f} times as long: at that scale {AIM_MEAN} and "
        f"{AIM_MEDIAN} µs there are {AIM_MEAN * scale:,.0f} and {AIM_MEDIAN * scale:,.0f} µs here."
    )


def main() -> int:
    """Measure as the parent, or one system as a child."""
    options = argparse.ArgumentParser(
        prog="python -m bench.detection.speed", description="measure how long detection takes"
    )
    options.add_argument("--quick", action="store_true", help="one turn each, and print the figures only")
    alone = options.add_mutually_exclusive_group()
    alone.add_argument("--ours", action="store_true", help="measure Douane in this process, and print JSON")
    alone.add_argument("--stock", action="store_true", help="measure stock Presidio in this process, and print JSON")
    given = options.parse_args()
    if given.ours or given.stock:
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        print(json.dumps(asdict(measure_ours() if given.ours else measure_stock())))
        return 0
    quick: bool = given.quick
    lines = report(quick=quick)
    print("\n".join(lines))
    if not quick:
        page.write(PAGE, {"detection": lines}, "make bench-detect")
    return 0


if __name__ == "__main__":
    sys.exit(main())
