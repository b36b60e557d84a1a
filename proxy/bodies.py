"""Parts of requests' bodies that wait in memory for their rest: bounded for all connections together."""

from typing import Protocol


class Waiting(Protocol):
    """A request whose body has begun and not ended."""

    def give_up(self) -> None:
        """Refuse the request and close its connection."""


class Bodies:
    """Counts what waits; over `limit_bytes` the requests whose bodies began first are given up until it fits.

    Those are the ones that take longest: a client that sends what it has to send is not kept out by many that do not.
    `given_up` counts them.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes
        self._sizes: dict[Waiting, int] = {}
        self._left: set[Waiting] = set()
        self._total = 0
        self.given_up = 0

    @property
    def total(self) -> int:
        """Bytes that wait."""
        return self._total

    def hold(self, one: Waiting, size: int) -> None:
        """Note how much of a body waits, 0 once none of it does any more."""
        if one in self._left:
            return
        self._total += size - self._sizes.get(one, 0)
        if size:
            self._sizes[one] = size
        else:
            self._sizes.pop(one, None)
        while self._total > self._limit:
            first = next(iter(self._sizes))
            self._total -= self._sizes.pop(first)
            self._left.add(first)
            self.given_up += 1
            first.give_up()

    def end(self, one: Waiting) -> None:
        """Forget a request that is over."""
        self.hold(one, 0)
        self._left.discard(one)
