"""The body of a recorded request or answer, its content encoding undone. Pure module: no I/O."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from douane.audit.message import Gap
from douane.wire import headers
from douane.wire.crossing import Crossing
from douane.wire.encodings import Decoder


def header_pairs(meta: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The recorded headers; what is no pair is passed over."""
    pairs = meta.get("headers")
    if not isinstance(pairs, (list, tuple)):
        return []
    return [(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, (list, tuple)) and len(pair) == 2]


def decoded(item: Crossing, limit: int) -> tuple[bytes, Gap | None]:
    """The decoded body, at most `limit` bytes, and what was wrong with the transfer."""
    decoder = Decoder(headers.first(header_pairs(item.meta), "content-encoding"), limit=limit)
    body = b"".join(decoder.feed(item.body))
    wrong = decoder.close()
    if not decoder.identity and not body and item.body.lstrip()[:1] in (b"{", b"["):
        body = item.body  # the header was wrong, and a tolerant reader would see this
    if wrong is None and item.meta.get("truncated") is True:
        wrong = Gap("truncated", size=len(item.body))
    return body, replace(wrong, size=len(item.body)) if wrong is not None else None


def text_again(item: Crossing, limit: int) -> str | None:
    """The text of the one message of a body whose envelope was read before; None for a body that is no JSON object."""
    text = decoded(item, limit)[0].decode("utf-8", "replace")
    return text if text[:64].lstrip("\ufeff \t\r\n").startswith("{") else None
