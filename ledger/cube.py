"""Counts of equal things, kept by blocks of rows, so that a block can be counted anew and rows can be found again.

Pure module: no I/O. A block is so many ids in a row; what is counted in it replaces what was counted before.
"""

from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

BLOCK: Final = 512
"""Ids of one block: few enough to be counted in some milliseconds, so many that a million rows are 2,000 blocks."""


_MOST: Final = 2**64 - 1  # what an array holds


@dataclass(slots=True)
class Counting:
    """How often something was found in a block, and the first and last id of those that held it."""

    count: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Part:
    """One block: numbers of keys with their counts, and their first and last id counted from the block's first."""

    keys: array[int]
    counts: array[int]
    firsts: array[int]
    lasts: array[int]


class Cube[K: Hashable]:
    """Counts by key over all blocks of `size` ids. Not safe to share between threads; `frozen` gives what is."""

    __slots__ = ("_keys", "_limit", "_numbers", "_parts", "_size", "_totals")

    def __init__(self, size: int = BLOCK, limit: Callable[[K], K] | None = None) -> None:
        """`limit` is asked for every key that is not known: under which it is counted."""
        self._size = size
        self._limit = limit
        self._numbers: dict[K, int] = {}
        self._keys: list[K] = []
        self._totals: list[int] = []
        self._parts: dict[int, Part] = {}

    def put(self, block: int, found: Mapping[K, Counting]) -> None:
        """Let this be what the block holds; nothing, and the block is gone."""
        totals = self._totals
        old = self._parts.pop(block, None)
        if old is not None:
            for key, count in zip(old.keys, old.counts, strict=True):
                totals[key] -= count
        if not found:
            return
        if self._limit is not None and not self._numbers.keys() >= found.keys():
            found = _limited(found, self._numbers, self._limit)
        start = block * self._size
        part = Part(array("I"), array("Q"), array("H"), array("H"))
        for name, one in found.items():
            count = min(one.count, _MOST)
            number = self._numbers.get(name)
            if number is None:
                number = self._numbers[name] = len(self._keys)
                self._keys.append(name)
                totals.append(0)
            totals[number] += count
            part.keys.append(number)
            part.counts.append(count)
            part.firsts.append(one.first - start)
            part.lasts.append(one.last - start)
        self._parts[block] = part

    def block(self, number: int) -> int:
        """The block that an id is in."""
        return number // self._size

    def span(self, block: int) -> tuple[int, int]:
        """The first and last id that the block has room for."""
        return block * self._size, (block + 1) * self._size - 1

    def blocks(self) -> list[int]:
        """The blocks that hold something, in the order of their ids."""
        return sorted(self._parts)

    def frozen(self) -> "Frozen[K]":
        """What is counted now; later changes do not reach it."""
        return Frozen(self._size, self._keys, tuple(self._totals), dict(self._parts), tuple(sorted(self._parts)))


def _limited[K](found: Mapping[K, Counting], known: Mapping[K, int], limit: Callable[[K], K]) -> Mapping[K, Counting]:
    """The same counts; keys that are not known are those that the limit gives for them."""
    out: dict[K, Counting] = {}
    for name, one in found.items():
        key = name if name in known else limit(name)
        sofar = out.get(key)
        out[key] = (
            one
            if sofar is None
            else Counting(sofar.count + one.count, min(sofar.first, one.first), max(sofar.last, one.last))
        )
    return out


@dataclass(frozen=True, slots=True)
class Frozen[K: Hashable]:
    """A cube at one moment. `keys` only ever grows, so it is shared; what has no total yet is not part of this one."""

    size: int
    keys: list[K]
    totals: tuple[int, ...]
    parts: Mapping[int, Part]
    order: tuple[int, ...]

    def items(self) -> Iterator[tuple[int, K, int]]:
        """Number, key and count of all that occurs."""
        for number, count in enumerate(self.totals):
            if count:
                yield number, self.keys[number], count

    def firsts(self, wanted: frozenset[int]) -> dict[int, int]:
        """The first id that held each of these keys, by the key's number."""
        return self._ends(wanted, newest=False)

    def lasts(self, wanted: frozenset[int]) -> dict[int, int]:
        """The last id that held each of these keys, by the key's number."""
        return self._ends(wanted, newest=True)

    def span(self, block: int) -> tuple[int, int]:
        """The first and last id that the block has room for."""
        return block * self.size, (block + 1) * self.size - 1

    def holding(self, wanted: frozenset[int], before: int | None = None) -> Iterator[int]:
        """The blocks that hold one of these keys, newest first, from the one of the id before `before` on."""
        if not wanted:
            return
        for block in reversed(self.order):
            if (before is None or block * self.size < before) and not wanted.isdisjoint(self.parts[block].keys):
                yield block

    def _ends(self, wanted: frozenset[int], *, newest: bool) -> dict[int, int]:
        left, found = set(wanted), dict[int, int]()
        for block in reversed(self.order) if newest else self.order:
            if not left:
                break
            part = self.parts[block]
            if left.isdisjoint(part.keys):
                continue
            offsets = part.lasts if newest else part.firsts
            for key, offset in zip(part.keys, offsets, strict=True):
                if key in left:
                    left.discard(key)
                    found[key] = block * self.size + offset
        return found
