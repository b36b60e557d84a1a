"""A document as PDF/A-2a and PDF/UA-1, through Typst; both standards are enforced by Typst.

Only the fonts inside Typst are used, so that a document looks the same everywhere; a character that they lack is
written as its code point. The text is handed over as data: nothing in it is ever read as Typst.
"""

import json
from datetime import datetime
from importlib.resources import as_file, files

import typst

from douane.reports.document import Blank, Block, Cell, Document, Facts, Picture, Quote, Section, Table, Text
from douane.reports.i18n import Words
from douane.reports.render.glyphs import drawable
from douane.reports.render.words import blank, lines, utc


def render(document: Document) -> bytes:
    """The PDF."""
    words = Words(document.lang)
    data = {
        "title": drawable(document.title),
        "subtitle": drawable(document.subtitle),
        "lang": document.lang,
        "made": _date(document.made_at),
        "made_words": words.minute(utc(document.made_at).isoformat()) + " UTC",
        "contents": words.phrase("render.contents"),
        "page": words.phrase("render.page"),
        "facts": _rows(document.facts, words),
        "sections": [_section(one, words) for one in (document.perimeter, *document.sections)],
    }
    with as_file(files("douane.reports").joinpath("templates")) as folder:
        return typst.compile(
            str(folder / "document.typ"),
            root=str(folder),
            format="pdf",
            ignore_system_fonts=True,
            sys_inputs={"document": json.dumps(data, ensure_ascii=False)},
            pdf_standards=["a-2a", "ua-1"],
            timestamp=int(utc(document.made_at).timestamp()),
        )


def _date(when: datetime) -> list[int]:
    at = utc(when)
    return [at.year, at.month, at.day, at.hour, at.minute, at.second]


def _section(section: Section, words: Words) -> dict[str, object]:
    return {
        "anchor": section.anchor,
        "heading": drawable(section.heading),
        "new_page": section.new_page,
        "whole": section.whole,
        "blocks": [_block(block, words) for block in section.blocks],
        "below": [_section(one, words) for one in section.below],
    }


def _block(block: Block, words: Words) -> dict[str, object]:
    match block:
        case Text():
            shown = [drawable(line) for line in block.lines]
            return {"kind": "text", "lines": shown, "tone": block.tone, "bullets": block.bullets}
        case Quote():
            said = words.say("render.quoted", text=block.words)
            return {"kind": "quote", "words": drawable(said), "source": drawable(block.source)}
        case Facts():
            return {"kind": "facts", "rows": _rows(block, words)}
        case Picture():
            return {
                "kind": "picture",
                "svg": drawable(block.svg),
                "words": drawable(block.words),
                "caption": drawable(block.caption),
                "width": block.width,
            }
        case Table():
            return {
                "kind": "table",
                "columns": [
                    {"heading": drawable(one.heading), "share": one.share, "align": one.align, "mono": one.mono}
                    for one in block.columns
                ],
                "rows": [[_cell(cell, words) for cell in row] for row in block.rows],
                "tones": list(block.tones),
                "caption": drawable(block.caption),
                "empty": drawable(block.empty),
            }


def _rows(facts: Facts, words: Words) -> list[list[object]]:
    return [[drawable(label), _cell(cell, words)] for label, cell in facts.rows]


def _cell(cell: Cell, words: Words) -> dict[str, object]:
    if isinstance(cell, Blank):
        return {"lines": [drawable(blank(cell, words))], "blank": True}
    return {"lines": [drawable(line) for line in lines(cell, words)], "blank": False}
