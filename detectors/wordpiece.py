"""Text to what the name tagger reads: the words, the pieces of each word, and how each word is written.

Pure and fast: a regular expression finds the words, and a word seen before costs one look-up. The trainer reads this
file too, so that training and use can not drift apart.
"""

import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

_MARKS = "\u0300-\u036f\u200b-\u200d\u2060\ufeff\u00ad"
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_IDEOGRAPHS}]|(?:[^\W_{_IDEOGRAPHS}][{_MARKS}]*)+|([^\w\s]|_)\1*")
_INVISIBLE = re.compile("[\u200b-\u200d\u2060\ufeff\u00ad]")
_LONGEST_WORD = 48
_LONGEST_CODE, _OF_CODE = 12, 4
"""A longer word with figures is a code: its first pieces say so, and the rest would cost as much as a sentence."""
_MOST_KEPT = 20_000

NO_LETTERS, LOWER, TITLE, UPPER, MIXED, DIGITS, INITIAL, CASELESS = range(8)
GLUED, SPACED, NEW_LINE = range(3)
GIVEN, FAMILY, PLACE, BRAND = 1, 2, 4, 8
CASES, GAPS, LISTS = 8, 3, 16


def feature(case: int, gap: int, lists: int) -> int:
    """How a word is written, what stands before it and which lists hold it, as one number below 384."""
    return (case * GAPS + gap) * LISTS + lists


def folded(word: str) -> str:
    """Lower case without accents and without invisible characters."""
    if word.isascii():
        return word.lower()
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKD", word))
    return "".join(char for char in plain if unicodedata.category(char) != "Mn").lower()


def case_of(word: str) -> int:
    """How the word is written: one of the eight classes."""
    if not word[0].isalnum():
        return NO_LETTERS
    if word.isalpha():
        if word.islower():
            return LOWER
        if word.istitle():
            return INITIAL if len(word) == 1 else TITLE
        if word.isupper():
            return UPPER
        return MIXED if word.lower() != word.upper() else CASELESS
    if any(char.isdecimal() for char in word):
        return DIGITS
    return case_of(plain) if (plain := "".join(filter(str.isalpha, word))) else CASELESS


class Word(NamedTuple):
    """A word of the text: where it stands, its pieces and its feature."""

    start: int
    end: int
    pieces: tuple[int, ...]
    feature: int


_word = tuple.__new__
"""Makes a word without a call to its class."""
_SPACED, _NEW_LINE = SPACED * LISTS, NEW_LINE * LISTS


class Lists:
    """Which lists (given names, family names, places, makes) hold a word; the words themselves are kept as hashes."""

    def __init__(self, hashes: bytes, bits: bytes) -> None:
        self._hashes = array("I", hashes)
        self._bits = bits

    def look_up(self, word: str) -> int:
        """The lists that hold a folded word, as bits."""
        key = crc32(word.encode("utf-8", "replace"))
        at = bisect_left(self._hashes, key)
        return self._bits[at] if at < len(self._hashes) and self._hashes[at] == key else 0


class Wordpiece:
    """Splits text into words and words into the pieces of a vocabulary: longest first, as BERT does."""

    def __init__(self, vocabulary: Mapping[str, int], lists: Lists) -> None:
        self._vocabulary = vocabulary
        self._unknown = vocabulary["[UNK]"]
        self._lists = lists
        self._seen: dict[str, tuple[tuple[int, ...], int]] = {}

    def words(self, text: str) -> list[Word]:
        """The words of the text in order; a run of one punctuation mark is one word."""
        found: list[Word] = []
        add, known_of = found.append, self._seen.get
        last = 0
        for match in _WORD.finditer(text):
            start, end = match.span()
            word = match[0]
            pieces, mark = known_of(word) or self._learn(word)
            if start != last or not start:
                mark += _NEW_LINE if "\n" in text[last:start] else _SPACED
            add(_word(Word, (start, end, pieces, mark)))
            last = end
        return found

    def _learn(self, word: str) -> tuple[tuple[int, ...], int]:
        plain = folded(word[0] if not word[0].isalnum() else word[: _LONGEST_WORD * 4])
        lists = self._lists.look_up(plain) if len(plain) > 1 else 0
        known = (self._pieces(plain), feature(case_of(word[: _LONGEST_WORD * 4]), GLUED, lists))
        if len(self._seen) >= _MOST_KEPT:
            self._seen.clear()
        if len(word) <= _LONGEST_WORD:
            self._seen[word] = known
        return known

    def _pieces(self, word: str) -> tuple[int, ...]:
        if not word or len(word) > _LONGEST_WORD:
            return (self._unknown,)
        pieces: list[int] = []
        start = 0
        most = _OF_CODE if len(word) > _LONGEST_CODE and any(map(str.isdigit, word)) else len(word)
        while start < len(word) and len(pieces) < most:
            prefix = "##" if start else ""
            for end in range(len(word), start, -1):
                piece = self._vocabulary.get(prefix + word[start:end])
                if piece is not None:
                    pieces.append(piece)
                    start = end
                    break
            else:
                return (self._unknown,)
        return tuple(pieces)
