"""What every document is made from, put together once for the command and for the page."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from douane.audit.declaration import Declaration
from douane.ledger.report_query import snapshot
from douane.reports import few
from douane.reports.findings import judged
from douane.reports.i18n import Lang
from douane.reports.kinds.base import Material, Seal
from douane.reports.people import Under
from douane.reports.summary import bound, looked_at, summary_of


@dataclass(frozen=True, slots=True)
class About:
    """What a document is to be about: apps (none: all of them), a period as `summarise` takes it, and categories."""

    apps: Sequence[str] = ()
    since: str | None = None
    until: str | None = None
    categories: Sequence[str] = ()


def gathered(
    db: sqlite3.Connection,
    about: About,
    lang: Lang,
    *,
    seal: Seal,
    under: Under,
    declarations: Mapping[str, Declaration],
    now: datetime,
) -> Material:
    """The material of a document; small counts are hidden where the profile asks for it. Raises `ScopeError`."""
    with snapshot(db):
        seen = looked_at(db, apps=about.apps or None, since=about.since, until=about.until)
        summary = summary_of(db, seen, made_at=now)
        found = judged(db, [one.name for one in summary.apps], summary.period.since, summary.period.until, seen=seen)
    return Material(
        db,
        few.shown(replace(summary, findings=found, under=under)),
        lang,
        now,
        seal,
        {name: one for name, one in declarations.items() if not about.apps or name in about.apps},
        bound(about.since, end=False),
        bound(about.until, end=True),
        tuple(about.categories),
        seen=seen,
    )
