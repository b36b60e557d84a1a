"""Content codings: whole, byte by byte, cut at every place, stacked, broken, and bombs."""

import gzip
import random
import zlib
from collections.abc import Callable
from itertools import pairwise

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from douane.audit.message import Gap
from douane.wire.encodings import Decoder, decode

TEXT = b'{"jsonrpc":"2.0","id":1,"result":{"name":"Ada Example","note":"' + b"caf\xc3\xa9 " * 40 + b'"}}'


def raw_deflate(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return squeeze.compress(data) + squeeze.flush()


def zstd(data: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(data)


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "identity": ("identity", lambda data: data),
    "none": ("", lambda data: data),
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZip", gzip.compress),
    "deflate, wrapped": ("deflate", zlib.compress),
    "deflate, raw": ("deflate", raw_deflate),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd),
    "two gzip members": ("gzip", lambda data: gzip.compress(data[:50]) + gzip.compress(data[50:])),
    "two zstd frames": ("zstd", lambda data: zstd(data[:50]) + zstd(data[50:])),
    "gzip, padded": ("gzip", lambda data: gzip.compress(data) + b"\0" * 512),
    "gzip then br": ("gzip, br", lambda data: brotli.compress(gzip.compress(data))),
    "deflate then identity then zstd": ("deflate , identity,ZSTD", lambda data: zstd(raw_deflate(data))),
}
CODINGS = pytest.mark.parametrize(("name", "encode"), ENCODERS.values(), ids=ENCODERS.keys())
COMPRESSED = [(name, encode) for name, encode in ENCODERS.values() if name not in ("", "identity")]


@CODINGS
def test_a_body_is_decoded_whole(name: str, encode: Callable[[bytes], bytes]) -> None:
    assert decode(encode(TEXT), name) == TEXT


@CODINGS
@pytest.mark.parametrize("size", [64 * 1024, 1_000_000])
def test_a_large_body_is_decoded_whole(name: str, encode: Callable[[bytes], bytes], size: int) -> None:
    for data in (b"\0" * size, TEXT * (size // len(TEXT)), random.Random(7).randbytes(size)):
        assert decode(encode(data), name) == data


@CODINGS
def test_a_body_is_decoded_byte_by_byte(name: str, encode: Callable[[bytes], bytes]) -> None:
    decoder = Decoder(name)
    out = b"".join(chunk for byte in encode(TEXT) for chunk in decoder.feed(bytes([byte])))
    assert (out, decoder.close()) == (TEXT, None)


@CODINGS
def test_a_body_is_decoded_from_two_parts_cut_anywhere(name: str, encode: Callable[[bytes], bytes]) -> None:
    coded = encode(TEXT)
    for cut in range(len(coded) + 1):
        decoder = Decoder(name)
        out = b"".join(decoder.feed(coded[:cut]) + decoder.feed(coded[cut:]))
        assert (out, decoder.close()) == (TEXT, None)


@pytest.mark.parametrize(("name", "encode"), COMPRESSED)
def test_a_body_cut_short_is_a_gap_and_what_came_stays(name: str, encode: Callable[[bytes], bytes]) -> None:
    coded = encode(TEXT).rstrip(b"\0")
    for cut in range(1, len(coded)):
        decoder = Decoder(name)
        out = b"".join(decoder.feed(coded[:cut]))
        assert TEXT.startswith(out)
        gap = decoder.close()
        assert gap is None or gap.code in ("truncated", "not-decodable")
        if gap is None:  # between two members or frames
            assert out == TEXT[:50]


@pytest.mark.parametrize(("name", "encode"), COMPRESSED)
def test_bytes_after_the_end_are_a_gap(name: str, encode: Callable[[bytes], bytes]) -> None:
    found = decode(encode(TEXT) + b"{}", name)
    assert isinstance(found, Gap)
    assert found.code in ("not-decodable", "truncated")


@pytest.mark.promise("bounded")
@pytest.mark.parametrize(("name", "encode"), COMPRESSED)
def test_a_bomb_is_a_gap_before_it_goes_off(name: str, encode: Callable[[bytes], bytes]) -> None:
    bomb = encode(b"\0" * 6_000_000)
    decoder = Decoder(name, limit=1_000_000)
    out = decoder.feed(bomb)
    assert sum(len(chunk) for chunk in out) <= 1_000_000
    gap = decoder.close()
    assert gap is not None
    assert gap.code in ("too-large", "not-decodable")
    assert decoder.feed(b"more") == []


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("gzip", b"not gzip at all"),
        ("deflate", b"\x78\x9c not deflate"),
        ("deflate", b"not deflate"),
        ("br", b"\xff not brotli" * 20),
        ("zstd", b"not zstd"),
        ("compress", b"\x1f\x9d"),
        ("gzip, made-up", b"{}"),
        ("gzip, gzip, gzip, gzip, gzip", b"{}"),
    ],
)
def test_what_cannot_be_decoded_is_a_gap(name: str, body: bytes) -> None:
    found = decode(body, name)
    assert isinstance(found, Gap)
    assert found.code in ("not-decodable", "truncated")


def test_a_zstd_window_beyond_eight_megabytes_is_a_gap() -> None:
    parameters = zstandard.ZstdCompressionParameters(window_log=24)
    squeeze = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
    coded = squeeze.compress(b"a" * 10_000_000) + squeeze.flush()
    found = decode(coded, "zstd")
    assert isinstance(found, Gap)
    assert found.code == "not-decodable"


@pytest.mark.parametrize("name", ["", "gzip", "deflate", "br", "zstd"])
def test_an_empty_body_is_empty_in_every_coding(name: str) -> None:
    assert decode(b"", name) == b""


@given(st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, br", "?"]), st.lists(st.binary(max_size=64)))
def test_no_bytes_make_a_decoder_raise(name: str, pieces: list[bytes]) -> None:
    decoder = Decoder(name, limit=10_000)
    for piece in pieces:
        for chunk in decoder.feed(piece):
            assert chunk
    assert decoder.close() is None or decoder.gap is not None


@given(st.sampled_from(COMPRESSED), st.binary(max_size=2_000), st.lists(st.integers(0, 3_000), max_size=6))
def test_any_data_in_any_pieces_comes_back(
    coding: tuple[str, Callable[[bytes], bytes]], data: bytes, cuts: list[int]
) -> None:
    name, encode = coding
    coded = encode(data)
    decoder = Decoder(name)
    ends = [0, *sorted(min(cut, len(coded)) for cut in cuts), len(coded)]
    pieces = [coded[start:end] for start, end in pairwise(ends)]
    assert b"".join(chunk for piece in pieces for chunk in decoder.feed(piece)) == data
    assert decoder.close() is None
