"""A document before it has a format: what every kind of report is built as, and every renderer prints.

Text here is ours or was made harmless (`safe.plain`); a renderer escapes it for its format and adds nothing. Dates and
numbers that a spreadsheet should sort are kept as such.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from douane.reports.i18n import Lang

type Align = Literal["start", "end", "center"]
type Tone = Literal["plain", "quiet", "notice", "warning", "grave"]
type Cell = "str | int | float | datetime | Sequence[str] | Blank | None"
"""What a table's cell holds: text, a number, a moment (UTC), a list that is printed as lines, a blank, or nothing."""


@dataclass(frozen=True, slots=True)
class Blank:
    """A place that a person has to fill in; `hint` says with what. Never filled by Douane."""

    hint: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, its share of the width (relative to the others), how its cells stand.

    `mono` is for pointers, hashes and other names that are read letter by letter.
    """

    heading: str
    share: float = 1.0
    align: Align = "start"
    mono: bool = False


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph, or a list of them as bullets."""

    lines: tuple[str, ...]
    tone: Tone = "plain"
    bullets: bool = False


@dataclass(frozen=True, slots=True)
class Quote:
    """Words of somebody else, with where they stand."""

    words: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels with what belongs to each, one below the other."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under columns. `name` is short and unique in the document: a spreadsheet's sheet, a file of a pack.

    `tones` has one tone for each row, or is empty. `empty` is what is printed instead of a table without rows. `within`
    is what the heading around the table says, by its own heading: a sheet of a workbook has no other place for it.
    """

    name: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    caption: str = ""
    empty: str = ""
    tones: tuple[Tone, ...] = ()
    within: tuple[tuple[str, Cell], ...] = ()

    def alone(self) -> "Table":
        """The table as it stands without the headings around it: what they say comes first in each row."""
        columns = tuple(Column(heading) for heading, _ in self.within)
        cells = tuple(cell for _, cell in self.within)
        return replace(self, columns=columns + self.columns, rows=tuple(cells + row for row in self.rows), within=())


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing as SVG that needs no style of a page, and the same in words for those who cannot see it."""

    svg: str
    words: str
    caption: str = ""
    width: float = 1.0
    """Share of the text's width."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what stands under it, and sections below. `anchor` is unique in the document.

    On paper a section with `new_page` starts a page; one that is `whole` is not torn where it fits on one page.
    """

    anchor: str
    heading: str
    blocks: tuple["Block", ...] = ()
    below: tuple["Section", ...] = ()
    new_page: bool = False
    whole: bool = False


type Block = Text | Quote | Facts | Table | Picture


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document. `perimeter` opens it: what was seen by which route, and what was not.

    `data` is the same as JSON: a mapping with `schema` (`douane.KIND/1`), figures raw, times ISO 8601.
    """

    kind: str
    title: str
    subtitle: str
    lang: Lang
    made_at: datetime
    perimeter: Section
    sections: tuple[Section, ...]
    facts: Facts = Facts(())
    """What stands under the title: period, apps, versions, the ledger's head, who made it for what."""
    data: dict[str, object] = field(default_factory=dict[str, object])
    wide: Table | None = None
    """What the document says as one table, too wide for a page: only a spreadsheet has it, and there it comes first."""

    @property
    def tables(self) -> tuple[Table, ...]:
        """Every table, the wide one first, then in the order of the document."""
        found: list[Table] = [] if self.wide is None else [self.wide]

        def walk(section: Section) -> None:
            found.extend(block for block in section.blocks if isinstance(block, Table))
            for one in section.below:
                walk(one)

        for section in (self.perimeter, *self.sections):
            walk(section)
        return tuple(found)
