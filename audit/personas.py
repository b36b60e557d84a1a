"""People who do not exist, with the data that exercises plant: `data/personas.json`. Pure module."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any

from douane.audit import taxonomy


@dataclass(frozen=True, slots=True)
class Persona:
    """One made-up person. `facts` are values by category, `words` values by what a field is called.

    `child` holds the facts of a child of theirs that differ, and `is_child` tells that this is that child.
    `token_env` names the environment variable that holds this person's access token, empty for none.
    """

    id: str
    lang: str
    locale: str
    subject: str
    session: str
    location: Mapping[str, Any] = field(default_factory=dict[str, Any])
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
    words: Mapping[str, str] = field(default_factory=dict[str, str])
    token_env: str = ""
    child: Mapping[str, str] = field(default_factory=dict[str, str])
    is_child: bool = False

    def of_child(self) -> "Persona":
        """The person's child: what the child's facts do not say stays as it is, as an address does."""
        return replace(self, facts={**self.facts, **self.child}, is_child=True) if self.child else self

    def fact(self, category: str) -> str | None:
        """The person's datum of this category, of a part of it, or of what it belongs to; None for none."""
        if category in self.facts:
            return self.facts[category]
        below = sorted(key for key in self.facts if taxonomy.is_within(key, category))
        above = sorted((key for key in self.facts if taxonomy.is_within(category, key)), key=len, reverse=True)
        near = [*below, *(key for key in above if key.count(".") > 1)]
        return self.facts[near[0]] if near else None

    def meta(self) -> dict[str, Any]:
        """The `_meta` that ChatGPT adds to this person's tool calls."""
        return {
            "openai/locale": self.locale,
            "openai/userAgent": "ChatGPT/1.2026.300 (exercise)",
            "openai/userLocation": dict(self.location),
            "openai/subject": self.subject,
            "openai/session": self.session,
        }


@cache
def builtin() -> tuple[Persona, ...]:
    """The people that come with Douane: two French, two English."""
    text = files("douane.audit").joinpath("data/personas.json").read_text(encoding="utf-8")
    return tuple(Persona(**one) for one in json.loads(text)["personas"])
