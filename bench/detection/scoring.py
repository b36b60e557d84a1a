"""Right and wrong by the labelling rules, counted per message so that intervals can be drawn.

The rules are those of `bench/data/score.py.txt`, the scorer that came with the labels; a test holds both to the same
figures. A unit is a category at a pointer: a predicted one is right when the field has a label of the same category or
of one above or below it (two segments shared at the least).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypedDict

import numpy as np

from douane.audit import taxonomy

type Key = tuple[str, str]
"""A table and a row in it: `("lang", "fr")`."""

type Tally = dict[Key, list[int]]
"""For each key: right predictions, predictions, labels found, labels."""

FIELD: Key = ("field", "")
CORE: Key = ("core", "")
SPAN: Key = ("span", "")
_META = "/_meta/openai~1"


class Prediction(TypedDict):
    """What was found: offsets in the string at the pointer."""

    pointer: str
    start: int
    end: int
    category: str


def near(one: str, other: str) -> bool:
    """Whether one category is the other or lies within it, two segments at the least being shared."""
    if one == other:
        return True
    short, long = (one, other) if len(one) < len(other) else (other, one)
    return short.count(".") >= 1 and long.startswith(short + ".")


def ignored(pointer: str, ignore: Iterable[str]) -> bool:
    """Whether a pointer is, or lies under, one that is not scored."""
    return any(pointer == at or pointer.startswith(at + "/") for at in ignore)


@cache
def is_special(category: str) -> bool:
    """Whether a category is one of article 9 or 10 of the GDPR."""
    return not {"art9", "art10"}.isdisjoint(taxonomy.flags(category))


def counted(row: Mapping[str, Any], predictions: Iterable[Prediction]) -> list[Prediction]:
    """The predictions that are scored: not those where nothing is, nor those that the labels leave open."""
    soft = [(one["pointer"], one["category"]) for one in row.get("ignore_categories", [])]
    kept: list[Prediction] = []
    for one in predictions:
        at, category = one["pointer"], one["category"]
        if ignored(at, row["ignore"]):
            continue
        labelled = any(at == gold["pointer"] and near(category, gold["category"]) for gold in row["gold"])
        if not labelled and any(at == pointer and near(category, kind) for pointer, kind in soft):
            continue
        kept.append(one)
    return kept


def tally(row: Mapping[str, Any], predictions: Iterable[Prediction]) -> Tally:
    """The counts of one labelled message."""
    counts: Tally = defaultdict(lambda: [0, 0, 0, 0])
    kept = counted(row, predictions)
    gold: defaultdict[str, list[str]] = defaultdict(list)
    for one in row["gold"]:
        gold[one["pointer"]].append(one["category"])
    lang = row["lang"]
    base: list[Key] = [
        FIELD,
        ("lang", lang),
        ("direction", row["direction"]),
        ("kind", row["message"].get("method", "result")),
    ]

    def add(index: int, pointer: str, category: str) -> None:
        keys = [*base, ("category", category)]
        if _META not in pointer:
            keys += [CORE, ("core lang", lang), ("core direction", row["direction"])]
        if is_special(category):
            keys.append(("group", "special"))
        for key in keys:
            counts[key][index] += 1

    units = {(one["pointer"], one["category"]) for one in kept}
    for pointer, category in units:
        hits = [label for label in gold.get(pointer, []) if near(category, label)]
        named = category if category in hits or not hits else hits[0]
        add(1, pointer, named)
        if hits:
            add(0, pointer, named)
    for pointer, category in {(pointer, label) for pointer, labels in gold.items() for label in labels}:
        add(3, pointer, category)
        if any(pointer == at and near(category, found) for at, found in units):
            add(2, pointer, category)
    spans = {(one["pointer"], one["start"], one["end"], one["category"]) for one in kept}
    labels = [(one["pointer"], one["start"], one["end"], one["category"]) for one in row["gold"]]
    counts[SPAN][1] += len(spans)
    counts[SPAN][0] += sum(any(_overlap(span, label) for label in labels) for span in spans)
    counts[SPAN][3] += len(labels)
    counts[SPAN][2] += sum(any(_overlap(label, span) for span in spans) for label in labels)
    exact = {(pointer, start, end) for pointer, start, end, _ in spans}
    counts["exact", ""][1] += len(exact)
    places = {(pointer, start, end) for pointer, start, end, _ in labels}
    counts["exact", ""][0] += len(exact & places)
    counts["exact", ""][3] += len(places)
    counts["exact", ""][2] += len(exact & places)
    return dict(counts)


type _Span = tuple[str, int, int, str]


def _overlap(one: _Span, other: _Span) -> bool:
    return one[0] == other[0] and near(one[3], other[3]) and one[1] < other[2] and other[1] < one[2]


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and an F measure, the bounds of its 95 % interval, and what they were counted on."""

    precision: float
    recall: float
    f1: float
    predicted: int
    correct: int
    gold: int
    found: int
    low: float = 0.0
    high: float = 0.0
    precision_low: float = 0.0
    precision_high: float = 0.0
    recall_low: float = 0.0
    recall_high: float = 0.0


def rates(counts: Sequence[int], beta: float = 1.0) -> Rates:
    """The rates of a key's four counts; 0 where nothing was predicted or labelled."""
    correct, predicted, found, gold = counts
    precision = correct / predicted if predicted else 0.0
    recall = found / gold if gold else 0.0
    return Rates(precision, recall, _f(precision, recall, beta), predicted, correct, gold, found)


def _f(precision: float, recall: float, beta: float) -> float:
    weight = beta * beta
    return (1 + weight) * precision * recall / (weight * precision + recall) if precision + recall else 0.0


def total(tallies: Iterable[Tally]) -> dict[Key, list[int]]:
    """The counts of all messages together."""
    sums: dict[Key, list[int]] = {}
    for one in tallies:
        for key, counts in one.items():
            into = sums.setdefault(key, [0, 0, 0, 0])
            for at, count in enumerate(counts):
                into[at] += count
    return sums


def intervals(
    tallies: Sequence[Tally], *, beta: float = 1.0, rounds: int = 1000, seed: int = 20261122
) -> dict[Key, Rates]:
    """The rates of each key with the 95 % interval of the percentile bootstrap: messages resampled, seed fixed."""
    sums = total(tallies)
    keys = sorted(sums)
    if not keys:
        return {}
    columns = {key: at for at, key in enumerate(keys)}
    table = np.zeros((len(tallies), len(keys), 4))
    for row, one in enumerate(tallies):
        for key, counts in one.items():
            table[row, columns[key]] = counts
    chance = np.random.default_rng(seed)
    drawn = chance.multinomial(len(tallies), np.full(len(tallies), 1 / len(tallies)), size=rounds)
    again = (drawn.astype(float) @ table.reshape(len(tallies), -1)).reshape(rounds, len(keys), 4)
    made: dict[Key, Rates] = {}
    for at, key in enumerate(keys):
        point = rates(sums[key], beta)
        correct, predicted, found, gold = (again[:, at, column] for column in range(4))
        # A resample without a label or a prediction of this kind says nothing of it.
        precision, recall = correct[predicted > 0] / predicted[predicted > 0], found[gold > 0] / gold[gold > 0]
        some = gold > 0
        weight = beta * beta
        # F is (1 + w) P R / (w P + R); with nothing predicted it is 0.
        right = np.divide(correct, predicted, out=np.zeros(rounds), where=predicted > 0)[some]
        below = weight * right + recall
        measure = np.divide((1 + weight) * right * recall, below, out=np.zeros(below.shape), where=below > 0)
        low, high = _bounds(measure)
        precision_low, precision_high = _bounds(precision)
        recall_low, recall_high = _bounds(recall)
        made[key] = replace(
            point,
            low=low,
            high=high,
            precision_low=precision_low,
            precision_high=precision_high,
            recall_low=recall_low,
            recall_high=recall_high,
        )
    return made


def _bounds(values: "np.ndarray[Any, np.dtype[np.float64]]") -> tuple[float, float]:
    if not values.size:
        return 0.0, 0.0
    low, high = np.percentile(values, (2.5, 97.5))
    return float(low), float(high)


def share(flagged: int, of: int, *, z: float = 1.96) -> tuple[float, float, float]:
    """A share and its 95 % interval after Wilson: fit for shares near 0 and 1."""
    if not of:
        return 0.0, 0.0, 0.0
    rate = flagged / of
    middle = (rate + z * z / (2 * of)) / (1 + z * z / of)
    half = z * (rate * (1 - rate) / of + z * z / (4 * of * of)) ** 0.5 / (1 + z * z / of)
    return rate, max(0.0, middle - half), min(1.0, middle + half)


def as_reference(tallies: Iterable[Tally]) -> dict[str, Any]:
    """The same figures in the shape in which the reference scorer gives them."""
    sums = total(tallies)

    def row(key: Key) -> dict[str, float | int]:
        one = rates(sums.get(key, [0, 0, 0, 0]))
        return {
            "precision": round(one.precision, 4),
            "recall": round(one.recall, 4),
            "f1": round(one.f1, 4),
            "predicted": one.predicted,
            "correct": one.correct,
            "gold": one.gold,
            "found": one.found,
        }

    def table(name: str) -> dict[str, dict[str, float | int]]:
        return {key[1]: row(key) for key in sorted(sums) if key[0] == name}

    return {
        "micro": row(FIELD),
        "micro_without_openai_meta": row(CORE),
        "span_overlap": row(SPAN),
        "by_lang": table("lang"),
        "by_direction": table("direction"),
        "by_kind": table("kind"),
        "by_category": table("category"),
    }
