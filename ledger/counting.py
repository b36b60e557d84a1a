"""What stands in a block of a ledger's rows, counted: messages, data, days, response times, gaps and other passages.

Read-only. The figures are those of `ledger.report_query`: Douane's own traffic and what apps send out themselves are
apart, what an exercise planted is in none.
"""

import re
import sqlite3
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final, NamedTuple

from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.ledger.cube import Counting

BITS: Final = {"schema": 1, "declaration": 2, "policy": 4, "connection": 8}
"""Which source leaves a datum out or denies it, as bits."""
LEFT_OUT: Final = 15
DENIED: Final = 16
"""The bit of a datum that one of them denies."""
_INDEX: Final = re.compile(r"(?<=/)[0-9]+(?=/|$)")


class MessageKey(NamedTuple):
    """Equal messages; `carrying` says whether something was found in them. Tool and method are empty where none."""

    app: int
    tool: str
    method: str
    direction: str
    kind: str
    outcome: str
    carrying: bool


class FieldKey(NamedTuple):
    """Equal data; `pointer` has `*` for indices, `left_out` the bits of `BITS` and `DENIED`, `flags` is JSON."""

    app: int
    tool: str
    method: str
    direction: str
    outcome: str
    category: str
    flags: str
    headline: str
    left_out: int
    pointer: str


class DayKey(NamedTuple):
    """What was delivered on a day (UTC, `2026-11-22`): messages, disclosures, undeclared, special or prohibited."""

    app: int
    day: str
    direction: str
    what: str


class LatencyKey(NamedTuple):
    """Answers of a tool after so many milliseconds, rounded as they are printed."""

    app: int
    tool: str
    ms: float


class ApartKey(NamedTuple):
    """Messages that are in no other figure: `own`, Douane's own, or `egress`, sent out by the app itself."""

    app: int
    what: str


class GapKey(NamedTuple):
    """Gaps of one app, tool (empty where none) and code, on one day."""

    app: int
    tool: str
    code: str
    day: str


class PassageKey(NamedTuple):
    """What passed and was not MCP; `failed` says whether the status was 400 or above."""

    app: int
    host: str
    path_class: str
    failed: bool


@dataclass(slots=True)
class BlockCounts:
    """What one block of exchanges holds, and the first and last moment in it."""

    messages: dict[MessageKey, Counting] = field(default_factory=dict[MessageKey, Counting])
    fields: dict[FieldKey, Counting] = field(default_factory=dict[FieldKey, Counting])
    days: dict[DayKey, Counting] = field(default_factory=dict[DayKey, Counting])
    latencies: dict[LatencyKey, Counting] = field(default_factory=dict[LatencyKey, Counting])
    apart: dict[ApartKey, Counting] = field(default_factory=dict[ApartKey, Counting])
    first_at: str = ""
    last_at: str = ""


EXCHANGES: Final = """SELECT id, app_id, at, direction, kind, outcome, coalesce(tool, ''), coalesce(method, ''),
    duration_ms, own_traffic, route = 'egress' FROM exchanges WHERE id BETWEEN ? AND ?"""
DISCLOSURES: Final = """SELECT d.exchange_id, d.category, d.flags, d.headline, d.pointer,
    CASE WHEN d.headline IN ('omitted', 'incorrect', 'prohibited') THEN
        (SELECT coalesce(max(v.source = 'schema') + 2 * max(v.source = 'declaration') + 4 * max(v.source = 'policy')
            + 8 * max(v.source = 'connection') + 16 * max(v.verdict = 'incorrect'), 0) FROM verdicts v
          WHERE v.disclosure_id = d.id AND v.verdict IN ('omitted', 'incorrect') AND v.replaced_at IS NULL)
    ELSE 0 END FROM disclosures d WHERE d.exchange_id BETWEEN ? AND ?"""
GAPS: Final = """SELECT g.id, g.app_id, coalesce(e.tool, ''), g.code, substr(g.at, 1, 10), g.count
    FROM gaps g LEFT JOIN exchanges e ON e.id = g.exchange_id
    WHERE g.id BETWEEN ? AND ? AND g.route <> 'egress' AND coalesce(e.own_traffic, 0) = 0"""
PASSAGES: Final = """SELECT id, app_id, host, path_class, coalesce(status, 0) >= 400 FROM passages
    WHERE id BETWEEN ? AND ? AND route <> 'egress'"""


@lru_cache(maxsize=65536)
def place(pointer: str) -> str:
    """A pointer with `*` for each index: the items of a list are one place."""
    return _INDEX.sub("*", pointer)


def printed(ms: float) -> float:
    """A duration as reports print it: to 0.1 below 10 ms, to 1 below a second, to 10 above."""
    return round(ms, 1) if ms < 10 else float(round(ms)) if ms < 1000 else round(ms, -1)


type _Context = tuple[int, str, str, str, str, str]


def count_exchanges(db: sqlite3.Connection, first: int, last: int) -> BlockCounts:
    """Count the exchanges from one id to another with all that was found in them."""
    out = BlockCounts()
    span = (first, last)
    contexts: dict[int, _Context] = {}
    rest: dict[int, tuple[str, float | None]] = {}
    for number, app, at, way, kind, outcome, tool, method, ms, own, egress in db.execute(EXCHANGES, span):
        out.first_at = min(out.first_at or at, at)
        out.last_at = max(out.last_at, at)
        if own or egress:
            if own:
                _add(out.apart, ApartKey(app, "own"), number)
            if egress:
                _add(out.apart, ApartKey(app, "egress"), number)
            continue
        contexts[number] = (app, tool, method, way, outcome, at[:10])
        rest[number] = (kind, ms)
    carrying = _count_data(db, span, contexts, out)
    for number, (app, tool, method, way, outcome, day) in contexts.items():
        kind, ms = rest[number]
        _add(out.messages, MessageKey(app, tool, method, way, kind, outcome, number in carrying), number)
        if outcome == "delivered":
            _add(out.days, DayKey(app, day, way, "messages"), number)
        if ms is not None:
            _add(out.latencies, LatencyKey(app, tool, printed(ms)), number)
    return out


def _count_data(
    db: sqlite3.Connection, span: tuple[int, int], contexts: dict[int, _Context], out: BlockCounts
) -> set[int]:
    """Count what was found in these messages; return those in which something was."""
    carrying: set[int] = set()
    groups: dict[tuple[_Context, str, str, str, int, str], Counting] = {}
    for number, category, flags, headline, pointer, left_out in db.execute(DISCLOSURES, span):
        context = contexts.get(number)
        if context is None:
            continue
        carrying.add(number)
        key = (context, category, flags, headline, left_out, pointer)
        known = groups.get(key)
        if known is None:
            groups[key] = Counting(1, number, number)
        else:
            known.count += 1
            known.first = min(known.first, number)
            known.last = max(known.last, number)
    for (context, category, flags, headline, left_out, pointer), one in groups.items():
        app, tool, method, way, outcome, day = context
        if is_planted(pointer, _WAYS[way]):
            continue
        _sum(
            out.fields,
            FieldKey(app, tool, method, way, outcome, category, flags, headline, left_out, place(pointer)),
            one,
        )
        if outcome == "delivered":
            for what, counts in (
                ("disclosures", True),
                ("undeclared", bool(left_out & LEFT_OUT)),
                ("special", '"art9"' in flags),
                ("prohibited", headline == "prohibited"),
            ):
                if counts:
                    _sum(out.days, DayKey(app, day, way, what), one)
    return carrying


def count_gaps(db: sqlite3.Connection, first: int, last: int) -> dict[GapKey, Counting]:
    """Count the gaps from one id to another, each as often as it says."""
    out: dict[GapKey, Counting] = {}
    for number, app, tool, code, day, times in db.execute(GAPS, (first, last)):
        _add(out, GapKey(app, tool, code, day), number, times)
    return out


def count_passages(db: sqlite3.Connection, first: int, last: int) -> dict[PassageKey, Counting]:
    """Count the passages from one id to another."""
    out: dict[PassageKey, Counting] = {}
    for number, app, host, path_class, failed in db.execute(PASSAGES, (first, last)):
        _add(out, PassageKey(app, host, path_class, bool(failed)), number)
    return out


def _add[K](found: dict[K, Counting], key: K, number: int, times: int = 1) -> None:
    _sum(found, key, Counting(times, number, number))


def _sum[K](found: dict[K, Counting], key: K, one: Counting) -> None:
    known = found.get(key)
    if known is None:
        found[key] = Counting(one.count, one.first, one.last)
    else:
        known.count += one.count
        known.first = min(known.first, one.first)
        known.last = max(known.last, one.last)


_WAYS = {one.value: one for one in Direction}
