"""What happens when the spool cannot take a record."""

import gzip
import json
import os
import threading
import time
from typing import Any

import pytest

from douane.ledger.record import Record, RecordKind
from douane.ledger.spool import Spool, SpoolFailed, SpoolFull
from douane.proxy.events import Events
from douane.proxy.recorder import Recorder, has_room
from douane.proxy.routes import App, app_from
from douane.proxy.settings import AppSettings

MASTER = bytes(range(32))
CALL = b'{"jsonrpc":"2.0","id":"a-7","method":"tools/call","params":{"x":"%s"}}'
BIG = CALL % (b"x" * 30_000)


def fill(proxy: Any, post: Any) -> None:
    """Send until the spool is full."""
    for _ in range(30):
        if proxy.ask(post(BIG)).status == 503:
            return
    raise AssertionError("the spool never filled")


def count_gaps(proxy: Any, code: str, direction: str, at_least: int) -> int:
    """Empty the spool again and again, as an inspector does, until so many of these gaps were in it."""
    seen: dict[str, int] = {}
    deadline = time.monotonic() + 60
    while sum(seen.values()) < at_least:
        assert time.monotonic() < deadline, seen
        for record in emptied(proxy):
            if record.kind == "gap" and (record.meta["code"], record.meta["direction"]) == (code, direction):
                seen[record.uid] = record.meta["count"]
        time.sleep(0.05)
    return sum(seen.values())


def emptied(proxy: Any) -> list[Record]:
    """Take what is in the spool, and destroy just that: what comes meanwhile stays."""
    found: list[Record] = proxy.records()
    with Spool(proxy.spool_path, MASTER) as spool:
        spool.delete(record.id for record in found)
        spool.tidy()
    return found


@pytest.mark.promise("refuse-or-pass")
def test_a_full_spool_refuses_with_a_json_rpc_error_and_recovers_with_a_counted_gap(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up), spool_limit_bytes=200_000)
    fill(proxy, post)
    before = len(up.received)
    answer = proxy.ask(post(BIG))
    assert (answer.status, answer.header(b"content-type")) == (503, b"application/json")
    told = json.loads(answer.body)
    assert (told["jsonrpc"], told["id"], told["error"]["code"]) == ("2.0", "a-7", -32603)
    assert json.loads(proxy.ask(post(b"{" + b" " * 30_000)).body)["id"] is None
    assert len(up.received) == before
    warning = proxy.until_event("warning")
    assert (warning["code"], warning["detail"]) == ("spool-full", "messages are not passed on until there is room")
    assert count_gaps(proxy, "refused", "to_app", 2) >= 2
    assert proxy.ask(post(BIG)).status == 200
    proxy.stop()
    assert "spool-recovered" in [event.get("code") for event in proxy.events]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("rpc_id", ['"a-7"', "12", "null", "true", "1.5", "[1]"])
def test_a_refused_message_of_any_size_gets_its_id_back(rpc_id, packed, start_proxy, start_upstream, app, post) -> None:
    proxy = start_proxy(app(start_upstream()), spool_limit_bytes=200_000)
    text = os.urandom(200_000).hex() + "x" * 4_000_000
    body = f'{{"params":{{"x":"{text}","id":"inner"}},"jsonrpc":"2.0","method":"m","id":{rpc_id}}}'.encode()
    headers = (("Content-Encoding", "gzip"),) if packed else ()
    answer = proxy.ask(post(gzip.compress(body) if packed else body, headers=headers))
    expected = json.loads(rpc_id) if rpc_id in ('"a-7"', "12") else None
    assert (answer.status, json.loads(answer.body)["id"]) == (503, expected)


@pytest.mark.promise("refuse-or-pass")
def test_a_full_spool_passes_where_that_is_the_policy_and_counts_what_it_missed(
    start_proxy, start_upstream, app, post
) -> None:
    up = start_upstream()
    proxy = start_proxy(app(up, on_log_failure="pass"), spool_limit_bytes=200_000)
    for _ in range(20):
        assert proxy.ask(post(BIG)).status == 200
    recorded = sum(record.body == BIG for record in proxy.records())
    assert recorded < 20 == len(up.received)
    assert proxy.until_event("warning")["detail"] == "messages pass without a record until there is room"
    assert count_gaps(proxy, "not-recorded", "to_app", 20 - recorded) == 20 - recorded


@pytest.mark.parametrize("policy", ["refuse", "pass"])
def test_a_spool_that_fills_in_mid_stream_closes_the_stream_or_lets_it_pass(
    policy, start_proxy, start_upstream, app, post
) -> None:
    piece = b"data: " + b"y" * 20_000 + b"\n\n"
    go = threading.Semaphore(0)

    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        for _ in range(20):
            wire.send(piece)
            go.acquire(timeout=60)
        if policy == "refuse":
            wire.to_end()
            upstream.said.append("closed")

    up = start_upstream(serve)
    proxy = start_proxy(app(up, on_log_failure=policy), spool_limit_bytes=250_000)
    wire = proxy.connect()
    wire.send(post(CALL % b""))
    wire.message(head_only=True)
    for _ in range(20):
        go.release()
    got = wire.to_end()
    wire.close()
    recorded = b"".join(record.body for record in proxy.records() if record.kind == "piece")
    if policy == "refuse":
        assert len(got) < 20 * len(piece)
        assert got == recorded
        proxy.until(lambda _: up.said == ["closed"])
    else:
        assert got == 20 * piece
        assert len(recorded) < len(got)
    assert count_gaps(proxy, "refused" if policy == "refuse" else "not-recorded", "to_chatgpt", 1) >= 1


def test_an_answer_that_cannot_be_recorded_is_replaced(start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        body = b'{"jsonrpc":"2.0","id":"a-7","result":"' + b"z" * 400_000 + b'"}'
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body)

    proxy = start_proxy(app(start_upstream(serve)), spool_limit_bytes=300_000)
    answer = proxy.ask(post(CALL % b""))
    assert (answer.status, json.loads(answer.body)["id"]) == (503, "a-7")
    assert b"zzz" not in answer.body


def test_a_stream_whose_head_cannot_be_recorded_is_replaced(start_proxy, start_upstream, app, post) -> None:
    def serve(wire: Any, upstream: Any) -> None:
        wire.message()
        wire.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-Long: " + b"h" * 60_000 + b"\r\n\r\n")
        wire.to_end()
        upstream.said.append("closed")

    up = start_upstream(serve)
    proxy = start_proxy(app(up), spool_limit_bytes=75_000)
    answer = proxy.ask(post(CALL % b""))
    assert (answer.status, json.loads(answer.body)["id"]) == (503, "a-7")
    proxy.until(lambda _: up.said == ["closed"])


class Failing:
    """A spool that fails on demand."""

    def __init__(self) -> None:
        self.error: Exception | None = None
        self.held: list[tuple[str, str, dict[str, Any]]] = []

    def put(self, kind: RecordKind, app: str, flow: str, seq: int, at: float, meta: Any, body: bytes) -> str:
        if self.error is not None:
            raise self.error
        self.held.append((kind.value, app, meta))
        return "x"


@pytest.fixture
def refusing() -> App:
    return app_from(AppSettings(name="travel", upstream="http://up.example/mcp"), MASTER)


@pytest.fixture
def output() -> Any:
    reads, writes = os.pipe()
    os.set_blocking(reads, False)
    os.set_blocking(writes, False)

    def lines() -> list[dict[str, Any]]:
        try:
            data = os.read(reads, 1 << 16)
        except BlockingIOError:
            return []
        return [json.loads(line) for line in data.splitlines()]

    yield writes, lines
    os.close(reads)
    os.close(writes)


@pytest.mark.parametrize("error", [SpoolFull("full"), SpoolFailed("no"), UnicodeEncodeError("ascii", "é", 0, 1, "x")])
def test_every_failure_of_the_spool_is_answered_by_the_policy(error, refusing, output) -> None:
    spool = Failing()
    recorder = Recorder(spool, Events(output[0]))
    spool.error = error
    assert recorder.put(refusing, RecordKind.REQUEST, "f", {}, b"abc", direction="to_app") is False
    recorder.delivered(refusing, "f0")
    recorder.flush()
    assert spool.held == []
    spool.error = None
    assert recorder.put(refusing, RecordKind.REQUEST, "g", {}, b"abc", direction="to_app") is True
    recorder.flush()
    assert [(kind, meta.get("code"), meta.get("count"), meta.get("delivered")) for kind, _, meta in spool.held] == [
        ("request", None, None, None),
        ("gap", "refused", 1, None),
        ("outcome", None, None, ["f0"]),
    ]
    full = isinstance(error, SpoolFull)
    assert [(line["code"], line["detail"]) for line in output[1]()] == [
        (
            "spool-full" if full else "spool-failed",
            f"messages are not passed on until {'there is room' if full else 'it can be written'}",
        ),
        ("spool-recovered", ""),
    ]


def test_a_full_spool_has_not_recovered_while_only_small_records_fit(refusing, output) -> None:
    spool, room = Failing(), [False]
    asked: list[int] = []

    def has_room(size: int) -> bool:
        asked.append(size)
        return room[0]

    recorder = Recorder(spool, Events(output[0]), has_room=has_room)
    spool.error = SpoolFull("full")
    recorder.put(refusing, RecordKind.REQUEST, "f", {}, b"x" * 1000, direction="to_app")
    recorder.put(refusing, RecordKind.REQUEST, "g", {}, b"x" * 10, direction="to_app")
    spool.error = None
    for _ in range(5):
        assert recorder.put(refusing, RecordKind.REQUEST, "h", {}, b"x" * 10) is True
    assert asked == [1000]
    assert [line["code"] for line in output[1]()] == ["spool-full"]
    assert recorder.put(refusing, RecordKind.REQUEST, "i", {}, b"x" * 1000) is True
    assert [line["code"] for line in output[1]()] == ["spool-recovered"]


def test_a_full_spool_has_recovered_once_the_refused_message_would_fit(refusing, output) -> None:
    spool = Failing()
    recorder = Recorder(spool, Events(output[0]), has_room=lambda size: size == 1000)
    spool.error = SpoolFull("full")
    recorder.put(refusing, RecordKind.REQUEST, "f", {}, b"x" * 1000, direction="to_app")
    spool.error = None
    recorder.put(refusing, RecordKind.REQUEST, "g", {}, b"x")
    assert [line["code"] for line in output[1]()] == ["spool-full", "spool-recovered"]


def test_a_spool_has_room_below_its_low_water_mark_only(tmp_path) -> None:
    with Spool(tmp_path / "spool.db", MASTER, limit_bytes=1_000_000) as spool:
        assert has_room(spool, 300_000)
        assert has_room(spool, 5_000_000)
        for _ in range(8):
            spool.put(RecordKind.REQUEST, "travel", "f", 0, 0.0, {}, b"x" * 100_000)
        assert has_room(spool, 10)
        assert not has_room(spool, 300_000)
        spool.put(RecordKind.REQUEST, "travel", "f", 0, 0.0, {}, b"x" * 90_000)
        assert not has_room(spool, 10)


def test_equal_warnings_are_summed_up_for_a_second(output) -> None:
    now = [0.0]
    events = Events(output[0], clock=lambda: now[0])
    for _ in range(5):
        events.warn("spool-full", "travel", "not recorded")
    now[0] = 1.5
    events.warn("spool-full", "travel", "not recorded")
    assert [(line["code"], line["app"], line["count"]) for line in output[1]()] == [
        ("spool-full", "travel", 1),
        ("spool-full", "travel", 5),
    ]


def test_warnings_that_say_different_things_are_counted_apart(output) -> None:
    events = Events(output[0], clock=lambda: 0.0)
    for detail in ("not-allowed", "bad-host", "not-allowed"):
        events.warn("refused", "travel", detail)
    assert [(line["detail"], line["count"]) for line in output[1]()] == [("not-allowed", 1), ("bad-host", 1)]


def test_an_output_that_nobody_reads_stops_nothing(output) -> None:
    events = Events(output[0])
    for _ in range(5000):
        events.emit("ready", listeners=["x" * 100])
