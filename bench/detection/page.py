"""Sections of a page between markers: those that were measured are replaced, the others are left as they are."""

from collections.abc import Mapping
from pathlib import Path


def write(page: Path, sections: Mapping[str, list[str]], by: str) -> None:
    """Replace the named sections. Raises ValueError where the page has no marker for one of them."""
    text = page.read_text(encoding="utf-8")
    for name, lines in sections.items():
        begin, end = f"<!-- {name}: written by {by} -->", f"<!-- end of {name} -->"
        before, found, rest = text.partition(begin)
        inside, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(
                f"{page.name} has no section between '{begin}' and '{end}'; put these two lines where it belongs"
            )
        del inside
        body = "\n".join(lines).strip("\n")
        text = f"{before}{begin}\n{body}\n{end}{after}"
    page.write_text(text, encoding="utf-8")
