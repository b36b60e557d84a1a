"""The audit report: what crossed, what of it nobody declared, and what was not observed."""

from douane.reports.document import Document, Section, Text
from douane.reports.kinds import perimeter
from douane.reports.kinds.base import Kind, Material
from douane.reports.phrases import Phrases


def build(material: Material) -> Document:
    """The report of a summary."""
    words = material.words
    return Document(
        "audit",
        Phrases(words).title(material.summary),
        "",
        material.lang,
        material.made_at,
        perimeter.perimeter(material),
        (Section("conclusions", words.phrase("conclusions"), (Text((words.phrase("conclusions.lead"),)),)),),
        perimeter.opening(material),
        perimeter.data(material),
    )


KIND = Kind("audit", ("pdf", "html", "xlsx", "json", "md"), build)
