"""A document as JSON: its data for programs, under its title, language and time."""

import json

from douane.reports import few, safe
from douane.reports.document import Document
from douane.reports.render.words import utc


def render(document: Document) -> bytes:
    """The document's data; ASCII, harmless inside HTML or a terminal."""
    told = {
        "schema": f"douane.{document.kind}/1",
        "title": document.title,
        "lang": document.lang,
        "made_at": utc(document.made_at).isoformat(timespec="seconds").replace("+00:00", "Z"),
        **few.told(document.data),
    }
    return (safe.json_text(json.dumps(told, ensure_ascii=True, indent=2)) + "\n").encode()
