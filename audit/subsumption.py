"""Which category covers which: the taxonomy's tree and the few ties across it. Pure module: no I/O.

The ties (`data/category_kin.json`) are of two kinds: `same`, two keys for one thing, and `within`, a key that is also
part of another branch. They are ours, and docs/verdicts.md lists them.
"""

import json
from collections import deque
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from douane.audit import taxonomy

_MOST: Final = 64  # keys above one key: a bound for keys that a detector of somebody's own made up


@lru_cache(maxsize=4096)
def above(key: str) -> dict[str, int]:
    """Every category that covers `key`, itself included, with the steps up to it. Read it, never write it."""
    same, within = _ties()
    steps = {key: 0}
    pending = deque([key])
    while pending and len(steps) < _MOST:
        one = pending.popleft()
        distance = steps[one]
        near = [(other, 0) for other in same.get(one, ())]
        parent = one.rpartition(".")[0]
        near += [(other, 1) for other in (*((parent,) if parent else ()), *within.get(one, ()))]
        for other, cost in near:
            if distance + cost < steps.get(other, _MOST):
                steps[other] = distance + cost
                # what costs nothing is looked at first, so that each key is settled by its shortest way
                (pending.append if cost else pending.appendleft)(other)
    return steps


def covers(declared: str, key: str) -> bool:
    """Whether a statement about `declared` speaks of `key` as well."""
    return declared in above(key)


def vagueness(category: str, declared: str) -> float | None:
    """How vaguely `declared` covers `category`: 0 when equal, up to 1 for a root; None when it does not cover it.

    dist / (dist + depth): steps from the category up to what was declared, against steps from there to the root.
    Source: PoliCheck (Andow et al., USENIX Security 2020).
    """
    distance = above(category).get(declared)
    if distance is None:
        return None
    return distance / (distance + taxonomy.depth(declared)) if distance else 0.0


@cache
def _ties() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    data = json.loads((files("douane.audit") / "data" / "category_kin.json").read_text(encoding="utf-8"))
    same: dict[str, tuple[str, ...]] = {}
    within: dict[str, tuple[str, ...]] = {}
    for one, other in data["same"]:
        same[one] = (*same.get(one, ()), other)
        same[other] = (*same.get(other, ()), one)
    for part, whole in data["within"]:
        within[part] = (*within.get(part, ()), whole)
    return same, within
