"""The long texts of a kind of document, in English and French: `reports/data/KIND.json`."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from douane.reports.i18n import Lang, Words, french_spaces


@dataclass(frozen=True, slots=True)
class Texts:
    """One kind's texts in one language; `{"key": {"en": …, "fr": …}}` in its file, where a text may be a list."""

    kind: str
    lang: Lang

    def say(self, key: str, **values: object) -> str:
        """The text called `key` with its figures; whole numbers are written the language's way. Raises KeyError."""
        words = Words(self.lang)
        written = {name: words.number(one) if isinstance(one, int) else one for name, one in values.items()}
        return "\n".join(self.lines(key)).format_map(written)

    def lines(self, key: str) -> tuple[str, ...]:
        """The text called `key`, paragraph by paragraph. Raises KeyError."""
        found = _read(self.kind)[key][self.lang]
        kept = (found,) if isinstance(found, str) else tuple(found)
        return tuple(french_spaces(one) for one in kept) if self.lang == "fr" else kept

    def count(self, key: str, n: int, **values: object) -> str:
        """The form of a text written `one|other` that fits `n`, which it may print as `{n}`."""
        forms = "\n".join(self.lines(key)).split("|")
        single = n == 1 or (self.lang == "fr" and n == 0)
        words = Words(self.lang)
        written = {name: words.number(one) if isinstance(one, int) else one for name, one in values.items()}
        return forms[0 if single or len(forms) == 1 else 1].format_map(written | {"n": words.number(n)})


@cache
def _read(kind: str) -> dict[str, dict[str, str | list[str]]]:
    read: dict[str, dict[str, str | list[str]]] = json.loads(
        files("douane.reports").joinpath(f"data/{kind}.json").read_text(encoding="utf-8")
    )
    return read
