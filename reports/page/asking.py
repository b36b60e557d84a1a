"""One question to the page: who asks, in which language, about what, with a read-only connection to the ledger."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Final

from starlette.responses import HTMLResponse, RedirectResponse, Response

from douane.ledger.access import Scope
from douane.ledger.counted import Counted
from douane.ledger.following import number_and_file
from douane.ledger.query import open_ledger
from douane.ledger.refused import LedgerRefused
from douane.ledger.report_query import AppRow, apps
from douane.ledger.tallies import Tallies
from douane.reports.hidden import cell, coarse
from douane.reports.kinds.said import Said
from douane.reports.page.door import Session
from douane.reports.page.settings import PageSettings, Viewer
from douane.reports.page.work import Work
from douane.reports.people import Under

LONGEST: Final = 4096
"""Characters of one value in an address or a form that a view is given."""


class NotFoundError(Exception):
    """There is nothing under this address, or nothing that this viewer may see: the answer is the same."""


class NotCountedError(Exception):
    """The ledger is being counted for the first time; `share` of it is done, from 0 to 1."""

    def __init__(self, share: float) -> None:
        super().__init__("the ledger is being counted")
        self.share = share


@dataclass(frozen=True, slots=True)
class Asking:
    """What a view gets. `params` are the parts of the path, `query` those after the `?`, `form` what was posted.

    `words` speaks the viewer's language, with the phrases of `reports/data/page.json`. `part` says that htmx asks for
    a piece of a page only (its target's id, empty for a whole page). `work` is what goes on between two answers.
    """

    db: sqlite3.Connection
    settings: PageSettings
    session: Session = field(repr=False)
    words: Said
    tallies: Tallies
    work: Work
    path: str = "/"
    part: str = ""
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    form: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]], repr=False)

    @property
    def viewer(self) -> Viewer:
        """Who asks, in which role, and about which apps they may."""
        one = self.settings.viewer
        return replace(one, who=self.session.who) if self.session.who else one

    @property
    def counted(self) -> Counted:
        """What is counted of the ledger as this connection sees it. Raises `NotCountedError` before the first count."""
        if self.tallies.counted is None:
            raise NotCountedError(self.tallies.progress)
        return self.tallies.follow(self.db)

    @property
    def hides_small(self) -> bool:
        """Whether counts under 5 are hidden: the ledger's profile asks for it."""
        return self.settings.under.small_hidden

    def under(self, told: str = "") -> Under:
        """The circumstances that a document prints: who made it, and when that was told in the chain."""
        one = self.viewer
        return replace(self.settings.under, who=one.who, role=one.role, why=one.why, at=told)

    def count(self, number: int) -> int:
        """A count as the profile lets it be shown."""
        return cell(number) if self.hides_small else number

    def again(self, number: int) -> int:
        """A count of what is counted elsewhere too: where small ones are hidden only none, under 5, or more."""
        return coarse(number) if self.hides_small else number

    def apps(self) -> list[AppRow]:
        """The apps of the ledger that this viewer may see, by name."""
        return sorted((one for one in apps(self.db) if self.viewer.may_see(one.name)), key=lambda one: one.name)

    def app(self, number: int) -> AppRow:
        """One of them by its id in the ledger. Raises `NotFoundError`."""
        for one in self.apps():
            if one.id == number:
                return one
        raise NotFoundError

    def posted(self, name: str) -> str:
        """The one value of a field of the form, empty where it was not sent."""
        found = self.form.get(name, ())
        return found[0] if found else ""

    def number(self, name: str, default: int = 0) -> int:
        """A whole number from 0 in the query; the default for anything else."""
        text = self.query.get(name, "")
        return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else default

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """A page or a piece of one, from a template of `reports/page/templates`."""
        from douane.reports.page.rendering import render

        return HTMLResponse(render(template, self, **values), status)

    def go(self, path: str) -> Response:
        """Send the browser to another address of the page, as after a form."""
        return RedirectResponse(path, 303)

    def tell(self, what: str, scope: Scope | None = None, why: str = "") -> str:
        """Tell in the ledger's chain what is about to be shown, before it is, and why. Raises `NotToldError`."""
        about = scope or Scope(self.viewer.apps or ())
        more = (why,) if why else ()
        return self.settings.tell(what, about, self.session.who, *more)

    @contextmanager
    def opened(self) -> Iterator["Asking"]:
        """The same question with a connection of its own, for an answer that goes on after the view returned."""
        db = open_ledger(self.settings.ledger)
        try:
            if self.session.ledger and number_and_file(db, self.settings.ledger) != self.session.ledger:
                self.session.alive = False  # it is told in the chain of another
                raise LedgerRefused("Another ledger is in this one's place.")
            yield replace(self, db=db)
        finally:
            db.close()
