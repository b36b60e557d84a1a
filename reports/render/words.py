"""What every renderer says of a cell, in the document's language."""

from collections.abc import Sequence
from datetime import UTC, datetime

from douane.reports.document import Blank, Cell
from douane.reports.i18n import Words


def lines(cell: Cell, words: Words) -> list[str]:
    """A cell as lines of text; numbers and times are written the language's way."""
    if cell is None:
        return []
    if isinstance(cell, str):
        return cell.split("\n")
    if isinstance(cell, Blank):
        return [blank(cell, words)]
    if isinstance(cell, datetime):
        return [words.minute(utc(cell).isoformat())]
    if isinstance(cell, int):
        return [words.number(cell)]
    if isinstance(cell, float):
        text = f"{cell:,.2f}".rstrip("0").rstrip(".")
        return [text.replace(",", "\u202f").replace(".", ",") if words.lang == "fr" else text]
    return [str(one) for one in cell]


def blank(cell: Blank, words: Words) -> str:
    """A place to fill in, in words."""
    return words.say("render.blank.hint", hint=cell.hint) if cell.hint else words.phrase("render.blank")


def utc(when: datetime) -> datetime:
    """The moment in UTC; a time without a zone is UTC already."""
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


def joined(parts: Sequence[str]) -> str:
    """Lines in one."""
    return " · ".join(part for part in parts if part)
