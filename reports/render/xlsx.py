"""A document as a workbook: a sheet that reads like the document's start, then one sheet for each table.

Headings are frozen and filtered, times are dates in UTC, text is never a formula.
"""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

import xlsxwriter

from douane.reports.document import Blank, Block, Cell, Column, Document, Facts, Picture, Quote, Section, Table, Text
from douane.reports.hidden import Few
from douane.reports.i18n import Words
from douane.reports.render.words import lines, utc

_FORBIDDEN = re.compile(r"[\[\]:*?/\\'\x00-\x1f]")
_NAME: Final = 31
_LONGEST: Final = 32_000
_WIDEST: Final = 60
_TONES: Final = {"quiet": "#F5F4F0", "notice": "#FBF6E3", "warning": "#FBEAE2", "grave": "#F8E4EE"}


def render(document: Document) -> bytes:
    """The workbook."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties(
        {"title": document.title[:250], "author": "Douane", "created": utc(document.made_at).replace(tzinfo=None)}
    )
    writer = _Writer(book, Words(document.lang))
    writer.cover(document)
    for table in document.tables:
        writer.table(table)
    book.close()
    return out.getvalue()


class _Writer:
    """The workbook in the making, with its formats."""

    def __init__(self, book: Any, words: Words) -> None:
        self.book = book
        self.words = words
        self.names: set[str] = set()
        self.formats: dict[tuple[tuple[str, object], ...], Any] = {}

    def form(self, **looks: object) -> Any:
        """A cell's looks, each made once."""
        key = tuple(sorted(looks.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format({"font_name": "Calibri", "valign": "top", **looks})
        return self.formats[key]

    def cover(self, document: Document) -> None:
        """The first sheet: title, facts, and every section's text, with where its tables are."""
        sheet = self.book.add_worksheet(self.sheet_name(self.words.phrase("render.cover")))
        sheet.set_column(0, 0, 34)
        sheet.set_column(1, 1, 100)
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.set_paper(9)
        sheet.write_string(0, 0, document.title, self.form(bold=True, font_size=16))
        row = 1
        if document.subtitle:
            sheet.write_string(row, 0, document.subtitle, self.form(font_color="#555D66"))
            row += 1
        row = self._facts(sheet, row + 1, document.facts)
        for section in (document.perimeter, *document.sections):
            row = self._section(sheet, row + 1, section, 13)

    def _section(self, sheet: Any, row: int, section: Section, size: int) -> int:
        sheet.write_string(row, 0, section.heading, self.form(bold=True, font_size=size))
        row += 1
        for block in section.blocks:
            if isinstance(block, Facts):
                row = self._facts(sheet, row, block)
                continue
            for line in self._lines(block):
                sheet.write_string(row, 1, line[:_LONGEST], self.form(text_wrap=True))
                sheet.set_row(row, 15 * max(1, -(-len(line) // 100)))
                row += 1
        for below in section.below:
            row = self._section(sheet, row + 1, below, max(11, size - 1))
        return row

    def _lines(self, block: Block) -> Iterator[str]:
        match block:
            case Text():
                yield from (f"• {line}" if block.bullets else line for line in block.lines)
            case Quote():
                source = f" — {block.source}" if block.source else ""
                yield f"{self.words.say('render.quoted', text=block.words)}{source}"
            case Picture():
                yield block.words
            case Table() if not block.rows:
                if block.empty:
                    yield block.empty
            case Table():
                yield self.words.say("render.sheet", len(block.rows), name=self.planned(block.name))
            case Facts():
                return

    def _facts(self, sheet: Any, row: int, facts: Facts) -> int:
        for label, cell in facts.rows:
            sheet.write_string(row, 0, label, self.form(font_color="#555D66", text_wrap=True))
            self.cell(sheet, row, 1, cell, Column("", align="start"), "plain")
            row += 1
        return row

    def table(self, table: Table) -> None:
        """One table on a sheet of its own."""
        table = table.alone()
        sheet = self.book.add_worksheet(self.sheet_name(table.name))
        head = self.form(bold=True, text_wrap=True, bg_color="#1C2126", font_color="#FFFFFF", border=1)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column.heading, head)
            sheet.set_column(place, place, self._width(place, column, table.rows))
        for number, row in enumerate(table.rows, 1):
            tone = table.tones[number - 1] if table.tones else "plain"
            for place, cell in enumerate(row):
                self.cell(sheet, number, place, cell, table.columns[place], tone)
        if not table.rows:
            sheet.write_string(1, 0, table.empty, self.form(italic=True))
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(table.rows)), len(table.columns) - 1)
        sheet.repeat_rows(0)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&C&P / &N")

    def cell(self, sheet: Any, row: int, place: int, cell: Cell, column: Column, tone: str) -> None:
        """One cell, by what it holds."""
        looks: dict[str, object] = {"text_wrap": True, "border": 1, "border_color": "#D9D7D0"}
        looks["align"] = {"start": "left", "end": "right", "center": "center"}[column.align]
        if tone in _TONES:
            looks["bg_color"] = _TONES[tone]
        if column.mono:
            looks["font_name"] = "Consolas"
        if cell is None:
            sheet.write_blank(row, place, None, self.form(**looks))
        elif isinstance(cell, Blank):
            text = "\n".join(lines(cell, self.words))
            sheet.write_string(row, place, text, self.form(**looks | {"bg_color": "#FFF9C4", "italic": True}))
        elif isinstance(cell, datetime):
            pattern = "dd/mm/yyyy hh:mm" if self.words.lang == "fr" else "yyyy-mm-dd hh:mm"
            looks |= {"num_format": pattern, "text_wrap": False}
            sheet.write_datetime(row, place, utc(cell).replace(tzinfo=None), self.form(**looks))
        elif isinstance(cell, int | float) and not isinstance(cell, Few):
            pattern = "#,##0" if isinstance(cell, int) else "#,##0.##"
            sheet.write_number(row, place, cell, self.form(**looks | {"num_format": pattern}))
        else:
            text = "\n".join(lines(cell, self.words))
            sheet.write_string(row, place, text[:_LONGEST], self.form(**looks))

    def _width(self, place: int, column: Column, rows: Sequence[Sequence[Cell]]) -> float:
        longest = max((len(word) for word in column.heading.split()), default=4) + 3
        for row in rows[:500]:
            cell = row[place]
            text = [" " * 16] if isinstance(cell, datetime) else lines(cell, self.words)
            longest = max(longest, *(len(line) for line in text)) if text else longest
        return float(min(_WIDEST, longest + 2))

    def planned(self, name: str) -> str:
        """The name that a table's sheet has or will have."""
        return _FORBIDDEN.sub(" ", name).strip()[:_NAME] or "-"

    def sheet_name(self, name: str) -> str:
        """A name that a workbook takes, which no other sheet has."""
        wanted, number = self.planned(name), 1
        while wanted.casefold() in self.names:
            number += 1
            wanted = f"{self.planned(name)[: _NAME - 3]} {number}"
        self.names.add(wanted.casefold())
        return wanted
