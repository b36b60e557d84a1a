"""Which keys a detector looks at: asked once for each key, so that most fields cost it one look-up."""

from collections.abc import Callable, Collection
from functools import lru_cache

type Words = tuple[str, ...]
_NONE: frozenset[str] = frozenset()


def by_words(
    some: Collection[str] = _NONE,
    *,
    whole: Collection[Words] = (),
    within: Collection[Collection[str]] = (),
    last: Collection[str] = _NONE,
    never: Collection[str] = _NONE,
    empty: bool = False,
    numbered: bool = False,
) -> Callable[[Words], bool]:
    """A question about the words of a key, whose answers are remembered.

    True where one of them is in `some`, they are one of `whole`, all are in one of `within`, the last is in `last`, or,
    with `numbered`, one is a number; false where one is in `never`. `empty` is the answer for a key without words.
    """
    telling, ending, banned = frozenset(some), frozenset(last), frozenset(never)
    keys = frozenset(whole)
    sets = [frozenset(one) for one in within]

    @lru_cache(maxsize=8192)
    def may(words: Words) -> bool:
        if not words:
            return empty
        if not banned.isdisjoint(words):
            return False
        return (
            not telling.isdisjoint(words)
            or words in keys
            or words[-1] in ending
            or any(one.issuperset(words) for one in sets)
            or (numbered and any(map(str.isdigit, words)))
        )

    return may
