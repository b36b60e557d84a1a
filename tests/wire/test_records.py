"""What each kind of record gives: gaps, outcomes, and the records that may be deleted."""

import gzip
import zlib
from typing import Any

import brotli
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from douane.audit.exchange import Outcome
from douane.audit.message import Direction, Gap, HttpPart
from douane.ledger.record import Record, RecordKind
from douane.wire.assembler import Assembler, Limits
from douane.wire.crossing import OutcomeNote

TO_APP, TO_CHATGPT = Direction.TO_APP, Direction.TO_CHATGPT
CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search"}}'
RESULT = b'{"jsonrpc":"2.0","id":1,"result":{}}'


def note(flow: str, direction: Direction, outcome: Outcome, uid: str = "") -> OutcomeNote:
    return OutcomeNote("app", flow, direction, outcome, uid)


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (202, b"", []),
        (202, b"Accepted", []),
        (202, RESULT, ["<< a.answer/0 result tools/call search to a.request/0"]),
        (204, b"", []),
        (200, b"", []),
        (200, b" \r\n", []),
        (200, b"<html>", ["<< a.answer/0 to a.request/0 gap malformed"]),
        (404, b"Not Found", []),
        (404, b"Not Found: /u/ada", ["<< a.answer/0 to a.request/0 gap malformed"]),
        (401, b'{"error":"invalid_token"}', ["<< a.answer/0 error tools/call search to a.request/0"]),
        (200, b'{"error":"invalid_token"}', ["<< a.answer/0 to a.request/0 gap malformed"]),
        (500, RESULT, ["<< a.answer/0 result tools/call search to a.request/0"]),
        (200, RESULT + b"x", ["<< a.answer/0 result tools/call search to a.request/0", "<< a.answer/1 gap malformed"]),
    ],
)
def test_an_answer_by_status_and_body(talk: Any, status: int, body: bytes, expected: list[str]) -> None:
    had = talk() >> talk.post("a", CALL) << talk.answer("a", body, status=status)
    assert had.lines()[1:] == expected
    assert had.done == ["a.request", "a.answer"]


CODED: dict[str, tuple[str, bytes, list[str]]] = {
    "gzip": ("gzip", gzip.compress(CALL), [">> a.request/0 request tools/call search"]),
    "br": ("BR", brotli.compress(CALL), [">> a.request/0 request tools/call search"]),
    "zstd": ("zstd", zstandard.ZstdCompressor().compress(CALL), [">> a.request/0 request tools/call search"]),
    "stacked": ("gzip, br", brotli.compress(gzip.compress(CALL)), [">> a.request/0 request tools/call search"]),
    "unknown": ("lzma", b"\xfd7zXZ", [">> a.request/0 gap not-decodable"]),
    "not gzip": ("gzip", b"\0\0\0", [">> a.request/0 gap not-decodable"]),
    "said to be gzip, is JSON": ("gzip", CALL, [">> a.request/0 request tools/call search gap not-decodable"]),
    "cut in the trailer": (
        "gzip",
        gzip.compress(CALL)[:-3],
        [">> a.request/0 request tools/call search gap truncated"],
    ),
    "cut in the middle": ("gzip", gzip.compress(CALL)[:30], [">> a.request/0 gap truncated"]),
    "a bomb": (
        "gzip",
        gzip.compress(CALL + b" " * 5_000_000),
        [">> a.request/0 request tools/call search gap too-large"],
    ),
}


@pytest.mark.parametrize(("coding", "body", "expected"), CODED.values(), ids=CODED.keys())
def test_a_request_by_content_coding(talk: Any, coding: str, body: bytes, expected: list[str]) -> None:
    had = talk(limits=Limits(body=1_000_000)) >> talk.post("a", body, headers={"Content-Encoding": coding})
    assert had.lines() == expected
    assert [one.message is None or one.message.text.strip() == CALL.decode() for one in had.crossed] == [True]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (CALL[:-9], [">> a.request/0 gap truncated"]),
        (CALL, [">> a.request/0 request tools/call search gap truncated"]),
        (CALL + b"," + CALL[:20], [">> a.request/0 request tools/call search gap truncated"]),
        (b"", []),
    ],
)
def test_a_truncated_request_says_so(talk: Any, body: bytes, expected: list[str]) -> None:
    """Of a request without any body left, the proxy itself records the gap."""
    assert (talk() >> talk.post("a", body, truncated=True)).lines() == expected


def test_a_gap_of_the_proxy_is_passed_on(talk: Any) -> None:
    had = talk() << talk.said(
        "a", "too-large", place="body", detail="over the limit", size=7, direction="to_chatgpt", count=3
    )
    (one,) = had.crossed
    assert (one.message, one.gaps, one.direction, one.record_uid, one.size) == (
        None, (Gap("too-large", "body", "over the limit", 7, 3),), TO_CHATGPT, "a.gap", 7,
    )  # fmt: skip
    assert (talk() << talk.said("a", "made-up")).crossed[0].gaps == (Gap("not-recorded"),)


def test_parts_of_the_request_go_with_its_first_message(talk: Any) -> None:
    headers = {"User-Agent": "openai-mcp/1.0.0", "X-Openai-Subject": "v1/abc", "Mcp-Name": "=?base64?w6l0w6k=?="}
    had = talk() >> talk.post("a", [talk.tell("x"), talk.tell("y")], target="/mcp?city=Porto", headers=headers)
    assert [one.message.http for one in had.crossed] == [
        (
            HttpPart("query", "city", "Porto"),
            HttpPart("header", "user-agent", "openai-mcp/1.0.0"),
            HttpPart("header", "x-openai-subject", "v1/abc"),
            HttpPart("header", "mcp-name", "été"),
        ),
        (),
    ]


@pytest.mark.parametrize(
    ("target", "headers", "expected"),
    [
        ("/mcp", {"User-Agent": "x", "X-Forwarded-For": "192.0.2.7", "Accept-Language": "fr"}, []),
        ("/sse?sessionId={4}", {}, []),
        ("/u/ada/mcp", {"Last-Event-ID": "7"}, []),
        ("/mcp?user=ada", {"User-Agent": "x"}, [">> a.request/0 notification GET"]),
        ("/mcp", {"X-Openai-Subject": "v1/abc"}, [">> a.request/0 notification GET"]),
    ],
)
def test_a_request_without_body_is_an_exchange_only_for_what_it_carries(
    talk: Any, target: str, headers: dict[str, str], expected: list[str]
) -> None:
    had = talk() >> talk.get("a", target=target, headers=headers)
    assert had.lines() == expected


@pytest.mark.parametrize(
    ("verb", "accept", "transport"),
    [
        ("GET", "Text/Event-Stream", "get-sse"),
        ("GET", "application/json", "json"),
        ("POST", "text/event-stream", "json"),
    ],
)
def test_the_request_that_opens_a_stream_with_get_is_of_its_transport(
    talk: Any, verb: str, accept: str, transport: str
) -> None:
    had = talk() >> talk.post("a", verb=verb, target="/mcp?user=ada", headers={"Accept": accept})
    assert [one.transport for one in had.crossed] == [transport]


def test_what_a_get_for_a_stream_is_answered_without_one_is_a_body(talk: Any) -> None:
    opened = talk() >> talk.get("a", target="/mcp?user=ada", headers={"Accept": "text/event-stream"})
    had = opened << talk.answer("a", talk.error(None, -32000, "no"), status=405)
    assert [one.transport for one in had.crossed] == ["get-sse", "json"]


@pytest.mark.parametrize("rpc_id", [None, "server-error"])
@pytest.mark.parametrize("verb", ["GET", "DELETE"])
def test_an_error_about_a_request_without_message_is_no_unpaired_answer(
    talk: Any, verb: str, rpc_id: str | None
) -> None:
    had = talk() >> talk.post("a", verb=verb) << talk.answer("a", talk.error(rpc_id, -32000, "no"), status=405)
    assert had.lines() == ["<< a.answer/0 error"]


def test_headers_are_not_lost_with_a_malformed_body(talk: Any) -> None:
    had = talk() >> talk.post("a", b"?", headers={"X-Openai-Subject": "v1/abc"})
    assert had.lines() == [">> a.request/0 notification POST gap malformed"]
    assert had.crossed[0].message.http == (HttpPart("header", "x-openai-subject", "v1/abc"),)


@pytest.mark.promise("delivered-is-known")
def test_outcomes_of_a_plain_exchange(talk: Any) -> None:
    had = talk() >> talk.post("a", CALL) << talk.answer("a", RESULT) << talk.delivered("a")
    assert had.notes == [note("a", TO_APP, Outcome.DELIVERED), note("a", TO_CHATGPT, Outcome.DELIVERED)]
    assert had.done == ["a.request", "a.answer", ".outcome"]


@pytest.mark.promise("delivered-is-known")
@pytest.mark.parametrize(
    ("side", "code", "outcome"),
    [
        ("upstream", "connect-failed", Outcome.FAILED),
        ("upstream", "no-answer", Outcome.UNKNOWN),
        ("upstream", "answer-cut", Outcome.DELIVERED),
        ("client", "client-gone", Outcome.UNKNOWN),
    ],
)
def test_outcome_of_a_failed_exchange(talk: Any, side: str, code: str, outcome: Outcome) -> None:
    had = talk() >> talk.post("a", CALL) << talk.fault("a", side, code)
    assert had.notes == [note("a", TO_APP, outcome)]
    assert had.done == ["a.request", "a.fault"]


def test_a_fault_after_the_answer_takes_nothing_back(talk: Any) -> None:
    had = talk() >> talk.post("a", CALL) << talk.answer("a", RESULT) << talk.fault("a", "client", "client-gone")
    assert had.notes == [note("a", TO_APP, Outcome.DELIVERED)]


def test_what_douane_refused_is_refused(talk: Any) -> None:
    had = talk() >> talk.post("a", CALL) << talk.said("a", "refused", direction="to_app")
    assert had.notes == [note("a", TO_APP, Outcome.REFUSED)]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("complete", [note("a", TO_CHATGPT, Outcome.DELIVERED)]),
        ("upstream", [note("a", TO_CHATGPT, Outcome.DELIVERED)]),
        ("client", []),
    ],
)
def test_outcomes_of_a_stream(talk: Any, reason: str, expected: list[OutcomeNote]) -> None:
    had = (
        talk()
        >> talk.post("a", CALL)
        << talk.stream("a")
        << talk.piece("a", talk.event(talk.tell("x")))
        << talk.piece("a", b": nothing\n\n")
        << talk.piece("a", talk.event(talk.tell("y")))
        << talk.delivered(streams={"a": 1, "gone": 4})
        << talk.end("a", reason)
        << talk.delivered(streams={"a": 2})
    )
    assert had.notes == [
        note("a", TO_APP, Outcome.DELIVERED),
        note("a", TO_CHATGPT, Outcome.DELIVERED, "a.piece0"),
        *expected,
        note("a", TO_CHATGPT, Outcome.DELIVERED, "a.piece2"),
    ]


def test_a_piece_may_be_deleted_as_soon_as_its_events_are_whole(talk: Any) -> None:
    event = talk.event(talk.tell("x"))
    had = talk() >> talk.post("a", CALL) << talk.stream("a") << talk.piece("a", event + event[:9])
    assert had.done == []
    had = had << talk.piece("a", event[9:])
    assert had.done == ["a.piece0", "a.piece1"]
    had = had << talk.piece("a", event) << talk.end("a")
    assert had.done == ["a.piece0", "a.piece1", "a.piece2", "a.request", "a.stream", "a.end"]
    assert had.lines()[1:] == [
        "<< a.piece0/0 notification x",
        "<< a.piece1/0 notification x",
        "<< a.piece2/0 notification x",
    ]


@pytest.mark.parametrize(("reason", "cut"), [("complete", 10), ("client", 10), ("upstream", 30)])
def test_an_event_cut_off_is_a_gap(talk: Any, reason: str, cut: int) -> None:
    had = (
        talk()
        >> talk.post("a", CALL)
        << talk.stream("a")
        << talk.piece("a", talk.event(talk.tell("x")) + talk.event(RESULT)[: 20 + cut])
        << talk.end("a", reason)
    )
    assert had.lines()[1:] == ["<< a.piece0/0 notification x", "<< a.end/0 gap truncated"]


def test_an_event_whole_but_for_its_blank_line_is_read_and_marked(talk: Any) -> None:
    had = talk() >> talk.post("a", CALL) << talk.stream("a") << talk.piece("a", b"data: " + RESULT) << talk.end("a")
    assert had.lines()[1:] == ["<< a.end/0 result tools/call search to a.request/0 gap truncated"]


@pytest.mark.parametrize("data", [b"data: [DONE]\n\n", b"data: hello\n\n", b"data: {\n\n"])
def test_an_event_that_is_no_message_is_a_gap(talk: Any, data: bytes) -> None:
    had = talk() >> talk.post("a", CALL) << talk.stream("a") << talk.piece("a", data)
    assert had.lines()[1:] == ["<< a.piece0/0 gap malformed"]


def test_a_stream_that_was_recorded_whole_is_read_as_one(talk: Any) -> None:
    body = talk.event(talk.tell("x"), id="1") + talk.event(RESULT)
    for headers in ({"Content-Type": "text/event-stream; charset=utf-8"}, {"Content-Type": "text/plain"}):
        had = talk() >> talk.post("a", CALL) << talk.answer("a", body, headers=headers)
        assert had.lines()[1:] == [
            "<< a.answer/0 notification x",
            "<< a.answer/1 result tools/call search to a.request/0",
        ]


def test_json_is_json_whatever_its_type_says(talk: Any) -> None:
    for name in ("text/event-stream", "text/html", "application/octet-stream", ""):
        had = talk() >> talk.post("a", CALL, headers={"Content-Type": name})
        had = had << talk.answer("a", RESULT, headers={"Content-Type": name})
        assert had.lines()[1:] == ["<< a.answer/0 result tools/call search to a.request/0"]


def test_a_compressed_stream_without_its_beginning_is_one_gap(talk: Any) -> None:
    coded = zstandard.ZstdCompressor().compress(talk.event(RESULT) * 9)
    had = talk() >> talk.post("a", CALL) << talk.stream("a", headers={"Content-Encoding": "zstd"})
    had._pieces["a"] = 7
    had = had << talk.piece("a", coded[:9]) << talk.piece("a", coded[9:]) << talk.end("a")
    assert had.lines()[1:] == ["<< a.piece7/0 gap stream-lost"]
    assert len(had.done) == len(had.records)


def test_a_stream_without_its_head_is_read_when_it_is_text(talk: Any) -> None:
    had = talk()
    had._pieces["a"] = 7
    had = had << talk.piece("a", talk.event(talk.tell("x"))) << talk.end("a")
    assert had.lines() == ["<< a.piece7/0 notification x"]
    for data in (gzip.compress(b"data: 1"), b"\xff\xfe\x00"):
        had = talk()
        had._pieces["a"] = 7
        had = had << talk.piece("a", data) << talk.piece("a", data)
        assert had.lines() == ["<< a.piece7/0 gap stream-lost"]


def test_pieces_that_are_missing_break_only_the_event_they_held(talk: Any) -> None:
    event = talk.event(talk.tell("x"))
    had = talk() >> talk.post("a", CALL) << talk.stream("a") << talk.piece("a", event + event[:12])
    had._pieces["a"] = 4
    had = had << talk.piece("a", event) << talk.end("a")
    assert had.lines()[1:] == [
        "<< a.piece0/0 notification x",
        "<< a.piece4/0 gap truncated",
        "<< a.piece4/1 notification x",
    ]
    assert len(had.done) == len(had.records)


def test_what_waits_too_long_is_let_go(talk: Any) -> None:
    had = talk(hold=100.0) >> talk.post("a", CALL) << talk.stream("a") << talk.piece("a", b"data: 1")
    assert had.done == []
    assert had.assembler.done(now=1101.5) == ["a.request"]
    assert had.assembler.done(now=2000.0) == ["a.stream", "a.piece0"]
    had = had << talk.end("a")
    assert had.done == ["a.end"]


def test_a_compressed_stream_is_kept_up_to_four_megabytes(talk: Any) -> None:
    squeeze = zlib.compressobj(0, wbits=31)
    had = talk() >> talk.post("a", CALL) << talk.stream("a", headers={"Content-Encoding": "gzip"})
    for _ in range(70):
        data = squeeze.compress(b":" * 65_535 + b"\n") + squeeze.flush(zlib.Z_SYNC_FLUSH)
        had = had << talk.piece("a", data)
        if had.done:
            break
    assert len(had.done) > 60
    assert {"a.request", "a.stream"}.isdisjoint(had.done)


def test_too_many_flows_let_the_oldest_go(talk: Any) -> None:
    had = talk(limits=Limits(flows=2))
    for flow in "abc":
        had = had >> talk.post(flow, CALL) << talk.stream(flow) << talk.piece(flow, b"data: 1")
    assert had.done == ["a.piece0", "a.request", "a.stream"]


META = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
NAMES = [
    "method",
    "target",
    "headers",
    "session",
    "credential",
    "own",
    "truncated",
    "status",
    "reason",
    "side",
    "code",
    "delivered",
    "streams",
]
CANCEL = b'{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}'
ENDPOINT = b"event: endpoint\ndata: /m?sessionId=1\n\n"
BATCH = b"[" + CALL + b"," + RESULT + b"]"
WHOLE, PART = b"data: " + RESULT + b"\n\n", b"id: 1\ndata: " + CALL
BODIES = st.binary(max_size=60) | st.sampled_from(
    [CALL, RESULT, BATCH, CANCEL, WHOLE, PART, ENDPOINT, b"\r\n\r\n", gzip.compress(RESULT)]
)
HEADERS = st.lists(
    st.sampled_from(
        [
            ["Content-Encoding", "gzip"],
            ["content-encoding", "br, gzip"],
            ["Content-Type", "text/event-stream"],
            ["Last-Event-ID", "1"],
            ["mcp-protocol-version", "2025-06-18"],
            ["X-User", "ada"],
            ["mcp-name", "=?base64?w6k=?="],
        ]
    ),
    max_size=3,
)
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(list(RecordKind)),
        st.sampled_from("ab"),
        st.integers(0, 3),
        st.dictionaries(st.sampled_from(NAMES), META, max_size=3)
        | st.fixed_dictionaries({"headers": HEADERS, "session": st.sampled_from(["", "s"])}),
        BODIES,
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(RECORDS)
def test_no_order_of_records_makes_it_raise_or_name_anything_twice(
    steps: list[tuple[RecordKind, str, int, dict[str, Any], bytes]],
) -> None:
    assembler = Assembler()
    names: list[tuple[str, int]] = []
    done: list[str] = []
    for number, (kind, flow, seq, meta, body) in enumerate(steps):
        found = assembler.feed(Record(number, f"u{number}", "app", flow, kind, seq, float(number), meta, body))
        names += [(one.record_uid, one.part) for one in found]
        assembler.notes()
        done += assembler.done()
    done += assembler.done(now=1e9)
    assert len(names) == len(set(names))
    assert sorted(done) == sorted(f"u{number}" for number in range(len(steps)))


@pytest.mark.parametrize("status", [999999999999999999999999, 1000, 600, 99, 0, -1, 10**400])
def test_a_number_that_is_no_http_status_counts_as_none(talk: Any, status: int) -> None:
    had = talk() >> talk.post("a", talk.call(1))
    had <<= talk.answer("a", talk.result(1), status=status)
    assert [one.http_status for one in had.crossed] == [None, None]
    had >>= talk.post("b", talk.call(2))
    had <<= talk.answer("b", talk.result(2), status=599)
    assert had.crossed[-1].http_status == 599
