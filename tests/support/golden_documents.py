"""Documents of the golden ledgers, and readers that give back what a file of each format says of its tables."""

import csv
import html
import io
import re
import shutil
import sqlite3
import subprocess
import unicodedata
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from html.parser import HTMLParser
from pathlib import Path

import openpyxl

from douane.reports.document import Cell, Document, Table
from douane.reports.i18n import Lang, Words
from douane.reports.kinds import kinds
from douane.reports.kinds.base import FILES, Seal
from douane.reports.kinds.gathered import About, gathered
from douane.reports.people import Under
from douane.reports.render.glyphs import drawable
from douane.reports.render.words import lines, utc

MADE = datetime.fromisoformat("2026-11-22T18:30:00+00:00")
SEAL = Seal("0f" * 8, 42, "3f" * 32, "INTACT")
KINDS = tuple(name for name, kind in kinds().items() if set(kind.formats) & set(FILES))
"""The kinds that make a document of their own; the review pack is made of those."""

type Rows = list[list[str]]


def made(path: Path, kind: str, lang: Lang, **about: object) -> Document:
    """A document of a ledger, as the command line would have it made."""
    with closing(sqlite3.connect(path)) as db:
        asked = About(**about)  # type: ignore[arg-type]
        one = gathered(db, asked, lang, seal=SEAL, under=Under(), declarations={}, now=MADE)
        return kinds()[kind].build(one)


def bare(text: str) -> str:
    """`text` without anything that only lays it out: white space, and marks where a line may break."""
    return re.sub(r"[\s\u200b\u2060]+", "", unicodedata.normalize("NFC", text))


def printed(document: Document) -> list[Table]:
    """The tables that a page has, in order."""
    return [table for table in document.tables if table is not document.wide and table.rows]


def expected(table: Table, words: Words) -> Rows:
    """What every format must say of a table, row by row."""
    return [[said(cell, words) for cell in row] for row in table.rows]


def said(cell: Cell, words: Words) -> str:
    """A cell as a person reads it."""
    return bare("".join(lines(cell, words)))


class _Tables(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Rows] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag == "td":
            self.tables[-1][-1].append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "td"

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.tables[-1][-1][-1] += bare(data)


def of_html(content: bytes) -> list[Rows]:
    """Every table's rows below its heading."""
    parser = _Tables()
    parser.feed(content.decode())
    return [rows[1:] for rows in parser.tables]


def of_markdown(content: bytes) -> list[Rows]:
    """Every table's rows below its heading."""
    found: list[Rows] = []
    before = ""
    for line in content.decode().splitlines():
        if line.startswith("| "):
            if not before.startswith("| "):
                found.append([])
            found[-1].append([_plain(cell) for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        before = line
    return [rows[2:] for rows in found]


def _plain(cell: str) -> str:
    return bare(html.unescape(re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", cell.replace("<br>", ""))))


def of_csv(content: bytes) -> Rows:
    """The rows below the heading."""
    return [
        [bare(cell) for cell in row] for row in csv.reader(io.StringIO(content.decode("utf-8-sig")), delimiter=";")
    ][1:]


def of_workbook(content: bytes) -> list[list[list[object]]]:
    """The rows of each sheet but the first, below the heading; text bare, an empty cell as ''."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    return [
        [[_value(cell) for cell in row] for row in sheet.iter_rows(min_row=2, values_only=True)]
        for sheet in book.worksheets[1:]
    ]


def in_workbook(table: Table, words: Words) -> list[list[object]]:
    """A table's rows as a workbook must hold them: numbers and times as such."""

    def value(cell: Cell) -> object:
        if isinstance(cell, datetime):
            return utc(cell).replace(tzinfo=None, microsecond=0)
        return cell if type(cell) in (int, float) else said(cell, words)

    return [[value(cell) for cell in row] for row in table.rows]


def _value(cell: object) -> object:
    if isinstance(cell, datetime):
        return cell.replace(microsecond=0)
    return "" if cell is None else bare(cell) if isinstance(cell, str) else cell


def text_of_pdf(content: bytes, folder: Path) -> str:
    """The text of a PDF, bare, in the order in which it is drawn and without the pages' feet."""
    (folder / "document.pdf").write_bytes(content)
    command = [shutil.which("pdftotext") or "pdftotext", "-raw", str(folder / "document.pdf"), "-"]
    ran = subprocess.run(command, check=True, capture_output=True)
    return bare("".join(_footless(ran.stdout.decode().split("\f"))))


def _footless(pages: Iterable[str]) -> Iterable[str]:
    for page in pages:
        yield re.sub(r"\n[^\n]*Page \d+ (of|sur) \d+\s*$", "\n", page)


def in_pdf(table: Table, words: Words) -> list[str]:
    """Each row of a table as a PDF must say it."""
    return [bare(drawable("".join(cells))) for cells in expected(table, words)]
