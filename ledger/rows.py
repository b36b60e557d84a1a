"""Judged exchanges to rows of the ledger's tables: statements and their values. Pure module: no I/O."""

import json
from collections.abc import Iterable
from functools import lru_cache

from douane.audit.exchange import Disclosure, Exchange, Label, Source
from douane.audit.message import Gap
from douane.ledger.times import iso

INSERT_EXCHANGE = """INSERT INTO exchanges (record_id, part, app_id, tool_id, tool, at, direction, kind, method,
    protocol, transport, session, flow, rpc, answers_id, size, fields, duration_ms, http_status, outcome, own_traffic,
    redelivery, salt, taxonomy, inspected_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_DISCLOSURE = """INSERT INTO disclosures (id, exchange_id, category, flags, pointer, reached, detector,
    confidence, evidence, length, pseudonym, key_id, preview, also, headline)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
INSERT_VERDICT = """INSERT INTO verdicts (disclosure_id, source, verdict, score, reason, declaration_id, judged_at)
    VALUES (?, ?, ?, ?, ?, ?, ?)"""
INSERT_GAP = """INSERT INTO gaps (record_id, part, exchange_id, app_id, at, code, place, detail, size, count)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (record_id, part, code, place, detail) DO NOTHING"""
_NAME_CHARACTERS = 256


def exchange_row(
    exchange: Exchange,
    *,
    app_id: int,
    tool_id: int | None,
    answers_id: int | None,
    salt: bytes,
    taxonomy: str,
    now: str,
) -> tuple[object, ...]:
    """Return the values of `INSERT_EXCHANGE`."""
    return (
        exchange.record_id, exchange.part, app_id, tool_id, bounded(exchange.tool), iso(exchange.at),
        exchange.direction.value, exchange.kind.value, bounded(exchange.method), clean(exchange.protocol),
        clean(exchange.transport), clean(exchange.session), clean(exchange.flow), clean(exchange.rpc), answers_id,
        exchange.size, exchange.fields, exchange.duration_ms, exchange.http_status, exchange.outcome.value,
        exchange.own_traffic, exchange.redelivery, salt or None, taxonomy, now,
    )  # fmt: skip


def disclosure_rows(
    disclosures: Iterable[Disclosure], *, first_id: int, exchange_id: int, declaration_id: int | None, now: str
) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """Return the values of `INSERT_DISCLOSURE`, numbered from `first_id`, and those of `INSERT_VERDICT`.

    On every message's way: hence `_value_` (`value` is a property in Python) and the tests for ASCII in place.
    """
    rows: list[tuple[object, ...]] = []
    verdicts: list[tuple[object, ...]] = []
    for disclosure_id, one in enumerate(disclosures, first_id):
        pointer, evidence, pseudonym = one.pointer, one.evidence, one.pseudonym
        rows.append(
            (
                disclosure_id, exchange_id, one.category, listed(one.flags),
                pointer if pointer.isascii() else clean(pointer), clean(one.reached) if one.reached else "",
                one.detector, one.score, evidence if evidence.isascii() else clean(evidence), one.length,
                pseudonym and pseudonym.digest, pseudonym and pseudonym.key_id, one.preview and clean(one.preview),
                listed(one.also) if one.also else "[]", one.headline._value_,
            )
        )  # fmt: skip
        for verdict in one.verdicts:
            source, label, reason = verdict.source, verdict.label, verdict.reason
            against = source is Source.DECLARATION and label is not Label.GAP
            verdicts.append(
                (
                    disclosure_id, source._value_, label._value_, verdict.score,
                    reason if reason.isascii() else clean(reason), declaration_id if against else None, now,
                )
            )  # fmt: skip
    return rows, verdicts


def clean(text: str) -> str:
    """Return text that SQLite can store: lone surrogates, which JSON can carry, become U+FFFD."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def bounded(text: str | None) -> str | None:
    """Return a name that crossed, bounded: a peer chooses how long it is."""
    return None if text is None else clean(text[:_NAME_CHARACTERS])


@lru_cache(maxsize=1024)
def listed(words: tuple[str, ...]) -> str:
    return json.dumps(words)


def gap_row(gap: Gap) -> tuple[str, str, str, int | None, int]:
    return (gap.code, clean(gap.place), clean(gap.detail), gap.size, gap.count)


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
