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
# One text for all that tells a datum apart, as in `ledger.equal`: a string each would take longer than all else.
DISCLOSURES: Final = """SELECT d.exchange_id, d.category || char(31) || d.flags || char(31) || d.headline || char(31) ||
    CASE WHEN d.headline IN ('omitted', 'incorrect', 'prohibited') THEN
        (SELECT coalesce(max(v.source = 'schema') + 2 * max(v.source = 'declaration') + 4 * max(v.source = 'policy')
            + 8 * max(v.source = 'connection') + 16 * max(v.verdict = 'incorrect'), 0) FROM verdicts v
          WHERE v.disclosure_id = d.id AND v.verdict IN ('omitted', 'incorrect') AND v.replaced_at IS NULL)
    ELSE 0 END || char(31) || d.pointer FROM disclosures d WHERE d.exchange_id BETWEEN ? AND ? ORDER BY d.exchange_id"""
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


@dataclass(slots=True)
class _Alike:
    """Messages of one app, tool, method, direction and outcome on one day, and what was found in them by its text."""

    app: int
    tool: str
    method: str
    direction: str
    outcome: str
    day: str
    data: dict[str, Counting] = field(default_factory=dict[str, Counting])


def count_exchanges(db: sqlite3.Connection, first: int, last: int) -> BlockCounts:
    """Count the exchanges from one id to another with all that was found in them."""
    out = BlockCounts()
    groups: dict[tuple[int, str, str, str, str, str], _Alike] = {}
    known: dict[int, tuple[_Alike, str, float | None]] = {}
    for number, app, at, way, kind, outcome, tool, method, ms, own, egress in db.execute(EXCHANGES, (first, last)):
        out.first_at = min(out.first_at or at, at)
        out.last_at = max(out.last_at, at)
        if own or egress:
            if own:
                _add(out.apart, ApartKey(app, "own"), number)
            if egress:
                _add(out.apart, ApartKey(app, "egress"), number)
            continue
        key = (app, tool, method, way, outcome, at[:10])
        group = groups.get(key)
        if group is None:
            group = groups[key] = _Alike(*key)
        known[number] = (group, kind, ms)
    carrying: set[int] = set()
    for number, text in db.execute(DISCLOSURES, (first, last)):
        found = known.get(number)
        if found is None:
            continue
        carrying.add(number)
        data = found[0].data
        one = data.get(text)
        if one is None:
            data[text] = Counting(1, number, number)
        else:
            one.count += 1
            one.last = number
    for number, (group, kind, ms) in known.items():
        app, tool, way, outcome = group.app, group.tool, group.direction, group.outcome
        _add(out.messages, MessageKey(app, tool, group.method, way, kind, outcome, number in carrying), number)
        if outcome == "delivered":
            _add(out.days, DayKey(app, group.day, way, "messages"), number)
        if ms is not None:
            _add(out.latencies, LatencyKey(app, tool, printed(ms)), number)
    for group in groups.values():
        _count_data(group, out)
    return out


def _count_data(group: _Alike, out: BlockCounts) -> None:
    """Count what was found in messages that are alike."""
    context = (group.app, group.tool, group.method, group.direction, group.outcome)
    for text, one in group.data.items():
        key = _field_key(*context, text)
        if key is None:
            continue
        _sum(out.fields, key, one)
        if group.outcome == "delivered":
            for what, counts in (
                ("disclosures", True),
                ("undeclared", bool(key.left_out & LEFT_OUT)),
                ("special", '"art9"' in key.flags),
                ("prohibited", key.headline == "prohibited"),
            ):
                if counts:
                    _sum(out.days, DayKey(group.app, group.day, group.direction, what), one)


@lru_cache(maxsize=65536)
def _field_key(app: int, tool: str, method: str, way: str, outcome: str, text: str) -> FieldKey | None:
    """The key of a datum, None for one that an exercise planted."""
    category, flags, headline, left_out, pointer = text.split("\x1f", 4)
    if is_planted(pointer, _WAYS[way]):
        return None
    return FieldKey(app, tool, method, way, outcome, category, flags, headline, int(left_out), place(pointer))


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
