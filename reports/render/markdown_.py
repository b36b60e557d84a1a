"""A document as Markdown (CommonMark with tables), with every text escaped."""

import re
from collections.abc import Iterable, Iterator

from douane.reports.document import Block, Cell, Document, Facts, Picture, Quote, Section, Table, Text
from douane.reports.i18n import Words
from douane.reports.render.words import lines

_MEANT = re.compile(r"([\\`*_{}\[\]|~$#<>])")
_LINK = re.compile(r"(?i)(?<=https)(:)|(?<=http)(:)|(?<=www)(\.)|(@)")
_START = re.compile(r"^(\s*)([-+=]|\d+(?=[.)]))")


def render(document: Document) -> bytes:
    """The whole document."""
    words = Words(document.lang)
    out = [f"# {escaped(document.title)}", ""]
    if document.subtitle:
        out += [escaped(document.subtitle), ""]
    out += _facts(document.facts, words)
    for section in (document.perimeter, *document.sections):
        out += _section(section, 2, words)
    return ("\n".join(out).rstrip("\n") + "\n").encode()


def escaped(text: str) -> str:
    """`text` with nothing in it that Markdown, its tables, inline HTML or automatic links give a meaning."""
    kept = _MEANT.sub(r"\\\1", text.replace("&", "&amp;"))
    kept = kept.replace("\\<", "&lt;").replace("\\>", "&gt;")
    kept = _LINK.sub(lambda found: f"&#{ord(found.group())};", kept)
    return _START.sub(r"\1\\\2", kept) if not kept[:1].isdigit() else re.sub(r"^(\d+)([.)])", r"\1\\\2", kept)


def _section(section: Section, level: int, words: Words) -> Iterator[str]:
    yield from (f"{'#' * min(level, 6)} {escaped(section.heading)}", "")
    for block in section.blocks:
        yield from _block(block, words)
    for below in section.below:
        yield from _section(below, level + 1, words)


def _block(block: Block, words: Words) -> Iterable[str]:
    match block:
        case Text():
            return _text(block)
        case Quote():
            source = [f"> — {escaped(block.source)}"] if block.source else []
            return [f"> {escaped(block.words)}", *([">", *source] if source else []), ""]
        case Facts():
            return _facts(block, words)
        case Table():
            return _table(block, words)
        case Picture():
            caption = [f"*{escaped(block.caption)}*", ""] if block.caption else []
            return [escaped(block.words), "", *caption]


def _text(block: Text) -> list[str]:
    if block.bullets:
        return [*(f"- {escaped(line)}" for line in block.lines), ""]
    return [part for line in block.lines for part in (escaped(line), "")]


def _facts(facts: Facts, words: Words) -> list[str]:
    rows = [f"- **{escaped(label)}**{words.phrase('colon')}{_cell(cell, words)}" for label, cell in facts.rows]
    return [*rows, ""] if rows else []


def _table(table: Table, words: Words) -> list[str]:
    out = [f"*{escaped(table.caption)}*", ""] if table.caption else []
    if not table.rows:
        return [*out, escaped(table.empty), ""] if table.empty else out
    marks = {"start": "---", "end": "---:", "center": ":---:"}
    out.append(f"| {' | '.join(escaped(column.heading) for column in table.columns)} |")
    out.append(f"| {' | '.join(marks[column.align] for column in table.columns)} |")
    out += [f"| {' | '.join(_cell(cell, words) for cell in row)} |" for row in table.rows]
    return [*out, ""]


def _cell(cell: Cell, words: Words) -> str:
    return "<br>".join(escaped(line) for line in lines(cell, words))
