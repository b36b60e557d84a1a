"""A count that is not told exactly: `< 5`, or `≥ n` where something else could be had from it by subtraction."""

from typing import Final, Self

SMALL: Final = 5
"""From this number on a count is told."""


class Few(int):
    """A count that prints as `< 5` (`cell`) or `≥ least`, and as a number is as constant as what it prints.

    Added to others it gives at least their sum. Nothing of the true count is in it.
    """

    least: int
    cell: bool

    def __new__(cls, least: int = 1, *, cell: bool = False) -> Self:
        """A hidden count (`cell`), or one that is at least so much."""
        made = super().__new__(cls, 1 if cell else least)
        made.least, made.cell = (1, True) if cell else (least, False)
        return made

    def __add__(self, other: int) -> int:
        if other == 0:
            return self
        return Few(self.least + (other.least if isinstance(other, Few) else other))

    __radd__ = __add__

    def __sub__(self, other: int) -> int:
        return self if other == 0 else Few(max(1, self.least - other))

    def __str__(self) -> str:
        return format(self)

    def __format__(self, spec: str) -> str:
        return f"< {SMALL}" if self.cell else f"≥ {format(self.least, spec)}"

    __repr__ = __str__


def cell(count: int) -> int:
    """The count itself, or hidden where it is from 1 to 4."""
    return Few(cell=True) if 0 < count < SMALL else count


def coarse(count: int) -> int:
    """Only whether it is none, under 5 or more: for what is counted a second time elsewhere."""
    return cell(count) if count < SMALL else Few(SMALL)


def part(count: int, whole: int) -> int:
    """The count of a part beside which the whole may stand: neither it nor what is left of the whole is under 5.

    None is told as none: it says nothing of how many the whole is.
    """
    if count < SMALL:
        return cell(count)
    return Few(max(1, whole - SMALL + 1)) if 0 < whole - count < SMALL else count
