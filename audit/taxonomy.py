"""Data categories, their names for people and their flags: versioned data in the package. Pure module.

Keys are dotted and subsume by prefix: `user.contact` holds `user.contact.email`. They are those of fideslang (CC-BY
4.0, see `data/NOTICE.md`) and ours beside them. A key never says how sensitive it is: flags do.
"""

import difflib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of data: its key, its names for a person who reads a report, its flags (own and inherited), its parent."""

    key: str
    name_en: str
    name_fr: str
    flags: frozenset[str]
    parent: str | None
    origin: str = "fideslang"

    def name(self, lang: str = "en") -> str:
        """The name in `lang`, a language tag; French for `fr*`, English for all else."""
        return self.name_fr if lang.lower().startswith("fr") else self.name_en


RESTRICTED_FLAG = "openai:restricted"
"""What OpenAI's app guidelines forbid an app to ask for: cards, health information, government ids, credentials."""


@dataclass(frozen=True, slots=True)
class _Taxonomy:
    version: str
    categories: dict[str, Category]
    flag_names: dict[str, tuple[str, str]]


@cache
def _load() -> _Taxonomy:
    data = json.loads((files("douane.audit") / "data" / "taxonomy.json").read_text(encoding="utf-8"))
    own = {row["key"]: frozenset[str](row["flags"]) for row in data["categories"]}
    categories: dict[str, Category] = {}
    for row in data["categories"]:
        key: str = row["key"]
        inherited = frozenset[str]().union(*(own.get(above, frozenset()) for above in _lineage(key)))
        parent = key.rpartition(".")[0] or None
        categories[key] = Category(key, row["name_en"], row["name_fr"], inherited, parent, row["origin"])
    names = {flag: (row["en"], row["fr"]) for flag, row in data["flags"].items()}
    return _Taxonomy(data["version"], categories, names)


def _lineage(key: str) -> list[str]:
    parts = key.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


VERSION: str = _load().version
"""Written into every row that holds a category, so that a later taxonomy never changes what an old row said."""

FLAGS: tuple[str, ...] = tuple(_load().flag_names)
"""Every flag, in the order in which reports list them."""


def categories() -> tuple[Category, ...]:
    """Every category, by key."""
    return tuple(_load().categories.values())


def category(key: str) -> Category | None:
    """The category of that key, None where the taxonomy has none."""
    return _load().categories.get(key)


@lru_cache(maxsize=4096)
def flags(key: str, minor: bool = False) -> tuple[str, ...]:
    """The flags of a category in the order of `FLAGS`, its ancestors' included; `minor` adds that of a child's data.

    A key that the taxonomy does not hold gets the flags of its nearest ancestor that it does hold.
    """
    found: frozenset[str] = frozenset()
    for above in reversed(_lineage(key)):
        known = category(above)
        if known is not None:
            found = known.flags
            break
    if minor:
        found |= {"minor"}
    return tuple(flag for flag in FLAGS if flag in found)


def flag_name(flag: str, lang: str = "en") -> str:
    """The flag in words, the flag itself where it is unknown."""
    names = _load().flag_names.get(flag)
    if names is None:
        return flag
    return names[1] if lang.lower().startswith("fr") else names[0]


def restricted(flags: Collection[str]) -> bool:
    """Whether OpenAI's guidelines forbid apps to ask for it, whatever the app declared."""
    return RESTRICTED_FLAG in flags


def is_within(key: str, ancestor: str) -> bool:
    """Whether `key` is `ancestor` or lies under it."""
    return key == ancestor or key.startswith(ancestor + ".")


def depth(key: str) -> int:
    """Dots in a key: 0 for a root such as `user`."""
    return key.count(".")


def nearest(key: str) -> str | None:
    """The known key that a mistyped one most likely meant, None where nothing comes close."""
    wanted = key.strip().lower().replace("-", "_").replace("/", ".")
    known = _load().categories
    if wanted in known:
        return wanted
    by_tail = [one for one in known if one.rpartition(".")[2] == wanted.rpartition(".")[2]]
    if len(by_tail) == 1:
        return by_tail[0]
    close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.9)
    if not close:  # a category of another level whose last word is the mistyped one: `user.emial` for an e-mail
        tails = {one.rpartition(".")[2] for one in known}
        tail = difflib.get_close_matches(wanted.rpartition(".")[2], tails, n=1, cutoff=0.8)
        close = [one for one in known if tail and one.rpartition(".")[2] == tail[0]]
    if len(close) != 1:
        close = difflib.get_close_matches(wanted, known, n=1, cutoff=0.6)
    return close[0] if close else None
