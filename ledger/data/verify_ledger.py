#!/usr/bin/env python3
"""Verifies a Douane ledger from its written format (docs/ledger-format.md) alone; it shares no code with Douane.

    python verify_ledger.py LEDGER [--key-file master.key] [--anchor FILE …] [--json]

Needs Python 3.11 and the package `cryptography`. Reads only, and sends nothing anywhere.
Exit code: 0 INTACT, ERASED, PURGED-BY-POLICY; 1 ALTERED, MISSING, TRUNCATED, FORKED; 2 the file cannot be read.
"""

import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sqlite3
import struct
import sys
from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

# The tables of the format: kind -> table, columns of the leaf, and what each detail column holds once it has gone.
ROWS: dict[str, tuple[str, str, dict[str, bytes | None]]] = {
    "exchange": (
        "exchanges",
        "id, record_id, part, app_id, tool_id, tool, at, direction, kind, method, protocol, transport, flow,"
        " answers_id, size, fields, duration_ms, http_status, own_traffic, redelivery, taxonomy, inspected_at, route,"
        " host, commitment",
        {"session": b"", "rpc": b"", "salt": None},
    ),
    "disclosure": (
        "disclosures",
        "id, exchange_id, category, flags, pointer, reached, detector, confidence, evidence, also, commitment",
        {"pseudonym": None, "key_id": None, "preview": None, "length": b""},
    ),
    "verdict": (
        "verdicts",
        "id, disclosure_id, source, verdict, score, reason, statements, declaration_id, judgement_id, judged_at",
        {},
    ),
    "gap": ("gaps", "id, record_id, part, exchange_id, app_id, at, code, place, detail, size, count, route", {}),
    "passage": ("passages", "id, record_id, app_id, at, host, path_class, status, bytes_up, bytes_down, route", {}),
    "waiver": (
        "waivers", "id, at, event, fingerprint, rule, app, reason, accepted_by, expires, file_sha256", {},
    ),
}  # fmt: skip
SNAPSHOTS: dict[str, tuple[str, str]] = {
    "app": ("apps", "id, name, upstream_host, route, egress"),
    "tool": (
        "tools",
        "id, app_id, name, version, input_schema_sha256, output_schema_sha256, annotations, input_schema,"
        " output_schema, source, seen_at, meta, description_sha256",
    ),
    "declaration": ("declarations", "id, app_id, file, sha256, taxonomy, loaded_at, document"),
    "run": ("runs", "id, started_at, ended_at, version, config_sha256, taxonomy"),
    "judgement": ("judgements", "id, at, reason, taxonomy, version"),
    "key": ("keys", "key_id, app_id, epoch, created_at"),
}
SIGNED = (
    "number, first_seq, last_seq, count, opened_at, closed_at, previous_head, head, previous_signature, taxonomy,"
    " config_sha256, rules_sha256, version, public_key, next_public_key"
)
OTHERS: dict[str, str] = {
    "chain": "one, format, ledger, created_at, seq, head, segment, appends, mac",
    "events": "seq, kind, row, body, leaf",
    "segments": SIGNED + ", signature",
    "open_segment": "number, first_seq, opened_at, previous_head, public_key, sealed",
    "declared": "id, declaration_id, what, name",
    "observations": "id, app_id, tool, kind, name, detail, count, first_at, last_at",
    "field_uses": "id, app_id, tool, direction, pointer, calls, last_at",
}
NOT_IN_LEAF = {"exchanges": "nonce, outcome", "disclosures": "nonce, headline", "verdicts": "replaced_at"}
TYPES: dict[str, str] = {  # of a column, TEXT where it is not here
    "INTEGER": "id, seq, row, one, format, segment, appends, number, first_seq, last_seq, count, calls, epoch, part,"
    " size, fields, status, http_status, own_traffic, redelivery, bytes_up, bytes_down, egress, app_id, tool_id,"
    " answers_id, exchange_id, disclosure_id, declaration_id, judgement_id, tools.version",
    "REAL": "confidence, score, duration_ms",
    "BLOB": "leaf, head, mac, previous_head, previous_signature, public_key, next_public_key, signature, sealed,"
    " nonce, salt, commitment",
}
# What may stand in the file, by the page's list: half of the SHA-256 of each line.
TEXTS: dict[str, str] = dict(
    re.findall(
        r"(\w+) (\w+)",
        """
    _sqlite_migrations 3cc982c2c81d99c0599fa62648580638
    idx__sqlite_migrations_migration_set_name 108c84fb58675d6e782dc7341f2b0890
    apps 53958447d419827f6cd533b1668c4d5e
    tools d658fa10d89d1aa5726e4177c484c28b
    declarations deed9bc3d13ddeee2026ea2350108527
    declared 3145515b48f6984b940752bf075422e8
    runs d0ad16eadab068385faa343a278ca57b
    keys da13436a4720cf9fb8f923df5b3c4d9c
    exchanges 796ca70ffc32baf0d1df9d8b9f9113b1
    sqlite_sequence 62f0f327410b0444f7f964b9603e0f53
    gaps b7094923d5feecf759a6db3a45269d9c
    passages 3e7e684165d2ad61d17afed77d07f8b4
    declarations_by_app 6f3e2a0f3838b0db2c9787255f177baf
    exchanges_by_time 3d4155cda0e69deba3749219ec52ea5a
    exchanges_by_flow 6da174962e5f1a3457bd4976579acca6
    exchanges_by_rpc eb78db359af02432cf31540545b7c2f0
    exchanges_by_answered 6a9ab3833cb68704100d3a2973aebd26
    gaps_by_exchange e7852922363db8d0bab5bf57180ba0fb
    passages_by_app c3dd65f92b5399446797c17e49d24aae
    judgements e9d4227b9bce5ede68c534295c7ac835
    disclosures ff4b3275f58376dde8d8f8e833af6423
    verdicts a8a7ca6012f870d3289f0434425ec75e
    disclosures_by_exchange 905bd24f40877b782cc0da95e8b191ab
    disclosures_by_pseudonym 3c40bb8a6071d916309f370c732c468b
    verdicts_by_disclosure 5202b022e2cd224e47b35a067aeaf6e9
    observations 456d8cd01b3b463dfc6b47aa9280c837
    field_uses e58eb948a829f36031155e80a78351ff
    waivers c1a9e724326930d6c9b85517d1200f85
    exchanges_onward 708ace7c366c4c9adae3179b25f5c206
    who_gets_what 2dbae34a9b7e71905108a52093d13afe
    undeclared_disclosures 8d0c0d002856b337407de61a04ea77ed
    exchange_log b56314e69677bea53c8d4dba530d0f49
    passed_on eed386301b87de236325d2cd7d0f929b
    gap_summary 5d14ac21686a2ead7feab11c14602557
    events 30ae2dce5e9e5ca44ef82bff699d4e42
    events_snapshots b7930b7ba55b8cfc48fa5fd66e0e4b34
    events_told 98edc05562dfa2207d038120a20b89de
    chain 618cc730be6ebe7f29b1859d2bda3ef6
    segments 844d2cf1a29094df2a7d09326c110015
    open_segment ecba97de877086c4dd8c625b2abe60ff
    sqlite_stat1 d064c1df6e84c1af60d8db12d80b049a
        """,
    )
)
OF_TABLES = re.findall(  # the indices that tables bring with them
    r"\w+",
    "sqlite_autoindex_apps_1 sqlite_autoindex_tools_1 sqlite_autoindex_declared_1 sqlite_autoindex_keys_2 "
    "sqlite_autoindex_exchanges_1 sqlite_autoindex_gaps_1 sqlite_autoindex_passages_1 sqlite_autoindex_observations_1 "
    "sqlite_autoindex_field_uses_1",
)
SPACED = re.compile(
    r"""('(?:[^']|'')*')|[ \t\n\f\r]+|(?<=[ \t\n\f\r,(.])"""
    r"""(?:"([a-z_][a-z0-9_]*)"|\[([a-z_][a-z0-9_]*)\]|`([a-z_][a-z0-9_]*)`)(?=[ \t\n\f\r,(.)]|$)"""
)
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
OWN_ROWS: dict[str, tuple[str, tuple[str, ...]]] = {  # what each column may hold in tables beside the chain
    "_sqlite_migrations": (
        "id, migration_set, name, applied_at",
        (
            r"[1-4]",
            r"douane-ledger",
            r"0001_first_ledger|0002_declared_versus_observed|0003_what_apps_pass_on|0004_a_chain_over_everything",
            r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?\+00:00",
        ),
    ),
    "sqlite_sequence": ("name, seq", (r"exchanges|disclosures", r"-?\d{1,19}")),
    "sqlite_stat1": (
        "tbl, idx, stat",
        (r"\w+", r"\w*", r"\d{1,19}( \d{1,19}){0,9}( (unordered|noskipscan|sz=\d{1,19}))*"),
    ),
    "apps": ("first_seen, last_seen", (MOMENT, MOMENT)),
}
OWN_COLUMNS = {"apps": "first_seen, last_seen", "judgements": "disclosures, changed"}
HEADLINES = (b"prohibited", b"incorrect", b"omitted", b"ambiguous", b"vague", b"clear", b"gap")
WORDS = ("FORKED", "TRUNCATED", "ALTERED", "MISSING", "PURGED-BY-POLICY", "ERASED", "INTACT")  # the gravest first
HOLDING = ("INTACT", "ERASED", "PURGED-BY-POLICY")
TOLD = (
    "adopted", "sealing", "outcome", "replaced", "tally", "start", "access", "expired", "erased", "purge", "epoch",
    "clock", "restored", "review", "note-key", "instead",
)  # fmt: skip
REVIEW = ("at", "who", "role", "fingerprint", "state", "note", "rule", "app")  # all of them texts
KINDS = frozenset((*ROWS, *SNAPSHOTS, *TOLD, "refused", "unanchored"))
# What a told event's body holds, by the page's table: kind, then keys and types; a key in brackets may lack.
SHAPES: dict[str, dict[str, str]] = {
    kind: dict(re.findall(r"(\[?\w+\]?) (\w+)(?:,|$)", text))
    for kind, text in {
        "adopted": "at moment, rows counts",
        "sealing": "at moment, public_key key, note_key key",
        "note-key": "at moment, public_key key, size number",
        "outcome": "[delivered] ids, [refused] ids, [failed] ids",
        "replaced": "at moment, verdicts ids",
        "tally": "observations observed, uses used",
        "start": "at moment, run number, version text, taxonomy text, config_sha256 text, rules_sha256 text,"
        " [profile] text, [reason] text",
        "access": "at moment, who text, role text, what text, why text, scope scope",
        "review": "at moment, who text, role text, fingerprint fingerprint, state state, note text, rule text,"
        " app text",
        "expired": "at moment, rule rule, exchanges ids, disclosures ids",
        "erased": "at moment, who text, exchanges ids, disclosures ids",
        "purge": "at moment, who text, rule rules, reason text, segments ranges, events number,"
        " observations observed, uses used",
        "epoch": "at moment, epoch id, [who] text, [why] text, [master] text",
        "clock": "at moment, back_seconds number",
        "refused": "at moment, who text, what text, place text",
        "unanchored": "at moment, what text, error text",
        "instead": "at moment, who text, reason text, ledger text, seq number, head key",
        "restored": "at moment, who text, reason text, copy number, seq number, head key",
    }.items()
}
SPAN = r"P(?=[\dT])(\d{1,6}Y)?(\d{1,6}M)?(\d{1,6}W)?(\d{1,6}D)?(T(?=\d)(\d{1,6}H)?(\d{1,6}M)?(\d{1,6}S)?)?"
TEXTUAL = {  # types that are a text of a form
    "text": r"(?s:.*)",
    "name": r"[^\ud800-\udfff]*",
    "moment": r"(19[7-9]\d|[2-9]\d{3})-\d\d-\d\dT([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z",
    "key": "[0-9a-f]{64}",
    "fingerprint": "[0-9a-f]{32}",
    "state": "confirmed|false-alarm|unreviewed",
    "rule": f"((?s:.*): )?{SPAN}",
    "rules": f"{SPAN}(, {SPAN})*",
}
LISTED = {  # types that are lists of lists
    "ranges": ("id", "id"),
    "observed": ("id", "name", "name", "name", "name", "id", "moment", "moment"),
    "used": ("id", "name", "name", "name", "id", "moment"),
}
MOST_SHOWN = 200


DURATION = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?")
EPOCH, LAST, SECOND = (
    datetime(1970, 1, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
    timedelta(seconds=1),
)


EXPORTED = ("manifest.json", "tables", "anchors", "public-keys.json")
"""What tells, beside a `ledger.db`, that it is of an export."""


class Unreadable(Exception):  # noqa: N818 - it says what happened
    """The ledger, an anchor or the key file cannot be read: exit code 2."""


def content(value: Any) -> bytes | None:
    if value is None or isinstance(value, bytes):
        return value
    if isinstance(value, float):
        return struct.pack(">d", value)
    return str(value).encode("utf-8", "surrogatepass")


def enc(*values: Any) -> bytes:
    parts = [
        value
        if value is None or value.__class__ is bytes
        else b"%d" % value
        if value.__class__ is int
        else content(value)
        for value in values
    ]
    lengths = struct.pack(f">{len(parts)}I", *[0xFFFFFFFF if part is None else len(part) for part in parts])
    return lengths + b"".join([part for part in parts if part])


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def derive(master: bytes, *labels: str) -> bytes:
    info = b"douane/1"
    for label in labels:
        info += len(label.encode()).to_bytes(4, "big") + label.encode()
    return HKDF(SHA256(), 32, None, info).derive(master)


def signed_by(public_key: Any, signature: Any, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def numbers(value: Any) -> list[int]:
    if not isinstance(value, list) or not all(whole(one) for one in value):
        raise ValueError("a list of numbers was expected")
    return value


def is_of(kind: str, value: Any) -> bool:
    """Tell whether a value of a body is of a type of the page."""
    if kind in TEXTUAL:
        if not isinstance(value, str) or not re.fullmatch(TEXTUAL[kind], value, re.ASCII):
            return False
        year, month, day = (int(one) for one in value[:10].split("-")) if kind == "moment" else (2000, 1, 1)
        return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]
    if kind in ("number", "id"):
        return whole(value) and (kind == "id") <= value < 2**63
    if kind == "ids":
        return isinstance(value, list) and all(is_of("id", one) for one in value)
    if kind == "counts":
        return isinstance(value, dict) and all(is_of("number", one) for one in value.values())
    if kind == "scope":
        if not isinstance(value, dict) or sorted(value) != ["apps", "since", "until"]:
            return False
        apps = value["apps"]
        return isinstance(apps, list) and all(isinstance(one, str) for one in [*apps, value["since"], value["until"]])
    return isinstance(value, list) and all(
        isinstance(row, list)
        and len(row) == len(LISTED[kind])
        and all(is_of(one, part) for one, part in zip(LISTED[kind], row, strict=True))
        and (kind != "ranges" or row[0] <= row[1])
        for row in value
    )


def shaped(kind: str, text: Any) -> dict[str, Any]:
    """Return what a told event's body says; raises where it is not of the shape that its kind has."""
    body: Any = json.loads(text.decode("ascii"))
    if not isinstance(body, dict) or json.dumps(body, sort_keys=True, separators=(",", ":")).encode() != text:
        raise ValueError("canonical JSON was expected")
    shape = SHAPES[kind]
    for key, wanted in shape.items():
        if key.startswith("[") and key[1:-1] not in body:
            continue
        if not is_of(wanted, body[key.strip("[]")]):
            raise ValueError("another type was expected")
    known = {key.strip("[]") for key in shape}
    if any(
        not isinstance(value, str) and not is_of("number", value) for key, value in body.items() if key not in known
    ):
        raise ValueError("a text or a number was expected")
    return body


def columns(text: str) -> list[str]:
    return text.split(", ")


def plain(value: Any) -> str:
    """A value of the file as printable ASCII, cut short."""
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return ascii(text)[1:-1][:80]


@dataclass(frozen=True)
class Finding:
    """One thing that was found: its word, where, what, and the closed or open segment that it concerns."""

    word: str
    where: str
    what: str
    segment: int | None


@dataclass
class Sums:
    """What the tallies told so far: place -> [count, first_at, last_at] and place -> [calls, last_at]."""

    observations: dict[tuple[Any, ...], list[Any]] = field(default_factory=dict)
    uses: dict[tuple[Any, ...], list[Any]] = field(default_factory=dict)

    def add(self, body: dict[str, Any]) -> None:
        for app, tool, kind, name, detail, count, first, last in body.get("observations", []):
            self._sum(self.observations, (app, tool, kind, name, detail), count, content(first), content(last))
        for app, tool, direction, pointer, calls, last in body.get("uses", []):
            self._sum(self.uses, (app, tool, direction, pointer), calls, None, content(last))

    def _sum(self, sums: dict[tuple[Any, ...], list[Any]], place: Any, count: Any, first: Any, last: Any) -> None:
        if not whole(place[0]) or not whole(count):
            raise ValueError("a tally was expected")
        key = (place[0], *(content(name) for name in place[1:]))
        if key not in sums:
            sums[key] = [count, first, last]
            return
        known = sums[key]
        known[0] += count
        known[1] = None if first is None else min(known[1], first)
        known[2] = max(known[2], last)


def latest_by(at: str, durations: list[str]) -> bytes:
    """Return the latest moment that is over at `at` by the shortest duration, with a second for rounding, as text."""
    now = datetime.fromisoformat(at)
    found = []
    for text in durations:
        parts = DURATION.fullmatch(text)
        if parts is None:
            raise ValueError("a duration was expected")
        years, months, weeks, days, hours, minutes, seconds = (int(part or 0) for part in parts.groups())
        month = now.year * 12 + now.month - 1 - years * 12 - months
        if month < 1970 * 12:
            found.append(EPOCH)
            continue
        year, month = month // 12, month % 12 + 1
        one = now.replace(year=year, month=month, day=min(now.day, monthrange(year, month)[1]))
        span = timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
        found.append(one - min(span, one - EPOCH))
    text = (min(max(found), LAST - SECOND) + SECOND).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").encode()


@dataclass(frozen=True)
class Anchor:
    """What an anchor file says of one place; a checkpoint has a note instead of a place."""

    name: str
    ledger: str
    seq: int = 0
    head: bytes = b""
    segment: int | None = None
    signature: bytes = b""
    at: str = ""
    note: tuple[str, int, bytes, list[str]] | None = None


class Check:
    """One reading of a ledger. `run` finds what there is to find; `word`, `findings` and `unchecked` say it."""

    def __init__(self, db: sqlite3.Connection, keys: Sequence[bytes], anchors: Sequence[Anchor]) -> None:
        db.text_factory = bytes
        self.db, self.keys, self.anchors = db, keys, anchors
        self.findings: list[Finding] = []
        self.counts: Counter[str] = Counter()
        self.by_segment: dict[int | None, set[str]] = {}
        self.unchecked: list[str] = []
        self.remarks: list[str] = []
        self.events = self.held = self.read = self.found = 0
        self.vouched: dict[str, dict[Any, int]] = {table: {} for table, _, _ in ROWS.values()}
        self.snapshots: dict[str, dict[int, tuple[int, Any]]] = {kind: {} for kind in SNAPSHOTS}
        self.outcomes: dict[int, bytes] = {}
        self.replaced: dict[int, bytes | None] = {}
        self.gone: dict[str, dict[str, dict[int, int]]] = {
            word: {"exchanges": {}, "disclosures": {}} for word in ("erased", "expired")
        }
        self.purges: list[tuple[int, int, int, bytes]] = []
        self.allowed: dict[str, list[tuple[int, bytes, list[str]]]] = {"exchanges": [], "disclosures": []}
        self.sums = Sums()
        self.restored: list[dict[str, Any]] = []
        self.bound = False  # whether the master key made the MAC
        self.broken: list[int] = []  # after which events, in order, the head is not as told, or not known
        self.since: dict[int, int] | None = None
        self.believed: dict[int, bool] = {}
        self.sealing: dict[str, Any] | None = None
        self.note_keys: list[tuple[int, bytes]] = []
        self.heads: dict[int, bytes] = {}

    # ---- what is found

    def find(self, word: str, where: str, what: str, *, seq: int | None = None, segment: int | None = None) -> None:
        if seq is not None:
            segment = self.segment_of(seq)
        self.counts[word] += 1
        self.found += 1
        self.by_segment.setdefault(segment, set()).add(word)
        if len(self.findings) < MOST_SHOWN or (word not in ("ERASED", "PURGED-BY-POLICY") and self.counts[word] == 1):
            self.findings.append(Finding(word, where, what, segment))

    @property
    def word(self) -> str:
        return next((word for word in WORDS if self.counts[word]), "INTACT")

    @property
    def segments(self) -> int:
        return self.last

    @property
    def segments_held(self) -> int:
        bad = {number for number, words in self.by_segment.items() if words.difference(HOLDING)}
        return sum(one["number"] not in bad for one in self.closed)

    def segment_of(self, seq: int) -> int | None:
        found = [one["number"] for one in self.closed if one["first_seq"] <= seq <= one["last_seq"]]
        if found:
            return int(found[0])
        opened = self.open
        return opened["number"] if opened and whole(opened["first_seq"]) and seq >= opened["first_seq"] else None

    # ---- reading

    def rows(self, table: str, names: str, order: str = "") -> Iterable[tuple[Any, ...]]:
        by = f" ORDER BY {order}" if order else ""
        return self.db.execute(f'SELECT {_quoted(names)} FROM "{table}" NOT INDEXED{by}')  # noqa: S608 - our own words

    def wanted(self) -> dict[str, list[str]]:
        """The format's tables with their columns."""
        wanted = {table: columns(text) for table, text in OTHERS.items()}
        for table, names, detail in ROWS.values():
            wanted[table] = [*columns(names), *detail, *columns(NOT_IN_LEAF.get(table, "id"))]
        return wanted | {table: columns(text) for table, text in SNAPSHOTS.values()}

    def look_for_planted(self) -> None:
        """Tell what stands in the file and is not listed on the page, or not as it is there."""
        wanted = self.wanted()
        rows = self.db.execute("SELECT type, name, tbl_name, sql FROM main.sqlite_schema ORDER BY rowid").fetchall()
        for row in rows:
            kind, name, table, text = ((content(one) or b"").decode("utf-8", "replace") for one in row)
            if kind == "table" and name in wanted:
                own = {*wanted[name], *columns(OWN_COLUMNS.get(name, "id"))}
                found = self.db.execute("SELECT name FROM pragma_table_xinfo(?)", (name,)).fetchall()
                if strange := [one for (one,) in found if one.decode("utf-8", "replace") not in own]:
                    for column in strange:
                        self.find("ALTERED", f"column {name}.{plain(column)}", "is not the format's")
                    continue
            if kind == "index" and name in OF_TABLES and not text and table == name[17:].rpartition("_")[0]:
                continue
            line = f"{kind} {name} {table}: {_normal(text)}".encode("utf-8", "surrogatepass")
            if sha(line).hex()[:32] != TEXTS.get(name):
                self.find("ALTERED", f"{plain(kind)} {plain(name)}", "is not the format's, or has another text")

    def look_beside(self) -> None:
        """Tell what stands where neither rows nor texts are: in indices, pages and tables of SQLite's own."""
        self.db.execute("PRAGMA ignore_check_constraints = ON")
        said = [
            (content(one) or b"").decode("utf-8", "replace") for (one,) in self.db.execute("PRAGMA integrity_check")
        ]
        for name in dict.fromkeys(one for text in said for one in re.findall(r"(?m) index (\w+)$", text)):
            self.find("ALTERED", f"index {name}", "does not say what its table holds")
        if any(text != "ok" and not re.search(r"(?m) index \w+$", text) for text in said):
            self.find("ALTERED", "pages", "the file has pages that no table uses, or that are damaged")
        there = {name for (name,) in self.db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
        for table, (names, shapes) in OWN_ROWS.items():
            if table.encode() in there and not self.is_own(table, list(self.rows(table, names)), shapes):
                self.find("ALTERED", f"table {table}", "holds what nothing puts there")

    def look_at_bytes(self, path: Path) -> None:
        """Tell what stands in the file outside of its pages: behind the last, or where the header has room."""
        pages, page, application, version = (
            self.db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "page_size", "application_id", "user_version")
        )
        header, size = peek(path, 100, 0), path.stat().st_size
        beside = path.with_name(path.name + "-wal")
        if any(header[72:92]) or application != 0x444F5541 or not 0 <= version <= 4:
            self.find("ALTERED", "header", "holds what no ledger's header holds")
        if size != pages * page and not (beside.exists() and beside.stat().st_size):
            self.find("ALTERED", "file", f"has {size - pages * page} bytes that are of no page")

    def is_own(self, table: str, rows: list[tuple[Any, ...]], shapes: Sequence[str]) -> bool:
        """Tell whether a table beside the chain holds what belongs there: each row once, each column of its shape."""
        for row in rows:
            texts = [(content(one) or b"").decode("utf-8", "replace") for one in row]
            if not all(re.fullmatch(shape, text, re.ASCII) for shape, text in zip(shapes, texts, strict=True)):
                return False
            if table == "sqlite_stat1" and not self.is_counted(*texts[:2]):
                return False
        whole_ones = {"_sqlite_migrations": 0, "sqlite_sequence": 1}
        if table in whole_ones and not all(whole(row[whole_ones[table]]) for row in rows):
            return False
        named = {"_sqlite_migrations": slice(2, 3), "sqlite_sequence": slice(1), "sqlite_stat1": slice(2)}.get(table)
        return named is None or len({tuple(map(_or_empty, row[named])) for row in rows}) == len(rows)

    def is_counted(self, table: str, index: str) -> bool:
        """Tell whether SQLite counts such an index for its planner; none for a table without one."""
        if not index or (table, index) == ("keys", "keys"):
            return table in TEXTS
        found = self.db.execute(
            "SELECT 1 FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND name = ?", (table, index)
        )
        return found.fetchone() is not None

    def look_at_lines(self, folder: Path) -> None:
        """Hold the JSON lines of an export to the database, value by value: no signature covers them."""
        for path in sorted(folder.iterdir()):
            table, kind = path.stem, path.suffix
            if kind != ".jsonl" or table not in self.wanted() or table == "open_segment":
                self.find("ALTERED", f"tables/{plain(path.name)}", "is no table of the ledger")
                continue
            names = [one[0].decode() for one in self.db.execute("SELECT name FROM pragma_table_info(?)", (table,))]
            by = {"keys": "app_id, epoch", "chain": "one", "events": "seq", "segments": "number"}.get(table, "id")
            rows = iter(self.rows(table, ", ".join(names), by))
            with path.open("rb") as file:
                for number, line in enumerate(file, 1):
                    if not _same(line, names, next(rows, None)):
                        self.find("ALTERED", f"tables/{path.name} line {number}", "is not what the ledger holds")
                        break
                else:
                    if next(rows, None) is not None:
                        self.find("ALTERED", f"tables/{path.name}", "ends before the ledger's table does")
        for table in sorted(self.wanted().keys() - {"open_segment"}):
            if not (folder / f"{table}.jsonl").is_file():
                self.find("ALTERED", f"tables/{table}.jsonl", "is not there")

    def look_at_export(self, folder: Path) -> None:
        """Hold the files of an export to its manifest, and what follows from the chain to the chain.

        What lies beside them and is of no table and no anchor is nobody's business.
        """
        try:
            said = json.loads((folder / "manifest.json").read_bytes())
            files = {name: (one["sha256"], one["bytes"]) for name, one in said["files"].items()}
            place = [said["ledger"], said["seq"], said["head"]] if said["format"] == "douane-export/1" else []
        except FileNotFoundError:
            self.find("ALTERED", "manifest.json", "is not there")
            return
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            files, place = {}, []
        if not place:
            self.find("ALTERED", "manifest.json", "is no manifest of an export")
            return
        if place != [plain(self.chain["ledger"]), self.chain["seq"], bytes(self.chain["head"] or b"").hex()]:
            self.find("ALTERED", "manifest.json", "says that the chain ends elsewhere")
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            mine = name.startswith(("tables/", "anchors/", "ledger.db-"))
            if mine and (path.is_dir() or name not in files):
                self.find("ALTERED", plain(name), "is not of the export")
        for name, (digest, size) in sorted(files.items()):
            path = folder / name
            if not leads_inside(folder, name) or not path.is_file():
                self.find("ALTERED", plain(name), "is not there")
                continue
            if path.stat().st_size != size or digest_of(path) != digest:
                self.find("ALTERED", plain(name), "is not what the manifest says")
        self.look_at_keys(folder / "public-keys.json")

    def look_at_keys(self, path: Path) -> None:
        def bodies(kind: str) -> list[Any]:
            sql = "SELECT body FROM events NOT INDEXED WHERE kind = ? AND row IS NULL ORDER BY seq"
            return [json.loads(body) for (body,) in self.db.execute(sql, (kind,))]

        try:
            said = {"later_note_keys": {}, **json.loads(path.read_bytes())}
            told = bodies("sealing")
            keys = {
                "ledger": plain(self.chain["ledger"]),
                "note_key": told[0]["note_key"] if told else None,
                "later_note_keys": {str(one["size"]): one["public_key"] for one in bodies("note-key")},
                "segments": {str(one["number"]): bytes(one["public_key"]).hex() for one in self.closed},
            }
        except (OSError, ValueError, LookupError, TypeError, RecursionError):
            said, keys = {}, {"ledger": ""}
        if said != keys:
            self.find("ALTERED", "public-keys.json", "has not the ledger's keys")

    def look_at_tables(self) -> None:
        """Refuse a file that lacks a table or column of the format."""
        wanted = self.wanted()
        types = {column: kind for kind, names in TYPES.items() for column in columns(names)}
        found: dict[str, dict[str, tuple[str, int]]] = {}
        for table, column, kind, key in self.db.execute(
            "SELECT m.name, c.name, c.type, c.pk * (m.strict = 1) - (m.strict = 0) FROM pragma_table_list m"
            " JOIN pragma_table_info(m.name) c WHERE m.schema = 'main' AND m.type = 'table'"
        ):
            named = found.setdefault(table.decode("utf-8", "replace"), {})
            named[column.decode("utf-8", "replace")] = (kind.decode("utf-8", "replace").upper(), key)
        if "exchanges" in found and "chain" not in found:
            if self.db.execute("PRAGMA user_version").fetchone()[0] >= 4:
                raise Unreadable("its chain was taken out, so nothing vouches for what is in it")
            raise Unreadable(
                "was written before ledgers had a chain, so there is nothing to verify yet: open it once with"
                " `douane run` of this Douane, which begins its chain, and verify it from then on"
            )
        for name, expected in wanted.items():
            if name not in found:
                raise Unreadable(f"the ledger has no table {name}")
            lacking = [column for column in expected if column not in found[name]]
            if lacking:
                raise Unreadable(f"the table {name} has no column {lacking[0]}")
            for column in expected:
                kind, key = found[name][column]
                if key < 0:
                    raise Unreadable(f"the table {name} is not STRICT")
                if kind != types.get(f"{name}.{column}", types.get(column, "TEXT")):
                    raise Unreadable(f"the column {column} of the table {name} has another type than the format's")
            if name != "keys" and not self.is_kept_by(name, expected[0], found[name]):
                raise Unreadable(f"the table {name} is not kept by its {expected[0]}")

    def is_kept_by(self, table: str, name: str, found: dict[str, tuple[str, int]]) -> bool:
        """Tell whether a column is the table's row number: a key that has no index of its own."""
        index = self.db.execute("SELECT 1 FROM pragma_index_list(?) WHERE origin = 'pk'", (table,)).fetchone()
        return index is None and [column for column, (_, key) in found.items() if key > 0] == [name]

    def run(self) -> None:
        self.look_at_tables()
        self.closed: list[dict[str, Any]] = []
        self.open: dict[str, Any] | None = None
        chains = list(self.rows("chain", OTHERS["chain"]))
        if any(row[1] != 1 for row in chains):
            raise Unreadable("the chain's format is not 1, the only one that this verifier knows")
        self.chain: dict[str, Any] = dict(
            zip(columns(OTHERS["chain"]), chains[0] if chains else [None] * 9, strict=True)
        )
        if len(chains) != 1 or self.chain["one"] != 1:
            self.find("ALTERED", "chain", f"has {len(chains)} rows, and one numbered 1 was expected")
        if not whole(self.chain["seq"]) or self.chain["seq"] < 0:
            self.find("ALTERED", "chain", "seq is no number of an event")
            self.chain["seq"] = 0
        self.first_head = sha(b"\x05", enc(self.chain["ledger"], self.chain["created_at"]))
        self.read_segments()
        self.look_for_planted()
        self.look_beside()
        self.read_purge()
        self.walk()
        self.check_segments()
        self.check_row_tables()
        self.check_times()
        self.check_snapshots()
        self.check_sums()
        self.check_open_segment()
        self.check_anchors()

    def read_segments(self) -> None:
        names = columns(OTHERS["segments"])
        for row in self.rows("segments", OTHERS["segments"], "number"):
            one = dict(zip(names, row, strict=True))
            if not whole(one["number"]) or one["number"] < 1:
                self.find("ALTERED", f"segment {plain(one['number'])}", "there is no such number")
                continue
            one["placed"] = all(whole(one[name]) for name in ("first_seq", "last_seq", "count"))
            if not one["placed"]:
                self.find("ALTERED", f"segment {one['number']}", "has no numbers where the format has them")
                one |= {"first_seq": 0, "last_seq": -1, "count": 0}
            self.closed.append(one)
        opened = list(self.rows("open_segment", OTHERS["open_segment"]))
        if len(opened) > 1:
            self.find("ALTERED", "open_segment", f"has {len(opened)} rows")
        for row in opened[:1]:
            self.open = dict(zip(columns(OTHERS["open_segment"]), row, strict=True))
        self.last = self.closed[-1]["number"] if self.closed else 0

    def read_purge(self) -> None:
        """Take from the last purge which segments went, as ranges of event numbers."""
        self.purged: list[dict[str, Any]] = []
        self.spans: list[tuple[int, int]] = []
        spans: list[tuple[int, int]] = []
        sql = "SELECT body FROM events NOT INDEXED WHERE kind = 'purge' AND row IS NULL ORDER BY seq DESC"
        for (body,) in self.db.execute(sql):
            with suppress(AttributeError, KeyError, RecursionError, TypeError, ValueError):
                spans = [(first, last) for first, last in shaped("purge", body)["segments"]]
                break  # one of another shape says nothing, and is told where it stands
        self.purged = [one for one in self.closed if any(first <= one["number"] <= last for first, last in spans)]
        for first, last in sorted((one["first_seq"], one["last_seq"]) for one in self.purged):
            if self.spans and first <= self.spans[-1][1] + 1:
                first, last = self.spans[-1][0], max(last, self.spans.pop()[1])
            if first <= last:
                self.spans.append((first, last))

    def in_purged(self, seq: int) -> bool:
        place = bisect_right(self.spans, (seq, float("inf")))
        return place > 0 and seq <= self.spans[place - 1][1]

    def lacking(self, first: int, beyond: int) -> list[tuple[int, int]]:
        """Return the ranges from `first` to under `beyond` that no purged segment explains, both ends included."""
        found = []
        for start, end in self.spans:
            if end >= first and start < beyond:
                if start > first:
                    found.append((first, start - 1))
                first = end + 1
        return [*found, (first, beyond - 1)] if first < beyond else found

    # ---- events and heads

    def claims(self) -> dict[int, list[tuple[str, Any, int | None]]]:
        """Return what the file says of heads, by place; the one that counts for a place stands first."""
        said: dict[int, list[tuple[str, Any, int | None]]] = {}
        placed = [one for one in self.closed if one["placed"]]
        for one in placed:
            said.setdefault(one["last_seq"], []).append((f"segment {one['number']}: head", one["head"], one["number"]))
        said.setdefault(self.chain["seq"], []).append(("chain: head", self.chain["head"], None))
        for one in [*placed, *([self.open] if self.open and whole(self.open["first_seq"]) else [])]:
            place = f"segment {one['number']}: previous_head"
            said.setdefault(one["first_seq"] - 1, []).append((place, one["previous_head"], one["number"]))
        return said

    def walk(self) -> None:
        """Go through the events: their numbers, leaves, and the heads over them."""
        said, wanted = self.claims(), {anchor.seq for anchor in self.anchors}
        end, at = self.chain["seq"], 0
        head: bytes | None = self.first_head
        pending: dict[int, bytes] = {}
        self.heads[0] = self.first_head

        def meet(place: int) -> None:
            nonlocal head
            if place not in said:
                return
            if any(claimed != head for _, claimed, _ in said[place]):
                self.broken.append(place)
            if head is not None:
                for name, claimed, number in said[place]:
                    if claimed != head:
                        self.find(
                            "ALTERED", name, f"is not the head that the events give (event {place})", segment=number
                        )
                if head == said[place][0][1]:
                    self.heads.update(pending)
            head = said[place][0][1] if isinstance(said[place][0][1], bytes) else None
            pending.clear()

        meet(0)
        for seq, kind, row, body, leaf in self.rows("events", OTHERS["events"], "seq"):
            self.read += 1
            if seq <= at or seq > end or self.in_purged(seq):
                self.find("ALTERED", f"event {seq}", "stands where the chain has none", seq=seq)
                continue
            if seq > at + 1:
                for first, last in self.lacking(at + 1, seq):
                    self.find("MISSING", f"events {first} to {last}", f"{last - first + 1} are not there", seq=first)
                pending.clear()
                head = None
                meet(seq - 1)
            self.event(seq, kind, row, body, leaf)
            at = seq
            if head is not None:
                head = sha(b"\x01", head, leaf if isinstance(leaf, bytes) else enc(leaf))
                if seq in wanted:
                    pending[seq] = head
            meet(seq)
        if at < end:
            self.broken.append(end)
        ranges = self.lacking(at + 1, end + 1)
        for first, last in ranges:
            word = "TRUNCATED" if last == end else "MISSING"
            self.find(word, f"events {first} to {last}", f"{last - first + 1} are not there", seq=first)
        self.events = max(end - sum(last - first + 1 for first, last in self.spans), 0)

    def event(self, seq: int, kind: Any, row: Any, body: Any, leaf: Any) -> None:
        name = kind.decode("utf-8", "replace") if isinstance(kind, bytes) else ""
        where, before = f"event {seq} ({name if name in KINDS else plain(name)})", self.found
        has_row = name in ROWS or name in SNAPSHOTS
        if name in ROWS and whole(row):
            self.row_event(seq, name, kind, row, leaf, where)
        elif leaf != sha(b"\x00", enc(seq, kind, row, body) if name in SNAPSHOTS else enc(seq, kind, body)):
            self.find("ALTERED", where, "its leaf is not that of what it says", seq=seq)
        if (not whole(row) if has_row else row is not None) or (has_row and (body is None) != (name in ROWS)):
            self.find("ALTERED", where, "has a row or a body where its kind has none, or lacks it", seq=seq)
        elif name in SNAPSHOTS:
            self.snapshots[name][row] = (seq, body)
        elif name not in ROWS:
            try:
                self.told(seq, name, body)
                if name == "restored" and self.found != before:  # its leaf is another's
                    self.believed[seq] = False
            except (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError):
                self.find("ALTERED", where, "its body is not of the shape that the format has", seq=seq)
        self.held += self.found == before

    def row_event(self, seq: int, name: str, kind: Any, row: Any, leaf: Any, where: str) -> None:
        table, names, _ = ROWS[name]
        if row in self.vouched[table]:
            self.find("ALTERED", where, f"{table} {row} has an event already, {self.vouched[table][row]}", seq=seq)
        self.vouched[table][row] = seq
        found = self.db.execute(f'SELECT {_quoted(names)} FROM "{table}" NOT INDEXED WHERE id = ?', (row,)).fetchone()  # noqa: S608 - our own words
        if found is None:
            self.find("MISSING", where, f"its row, {table} {row}, is not there", seq=seq)
        elif leaf != sha(b"\x00", enc(seq, kind, *found)):
            self.find("ALTERED", f"{table} {row}, {where}", "row and leaf do not agree", seq=seq)

    def told(self, seq: int, name: str, text: Any) -> None:
        """Take from a told event what follows from it; raises for a body of another shape."""
        if name not in SHAPES:
            return
        body = shaped(name, text)
        if name == "outcome":
            for outcome in ("delivered", "refused", "failed"):
                for one in self.standing("exchanges", body.get(outcome, [])):
                    self.outcomes.setdefault(one, outcome.encode())
        elif name == "replaced":
            for one in self.standing("verdicts", body["verdicts"]):
                self.replaced[one] = content(body["at"])
        elif name in self.gone:
            rule = str(body["rule"]) if name == "expired" else ""
            latest = latest_by(body["at"], [rule.rpartition(": ")[2]]) if name == "expired" else None
            for table, known in self.gone[name].items():
                named = self.standing(table, body[table])
                known |= dict.fromkeys(named, seq)
                if latest is not None:
                    self.allowed[table] += [(one, latest, rule.rpartition(": ")[0].split()) for one in named]
        elif name in ("tally", "purge"):
            if name == "purge":
                self.sums = Sums()
                if any(len(numbers(pair)) != 2 for pair in body["segments"]):
                    raise ValueError("pairs of numbers were expected")
                last = max((pair[1] for pair in body["segments"]), default=0)
                latest = latest_by(body["at"], body["rule"].split(", "))
                self.purges.append((seq, last, numbers([body["events"]])[0], latest))
            self.sums.add(body)
        elif name == "sealing":
            self.sealing = self.sealing or {key: bytes.fromhex(body[key]) for key in ("public_key", "note_key")}
        elif name == "note-key":
            if not isinstance(body["at"], str):
                raise ValueError("a moment was expected")
            self.note_keys.append((numbers([body["size"]])[0], bytes.fromhex(body["public_key"])))
        elif name == "restored":
            numbers([body["copy"], body["seq"]])
            self.restored.append({"event": seq, "at": str(body["at"]), "copy": body["copy"], "seq": body["seq"]})
        elif name == "adopted":
            count = sum(body["rows"].values())
            were, they = ("rows were", "they were") if count != 1 else ("row was", "it was")
            self.remarks.append(
                f"event {seq} ({plain(body['at'])}): {count} {were} there before the chain, and nobody vouches for"
                f" what {they} until then"
            )
        elif name == "instead":
            self.remarks.append(
                f"event {seq} ({plain(body['at'])}): this ledger took the place of the ledger {plain(body['ledger'])},"
                f" known up to event {body['seq']}, by {plain(body['who'])} ({plain(body['reason'])})"
            )
        elif name == "review" and not all(isinstance(body[key], str) for key in REVIEW):
            raise ValueError("texts were expected")

    def standing(self, table: str, ids: Any) -> list[int]:
        """Of the ids that an event lists, return those whose own event stands before it."""
        return [one for one in numbers(ids) if one in self.vouched[table]]

    # ---- segments

    def check_segments(self) -> None:
        chain, before = self.chain, None
        for one in self.closed:
            number = one["number"]

            def wrong(what: str, number: int = number) -> None:
                self.find("ALTERED", f"segment {number}", what, segment=number)

            if number > (before["number"] if before else 0) + 1:
                self.find(
                    "MISSING", f"segments {(before['number'] if before else 0) + 1} to {number - 1}", "are not there"
                )
                before = None
            elif before is None:
                self.check_first(one, wrong)
            if before:
                self.check_follows(one, before, wrong)
                if one["previous_signature"] != before["signature"]:
                    wrong("previous_signature is not the signature of the one before")
            if one["count"] != one["last_seq"] - one["first_seq"] + 1 or one["count"] < 0:
                wrong("its count is not that of its events")
            if (content(one["closed_at"]) or b"") < (content(one["opened_at"]) or b""):
                wrong("was closed before it was opened")
            if not signed_by(one["public_key"], one["signature"], self.signed(one)):
                wrong("its signature does not hold")
            before = one
        for one in self.purged:
            self.find(
                "PURGED-BY-POLICY",
                f"segment {one['number']}",
                f"its {one['count']} events have gone",
                segment=one["number"],
            )
        if not (self.closed or self.open or self.sealing or chain["segment"]):
            if chain["seq"] or self.read:
                self.find("ALTERED", "chain", "never sealed")
            return
        if self.open is None or not whole(self.open["number"]) or self.open["number"] != chain["segment"]:
            self.find("ALTERED", "open_segment", "is not the one that the chain names")
        if self.open is None or not whole(self.open["number"]):
            return
        number = self.open["number"]

        def wrong_open(what: str) -> None:
            self.find("ALTERED", "open_segment", what, segment=number)

        if number <= self.last:
            wrong_open("its number is that of a closed segment")
        elif number > self.last + 1:
            self.find("MISSING", f"segments {self.last + 1} to {number - 1}", "are not there")
        elif before:
            self.check_follows(self.open, before, wrong_open)
        else:
            self.check_first(self.open, wrong_open)
        first, appends = self.open["first_seq"], chain["appends"]
        if not whole(first) or not whole(appends) or not 0 <= appends <= max(chain["seq"] - first + 1, 0):
            wrong_open("the chain counts more appends than there are events")

    def signed(self, one: dict[str, Any]) -> bytes:
        return b"douane-segment/1\x00" + enc(self.chain["ledger"], *(one[name] for name in columns(SIGNED)))

    def check_first(self, one: dict[str, Any], wrong: Any) -> None:
        if one.get("previous_signature") is not None:
            wrong("the first segment has a signature before it")
        if one["first_seq"] == 1 and one["previous_head"] != self.first_head:
            wrong("previous_head is not the head that the chain begins with")
        if self.sealing and self.sealing["public_key"] != one["public_key"]:
            wrong("public_key is not that of the sealing event")

    def check_follows(self, one: dict[str, Any], before: dict[str, Any], wrong: Any) -> None:
        if one["first_seq"] != before["last_seq"] + 1:
            wrong("does not begin where the one before ends")
        if one["previous_head"] != before["head"]:
            wrong("previous_head is not the head of the one before")
        if one["public_key"] != before["next_public_key"]:
            wrong("public_key is not the one that was named before")

    def check_open_segment(self) -> None:
        chain, one = self.chain, self.open
        if one is None:
            return
        if not self.keys:
            events = max(chain["seq"] - one["first_seq"] + 1, 0) if whole(one["first_seq"]) else 0
            self.unchecked.append(
                f"the MAC of the open segment, for want of the master key: {events} event{'s' * (events != 1)}"
            )
            return
        before, ledger, sealed, opened = self.found, plain(chain["ledger"]), one["sealed"], b""
        bound = enc(chain["ledger"], one["number"], one["opened_at"])
        older = enc(chain["ledger"], one["number"])
        for key, data in ((key, data) for data in (bound, older) for key in self.keys):
            try:
                opened = AESGCM(derive(key, "ledger seal", ledger)).decrypt(sealed[:12], sealed[12:], data)
            except (InvalidTag, TypeError, ValueError):
                continue
            break
        if len(opened) != 64:
            self.find("ALTERED", "open_segment", "does not open with this master key", segment=chain["segment"])
            return
        if Ed25519PrivateKey.from_private_bytes(opened[32:]).public_key().public_bytes_raw() != one["public_key"]:
            self.find("ALTERED", "open_segment", "its keys do not belong together", segment=chain["segment"])
        key = opened[:32]
        appends = chain["appends"] if whole(chain["appends"]) else -1
        if not 0 <= appends <= self.read:
            return  # told with the segments
        for _ in range(appends):
            key = sha(b"\x04", key)
        mac = hmac.digest(key, enc(chain["ledger"], chain["segment"], appends, chain["seq"], chain["head"]), "sha256")
        self.bound = mac == chain["mac"] and self.found == before
        if mac != chain["mac"]:
            self.find(
                "ALTERED",
                "chain",
                "mac does not hold: the open segment was written to without the key",
                segment=chain["segment"],
            )

    # ---- rows

    def check_row_tables(self) -> None:
        held: dict[Any, int] = {}
        for number, of, verdict, replaced in self.rows("verdicts", "id, disclosure_id, verdict, replaced_at"):
            if replaced is None and verdict in HEADLINES:
                held[of] = min(held.get(of, len(HEADLINES) - 1), HEADLINES.index(verdict))
            if replaced != self.replaced.get(number):
                self.altered("verdicts", number, "replaced_at is not what was told")
        for number, headline in self.rows("disclosures", "id, headline"):
            if headline != HEADLINES[held.get(number, len(HEADLINES) - 1)]:
                self.altered("disclosures", number, "headline is not the gravest of its verdicts")
        for number, outcome in self.rows("exchanges", "id, outcome"):
            if outcome != self.outcomes.get(number, b"unknown"):
                self.altered("exchanges", number, "outcome is not what was told")
        for table, _, detail in ROWS.values():
            for (number,) in self.rows(table, "id"):
                if number not in self.vouched[table]:
                    self.altered(table, number, "no event vouches for this row")
            if detail:
                self.check_detail(table, detail)

    def altered(self, table: str, number: Any, what: str) -> None:
        self.find("ALTERED", f"{table} {plain(number)}", what, seq=self.vouched[table].get(number))

    def check_detail(self, table: str, detail: dict[str, bytes | None]) -> None:
        expired, erased = self.gone["expired"][table], self.gone["erased"][table]
        empty = tuple(detail.values())
        for number, nonce, commitment, *values in self.rows(table, ", ".join(["id", "nonce", "commitment", *detail])):
            named = number in expired or number in erased
            if nonce is not None:
                if named:
                    self.altered(table, number, "its detail should have gone, and is there")
                elif (
                    not isinstance(nonce, bytes) or len(nonce) != 16 or commitment != sha(b"\x03", nonce, enc(*values))
                ):
                    self.altered(table, number, "its detail is not the one that was committed to")
            elif not named or tuple(values) != empty:
                self.altered(table, number, "its detail has gone in part, or without an event")
            else:
                word = "PURGED-BY-POLICY" if number in expired else "ERASED"
                event = (expired if number in expired else erased)[number]
                self.find(
                    word,
                    f"{table} {number}",
                    f"its detail has gone (event {event})",
                    seq=self.vouched[table].get(number),
                )

    def check_times(self) -> None:
        """Hold what a purge took, and what expired, to its rule: its moment, and the app and category it is for."""
        known = {one["number"]: one for one in self.closed}
        for seq, number, left, latest in self.purges:
            while number in known:
                closed_at = known[number]["closed_at"]
                if isinstance(closed_at, bytes) and closed_at > latest:
                    self.find("ALTERED", f"event {seq} (purge)", f"took segment {number} before its time", seq=seq)
                    break
                first, last = known[number]["first_seq"], known[number]["last_seq"]
                left -= last - first + 1 if whole(first) and whole(last) else 0
                number -= 1
                if left <= 0:
                    break
        if not any(self.allowed.values()):
            return
        apps = dict(self.rows("apps", "id, name"))
        exchanges = {number: (app, at) for number, app, at in self.rows("exchanges", "id, app_id, inspected_at")}
        data = {
            number: (of, category) for number, of, category in self.rows("disclosures", "id, exchange_id, category")
        }
        for table, expired in self.allowed.items():
            for number, latest, names in expired:
                of, category = data.get(number, (None, None)) if table == "disclosures" else (number, None)
                if of not in exchanges:
                    continue
                app, at = exchanges[of]
                if isinstance(at, bytes) and at > latest:
                    self.altered(table, number, "its detail expired before its time")
                meant = {apps.get(app)}
                if isinstance(category, bytes):
                    parts = category.split(b".")
                    meant |= {b".".join(parts[:many]) for many in range(1, len(parts) + 1)}
                if not {one.encode("utf-8", "replace") for one in names} <= meant:
                    self.altered(table, number, "its detail expired by a rule for another app or category")

    def check_snapshots(self) -> None:
        lists: dict[Any, list[Any]] = {}
        for _, of, what, name in self.rows("declared", OTHERS["declared"], "id"):
            lists.setdefault(of, []).extend((what, name))
        for kind, (table, names) in SNAPSHOTS.items():
            known: dict[Any, tuple[int, Any]] = dict(self.snapshots[kind])
            for row in self.rows(table, names):
                number = row[0]
                if kind == "key":
                    number = row[1] * 1000000 + row[2] if whole(row[1]) and whole(row[2]) else None
                more = lists.pop(number, []) if kind == "declaration" else []
                last = known.pop(number, None)
                if last is None:
                    self.find("ALTERED", f"{table} {plain(number)}", "no event vouches for this row")
                elif last[1] != sha(b"\x02", enc(*row, *more)).hex().encode():
                    self.find("ALTERED", f"{table} {number}", f"is not as event {last[0]} left it", seq=last[0])
            for number, (seq, _) in known.items():
                self.find(
                    "MISSING", f"event {seq} ({kind})", f"its row, {table} {plain(number)}, is not there", seq=seq
                )
        for of in lists:
            self.find("ALTERED", "declared", f"rows of a declaration that is not there, {plain(of)}")

    def check_sums(self) -> None:
        for table, sums, key in (("observations", self.sums.observations, 5), ("field_uses", self.sums.uses, 4)):
            names = ", ".join(columns(OTHERS[table])[1:])
            left = dict(sums)
            for row in self.rows(table, names):
                told = left.pop(row[:key], None)
                values = list(row[key:]) if key == 5 else [row[key], None, row[key + 1]]
                if told != values:
                    self.find("ALTERED", table, "a row is not the sum of what was told")
            if left:
                self.find("ALTERED", table, f"{len(left)} sums that were told are not there")

    # ---- anchors

    def check_anchors(self) -> None:
        ledger, end = self.chain["ledger"], self.chain["seq"]
        heads = {self.chain["seq"]: self.chain["head"]}
        heads |= {one["last_seq"]: one["head"] for one in reversed(self.closed) if one["placed"]}
        by_number = {one["number"]: one for one in self.closed}
        for anchor in self.anchors if ledger is not None else ():
            if anchor.ledger.encode("utf-8", "replace") != ledger:
                self.find("FORKED", anchor.name, "is of another ledger")
            elif anchor.note:
                self.check_note(anchor.name, *anchor.note)
            elif anchor.seq > end or (anchor.segment or 0) > self.last:
                if not self.left(anchor):
                    self.find("TRUNCATED", anchor.name, f"knows event {anchor.seq}, and the chain ends with {end}")
            else:
                head = self.first_head if anchor.seq == 0 else heads.get(anchor.seq, self.heads.get(anchor.seq))
                segment = by_number.get(anchor.segment) if anchor.segment else None
                if head is None:
                    self.unchecked.append(
                        f"{anchor.name}: event {anchor.seq} has gone, or stands in a segment that does not hold"
                    )
                if (head is None or head == anchor.head) and (
                    segment is None or segment["signature"] == anchor.signature
                ):
                    continue
                if not self.left(anchor):
                    self.find("FORKED", anchor.name, f"has another history at event {anchor.seq}", seq=anchor.seq)

    def left(self, anchor: Anchor) -> bool:
        """Tell whether the anchor is of a history that was left when an older copy was restored, and remark it."""
        least = anchor.seq + 1 if anchor.segment else anchor.seq  # an empty segment may have closed where the copy ends
        for one in self.restored:
            if not (one["copy"] < least and anchor.seq <= one["seq"] and anchor.at < one["at"]):
                continue
            if self.is_believed(one):
                self.remarks.append(
                    f"{anchor.name}: event {anchor.seq} of the history that was left for a restored copy"
                )
                return True
            self.unchecked.append(
                f"{anchor.name}: whether the master key's holder wrote event {one['event']}, which gives that history"
                " up, at the time that it says; until then the anchor counts"
            )
        return False

    def is_believed(self, restored: dict[str, Any]) -> bool:
        """Tell whether the key's holder wrote a `restored` event, with a moment that had come when it was signed."""
        seq = restored["event"]
        if seq not in self.believed:
            self.believed[seq] = self.is_shown(restored)
        return self.believed[seq]

    def is_shown(self, restored: dict[str, Any]) -> bool:
        around = next((one for one in self.closed if one["first_seq"] <= restored["event"] <= one["last_seq"]), None)
        latest = datetime.now(UTC)
        if around:
            closed_at = plain(around["closed_at"])
            if not is_of("moment", closed_at):
                return False
            latest = datetime.fromisoformat(closed_at)
        if datetime.fromisoformat(restored["at"]) - latest > timedelta(days=1):
            return False
        place = bisect_right(self.broken, restored["event"] - 1)
        broken = self.broken[place] if place < len(self.broken) else None
        if self.bound and broken is None:
            return True
        if around is None or (broken is not None and broken <= around["last_seq"]):
            return False
        if self.since is None:
            self.since = self.signed_since()
        last: int = around["number"]
        since, known = self.since, {one["number"]: one for one in self.closed}
        return any(
            since.get(last, last + 1) <= (anchor.segment or 0) <= last
            and anchor.seq <= restored["copy"]
            and known[anchor.segment]["signature"] == anchor.signature
            for anchor in self.anchors
            if anchor.segment and not anchor.note and anchor.ledger.encode("utf-8", "replace") == self.chain["ledger"]
        )

    def signed_since(self) -> dict[int, int]:
        """For each signed segment, from which on all are there and signed, by the key that the one before names."""
        since: dict[int, int] = {}
        before: dict[str, Any] = {"number": 0, "next_public_key": None}
        for one in self.closed:
            if signed_by(one["public_key"], one["signature"], self.signed(one)):
                number: int = one["number"]
                follows = before["number"] == number - 1 and before["next_public_key"] == one["public_key"]
                since[number] = since.get(number - 1, number) if follows else number
            before = one
        return since

    def check_note(self, name: str, text: str, size: int, root: bytes, signatures: list[str]) -> None:
        keys = [self.sealing["note_key"]] if self.sealing else []
        for key in [] if keys else self.keys:
            seed = derive(key, "ledger note", plain(self.chain["ledger"]))
            keys.append(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())
        since = max((known for known in self.note_keys if known[0] <= size), key=lambda known: known[0], default=None)
        keys = [since[1]] if since else keys
        origin = text.split("\n", 1)[0]
        if not keys:
            self.unchecked.append(f"{name}: its signature, for want of the note key")
        elif not any(_note_signed(origin, key, text, signatures) for key in keys):
            self.find("FORKED", name, "is not signed by this ledger")
            return
        entries = [
            self.signed(one) + (content(one["signature"]) or b"") for one in self.closed if one["number"] <= size
        ]
        if size > self.last:
            self.find("TRUNCATED", name, f"knows {size} segments, and {self.last} are closed")
        elif len(entries) == size and _root(entries) != root:
            self.find("FORKED", name, f"has another root over {size} segments")


def _or_empty(value: Any) -> bytes:
    return content(value) or b""


def _normal(text: str) -> str:
    """A text of the schema with one space for each run of white space, and without quotes that a name does not need."""
    spaced = SPACED.sub(lambda found: found[1] or found[2] or found[3] or found[4] or " ", text)
    return spaced.replace("( ", "(").replace(" )", ")").replace(" ,", ",").strip()


@cache
def _quoted(names: str) -> str:
    return ", ".join(f'"{name}"' for name in columns(names))


def _same(line: bytes, names: Sequence[str], row: tuple[Any, ...] | None) -> bool:
    """Tell whether a line of JSON has a row's values, each once and in their order; bytes stand in it as hex."""
    try:
        said = json.loads(line, object_pairs_hook=tuple)
    except (ValueError, RecursionError):
        return False
    if row is None or not isinstance(said, tuple) or [one[0] for one in said] != list(names):
        return False
    blobs = columns(TYPES["BLOB"])
    for (name, value), stored in zip(said, row, strict=True):
        if isinstance(stored, bytes):
            if not isinstance(value, str) or content(value) != (stored.hex().encode() if name in blobs else stored):
                return False
        elif type(value) is not type(stored) or value != stored:
            return False
    return True


def _root(entries: Sequence[bytes]) -> bytes:
    """Return the Merkle tree hash of RFC 6962, section 2.1."""
    if len(entries) < 2:
        return sha(b"\x00", entries[0]) if entries else sha()
    half = 1 << (len(entries) - 1).bit_length() - 1
    return sha(b"\x01", _root(entries[:half]), _root(entries[half:]))


def _note_signed(origin: str, key: bytes, text: str, lines: Sequence[str]) -> bool:
    """Tell whether the key signed a note: there is a signature of it, and each that names it holds."""
    named = [(name, base64.b64decode(signature)) for _, name, signature in (line.split(" ", 2) for line in lines)]
    known = sha(origin.encode(), b"\n\x01", key)[:4]
    ours = [raw for name, raw in named if name == origin and raw[:4] == known]
    return bool(ours) and all(signed_by(key, raw[4:], text.encode()) for raw in ours)


# ---- files


def peek(path: Path, size: int, at: int) -> bytes:
    """Read from a file through a descriptor that SQLite has on it, where this process has one.

    POSIX drops all locks that a process has on a file when it closes any descriptor of it, SQLite's too.
    """
    wanted = path.stat()
    numbers = Path("/dev/fd")  # without that folder, closing drops no lock
    for number in [int(one.name) for one in numbers.iterdir()] if numbers.is_dir() else []:
        with suppress(OSError):
            if os.path.samestat(os.fstat(number), wanted):
                return os.pread(number, size, at)
    with path.open("rb") as file:
        file.seek(at)
        return file.read(size)


def leads_inside(folder: Path, name: str) -> bool:
    """Tell whether a manifest's name stays in the folder: it is relative, without `..`, drive and link out of it."""
    if re.match(r"/|[A-Za-z]:", name) or "\\" in name or ".." in name.split("/"):
        return False
    try:
        return (folder / name).resolve().is_relative_to(folder.resolve())
    except (OSError, ValueError):
        return False


def digest_of(path: Path) -> str:
    found, at = hashlib.sha256(), 0
    while piece := peek(path, 1 << 20, at):
        found.update(piece)
        at += len(piece)
    return found.hexdigest()


def read_keys(path: Path) -> list[bytes]:
    """Return the master key in the file, and those that it replaced."""
    text = path.read_text("utf-8", "replace")
    if text.lstrip().startswith("{"):
        raise Unreadable(f"{path}: the key is locked with a passphrase; give a file that holds it unlocked")
    try:
        found = [base64.b64decode(one, validate=True) for one in text.split()]
    except ValueError:
        found = []
    if not found or any(len(one) != 32 for one in found):
        raise Unreadable(f"{path}: a master key is 32 bytes in base64; this is something else")
    return found


def read_anchors(path: Path) -> list[Anchor]:
    """Return what an anchor file says: a checkpoint, or JSON objects, one a line, behind what a log writes."""
    try:
        text = path.read_text("utf-8").removeprefix("\ufeff")
        if "{" not in text:
            return [_checkpoint(str(path), text)]
        *lines, last = text.split("\n")
        found = [_anchor(f"{path}, line {number}", line) for number, line in enumerate(lines, 1) if line.strip()]
        if last.strip():
            with suppress(*([AttributeError, KeyError, RecursionError, TypeError, ValueError] if lines else [])):
                found.append(_anchor(f"{path}, line {len(lines) + 1}", last))  # else it was not written whole
        if found:
            return found
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
        pass
    raise Unreadable(f"{path}: this is neither a checkpoint nor anchors, one JSON object a line")


def _anchor(name: str, line: str) -> Anchor:
    one = json.loads(line[line.index("{") :])
    segment, signature = one.get("segment"), one.get("signature")
    if segment is None:
        signature = ""
    elif not is_of("id", segment) or not re.fullmatch("[0-9a-f]{128}", signature):
        raise ValueError("a closed segment was expected")
    for key, kind in {"seq": "number", "head": "key", "ledger": "text", "at": "text"}.items():
        if not is_of(kind, one[key]):
            raise ValueError("an anchor was expected")
    return Anchor(
        name, one["ledger"], one["seq"], bytes.fromhex(one["head"]), segment, bytes.fromhex(signature), one["at"]
    )


def _checkpoint(name: str, note: str) -> Anchor:
    text, found, rest = note.rpartition("\n\n")
    lines, signatures = text.split("\n"), rest.rstrip("\n").split("\n")
    if not found or len(lines) < 3 or not all(lines) or re.search(r"[\x00-\x09\x0b-\x1f]", note):
        raise ValueError("the lines of a checkpoint were expected")
    if not re.fullmatch("0|[1-9][0-9]{0,19}", lines[1]) or not 1 <= len(signatures) <= 100:
        raise ValueError("a checkpoint was expected")
    for line in signatures:
        dash, of, signature = line.split(" ", 2)
        if dash != "\u2014" or not of or "+" in of or len(base64.b64decode(signature, validate=True)) < 5:
            raise ValueError("a signature was expected")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != 32:
        raise ValueError("a root was expected")
    ledger = lines[0].removeprefix("douane/") if lines[0].startswith("douane/") else f"none of Douane's: {lines[0]}"
    return Anchor(name, ledger, note=(text + "\n", int(lines[1]), root, signatures))


def verify(ledger: Path, key_file: Path | None = None, anchors: Iterable[Path] = ()) -> Check:
    """Check the ledger in one read transaction. Raises `Unreadable` for exit code 2."""
    try:
        keys = read_keys(key_file) if key_file else []
        found = [one for path in anchors for one in read_anchors(path)]
        if not ledger.is_file():
            raise Unreadable(f"{ledger}: {'is no regular file' if ledger.exists() else 'there is no such file'}")
        # without a side file nobody writes: then nothing is made beside the file, which may lie on a read-only disk
        sides = (ledger.with_name(ledger.name + side) for side in ("-wal", "-journal"))
        still = "" if any(side.exists() for side in sides) else "&immutable=1"
        with closing(sqlite3.connect(f"file:{quote(str(ledger.resolve()))}?mode=ro{still}", uri=True)) as db:
            db.isolation_level = None
            db.execute("PRAGMA trusted_schema = OFF")
            db.execute("PRAGMA query_only = ON")
            db.execute("BEGIN")
            check = Check(db, keys, found)
            check.run()
            check.look_at_bytes(ledger)
            if ledger.name == "ledger.db" and any((ledger.parent / one).exists() for one in EXPORTED):
                check.look_at_export(ledger.parent)
                if (ledger.parent / "tables").is_dir():
                    check.look_at_lines(ledger.parent / "tables")
            return check
    except OSError as error:
        raise Unreadable(f"{error.filename}: cannot be read ({error.strerror})") from None
    except (
        sqlite3.Error,
        MemoryError,
        OverflowError,
        UnicodeDecodeError,
    ) as error:  # the last: of a broken file's message
        raise Unreadable(f"{ledger}: cannot be read as a ledger ({plain(error)})") from None
    except (ArithmeticError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise Unreadable(f"{ledger}: holds what no ledger holds ({type(error).__name__})") from None


def as_json(check: Check) -> str:
    said = {
        "word": check.word,
        "ledger": plain(check.chain["ledger"]),
        "segments": {"hold": check.segments_held, "of": check.segments},
        "events": {"hold": check.held, "of": check.events},
        "words": {word: check.counts[word] for word in WORDS if check.counts[word]},
        "findings": [vars(one) for one in check.findings],
        "unchecked": check.unchecked,
        "remarks": check.remarks,
    }
    return json.dumps(said, indent=2)


def as_text(check: Check) -> str:
    lines = [
        check.word,
        f"ledger {plain(check.chain['ledger'])}: {check.segments_held:,}/{check.segments:,} segments,"
        f" {check.held:,}/{check.events:,} events",
    ]
    for one in check.findings:
        place = "" if one.segment is None else f"segment {one.segment}, "
        lines.append(f"  {one.word}: {place}{one.where}: {one.what}")
    more = check.found - len(check.findings)
    lines += [f"  and {more:,} more"] if more else []
    lines += [f"  not checked: {one}" for one in check.unchecked] + [f"  told: {one}" for one in check.remarks]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Verifies a Douane ledger from its written format.")
    parser.add_argument("ledger", type=Path, metavar="LEDGER")
    parser.add_argument(
        "--key-file", type=Path, help="the master key; without it the open segment is not wholly checked"
    )
    parser.add_argument(
        "--anchor", type=Path, action="append", default=[], help="a checkpoint, or anchors as JSON lines"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(arguments)
    try:
        check = verify(given.ledger, given.key_file, given.anchor)
    except Unreadable as error:
        sys.stderr.write(f"verify_ledger.py: {error}\n")
        return 2
    sys.stdout.write((as_json(check) if given.json else as_text(check)) + "\n")
    return 0 if check.word in HOLDING else 1


if __name__ == "__main__":
    sys.exit(main())
