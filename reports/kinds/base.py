"""What a kind of document is, and what it is made from."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from douane.audit.declaration import Declaration
from douane.ledger.equal import Equal
from douane.reports.document import Document
from douane.reports.i18n import Lang, Words
from douane.reports.kinds.holdings import Holdings
from douane.reports.kinds.in_force import InForce
from douane.reports.model import Summary

FILES: Final = ("pdf", "html", "xlsx", "csv", "json", "md")
"""The formats that `douane.reports.render` makes of any document."""


@dataclass(frozen=True, slots=True)
class Seal:
    """Where the ledger's chain ends, and what verifying it said; all empty where the ledger has no chain.

    `word` is one of the verifier's words, empty where it was not verified; `unchecked` says what could not be checked.
    """

    ledger: str = ""
    seq: int = 0
    head: str = ""
    word: str = ""
    unchecked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Material:
    """What every document is made from. `summary` hides small counts where the profile asks for it.

    `declarations` are those in force by app (the ledger's own copy says less); `since` and `until` are as the ledger
    writes times, empty where open; `categories` are those asked for, none for all. `in_force` is the configuration,
    `holdings` where the files lie that a kind may take along, `seen` what the summary was made of; None where nobody
    said.
    """

    db: sqlite3.Connection
    summary: Summary
    lang: Lang
    made_at: datetime
    seal: Seal = field(default_factory=Seal)
    declarations: Mapping[str, Declaration] = field(default_factory=dict[str, Declaration])
    since: str = ""
    until: str = ""
    categories: tuple[str, ...] = ()
    in_force: InForce | None = None
    seen: Equal | None = None
    holdings: Holdings | None = None

    @property
    def words(self) -> Words:
        """The document's language."""
        return Words(self.lang)


class CannotBuild(ValueError):  # noqa: N818 - it says what happened
    """A document that cannot be made of what was asked; the message says why, and holds nothing from outside."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of document: its name, the formats it comes in (the first is the default), and what makes it.

    `build` makes the document; `pack` makes the file of a format that is not in `FILES`, `stream` writes it into a file
    where it may be too large for memory, and returns what to tell whoever made it. All raise `CannotBuild`, `stream`
    also `OSError`. `by_category` says that it takes categories.
    """

    name: str
    formats: tuple[str, ...]
    build: Callable[[Material], Document]
    pack: Callable[[Material, str], bytes] | None = None
    by_category: bool = False
    stream: Callable[[Material, str, Path], tuple[str, ...]] | None = None

    def make(self, material: Material, form: str) -> bytes:
        """The file in one of `formats`."""
        from douane.reports.render import render

        if form in FILES:
            return render(self.build(material), form)
        if self.stream is not None and form in self.formats:
            with TemporaryDirectory() as folder:
                self.stream(material, form, Path(folder) / "made")
                return (Path(folder) / "made").read_bytes()
        if self.pack is None or form not in self.formats:
            raise KeyError(form)
        return self.pack(material, form)
