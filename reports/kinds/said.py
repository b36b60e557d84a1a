"""The words of one kind of document, beside those of every document."""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from douane.audit import fides, taxonomy
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.document import Blank, Cell
from douane.reports.headline import verdicts
from douane.reports.hidden import Few
from douane.reports.i18n import Lang, Words, form, french_spaces
from douane.reports.model import Flow

LONG = 400
"""Characters of a declared text (a name, an address, a reference) that a document prints."""

_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?", re.ASCII
)
_CARE = ("user.childrens", "user.location.precise")
_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


@cache
def _own(kind: str, lang: Lang) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in ("kinds", kind):
        pairs = json.loads(files("douane.reports").joinpath(f"data/{name}.json").read_text(encoding="utf-8"))
        found |= {key: french_spaces(both["fr"]) if lang == "fr" else both["en"] for key, both in pairs.items()}
    return found


@dataclass(frozen=True, slots=True)
class Said(Words):
    """The voice of one kind: its own phrases (`data/KIND.json`), those of all kinds, then those of every document."""

    kind: str = "kinds"

    def phrase(self, key: str, n: int | None = None) -> str:
        """The phrase called `key`; of its two forms (`one|other`) the one that fits `n`. Raises KeyError if unknown."""
        own = _own(self.kind, self.lang)
        if key not in own:
            return Words.phrase(self, key, n)
        return form(own[key], n, self.lang)

    def has(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in _own(self.kind, self.lang) or Words.has(self, key)

    def or_missing(self, text: str, limit: int = LONG) -> str:
        """What was declared, made harmless; where nothing was, the words that say so."""
        return safe.plain(text, limit) or self.phrase("missing")

    def or_missing_list(self, items: Iterable[str]) -> tuple[str, ...]:
        """What was declared, one a line; where nothing was, the words that say so."""
        return tuple(items) or (self.phrase("missing"),)

    def blank(self, key: str) -> Blank:
        """A place for a person to fill in, with what belongs there."""
        return Blank(self.phrase(key))

    def count(self, value: int) -> Cell:
        """A number for a table: itself, or the words that stand for it where it is hidden."""
        return str(value) if isinstance(value, Few) else value

    def way(self, direction: Direction) -> str:
        """A direction in words."""
        return self.phrase(f"way.{direction.value}")

    def fides(self, kind: fides.Kind, key: str) -> str:
        """A word of fides with its article; the words for what is missing where nothing was declared."""
        known = fides.word(kind, key)
        if known is None:
            return self.or_missing(key)
        name = french_spaces(known.name(self.lang))
        article = f"{'art' if self.lang == 'fr' else 'Art'}.\u00a0{known.article}"
        return f"{name} ({article})" if known.article else name

    def categories(self, keys: Iterable[str]) -> tuple[str, ...]:
        """Categories by name, with the marks that a reader must see."""
        said: list[str] = []
        for key in keys:
            marks = self.marks(taxonomy.flags(key), key)
            said.append(f"{self.category(key)} ({', '.join(marks)})" if marks else self.category(key))
        return tuple(said)

    def cares(self, flows: Iterable[Flow]) -> tuple[str, ...]:
        """The categories that call for care, each once: those with a mark that a reader must see, a child's, and what
        people expect to be guarded though no flag says so (money, where somebody is)."""
        found: dict[str, dict[str, None]] = {}
        for flow in flows:
            marks = self.marks(flow.flags, flow.category)
            if taxonomy.is_within(flow.category, "user.financial") or taxonomy.is_within(flow.category, "user.payment"):
                marks = [*marks, self.phrase("care.financial")]
            if marks or any(taxonomy.is_within(flow.category, key) for key in _CARE):
                found.setdefault(flow.category, {}).update(dict.fromkeys(marks))
        return tuple(
            f"{self.category(key)} ({', '.join(marks)})" if marks else self.category(key)
            for key, marks in found.items()
        )

    def verdict(self, flow: Flow) -> Cell:
        """The verdicts on a flow for a table: a line for each, text alone where there is one."""
        lines = verdicts(flow, self)
        return "".join(lines) if len(lines) == 1 else lines

    def role(self, role: str) -> str:
        """A role under the GDPR in words."""
        return self.phrase(f"role.{role}") if self.has(f"role.{role}") else self.phrase("missing")

    def duration(self, text: str) -> str:
        """An ISO 8601 duration in words: `P12M` is 12 months, `PT0S` not kept; the text itself where it is none."""
        if not text:
            return self.phrase("missing")
        match = _DURATION.fullmatch(text)
        if match is None:
            return safe.plain(text)
        parts = [
            self.say(f"duration.{unit}", int(number))
            for unit, number in zip(_UNITS, match.groups(), strict=True)
            if number and int(number)
        ]
        return self.listed(parts) or self.phrase("duration.none")
