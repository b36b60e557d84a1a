"""The aims of detection and how far they are reached, read from the tables of the page itself."""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from bench.detection import tables

type Row = tuple[str, ...]


def table(page: str) -> list[str]:
    """Each aim, what was measured and whether that reaches it, both as the page prints the figures, rounded.

    An aim is left out where one of its figures is absent.
    """
    lines = tables.head("aim", "measured, as printed", "reached")
    for aim, read, least in AIMS:
        figures = list(read(page))
        if figures:
            reached = all(figure <= -least if least < 0 else figure >= least for figure in figures)
            lines.append(tables.cells(aim, "; ".join(f"{one:.3f}" for one in figures), "yes" if reached else "**no**"))
    return lines


def _rows(page: str, section: str, label: str) -> Iterator[Row]:
    """The cells behind a row's label, under the first heading with that title."""
    start = re.search(rf"^#+ {re.escape(section)}$", page, re.MULTILINE)
    if start is None:
        return
    end = re.search(rf"^#{{1,{start.group().count('#')}}} ", page[start.end() :], re.MULTILINE)
    part = page[start.end() : start.end() + end.start()] if end else page[start.end() :]
    for line in part.splitlines():
        cells = tuple(cell.strip() for cell in line.strip("|").split("|"))
        if line.startswith("|") and cells[0] == label:
            yield cells[1:]


def _figure(cell: str) -> float:
    """The first figure of a cell: `0.928 (0.907–0.947)`; of a count with its share, the share."""
    share = re.search(r": ([\d.]+)%", cell)
    return float(share[1]) / 100 if share else float(cell.split(" ", 1)[0])


def _of(section: str, label: str, *columns: int) -> Callable[[str], Iterator[float]]:
    def read(page: str) -> Iterator[float]:
        for cells in list(_rows(page, section, label))[:1]:
            for column in columns:
                yield _figure(cells[column])

    return read


def _both(*reads: Callable[[str], Iterator[float]]) -> Callable[[str], Iterator[float]]:
    """The figures of all of them, none where one has none: half of them would not say that the aim is reached."""

    def read(page: str) -> Iterator[float]:
        found = [list(one(page)) for one in reads]
        if all(found):
            yield from chain.from_iterable(found)

    return read


_UNSEEN = "`mcp-d`"
AIMS: tuple[tuple[str, Callable[[str], Iterator[float]], float], ...] = (
    ("messages not in view of the rules: F1 ≥ 0.90", _of(_UNSEEN, "fields, `openai/*` left out", 2), 0.9),
    (
        "… each language ≥ 0.88 (English; French)",
        _both(_of(_UNSEEN, "… English", 2), _of(_UNSEEN, "… French", 2)),
        0.88,
    ),
    ("… special categories: recall ≥ 0.90", _of(_UNSEEN, "special categories (articles 9 and 10)", 1), 0.9),
    ("… special categories: precision ≥ 0.85", _of(_UNSEEN, "special categories (articles 9 and 10)", 0), 0.85),
    ("… harmless fields flagged: at most 1 %", _of("Harmless fields", f"**{_UNSEEN}, not in view**", 0), -0.01),
    ("generated harmless records flagged: at most 1 %", _of("Harmless fields", "generated records", 0), -0.01),
    ("messages in view of the rules (`mcp-dev`): F1 ≥ 0.93", _of("`mcp-dev`", "fields, `openai/*` left out", 2), 0.93),
    (
        "identifiers with check digits: found; of all findings right ≥ 0.98",
        _of("Identifiers with check digits", "all: Douane", 0, 1),
        0.98,
    ),
    ("secrets: found; of all findings right ≥ 0.98", _of("Secrets", "Douane", 0, 1), 0.98),
    (
        "Presidio's synthetic set, all 17 labels, binary F2 ≥ 0.93: by default",
        _of("All 17 labels", "Douane", 0),
        0.93,
    ),
    (
        "… with `free_text: everything`",
        _of("All 17 labels", "Douane, `free_text: everything`", 0),
        0.93,
    ),
)
