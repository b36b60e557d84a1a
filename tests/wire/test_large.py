"""Streams and bodies of tens of megabytes: time grows with what crosses, memory does not."""

import tracemalloc
from collections.abc import Iterator

import pytest
from growth import SLACK, seconds, without_collections

from douane.ledger.record import Record, RecordKind
from douane.wire.assembler import Assembler

STREAM_SIZE = 30_000_000
PARTS = 24


def record(number: int, kind: RecordKind, body: bytes = b"") -> Record:
    meta = {"status": 200, "headers": [["Content-Type", "text/event-stream"]]}
    return Record(number, f"u{number}", "app", "f", kind, number - 1, 1000.0, meta, body)


def pieces(size: int) -> Iterator[bytes]:
    event = (
        b'id: 5\ndata: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"'
        + b"x" * 30_000
        + b'"}}\n\n'
    )
    block = event * (size // len(event) + 2)
    for at in range(0, STREAM_SIZE, size):
        yield block[at % len(event) : at % len(event) + size]


@pytest.mark.promise("bounded")
@pytest.mark.parametrize("size", [2_000, 64 * 1024])
def test_thirty_megabytes_of_events_take_bounded_memory_and_linear_time(size: int) -> None:
    assembler = Assembler()
    assembler.feed(record(0, RecordKind.STREAM))
    count = released = 0
    left = list(enumerate(pieces(size), 1))
    part = len(left) // PARTS

    def feed(some: list[tuple[int, bytes]]) -> None:
        nonlocal count, released
        for number, piece in some:
            count += len(assembler.feed(record(number, RecordKind.PIECE, piece)))
            released += len(assembler.done())
            assembler.notes()

    tracemalloc.start()
    with without_collections():
        taken = [seconds(feed, left[at * part : (at + 1) * part]) for at in range(PARTS)]
    feed(left[PARTS * part :])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 980
    assert released > STREAM_SIZE // size - 40
    assert peak < 5_000_000
    # Were what came before looked through again, each part would take longer than the one before it.
    assert min(taken[-PARTS // 4 :]) <= SLACK * min(taken[: PARTS // 4]), taken


@pytest.mark.promise("bounded")
def test_one_event_that_never_ends_is_one_gap_in_bounded_memory() -> None:
    assembler = Assembler()
    assembler.feed(record(0, RecordKind.STREAM))
    piece = b"data: " + b"x" * 64 * 1024
    found, released = [], 0
    tracemalloc.start()
    for number in range(1, 500):
        found += assembler.feed(record(number, RecordKind.PIECE, piece))
        released += len(assembler.done())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    found += assembler.feed(record(500, RecordKind.END))
    assert [one.gaps[0].code for one in found] == ["too-large"]
    assert released == 499
    assert peak < 64_000_000
