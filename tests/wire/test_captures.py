"""HTTP archives and JSON-RPC logs become exchanges and messages, and no input makes a reader raise."""

import json
from typing import Any

import captures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.message import Direction
from douane.wire.captured import Exchanged, Faulty, Logged, Unusable, in_order
from douane.wire.har import read_har
from douane.wire.rpclog import RpcLog


def read(content: bytes) -> list[tuple[Exchanged, bool] | Faulty]:
    found = read_har(content)
    assert not isinstance(found, Unusable)
    return list(found)


def bodies(content: bytes) -> list[tuple[bool, bytes]]:
    return [
        (answers, (one.answer.body if one.answer else b"") if answers else one.body)
        for one, answers in (found for found in read(content) if not isinstance(found, Faulty))
    ]


@pytest.mark.parametrize("how", ["plain", "base64"])
def test_an_archive_gives_each_request_and_its_answer_in_turn(how: str) -> None:
    asked, told = captures.CONVERSATION[1]
    content = captures.archive(captures.entry(captures.text(asked), captures.text(told), 1, how=how))
    assert bodies(content) == [(False, captures.text(asked).encode()), (True, captures.text(told).encode())]


def test_a_body_that_a_browser_opened_is_not_opened_again_and_one_that_was_saved_packed_is() -> None:
    def coding(how: str) -> list[bytes]:
        found = read(captures.archive(captures.entry("{}", "{}", 1, how=how)))[1]
        assert not isinstance(found, Faulty)
        assert found[0].answer is not None
        return [value for name, value in found[0].answer.headers if name.lower() == b"content-encoding"]

    assert (coding("plain"), coding("gzip")) == ([], [b"gzip"])


def test_an_answer_comes_after_what_crossed_while_it_was_awaited() -> None:
    slow = captures.entry("{}", "{}", 1, time=5000)
    quick = captures.entry("{}", "{}", 2)
    order = [
        (one.number, answers) for one, answers in read(captures.archive(slow, quick)) if isinstance(one, Exchanged)
    ]  # type: ignore[misc]
    assert order == [(1, False), (2, False), (2, True), (1, True)]


def test_a_body_that_the_browser_left_out_is_missing_and_not_empty() -> None:
    entry = captures.entry("{}", "", 1)
    entry["response"]["content"] = {"size": 812}
    found = read(captures.archive(entry))[1]
    assert not isinstance(found, Faulty)
    assert found[0].answer is not None
    assert (found[0].answer.missing, found[0].answer.size) == (True, 812)


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"log":{}}', b'{"log":{"entries":3}}', b"\xff", b"[" * 10_000]
)
def test_what_is_no_archive_is_said_to_be_none(content: bytes) -> None:
    assert isinstance(read_har(content), Unusable)


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        (3, "startedDateTime"),
        ({}, "startedDateTime"),
        ({"startedDateTime": "lea@example.org"}, "startedDateTime"),
        ({"startedDateTime": "2026-11-03T10:00:00Z", "request": "lea@example.org"}, "HAR 1.2"),
    ],
)
def test_a_broken_entry_is_told_by_number_without_its_words_and_the_others_are_read(entry: Any, why: str) -> None:
    found = read(captures.archive(captures.entry("{}", "{}", 1), entry))
    faulty = [one for one in found if isinstance(one, Faulty)]
    assert [one.number for one in faulty] == [2]
    assert why in faulty[0].why
    assert "lea@" not in faulty[0].why
    assert len(found) == 3


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)


times = st.sampled_from(["2026-11-03T10:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31"]) | json_values
requests = st.fixed_dictionaries(
    {"method": st.text(), "url": st.text()}, optional={"headers": json_values, "postData": json_values}
)
answers = st.fixed_dictionaries({"status": st.integers()}, optional={"content": json_values})
entries = st.fixed_dictionaries(
    {},
    optional={
        "startedDateTime": times,
        "time": json_values,
        "timings": json_values,
        "request": requests | json_values,
        "response": answers | json_values,
    },
)


@given(st.lists(entries, max_size=4))
def test_no_archive_makes_the_reader_raise(entries: list[Any]) -> None:
    found = read(captures.archive(*entries))
    told = [one.number for one in found if isinstance(one, Faulty)]
    assert len(told) == len(set(told))


@given(st.binary(max_size=300))
def test_no_bytes_make_a_reader_raise(content: bytes) -> None:
    found = read_har(content)
    if not isinstance(found, Unusable):
        list(found)
    log = RpcLog()
    for number, line in enumerate(content.split(b"\n"), 1):
        log.read(line, number)


@given(json_values, st.dictionaries(st.sampled_from(["at", "time", "session", "direction", "id"]), json_values))
def test_no_line_of_json_makes_a_reader_raise(message: Any, beside: dict[str, Any]) -> None:
    log = RpcLog()
    log.read(json.dumps(message).encode(), 1)
    log.read(json.dumps({**beside, "message": message}).encode(), 2)


@given(st.lists(st.tuples(st.floats(0, 9), st.integers(0, 4), st.booleans())))
def test_no_answer_comes_before_its_request(steps: list[tuple[float, int, bool]]) -> None:
    seen: set[int] = set()
    for index, answers in in_order(steps):
        assert not answers or index in seen
        seen.add(index)


def logged(*lines: Any) -> list[tuple[str, str, float | None] | str]:
    log = RpcLog()
    found = [log.read(line if isinstance(line, bytes) else json.dumps(line).encode(), 1) for line in lines]
    return [
        (one.direction.value, one.session, one.at) if isinstance(one, Logged) else one.why if one else ""
        for one in found
    ]


PING = {"jsonrpc": "2.0", "id": 7, "method": "ping"}


@pytest.mark.parametrize("told", ["hier", "", -4, "2026-13-01T10:00:00Z", True, [1793700000], {}])
def test_a_time_that_cannot_be_read_is_named_and_never_replaced(told: object) -> None:
    why = "`at` is no time; give one of ISO 8601 or Unix seconds, or leave it out"
    assert logged({"message": PING, "at": told}) == [why]
    assert logged({"message": PING, "at": "2026-11-03T10:00:00Z"}) == [("to_app", "", 1793700000.0)]


@pytest.mark.parametrize(
    ("beside", "why"),
    [
        ({"session": True}, "`session` is neither a text nor a number; give one, or leave it out"),
        ({"session_id": ["7"]}, "`session_id` is neither a text nor a number; give one, or leave it out"),
        ({"direction": True}, "unknown direction; give to_app or to_chatgpt, or leave it out"),
        ({"from": {"role": "client"}}, "unknown direction; give to_app or to_chatgpt, or leave it out"),
    ],
)
def test_what_stands_beside_a_message_and_cannot_be_read_is_named_and_never_passed_over(
    beside: dict[str, Any], why: str
) -> None:
    assert logged({"message": PING, **beside}) == [why]


def test_null_beside_a_message_says_nothing() -> None:
    assert logged({"message": PING, "at": None, "session": None, "direction": None}) == [("to_app", "", None)]


ASK = {"jsonrpc": "2.0", "id": 7, "method": "elicitation/create", "params": {}}
TOLD = {"jsonrpc": "2.0", "id": 7, "result": {}}


def test_the_way_of_a_message_is_told_from_what_it_is_and_what_was_asked() -> None:
    assert [one[0] for one in logged(PING, TOLD, ASK, TOLD, TOLD)] == [
        Direction.TO_APP,
        Direction.TO_CHATGPT,
        Direction.TO_CHATGPT,
        Direction.TO_APP,
        Direction.TO_CHATGPT,
    ]


def test_the_same_id_in_another_session_is_another_request() -> None:
    told = logged(
        {"session": "a", "message": ASK}, {"session": "b", "message": TOLD}, {"session": "a", "message": TOLD}
    )
    assert [one[0] for one in told] == [Direction.TO_CHATGPT, Direction.TO_CHATGPT, Direction.TO_APP]


def test_times_are_read_in_seconds_milliseconds_and_words() -> None:
    times = (1793786400, 1793786400000, "2026-11-04T10:00:00Z")
    assert [one[2] for one in logged(*({"at": at, "message": PING} for at in times))] == [1793786400.0] * 3


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b"lea@example.org", "not valid JSON, at character 0"),
        (b"\xff", "not UTF-8"),
        (
            {"message": PING, "direction": "lea@example.org"},
            "unknown direction; give to_app or to_chatgpt, or leave it out",
        ),
        ({"a": 1}, "no JSON-RPC message (an object with a method, a result or an error), nor a batch of them"),
        (b"3", "neither a JSON-RPC message nor an object with one under `message`"),
        (b"  ", ""),
    ],
)
def test_a_line_that_is_no_message_says_why_and_quotes_nothing(line: Any, why: str) -> None:
    assert logged(line) == [why]
