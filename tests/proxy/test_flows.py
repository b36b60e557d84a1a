"""mitmproxy's flow files are read one flow at a time, and no file makes the reader raise or take memory at will."""

import io
import resource
from collections.abc import Iterator

import captures
import pytest
from hypothesis import given
from hypothesis import strategies as st

from douane.proxy.flows import Read, read_flows
from douane.wire.captured import Exchanged, Faulty, Unusable


def read(content: bytes) -> list[Read]:
    found = read_flows(io.BytesIO(content))
    assert isinstance(found, Iterator)
    return list(found)


def test_a_flow_file_gives_each_request_and_its_answer_in_turn() -> None:
    found = [one for one in read(captures.flows()) if not isinstance(one, Faulty)]
    assert [(one.number, answers, one.method, one.url) for one, answers in found] == [
        (1, False, "POST", captures.URL),
        (1, True, "POST", captures.URL),
        (2, False, "POST", captures.URL),
        (2, True, "POST", captures.URL),
    ]
    assert found[0][0].body == captures.text(captures.CONVERSATION[0][0]).encode()
    assert found[0][0].answer is not None
    assert found[0][0].answer.body.startswith(b"\x1f\x8b")


@pytest.mark.parametrize("content", [b"", b"{}", b"lea@example.org", b"\x1f\x8b"])
def test_another_file_is_said_to_be_none(content: bytes) -> None:
    assert isinstance(read_flows(io.BytesIO(content)), Unusable)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"999999999999:lea@example.org", "larger than 64 MiB; what follows it is not read"),
        (b"9999999999999999:", "a length that cannot be; what follows it is not read"),
        (b"20:lea@example.org", "the file ends within it; what follows it is not read"),
        (b"3:abc?", "not written as mitmproxy writes"),
        (b"6:-1:-1:]", "not written as mitmproxy writes"),
        (b"2:1:}", "a length that cannot be"),
        (b"3:lea,", "not a flow"),
        (b"0:}", "not a flow that this mitmproxy reads"),
    ],
)
def test_what_is_wrong_with_a_flow_is_told_without_its_words(content: bytes, why: str) -> None:
    assert read(content) == [Faulty(1, why)]


def test_a_cut_file_gives_what_came_before_the_cut() -> None:
    found = read(captures.flows()[:-10])
    assert [one.number if isinstance(one, Faulty) else one[0].number for one in found] == [2, 1, 1]


def test_deep_nesting_is_refused() -> None:
    inner = b"0:]"
    for _ in range(5_000):
        inner = b"%d:%s]" % (len(inner), inner)
    assert read(inner) == [Faulty(1, "nested too deep")]


def test_a_length_that_lies_costs_no_memory() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    read(b"999999999999:x")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_raise(content: bytes) -> None:
    found = read_flows(io.BytesIO(b"1" + content))
    assert isinstance(found, Unusable) or all(isinstance(one, Faulty | tuple) for one in found)


@given(st.integers(0, 4000), st.binary(min_size=1, max_size=3))
def test_no_altered_flow_makes_the_reader_raise(at: int, byte: bytes) -> None:
    content = bytearray(captures.flows())
    content[1 + at % (len(content) - 4) :][: len(byte)] = byte
    content[1 + at % (len(content) - 4)] = byte[0]
    found = read_flows(io.BytesIO(bytes(content)))
    for one in found if not isinstance(found, Unusable) else ():
        assert isinstance(one, Faulty) or isinstance(one[0], Exchanged)
