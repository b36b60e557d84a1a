"""Event streams: the WHATWG's rules, and every way to cut a stream into pieces."""

import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.message import Gap
from douane.wire.sse import Event, SseDecoder


def events(stream: bytes, **options: int) -> list[Event | Gap]:
    decoder = SseDecoder(**options)
    return decoder.feed(stream) + decoder.close()


def told(stream: bytes) -> list[tuple[str, bytes, str | None]]:
    return [(one.event, one.data, one.id) for one in events(stream) if isinstance(one, Event) and one.whole]


RULES: dict[str, tuple[bytes, list[tuple[str, bytes, str | None]]]] = {
    "one line of data": (b"data: a\n\n", [("message", b"a", None)]),
    "several lines of data": (b"data: a\ndata:b\ndata:  c\n\n", [("message", b"a\nb\n c", None)]),
    "CRLF": (b"event: x\r\ndata: a\r\n\r\n", [("x", b"a", None)]),
    "CR": (b"event: x\rdata: a\r\r", [("x", b"a", None)]),
    "all line ends mixed": (b"data: a\r\ndata: b\rdata: c\n\r\n", [("message", b"a\nb\nc", None)]),
    "a byte order mark": (b"\xef\xbb\xbfdata: a\n\n", [("message", b"a", None)]),
    "only the first byte order mark goes": (
        b"\xef\xbb\xbf\xef\xbb\xbfdata: a\n\ndata: b\n\n",
        [("message", b"b", None)],
    ),
    "comments": (b": hello\n:\ndata: a\n: in between\n\n", [("message", b"a", None)]),
    "a field without a colon": (b"data\n\ndata\ndata\n\n", [("message", b"", None), ("message", b"\n", None)]),
    "an empty data field, as a priming event has": (b"id: 1\ndata:\n\n", [("message", b"", "1")]),
    "no data, no event": (b"event: x\nid: 4\n\ndata: a\n\n", [("message", b"a", None)]),
    "unknown fields": (b"colour: red\nDATA: x\ndata: a\n\n", [("message", b"a", None)]),
    "an id with NUL does not count": (b"id: a\0b\ndata: a\n\n", [("message", b"a", None)]),
    "an empty id": (b"id\ndata: a\n\n", [("message", b"a", "")]),
    "the event name holds for one event": (
        b"event: x\ndata: a\n\ndata: b\n\n",
        [("x", b"a", None), ("message", b"b", None)],
    ),
    "one space only is taken off": (b"data:  a \n\n", [("message", b" a ", None)]),
    "a colon in the data": (b"data: a: b\n\n", [("message", b"a: b", None)]),
    "form feeds and line separators end no line": (
        b"data: a\x0c\x0b\x1c\xe2\x80\xa8b\n\n",
        [("message", b"a\x0c\x0b\x1c\xe2\x80\xa8b", None)],
    ),
    "nothing": (b"", []),
    "blank lines": (b"\n\r\r\n\n", []),
}


@pytest.mark.parametrize(("stream", "expected"), RULES.values(), ids=RULES.keys())
def test_a_stream_is_read_by_the_rules(stream: bytes, expected: list[tuple[str, bytes, str | None]]) -> None:
    assert told(stream) == expected


@pytest.mark.parametrize("stream", [stream for stream, _ in RULES.values()], ids=RULES.keys())
def test_a_stream_reads_the_same_byte_by_byte(stream: bytes) -> None:
    decoder = SseDecoder()
    found = [event for byte in stream for event in decoder.feed(bytes([byte]))] + decoder.close()
    assert found == events(stream)


@pytest.mark.parametrize("stream", [stream for stream, _ in RULES.values()], ids=RULES.keys())
def test_a_stream_reads_the_same_cut_anywhere(stream: bytes) -> None:
    for cut in range(len(stream) + 1):
        decoder = SseDecoder()
        assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) + decoder.close() == events(stream)


def test_offsets_say_where_an_event_stood() -> None:
    stream = b": hi\n\nid: 7\nretry: 300\nevent: x\ndata: caf\xc3\xa9\n\ndata: b\n\n"
    assert events(stream) == [
        Event("x", b"caf\xc3\xa9", "7", 300, 6, 45, whole=True),
        Event("message", b"b", None, None, 45, 54, whole=True),
    ]


def test_the_last_id_stays_and_a_retry_that_is_no_number_does_not_count() -> None:
    decoder = SseDecoder()
    assert [getattr(one, "retry", 0) for one in decoder.feed(b"id: 7\nretry: 1s\ndata: a\n\n")] == [None]
    assert decoder.feed(b"data: b\n\n") == [Event("message", b"b", None, None, 25, 34, whole=True)]
    assert decoder.last_id == "7"


def test_an_event_cut_off_by_the_end_is_given_back_marked() -> None:
    assert events(b"data: a\n\ndata: b\ndata: c") == [
        Event("message", b"a", None, None, 0, 9, whole=True),
        Event("message", b"b\nc", None, None, 9, 24, whole=False),
    ]


def test_pending_is_where_the_next_event_begins() -> None:
    decoder = SseDecoder()
    seen = [
        (decoder.feed(piece), decoder.pending, decoder.clean) for piece in (b"data: a\n\n", b"da", b"ta: b\n", b"\n")
    ]
    assert [(pending, clean) for _, pending, clean in seen] == [(9, True), (9, False), (9, False), (18, True)]


@pytest.mark.parametrize("size", [1, 7, 100])
@pytest.mark.parametrize(
    "large", [b"data: " + b"x" * 60 + b"\n\n", b"data: " + b"\ndata: ".join([b"xxxx"] * 12) + b"\n\n"]
)
def test_an_event_over_the_limit_is_one_gap_and_the_next_is_read(size: int, large: bytes) -> None:
    stream = b"data: a\n\n" + large + b"data: b\n\n"
    decoder = SseDecoder(limit=40)
    found = [one for at in range(0, len(stream), size) for one in decoder.feed(stream[at : at + size])]
    assert [one.code if isinstance(one, Gap) else one.data for one in found] == [b"a", "too-large", b"b"]
    assert decoder.clean


def test_a_comment_without_end_takes_no_memory() -> None:
    decoder = SseDecoder(limit=1_000)
    assert [one for _ in range(1_000) for one in decoder.feed(b": still here" * 100)] == []
    assert decoder.feed(b"\ndata: a\n\n") == [Event("message", b"a", None, None, 1_200_001, 1_200_010, whole=True)]


LINES = st.lists(
    st.sampled_from(
        [
            b"data: a",
            b"data:",
            b"data",
            b"id: 3",
            b"id",
            b"event: x",
            b": c",
            b"",
            b"",
            b"retry: 9",
            b"\xef\xbb\xbf",
            b"\xc3",
        ]
    ),
    max_size=12,
)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\r", b""])


@given(LINES.flatmap(lambda lines: st.tuples(st.just(lines), st.lists(ENDS, min_size=len(lines), max_size=len(lines)))))
def test_any_cut_of_any_stream_reads_the_same(made: tuple[list[bytes], list[bytes]]) -> None:
    stream = b"".join(line + end for line, end in zip(*made, strict=True))
    whole = events(stream)
    decoder = SseDecoder()
    assert [one for byte in stream for one in decoder.feed(bytes([byte]))] + decoder.close() == whole
    for cut in range(0, len(stream), 3):
        decoder = SseDecoder()
        assert decoder.feed(stream[:cut]) + decoder.feed(stream[cut:]) + decoder.close() == whole


@given(LINES, st.integers(3, 30), st.integers(1, 9))
def test_what_is_over_the_limit_is_so_however_it_is_cut(lines: list[bytes], limit: int, width: int) -> None:
    stream = b"\n".join(lines) + b"\n\n"
    readings = []
    for size in (len(stream), width, 1):
        decoder = SseDecoder(limit=limit)
        pieces = [stream[at : at + size] for at in range(0, len(stream), size)]
        readings.append([one for piece in pieces for one in decoder.feed(piece)] + decoder.close())
    assert readings[0] == readings[1] == readings[2]


@given(st.lists(st.binary(max_size=40)), st.integers(5, 60))
def test_no_bytes_make_it_raise_and_events_do_not_overlap(pieces: list[bytes], limit: int) -> None:
    decoder = SseDecoder(limit=limit)
    found = [one for piece in pieces for one in decoder.feed(piece)] + decoder.close()
    end = 0
    for one in found:
        if isinstance(one, Event):
            assert end <= one.start < one.end
            assert len(one.data) <= limit
            end = one.end


@pytest.mark.parametrize("piece", [1_000, 64 * 1024])
def test_a_long_stream_stays_within_bounded_memory(piece: int) -> None:
    one = b"id: 5\ndata: " + b"x" * 3_000 + b"\r\n\r\n"
    block = one * (piece // len(one) + 2)
    decoder, count = SseDecoder(), 0
    tracemalloc.start()
    for at in range(0, 3_000_000, piece):
        count += len(decoder.feed(block[at % len(one) : at % len(one) + piece]))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == -(-3_000_000 // piece) * piece // len(one)
    assert peak < 1_000_000
