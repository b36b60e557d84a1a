"""A document's main table as CSV that a French or English Excel opens as it is: `;`, UTF-8 with a mark, CRLF.

The first table after the perimeter is the main one. A text that would start a formula gets an apostrophe before it.
"""

import csv
import io
from datetime import datetime

from douane.reports import safe
from douane.reports.document import Document, Table
from douane.reports.i18n import Words
from douane.reports.render.words import lines, utc

_LONGEST = 32_000
"""Characters of a cell; a spreadsheet takes 32,767."""


def render(document: Document) -> bytes:
    """The main table; only the heading of the document where it has none."""
    own = [table for table in document.tables if table not in _of_perimeter(document)]
    return of_table(own[0], Words(document.lang)) if own else b"\xef\xbb\xbf" + f"{document.title}\r\n".encode()


def of_table(table: Table, words: Words) -> bytes:
    """One table as a file of its own."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([safe.plain(column.heading, _LONGEST) for column in table.columns])
    for row in table.rows:
        written: list[str | int | float] = []
        for cell in row:
            if isinstance(cell, datetime):
                written.append(f"{utc(cell):%Y-%m-%d %H:%M:%S}")
            elif isinstance(cell, float):
                written.append(str(cell).replace(".", ",") if words.lang == "fr" else cell)
            elif isinstance(cell, int):
                written.append(int(cell) if type(cell) is int else str(cell))
            else:
                written.append(safe.lines(lines(cell, words), _LONGEST))
        writer.writerow(written)
    return out.getvalue().encode("utf-8-sig")


def _of_perimeter(document: Document) -> tuple[Table, ...]:
    return tuple(block for block in document.perimeter.blocks if isinstance(block, Table))
