"""The page's figures are those of the reports, app by app and flow by flow."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from paged import CLEAR, GAP, START, Place, datum
from starlette.testclient import TestClient

from douane.audit.declaration import Declaration, Recipient
from douane.audit.history import Observation, Seen
from douane.audit.message import Direction
from douane.ledger.query import open_ledger
from douane.ledger.report_query import snapshot
from douane.ledger.tallies import Tallies
from douane.reports import few
from douane.reports.kinds.said import Said
from douane.reports.model import App, SchemaState, Summary
from douane.reports.page import charts
from douane.reports.page.asking import Asking
from douane.reports.page.door import Door, Session
from douane.reports.page.overview import overview
from douane.reports.page.settings import PageSettings, Viewer
from douane.reports.people import Under
from douane.reports.summary import summarise


def asked(place: Place, db: sqlite3.Connection, **settings: Any) -> Asking:
    tallies = Tallies()
    tallies.follow(db)
    known = PageSettings(place.path, frozenset({"localhost"}), 1, **settings)
    return Asking(db, known, Session("x", 0.0), Said("en", "page"), tallies, None)  # type: ignore[arg-type]


def timeless(app: App) -> App:
    """The app without what the counts do not keep (sizes and times of gaps, places), when it was first and last seen
    (the page has no period), and tools that only answered.
    """
    return replace(
        app,
        first_seen="",
        last_seen="",
        flows=tuple(replace(flow, places=(), places_more=0, tools=()) for flow in app.flows),
        gaps=tuple(sorted((replace(gap, size=0, first="", last="") for gap in app.gaps), key=lambda gap: gap.code)),
        passages=tuple(replace(one, bytes_up=0, bytes_down=0, first="", last="") for one in app.passages),
        latency=None,
        tools=tuple(tool for tool in app.tools if tool.calls or tool.schema is not SchemaState.UNSEEN),
    )


def both(place: Place, profile: str) -> tuple[Summary, Summary]:
    with closing(open_ledger(place.path)) as db, snapshot(db):
        shown = overview(asked(place, db, under=Under(profile)))
        return shown, few.shown(replace(summarise(db), under=Under(profile)))


@pytest.mark.promise("page-agrees")
@pytest.mark.parametrize("profile", ["dev", "audit"])
def test_the_figures_are_those_of_a_report(place: Place, hostile: Place, profile: str) -> None:
    for one in (place, hostile):
        shown, report = both(one, profile)
        assert [timeless(app) for app in shown.apps] == [timeless(app) for app in report.apps]
        assert (shown.period.first, shown.period.last) == (report.period.first, report.period.last)
        for app, known in zip(shown.apps, report.apps, strict=True):
            assert (app.latency is None) is (known.latency is None)


def test_a_viewer_of_some_apps_gets_those_alone(place: Place) -> None:
    with closing(open_ledger(place.path)) as db:
        asking = asked(place, db, viewer=Viewer("jon", "developer", apps=("crm", "elsewhere")))
        assert [app.name for app in overview(asking).apps] == ["crm"]


def test_days_are_shown_without_a_hole_and_hidden_where_one_is_small(place: Place) -> None:
    words = Said("en", "page")
    with closing(open_ledger(place.path)) as db:
        days = asked(place, db).counted.days()
    shown = charts.timeline(days, words, hide_small=False)
    assert shown.count("<title>") >= 9
    some = [days[0], replace(days[2], disclosures=3, undeclared=0)]
    holed = charts.timeline(some, words, hide_small=True)
    assert holed.count("<title>") == 3
    assert "&lt; 5" in holed
    assert str(days[0].disclosures) not in holed.replace(days[0].day, "")
    assert charts.timeline(days[:1], words, hide_small=False) == ""


def test_days_of_several_apps_are_summed(place: Place) -> None:
    with closing(open_ledger(place.path)) as db:
        asking = asked(place, db)
        every = asking.counted.days()
        each = charts.together(day for row in asking.apps() for day in asking.counted.days(row.id))
    assert each == every


def test_where_not_all_is_counted_by_name_the_page_says_so(
    enter: Callable[..., tuple[TestClient, Door]], place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(open_ledger(place.path)) as db:
        counted = asked(place, db).counted
    row = next(one.app for one in counted.apps() if len([tool for tool in counted.tools(one.app) if tool.tool]) > 1)
    last = [one.tool for one in counted.tools(row)][-1]
    addresses = (f"/apps/{row}", f"/apps/{row}/tool?name={last}")
    said = "sont comptés par leur nom"
    client, _ = enter(lang="fr")
    assert not any(said in client.get(address).text for address in addresses)
    monkeypatch.setattr("douane.reports.page.app.Tallies", partial(Tallies, names=1, places=1))
    client, _ = enter(lang="fr")
    assert all(said in client.get(address).text for address in addresses)
    assert '<th scope="row">…</th>' in client.get(addresses[0]).text


def test_an_app_s_sheet_names_hosts_that_were_seen_named_and_what_no_detector_looks_for(
    enter: Callable[..., tuple[TestClient, Door]], tmp_path: Path
) -> None:
    there = Place(tmp_path)
    with there.open() as ledger, ledger.batch():
        mail = Recipient("Mail Vendor", "DE", "processor", ("mail-vendor.example",))
        said = ("user.content.file", "user.name")
        ledger.add_declaration(Declaration("crm", said, (), (mail,), "3f" * 32, "crm.yaml"), at=START)
        named = (("mail-vendor.example", Seen.RETURNED_URL), ("unknown.example", Seen.CSP_CONNECT))
        ledger.note("crm", at=START, observations=[Observation(kind, host, "path") for host, kind in named])
        there.message(ledger, "crm", Direction.TO_APP, "find", datum("user.contact.email", "/params/x", GAP, CLEAR))
    client, _ = enter(into=there)
    text = re.sub(r"<[^>]+>|\s+", " ", client.get("/apps/1").text)
    rows = re.sub(r" +", " ", text)
    assert " 1 disclosure, in detail " in rows
    assert "under a platform rule" in rows
    assert "Mail Vendor mail-vendor.example link in an answer" in rows
    assert "unknown.example rights of a widget; its traffic is not observable" in rows
    assert re.search(r"not looked for declared, not looked for by detection", rows)
    assert re.search(r"Name [^.]*not observed", rows)
