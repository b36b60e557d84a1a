"""CSV and Markdown tables in a text, cell by cell. Pure module: no I/O."""

import re
from dataclasses import dataclass, field
from typing import Final

from douane.audit.keys import is_field_name

_MAX_COLUMNS: Final = 256


@dataclass(slots=True)
class Cell:
    """A cell: its row (from 1), its column's heading, its span in the text and its text.

    `runs` is set where the text differs from what stands between the offsets: the last character of each match counts.
    """

    row: int
    head: str = field(repr=False)
    start: int
    end: int
    text: str = field(repr=False)
    runs: re.Pattern[str] | None = None


@dataclass(slots=True)
class Table:
    """The cells of the tables in a text. `whole` is true when nothing stands beside them. `kind`: csv | table."""

    kind: str
    cells: list[Cell] = field(repr=False)
    whole: bool


_RULE: Final = re.compile(r"^[ \t]{0,8}\|?[ \t]*+:?-+:?[ \t]*+(?:\|[ \t]*+:?-+:?[ \t]*+)*+\|?[ \t\r]*+$", re.MULTILINE)
_BAR: Final = re.compile(r"(?:[^|\\]|\\.)*+", re.DOTALL)
_PIPE: Final = re.compile(r"\\\|")
_QUOTES: Final = re.compile('""')


def last_of_run(found: re.Match[str]) -> str:
    """What an escaped bar or a doubled quote stands for."""
    return found[0][-1]


def tables(text: str, most: int) -> Table | None:
    """The tables of a text of several lines, `most` cells or a row more; None when it has none."""
    if "|" in text and "-" in text:
        found = _markdown(text, most)
        if found is not None:
            return found
    return _csv(text, most)


def _markdown(text: str, most: int) -> Table | None:
    """Tables as in GitHub Flavored Markdown: a line of headings, a line of dashes, lines of cells."""
    cells: list[Cell] = []
    beside = False
    end = 0
    for rule in _RULE.finditer(text):
        if len(cells) > most:
            break
        if rule.start() < end or "|" not in rule[0] or rule.start() == 0:
            continue
        first = text.rfind("\n", 0, rule.start() - 1) + 1
        heads = [text[a:b].strip() for a, b in _split(text, first, rule.start() - 1)]
        if len(heads) < 1 or "|" not in text[first : rule.start()]:
            continue
        beside = beside or bool(text[end:first].strip())
        end = min(rule.end() + 1, len(text))
        row = 0
        while end < len(text) and len(cells) <= most:
            stop = text.find("\n", end)
            stop = len(text) if stop < 0 else stop
            if "|" not in text[end:stop]:
                break
            row += 1
            for column, (a, b) in enumerate(_split(text, end, stop)[:_MAX_COLUMNS]):
                _cell(cells, row, heads[column] if column < len(heads) else "", text, a, b)
            end = stop + 1
        end = min(end, len(text))
    if not cells:
        return None
    return Table("table", cells, not beside and not text[end:].strip())


def _split(text: str, first: int, last: int) -> list[tuple[int, int]]:
    """The spans between the bars of a line."""
    while first < last and text[first] in " \t":
        first += 1
    while last > first and text[last - 1] in " \t\r":
        last -= 1
    if text[first:last].startswith("|"):
        first += 1
    if text[first:last].endswith("|") and not text[first:last].endswith("\\|"):
        last -= 1
    spans: list[tuple[int, int]] = []
    while first <= last:
        found = _BAR.match(text, first, last)
        stop = found.end() if found is not None else last
        spans.append((first, stop))
        first = stop + 1
    return spans


def _cell(cells: list[Cell], row: int, head: str, text: str, start: int, end: int) -> None:
    while start < end and text[start] in " \t":
        start += 1
    while end > start and text[end - 1] in " \t\r":
        end -= 1
    if start == end:
        return
    piece = text[start:end]
    if "\\|" in piece:
        cells.append(Cell(row, head, start, end, _PIPE.sub(last_of_run, piece), _PIPE))
    else:
        cells.append(Cell(row, head, start, end, piece))


def _row_pattern(mark: str) -> re.Pattern[str]:
    return re.compile(rf'[ ]*+(?:"((?:[^"]|"")*+)"[ ]*+|([^{mark}\n\r"]*+))({mark}|\r?\n|\r|\Z)')


_ROWS: Final = {mark: _row_pattern(re.escape(mark)) for mark in (",", ";", "\t", "|")}


def _csv(text: str, most: int) -> Table | None:
    """Rows of cells with one separator throughout, the first row of headings. Source: RFC 4180."""
    stop = text.find("\n")
    top = text[: stop if stop >= 0 else len(text)]
    mark = max(_ROWS, key=top.count)
    width = top.count(mark) + 1
    if width < 2 or width > _MAX_COLUMNS:
        return None
    rows = _rows(text, _ROWS[mark], most)
    if rows is None or len(rows) < 2:
        return None
    heads = [text[a:b].strip() for a, b, _ in rows[0]]
    if len(set(heads)) < len(heads) or not all(_is_heading(head) for head in heads):
        return None
    good = [row for row in rows[1:] if len(row) == len(heads)]
    if not good or len(good) * 2 < len(rows) - 1:
        return None
    cells: list[Cell] = []
    for number, row in enumerate(rows[1:], 1):
        for column, (a, b, quoted) in enumerate(row):
            head = heads[column] if column < len(heads) else ""
            if quoted and '""' in text[a:b]:
                cells.append(Cell(number, head, a, b, _QUOTES.sub(last_of_run, text[a:b]), _QUOTES))
            else:
                _cell(cells, number, head, text, a, b)
    if not cells:
        return None
    sure = len(good) == len(rows) - 1 and all(is_field_name(head) for head in heads)
    return Table("csv", cells, sure)


def _rows(text: str, pattern: re.Pattern[str], most: int) -> list[list[tuple[int, int, bool]]] | None:
    """The cells of each row; None when a quote is left open."""
    rows: list[list[tuple[int, int, bool]]] = []
    row: list[tuple[int, int, bool]] = []
    pos, seen = 0, 0
    while pos < len(text) and seen <= most + _MAX_COLUMNS:
        seen += 1
        found = pattern.match(text, pos)
        if found is None:
            return None
        quoted = found[1] is not None
        start, end = found.span(1 if quoted else 2)
        row.append((start, end, quoted))
        pos = found.end()
        if found[3][:1] in ("\n", "\r", ""):
            if len(row) > 1 or row[0][0] < row[0][1]:
                rows.append(row)
            row = []
    if row:
        row.append((len(text), len(text), False))  # the text ends with a separator
        rows.append(row)
    return rows


def _is_heading(head: str) -> bool:
    if not 0 < len(head) <= 48 or "@" in head:
        return False
    return any(map(str.isalpha, head)) and sum(map(str.isdigit, head)) <= 4
