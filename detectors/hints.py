"""What a key says of its value: categories and roles, from `data/keys.toml`."""

import tomllib
from functools import cache, lru_cache
from importlib.resources import files

from douane.detectors.words import key_words

SEARCH = "role.search"
PROSE = "role.prose"
THING = "role.thing"

type _Table = dict[tuple[str, ...], frozenset[str]]


@cache
def _tables() -> tuple[_Table, _Table, _Table, int]:
    """Phrases that count anywhere, only as the whole key, only at its end; and the longest phrase's words."""
    data = tomllib.loads((files("douane.detectors") / "data" / "keys.toml").read_text(encoding="utf-8"))
    anywhere: dict[tuple[str, ...], set[str]] = {}
    whole: dict[tuple[str, ...], set[str]] = {}
    ending: dict[tuple[str, ...], set[str]] = {}
    longest = 1
    rows = [*data["categories"].items(), *((f"role.{name}", phrases) for name, phrases in data["roles"].items())]
    for meaning, phrases in rows:
        for phrase in phrases:
            table = whole if phrase[0] == "=" else ending if phrase[0] == "$" else anywhere
            words = tuple(phrase.lstrip("=$").split())
            longest = max(longest, len(words))
            table.setdefault(words, set()).add(meaning)
    return _frozen(anywhere), _frozen(whole), _frozen(ending), longest


def _frozen(table: dict[tuple[str, ...], set[str]]) -> _Table:
    return {words: frozenset(meanings) for words, meanings in table.items()}


def of_words(words: tuple[str, ...]) -> frozenset[str]:
    """The meanings of a key that was split into words, with the categories above them but for the roots.

    A longer phrase does not hide a shorter one.
    """
    anywhere, whole, ending, longest = _tables()
    found: set[str] = set(whole.get(words, ()))
    count = len(words)
    for start in range(count):
        for end in range(start + 1, min(count, start + longest) + 1):
            part = words[start:end]
            found |= anywhere.get(part, frozenset())
            if end == count:
                found |= ending.get(part, frozenset())
    for meaning in list(found):
        if not meaning.startswith("role."):
            above = meaning.rpartition(".")[0]
            while "." in above:
                found.add(above)
                above = above.rpartition(".")[0]
    return frozenset(found)


@lru_cache(maxsize=8192)
def of_key(key: str) -> frozenset[str]:
    """The categories and roles that a key suggests, empty for a key that says nothing."""
    return of_words(key_words(key)[:12])
