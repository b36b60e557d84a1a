"""An inspector that dies after any record and starts again: the same names, nothing lost, nothing doubled."""

import gzip
import random
import zlib
from collections.abc import Callable
from typing import Any

import pytest
import zstandard

from douane.ledger.record import Record, RecordKind
from douane.wire.assembler import Assembler
from douane.wire.crossing import Crossed
from douane.wire.session import PendingRequest


def cut(stream: bytes, size: int) -> list[bytes]:
    return [stream[at : at + size] for at in range(0, len(stream), size)]


def plain_calls(talk: Any) -> list[Any]:
    return [
        talk.post("a", talk.call(1, "one"), credential="ada"),
        talk.post("b", [talk.call(1, "two"), talk.tell("x"), talk.call(2, "three")], credential="ada"),
        talk.answer("a", talk.result(1)),
        talk.answer("b", [talk.result(2), talk.result(1)]),
        talk.delivered("a", "b"),
    ]


def stream_of(talk: Any) -> bytes:
    first = talk.event(b"", id="0") + b": note\n" + talk.event(talk.tell("notifications/progress", progress=1), id="1")
    batch = talk.event([talk.tell("y"), talk.ask(5, "elicitation/create", message="été")], id="2")
    return bytes(first + batch + talk.event(talk.result(1, content=["é" * 40]), id="3"))


def streamed(size: int, coding: str = "", squeeze: Callable[[bytes], bytes] = bytes) -> Callable[[Any], list[Any]]:
    def steps(talk: Any) -> list[Any]:
        headers = {"content-encoding": coding} if coding else {}
        pieces = [talk.piece("a", piece) for piece in cut(squeeze(stream_of(talk)), size)]
        return [
            talk.post("a", talk.call(1, "one"), session="s"),
            talk.stream("a", headers=headers),
            *pieces[: len(pieces) // 2],
            talk.post("n", talk.tell("notifications/roots/list_changed"), session="s"),
            talk.answer("n", status=202),
            *pieces[len(pieces) // 2 :],
            talk.post("b", talk.result(5, action="accept"), session="s"),
            talk.answer("b", status=202),
            talk.end("a"),
        ]

    return steps


def legacy(talk: Any) -> list[Any]:
    endpoint = talk.piece("g", b"event: endpoint\ndata: /messages?sessionId=xx\n\n")
    endpoint.meta["session"] = "s"
    answers = talk.event(talk.result(1)) + talk.event(talk.result(2))
    return [
        talk.get("g", target="/sse"),
        talk.stream("g"),
        endpoint,
        talk.post("a", talk.call(1, "one"), target="/messages?sessionId={2}", session="s"),
        talk.answer("a", b"Accepted", status=202),
        talk.post("b", talk.call(2, "two"), target="/messages?sessionId={2}", session="s"),
        talk.answer("b", b"Accepted", status=202),
        *[talk.piece("g", piece) for piece in cut(answers, 30)],
        talk.end("g", "client"),
    ]


def json_called_a_stream(talk: Any) -> list[Any]:
    return [
        talk.post("a", talk.call(1, "one")),
        talk.stream("a"),
        *[talk.piece("a", piece) for piece in cut(b"\n" + talk.answer("a", talk.result(1)).body, 7)],
        talk.end("a"),
    ]


def unaligned(talk: Any) -> list[Any]:
    """Large events one after the other: no piece ends where an event does."""
    events = b"".join(
        talk.event(talk.tell("notifications/message", data="x" * (37 * number % 90)), id=str(number))
        for number in range(20)
    )
    return [
        talk.post("a", talk.call(1, "one")),
        talk.stream("a"),
        *[talk.piece("a", piece) for piece in cut(events + talk.event(talk.result(1)), 301)],
        talk.end("a"),
    ]


def odd_lines(size: int) -> Callable[[Any], list[Any]]:
    def steps(talk: Any) -> list[Any]:
        events = b""
        for number in range(12):
            end = (b"\n", b"\r\n", b"\r")[number % 3]
            lines = [
                b"event: message",
                b'data: {"jsonrpc":"2.0",',
                b'data: "method":"m%d"}' % number,
                b"id: %d" % number,
                b": x",
            ]
            events += end.join([*lines[number % 2 :], b"", b""])
        return [
            talk.get("a", session="s"),
            talk.stream("a"),
            *[talk.piece("a", piece) for piece in cut(events, size)],
            talk.end("a"),
        ]

    return steps


def flushed_gzip(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=31)
    return (
        b"".join(squeeze.compress(part) + squeeze.flush(zlib.Z_SYNC_FLUSH) for part in cut(data, 50)) + squeeze.flush()
    )


CONVERSATIONS: dict[str, Callable[[Any], list[Any]]] = {
    "plain calls": plain_calls,
    "a stream in large pieces": streamed(10_000),
    "a stream in pieces of 40 bytes": streamed(40),
    "a stream in pieces of 7 bytes": streamed(7),
    "gzip": streamed(25, "gzip", gzip.compress),
    "gzip, flushed": streamed(20, "gzip", flushed_gzip),
    "zstd": streamed(20, "zstd", zstandard.ZstdCompressor().compress),
    "legacy": legacy,
    "events that begin and end within pieces": unaligned,
    "events with every line end, in pieces of 17 bytes": odd_lines(17),
    "events with every line end, in pieces of 31 bytes": odd_lines(31),
    "a JSON body called an event stream": json_called_a_stream,
}


class Ledger:
    """Rows by name, as the real one keeps them: a second row of the same name is not written."""

    def __init__(self, talk: Any) -> None:
        self._line = talk.line
        self.rows: dict[tuple[str, int], str] = {}
        self._asked: dict[str, list[PendingRequest]] = {}

    def commit(self, found: list[Crossed]) -> None:
        for one in found:
            name = (one.record_uid, one.part)
            if name in self.rows:
                continue
            self.rows[name] = self._line(one)
            if one.rpc_key and one.message is not None and one.message.method is not None:
                asked = PendingRequest(*name, one.message.method, one.message.tool, one.at, one.flow, one.session)
                self._asked.setdefault(one.rpc_key, []).append(asked)
            for open_ones in self._asked.values():
                open_ones[:] = [asked for asked in open_ones if (asked.uid, asked.part) != one.answers]

    def find(self, app: str, key: str) -> list[PendingRequest]:
        return list(self._asked.get(key, []))


def run(records: list[Record], ledger: Ledger, deaths: set[int]) -> list[Record]:
    """Feed all records, dying after those numbered in `deaths`; returns what is left in the spool."""
    spool: list[Record] = []
    assembler = Assembler(ledger.find)
    for number, record in enumerate(records):
        spool.append(record)
        ledger.commit(assembler.feed(record))
        if number % 2 == 0 or number not in deaths:  # else it dies between the commit and the deletion
            done = set(assembler.done())
            spool = [kept for kept in spool if kept.uid not in done]
        if number in deaths:
            assembler = Assembler(ledger.find)
            for kept in spool:
                ledger.commit(assembler.feed(kept))
    done = set(assembler.done())
    return [kept for kept in spool if kept.uid not in done]


def recorded(talk: Any, name: str) -> list[Record]:
    had = talk()
    for step in CONVERSATIONS[name](talk):
        had <<= step
    assert not [line for line in had.lines() if "gap" in line]
    return list(had.records)


@pytest.mark.promise("kill-9")
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_death_after_any_record_changes_nothing(talk: Any, name: str) -> None:
    records = recorded(talk, name)
    expected = Ledger(talk)
    assert run(records, expected, set()) == []
    for number in range(len(records)):
        ledger = Ledger(talk)
        assert run(records, ledger, {number}) == []
        assert ledger.rows == expected.rows


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_dying_again_and_again_changes_nothing(talk: Any, name: str) -> None:
    records = recorded(talk, name)
    expected = Ledger(talk)
    run(records, expected, set())
    for seed in range(8):
        chance = random.Random(seed)
        ledger = Ledger(talk)
        assert run(records, ledger, {number for number in range(len(records)) if chance.random() < 0.4}) == []
        assert ledger.rows == expected.rows


def test_no_way_to_cut_a_stream_changes_what_is_read(talk: Any) -> None:
    def read(size: int, share: float) -> list[str]:
        had, chance = talk(), random.Random(size)
        for step in [*streamed(size)(talk), *odd_lines(size)(talk)[1:]]:
            had <<= step
        ledger = Ledger(talk)
        run(had.records, ledger, {number for number in range(len(had.records)) if chance.random() < share})
        return sorted(row.split(" ", 2)[2] for row in ledger.rows.values())

    def unnamed(rows: list[str]) -> list[str]:
        return [row.partition(" to ")[0] for row in rows]

    expected = unnamed(read(10_000, 0))
    for size in [*range(3, 40), 80, 117]:
        assert unnamed(read(size, 0.3)) == expected


EVENT = b'event: message\r\ndata: {"jsonrpc":"2.0","method":"x"}\r\n\r\n'


def resumed(talk: Any, *pieces: bytes, end: int = 0, coding: str = "") -> list[str]:
    """What comes out of a stream whose first five pieces are gone."""
    had = talk() >> talk.post("a", talk.call(1, "one"))
    had = had << talk.stream("a", headers={"content-encoding": coding} if coding else {})
    had._pieces["a"] = 5
    for piece in pieces:
        had <<= talk.piece("a", piece)
    had.feed(Record(99, "a.end", "app", "a", RecordKind.END, end, 1100.0, {"reason": "complete"}, b""))
    assert len(had.done) == len(had.records)
    return list(had.lines()[1:])


LOST = "<< a.piece5/0 gap stream-lost"


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ([EVENT], ["<< a.piece5/0 notification x"]),
        ([b'od":"x"}\r\n\r\n' + EVENT], [LOST, "<< a.piece5/1 notification x"]),
        ([b':"x"}\n\n' + EVENT], [LOST, "<< a.piece5/1 notification x"]),
        ([b'od":"x"', b"}\n\n", EVENT], ["<< a.piece6/0 gap stream-lost", "<< a.piece7/0 notification x"]),
        ([b'od":"x"}'], ["<< a.end/0 gap stream-lost"]),
        ([b"sage\r\n" + EVENT[16:]], ["<< a.piece5/0 notification x"]),
        ([b": ping\n\n" + EVENT], ["<< a.piece5/0 notification x"]),
        ([b"ng\n\n" + EVENT], ["<< a.piece5/0 notification x"]),
        ([b"ng\ndata:\n\n" + EVENT], ["<< a.piece5/1 notification x"]),
        ([b"\n" + EVENT], ["<< a.piece5/0 notification x"]),
    ],
)
def test_an_event_whose_beginning_is_gone_is_one_gap_and_reading_goes_on(
    talk: Any, pieces: list[bytes], expected: list[str]
) -> None:
    assert resumed(talk, *pieces) == expected


def test_an_end_after_pieces_that_were_never_seen_is_not_silent(talk: Any) -> None:
    assert resumed(talk, EVENT, end=6) == ["<< a.piece5/0 notification x"]
    assert resumed(talk, EVENT, end=8) == ["<< a.piece5/0 notification x", "<< a.end/0 gap stream-lost"]
    assert resumed(talk, end=8, coding="gzip") == ["<< a.end/0 gap stream-lost"]
    assert resumed(talk, end=0, coding="gzip") == []
    assert resumed(talk, end=8) == []
