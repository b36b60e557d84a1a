"""Examples to arrays: pieces, features, labels, and which word a piece is of; and the changes made while training."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from corpora import Example
from features import wordpiece
from model import LABELS

SKIP = -100
LONGEST = 128
"""Pieces of a window, the opening mark included."""
CLS = 101
_BY_NAME = {label: at for at, label in enumerate(LABELS)}
_LIST_BITS, _GAPS = wordpiece.LISTS, wordpiece.GAPS


@dataclass
class Row:
    """One window of an example."""

    pieces: np.ndarray
    features: np.ndarray
    labels: np.ndarray
    words: np.ndarray
    weight: float
    synthetic: bool


def common_words(examples: Sequence[Example], least: int = 15) -> list[str]:
    """Folded words that stand in lower case outside every entity at least so many times."""
    seen: Counter[str] = Counter()
    for example in examples:
        entity = [False] * (len(example.text) + 1)
        for start, end, _ in example.spans:
            entity[start:end] = [True] * (end - start)
        for token in example.text.split():
            if token.islower():
                seen[wordpiece.folded(token.strip(".,;:!?()\"'"))] += 1
    return [word for word, count in seen.items() if count >= least and word]


def rows(examples: Sequence[Example], reader: wordpiece.Wordpiece) -> Iterator[Row]:
    """The windows of the examples, cut between words."""
    for example in examples:
        words = reader.words(example.text)
        tags = _tags(example, words)
        at = 0
        while at < len(words):
            pieces, features, labels, index = [CLS], [0], [SKIP], [-1]
            while at < len(words) and len(pieces) + len(words[at].pieces) <= LONGEST:
                word = words[at]
                pieces += word.pieces
                features += [word.feature] * len(word.pieces)
                labels += [tags[at]] + [SKIP] * (len(word.pieces) - 1)
                index += [at] * len(word.pieces)
                at += 1
            yield Row(
                np.array(pieces, np.int32),
                np.array(features, np.int32),
                np.array(labels, np.int64),
                np.array(index, np.int32),
                example.weight,
                example.source == "synthetic",
            )


def _tags(example: Example, words: Sequence[wordpiece.Word]) -> list[int]:
    tags: list[int] = []
    owner: list[int] = []
    for word in words:
        tag, of = 0, -1
        for number, (start, end, kind) in enumerate(example.spans):
            if word.start < end and start < word.end:
                begins = of != number and (not owner or owner[-1] != number)
                tag, of = _BY_NAME[f"{'B' if begins else 'I'}-{kind}"], number
                break
        if tag == 0 and any(word.start < end and start < word.end for start, end in example.unknown):
            tag = SKIP
        tags.append(tag)
        owner.append(of)
    return tags


def changed(row: Row, rng: np.random.Generator) -> np.ndarray:
    """The row's features with letter case and list membership shaken, so that the tagger leans on neither."""
    features = row.features.copy()
    case, rest = np.divmod(features, _GAPS * _LIST_BITS)
    gap, lists = np.divmod(rest, _LIST_BITS)
    if not row.synthetic:
        draw = rng.random()
        letters = (case >= wordpiece.LOWER) & (case <= wordpiece.MIXED) | (case == wordpiece.INITIAL)
        if draw < 0.10:
            case = np.where(letters, wordpiece.LOWER, case)
        elif draw < 0.15:
            case = np.where(letters & (case != wordpiece.INITIAL), wordpiece.UPPER, case)
        elif draw < 0.18:
            case = np.where(letters & (case == wordpiece.LOWER), wordpiece.TITLE, case)
    if rng.random() < 0.15:
        lists = np.zeros_like(lists)
    else:
        chance = rng.random(int(row.words.max()) + 2)[row.words]
        lists = np.where(chance < 0.18, 0, lists)
        lists = np.where((chance > 0.985) & (row.words >= 0), rng.integers(1, _LIST_BITS), lists)
    return (case * _GAPS + gap) * _LIST_BITS + lists


def batches(
    data: Sequence[Row], rng: np.random.Generator, tokens: int, *, shake: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """One pass over the rows in batches of like length: pieces, features, mask, labels, weights."""
    order = rng.permutation(len(data))
    groups: list[list[int]] = []
    pool = 4096
    for start in range(0, len(order), pool):
        part = sorted(order[start : start + pool], key=lambda at: len(data[at].pieces))
        group: list[int] = []
        for at in part:
            if group and (len(group) + 1) * len(data[at].pieces) > tokens:
                groups.append(group)
                group = []
            group.append(at)
        groups.append(group)
    for number in rng.permutation(len(groups)):
        members = [data[at] for at in groups[number]]
        length = max(len(row.pieces) for row in members)
        shape = (len(members), length)
        pieces, features = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        mask, labels = np.zeros(shape, bool), np.full(shape, SKIP, np.int64)
        for at, row in enumerate(members):
            size = len(row.pieces)
            pieces[at, :size] = row.pieces
            features[at, :size] = changed(row, rng) if shake else row.features
            mask[at, :size] = True
            labels[at, :size] = row.labels
        yield pieces, features, mask, labels, np.array([row.weight for row in members], np.float32)
