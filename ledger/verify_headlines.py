"""Headlines held to the verdicts that hold, from what each window of events says of both. Pure module: no I/O.

A disclosure's number is a place in a row of digits: 0 where nothing was said, else one more than the rank of the word.
"""

from collections.abc import Iterable, Sequence
from itertools import repeat
from typing import Any, Final

WORDS: Final = ("gap", "clear", "vague", "ambiguous", "omitted", "incorrect", "prohibited")
"""From the lightest to the gravest; no verdict and one that nobody knows weigh as the first."""
_RANK: Final = {word.encode(): rank for rank, word in enumerate(WORDS)}
_DIGIT: Final = {word: 49 + rank for word, rank in _RANK.items()}
_UNKNOWN: Final = 57
_LIGHTEST: Final = bytes.maketrans(b"0", b"1")
_WIDEST: Final = 1 << 16
"""More disclosures than verdicts of one window can be about, unless they are of all ages or made up."""

type Digits = tuple[int, str]
"""The number of a disclosure, and its digit and those of the disclosures that follow it."""


def gravest(disclosures: Sequence[Any], verdicts: Iterable[Any], replaced: Sequence[Any]) -> Digits | None:
    """Return the gravest verdict that holds of each disclosure; None if they are too far apart to say it so.

    Values are as a connection gives them whose texts are bytes, numbers as their digits. Raises `ValueError` and
    `TypeError` for a disclosure that is no number.
    """
    numbers = list(map(int, disclosures))
    low, high = min(numbers), max(numbers)
    if low < 0 or high - low >= _WIDEST:
        return None
    worst = bytearray(b"0" * (high - low + 1))
    holds = repeat(True) if replaced.count(None) == len(replaced) else [at is None for at in replaced]
    for number, digit, one in zip(numbers, map(_DIGIT.get, verdicts, repeat(49)), holds, strict=False):
        if one and worst[number - low] < digit:
            worst[number - low] = digit
    return low, worst.decode()


def headed(first: int, headlines: Iterable[Any]) -> Digits:
    """Return the headlines of disclosures that follow each other."""
    return first, bytes(map(_DIGIT.get, headlines, repeat(_UNKNOWN))).decode()


def follow(headlines: Iterable[Digits], worst: Iterable[Digits], most: int) -> bool:
    """Whether each headline is the gravest verdict of its disclosure; false also where a number is over `most`."""
    is_, should = bytearray(), bytearray()
    for numbers, found in ((is_, headlines), (should, worst)):
        for first, digits in found:
            if first + len(digits) > most:
                return False
            if len(numbers) < first + len(digits):
                numbers.extend(b"0" * (first + len(digits) - len(numbers)))
            there, here = numbers[first : first + len(digits)], digits.encode()
            if there.count(b"0") < len(there):
                here = bytes(map(max, there, here))
            numbers[first : first + len(digits)] = here
    should.extend(b"0" * (len(is_) - len(should)))
    should = should.translate(_LIGHTEST)
    return is_ == should[: len(is_)] or all(one in (48, other) for one, other in zip(is_, should, strict=False))
