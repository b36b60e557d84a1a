"""Judged exchanges to rows of the ledger's tables: statements and their values. Pure module: no I/O."""

import json
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final, overload

from douane.audit.exchange import Disclosure, Exchange, Label, Source
from douane.audit.keys import HIDDEN, is_tool_name
from douane.audit.message import Gap
from douane.ledger.canonical import NONCE_BYTES, commitment
from douane.ledger.times import iso

INSERT_EXCHANGE = """INSERT OR ABORT INTO exchanges (record_id, part, app_id, tool_id, tool, at, direction, kind,
    method, protocol, transport, session, flow, rpc, answers_id, size, fields, duration_ms, http_status, outcome,
    own_traffic, redelivery, salt, taxonomy, inspected_at, route, host, nonce, commitment)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_DISCLOSURE = """INSERT OR ABORT INTO disclosures (id, exchange_id, category, flags, pointer, reached, detector,
    confidence, evidence, length, pseudonym, key_id, preview, also, headline, nonce, commitment)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_VERDICT = """INSERT OR ABORT INTO verdicts
    (disclosure_id, source, verdict, score, reason, statements, declaration_id, judged_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_GAP = """INSERT OR ABORT INTO gaps (record_id, part, exchange_id, app_id, at, route, code, place, detail,
    size, count) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (record_id, part, code, place, detail) DO NOTHING"""
_DECLARED: Final = (Source.DECLARATION, Source.POLICY, Source.CONNECTION)
_NAME_CHARACTERS = 256
_MOST: Final = 2**63 - 1  # what SQLite's integers hold
_LARGEST: Final = 1e300  # a duration beyond is none


def exchange_row(
    exchange: Exchange,
    *,
    app_id: int,
    tool_id: int | None,
    answers_id: int | None,
    salt: bytes,
    taxonomy: str,
    now: str,
    nonce: bytes,
) -> tuple[object, ...]:
    """Return the values of `INSERT_EXCHANGE`. `nonce` is random: what may go of the exchange is committed with it."""
    detail = (clean(exchange.session), clean(exchange.rpc), salt or None)
    return (
        clean(exchange.record_id), numbered(exchange.part), app_id, tool_id, tool_name(exchange.tool), iso(exchange.at),
        exchange.direction.value, exchange.kind.value, bounded(exchange.method), clean(exchange.protocol),
        clean(exchange.transport), clean(exchange.session), clean(exchange.flow), clean(exchange.rpc), answers_id,
        counted(exchange.size), counted(exchange.fields), _duration(exchange.duration_ms),
        status_of(exchange.http_status), exchange.outcome.value, exchange.own_traffic, exchange.redelivery,
        salt or None, taxonomy, now, exchange.route, clean(exchange.host), nonce, commitment(nonce, detail),
    )  # fmt: skip


def disclosure_rows(
    disclosures: Sequence[Disclosure],
    *,
    first_id: int,
    exchange_id: int,
    declaration_id: int | None,
    now: str,
    nonces: bytes,
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the values of `INSERT_DISCLOSURE`, numbered from `first_id`, and those of `INSERT_VERDICT`.

    `nonces` are 16 random bytes for each disclosure, with which what may go of it is committed.

    On every message's way: hence `_value_` (`value` is a property in Python) and the tests for ASCII in place.
    """
    rows: list[tuple[object, ...]] = []
    verdicts: list[tuple[object, ...]] = []
    for index, one in enumerate(disclosures):
        disclosure_id = first_id + index
        pointer, evidence, pseudonym = one.pointer, one.evidence, one.pseudonym
        nonce = nonces[index * NONCE_BYTES : (index + 1) * NONCE_BYTES]
        digest, key_id = (None, None) if pseudonym is None else (pseudonym.digest, pseudonym.key_id)
        detail = (digest, key_id, one.preview and clean(one.preview), clean(one.length))
        rows.append(
            (
                disclosure_id, exchange_id, clean(one.category), listed(one.flags),
                pointer if pointer.isascii() else clean(pointer), clean(one.reached) if one.reached else "",
                clean(one.detector), _share(one.score), evidence if evidence.isascii() else clean(evidence),
                detail[3], *detail[:3], listed(one.also) if one.also else "[]", one.headline._value_,
                nonce, commitment(nonce, detail),
            )
        )  # fmt: skip
        for verdict in one.verdicts:
            source, label, reason = verdict.source, verdict.label, verdict.reason
            against = source in _DECLARED and label is not Label.GAP
            verdicts.append(
                (
                    disclosure_id, source._value_, label._value_,
                    None if verdict.score is None else _share(verdict.score),
                    reason if reason.isascii() else clean(reason),
                    listed(verdict.statements) if verdict.statements else "[]",
                    declaration_id if against else None, now,
                )
            )  # fmt: skip
    return rows, verdicts


def clean(text: str) -> str:
    """Return text that SQLite can store: lone surrogates, which JSON can carry, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def numbered(value: int) -> int:
    """Return a number that SQLite can store: the nearest one."""
    return min(max(value, -_MOST), _MOST)


def counted(value: int) -> int:
    """Return a number of bytes or things that SQLite can store: the nearest one from 0 up."""
    return value if 0 <= value <= _MOST else numbered(max(value, 0))


def status_of(value: int | None) -> int | None:
    """Return an HTTP status, None for a number that cannot be one: a peer chooses it."""
    return value if value is not None and 0 <= value <= 999 else None


def _duration(value: float | None) -> float | None:
    return float(value) if value is not None and -_LARGEST <= value <= _LARGEST else None


def _share(value: float) -> float:
    """Return the nearest number from 0 to 1; 0 for what is no number."""
    return float(value) if 0 <= value <= 1 else float(value > 1)


def bounded(text: str | None) -> str | None:
    """Return a name that crossed, bounded: a peer chooses how long it is."""
    return None if text is None else clean(text[:_NAME_CHARACTERS])


@overload
def tool_name(name: str) -> str: ...
@overload
def tool_name(name: None) -> None: ...
def tool_name(name: str | None) -> str | None:
    """Return a tool's name as the ledger keeps it: `{key}` for one that may be a datum."""
    return name if name is None or is_tool_name(name) else HIDDEN


@lru_cache(maxsize=1024)
def listed(words: tuple[str, ...]) -> str:
    return json.dumps(words)


def gap_row(gap: Gap) -> tuple[str, str, str, int | None, int]:
    """Return the last values of `INSERT_GAP`."""
    size = None if gap.size is None else counted(gap.size)
    return (clean(gap.code), clean(gap.place), clean(gap.detail), size, max(counted(gap.count), 1))


def summed(gaps: tuple[Gap, ...]) -> Iterable[Gap]:
    """Sum equal gaps up, so that one message's gaps have one row for each code, place and detail."""
    if len(gaps) == 1:
        return gaps
    sums: dict[tuple[str, str, str], Gap] = {}
    for gap in gaps:
        key = (gap.code, gap.place, gap.detail)
        known = sums.get(key)
        if known is not None:
            size = gap.size if known.size is None else known.size + (gap.size or 0)
            gap = Gap(gap.code, gap.place, gap.detail, size, known.count + gap.count)
        sums[key] = gap
    return sums.values()
