"""A request that an app sends out itself, as a message to open: its query and its body. Pure module: no I/O.

JSON, forms, the text parts of a multipart upload, and text are opened; anything else is a gap.
"""

import json
import re
from collections.abc import Mapping
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, Final
from urllib.parse import parse_qsl

from douane.audit.jsontext import Malformed, Node, parse
from douane.audit.message import Direction, Gap, Kind, Message
from douane.wire.encodings import Decoder

METHOD: Final = "http/request"
"""Stands for the method of what is no JSON-RPC."""
_MOST_PAIRS: Final = 2_000


def outgoing(app: str, body: bytes, meta: Mapping[str, Any], *, limit: int) -> tuple[Message | None, tuple[Gap, ...]]:
    """What an app sent to another host, as a message of that app's, and what of it could not be opened.

    `meta` has `target` (path and query), `content_type` and `content_encoding`. None where there is nothing to open.
    The query stands under `/params/query`, the body under `/params/body`. Never raises.
    """
    parts: dict[str, str] = {}
    query = str(meta.get("target", "")).partition("?")[2]
    if query:
        parts["query"] = json.dumps(_members(query))
    gaps: list[Gap] = []
    if body:
        decoder = Decoder(str(meta.get("content_encoding", "")), limit=limit)
        plain = b"".join(decoder.feed(body))
        gap = decoder.close()
        if gap is not None:
            gaps.append(gap)
        if plain:
            text = _text(plain, str(meta.get("content_type", "")), gaps)
            if text is not None:
                parts["body"] = text
    if not parts:
        return None, tuple(gaps)
    inner = ", ".join(f"{json.dumps(key)}: {value}" for key, value in parts.items())
    whole = f'{{"method": "{METHOD}", "params": {{{inner}}}}}'
    node = parse(whole)
    if isinstance(node, Malformed):
        return None, (*gaps, Gap(node.code, size=len(body)))
    return _message(app, whole, node), tuple(gaps)


def _message(app: str, text: str, node: Node) -> Message:
    return Message(app, Direction.TO_APP, Kind.NOTIFICATION, METHOD, None, None, node, text)


def _text(body: bytes, content_type: str, gaps: list[Gap]) -> str | None:
    """The body as JSON text, None for what is not text."""
    essence = content_type.split(";")[0].strip().lower()
    if essence == "multipart/form-data":
        return json.dumps(_uploaded(body, content_type, gaps))
    try:
        text = body.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        gaps.append(Gap("binary", size=len(body)))
        return None
    if text.lstrip()[:1] in ("{", "[", '"') and isinstance(parse(text), Node):
        return text
    if essence == "application/x-www-form-urlencoded" or (not essence and re.fullmatch(r"[\w.%+-]+=\S*", text)):
        return json.dumps(_members(text))
    return json.dumps(text)


def _members(query: str) -> dict[str, Any]:
    """The pairs of a query or form; equal names have a list."""
    out: dict[str, Any] = {}
    try:
        pairs = parse_qsl(query, keep_blank_values=False, max_num_fields=_MOST_PAIRS, errors="replace")
    except ValueError:
        return {"query": query}
    for name, value in pairs:
        known = out.get(name)
        out[name] = value if known is None else [*known, value] if isinstance(known, list) else [known, value]
    return out


def _uploaded(body: bytes, content_type: str, gaps: list[Gap]) -> dict[str, Any]:
    """The text parts of an upload by name; a part that is not text is a gap."""
    head = b"Content-Type: " + content_type.encode("latin-1", "replace").replace(b"\r", b"").replace(b"\n", b"")
    try:
        message = BytesParser(policy=HTTP).parsebytes(head + b"\r\n\r\n" + body)
        found = list(message.iter_parts()) if message.is_multipart() else []
    except Exception:  # noqa: BLE001 - the standard parser raises many things for what strangers send
        gaps.append(Gap("malformed", size=len(body)))
        return {}
    out: dict[str, Any] = {}
    for number, part in enumerate(found[:_MOST_PAIRS]):
        raw = part.get_payload(decode=True)
        data = raw if isinstance(raw, bytes) else b""
        try:
            name = part.get_param("name", header="content-disposition")
            out[name if isinstance(name, str) else f"part{number}"] = data.decode("utf-8")
        except UnicodeDecodeError:
            gaps.append(Gap("binary", size=len(data)))
        except Exception:  # noqa: BLE001 - as above
            gaps.append(Gap("malformed", size=len(data)))
    return out
