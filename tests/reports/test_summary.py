"""The summary counts what was delivered, and says what it does not count."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from douane.audit.declaration import Declaration
from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction, Gap
from douane.demo.found import Planted, compare, sentence
from douane.reports.model import PLACES_SHOWN, Labels, Place, SchemaState, Summary, Tally
from douane.reports.summary import ScopeError, summarise

IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
EMAIL = "/params/arguments/email"


def test_an_empty_ledger_gives_an_empty_summary(summaries: dict[str, Summary]) -> None:
    s = summaries["empty"]
    assert (s.apps, s.flows, s.disclosures, s.outcomes.messages, s.gaps, s.period.first) == ((), (), 0, 0, (), "")


def test_the_demo_is_counted(summaries: dict[str, Summary]) -> None:
    s = summaries["demo"]
    assert [app.name for app in s.apps] == ["rendezvous", "crm", "trips"]
    assert (s.disclosures, s.undeclared, s.special, s.own_messages) == (2603, 10, 5, 2)
    assert s.labels == Labels(prohibited=9, omitted=2, vague=19, clear=30, gap=2543)
    assert s.outcomes.unknown == Tally(2, 2, 2)
    assert s.outcomes.failed == Tally(1, 0, 0)
    assert s.versions.douane == ("0.1.0",)
    assert sum(n for _, n in s.versions.detectors) == s.disclosures


def test_a_flow_keeps_its_verdicts_sources_times_and_places(summaries: dict[str, Summary]) -> None:
    flow = summaries["demo"].notable[0]
    assert (flow.app, flow.category, flow.direction) == ("rendezvous", "user.health_and_medical.condition", IN)
    assert (flow.count, flow.labels, flow.undeclared, flow.by_schema, flow.by_declaration) == (
        3,
        Labels(prohibited=3),
        3,
        0,
        3,
    )
    assert flow.special
    assert flow.restricted
    assert flow.places == (
        Place("prendre_rendez_vous", "tools/call", "/params/arguments/motif", 3, flow.places[0].exchange),
    )
    assert flow.first < flow.last


def test_undeclared_and_grave_comes_before_the_rest(summaries: dict[str, Summary]) -> None:
    notable = summaries["many"].notable
    grave = [flow.undeclared > 0 and (flow.special or flow.restricted) for flow in notable]
    assert grave == sorted(grave, reverse=True)
    assert {flow.undeclared > 0 for flow in notable[: sum(grave)]} == {True}


@pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED, Outcome.UNKNOWN])
def test_what_was_not_delivered_is_no_disclosure(
    outcome: Outcome, golden: Any, make_datum: Callable[..., Any], summary_of: Callable[..., Summary]
) -> None:
    found = make_datum("user.contact.email", EMAIL, Label.OMITTED, Label.OMITTED)
    golden.message("crm", IN, "save", found, outcome=outcome)
    s = summary_of(golden)
    assert (s.disclosures, s.undeclared, s.flows, s.notable) == (0, 0, (), ())
    assert s.outcomes.of(outcome) == Tally(1, 1, 1)


def test_what_an_exercise_planted_in_a_call_is_counted_nowhere(
    golden: Any, make_datum: Callable[..., Any], summary_of: Callable[..., Summary]
) -> None:
    planted = "/params/arguments/douane_test_fields/notes"
    golden.declaration("crm", ("user.name",), ())
    golden.message("crm", IN, "save", make_datum("user.health_and_medical", planted, Label.OMITTED, Label.OMITTED))
    golden.message("crm", BACK, "save", make_datum("user.name", planted, Label.OMITTED, Label.OMITTED))
    s = summary_of(golden)
    assert [(flow.direction, flow.category, flow.undeclared) for flow in s.flows] == [(BACK, "user.name", 1)]
    assert (s.disclosures, s.undeclared) == (1, 1)


def test_own_traffic_is_told_and_counted_nowhere_else(
    golden: Any, make_datum: Callable[..., Any], summary_of: Callable[..., Summary]
) -> None:
    found = make_datum("user.contact.email", EMAIL, Label.OMITTED, Label.OMITTED)
    golden.message("crm", IN, "save", found, own=True, gaps=(Gap("too-deep"),), times=3)
    s = summary_of(golden)
    assert (s.own_messages, s.disclosures, s.outcomes.messages, s.gaps) == (3, 0, 0, ())


def test_a_platform_rule_does_not_hide_that_nothing_was_declared(
    golden: Any, make_datum: Callable[..., Any], summary_of: Callable[..., Summary]
) -> None:
    golden.message("crm", IN, "pay", make_datum("user.financial.credit_card", "/a", Label.OMITTED, Label.CLEAR))
    (flow,) = summary_of(golden).flows
    assert (flow.labels.worst, flow.undeclared, flow.by_schema, flow.by_declaration) == (Label.PROHIBITED, 1, 1, 0)


def test_flags_of_one_flow_are_joined(
    golden: Any, make_datum: Callable[..., Any], summary_of: Callable[..., Summary]
) -> None:
    found = make_datum("user.name", "/a", Label.CLEAR, Label.CLEAR)
    golden.message("crm", IN, "save", found, replace(found, flags=("minor", *found.flags), pointer="/b"))
    (flow,) = summary_of(golden).flows
    assert (flow.count, set(flow.flags), flow.notable) == (2, {"minor", "hipaa"}, True)


def test_tools_say_what_is_known_of_their_schemas(golden: Any, summary_of: Callable[..., Summary]) -> None:
    golden.tool("crm", "both", gives=True, readOnlyHint=True)
    golden.tool("crm", "input")
    golden.tool("crm", "output", takes=False, gives=True)
    golden.message("crm", IN, "called", times=2)
    golden.message("crm", IN, "both")
    (app,) = summary_of(golden).apps
    assert [(tool.name, tool.schema, tool.calls) for tool in app.tools] == [
        ("both", SchemaState.BOTH, 1),
        ("input", SchemaState.INPUT, 0),
        ("output", SchemaState.OUTPUT, 0),
        ("called", SchemaState.UNSEEN, 2),
    ]
    assert app.tools[0].annotations == ("readOnlyHint",)


def test_gaps_are_summed_up_by_code_and_missing_schemas_kept_apart(summaries: dict[str, Summary]) -> None:
    s = summaries["gaps_only"]
    assert [(gap.code, gap.times) for gap in s.gaps] == [
        ("expired", 12), ("too-large", 3), ("crashed", 2), ("no-schema", 2), ("too-deep", 2), ("malformed", 1),
        ("not-decodable", 1),
    ]  # fmt: skip
    assert s.not_inspected == 21
    assert next(gap.size for gap in s.gaps if gap.code == "too-large") == 2_500_000


def test_latency_is_nearest_rank(golden: Any, summary_of: Callable[..., Summary]) -> None:
    for duration in range(1, 101):
        golden.message("crm", BACK, "save", duration=float(duration))
    latency = summary_of(golden).apps[0].latency
    assert latency is not None
    assert (latency.count, latency.p50, latency.p95, latency.most) == (100, 50.0, 95.0, 100.0)


def test_what_is_declared_and_not_seen_is_named(summaries: dict[str, Summary]) -> None:
    app = summaries["demo"].apps[0]
    assert app.declared is not None
    assert app.declared.recipients == ("Clinique Exemple",)
    assert (app.unused(IN), app.unused(BACK)) == (("user.demographic.date_of_birth",), ())


def test_passages_are_counted_by_host_and_kind(summaries: dict[str, Summary]) -> None:
    crm = next(app for app in summaries["demo"].apps if app.name == "crm")
    assert [(one.host, one.path_class, one.count, one.failed, one.bytes_down) for one in crm.passages] == [
        ("crm.example.org", "checkout", 1, 1, 48_000),
        ("crm.example.org", "oauth", 6, 0, 288_000),
    ]


def test_apps_and_period_limit_every_figure(ledgers: dict[str, Path]) -> None:
    with closing(sqlite3.connect(ledgers["demo"])) as db:
        whole = summarise(db)
        one = summarise(db, apps=["rendezvous"])
        until = summarise(db, until="2026-11-22T10:20:00Z")
        after = summarise(db, since=datetime(2026, 11, 22, 10, 20, tzinfo=UTC))
        day = summarise(db, since=date(2026, 11, 22), until=date(2026, 11, 22))
        later = summarise(db, since="2026-11-23")
    assert [app.name for app in one.apps] == ["rendezvous"]
    assert (one.disclosures, one.filtered) == (26, True)
    assert until.disclosures + after.disclosures == whole.disclosures
    assert until.outcomes.messages + after.outcomes.messages == whole.outcomes.messages
    assert (day.disclosures, later.disclosures) == (whole.disclosures, 0)
    assert day.period.since == "2026-11-22T00:00:00.000Z"
    assert day.period.until == "2026-11-23T00:00:00.000Z"


@pytest.mark.parametrize(
    ("scope", "says"),
    [
        ({"apps": ["nobody"]}, "not in this ledger"),
        ({"apps": ["crm", "nobody"]}, "not in this ledger"),
        ({"since": "2026-11-23", "until": "2026-11-22"}, "ends before it begins"),
        ({"since": "yesterday"}, "cannot be read"),
        ({"until": "2026-13-99"}, "cannot be read"),
    ],
)
def test_a_scope_that_makes_no_sense_is_refused(ledgers: dict[str, Path], scope: dict[str, Any], says: str) -> None:
    with closing(sqlite3.connect(ledgers["demo"])) as db, pytest.raises(ScopeError, match=says):
        summarise(db, **scope)


def test_a_summary_leaves_no_transaction_open(ledgers: dict[str, Path]) -> None:
    with closing(sqlite3.connect(ledgers["one"])) as db:
        summarise(db)
        assert not db.in_transaction


def test_a_read_only_connection_is_enough(ledgers: dict[str, Path]) -> None:
    with closing(sqlite3.connect(f"file:{ledgers['one']}?mode=ro", uri=True)) as db:
        assert summarise(db).disclosures == 33


def test_the_demo_names_every_tool_that_received_what_was_not_declared(
    golden: Any, summary_of: Callable[..., Summary], make_datum: Callable[..., Any]
) -> None:
    """However many places were more frequent: of those only the first are kept."""
    golden.ledger.add_declaration(Declaration("travel", ("user.name",), ()), at=golden.at)
    where = "user.location.precise"
    for number in range(PLACES_SHOWN + 2):
        datum = make_datum(where, f"/params/arguments/at/{number}", Label.CLEAR, Label.OMITTED)
        golden.message("travel", Direction.TO_APP, "search", datum, times=2)
    golden.message("travel", Direction.TO_APP, "declared", make_datum(where, "/x", Label.OMITTED, Label.CLEAR))
    golden.message("travel", Direction.TO_APP, "rare", make_datum(where, "/x", Label.CLEAR, Label.OMITTED))
    summary = summary_of(golden)
    assert summary.flows[0].tools == ("rare", "search")
    (found,) = compare(summary, [Planted(app="travel", direction=Direction.TO_APP, category=where)]).planted
    assert f"{2 * (PLACES_SHOWN + 2) + 1} times (in rare, search)" in sentence(found)
