"""A document as one HTML file: no script, nothing from elsewhere, made to be printed and to be read on any screen."""

import base64
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from douane.reports.document import Blank, Block, Cell, Document, Facts, Picture, Quote, Table, Text
from douane.reports.i18n import Words
from douane.reports.render.words import blank, lines


def render(document: Document) -> bytes:
    """The whole document."""
    words = Words(document.lang)

    def cell(value: Cell) -> Markup:
        if isinstance(value, Blank):
            return Markup('<span class="blank">{}</span>').format(blank(value, words))
        return Markup("<br>".join(map(_breakable, lines(value, words))))  # noqa: S704 -- escaped, line by line

    text = (
        _environment()
        .get_template("document.html")
        .render(
            d=document,
            w=words,
            cell=cell,
            kind=_kind,
            image=image,
            style=Markup(_style()),  # noqa: S704 -- a file of this package
        )
    )
    return text.encode()


def image(picture: Picture) -> str:
    """The picture as an address that holds it: its styles stay inside, and no script in it runs."""
    return f"data:image/svg+xml;base64,{base64.b64encode(picture.svg.encode()).decode()}"


def _kind(block: Block) -> str:
    names = {Text: "text", Quote: "quote", Facts: "facts", Table: "table", Picture: "picture"}
    return names[type(block)]


def _breakable(line: str) -> str:
    """A line as HTML whose direction stays its own, and which may break after a slash: no entity has one."""
    return f"<bdi>{str(escape(line)).replace('/', '/<wbr>')}</bdi>"


@cache
def _style() -> str:
    return files("douane.reports").joinpath("templates/document.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("douane.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
