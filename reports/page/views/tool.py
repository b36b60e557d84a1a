"""One tool: its schema as a tree with what crossed each field, in both directions. Part of the view of apps."""

from starlette.responses import Response

from douane.audit.message import Direction
from douane.ledger.capped import NAMES, PLACES, REST
from douane.ledger.catalogue import read_tools
from douane.ledger.counted import Counted, ToolFigures
from douane.reports.page.asking import Asking, NotFoundError
from douane.reports.page.tree import beside, tree
from douane.reports.phrases import hint_key

INPUT, OUTPUT = "/params/arguments", "/result/structuredContent"


def limits(counted: Counted, app: int) -> tuple[int, int] | None:
    """How many tools and kinds of data of an app are counted by name, where it has more; else None."""
    return (NAMES, PLACES) if app in counted.capped else None


def tool(asking: Asking) -> Response:
    """The tool that the query names; those of whose schema nothing is known show what crossed alone."""
    row = asking.app(asking.params["app"])
    name = asking.query.get("name", "")
    counted: Counted = asking.counted
    facts = next((one for one in read_tools(asking.db, row.name) if one.name == name), None)
    figures = next((one for one in counted.tools(row.id) if one.tool == name), None)
    if not name or (facts is None and figures is None):
        raise NotFoundError
    found = counted.fields(row.id, name)
    given = [one for one in found if one.direction == Direction.TO_APP]
    taken = [one for one in found if one.direction == Direction.TO_CHATGPT]
    return asking.page(
        "tool.html",
        row=row,
        name=name,
        limits=limits(counted, row.id),
        rest=REST,
        facts=facts,
        figures=figures or ToolFigures(row.id, name, counted.app(0).figures, {}, None),
        says=[hint_key(*one) for one in (facts.annotations.items() if facts is not None else ())],
        sides=[
            (
                "to_app",
                tree(facts.input_schema if facts else None, INPUT, given),
                beside(INPUT, given),
                bool(facts and facts.input_schema is not None),
            ),
            (
                "to_chatgpt",
                tree(facts.output_schema if facts else None, OUTPUT, taken),
                beside(OUTPUT, taken),
                bool(facts and facts.output_schema is not None),
            ),
        ],
    )
