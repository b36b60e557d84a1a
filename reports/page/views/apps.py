"""Who gets what: every app, one of them with what it declared beside what was observed, and what crossed it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from markupsafe import escape
from starlette.responses import Response

from douane.audit.message import Direction
from douane.ledger import browse
from douane.ledger.browse import Where
from douane.ledger.capped import REST
from douane.ledger.counted import DayFigures
from douane.ledger.onward import read_onward
from douane.ledger.promised import last_declaration
from douane.ledger.report_query import Scope
from douane.reports import figure
from douane.reports.conclusions import Voice, conclusions
from douane.reports.html import name
from douane.reports.i18n import Words
from douane.reports.kinds import audit_apps
from douane.reports.kinds.said import Said
from douane.reports.model import App, Flow
from douane.reports.page import charts
from douane.reports.page.asking import Asking, NotFoundError
from douane.reports.page.overview import one_app, overview
from douane.reports.page.views.base import View, Way
from douane.reports.page.views.tool import limits, tool
from douane.reports.phrases import Phrases
from douane.reports.sighted import of_apps

ROWS: Final = 50
KEPT: Final = ("tool", "pointer", "category", "direction", "headline")
"""What the rows may be asked for by."""


class InUtc(Words):
    """The report's words, saying of a time in a sentence that it is in UTC: the page's other times are the reader's."""

    __slots__ = ()

    def moment(self, at: str, *, one_day: bool) -> str:
        """A time for a sentence, with its zone."""
        return f"{Words.moment(self, at, one_day=one_day)} UTC"


@dataclass(frozen=True, slots=True)
class Side:
    """One line of declared beside observed: `missing` are the sources that leave it out, or deny it.

    `flow` is None for what was declared and never seen; `looked_for` is false where no detector looks for it.
    """

    category: str
    direction: Direction
    declared: str
    missing: tuple[str, ...] = ()
    flow: Flow | None = None
    looked_for: bool = True


def apps(asking: Asking) -> Response:
    """Every app with its figures, the picture of who gets what, and the days."""
    summary = overview(asking)
    ids = {row.name: row.id for row in asking.apps()}
    return asking.page(
        "apps.html",
        summary=summary,
        ids=ids,
        drawings=figure.drawings(summary, asking.words),
        days=charts.timeline(_days(asking), asking.words, hide_small=asking.hides_small),
    )


def one(asking: Asking) -> Response:
    """One app: what it declared beside what was observed, its tools, recipients and destinations, gaps and latency."""
    row = asking.app(asking.params["app"])
    counted = asking.counted
    app = one_app(asking, row)
    said = Said(asking.words.lang, "audit")
    held = asking.settings.declarations.get(row.name)
    if held is None and (kept := last_declaration(asking.db, row.name)) is not None:
        held = kept[1]
    voice = Voice(InUtc(asking.words.lang), name=name, text=lambda phrase: escape(phrase))
    called, _ = read_onward(asking.db, row.name)
    return asking.page(
        "app.html",
        row=row,
        app=app,
        said=said,
        t=Phrases(asking.words),
        sentences=voice.sentences(conclusions(app, one_day=False)),
        sides=list(sides(app, said)),
        tools={tool.tool: tool for tool in counted.tools(row.id)},
        limits=limits(counted, row.id),
        rest=REST,
        purposes=[purpose for purpose in held.purposes if purpose.retention] if held is not None else [],
        recipients=held.recipients if held is not None else (),
        called=called,
        sighted=of_apps(asking.db, Scope(), {row.id: row.name}).get(row.id, ()),
        egress=app.egress or asking.settings.egress.get(row.name, False),
        drawings=[one for one in figure.drawings(overview(asking, [row]), asking.words) if one.kind != "matrix"],
        days=charts.timeline(counted.days(row.id), asking.words, hide_small=asking.hides_small),
    )


def sides(app: App, said: Said) -> Iterable[Side]:
    """Declared beside observed, what weighs most first; what was declared and not seen at the end."""
    for flow in app.flows:
        missing = tuple(Phrases(said).missing(flow))
        yield Side(flow.category, flow.direction, audit_apps.declared_as(flow, app, said), missing, flow)
    for direction in Direction:
        for key in app.unused(direction):
            yield Side(key, direction, said.phrase("audit.declared.exact"))
        for key in app.unlooked(direction):
            yield Side(key, direction, said.phrase("audit.declared.exact"), looked_for=False)


def data(asking: Asking) -> Response:
    """The disclosures of an app, newest first: of a tool, a place, a category or a direction where one is asked for."""
    row = asking.app(asking.params["app"])
    kept = {key: asking.query[key] for key in KEPT if key in asking.query}
    if kept.get("direction") not in (None, *Direction):
        raise NotFoundError
    where = Where(
        app=row.id,
        tool=kept.get("tool"),
        pointer=kept.get("pointer"),
        category=kept.get("category"),
        direction=kept.get("direction"),
        headline=kept.get("headline"),
        outcome="delivered",
    )
    page = browse.disclosures(asking.db, asking.counted, where, before=asking.number("before") or None, most=ROWS)
    template = "data_rows.html" if asking.part == "more" else "data.html"
    return asking.page(template, row=row, rows=page.rows, kept=kept, older=page.before)


def _days(asking: Asking) -> tuple[DayFigures, ...]:
    counted = asking.counted
    if asking.viewer.apps is None:
        return counted.days()
    return charts.together(day for row in asking.apps() for day in counted.days(row.id))


VIEW = View(
    "apps",
    "/apps",
    2,
    (Way("", apps), Way("/{app:int}", one), Way("/{app:int}/data", data), Way("/{app:int}/tool", tool)),
)
