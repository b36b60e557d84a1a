"""Clients that begin a request's head and do not end it: many of them would hold a connection each for days."""

from collections.abc import Iterable

from douane.proxy.engine import Post, RecordedHttpLayer
from douane.proxy.http1 import BoundedHeads
from douane.proxy.refusing import SLOW_HEAD


class SlowHeads:
    """Gives up on connections whose head takes longer than `seconds`. HTTP/1; HTTP/2 bounds its own heads."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._since: dict[Post, float] = {}
        self._next = 0.0

    def look(self, posts: Iterable[Post], now: float) -> None:
        """Look at every connection, unless a tenth of the time allowed has not passed since the last look."""
        if now < self._next:
            return
        self._next = now + self._seconds / 10
        self._since = {post: self._since.get(post, now) for post in posts if waits_for_head(post)}
        for post, since in self._since.items():
            if now - since > self._seconds:
                post.give_up(SLOW_HEAD)


def waits_for_head(post: Post) -> bool:
    """Whether the client has begun a request's head and not ended it."""
    layers = (each for each in post.layer.context.layers if isinstance(each, RecordedHttpLayer))
    found = (layer.connections.get(post.client) for layer in layers)
    return any(isinstance(one, BoundedHeads) and one.waits_for_head for one in found)
