"""What a found category may be by its place: detection cannot tell every declared category apart. Pure module: no I/O.

The table (`data/category_found.json`) is ours, and docs/verdicts.md lists it: a job title is found as
`user.workplace`, and a field that is called `job_title` says which of the two it is.
"""

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from douane.audit.schema import segments

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class _Table:
    """For a declared key what it is found as and the words of a name that say it; for a found key the declared ones."""

    found_as: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    declared: dict[str, tuple[str, ...]]
    not_found: frozenset[str]


def place_of(pointer: str, reached: str = "") -> tuple[str, ...]:
    """The keys that lead to a datum, those within a text that was decoded (`Field.reached`) last."""
    within = (step.partition(":")[2] for step in reached.split(" > "))
    return (*segments(pointer), *(key for steps in within for key in segments(steps)))


def several(category: str) -> bool:
    """Whether a found category may be another one by its place."""
    return category in _table().declared


def readings(category: str, path: Sequence[str], said: Collection[str] = ()) -> tuple[str, ...]:
    """The declared categories that a found one is at a place, besides itself; none for most.

    A place says so by its name (the last key of `path` that is no index), or by what was declared of it (`said`).
    """
    possible = _table().declared.get(category)
    if possible is None:
        return ()
    name = next((key for key in reversed(path) if key != "*" and not key.isdigit()), "")
    words = _words(name)
    return tuple(key for key in possible if key in said or not words.isdisjoint(_table().words[key]))


def found_as(declared: str) -> frozenset[str]:
    """The categories that detection reports for a declared one which it cannot tell apart; empty for most."""
    return _table().found_as.get(declared, frozenset())


def is_found(category: str, declared: str, path: Sequence[str]) -> bool:
    """Whether a found category may be the declared one at this place: its name says so, or nothing else."""
    if category not in found_as(declared):
        return False
    read = readings(category, path)
    return declared in read or not read


def findable(declared: str) -> bool:
    """Whether detection can report the category at all, under its own name or another one."""
    return declared not in _table().not_found


def apart(categories: Iterable[str]) -> tuple[str, ...]:
    """The categories without those that another one of them is merely found as, in the same order."""
    keys = tuple(categories)
    merely = {found for key in keys for found in found_as(key)}
    return tuple(key for key in keys if key not in merely)


def table() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """What each declared category is found as, and those that are never found."""
    return _table().found_as, _table().not_found


def _words(name: str) -> frozenset[str]:
    plain = unicodedata.normalize("NFKD", name[:_LONGEST])
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return frozenset(word.lower() for word in _WORD.findall(plain))


@cache
def _table() -> _Table:
    data = json.loads((files("douane.audit") / "data" / "category_found.json").read_text(encoding="utf-8"))
    rows = data["found_as"]
    declared: dict[str, list[str]] = {}
    for key, row in rows.items():
        for found in row["as"]:
            declared.setdefault(found, []).append(key)
    return _Table(
        {key: frozenset(row["as"]) for key, row in rows.items()},
        {key: frozenset(row["words"]) for key, row in rows.items()},
        {found: tuple(sorted(keys)) for found, keys in declared.items()},
        frozenset(data["not_found"]),
    )
