"""Names of people, places and organisations, addresses, dates in English and French text, by a small neural tagger.

The only importer of onnxruntime, and only when a `Tagger` is made. What the tagger is, was trained on and gets wrong
stands in docs/ner-model-card.md.
"""

import json
import math
import os
import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from douane.detectors.wordpiece import (
    DIGITS,
    GAPS,
    GIVEN,
    LISTS,
    LOWER,
    NEW_LINE,
    NO_LETTERS,
    Lists,
    Word,
    Wordpiece,
)
from douane.detectors.words import word_set

_PACKAGED = Path(__file__).parent / "data" / "ner"
_CLS = 101
_BATCH = 512
"""Pieces given to the network at once, padding included: its memory grows with them."""
_PADDING = 4
"""Pieces of padding that cost about as much as asking the network once more."""
_OVERLAP = 16
"""Words that two windows of one sentence share."""
_SHORTEST = 6
"""Words of a sentence before a mark may end it: an initial or a civility has a full stop too."""
_PLAIN = frozenset({NO_LETTERS, LOWER, DIGITS})
_CIVILITIES = word_set(
    """
    mr mrs ms miss mx dr prof professor sir madam mme mlle mmes mlles m mm me pr monsieur madame mademoiselle maitre
    maître docteur docteure professeur professeure doctor messieurs mesdames
    """
)
_END_PIECES = frozenset({1012, 999, 1029, 1025})
"""Full stop, exclamation mark, question mark and semicolon in the vocabulary."""
_STOP = 1012
_BESIDE = 2
"""How many words further a number may stand from the name of a street or a town."""
_SHORT_LINE = 4
_REACH = 64
"""Characters within which an e-mail address is looked for."""
_LOCAL_PART = re.compile(r"[\w.+-]*@\w")
_DOMAIN = re.compile(r"\w@[\w.-]*$")
_ADDRESS = "ADDRESS"
_POSSESSIVES = frozenset(("'s", "’s", "'S", "’S"))
_BESIDE_NAMES = frozenset("'’`\"“”«»()[]<>{}.,;:!?/|\\*_-–—=+&@#…")


@dataclass(frozen=True, slots=True)
class Entity:
    """A name in a text: offsets in characters, the label, and how likely it is right, from 0 to 1."""

    start: int
    end: int
    label: str
    score: float


class _Window(NamedTuple):
    """Words of a text that the network reads together; those from `start` to `stop` are this window's to tell."""

    text: int
    words: list[int]
    start: int
    stop: int
    size: int


class _Mark(NamedTuple):
    """A word that is part of a name: which, of what kind, whether a name begins there, and how likely that is."""

    word: int
    kind: int
    begins: bool
    chance: float


class _Again(NamedTuple):
    """A sentence of a text, from word `first` to before `last`, that comes again at word `to`."""

    text: int
    first: int
    last: int
    to: int


class Tagger:
    """Finds names and addresses in texts. One thread; a second of loading at the most."""

    def __init__(self, folder: Path | None = None) -> None:
        # The official builds send usage data to Microsoft unless told not to before they are loaded (its Privacy.md).
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        import numpy as np
        import onnxruntime  # type: ignore[import-untyped,unused-ignore]

        folder = folder or _PACKAGED
        meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
        pieces = (folder / "vocab.txt").read_text(encoding="utf-8").split("\n")
        hashed = (folder / "lists.bin").read_bytes()
        count = len(hashed) // 5
        self._reader = Wordpiece(
            {piece: at for at, piece in enumerate(pieces) if piece}, Lists(hashed[: 4 * count], hashed[4 * count :])
        )
        self._longest = int(meta["longest"])
        self._temperature = float(meta["temperature"])
        self._offset = np.array(meta["offset"], np.float32)
        self._calibration = [(float(slope), float(shift)) for slope, shift in meta["calibration"]]
        self._kinds = [label.split("-")[1] for label in meta["labels"][1::2]]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._numpy: Any = np
        self._session: Any = onnxruntime.InferenceSession(
            str(folder / "model.onnx"), options, providers=["CPUExecutionProvider"]
        )

    def tag(
        self,
        texts: Sequence[str],
        *,
        people: bool = False,
        places: Sequence[Sequence[int]] = (),
        sure: Sequence[Sequence[int]] = (),
    ) -> list[list[Entity]]:
        """The names in each text, in order and apart; time is linear in the text. Raises on no string.

        With `people`, only sentences are read in which a person can be named (a known given name, two capitalised
        words) or an address can stand (a number beside a capitalised word): a fraction of a long text. With `places`,
        in order for each text, only those of these sentences are read that hold one; a sentence with one of `sure`, in
        order for each text too, is read in any case. A sentence that is repeated in a text is read once.

        Civilities, closing punctuation and the English possessive are left outside the spans.
        """
        read = [self._reader.words(text) for text in texts]
        told: list[list[_Mark]] = [[] for _ in texts]
        holds = _may_hold_person if people else _may_hold_name
        windows: list[_Window] = []
        again: list[_Again] = []
        for at, words in enumerate(read):
            asked = places[at] if places else None
            windows.extend(self._windows(at, words, holds, asked, sure[at] if sure else (), again))
        for batch in _batches(windows):
            self._run(batch, read, told)
        _repeat(again, told)
        return [self._entities(text, words, marks) for text, words, marks in zip(texts, read, told, strict=True)]

    def _windows(
        self,
        text: int,
        words: Sequence[Word],
        holds: Callable[[Sequence[Word], int, int], bool],
        places: Sequence[int] | None,
        sure: Sequence[int],
        again: list[_Again],
    ) -> Iterator[_Window]:
        """The sentences that may hold a name, in windows that the network can read; `again` takes the repeated ones."""
        kept: list[int] = []
        size = 1
        held = False
        known: dict[tuple[tuple[tuple[int, ...], int], ...], int] = {}
        for first, last in _sentences(words):
            # A short line under one that is read may be the rest of an address.
            start, end = words[first].start, words[last - 1].end
            held = (
                (sure and _has_place(sure, start, end))
                or ((places is None or _has_place(places, start, end)) and holds(words, first, last))
            ) or (held and last - first <= _SHORT_LINE and words[first].feature // LISTS % GAPS == NEW_LINE)
            if not held:
                continue
            if last - first >= _SHORTEST:
                earlier = known.setdefault(tuple([word[2:] for word in words[first:last]]), first)
                if earlier != first:
                    again.append(_Again(text, earlier, earlier + last - first, first))
                    continue
            length = sum([len(word.pieces) for word in words[first:last]])
            if kept and size + length > self._longest:
                yield _Window(text, kept, kept[0], kept[-1] + 1, size)
                kept, size = [], 1
            if size + length <= self._longest:
                kept.extend(range(first, last))
                size += length
            else:
                yield from self._cut(text, words, first, last)
        if kept:
            yield _Window(text, kept, kept[0], kept[-1] + 1, size)

    def _cut(self, text: int, words: Sequence[Word], first: int, last: int) -> Iterator[_Window]:
        """A sentence too long for one window, in windows that share a few words."""
        at = start = first
        while start < last:
            size, to = 1, at
            while to < last and size + len(words[to].pieces) <= self._longest:
                size += len(words[to].pieces)
                to += 1
            overlap = _OVERLAP if to < last and to - at > 3 * _OVERLAP else 0
            stop = to - overlap // 2
            yield _Window(text, list(range(at, to)), start, stop, size)
            at, start = to - overlap, stop

    def _run(
        self,
        batch: Sequence[_Window],
        read: Sequence[Sequence[Word]],
        told: Sequence[list[_Mark]],
    ) -> None:
        """Let the network read windows of like length, and note each word that is part of a name."""
        np = self._numpy
        shape = (len(batch), max(window.size for window in batch))
        pieces, features = np.zeros(shape, np.int32), np.zeros(shape, np.int32)
        mask = np.zeros(shape, np.int32)
        heads: list[list[int]] = []
        for row, window in enumerate(batch):
            ids, marks, firsts = [_CLS], [0], []
            words = read[window.text]
            for number in window.words:
                word = words[number]
                firsts.append(len(ids))
                ids.extend(word.pieces)
                marks.extend([word.feature] * len(word.pieces))
            pieces[row, : len(ids)] = ids
            features[row, : len(marks)] = marks
            mask[row, : len(ids)] = 1
            heads.append(firsts)
        logits = self._session.run(None, {"pieces": pieces, "features": features, "mask": mask})[0]
        for row, window in enumerate(batch):
            chances = np.exp(logits[row, heads[row]] / self._temperature + self._offset)
            chances /= chances.sum(axis=1, keepdims=True)
            begins, insides = chances[:, 1::2], chances[:, 2::2]
            kinds = begins + insides
            best = kinds.argmax(axis=1)
            for at in np.nonzero(kinds.max(axis=1) > chances[:, 0])[0].tolist():
                number = window.words[at]
                if window.start <= number < window.stop:
                    kind = int(best[at])
                    new = bool(begins[at, kind] > insides[at, kind])
                    told[window.text].append(_Mark(number, kind, new, float(kinds[at, kind])))

    def _entities(self, text: str, words: Sequence[Word], marks: Sequence[_Mark]) -> list[Entity]:
        """Marked words that stand together as names, trimmed."""
        groups: list[list[_Mark]] = []
        for mark in sorted(marks):
            last = groups[-1][-1] if groups else None
            if (
                last is not None
                and not mark.begins
                and mark.word == last.word + 1
                and mark.kind == last.kind
                and (words[mark.word].feature // LISTS % GAPS != NEW_LINE or self._kinds[mark.kind] == _ADDRESS)
            ):
                groups[-1].append(mark)
            else:
                groups.append([mark])
        found: list[Entity] = []
        for group in groups:
            at, to = _trimmed(text, words, group[0].word, group[-1].word)
            if at > to or _in_address(text, words[at].start, words[to].end):
                continue
            kind = self._kinds[group[0].kind]
            chances = [mark.chance for mark in group if at <= mark.word <= to]
            chance = sum(chances) / len(chances) if kind == _ADDRESS else min(chances)
            score = round(_calibrated(chance, *self._calibration[group[0].kind]), 4)
            one = Entity(words[at].start, words[to].end, kind, score)
            if found and kind == found[-1].label == _ADDRESS and not text[found[-1].end : one.start].strip(", \n-"):
                found[-1] = Entity(found[-1].start, one.end, kind, max(found[-1].score, score))
            else:
                found.append(one)
        return found


def _repeat(again: Sequence[_Again], told: Sequence[list[_Mark]]) -> None:
    """Note of each sentence that comes again what was noted of it where it stood first."""
    noted: dict[int, list[_Mark]] = {}
    for text, first, last, to in again:
        if text not in noted:
            noted[text] = sorted(told[text])
        marks = noted[text]
        at = bisect_left(marks, (first,))
        while at < len(marks) and marks[at].word < last:
            told[text].append(marks[at]._replace(word=marks[at].word - first + to))
            at += 1


def _calibrated(chance: float, slope: float, shift: float) -> float:
    """How often names of this chance were right on development text."""
    odds = min(max(chance, 1e-4), 1 - 1e-4)
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, slope * math.log(odds / (1 - odds)) + shift))))


def _in_address(text: str, start: int, end: int) -> bool:
    """Whether a stretch of the text is part of an e-mail address."""
    if "@" not in text[max(0, start - _REACH) : end + _REACH]:
        return False
    before, after = text[max(0, start - _REACH) : start], text[end : end + _REACH]
    return _LOCAL_PART.match(after) is not None or _DOMAIN.search(before) is not None


def _trimmed(text: str, words: Sequence[Word], first: int, last: int) -> tuple[int, int]:
    """The first and last word without what stands beside a name and is no part of it."""
    while first <= last and (
        text[words[first].start] in _BESIDE_NAMES
        or (first < last and text[words[first].start : words[first].end].lower() in _CIVILITIES)
    ):
        first += 1
    while first <= last:
        if text[words[last].start] in _BESIDE_NAMES:
            last -= 1
        elif last > first + 1 and text[words[last - 1].start : words[last].end] in _POSSESSIVES:
            last -= 2
        else:
            break
    return first, last


def _sentences(words: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """The first word and the end of each sentence or line."""
    first = 0
    for at, word in enumerate(words):
        if at > first and word.feature // LISTS % GAPS == NEW_LINE:
            yield first, at
            first = at
        if word.pieces[0] in _END_PIECES and at - first >= _SHORTEST:
            yield first, at + 1
            first = at + 1
    if first < len(words):
        yield first, len(words)


def _has_place(places: Sequence[int], start: int, end: int) -> bool:
    """Whether one of the places, which are in order, lies there."""
    at = bisect_left(places, start)
    return at < len(places) and places[at] < end


def _may_hold_name(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether a word stands in a list of names or is written like one; a common word that opens the sentence is not."""
    for at in range(first, last):
        word = words[at]
        if word.feature % LISTS:
            return True
        if word.feature // (GAPS * LISTS) not in _PLAIN and (at > first or len(word.pieces) > 1):
            return True
    return last - first == 1 and words[first].feature // (GAPS * LISTS) not in _PLAIN


def _may_hold_person(words: Sequence[Word], first: int, last: int) -> bool:
    """Whether a given name stands there, two words written like names, or such a word beside a number."""
    capital = number = -9
    for at in range(first, last):
        word = words[at]
        feature = word.feature
        if feature & GIVEN:
            return True
        case = feature // (GAPS * LISTS)
        if case == DIGITS:
            number = at
            if at - capital <= _BESIDE and at > first:
                return True
        elif case not in _PLAIN:
            if at - capital == 1 or at - number <= _BESIDE:
                return True
            capital = at
        elif at - capital == 1 and word.pieces[0] == _STOP:
            capital = at  # a civility's or an initial's
    return False


def _batches(windows: Sequence[_Window]) -> Iterator[list[_Window]]:
    """Windows by length, so that little is padding."""
    batch: list[_Window] = []
    for window in sorted(windows, key=lambda window: window.size):
        if batch and (
            (len(batch) + 1) * window.size > _BATCH or len(batch) * (window.size - batch[-1].size) > _PADDING
        ):
            yield batch
            batch = []
        batch.append(window)
    if batch:
        yield batch
