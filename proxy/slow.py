"""Clients that begin something and do not end it, or say nothing: many of them would hold connections for days."""

from collections.abc import Iterable
from dataclasses import dataclass

from douane.proxy.engine import Post, RecordedHttpLayer, RecordedStream
from douane.proxy.http1 import BoundedHeads
from douane.proxy.refusing import SLOW_BODY, SLOW_HEAD
from douane.proxy.routes import Refusal

_LOOKS = 10


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds that a connection may take: for a head or TLS handshake, for a body that waits, and with no request."""

    head: float
    body: float
    silent: float


type Waits = tuple[Refusal | None, object]
"""What a client that is waited for is refused with, None for one that is silent, and which of its requests it is."""


class SlowClients:
    """Gives up on connections that take longer than `patience`. A head is one of HTTP/1: HTTP/2 bounds its own."""

    def __init__(self, patience: Patience) -> None:
        self._allowed = {SLOW_HEAD: patience.head, SLOW_BODY: patience.body, None: patience.silent}
        self._since: dict[tuple[Post, Waits], float] = {}
        self._next = 0.0

    def look(self, posts: Iterable[Post], now: float) -> None:
        """Look at every connection, unless a tenth of the shortest time allowed has not passed since the last look."""
        if now < self._next:
            return
        self._next = now + min(self._allowed.values()) / _LOOKS
        found = ((post, waits) for post in posts if (waits := waits_for(post)) is not None)
        self._since = {one: self._since.get(one, now) for one in found}
        for (post, (refusal, _)), since in self._since.items():
            if now - since <= self._allowed[refusal]:
                continue
            if refusal is None:
                post.leave()
            else:
                post.give_up(refusal)


def waits_for(post: Post) -> Waits | None:
    """Return what is waited for from a client, None while it is the client that waits."""
    layers = [each for each in post.layer.context.layers if isinstance(each, RecordedHttpLayer)]
    streams = [stream for layer in layers for stream in layer.streams.values()]
    for stream in streams:
        if isinstance(stream, RecordedStream) and stream.waits_for_body:
            return SLOW_BODY, stream
    begun = sum(layer.begun for layer in layers)  # or a busy client might be seen in its pauses only
    heads = (layer.connections.get(post.client) for layer in layers)
    if any(isinstance(one, BoundedHeads) and one.waits_for_head for one in heads):
        return SLOW_HEAD, begun
    if post.client.tls and not post.client.tls_established:
        return SLOW_HEAD, begun
    return None if streams else (None, begun)
