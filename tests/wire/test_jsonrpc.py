"""JSON-RPC recognised by content: what counts as a message, and what becomes a gap."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from growth import is_linear
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.jsontext import plain
from douane.audit.message import Gap, Kind
from douane.wire import jsonrpc
from douane.wire.jsonrpc import Parsed, in_full, read
from douane.wire.revision import request_cancelled, task_asked, task_created, task_related, tool_called


def told(body: bytes | str, **options: int) -> list[tuple[Any, ...]]:
    return [
        (str(one.kind), one.method, one.rpc_id, *(gap.code for gap in one.gaps))
        if isinstance(one, Parsed)
        else (one.code,)
        for one in read(body, **options)
    ]


CASES: dict[str, tuple[bytes | str, list[tuple[Any, ...]]]] = {
    "a request": (b'{"jsonrpc":"2.0","id":1,"method":"ping"}', [("request", "ping", 1)]),
    "a string id is not a number": (b'{"jsonrpc":"2.0","id":"1","method":"ping"}', [("request", "ping", "1")]),
    "a fractional id": (b'{"jsonrpc":"2.0","id":1.5,"method":"ping"}', [("request", "ping", 1.5)]),
    "a notification": (b'{"jsonrpc":"2.0","method":"notifications/x"}', [("notification", "notifications/x", None)]),
    "a result": (b'{"jsonrpc":"2.0","id":1,"result":{}}', [("result", None, 1)]),
    "a result that is null": (b'{"jsonrpc":"2.0","id":1,"result":null}', [("result", None, 1)]),
    "an error": (b'{"jsonrpc":"2.0","id":1,"error":{"code":-1,"message":"no"}}', [("error", None, 1)]),
    "an error without an id": (b'{"jsonrpc":"2.0","id":null,"error":{"code":-1}}', [("error", None, None)]),
    "no version": (b'{"id":1,"method":"ping"}', [("request", "ping", 1)]),
    "white space around": (b' \r\n\t{"id":1,"method":"ping"}\n', [("request", "ping", 1)]),
    "a byte order mark": (b'\xef\xbb\xbf{"id":1,"method":"ping"}', [("request", "ping", 1)]),
    "text instead of bytes": ('{"id":1,"method":"ping"}', [("request", "ping", 1)]),
    "keys in any order": (b'{"params":{},"method":"ping","id":1}', [("request", "ping", 1)]),
    "the last of equal keys": (b'{"id":1,"id":2,"method":"a","method":"b"}', [("request", "b", 2)]),
    "a key written with escapes": (b'{"id":1,"m\\u0065thod":"ping"}', [("request", "ping", 1)]),
    "a method written with escapes": (b'{"id":1,"method":"p\\u0069ng"}', [("request", "ping", 1)]),
    "an id of another type": (b'{"id":[1],"method":"ping"}', [("request", "ping", None, "irregular")]),
    "half an emoji": (b'{"id":1,"method":"ping","params":{"a":"\\ud83d","\\ude00":1}}', [("request", "ping", 1)]),
    "a batch": (
        b'[{"id":1,"method":"ping"},{"method":"x"},{"id":2,"result":1}]',
        [("request", "ping", 1), ("notification", "x", None), ("result", None, 2)],
    ),
    "a batch item that is none": (b'[{"id":1,"method":"ping"},7]', [("request", "ping", 1), ("malformed",)]),
    "an empty batch": (b"[]", [("malformed",)]),
    "a batch in a batch": (b'[[{"id":1,"method":"ping"}]]', [("malformed",)]),
    "an OAuth error": (b'{"error":"invalid_token","error_description":"expired"}', [("malformed",)]),
    "some other object": (b'{"name":"Ada"}', [("malformed",)]),
    "a method that is no string": (b'{"jsonrpc":"2.0","id":1,"method":7}', [("malformed",)]),
    "a bare string": (b'"ping"', [("malformed",)]),
    "HTML": (b"<html>Not found</html>", [("malformed",)]),
    "cut short": (b'{"jsonrpc":"2.0","id":1,"method":"pi', [("malformed",)]),
    "not UTF-8": (b'{"id":1,"method":"ping","params":{"a":"\xff\xfe"}}', [("request", "ping", 1, "irregular")]),
    "UTF-16": ('{"id":1,"method":"ping"}'.encode("utf-16"), [("malformed",)]),
    "NaN": (b'{"id":1,"result":{"a":NaN,"b":[-Infinity,"NaN"]}}', [("result", None, 1, "irregular")]),
    "a control character in a string": (
        b'{"id":1,"method":"ping","params":"a\nb"}',
        [("request", "ping", 1, "irregular")],
    ),
    "a lone surrogate": (b'{"id":"\\ud800","method":"pi\\uDFFFng"}', [("request", "pi\ufffdng", "\ufffd")]),
    "a lone surrogate beside a pair": (
        b'{"id":"\\ud83d\\ude00\\ud83d","method":"ping","x":"\\ude00"}',
        [("request", "ping", "\U0001f600\ufffd")],
    ),
    "a lone surrogate beside a backslash": (
        b'{"id":"\\\\ud800","method":"ping","x":"\\ud800"}',
        [("request", "ping", "\\ud800")],
    ),
    "data after the message": (b'{"id":1,"method":"ping"} and more', [("request", "ping", 1), ("malformed",)]),
    "one message a line": (
        b'{"id":1,"method":"ping"}\n{"id":2,"method":"pong"}\n',
        [("request", "ping", 1), ("request", "pong", 2), ("irregular",)],
    ),
    "more messages in a row than anyone sends": (
        b'{"id":1,"method":"a"}' * 1_001,
        [("request", "a", 1)] * 1_000 + [("malformed",)],
    ),
    "empty": (b"", []),
    "white space only": (b" \r\n", []),
    "a byte order mark only": (b"\xef\xbb\xbf", []),
    "too deep": (b'{"id":1,"method":"a","params":' + b"[" * 500 + b"]" * 500 + b"}", [("too-deep",)]),
    "too many values": (b'{"id":1,"result":[' + b"0," * 200_000 + b"0]}", [("too-many",)]),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES.keys())
def test_a_body_is_read_by_its_content(body: bytes | str, expected: list[tuple[Any, ...]]) -> None:
    assert told(body) == expected


BEYOND = {"too deep", "too many values"}


@pytest.mark.parametrize(
    "body",
    [body for case, (body, _) in CASES.items() if case not in BEYOND],
    ids=[case for case in CASES if case not in BEYOND],
)
def test_the_envelope_alone_says_the_same(body: bytes | str) -> None:
    assert told(body, skim=0) == told(body)


@pytest.mark.parametrize(
    ("says", "message"),
    [
        (tool_called, {"id": 1, "method": "tools/call", "params": {"name": "send\ud83d"}}),
        (task_asked, {"id": 1, "method": "tasks/get", "params": {"taskId": "send\ud83d"}}),
        (
            task_related,
            {
                "id": 1,
                "method": "ping",
                "params": {"_meta": {"io.modelcontextprotocol/related-task": {"taskId": "send\ud83d"}}},
            },
        ),
        (task_created, {"id": 1, "result": {"task": {"taskId": "send\ud83d"}}}),
        (request_cancelled, {"method": "notifications/cancelled", "params": {"requestId": "send\ud83d"}}),
    ],
)
def test_a_name_with_half_a_pair_is_one_name_however_the_message_is_read(
    says: Callable[[Parsed], Any], message: dict[str, Any]
) -> None:
    for skim in (None, 0):
        (parsed,) = read(json.dumps(message), skim=skim)
        assert isinstance(parsed, Parsed)
        assert says(parsed) == "send\ufffd"


def test_the_id_of_a_cancelled_request_is_that_of_the_request() -> None:
    (asked,) = read(json.dumps({"id": "\udc00", "method": "ping"}))
    (called_off,) = read(json.dumps({"method": "notifications/cancelled", "params": {"requestId": "\udc00"}}))
    assert isinstance(asked, Parsed)
    assert isinstance(called_off, Parsed)
    assert request_cancelled(called_off) == asked.rpc_id


@pytest.mark.parametrize(("body", "expected"), [CASES[case] for case in sorted(BEYOND)], ids=sorted(BEYOND))
def test_what_is_beyond_the_limits_shows_when_it_is_read_in_full(
    body: bytes | str, expected: list[tuple[Any, ...]]
) -> None:
    (skimmed,) = read(body, skim=0)
    assert isinstance(skimmed, Parsed)
    full = in_full(skimmed.text)
    assert isinstance(full, Gap)
    assert [(full.code,)] == expected


def test_of_a_large_message_only_the_envelope_is_read_at_first() -> None:
    params = {"name": "send", "arguments": {"note": "a" * 2_000, "_meta": 1}, "_meta": {"openai/locale": "fr"}}
    text = json.dumps({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params})
    (skimmed,) = read(text, skim=1_000)
    assert isinstance(skimmed, Parsed)
    assert skimmed.unread
    assert plain(skimmed.node) == {
        "jsonrpc": "2.0",
        "id": 7,
        "method": "tools/call",
        "params": {"name": "send", "_meta": {"openai/locale": "fr"}},
    }
    assert in_full(skimmed.text) == read(text)[0]


@pytest.mark.parametrize(
    ("body", "code"),
    {
        "not JSON": (b'{"id":1,' * 100_000, "malformed"),
        "several in a row": (b'{"id":1,"method":"ping"}' * 30_000, "malformed"),
        "too deep": (b'{"params":' * 100_000 + b"1" + b"}" * 100_000, "too-deep"),
    }.values(),
    ids=str,
)
def test_a_large_body_that_no_strict_reader_takes_is_a_gap_at_once(
    monkeypatch: pytest.MonkeyPatch, body: bytes, code: str
) -> None:
    monkeypatch.setattr(jsonrpc, "parse", lambda *_a, **_k: pytest.fail("read in full"))
    (gap,) = read(body, skim=1_000)
    assert isinstance(gap, Gap)
    assert (gap.code, gap.size) == (code, len(body))


def test_spans_of_a_batch_point_into_the_whole_body() -> None:
    text = '[{"id":1,"method":"ping"}, {"method":"café"}]'
    one, two = read(text.encode())
    assert isinstance(one, Parsed)
    assert isinstance(two, Parsed)
    assert [text[item.node.start : item.node.end] for item in (one, two)] == [
        '{"id":1,"method":"ping"}',
        '{"method":"café"}',
    ]
    assert [item.size for item in (one, two)] == [24, 18]
    assert one.text == two.text == text


def test_the_places_around_a_constant_that_is_no_json_stay_where_they_are() -> None:
    text = '{"id":1,"result":{"temperature":NaN,"name":"Ada"}}'
    (one,) = read(text)
    assert isinstance(one, Parsed)
    assert plain(one.node) == {"id": 1, "result": {"temperature": "", "name": "Ada"}}
    assert text[one.node.end - 7 : one.node.end] == '"Ada"}}'


MESSAGES = st.fixed_dictionaries(
    {"jsonrpc": st.just("2.0"), "id": st.integers() | st.text(max_size=5), "method": st.text(min_size=1, max_size=8)},
    optional={
        "params": st.dictionaries(st.text(max_size=4), st.none() | st.booleans() | st.text(max_size=8), max_size=3)
    },
)


@given(MESSAGES, st.booleans())
def test_any_request_is_read_as_it_was_written(message: dict[str, Any], escaped: bool) -> None:
    body = json.dumps(message, ensure_ascii=escaped).encode("utf-8", "surrogatepass")
    (one,) = read(body)
    assert isinstance(one, Parsed)
    assert (one.kind, one.method, one.rpc_id, plain(one.node), one.size) == (
        Kind.REQUEST, message["method"], message["id"], message, len(body),
    )  # fmt: skip


@given(st.binary(max_size=200) | st.text(max_size=200))
def test_nothing_makes_it_raise(body: bytes | str) -> None:
    assert all(isinstance(one, (Parsed, Gap)) for one in read(body))


@pytest.mark.promise("nothing-silently")
@given(MESSAGES, st.integers(0, 60), st.binary(max_size=6))
def test_a_damaged_message_never_raises_and_never_vanishes(message: dict[str, Any], at: int, noise: bytes) -> None:
    body = json.dumps(message).encode()
    assert read(body[:at] + noise + body[at + len(noise) :])


@pytest.mark.parametrize(
    "unit",
    [b"{", b"[", b'{"a":', b'"\\', b"NaN", b"{}", b'{"id":1,"method":"a"}', b"\xff", b'"', b"-Infinity,", b"[]\n"],
)
def test_time_grows_with_length_only(unit: bytes) -> None:
    assert is_linear(read, unit * (20_000 // len(unit)), unit * (400_000 // len(unit)), 20)
