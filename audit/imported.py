"""What becomes of another format's file: a declaration, what had no place in it, what a person must fill in.

Pure module: no I/O. Nothing is invented: what the other format does not say stays unsaid, with a mark.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from douane.audit.declaration import Declaration
from douane.audit.rules.base import Text
from douane.audit.yamltext import Path


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Something of the other file that was not taken as it is: its key or word, and why. Holds no author's text."""

    what: str
    why: Text


@dataclass(frozen=True, slots=True)
class Imported:
    """A declaration out of another format, and the table of what could not be mapped, in the order of the file."""

    declaration: Declaration
    unmapped: tuple[Unmapped, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """What a word of a store stands for: categories of ours, or a data use; `why` where it is not the same."""

    categories: tuple[str, ...] = ()
    use: str = ""
    why: Text | None = None


@dataclass(frozen=True, slots=True)
class Store:
    """A store's words for types of data and for purposes."""

    source: str
    read: str
    types: Mapping[str, Taken]
    purposes: Mapping[str, Taken]


@cache
def store(name: str) -> Store:
    """The words of `apple` or `google`."""
    row = json.loads((files("douane.audit") / "data" / "stores.json").read_text(encoding="utf-8"))[name]
    return Store(
        row["source"],
        row["read"],
        {key: _taken(one) for key, one in row["types"].items()},
        {key: _taken(one) for key, one in row["purposes"].items()},
    )


def _taken(row: Mapping[str, Any]) -> Taken:
    why = Text(**row["why"]) if "why" in row else None
    return Taken(tuple(row.get("categories", ())), row.get("use", ""), why)


_FILL = Text("to be filled in by a person", "à compléter par une personne")


def blanks(declaration: Declaration, lang: str = "en") -> dict[Path, str]:
    """A mark for each thing that a declaration ought to say and that a person must know, by its path in the file."""
    missing: dict[Path, object] = {
        ("title",): declaration.title,
        ("publisher", "name"): declaration.publisher.name,
        ("publisher", "country"): declaration.publisher.country,
        ("organisation", "controller", "name"): declaration.organisation.party.name,
        ("privacy_policy",): declaration.policy,
    }
    for number, purpose in enumerate(declaration.purposes):
        here: Path = ("privacy_declarations", number)
        missing |= {
            (*here, "data_use"): purpose.data_use,
            (*here, "data_subjects"): purpose.subjects,
            (*here, "legal_basis_for_processing"): purpose.legal_basis,
            (*here, "retention_period"): purpose.retention or purpose.ephemeral,
        }
    for number, recipient in enumerate(declaration.recipients):
        missing[("recipients", number, "country")] = recipient.country
    return {path: _FILL.of(lang) for path, said in missing.items() if not said}
