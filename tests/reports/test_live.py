"""What crosses, shown as it crosses."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from douane.reports import live

EVENT: dict[str, Any] = {
    "at": "2026-11-22T10:02:11.120Z",
    "app": "rendezvous",
    "tool": "prendre_rendez_vous",
    "method": "tools/call",
    "direction": "to_app",
    "kind": "request",
    "outcome": "delivered",
    "categories": [
        {"category": "user.name", "flags": ["hipaa"], "headline": "clear"},
        {"category": "user.contact.email", "flags": ["hipaa"], "headline": "omitted"},
        {"category": "user.contact.email", "flags": ["hipaa"], "headline": "omitted"},
    ],
    "gaps": ["no-schema", "too-deep"],
    "lag_ms": 12.5,
}


def shown(view: live.Live, width: int = 80, height: int = 20) -> str:
    console = Console(width=width, height=height, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(view, height=height)
    return captured.get()


def test_a_plain_line_tells_who_got_what_with_the_most_pressing_first() -> None:
    assert live.plain_line(EVENT) == (
        "10:02:11  rendezvous → prendre_rendez_vous  E-mail address (no declaration found); Name (declared); "
        "not inspected: too-deep"
    )


def test_a_plain_line_speaks_french() -> None:
    assert live.plain_line(EVENT | {"direction": "to_chatgpt", "gaps": []}, lang="fr") == (
        "10:02:11  rendezvous ← prendre_rendez_vous  "
        "Adresse électronique (sans déclaration trouvée)\u202f; Nom (déclarée)"
    )


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"categories": []}, "not inspected: too-deep"),
        ({"categories": [], "gaps": ["no-schema", "no-declaration"]}, "no personal data found"),
        ({"categories": [{"category": "user.name", "flags": [], "headline": "gap"}], "gaps": []}, "Name"),
        ({"categories": [], "gaps": [], "outcome": "refused"}, "refused by Douane"),
    ],
)
def test_gaps_are_not_shouted(change: dict[str, Any], says: str) -> None:
    assert live.plain_line(EVENT | change) == f"10:02:11  rendezvous → prendre_rendez_vous  {says}"


def test_a_json_line_is_the_event_on_one_ascii_line() -> None:
    hostile = EVENT | {"app": "\x1b[31m\u202e<script>\n"}
    written = live.json_line(hostile)
    assert json.loads(written) == hostile
    assert written.isascii()
    assert not set(written) & set("\n\x1b<>")


def test_the_live_view_counts_and_shows_the_last_rows() -> None:
    view = live.Live()
    assert "Waiting for the first message" in shown(view)
    for number in range(30):
        view.add(EVENT | {"app": "crm" if number % 3 else "rendezvous", "tool": f"tool-{number}"})
    text = shown(view)
    lines = text.splitlines()
    assert " ".join(text.split()).startswith(
        "Douane · live 30 messages · 90 data found · 60 ▲ no declaration found · 30 ✓ declared · 30 not inspected"
    )
    assert "20 messages  40 ▲  20 ✓" in text
    assert "tool-29" in text
    assert "tool-2 " not in text
    assert len(lines) <= 20


def test_french_agrees_with_the_counts() -> None:
    view = live.Live(lang="fr")
    view.add(EVENT)
    assert " ".join(shown(view).split()).startswith(
        "Douane · en direct 1 message · 3 données relevées · 2 ▲ sans déclaration trouvée · 1 ✓ déclarée · "
        "1 non inspecté"
    )
    view.add(EVENT)
    said = " ".join(shown(view).split())
    assert "2 ✓ déclarées · 2 non inspectés" in said


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_live_view_fits_the_terminal(width: int) -> None:
    view = live.Live(lang="fr")
    for number in range(40):
        view.add(EVENT | {"app": f"application-{number}", "tool": "x" * 500})
    lines = shown(view, width).splitlines()
    assert [line for line in lines if cell_len(line) > width] == []
    assert len(lines) <= 20
    assert "autres applications" in "\n".join(lines)


JSONISH = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["category", "headline"]), inner),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(sorted(EVENT)), JSONISH))
def test_no_event_breaks_the_display(event: dict[str, Any]) -> None:
    view = live.Live()
    view.add(event)
    assert "\x1b" not in live.plain_line(event)
    assert json.loads(live.json_line(event)) == json.loads(json.dumps(event))
    assert shown(view)


def test_what_is_wrong_stays_on_the_screen_until_it_is_over() -> None:
    view = live.Live()
    view.alarm("crm", "the spool is full")
    assert "crm: the spool is full" in shown(view)
    view.add(EVENT)
    assert "crm: the spool is full" in shown(view)
    view.alarm("crm", "")
    assert "the spool is full" not in shown(view)


def test_the_lag_is_that_of_now_and_not_of_the_last_message() -> None:
    view = live.Live()
    view.add(EVENT | {"lag_ms": 7980.0})
    assert "7.98\u00a0s" in shown(view, width=120)
    view.lag(0.0)
    assert "7.98\u00a0s" not in shown(view, width=120)


def test_only_messages_are_counted_as_messages() -> None:
    view = live.Live()
    view.add(EVENT | {"event": "exchange"})
    view.add({"event": "gap", "app": "rendezvous", "at": EVENT["at"], "gaps": ["refused"]})
    assert "1 message · 3 data found" in shown(view)


def test_what_did_not_arrive_after_all_is_marked_and_no_longer_counted() -> None:
    view = live.Live()
    view.add(EVENT | {"event": "exchange", "flow": "a", "outcome": "unknown"})
    view.add(EVENT | {"event": "exchange", "flow": "b", "outcome": "unknown"})
    told = {"event": "outcome", "app": "rendezvous", "flow": "a", "direction": "to_app", "outcome": "failed"}
    view.outcome(told)
    view.outcome(told)  # said again: not subtracted again
    text = shown(view)
    assert "2 messages · 3 data found" in text
    assert text.count("failed") == 1
