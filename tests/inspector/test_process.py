"""The inspector's promises: one row or gap for every message, whatever dies, and nobody waits for a huge one."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import post
import pytest
from post import call, result

from douane.audit.message import Gap
from douane.ledger.record import RecordKind
from douane.wire import jsonrpc

type Make = Callable[..., Any]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Any] = []

    def _make(**options: Any) -> Any:
        made.append(post.Post(tmp_path, **options))
        return made[-1]

    yield _make
    for one in made:
        one.close()


def test_a_call_and_its_answer_become_two_paired_exchanges(make: Make) -> None:
    here = make()
    flow = here.asks(call(1, email="lea.exemple@example.org"))
    here.answers(flow, result(1, phone="+33 6 39 98 12 34"))
    here.work()
    assert here.rows("SELECT direction, kind, method, outcome FROM exchanges ORDER BY id") == [
        ("to_app", "request", "tools/call", "delivered"),
        ("to_chatgpt", "result", "tools/call", "unknown"),
    ]
    assert here.rows("SELECT answers_id FROM exchanges ORDER BY id") == [(None,), (1,)]
    assert here.rows("SELECT category, pointer FROM disclosures ORDER BY id") == [
        ("user.contact.email", "/params/arguments/email"),
        ("user.contact.phone_number", "/result/structuredContent/phone"),
    ]
    assert here.left() == 0


def test_an_answer_that_reached_a_live_client_is_delivered(make: Make) -> None:
    here = make()
    flow = here.asks(call(1))
    here.answers(flow, result(1))
    here.put(RecordKind.OUTCOME, "", delivered=[flow])
    here.work()
    assert here.rows("SELECT outcome FROM exchanges ORDER BY id") == [("delivered",), ("delivered",)]


def test_a_checkout_answered_in_json_rpc_leaves_the_gap_that_says_so(make: Make) -> None:
    here = make()
    flow = here.asks(b"", truncated=True)
    said = {"code": "checkout", "place": "body", "detail": "likely: buyer name", "size": 38, "direction": "to_app"}
    here.put(RecordKind.GAP, flow, **said)
    here.answers(flow, result(1, phone="+33 6 39 98 12 34"))
    here.work()
    assert here.rows("SELECT code FROM gaps WHERE exchange_id IS NULL") == [("checkout",)]
    assert here.rows("SELECT count(*) FROM gaps WHERE code = 'malformed'") == [(0,)]
    assert here.rows("SELECT category FROM disclosures") == [("user.contact.phone_number",)]


@pytest.mark.promise("kill-9")
def test_a_replay_after_a_crash_before_the_delete_doubles_nothing(make: Make) -> None:
    here = make()
    flow = here.asks(call(1, email="lea.exemple@example.org"))
    here.answers(flow, result(1, email="lea.exemple@example.org"))
    here.inspector._destroy = lambda done: None
    here.work()
    assert here.left() == 2
    here.inspector.close()
    here.inspector = here.open()
    here.work()
    assert here.rows("SELECT count(*) FROM exchanges") == [(2,)]
    assert here.rows("SELECT count(*) FROM disclosures") == [(2,)]
    assert here.left() == 0


def test_an_answer_finds_its_request_after_a_restart(make: Make) -> None:
    here = make()
    flow = here.asks(call(7))
    here.work()
    here.inspector.close()
    here.inspector = here.open()
    here.answers(flow, result(7))
    here.work()
    assert here.rows("SELECT method, answers_id FROM exchanges ORDER BY id") == [
        ("tools/call", None),
        ("tools/call", 1),
    ]


@pytest.mark.promise("no-poisoned-record")
def test_a_record_that_was_in_hand_when_two_inspectors_died_becomes_a_gap(make: Make) -> None:
    here = make()
    here.asks(call(1))
    record = here.spool.take()[0]
    for _ in range(2):
        here.inspector._inflight.mark(record.id)
        here.inspector.close()
        here.inspector = here.open()
    here.work()
    assert here.rows("SELECT count(*) FROM exchanges") == [(0,)]
    assert here.rows("SELECT code FROM gaps") == [("crashed",)]
    assert here.left() == 0


@pytest.mark.promise("no-poisoned-record")
def test_a_message_that_overruns_its_budget_becomes_a_gap_and_the_next_one_is_inspected(make: Make) -> None:
    def slow(fields: Any, context: Any) -> tuple[list[Any], list[Gap]]:
        until = time.monotonic() + 30
        while context.tool == "slow" and time.monotonic() < until:
            pass
        return [], []

    here = make(detect=slow, options={"budget_seconds": 0.2})
    here.asks(call(1, "slow"))
    here.asks(call(2, "quick"))
    here.work()
    assert here.rows("SELECT code FROM gaps WHERE exchange_id IS NULL") == [("overran",)]
    assert here.rows("SELECT count(*) FROM exchanges") == [(1,)]


@pytest.mark.promise("faults-without-values")
def test_a_detector_bug_becomes_a_gap_that_names_only_its_type(make: Make) -> None:
    def broken(fields: Any, context: Any) -> tuple[list[Any], list[Gap]]:
        raise KeyError("lea.exemple@example.org")

    here = make(detect=broken)
    here.asks(call(1, email="lea.exemple@example.org"))
    here.work()
    assert here.rows("SELECT code, detail FROM gaps WHERE exchange_id IS NULL") == [("crashed", "KeyError")]


@pytest.mark.promise("fifteen-minutes")
def test_what_was_not_inspected_in_time_is_destroyed_and_leaves_a_gap(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.inspector._more = False
    here.inspector._spool.changed()
    here.inspector._spool.changed = lambda: False
    here.at += 901
    here.inspector._sweep_at = 0.0
    here.inspector.turn()
    assert here.rows("SELECT code FROM gaps") == [("expired",)]
    assert here.left() == 0


@pytest.mark.promise("nothing-silently")
def test_a_record_that_cannot_be_unsealed_becomes_a_gap(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.spool._db.execute("UPDATE records SET sealed = zeroblob(200)")
    here.work()
    assert here.rows("SELECT code FROM gaps") == [("spool-unreadable",)]
    assert here.left() == 0


@pytest.mark.promise("no-app-waits")
def test_a_huge_message_of_one_app_does_not_delay_another(make: Make) -> None:
    here = make()
    huge = {f"note{i}": f"Rappeler Léa Exemple au 06 39 98 12 {i % 90 + 10}" for i in range(1_500)}
    flow = here.asks(call(1, **huge), app="big")
    here.answers(flow, result(1, ok=True), app="big")
    here.answers(here.asks(call(1, email="lea.exemple@example.org"), app="small"), result(1), app="small")
    here.work(seconds=100)
    assert here.rows("SELECT a.name FROM exchanges e JOIN apps a ON a.id = e.app_id ORDER BY e.id") == [
        ("small",),
        ("small",),
        ("big",),
        ("big",),
    ]
    assert here.rows("SELECT outcome FROM exchanges ORDER BY id") == 2 * [("delivered",), ("unknown",)]
    assert here.left() == 0


def test_this_process_never_reads_a_huge_message(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    here = make()
    read_here: list[int] = []
    parse = jsonrpc.parse
    monkeypatch.setattr(jsonrpc, "parse", lambda text, **how: read_here.append(len(text)) or parse(text, **how))
    people = [{"email": f"lea{number}@example.org", "note": "x" * 400} for number in range(1_000)]
    flow = here.asks(call(1, people=people), app="big")
    here.answers(flow, result(1, people=people), app="big")
    here.put(RecordKind.OUTCOME, "", app="big", delivered=[flow])
    here.answers(here.asks(call(1, email="lea.exemple@example.org"), app="small"), result(1), app="small")
    here.work(seconds=100)
    assert max(read_here) < 1_000
    assert here.rows(
        "SELECT method, tool, outcome, count(d.id), answers_id FROM exchanges e"
        " JOIN disclosures d ON d.exchange_id = e.id WHERE e.size > 1000 GROUP BY e.id"
    ) == [
        ("tools/call", "search_flights", "delivered", 1_000, None),
        ("tools/call", "search_flights", "delivered", 1_000, 3),
    ]


def test_many_huge_messages_of_one_app_wait_in_the_spool_and_delay_no_other_app(make: Make) -> None:
    here = make()
    here.inspector._waiting._room = 100_000  # less than two of them: the others are read from their records again
    people = [{"email": f"lea{number}@example.org", "note": "x" * 300} for number in range(200)]
    for number in range(5):
        here.answers(here.asks(call(number, people=people), app="big"), result(number, ok=True), app="big")
    here.answers(here.asks(call(7, people=people), app="small"), result(7), app="small")
    here.answers(here.asks(call(8, email="lea.exemple@example.org"), app="small"), result(8), app="small")
    here.work(seconds=200)
    rows = here.rows(
        "SELECT a.name, e.size > 1000, count(d.id) FROM exchanges e JOIN apps a ON a.id = e.app_id"
        " LEFT JOIN disclosures d ON d.exchange_id = e.id WHERE e.direction = 'to_app' GROUP BY e.id ORDER BY e.id"
    )
    assert rows[0] == ("small", 0, 1)
    assert ("small", 1, 200) in rows[1:3]
    assert sorted(rows[1:]) == sorted([("big", 1, 200)] * 5 + [("small", 1, 200)])
    assert here.rows("SELECT count(*) FROM exchanges WHERE direction = 'to_chatgpt'") == [(7,)]
    assert here.left() == 0


def test_a_huge_message_that_is_too_old_when_its_turn_comes_is_destroyed_with_a_gap(make: Make) -> None:
    here = make()
    here.inspector._feed_heavy = lambda: None
    here.answers(here.asks(call(1, note="x" * 40_000)), result(1))
    here.inspector.turn()
    here.at += 901
    here.inspector._sweep_at = 0.0
    here.inspector.turn()
    assert ("expired",) in here.rows("SELECT code FROM gaps")
    assert here.rows("SELECT count(*) FROM exchanges WHERE method = 'tools/call' AND direction = 'to_app'") == [(0,)]
    assert here.left() == 0


def test_a_huge_message_whose_record_is_gone_when_its_turn_comes_is_a_gap(make: Make) -> None:
    here = make()
    here.inspector._waiting._room = 0
    here.answers(here.asks(call(1, note="x" * 40_000)), result(1))
    here.inspector._text_again = lambda _crossed: None
    here.inspector._waiting._reread = here.inspector._text_again
    here.work()
    assert ("spool-unreadable",) in here.rows("SELECT code FROM gaps")
    assert here.left() == 0


def test_a_huge_list_of_tools_is_learnt(make: Make) -> None:
    here = make()
    schema = {"type": "object", "properties": {"email": {"type": "string", "description": "d" * 200}}}
    tools = [{"name": f"tool_{number}", "inputSchema": schema} for number in range(600)]
    listed = {"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}}
    here.answers(here.asks({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}), listed)
    here.answers(here.asks(call(2, "tool_599", email="lea.exemple@example.org")), result(2))
    here.work(seconds=100)
    assert here.rows("SELECT count(*) FROM tools") == [(600,)]
    assert here.rows("SELECT count(*) FROM gaps WHERE code = 'no-schema'") == [(0,)]


def test_what_is_wrong_with_a_huge_message_is_a_gap_of_its_exchange(make: Make) -> None:
    here = make()
    here.asks(call(1, many=[[] for _ in range(210_000)]))
    here.work(seconds=100)
    assert here.rows("SELECT method, fields FROM exchanges") == [("tools/call", 0)]
    assert ("too-many",) in here.rows("SELECT code FROM gaps")


def test_what_is_sent_again_is_a_row_without_disclosures(make: Make) -> None:
    here = make()
    event = (
        b"id: 7\nevent: message\ndata: %s\n\n"
        % json.dumps(
            {
                "jsonrpc": "2.0",
                "method": "notifications/message",
                "params": {"data": {"email": "lea.exemple@example.org"}},
            }
        ).encode()
    )
    for number, resumes in enumerate(([], [["last-event-id", "6"]])):
        flow = f"stream{number}"
        here.put(RecordKind.REQUEST, flow, method="GET", target="/mcp", headers=resumes, session="s1")
        here.put(RecordKind.STREAM, flow, status=200, headers=[["content-type", "text/event-stream"]], session="s1")
        here.put(RecordKind.PIECE, flow, 0, body=event)
    here.work()
    assert here.rows(
        "SELECT redelivery, (SELECT count(*) FROM disclosures d WHERE d.exchange_id = e.id) FROM exchanges e"
        " WHERE method = 'notifications/message' ORDER BY id"
    ) == [(0, 1), (1, 0)]


def test_a_name_in_a_mirrored_header_is_hidden_where_the_ledger_says_that_the_datum_stood_there_too(make: Make) -> None:
    here = make()
    here.asks(call(1, email="lea.exemple@example.org"), headers=[["mcp-param-lea-martin", "lea.exemple@example.org"]])
    here.work()
    assert here.rows("SELECT pointer, also FROM disclosures") == [
        ("/params/arguments/email", '["/@http/header/{key}"]')
    ]


def test_asking_how_far_behind_it_is_loses_no_news(make: Make) -> None:
    here = make()
    here.work()
    here.answers(here.asks(call(1)), result(1))
    assert here.inspector.lag_seconds() >= 0.0
    assert not here.inspector.idle()
    here.work()
    assert here.rows("SELECT count(*) FROM exchanges") == [(2,)]


def test_a_request_that_waits_for_its_answer_only_is_not_told_as_lag(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.work()
    assert here.left() == 1
    here.inspector.close()
    here.at += 551
    here.inspector = here.open()
    assert not here.inspector.idle()
    assert 0 < here.inspector.lag_seconds() < 1
    here.inspector.turn()
    assert here.inspector.lag_seconds() < 1
    here.work()
    assert here.inspector.lag_seconds() == 0


def test_lag_counts_from_the_oldest_record_that_was_not_judged(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.work()
    here.inspector.close()
    here.at += 500
    here.asks(call(2))
    here.at += 40
    here.inspector = here.open()
    assert 39 < here.inspector.lag_seconds() < 41
    here.work()
    assert here.inspector.lag_seconds() == 0


def test_what_comes_after_a_quiet_hour_has_not_waited_for_an_hour(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.work()
    assert here.inspector.lag_seconds() == 0
    here.at += 3600
    here.asks(call(2))
    assert 0 < here.inspector.lag_seconds() < 1


def test_an_absurd_status_stops_nobody(make: Make) -> None:
    here = make()
    flow = here.asks(call(1))
    here.put(RecordKind.ANSWER, flow, body=b"{}", status=10**24, headers=[])
    here.answers(here.asks(call(2)), result(2))
    here.work()
    assert here.rows("SELECT count(*) FROM exchanges") == [(3,)]
    assert here.left() == 0


def test_what_is_too_old_goes_even_when_a_newer_record_cannot_be_written(make: Make) -> None:
    here = make()
    here.asks(call(1))
    here.at += 901
    here.asks(call(2))
    here.inspector._append = lambda *_: 1 / 0
    here.inspector._sweep_at = 0.0
    with pytest.raises(ZeroDivisionError):
        here.inspector.turn()
    assert here.rows("SELECT code FROM gaps") == [("expired",)]


def test_a_bug_while_an_entry_is_made_becomes_a_gap(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise ValueError("lea.exemple@example.org")

    here = make()
    here.asks(call(1, note="x" * 40_000))
    monkeypatch.setattr("douane.inspector.process.entry", broken)
    here.work(seconds=60)
    assert here.rows("SELECT code, detail FROM gaps") == [("crashed", "ValueError")]


def test_the_record_in_hand_is_marked_while_it_is_inspected(make: Make) -> None:
    seen: list[int] = []

    def watching(fields: Any, context: Any) -> tuple[list[Any], list[Gap]]:
        seen.append(here.inspector._inflight.read())
        return [], []

    here = make(detect=watching)
    here.asks(call(1))
    record = here.spool.take()[0]
    here.work()
    assert seen == [record.id]
    assert here.inspector._inflight.read() == 0


def test_gaps_of_an_exchange_stand_in_the_ledger_with_it(make: Make) -> None:
    here = make()
    here.asks(b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":1,"a":2}}}')
    here.work()
    assert ("duplicate-key", 1) in here.rows("SELECT code, exchange_id FROM gaps")


def test_a_finding_below_the_threshold_of_its_category_is_left_out(make: Make) -> None:
    here = make(options={"thresholds": {"user.contact": 1.0}})
    here.asks(call(1, email="lea.exemple@example.org", iban="FR7630006000011234567890189"))
    here.work()
    assert here.rows("SELECT DISTINCT category FROM disclosures") == [("user.financial.bank_account.iban",)]


def test_own_traffic_is_marked_and_ids_are_stored_keyed(make: Make) -> None:
    here = make()
    here.asks(call("id-lea.exemple@example.org"), own=True)
    here.work()
    [(own, rpc)] = here.rows("SELECT own_traffic, rpc FROM exchanges")
    assert own == 1
    assert len(rpc) == 24
    assert set(rpc) <= set("0123456789abcdef")
