"""How processor time grows with what it is spent on: no test holds a time against a clock, only against another one.

What else runs on the machine makes a measurement longer, never shorter. So each is the least of several, the small
and the large take turns, and only what stays too long in every round is judged to grow too fast.
"""

import contextlib
import gc
import time
from collections.abc import Callable, Iterator

SLACK = 3
"""How many times what is expected a large text may take: caches, and a processor that others use too."""
ROUNDS = 5
TURNS = 3


@contextlib.contextmanager
def without_collections() -> Iterator[None]:
    """Let no garbage collection fall into what is measured: a whole suite's heap takes long to look through."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def seconds[T](work: Callable[[T], object], on: T) -> float:
    """The processor time of this thread that work takes, in seconds."""
    begun = time.thread_time()
    work(on)
    return time.thread_time() - begun


def is_linear[T](work: Callable[[T], object], small: T, large: T, times: float, *, least: float = 0.0) -> bool:
    """Whether work takes no more than SLACK × times as long on large as on small, in one round of several at least.

    What is large should be `times` as large as what is small, with times well over SLACK: quadratic work takes times²
    as long. Where large takes fewer seconds than least, its growth is not looked at.
    """
    assert times >= 2 * SLACK, "a quadratic growth would pass for a linear one"
    with without_collections():
        work(small)  # what is only done once, such as compiling a pattern, is neither's
        short = long = float("inf")
        for _ in range(ROUNDS):
            long = min(long, seconds(work, large))
            if long < least:
                return True
            short = min(short, *(seconds(work, small) for _ in range(TURNS)))
            if long <= SLACK * times * short:
                return True
    return False
