"""A mapping that remembers the most recently used entries only. Pure module: no I/O."""

from collections import OrderedDict


class Recent[K, V]:
    """At most `limit` entries; the one that was used longest ago goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[K, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: K) -> V | None:
        """The value of `key`, which counts as a use of it, or None."""
        value = self._entries.get(key)
        if value is not None:
            self._entries.move_to_end(key)
        return value

    def put(self, key: K, value: V) -> V | None:
        """Set `key`; gives back the value that had to go, if any."""
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) <= self._limit:
            return None
        return self._entries.popitem(last=False)[1]

    def pop(self, key: K) -> V | None:
        """Take `key` out."""
        return self._entries.pop(key, None)
