"""From the score that a rule gives to how often findings with that score are right, as measured on labelled messages.

Rules compare their scores with each other; people and thresholds are told the share. The map is monotone, so that it
changes nothing in which finding wins. `bench/detection/reliability.py` fits it.
"""

import tomllib
from bisect import bisect_right
from functools import cache, lru_cache
from importlib.resources import files

type Map = tuple[tuple[float, float], ...]
"""From a score on, the share of right findings; in order of both."""


@cache
def shipped() -> Map:
    """The map of `data/confidence.toml`."""
    text = (files("douane.detectors") / "data" / "confidence.toml").read_text(encoding="utf-8")
    return tuple((float(low), float(share)) for low, share in tomllib.loads(text)["steps"])


def mapped(score: float, by: Map) -> float:
    """The share of right findings among those with this score; no more than the score itself below all steps."""
    at = bisect_right(by, (score, 2.0)) - 1
    if at < 0:
        return min([score, *(share for _, share in by[:1])])
    return by[at][1]


@lru_cache(maxsize=4096)
def confidence(score: float) -> float:
    """How sure a finding with this score is, by the map that ships."""
    return mapped(score, shipped())
