"""The words of fides for purposes: data uses, data subjects, legal bases, transfer mechanisms. Pure module.

Keys are those of fideslang (CC-BY 4.0 and Apache-2.0, see `data/NOTICE.md`), so that a declaration can go to Fides.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from douane.audit import yamltext


class Kind(StrEnum):
    """A list of words; the value is its name in `data/fides.json`."""

    USE = "data_uses"
    SUBJECT = "data_subjects"
    BASIS = "legal_bases"
    SPECIAL = "special_bases"
    MECHANISM = "mechanisms"


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a list: fides' key, its names, and the article of the GDPR where it stands for one.

    `nearest` is set where the word is Douane's own: the key of fides that comes closest.
    """

    key: str
    en: str
    fr: str
    article: str = ""
    nearest: str = ""

    def name(self, lang: str = "en") -> str:
        """The name in `lang`, a language tag; French for `fr*`, English for all else."""
        return self.fr if lang.lower().startswith("fr") else self.en


# What people write for a key that looks like none of the list.
_ALIASES: dict[Kind, dict[str, str]] = {
    Kind.USE: {"service": "essential.service", "security": "essential.service.security"},
    Kind.SUBJECT: {
        "user": "customer", "client": "customer", "traveller": "passenger", "traveler": "passenger",
        **dict.fromkeys(
            ("children", "kid", "kids", "minor", "minors", "pupil", "pupils", "enfants", "mineur", "mineurs", "élève",
             "élèves"), "child",
        ),
    },
    Kind.BASIS: {"legal obligation": "Legal obligations", "legitimate interest": "Legitimate interests"},
    Kind.SPECIAL: {"consent": "Explicit consent", "medical": "Health or social care (with a basis in law)"},
    Kind.MECHANISM: {
        "adequacy": "Adequacy Decision",
        "scc": "SCCs",
        "standard contractual clauses": "SCCs",
        "bcr": "BCRs",
        "binding corporate rules": "BCRs",
    },
}  # fmt: skip


@cache
def _load() -> Mapping[Kind, Mapping[str, Word]]:
    data = json.loads((files("douane.audit") / "data" / "fides.json").read_text(encoding="utf-8"))
    return {
        kind: {
            row["key"]: Word(row["key"], row["en"], row["fr"], row.get("article", ""), row.get("nearest", ""))
            for row in data[kind.value]
        }
        for kind in Kind
    }


def words(kind: Kind) -> tuple[Word, ...]:
    """Every word of a list, in the order of the list."""
    return tuple(_load()[kind].values())


def word(kind: Kind, key: str) -> Word | None:
    """The word of that key, None where the list has none."""
    return _load()[kind].get(key)


def nearest(kind: Kind, key: str) -> str | None:
    """The key that a mistyped one most likely meant, None where nothing comes close."""
    known = _load()[kind]
    wanted = " ".join(key.casefold().replace("_", " ").replace("-", " ").split())
    for one in known.values():
        if wanted in (one.key.casefold().replace("_", " "), one.en.casefold(), one.fr.casefold()):
            return one.key
    if wanted in _ALIASES[kind]:
        return _ALIASES[kind][wanted]
    by_tail = [one for one in known if "." in one and one.rpartition(".")[2].replace("_", " ") == wanted]
    return by_tail[0] if len(by_tail) == 1 else yamltext.nearest(key, known)
