"""Content codings undone piece by piece, with a bound on what comes out. Pure module: no I/O.

gzip, deflate (zlib-wrapped and raw), br and zstd, also stacked (RFC 9110 section 8.4, RFC 9659 for zstd's window).
"""

import zlib
from collections.abc import Iterator
from typing import Final, Protocol

import brotli
import zstandard

from douane.audit.message import Gap

DEFAULT_LIMIT: Final = 32 * 1024 * 1024
"""Bytes that one call of `Decoder.feed` may give back."""

MAX_CODINGS: Final = 4
_SLICE: Final = 16 * 1024  # input given to a codec at once: what it has not used yet is copied, so this bounds copying
_ZSTD_SLICE: Final = 256  # a zstd block of 4 bytes can stand for 128 kB, and its decoder has no output bound
_CHUNK: Final = 64 * 1024
_ZSTD_WINDOW: Final = 8 * 1024 * 1024


class _BrokenError(Exception):
    """The bytes are not what the content coding says; never leaves this module."""


class _Codec(Protocol):
    def feed(self, data: bytes) -> Iterator[bytes]: ...

    @property
    def ended(self) -> bool: ...


class _Zlib:
    """gzip (several members too) and deflate."""

    def __init__(self, *, gzip: bool) -> None:
        self._gzip = gzip
        self._inflate = zlib.decompressobj(wbits=31) if gzip else None
        self._head = b""  # of deflate: kept until the first output, in case it was raw after all
        self._raw = False

    @property
    def ended(self) -> bool:
        return self._inflate is not None and self._inflate.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._gzip:
            yield from self._inflated(data)
            return
        if self._inflate is None or self._head:
            self._head += data
            if len(self._head) < 2:
                return
            data = self._head if self._inflate is None else data
        if self._inflate is None:
            wrapped = self._head[0] & 0x0F == 8 and int.from_bytes(self._head[:2]) % 31 == 0
            self._raw = not wrapped
            self._inflate = zlib.decompressobj(wbits=15 if wrapped else -15)
        try:
            for chunk in self._inflated(data):
                self._head = b""
                yield chunk
        except _BrokenError:
            if self._raw or not self._head:
                raise
            self._raw, retried, self._head = True, self._head, b""
            self._inflate = zlib.decompressobj(wbits=-15)
            yield from self._inflated(retried)
        if len(self._head) > _SLICE:
            self._head = b""

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        pos = 0
        while pos < len(data):
            inflate = self._inflate
            if inflate is None or inflate.eof:
                if not data[pos:].strip(b"\0"):
                    return  # padding, which gzip allows
                if not self._gzip:
                    raise _BrokenError
                inflate = self._inflate = zlib.decompressobj(wbits=31)
            tail = data[pos : pos + _SLICE]
            pos += len(tail)
            try:
                while tail and not inflate.eof:
                    chunk = inflate.decompress(tail, _CHUNK)
                    tail = inflate.unconsumed_tail
                    if chunk:
                        yield chunk
                while not inflate.eof and (chunk := inflate.decompress(b"", _CHUNK)):
                    yield chunk
            except zlib.error:
                raise _BrokenError from None
            pos -= len(inflate.unused_data)


class _Brotli:
    def __init__(self) -> None:
        self._decoder = brotli.Decompressor()

    @property
    def ended(self) -> bool:
        return bool(self._decoder.is_finished())

    def feed(self, data: bytes) -> Iterator[bytes]:
        for pos in range(0, len(data), _SLICE):
            if self._decoder.is_finished():
                raise _BrokenError
            try:
                chunk = self._decoder.process(data[pos : pos + _SLICE], output_buffer_limit=_CHUNK)
                while chunk or not self._decoder.can_accept_more_data():
                    if chunk:
                        yield chunk
                    if self._decoder.is_finished():
                        break
                    chunk = self._decoder.process(b"", output_buffer_limit=_CHUNK)
            except brotli.error:
                raise _BrokenError from None


class _Zstd:
    """One or several frames."""

    def __init__(self) -> None:
        self._decoder = self._new()

    @staticmethod
    def _new() -> "zstandard.ZstdDecompressionObj":
        return zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj(write_size=_CHUNK)

    @property
    def ended(self) -> bool:
        return self._decoder.eof

    def feed(self, data: bytes) -> Iterator[bytes]:
        pos = 0
        while pos < len(data):
            if self._decoder.eof:
                self._decoder = self._new()
            part = data[pos : pos + _ZSTD_SLICE]
            try:
                chunk = self._decoder.decompress(part)
            except zstandard.ZstdError:
                raise _BrokenError from None
            pos += len(part) - len(self._decoder.unused_data)
            if chunk:
                yield chunk


def codings(content_encoding: str) -> list[str]:
    """The codings in the order in which they were applied, `identity` left out, names in lower case."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    return [name for name in names if name not in ("", "identity")]


def _codec(name: str) -> _Codec | None:
    match name:
        case "gzip" | "x-gzip":
            return _Zlib(gzip=True)
        case "deflate":
            return _Zlib(gzip=False)
        case "br":
            return _Brotli()
        case "zstd":
            return _Zstd()
        case _:
            return None


class Decoder:
    """Undoes the codings of a `Content-Encoding` header as bytes come in.

    `feed` and `close` never raise. Once `gap` is set (`not-decodable`, `too-large` when one call would give back
    more than `limit` bytes, `truncated`), `feed` gives nothing more; what came out before stays good.
    """

    def __init__(self, content_encoding: str = "", *, limit: int = DEFAULT_LIMIT) -> None:
        names = codings(content_encoding)
        found = [_codec(name) for name in reversed(names[: MAX_CODINGS + 1])]
        self._codecs = [codec for codec in found if codec is not None]
        self._limit = limit
        self._fed = False
        self.gap: Gap | None = None
        if len(names) > MAX_CODINGS:
            self.gap = Gap("not-decodable", detail=f"more than {MAX_CODINGS} content codings")
        elif len(self._codecs) < len(found):
            self.gap = Gap("not-decodable", detail="unknown content coding")

    @property
    def identity(self) -> bool:
        """True when the bytes pass as they are."""
        return not self._codecs and self.gap is None

    def feed(self, data: bytes) -> list[bytes]:
        """What can be decoded with `data` at hand."""
        if not data or self.gap is not None:
            return []
        self._fed = True
        if not self._codecs:
            return [data]
        chunks: list[bytes] = []
        room = self._limit
        try:
            for chunk in self._through(0, data):
                room -= len(chunk)
                if room < 0:
                    self.gap = Gap("too-large", detail=f"over {self._limit} bytes when decoded")
                    break
                chunks.append(chunk)
        except _BrokenError:
            self.gap = Gap("not-decodable", detail="bytes do not fit the content coding")
        return chunks

    def close(self) -> Gap | None:
        """The bytes have ended: the gap that this leaves, if any."""
        if self.gap is None and self._fed and not all(codec.ended for codec in self._codecs):
            self.gap = Gap("truncated", detail="compressed data ends early")
        return self.gap

    def _through(self, stage: int, data: bytes) -> Iterator[bytes]:
        if stage == len(self._codecs) - 1:
            yield from self._codecs[stage].feed(data)
            return
        room = self._limit
        for chunk in self._codecs[stage].feed(data):
            room -= len(chunk)
            if room < 0:
                raise _BrokenError
            yield from self._through(stage + 1, chunk)


def decode(body: bytes, content_encoding: str = "", limit: int = DEFAULT_LIMIT) -> bytes | Gap:
    """A whole body with its content coding undone, or why it cannot be had. Never raises."""
    decoder = Decoder(content_encoding, limit=limit)
    decoded = b"".join(decoder.feed(body))
    return decoder.close() or decoded
