"""What an organisation needs to run Douane lawfully, as prefilled papers: one document, or a zip of one for each."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import chain
from typing import Final

from douane.reports import few
from douane.reports.document import Blank, Column, Document, Facts, Section, Table, Text
from douane.reports.kinds import perimeter as opening
from douane.reports.kinds.base import Kind, Material
from douane.reports.kinds.kit_facts import Known
from douane.reports.kinds.kit_papers import Paper, papers
from douane.reports.kinds.packing import zipped
from douane.reports.kinds.said import Said
from douane.reports.kinds.texts import Texts
from douane.reports.render import render

_KIND: Final = "kit"


def build(material: Material) -> Document:
    """The whole kit. What neither the configuration nor the ledger says is a place to fill in."""
    said = Said(material.lang, _KIND)
    known = Known(said, material)
    made = papers(known)
    return Document(
        _KIND,
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (
            _about(known, made),
            *(paper.section for paper in made),
        ),
        opening.opening(material),
        opening.data(material)
        | few.told(
            {
                "in_force": None if known.force is None else asdict(known.force),
                "open_points": list(known.open_codes()),
                "documents": [
                    {"id": one.key, "title": one.heading, "to_fill_in": list(_blanks(one.below))} for one in made
                ],
            }
        ),
    )


def pack(material: Material, form: str) -> bytes:
    """A zip file of HTML files: what is left to fill in, then each paper; a word processor opens them."""
    if form != "zip":
        raise KeyError(form)
    known = Known(Said(material.lang, _KIND), material)
    made = papers(known)
    out = io.BytesIO()
    parts = (
        (f"{number}-{paper.key}.html", render(_alone(known, paper), "html")) for number, paper in enumerate(made, 1)
    )
    zipped(out, chain([("0-about.html", render(_first(known, made), "html"))], parts), material.made_at)
    return out.getvalue()


def _about(known: Known, made: Sequence[Paper]) -> Section:
    """How to use the kit, and what is left to fill in."""
    lines = [*known.lines("about.lines")]
    if known.force is None:
        lines.append(known.said.phrase("about.unknown"))
    return Section("about", known.said.phrase("about"), (Text(tuple(lines)), _to_do(known.said, made)))


def _first(known: Known, made: Sequence[Paper]) -> Document:
    """What the kit opens with as a document of its own."""
    said, material = known.said, known.material
    return Document(
        f"{_KIND}-about",
        said.phrase("title"),
        said.phrase("subtitle"),
        material.lang,
        material.made_at,
        opening.perimeter(material),
        (_about(known, made),),
        opening.opening(material),
    )


def _to_do(said: Said, made: Sequence[Paper]) -> Table:
    """The papers, each with what is left to fill in: what somebody who completes the kit works off."""
    columns = (Column(said.phrase("about.paper"), 2), Column(said.phrase("about.to.fill"), 5))
    rows = tuple((one.heading, tuple(dict.fromkeys(_blanks(one.below))) or said.phrase("about.filled")) for one in made)
    return Table(said.phrase("about.papers"), columns, rows, said.phrase("about.papers.caption"))


def _alone(known: Known, paper: Paper) -> Document:
    """One paper as a document of its own."""
    said, material = known.said, known.material
    words = Texts("perimeter", material.lang)
    made = words.say("made.at", at=said.minute(material.made_at.isoformat()))
    short = Section("seen", said.phrase("short"), (Text((said.phrase("short.lines"),)),))
    return Document(
        f"{_KIND}-{paper.key}",
        paper.heading,
        " ".join(paper.lead),
        material.lang,
        material.made_at,
        opening.perimeter(material) if paper.whole else short,
        paper.below,
        opening.opening(material) if paper.whole else Facts(((words.say("made"), made),)),
    )


def _blanks(sections: tuple[Section, ...]) -> Iterator[str]:
    """The labels of what is left to fill in."""
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                yield from (label for label, cell in block.rows if isinstance(cell, Blank))
            elif isinstance(block, Table):
                yield from (str(row[0]) for row in block.rows if any(isinstance(cell, Blank) for cell in row))
        yield from _blanks(section.below)


KIND: Final = Kind(_KIND, ("pdf", "html", "md", "json", "zip"), build, pack)
