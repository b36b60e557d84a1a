"""The words of every document, in English and French: phrases, numbers, dates and data categories."""

import json
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Literal

from douane.audit import taxonomy
from douane.reports.hidden import Few

type Lang = Literal["en", "fr"]

LANGS: tuple[Lang, ...] = ("en", "fr")

_NBSP = "\u00a0"
_NARROW = "\u202f"
_BEFORE_COLON = re.compile(r" (?=:(?:\s|$))")
_BEFORE_MARK = re.compile(r" (?=[;?!](?:\s|$))")
_UNITS = re.compile(r"(?<=[\d}]) (?=(?:%|(?:ms|s|min|h|o|ko|Mo|Go)\b))")


class LangError(ValueError):
    """A language that the reports do not speak."""


def lang_of(name: str) -> Lang:
    """The language called `name` (`fr`, `fr-FR`, `FR_ca`…). Raises `LangError` for one not in `LANGS`."""
    short = name.replace("_", "-").split("-")[0].lower()
    for lang in LANGS:
        if short == lang:
            return lang
    raise LangError(f"no reports in this language; choose one of {', '.join(LANGS)}")


def french_spaces(text: str) -> str:
    """`text` with the no-break spaces of French typography: before `: ; ? !`, inside « », before units."""
    text = _BEFORE_COLON.sub(_NBSP, text)
    text = _BEFORE_MARK.sub(_NARROW, text)
    text = text.replace("« ", f"«{_NBSP}").replace(" »", f"{_NBSP}»")
    text = text.replace("art. ", f"art.{_NBSP}").replace(" h ", f"{_NBSP}h{_NBSP}")
    return _UNITS.sub(_NBSP, text)


def form(phrase: str, n: int | None, lang: Lang) -> str:
    """Of a phrase's two forms (`one|other`) the one that fits `n`; the first where there is no number, or one form."""
    forms = phrase.split("|")
    if n is None or len(forms) == 1:
        return forms[0]
    if isinstance(n, Few):  # `≥ 1` is one in both languages; but where there may be more, one moment is not of all
        singular = not n.cell and n.least == 1 and "{n}" in forms[0] and "{when}" not in forms[0]
    else:
        singular = n == 1 or (lang == "fr" and n == 0)
    return forms[0 if singular else 1]


@cache
def _phrases(lang: Lang) -> dict[str, str]:
    pairs = json.loads(files("douane.reports").joinpath("data/words.json").read_text(encoding="utf-8"))
    return {key: french_spaces(both["fr"]) if lang == "fr" else both["en"] for key, both in pairs.items()}


@cache
def keys() -> frozenset[str]:
    """The key of every phrase."""
    return frozenset(_phrases("en"))


@dataclass(frozen=True, slots=True)
class Words:
    """One language's voice."""

    lang: Lang

    def phrase(self, key: str, n: int | None = None) -> str:
        """The phrase called `key`; of its two forms (`one|other`) the one that fits `n`. Raises KeyError if unknown."""
        return form(_phrases(self.lang)[key], n, self.lang)

    def say(self, key: str, n: int | None = None, **values: object) -> str:
        """The phrase with its figures: `n` and whole numbers are written the language's way, the rest as given."""
        written = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        if n is not None:
            written["n"] = self.number(n)
        return self.phrase(key, n).format_map(written)

    def has(self, key: str) -> bool:
        """Whether there is such a phrase."""
        return key in keys()

    def number(self, value: int) -> str:
        """`12,345` or `12 345` (with a narrow no-break space)."""
        return f"{value:,}".replace(",", _NARROW) if self.lang == "fr" else f"{value:,}"

    def milliseconds(self, value: float) -> str:
        """A duration, given in milliseconds: `0.4 ms`, `12 ms`, `1.25 s`; a comma for the decimals in French."""
        if value >= 1000:
            text = f"{value / 1000:.2f}{_NBSP}s"
        else:
            text = f"{value:.1f}{_NBSP}ms" if value < 10 else f"{value:.0f}{_NBSP}ms"
        return text.replace(".", ",") if self.lang == "fr" else text

    def size(self, octets: int) -> str:
        """A number of bytes: `512 B`, `3.4 kB`, `12.0 MB` (powers of 1000); `o`, `ko`, `Mo` in French."""
        units = ("o", "ko", "Mo", "Go", "To") if self.lang == "fr" else ("B", "kB", "MB", "GB", "TB")
        value, unit = float(octets), 0
        while value >= 1000 and unit < len(units) - 1:
            value, unit = value / 1000, unit + 1
        text = f"{octets}{_NBSP}{units[0]}" if unit == 0 else f"{value:.1f}{_NBSP}{units[unit]}"
        return text.replace(".", ",") if self.lang == "fr" else text

    def day(self, at: str) -> str:
        """The day of an ISO 8601 time: `22 Nov 2026` or `22/11/2026`; an em dash for no time."""
        when = _read(at)
        if when is None:
            return "—"
        if self.lang == "fr":
            return when.strftime("%d/%m/%Y")
        return f"{when.day}{_NBSP}{self.phrase('months').split()[when.month - 1]}{_NBSP}{when.year}"

    def date(self, text: str) -> str:
        """A day or month (ISO 8601) told as such, in French `22/11/2026` or `11/2026`; all else as it stands."""
        for form, french in (("%Y-%m-%d", "%d/%m/%Y"), ("%Y-%m", "%m/%Y")):
            with suppress(ValueError):
                known = datetime.strptime(text, form)  # noqa: DTZ007 - a day has no zone
                return known.strftime(french) if self.lang == "fr" else text
        return text

    def minute(self, at: str) -> str:
        """Day and minute for a table: `22 Nov 2026 10:02` or `22/11/2026 10:02` (UTC)."""
        when = _read(at)
        return "—" if when is None else f"{self.day(at)} {when:%H:%M}"

    def hour(self, at: str) -> str:
        """The time of day for a table: `10:02` (UTC)."""
        when = _read(at)
        return "—" if when is None else f"{when:%H:%M}"

    def clock(self, at: str) -> str:
        """The time of day for a sentence: `10:02` or `10 h 02` (UTC)."""
        when = _read(at)
        if when is None or self.lang == "en":
            return self.hour(at)
        return f"{when.hour}{_NBSP}h{_NBSP}{when:%M}"

    def moment(self, at: str, *, one_day: bool) -> str:
        """A time for a sentence: the hour alone when the document covers `one_day`, else the day with it."""
        if one_day:
            return self.say("at.clock", clock=self.clock(at))
        return self.say("at.day", day=self.day(at), clock=self.clock(at))

    def listed(self, items: Iterable[str]) -> str:
        """`a, b and c` or `a, b et c`."""
        parts = list(items)
        if len(parts) < 2:
            return "".join(parts)
        return f"{', '.join(parts[:-1])} {self.phrase('and')} {parts[-1]}"

    def category(self, key: str) -> str:
        """The name of a data category; the key itself where the taxonomy does not know it."""
        known = taxonomy.category(key)
        if known is None:
            return key
        return french_spaces(known.name_fr) if self.lang == "fr" else known.name_en

    def category_in_words(self, key: str) -> str:
        """The category as a sentence speaks of it: `health data (condition)`, « des données de santé (pathologie) »."""
        parts = key.split(".")
        for length in range(len(parts), 0, -1):
            family = ".".join(parts[:length])
            if self.has(f"family.{family}"):
                words = self.phrase(f"family.{family}")
                return words if family == key else f"{words} ({self._leaf(key)})"
        return self.say("family.other", name=_uncapitalised(self.category(key)))

    def _leaf(self, key: str) -> str:
        """A category's name inside the words for its family, which it need not say again."""
        return self.phrase(f"leaf.{key}") if self.has(f"leaf.{key}") else _uncapitalised(self.category(key))

    def marks(self, flags: Iterable[str], category: str = "") -> list[str]:
        """The words for those flags that a reader must see (`art9` first); flags without a word are left out.

        So is what the name of `category` says itself: "a child's data (a child's)".
        """
        said = {"minor"} if taxonomy.is_within(category, "user.childrens") else set[str]()
        known = [flag for flag in FLAG_ORDER if flag in set(flags) - said]
        return list(dict.fromkeys(self.phrase(f"flag.{flag}") for flag in known))


FLAG_ORDER = ("art9", "art10", "minor", "openai:restricted", "secret", "nir", "pci:sad", "pci:chd")
"""Flags that documents show, in this order.

`openai:regulated` says no more than `art9`; `hipaa` marks names and e-mails too and would drown the others.
"""


def _uncapitalised(name: str) -> str:
    """`Health condition` to `health condition`, while `IBAN` and `IP address` stay as they are."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def _read(at: str) -> datetime | None:
    try:
        return datetime.fromisoformat(at).astimezone(UTC)
    except ValueError:
        return None
