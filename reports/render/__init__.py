"""A document in every format: one module a format, each with `render(document) -> bytes`."""

from collections.abc import Mapping
from importlib import import_module
from typing import Final

from douane.reports.document import Document

_MODULES: Final[Mapping[str, str]] = {
    "pdf": "pdf",
    "html": "html_",
    "xlsx": "xlsx",
    "csv": "csv_",
    "json": "json_",
    "md": "markdown_",
}
FORMATS: Final[tuple[str, ...]] = tuple(_MODULES)
"""Every format, by the ending of its files."""


def render(document: Document, form: str) -> bytes:
    """The document as a file of one of `FORMATS`. Raises KeyError for another format."""
    rendered: bytes = import_module(f"douane.reports.render.{_MODULES[form]}").render(document)
    return rendered
