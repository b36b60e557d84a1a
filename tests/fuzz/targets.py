"""What is fuzzed: each target takes any bytes, and an exception that leaves it is a bug.

Besides never raising, each holds to what its decoder promises: the same however it is cut, spans within the text,
what a strict reader takes, names given once, bounds kept.
"""

import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from douane.audit import jsontext
from douane.audit.apple_manifest import read_apple
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.fides_import import read_fides
from douane.audit.fields import Limits, fields
from douane.audit.google_safety import read_google
from douane.audit.imported import Imported
from douane.audit.jsontext import Malformed, Node, plain
from douane.audit.message import Direction, Gap, HttpPart, Kind, Message
from douane.audit.observe import header_parameters, observe, used
from douane.audit.schema import declared_keys, find_header, find_property, undeclared
from douane.audit.skeleton import skeleton
from douane.audit.toollist import tools_in
from douane.audit.toolmeta import known_meta
from douane.audit.waivers import Waivers, parse_waivers
from douane.audit.yamltext import Errors
from douane.ledger.record import Record, RecordKind
from douane.proxy import sniff
from douane.proxy.credentials import (
    blank_target,
    credential_in_target,
    is_credential_form,
    recorded_headers,
    session_in_target,
)
from douane.proxy.flows import read_flows
from douane.proxy.http1 import head_fault
from douane.proxy.routes import Refusal, app_from, forwarded_hosts, is_destination, path_fault, route
from douane.proxy.settings import AppSettings
from douane.wire import headers, jsonrpc
from douane.wire.assembler import Assembler
from douane.wire.assembler import Limits as WireLimits
from douane.wire.captured import Exchanged, Faulty, Unusable
from douane.wire.encodings import Decoder
from douane.wire.envelope import envelope
from douane.wire.har import read_har
from douane.wire.outgoing import outgoing
from douane.wire.rpclog import RpcLog
from douane.wire.sse import Event, SseDecoder

SEEDS: Final = Path(__file__).parent / "seeds"


@dataclass(frozen=True, slots=True)
class Target:
    """`run` takes an input; `short` is how many inputs a change is tested with, `words` what they are made with.

    `seconds` is the processor time that an input may take.
    """

    name: str
    run: Callable[[bytes], None]
    short: int
    words: tuple[bytes, ...] = ()
    seconds: float = 2.0

    def corpus(self) -> list[bytes]:
        """The inputs to begin with, in the order of their names."""
        return [file.read_bytes() for file in sorted((SEEDS / self.name).iterdir())]


def cut(data: bytes) -> list[bytes]:
    """The bytes in pieces whose sizes the bytes say."""
    pieces, at = [], 0
    while at < len(data):
        width = 1 + data[at] % 23
        pieces.append(data[at : at + width])
        at += width
    return pieces


# --- decoders ---

CODINGS: Final = ("gzip", "deflate", "br", "zstd", "gzip, br", "zstd, gzip", "x-gzip", "identity", "br, br, br, br, br")
ROOM: Final = 65_536


def codings(data: bytes) -> None:
    """The first byte chooses the coding; whole and in pieces nothing comes out beyond the bound of a call."""
    if not data:
        return
    named, body = CODINGS[data[0] % len(CODINGS)], data[1:]
    whole = Decoder(named, limit=ROOM)
    out = b"".join(whole.feed(body))
    whole.close()
    assert whole.identity or len(out) <= ROOM
    pieces = Decoder(named, limit=ROOM)
    came = [b"".join(pieces.feed(piece)) for piece in cut(body)]
    pieces.close()
    assert all(len(one) <= max(ROOM, 23) for one in came)
    if whole.gap is None:
        assert pieces.gap is None
        assert b"".join(came) == out
    sniff.looks_like_json_rpc(body, named.encode())


def sse(data: bytes) -> None:
    """Whole, in pieces and, of some, byte by byte a stream gives the same events, which do not overlap."""
    readings = []
    ways = [[data], cut(data)]
    if len(data) % 4 == 0 and len(data) <= 300:
        ways.append([data[at : at + 1] for at in range(len(data))])
    for pieces in ways:
        decoder = SseDecoder(limit=512)
        found = [one for piece in pieces for one in decoder.feed(piece)]
        found += decoder.close()
        readings.append(found)
    assert all(one == readings[0] for one in readings)
    end = 0
    for one in readings[0]:
        if isinstance(one, Event):
            assert end <= one.start < one.end <= len(data) + 1
            end = one.end - 1
    sniff.legacy_endpoint(data)


def _nodes(node: Node) -> Iterator[Node]:
    pending = [node]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one.value, tuple):
            pending += [part.node if isinstance(part, jsontext.Member) else part for part in one.value]


def json_text(data: bytes) -> None:
    """What the standard library takes is taken and means the same; spans stand within each other and in the text."""
    text = data.decode("utf-8", "surrogateescape")
    strict = jsontext.parse(text, max_depth=64, max_nodes=20_000)
    for found in (strict, jsontext.parse(text, lenient=True), jsontext.prefix(text, lenient=True, partial=True)):
        if isinstance(found, Node):
            for node in _nodes(found):
                assert 0 <= node.start <= node.end <= len(text)
            plain(found)
    try:
        expected = json.loads(text, parse_constant=_refused)
    except (ValueError, RecursionError):
        assert not isinstance(strict, Node)
        return
    if isinstance(strict, Node):
        assert _same(plain(strict), expected)
    else:
        assert strict.code in ("too-deep", "too-many") or _has_long_number(text)


def _refused(_word: str) -> None:
    raise ValueError


def _has_long_number(text: str) -> bool:
    return re.search(r"[0-9]{300}|[eE][+-]?[0-9]{3}", text) is not None


def _same(one: Any, other: Any) -> bool:
    """Equality in which a number that no type holds may have stayed text."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list | tuple) and isinstance(other, list):
        return len(one) == len(other) and all(_same(a, b) for a, b in zip(one, other, strict=True))
    return one == other or (isinstance(one, str) and isinstance(other, int | float))


def json_rpc(data: bytes) -> None:
    """Every body is messages, gaps or nothing; skimmed and in full a message has the same name."""
    full = jsonrpc.read(data, max_depth=64, max_nodes=20_000)
    skimmed = jsonrpc.read(data, max_depth=64, max_nodes=20_000, skim=48)
    assert bool(full) == bool(skimmed)
    for one in full:
        if isinstance(one, jsonrpc.Parsed):
            assert 0 <= one.node.start <= one.node.end <= len(one.text)
    if len(skimmed) == 1 and isinstance(skimmed[0], jsonrpc.Parsed) and skimmed[0].unread:
        read = jsonrpc.in_full(skimmed[0].text, max_depth=64)
        if isinstance(read, jsonrpc.Parsed) and not read.gaps:
            assert (read.kind, read.method) == (skimmed[0].kind, skimmed[0].method)
    jsonrpc.http_error(data)
    envelope(data.decode("utf-8", "surrogateescape"))


KINDS: Final = tuple(RecordKind)
METAS: Final[tuple[dict[str, Any], ...]] = (
    {},
    {"method": "POST", "target": "/mcp", "headers": [["content-type", "application/json"]], "session": "s"},
    {"method": "GET", "target": "/sse?sessionId=1", "headers": [["Accept", "text/event-stream"]]},
    {"status": 200, "headers": [["content-type", "text/event-stream"]], "session": "s"},
    {"status": 200, "headers": [["content-encoding", "gzip"]], "truncated": True},
    {"status": 401, "headers": [["content-encoding", "br, gzip"]], "route": "egress", "host": "api.example"},
    {"headers": [["Last-Event-ID", "1"], ["mcp-name", "=?base64?w6k=?="]], "method": "POST", "target": "//x?%zz"},
    {"reason": "upstream"},
    {"side": "client", "code": "connect-failed"},
    {"delivered": ["a", "b"], "streams": {"a": 3}},
    {"code": "too-large", "place": "body", "size": 5, "direction": "to_app"},
)


def records(data: bytes) -> None:
    """Records in any order: nothing is named twice, and each is let go of in the end."""
    assembler = Assembler(limits=WireLimits(depth=32, skim=200, body=ROOM, event=512, flows=3, requests=4, events=4))
    names: list[tuple[str, int]] = []
    done: list[str] = []
    count = 0
    for part in data.split(b"\n\x1e")[:24]:
        kind, flow, meta, seq = (*part[:4], 0, 0, 0, 0)[:4]
        record = Record(
            count, f"u{count}", "app", "abcd"[flow % 4], KINDS[kind % len(KINDS)], seq % 8, float(count),
            METAS[meta % len(METAS)], part[4:],
        )  # fmt: skip
        names += [(one.record_uid, one.part) for one in assembler.feed(record)]
        assembler.notes()
        done += assembler.done()
        count += 1
    done += assembler.done(now=1e9)
    assert len(names) == len(set(names))
    assert sorted(done) == sorted(f"u{number}" for number in range(count))


def heads(data: bytes) -> None:
    """Request lines, targets and headers: the wire's reading of them, and the proxy's."""
    first, _, rest = data.partition(b"\r\n")
    pairs = [(name, value) for name, _, value in (line.partition(b":") for line in rest.split(b"\r\n")[:40])]
    head_fault(data, of_request=True)
    head_fault(data, of_request=False)
    target = first.decode("utf-8", "surrogateescape")
    recorded = recorded_headers(pairs)
    headers.header_parts(recorded)
    headers.answer_parts(recorded)
    headers.target_parts(target)
    headers.names_session(target)
    headers.session_in(target)
    blank_target(target)
    session_in_target(target)
    credential_in_target(target)
    is_credential_form(data)
    sniff.path_class(target)
    sniff.path_at_upstream(target, "https://up.example")
    sniff.is_form(first)
    sniff.may_be_json(first)
    sniff.is_event_stream(first)


APPS: Final = tuple(
    app_from(AppSettings.model_validate({"upstream": "http://up.example/api/mcp", **more}), bytes(32))
    for more in (
        {"name": "a", "base_path": "/api", "host_names": ["a.example"]},
        {"name": "b", "path_prefix": "/travel", "base_path": "/api", "host_names": ["a.example", "b.example"]},
    )
)


def routes(data: bytes) -> None:
    """A request goes to a configured app within its base path, or nowhere."""
    host, _, target = data.partition(b" ")
    name, path = host.decode("utf-8", "surrogateescape"), target.decode("utf-8", "surrogateescape")
    for value in (name, None):
        found = route(APPS, value, path, "127.0.0.1")
        if not isinstance(found, Refusal):
            where = found.target.partition("?")[0]
            assert found.app in APPS
            assert where.startswith(("/api", "/.well-known/"))
            assert not path_fault(where)
            assert "/../" not in where
    forwarded_hosts(name)
    is_destination(name, "up.example", 443, "https")


def sent_out(data: bytes) -> None:
    """What an app sends out: its content type, coding and target in the first line, its body after it."""
    said, _, body = data.partition(b"\n")
    words = [*said.decode("latin-1").split("|"), "", "", ""]
    meta = {"content_type": words[0], "content_encoding": words[1], "target": words[2]}
    message, _ = outgoing("app", body, meta, limit=ROOM)
    if message is not None:
        fields(message, limits=SMALL)


# --- fields ---

SMALL: Final = Limits(depth=8, fields=2_000, chars=1_000_000)


def opened(data: bytes) -> None:
    """Every notation is opened or left, and each field's offsets lead back into the text that crossed."""
    text = data.decode("utf-8", "surrogateescape")
    payload = jsontext.parse(text)
    if isinstance(payload, Malformed):
        # A text that is no message is what a message says.
        text = json.dumps(
            {"method": "tools/call", "params": {"arguments": {"x": text}}}, ensure_ascii=len(data) % 2 > 0
        )
        payload = jsontext.parse(text)
    assert isinstance(payload, Node)
    method = jsontext.get(payload, "method")
    said = method.value if method is not None and isinstance(method.value, str) else "tools/call"
    size = len(text.encode("utf-8", "surrogatepass"))
    part = (HttpPart("query", "q", text[:200]),)
    up = len(data) % 4 < 2
    direction, kind = (Direction.TO_APP, Kind.REQUEST) if up else (Direction.TO_CHATGPT, Kind.RESULT)
    message = Message("app", direction, kind, said, "find", 1, payload, text, part)
    found, gaps = fields(message, limits=SMALL)
    assert len(found) <= SMALL.fields + 1
    for field in found[:50]:
        first, last = field.outer(0, len(field.text))
        assert 0 <= first <= last
        span = field.raw_span(message, 0, len(field.text))
        assert span is None or 0 <= span[0] <= span[1] <= size
    assert all(isinstance(gap, Gap) for gap in gaps)
    observe(message, found, ())
    used(message)


# --- declarations and what is read beside them ---


def declarations(data: bytes) -> None:
    """YAML and JSON: a declaration, or faults by line."""
    _faults_or(parse_declaration(data.decode("utf-8", "surrogateescape"), "x.yaml"), Declaration)


def waivers(data: bytes) -> None:
    """The file of waivers, likewise."""
    _faults_or(parse_waivers(data.decode("utf-8", "surrogateescape"), "x.yaml"), Waivers)


def imports(data: bytes) -> None:
    """The first byte says whose declaration it is: Fides', Apple's or Google's."""
    text = data[1:].decode("utf-8", "surrogateescape")
    match data[:1]:
        case b"a":
            read = read_apple(text, "x", "app")
        case b"g":
            read = read_google(text, "x", "app")
        case _:
            read = read_fides(text, "x", "app")
    _faults_or(read, Imported)


def _faults_or(read: object, kind: type) -> None:
    if isinstance(read, Errors):
        assert read.faults
        assert all(fault.line >= 0 and fault.column >= 0 for fault in read.faults)
    else:
        assert isinstance(read, kind)


def tools(data: bytes) -> None:
    """Lists of tools with any schemas: looked up in, hidden for keeping, and compared with a call."""
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError):
        return
    call = jsontext.parse('{"method":"tools/call","params":{"name":"x","arguments":{"a":{"b":[1,{"c":2}]},"email":3}}}')
    assert isinstance(call, Node)
    message = Message("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "x", 1, call, "")
    for tool, _ in tools_in(listed):
        for one in (tool.input_schema, tool.output_schema):
            json.dumps(skeleton(one))
            find_property(one, ("a", "b", "0", "c"))
            find_header(one, "X")
        declared_keys(tool)
        undeclared(message, tool)
        list(header_parameters(tool))
    known_meta(listed if isinstance(listed, dict) else {})


# --- captures ---


def har(data: bytes) -> None:
    """An archive: each exchange is told twice or is faulty once."""
    _captured(read_har(data))


def flow(data: bytes) -> None:
    """A flow file of mitmproxy, likewise."""
    _captured(read_flows(io.BytesIO(data)))


def _captured(found: Any) -> None:
    if isinstance(found, Unusable):
        return
    told: list[int] = []
    for one in found:
        if isinstance(one, Faulty):
            told.append(one.number)
        else:
            assert isinstance(one[0], Exchanged)
    assert len(told) == len(set(told))


def rpc_log(data: bytes) -> None:
    """A log of messages, a line each."""
    log = RpcLog()
    for number, line in enumerate(data.split(b"\n")[:50], 1):
        log.read(line, number)


RPC: Final = (
    b'"jsonrpc":"2.0" "id" "method" "params" "result" "error" "tools/call" "arguments" "structuredContent" "content" '
    b'"_meta" "cursor" "notifications/progress" "type":"text" "text" "resource" "blob" "inputResponses" "taskId"'
).split(b" ")
YAML: Final = (
    b"douane_declaration:|app:|to_app:|to_chatgpt:|recipients:|purposes:|tools:|privacy_policy:|statements:|country:|"
    b"data_categories:|privacy_declarations:|transfers:|provenance:|organisation:|publisher:|platform:|user.name|"
    b"connection_information:|hosts:|retention:|legal_basis:|\n  |\n- |\n    - |: |? |&x |*x|<<: *x|!!|%YAML|---\n"
).split(b"|")
SCHEMA: Final = (
    b'"properties" "items" "$ref":"#" "$ref":"#/$defs/a" "$defs" "allOf" "anyOf" "oneOf" "not" "if" "then" "else" '
    b'"additionalProperties" "patternProperties" "prefixItems" "$anchor" "enum" "const" "type" "required" '
    b'"unevaluatedProperties" "x-mcp-header" "inputSchema" "outputSchema" "_meta" "annotations" "dependentSchemas"'
).split(b" ")
HAR: Final = (
    b'"startedDateTime" "2026-11-03T10:00:00Z" "time" "request" "response" "postData" "text" "encoding":"base64" '
    b'"content" "size" "headers" "name" "value" "status" "timings" "receive" "_webSocketMessages" "bodySize" "url"'
).split(b" ")

SLOW: Final = 15.0
"""Seconds for what reads YAML: the library takes 30 µs for each of the 262,144 characters that a file may have."""

TARGETS: Final[dict[str, Target]] = {
    target.name: target
    for target in (
        Target("codings", codings, 2_000),
        Target(
            "sse", sse, 3_000, (b"\ndata: ", b"\nid: ", b"\nevent: endpoint", b"\nretry: 1", b"\n\n", b"\r\r", b"\r\n")
        ),
        Target("json", json_text, 2_000, tuple(RPC)),
        Target("jsonrpc", json_rpc, 2_000, tuple(RPC)),
        Target("records", records, 700, (*RPC, b"\n\x1e", b"\n\x1e\x03a\x03\0data: ")),
        Target(
            "heads", heads, 2_000, (b"Host: ", b"Baggage: ", b"?token=", b";jsessionid=", b"sessionId=", b"\r\nX: ")
        ),
        Target(
            "routes", routes, 3_000, (b"a.example", b"/travel", b"/.well-known/", b"/api", b"localhost", b"127.0.0.1")
        ),
        Target(
            "sent-out", sent_out, 1_000, (b"multipart/form-data; boundary=x|", b"--x\r\n", b"name=", b"|gzip|", b"?")
        ),
        Target("fields", opened, 400, tuple(RPC)),
        Target("declarations", declarations, 200, tuple(YAML), SLOW),
        Target(
            "waivers", waivers, 200, (b"waivers:", b"rule:", b"app:", b"until:", b"reason:", b"by:", b"\n  - "), SLOW
        ),
        Target(
            "imports", imports, 200, (*YAML, b"<dict>", b"</dict>", b"<!ENTITY a 'b'>", b"&a;", b"<key>", b'","'), SLOW
        ),
        Target("tools", tools, 1_000, tuple(SCHEMA)),
        Target("har", har, 1_500, tuple(HAR)),
        Target(
            "flow", flow, 600, (b"4:null;", b"8:response;", b"7:content,", b"0:~", b"1:1#", b"0:}", b"0:]", b"999999:")
        ),
        Target("rpc-log", rpc_log, 1_500, (*RPC, b'"message":', b'"direction":"to_app"', b'"at":', b'"session":')),
    )
}
