"""Base64, signed tokens and data: addresses, opened. Pure module: no I/O."""

import binascii
import re
from itertools import islice
from typing import Final

from douane.audit.addresses import cut, unpercented
from douane.audit.parts import Opened, Part
from douane.audit.sourcemap import Layer, Whole

MIN_BASE64: Final = 8  # characters
MIN_BINARY: Final = 512  # bytes; what is shorter and no text is a number or a hash
MAX_OPAQUE: Final = 4096  # characters; longer ones that are no text are not searched for text
# Without padding, twelve characters at least: shorter ones are words more often than encoded text.
BASE64: Final = re.compile(r"[A-Za-z0-9+/_-]{6,}+(?:={1,2}|(?<=[A-Za-z0-9+/_-]{12}))")
_NO_TEXT: Final = frozenset("ABEFGHghijklmnopqrstuv")  # what no UTF-8 text begins with in base64
_HEX: Final = re.compile(r"(?:[0-9a-fA-F]{2}){12,}+")
_URLSAFE: Final = str.maketrans("-_", "+/")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_SPACE: Final = re.compile(r"[ \t\r\n]+")
_WRAPPED: Final = re.compile(r"[ \t]*+[A-Za-z0-9+/_-]{16,}+[ \t]*+(?:\r?\n[ \t]*+[A-Za-z0-9+/_-]++[ \t]*+)*+={0,2}\s*+")


def decoded(encoded: str) -> bytes | None:
    """The bytes of base64 or base64url text, padded or not; None when it is neither. Source: RFC 4648."""
    body = encoded.rstrip("=")
    if len(body) % 4 == 1:
        return None
    try:
        if "-" in body or "_" in body:
            body = body.translate(_URLSAFE)
        return binascii.a2b_base64(body + "=" * (-len(body) % 4), strict_mode=True)
    except (ValueError, binascii.Error):
        return None


def as_text(content: bytes) -> str | None:
    """The text that bytes are in UTF-8 (or UTF-16 with a byte order mark); None when they are no text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            return None
    try:
        # A look at the beginning first: an image of a megabyte is refused without decoding it.
        if _CONTROL.search(content[:64].decode("utf-8", "ignore")) is not None:
            return None
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    return None if _CONTROL.search(text) is not None else text


def base64(text: str, layer: Layer | None) -> Opened | None:
    """What a text holds that is base64, base64url, hexadecimal or a header's `=?base64?…?=`, and nothing else."""
    first, step = 0, "base64"
    if text.startswith("=?"):
        header = _HEADER.fullmatch(text)
        if header is None:
            return None
        first = header.start(1)
        content = decoded(header[1])
    elif _HEX.fullmatch(text) is not None:
        content, step = bytes.fromhex(text), "hex"
        if as_text(content) is None:
            content, step = decoded(text), "base64"
    elif (text[0] in _NO_TEXT and len(text) < MIN_BINARY) or BASE64.fullmatch(text) is None:
        return None
    else:
        content = decoded(text)
    if content is None:
        return None
    inner = as_text(content)
    if inner is None:
        return _binary(text, content)
    if not inner.strip():
        return None
    # A short word can look encoded by chance; then both readings stand.
    sure = first > 0 or text.endswith("=") or len(content) >= 12
    return Opened([Part(step, "", inner, Whole(layer, 0, len(text)))], whole=sure)


def _binary(text: str, content: bytes) -> Opened | None:
    """A gap where the content is long enough to matter; a long one is no field either."""
    if len(content) < MIN_BINARY:
        return None
    return Opened([], binary=len(content), whole=len(text) > MAX_OPAQUE)


_HEADER: Final = re.compile(r"=\?(?:base64|utf-8\?b|iso-8859-1\?b)\?([A-Za-z0-9+/_-]*+={0,2})\?=", re.IGNORECASE)


def wrapped(text: str, layer: Layer | None) -> Opened | None:
    """What a text holds that is base64 broken into lines."""
    if _WRAPPED.fullmatch(text) is None:
        return None
    content = decoded(_SPACE.sub("", text))
    if content is None:
        return None
    inner = as_text(content)
    if inner is None:
        return _binary(text, content)
    return Opened([Part("base64", "", inner, Whole(layer, 0, len(text)))], whole=len(content) >= 12)


_JWT: Final = re.compile(r"(eyJ[A-Za-z0-9_-]{8,}+)\.([A-Za-z0-9_-]{2,}+)\.[A-Za-z0-9_.-]*+")


def token(text: str, layer: Layer | None) -> Opened | None:
    """The claims of a signed token (JWT). Source: RFC 7519."""
    if not text.startswith("eyJ"):
        return None
    found = _JWT.fullmatch(text)
    part = _claims(found, layer) if found is not None else None
    return Opened([part]) if part is not None else None


def _claims(found: re.Match[str], layer: Layer | None) -> Part | None:
    content = decoded(found[2])
    inner = as_text(content) if content else None
    return Part("jwt", "", inner, Whole(layer, *found.span(2))) if inner else None


_ENCODED: Final = re.compile(r"(?<![A-Za-z0-9+/_.=-])[A-Za-z0-9+/_-]{20,}+={0,2}(?!\.?[A-Za-z0-9+/_=-])")
_TOKEN: Final = re.compile(r"(?<![A-Za-z0-9_-])" + _JWT.pattern)


def encoded_inside(text: str, layer: Layer | None) -> list[Part]:
    """Base64 and signed tokens that stand in a text."""
    found: list[Part] = []
    for match in _TOKEN.finditer(text) if "eyJ" in text else ():
        part = _claims(match, layer)
        if part is not None:
            found.append(part)
    for match in islice(_ENCODED.finditer(text), 256):
        content = decoded(match[0]) if match[0][0] not in _NO_TEXT else None
        inner = as_text(content) if content is not None else None
        if inner:
            found.append(Part("base64", "", inner, Whole(layer, *match.span())))
    return found


_DATA: Final = re.compile(r"data:([^,;]{0,127}+)((?:;[^,;]{0,127}+){0,8}+),", re.IGNORECASE)


def data_uri(text: str, layer: Layer | None) -> Opened | None:
    """What a data: address holds. Source: RFC 2397."""
    found = _DATA.match(text)
    if found is None:
        return None
    first = found.end()
    if ";base64" not in found[2].lower():
        value, inner, _ = cut(text, first, len(text), layer, plus=False)
        return Opened([Part("data", "", value, inner)], whole=True) if value else None
    body = text[first:]
    if "%" in body:
        body = unpercented(body)
    content = decoded(body)
    inside = as_text(content) if content is not None else None
    if inside is None:
        size = len(content) if content is not None else len(body) * 3 // 4
        return Opened([], binary=size, whole=len(text) > MAX_OPAQUE)
    return Opened([Part("data", "", inside, Whole(layer, first, len(text)))], whole=True)
