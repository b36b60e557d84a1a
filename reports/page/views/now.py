"""The first view: what crosses, as it crosses, and how far inspection is behind."""

import hashlib
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import islice
from typing import Final

from anyio import sleep, to_thread
from starlette.responses import Response, StreamingResponse

from douane.ledger import browse
from douane.ledger.browse import Crossed
from douane.ledger.counted import Counted
from douane.ledger.refused import LedgerRefused
from douane.ledger.waiting import behind, waiting
from douane.reports.i18n import Words
from douane.reports.model import INSPECTED
from douane.reports.page.asking import Asking, NotCountedError
from douane.reports.page.overview import overview
from douane.reports.page.rendering import bare
from douane.reports.page.views.base import View, Way

ROWS: Final = 40
POLL_SECONDS: Final = 0.5
QUIET_SECONDS: Final = 15.0
"""After so long without news a stream says that it is there, so that nothing in between closes it."""
STREAMS: Final = 64
"""Streams at a time; each is a browser's tab that is looked at."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How inspection keeps up: seconds from crossing to the ledger, and what waits (None where it cannot be known)."""

    behind: str
    waiting: int | None
    waited: str


def now(asking: Asking) -> Response:
    """The newest exchanges, or those before one of them."""
    before = asking.number("before") or None
    rows, older = crossed(asking, asking.counted, before)
    template = "now_rows.html" if asking.part == "more" else "now.html"
    return asking.page(
        template,
        rows=rows,
        older=older,
        names={one.id: one.name for one in asking.apps()},
        live=before is None,
        pace=pace(asking),
        figures=figures(asking, asking.counted),
    )


def crossed(asking: Asking, counted: Counted, before: int | None) -> tuple[list[Crossed], int | None]:
    """Exchanges of the viewer's apps, newest first, and where the next page begins."""
    if asking.viewer.apps is None:
        page = browse.exchanges(asking.db, counted, browse.Where(), before=before, most=ROWS)
        return list(page.rows), page.before
    pages = [
        browse.exchanges(asking.db, counted, browse.Where(app=one.id), before=before, most=ROWS)
        for one in asking.apps()
    ]
    rows = list(islice(merge(*(page.rows for page in pages), key=lambda row: -row.id), ROWS))
    more = len(rows) == ROWS and (any(page.before for page in pages) or sum(len(page.rows) for page in pages) > ROWS)
    return rows, rows[-1].id if more else None


def pace(asking: Asking) -> Pace:
    """How inspection keeps up. What waits is told to those alone who may see every app."""
    seconds = behind(asking.db)
    found = waiting(asking.settings.spool) if asking.settings.spool and asking.viewer.apps is None else None
    oldest = time.time() - found.oldest if found is not None and found.oldest is not None else 0.0
    return Pace(
        "" if seconds is None else span(seconds, asking.words),
        None if found is None else found.records,
        span(max(0.0, oldest), asking.words),
    )


def span(seconds: float, words: Words) -> str:
    """A duration in the largest unit that says enough: `40 ms`, `1.25 s`, `3 min`, `2 h`."""
    if seconds < 60:
        return words.milliseconds(seconds * 1000)
    return f"{seconds / 60:.0f}\u00a0min" if seconds < 7200 else f"{seconds / 3600:.0f}\u00a0h"


def figures(asking: Asking, counted: Counted) -> list[tuple[str, int, str]]:
    """What was counted of the viewer's apps since the ledger began: a word, a count, and a verdict's colour."""
    if asking.hides_small:
        summary = overview(asking)
        known = (
            summary.outcomes.delivered.messages,
            summary.disclosures,
            summary.undeclared,
            summary.special,
            summary.labels.prohibited,
            summary.not_inspected,
        )
    else:
        seen = {one.id for one in asking.apps()}
        some = [one for one in counted.apps() if one.app in seen]
        known = (
            sum(one.figures.messages for one in some),
            sum(one.figures.disclosures for one in some),
            sum(one.figures.undeclared for one in some),
            sum(one.figures.special for one in some),
            sum(one.figures.prohibited for one in some),
            sum(times for one in some for code, times in one.gaps.items() if code not in INSPECTED),
        )
    words = ("messages", "disclosures", "undeclared", "special", "prohibited", "uninspected")
    colours = ("", "", "omitted", "prohibited", "prohibited", "incorrect")
    return list(zip(words, known, colours, strict=True))


@dataclass(slots=True)
class Stream:
    """What one open tab has been sent: each row by a digest of how it looked, since an outcome may come later.

    `after` is the newest row that the tab has, 0 for none.
    """

    asking: Asking
    after: int
    seq: int = -1
    rows: dict[int, str] = field(default_factory=dict[int, str])
    state: str = ""

    def news(self) -> list[str]:
        """The events since the last time, ready to be sent."""
        try:
            with self.asking.opened() as asking:
                return list(self._news(asking))
        except (LedgerRefused, NotCountedError, sqlite3.Error):  # busy, or put back from a backup: later it is there
            return []

    def _news(self, asking: Asking) -> Iterator[str]:
        counted = asking.counted
        if counted.seq != self.seq:
            yield from self._rows(asking, counted)
            self.seq = counted.seq
        state = bare("now_state.html", asking.words, pace=pace(asking), figures=figures(asking, counted))
        if state != self.state:
            self.state = state
            yield event("state", state)

    def _rows(self, asking: Asking, counted: Counted) -> Iterator[str]:
        rows, older = crossed(asking, counted, None)
        names = {one.id: one.name for one in asking.apps()}
        begins = self.seq < 0
        if begins and self.after and all(row.id != self.after for row in rows):  # more has crossed than is shown
            whole = bare("now_rows.html", asking.words, rows=rows, names=names, older=older)
            yield event("rows", whole, rows[0].id if rows else 0)
        seen: dict[int, str] = {}
        for row in reversed(rows):
            shown = bare("now_row.html", asking.words, row=row, names=names)
            seen[row.id] = hashlib.sha256(shown.encode()).hexdigest()
            news = row.id > self.after if begins and self.after in (0, *(one.id for one in rows)) else not begins
            if news and self.rows.get(row.id) != seen[row.id]:
                yield event("row", shown, row.id)
        self.rows = seen


def event(kind: str, text: str, number: int | None = None) -> str:
    """One server-sent event (HTML Living Standard, 9.2)."""
    lines = "".join(f"data: {line}\n" for line in text.strip().splitlines())
    return f"event: {kind}\n{'' if number is None else f'id: {number}\n'}{lines}\n"


_open: list[Stream] = []


def live(asking: Asking) -> Response:
    """Rows as they come, as server-sent events, for as long as the tab is looked at."""
    if len(_open) >= STREAMS:
        return Response("Too many tabs are open.\n", 503, media_type="text/plain")
    stream = Stream(asking, asking.number("after"))
    return StreamingResponse(_events(stream), media_type="text/event-stream", headers={"x-accel-buffering": "no"})


async def _events(stream: Stream) -> AsyncIterator[str]:
    _open.append(stream)
    try:
        quiet = time.monotonic()
        yield "retry: 2000\n\n"
        while stream.asking.session.alive:
            news = await to_thread.run_sync(stream.news)
            for one in news:
                yield one
            if news:
                quiet = time.monotonic()
            elif time.monotonic() - quiet > QUIET_SECONDS:
                quiet = time.monotonic()
                yield ": still here\n\n"
            await sleep(POLL_SECONDS)
    finally:
        _open.remove(stream)


VIEW = View("now", "", 1, (Way("", now), Way("/live", live)))
