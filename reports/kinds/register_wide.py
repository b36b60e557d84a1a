"""The register as one table: CSV, and the first sheet of a workbook."""

from collections.abc import Iterator, Mapping, Sequence

from douane.audit.declaration import Declaration
from douane.reports import safe
from douane.reports.document import Cell, Column, Table
from douane.reports.kinds.activities import Part, Stray, unpurposed
from douane.reports.kinds.register_cells import COLUMNS, hosts
from douane.reports.kinds.said import Said
from douane.reports.model import App, Flow

_CELLS = dict(COLUMNS)


def wide(
    said: Said,
    parts: Sequence[Part],
    loose: Sequence[Stray],
    quiet: Sequence[App],
    declarations: Mapping[str, Declaration],
) -> Table:
    """One row for each app and purpose, one for what an app with purposes showed beside them, one for each without."""
    rows = [tuple(cell(said, part) for _, cell in COLUMNS) for part in parts]
    rows += [*_beside_purposes(said, loose), *_without_purposes(said, loose, quiet, declarations)]
    columns = tuple(Column(said.phrase(key)) for key, _ in COLUMNS)
    return Table(said.phrase("tab.register"), columns, tuple(rows), empty=said.phrase("overview.none"))


def _beside_purposes(said: Said, loose: Sequence[Stray]) -> Iterator[tuple[Cell, ...]]:
    for stray in loose:
        if stray.declaration is None or not stray.declaration.purposes:
            continue
        part = unpurposed(stray, stray.declaration)
        over: dict[str, Cell] = {"purpose": said.phrase("strays"), "missing.heading": said.phrase("missing.all")}
        yield tuple(over[key] if key in over else cell(said, part) for key, cell in COLUMNS)


def _without_purposes(
    said: Said, loose: Sequence[Stray], quiet: Sequence[App], declarations: Mapping[str, Declaration]
) -> Iterator[tuple[Cell, ...]]:
    """The apps that declare no purpose: what was observed, and all else missing."""
    observed = {stray.app.name: stray for stray in loose}
    for app in quiet:
        declared = declarations.get(app.name)
        known: dict[str, Cell] = {
            "app": (safe.plain(app.name), *((safe.plain(declared.publisher.name),) if declared else ())),
            "observed": tuple(_observed(said, flow) for flow in app.flows) or said.phrase("none.observed"),
            "destinations": hosts(said, app),
            "missing.heading": said.phrase("missing.all"),
        }
        if app.name in observed:
            part = unpurposed(observed[app.name], declared or Declaration(app.name, (), ()))
            known["sensitive"] = _CELLS["sensitive"](said, part)
        yield tuple(known.get(key, said.phrase("missing")) for key, _ in COLUMNS)


def _observed(said: Said, flow: Flow) -> str:
    return said.say(
        "observed.line",
        category=said.category(flow.category),
        way=said.way(flow.direction),
        n=flow.count,
        first=said.day(flow.first),
        last=said.day(flow.last),
    )
