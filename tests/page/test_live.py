"""What crosses is on the page as it crosses: rows, what waits, older ones, and what became of them."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from paged import BACK, CLEAR, IN, OMITTED, Place, Served, datum
from playwright.sync_api import Page, expect

from douane.audit.exchange import Outcome
from douane.ledger.record import RecordKind
from douane.ledger.spool import Spool
from douane.ledger.waiting import Waiting, waiting
from douane.reports.page.views.now import ROWS, Stream, event, span

type Browse = Callable[..., Page]

HEALTH = datum("user.health_and_medical.condition", "/params/arguments/motif", OMITTED, OMITTED)
NAME = datum("user.name", "/params/arguments/patient/nom", CLEAR, CLEAR)


@pytest.fixture
def stream(enter: Any, place: Place) -> Callable[[int], Stream]:
    """A tab's stream without a browser, from a row on."""
    from contextlib import closing

    from douane.ledger.query import open_ledger
    from douane.ledger.tallies import Tallies
    from douane.reports.kinds.said import Said
    from douane.reports.page.asking import Asking
    from douane.reports.page.door import Session
    from douane.reports.page.settings import PageSettings

    tallies = Tallies()
    with closing(open_ledger(place.path)) as db:
        tallies.follow(db)

    def of(after: int) -> Stream:
        settings = PageSettings(place.path, frozenset({"localhost"}), 1)
        with closing(open_ledger(place.path)) as db:
            asking = Asking(db, settings, Session("x", 0.0), Said("en", "page"), tallies, None)  # type: ignore[arg-type]
        return Stream(asking, after)

    return of


def rows_of(events: list[str]) -> list[int]:
    return [int(one.split("id: ")[1].split("\n")[0]) for one in events if one.startswith("event: row\n")]


def last_row(place: Place) -> int:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(place.path)) as db:
        return int(db.execute("SELECT max(id) FROM exchanges").fetchone()[0])


def test_a_stream_tells_what_came_and_nothing_twice(stream: Callable[[int], Stream], place: Place) -> None:
    one = stream(last_row(place))
    assert rows_of(one.news()) == []
    assert one.news() == []
    with place.open() as ledger:
        place.message(ledger, "rendezvous", IN, "prendre_rendez_vous", HEALTH, times=2)
    last = last_row(place)
    assert rows_of(one.news()) == [last - 1, last]
    assert one.news() == []


def test_a_row_comes_again_with_its_outcome(stream: Callable[[int], Stream], place: Place) -> None:
    with place.open() as ledger:
        place.message(ledger, "crm", IN, "upsert_contact", NAME, outcome=Outcome.UNKNOWN)
        one = stream(last_row(place))
        one.news()
        ledger.set_outcome(Outcome.FAILED, flow=f"f{place.number}")
    told = one.news()
    assert rows_of(told) == [last_row(place)]
    assert "failed" in "".join(told)


def test_a_stream_that_broke_off_goes_on_where_it_was(stream: Callable[[int], Stream], place: Place) -> None:
    last = last_row(place)
    assert rows_of(stream(last - 3).news()) == [last - 2, last - 1, last]
    assert len(rows_of(stream(0).news())) == ROWS
    whole = [one for one in stream(last - ROWS - 5).news() if one.startswith("event: rows\n")]
    assert len(whole) == 1  # more has crossed than is shown: the table is made anew


def test_what_waits_is_counted_and_not_opened(tmp_path: Path) -> None:
    assert waiting(tmp_path / "spool.db") is None
    with Spool(tmp_path / "spool.db", bytes(range(32))) as spool:
        assert waiting(spool.path) == Waiting(0, None)
        spool.put(RecordKind.REQUEST, "crm", "f", 0, 1000.5, {}, b"x")
        spool.put(RecordKind.REQUEST, "crm", "g", 0, 1001.5, {}, b"x")
        assert waiting(spool.path) == Waiting(2, 1000.5)
    (tmp_path / "other").write_text("no database")
    assert waiting(tmp_path / "other") is None


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.04, "40\u00a0ms"), (1.25, "1.25\u00a0s"), (300, "5\u00a0min"), (9000, "2\u00a0h")]
)
def test_a_lag_is_told_in_the_unit_that_says_enough(seconds: float, text: str) -> None:
    from douane.reports.i18n import Words

    assert span(seconds, Words("en")) == text


def test_an_event_keeps_its_lines() -> None:
    assert event("row", "<tr>\n</tr>\n", 7) == "event: row\nid: 7\ndata: <tr>\ndata: </tr>\n\n"


@pytest.mark.browser
@pytest.mark.promise("page-live")
def test_a_row_appears_by_itself(browse: Browse, place: Place) -> None:
    tab = browse("/")
    expect(tab.locator("#live")).to_have_text("Live")
    before = tab.locator("#rows tr").first.get_attribute("id")
    with place.open() as ledger:
        place.message(ledger, "rendezvous", BACK, "chercher_praticien", HEALTH, NAME)
    expect(tab.locator("#rows tr").first).not_to_have_attribute("id", before or "")
    first = tab.locator("#rows tr").first
    assert "Health condition" in first.inner_text()
    assert "rendezvous" in first.inner_text()
    assert first.locator("time").get_attribute("title")


@pytest.mark.browser
def test_what_waits_in_the_spool_is_shown(browse: Browse, place: Place) -> None:
    path = place.path.with_name("spool.db")
    with Spool(path, place.master) as spool:
        spool.put(RecordKind.REQUEST, "crm", "f", 0, time.time() - 90, {}, b"x")
        tab = browse("/")
        expect(tab.locator(".pace")).to_contain_text("1 record is accepted and not yet inspected")
        spool.delete([spool.take()[0].id])
        expect(tab.locator(".pace")).to_contain_text("Nothing waits")


@pytest.mark.browser
def test_older_rows_come_below_and_none_twice(browse: Browse) -> None:
    tab = browse("/")
    tab.get_by_role("link", name="Older").click()
    expect(tab.locator("#rows tr[id^=x]")).to_have_count(2 * ROWS)
    ids = [row.get_attribute("id") for row in tab.locator("#rows tr[id^=x]").all()]
    assert len(set(ids)) == len(ids)
    assert tab.locator("#rows .more-rows").count() == 1


@pytest.mark.browser
def test_a_tab_that_nobody_looks_at_keeps_no_stream(browse: Browse) -> None:
    tab = browse("/")
    expect(tab.locator("#live")).to_have_text("Live")
    tab.evaluate("""Object.defineProperty(document, 'hidden', {configurable: true, get: () => true});
                    document.dispatchEvent(new Event('visibilitychange'))""")
    expect(tab.locator("#live")).to_contain_text("Paused")
    tab.evaluate("""Object.defineProperty(document, 'hidden', {configurable: true, get: () => false});
                    document.dispatchEvent(new Event('visibilitychange'))""")
    expect(tab.locator("#live")).to_have_text("Live")


@pytest.mark.browser
def test_a_stream_ends_with_its_session(chromium: Any, place: Place) -> None:
    served = Served(place, []).start()
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(served.addresses[0])
    tab.wait_for_url(f"{served.base}/")
    expect(tab.locator("#live")).to_have_text("Live")
    assert served.stop() == 0  # an open stream does not hold it up
    expect(tab.locator("#live")).to_contain_text("No connection")
    context.close()


@pytest.mark.browser
def test_an_open_tab_says_why_when_another_ledger_takes_the_place_of_its_own(chromium: Any, tmp_path: Path) -> None:
    places = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        places.append(Place(tmp_path / name))
        with places[-1].open() as ledger:
            places[-1].message(ledger, "crm", BACK, "find")
    served = Served(places[0], []).start()
    context = chromium.new_context()
    tab = context.new_page()
    tab.goto(served.addresses[0])
    expect(tab.locator("#live")).to_have_text("Live")
    places[1].path.replace(places[0].path)
    expect(tab.get_by_role("status")).to_contain_text("Another ledger")
    served.stop()
    context.close()


def test_an_empty_ledger_says_how_to_begin(enter: Any, tmp_path: Path) -> None:
    place = Place(tmp_path)
    with place.open() as ledger:
        ledger.add_run(at=1.0, version="1", config_sha256="")
    for lang, words in (("en", "Nothing has crossed yet"), ("fr", "Rien n’est encore passé")):
        client, _ = enter(into=place, lang=lang)
        for path in ("/", "/apps"):
            assert words in client.get(path).text
