"""A key for caches that tells objects apart by identity: comparing whole ones would cost more than the work saved."""

from typing import Final


class Same[T]:
    """Equal to another one of the very same object; while it is kept, so is the object."""

    __slots__ = ("it",)

    def __init__(self, it: T) -> None:
        self.it: Final = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and other.it is self.it

    def __hash__(self) -> int:
        return id(self.it)
