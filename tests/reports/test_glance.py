"""What the terminal's summary opens with: figures and bars that say no more than the figures do."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from douane.audit.exchange import Disclosure, Label
from douane.audit.message import Direction
from douane.reports import few, glance, terminal
from douane.reports.conclusions import Voice, conclusions
from douane.reports.glance import Span
from douane.reports.i18n import LANGS, Words
from douane.reports.model import Summary
from douane.reports.people import Under
from douane.reports.summary import summarise


def days(count: int) -> list[Span]:
    return [Span(f"2026-{1 + n // 28:02}-{1 + n % 28:02}", 5 + n % 7, n % 3) for n in range(count)]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [40, 80, 100, 140])
@pytest.mark.parametrize("count", [1, 7, 10, 11, 200])
def test_a_trend_fits_whatever_the_width(summaries: dict[str, Summary], lang: str, width: int, count: int) -> None:
    text = terminal.render(summaries["demo"], lang=lang, width=width, trend=days(count))
    assert [line for line in text.splitlines() if cell_len(line) > width] == []
    assert ("Disclosures by " if lang == "en" else "Communications par ") in text


def test_the_trend_counts_what_the_summary_counts(ledgers: dict[str, Path]) -> None:
    for name in ("one", "demo", "many"):
        with closing(sqlite3.connect(ledgers[name])) as db:
            summary = summarise(db)
            spans = glance.trend(db, summary)
            of_one = glance.trend(db, replace(summary, apps=summary.apps[:1]))
        assert sum(span.data for span in spans) == summary.disclosures
        labels = summary.labels
        assert sum(span.pressing for span in spans) == labels.omitted + labels.incorrect + labels.prohibited
        assert sum(span.data for span in of_one) == summary.apps[0].disclosures


@pytest.mark.promise("small-counts-hidden")
def test_where_small_counts_are_hidden_bars_are_alike(
    golden: Any, summary_of: Callable[..., Summary], make_datum: Callable[..., Disclosure]
) -> None:
    shown = []
    for times in (1, 3):
        mail = make_datum("user.contact.email", "/a", Label.OMITTED, Label.OMITTED)
        golden.message("clinic", Direction.TO_APP, "book", mail, times=times)
        summary = few.shown(replace(summary_of(golden), under=Under("audit")))
        with closing(sqlite3.connect(str(golden.ledger.path))) as db:
            spans = glance.trend(db, summary)
        (span,) = spans
        text = terminal.render(summary, trend=spans)
        drawn = [text.split(begin)[1].split(end)[0] for begin, end in (("At a glance", "Concl"), ("by hour", "What "))]
        shown.append(([str(span.data), str(span.pressing)], drawn))
    assert shown[0][0] == ["< 5", "< 5"]
    assert shown[0] == shown[1]


def test_what_to_look_at_first_is_short_and_says_how_to_see_it(summaries: dict[str, Summary]) -> None:
    many = summaries["many"]
    assert len(many.notable) > terminal.FIRST
    text = terminal.render(many, width=200)
    section = text.split("To look at first")[1].split("Who gets what")[0]
    assert section.count("douane show ") == terminal.FIRST
    assert f"and {len(many.notable) - terminal.FIRST} more flows to look at" in section
    first = many.notable[0].places[0].exchange
    assert f"douane show {first}" in section


def test_a_sentence_that_holds_for_several_apps_is_said_once(summaries: dict[str, Summary]) -> None:
    many = summaries["many"]
    voice = Voice(Words("en"))
    said = [voice.sentences(conclusions(app, one_day=many.period.one_day))[-1] for app in many.apps]
    ((shared, times),) = Counter(said).most_common(1)
    assert times > 1
    text = terminal.render(many, width=400).split("To look at first")[0]
    assert text.count(f" {shared}\n") == 1
    assert f"{times} apps: {shared}" in text


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=7), st.integers(7, 200))
def test_a_bar_is_full_and_has_room_for_each_verdict(counts: list[int], width: int) -> None:
    parts = glance.shares(counts, width)
    assert (sum(parts), min(parts) >= 1) == (width, True)


@given(st.lists(st.integers(0, 1000), max_size=300), st.integers(1, 60))
def test_a_line_of_all_days_keeps_their_sum_and_shows_no_day_as_none(counts: list[int], room: int) -> None:
    gathered = glance.gathered(counts, room)
    assert (sum(gathered), len(gathered) <= max(room, 0)) == (sum(counts), True)
    line = glance.sparkline(gathered)
    assert [char == " " for char in line] == [count == 0 for count in gathered]
