"""Rows of a ledger, a page at a time, newest first: exchanges, disclosures, gaps and what the chain tells. Read-only.

Blocks of rows that cannot hold what is asked for are passed over by what `Tallies` counted, and the others are read by
their row numbers: no question walks a table. A page begins before the id that the last one ended with, so that rows
which come meanwhile move nothing.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import islice
from typing import Any, Final

from douane.audit.message import Direction
from douane.audit.planted import is_planted
from douane.ledger.capped import REST
from douane.ledger.counted import Counted, flags_of
from douane.ledger.counting import LEFT_OUT, place
from douane.ledger.cube import Frozen

TOLD: Final = (
    "access",
    "adopted",
    "clock",
    "epoch",
    "erased",
    "expired",
    "instead",
    "note-key",
    "purge",
    "refused",
    "restored",
    "review",
    "sealing",
    "start",
    "unanchored",
)
"""Events that a person reads; `outcome`, `replaced` and `tally` are of no interest by themselves."""


@dataclass(frozen=True, slots=True)
class Where:
    """Which rows: all that is not None has to hold. Of exchanges, those that hold such a disclosure.

    `tool` "" is for messages that name none. `pointer` has `*` for indices. `undeclared` rows are left out or denied by
    a source. Times are as the ledger writes them; `at >= since`, `at < until`.
    """

    app: int | None = None
    tool: str | None = None
    method: str | None = None
    direction: str | None = None
    outcome: str | None = None
    pointer: str | None = None
    category: str | None = None
    headline: str | None = None
    undeclared: bool | None = None
    since: str | None = None
    until: str | None = None

    @property
    def of_data(self) -> bool:
        """Whether something is asked that only a disclosure can answer."""
        return any(one is not None for one in (self.pointer, self.category, self.headline, self.undeclared))


@dataclass(frozen=True, slots=True)
class Crossed:
    """One exchange. `categories` are those that were found in it, with the headline of each, in their order."""

    id: int
    at: str
    app: int
    direction: str
    kind: str
    method: str
    tool: str
    outcome: str
    size: int
    duration_ms: float | None
    http_status: int | None
    disclosures: int
    categories: tuple[tuple[str, str], ...]
    gaps: int


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One disclosure; `pointer` as it stands in the ledger. Nothing of its value, nor its pseudonym."""

    id: int
    exchange: int
    at: str
    app: int
    direction: str
    method: str
    tool: str
    outcome: str
    category: str
    flags: tuple[str, ...]
    pointer: str
    reached: str
    detector: str
    confidence: float
    headline: str


@dataclass(frozen=True, slots=True)
class NotInspected:
    """One gap; `exchange` is 0 where it belongs to none. `size` in bytes, None where not known."""

    id: int
    exchange: int
    at: str
    app: int
    tool: str
    code: str
    place: str
    detail: str
    size: int | None
    count: int


@dataclass(frozen=True, slots=True)
class Told:
    """One event that the chain tells, with its body."""

    seq: int
    kind: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Page[T]:
    """Rows, newest first. `before` is where the next page begins, None at the end."""

    rows: tuple[T, ...]
    before: int | None


_LOOKED_AT: Final = """(:app IS NULL OR e.app_id = :app) AND (:tool IS NULL OR coalesce(e.tool, '') = :tool)
    AND (:method IS NULL OR coalesce(e.method, '') = :method) AND (:direction IS NULL OR e.direction = :direction)
    AND (:outcome IS NULL OR e.outcome = :outcome) AND (:since IS NULL OR e.at >= :since)
    AND (:until IS NULL OR e.at < :until) AND e.own_traffic = 0 AND e.route <> 'egress'"""
_HOLDS: Final = """(:category IS NULL OR d.category = :category) AND (:headline IS NULL OR d.headline = :headline)
    AND (:undeclared IS NULL OR :undeclared = EXISTS (SELECT 1 FROM verdicts v WHERE v.disclosure_id = d.id
        AND v.source <> 'platform' AND v.verdict IN ('omitted', 'incorrect') AND v.replaced_at IS NULL))"""
EXCHANGES: Final = f"""SELECT e.id, e.at, e.app_id, e.direction, e.kind, coalesce(e.method, ''), coalesce(e.tool, ''),
    e.outcome, e.size, e.duration_ms, e.http_status FROM exchanges e
    WHERE e.id BETWEEN :first AND :last AND {_LOOKED_AT} ORDER BY e.id DESC"""  # noqa: S608 - our own words
DISCLOSURES: Final = f"""SELECT d.id, e.id, e.at, e.app_id, e.direction, coalesce(e.method, ''), coalesce(e.tool, ''),
    e.outcome, d.category, d.flags, d.pointer, d.reached, d.detector, d.confidence, d.headline
    FROM exchanges e CROSS JOIN disclosures d ON d.exchange_id = e.id
    WHERE e.id BETWEEN :first AND :last AND d.id < :before AND {_LOOKED_AT} AND {_HOLDS}
    ORDER BY e.id DESC, d.id DESC"""  # noqa: S608 - our own words
FOUND_IN: Final = """SELECT d.exchange_id, d.category, d.headline FROM json_each(?) n
    CROSS JOIN disclosures d ON d.exchange_id = n.value ORDER BY d.id"""
GAPS_OF: Final = """SELECT g.exchange_id, sum(g.count) FROM json_each(?) n CROSS JOIN gaps g ON g.exchange_id = n.value
    GROUP BY g.exchange_id"""
GAPS: Final = """SELECT g.id, coalesce(g.exchange_id, 0), g.at, g.app_id, coalesce(e.tool, ''), g.code, g.place,
    g.detail, g.size, g.count FROM gaps g LEFT JOIN exchanges e ON e.id = g.exchange_id
    WHERE g.id BETWEEN :first AND :last AND g.route <> 'egress' AND coalesce(e.own_traffic, 0) = 0
      AND (:app IS NULL OR g.app_id = :app) AND (:tool IS NULL OR coalesce(e.tool, '') = :tool) ORDER BY g.id DESC"""
EVENTS: Final = "SELECT seq, kind, body FROM events WHERE kind = ? AND row IS NULL AND seq < ? ORDER BY seq DESC"
ENDS: Final = "SELECT e.id, e.at FROM json_each(?) n CROSS JOIN exchanges e ON e.id = n.value"
_MOST: Final = 2**63 - 1


def exchanges(
    db: sqlite3.Connection, counted: Counted, where: Where, *, before: int | None = None, most: int = 50
) -> Page[Crossed]:
    """Exchanges before an id, at most so many. Douane's own and what apps send out themselves are in no page."""
    if where.of_data:
        ids = _distinct(one.exchange for one in _disclosed(db, counted, where, before, None))
        return _page(_crossed(db, list(islice(ids, most + 1))), most, lambda one: one.id)
    wanted = frozenset(
        number
        for number, key, _ in counted.messages.items()
        if _fits(where.app, key.app)
        and _fits(where.tool, key.tool)
        and _fits(where.method, key.method)
        and _fits(where.direction, key.direction)
        and _fits(where.outcome, key.outcome)
    )
    found: list[tuple[Any, ...]] = []
    for first, last in _spans(counted, counted.messages, wanted, before, where):
        values = {**bound(where), "first": first, "last": last}
        found += islice(db.execute(EXCHANGES, values), most + 1 - len(found))
        if len(found) > most:
            break
    return _page(_described(db, found), most, lambda one: one.id)


def exchange(db: sqlite3.Connection, number: int) -> Crossed | None:
    """One exchange by its id, None where it is not in the ledger, is Douane's own or was sent out by an app."""
    rows = _crossed(db, [number])
    return rows[0] if rows else None


def disclosures(
    db: sqlite3.Connection, counted: Counted, where: Where, *, before: int | None = None, most: int = 50
) -> Page[Disclosed]:
    """Disclosures before a disclosure's id, at most so many, those of the newest exchange first."""
    above = None
    if before is not None:
        row = db.execute("SELECT exchange_id FROM disclosures WHERE id = ?", (before,)).fetchone()
        above = row[0] + 1 if row is not None else None
    return _page(list(islice(_disclosed(db, counted, where, above, before), most + 1)), most, lambda one: one.id)


def disclosures_in(db: sqlite3.Connection, number: int) -> tuple[Disclosed, ...]:
    """All that was found in one exchange, in the order in which it was found."""
    values = {**bound(Where()), "first": number, "last": number, "before": _MOST}
    return tuple(_one(row) for row in reversed(db.execute(DISCLOSURES, values).fetchall()))


def gaps(
    db: sqlite3.Connection,
    counted: Counted,
    *,
    app: int | None = None,
    tool: str | None = None,
    codes: Sequence[str] | None = None,
    before: int | None = None,
    most: int = 50,
) -> Page[NotInspected]:
    """Gaps before an id, at most so many; `codes` are those that are wanted, all without."""
    wanted = frozenset(
        number
        for number, key, _ in counted.gaps.items()
        if _fits(app, key.app) and _fits(tool, key.tool) and (codes is None or key.code in codes)
    )
    found: list[NotInspected] = []
    for block in counted.gaps.holding(wanted, before):
        first, last = counted.gaps.span(block)
        last = last if before is None else min(last, before - 1)
        for row in db.execute(GAPS, {"first": first, "last": last, "app": app, "tool": tool}):
            one = NotInspected(*row)
            if codes is None or one.code in codes:
                found.append(one)
        if len(found) > most:
            break
    return _page(found[: most + 1], most, lambda one: one.id)


def events(
    db: sqlite3.Connection, *, kinds: Sequence[str] = TOLD, before: int | None = None, most: int = 50
) -> Page[Told]:
    """What the chain tells before event `before`, at most so many."""
    above = _MOST if before is None else before
    each = [islice(db.execute(EVENTS, (kind, above)), most + 1) for kind in kinds]
    rows = islice(merge(*each, key=lambda row: -row[0]), most + 1)
    return _page([Told(seq, kind, _object(body)) for seq, kind, body in rows], most, lambda one: one.seq)


def moments(db: sqlite3.Connection, ids: Iterable[int]) -> dict[int, str]:
    """When exchanges crossed, by their ids; those that have gone are missing."""
    return dict(db.execute(ENDS, (json.dumps(sorted(set(ids))),)).fetchall())


def _disclosed(
    db: sqlite3.Connection, counted: Counted, where: Where, above: int | None, before: int | None
) -> Iterator[Disclosed]:
    wanted = frozenset(
        number
        for number, key, _ in counted.data.items()
        if _fits(where.app, key.app)
        and _fits(where.tool, key.tool)
        and _fits(where.method, key.method)
        and _fits(where.direction, key.direction)
        and _fits(where.outcome, key.outcome)
        and _fits(where.pointer, key.pointer)
        and _fits(where.category, key.category)
        and _fits(where.headline, key.headline)
        and _fits(where.undeclared, bool(key.left_out & LEFT_OUT))
    )
    for first, last in _spans(counted, counted.data, wanted, above, where):
        values = {**bound(where), "first": first, "last": last, "before": _MOST if before is None else before}
        for row in db.execute(DISCLOSURES, values):
            asked = where.pointer is None or place(row[10]) == where.pointer
            if asked and not is_planted(row[10], Direction(row[4])):
                yield _one(row)


def _spans[K](
    counted: Counted, cube: Frozen[K], wanted: frozenset[int], before: int | None, where: Where
) -> Iterator[tuple[int, int]]:
    """First and last id of each block that may hold such rows, newest first."""
    for block in cube.holding(wanted, before):
        first_at, last_at = counted.spans[block]
        if (where.since is not None and last_at < where.since) or (where.until is not None and first_at >= where.until):
            continue
        first, last = cube.span(block)
        yield first, last if before is None else min(last, before - 1)


def _crossed(db: sqlite3.Connection, ids: Sequence[int]) -> list[Crossed]:
    rows: list[tuple[Any, ...]] = []
    for number in ids:
        rows += db.execute(EXCHANGES, {**bound(Where()), "first": number, "last": number}).fetchall()
    return _described(db, rows)


def _described(db: sqlite3.Connection, rows: Sequence[tuple[Any, ...]]) -> list[Crossed]:
    """Exchanges with what was found in them and what of them was not inspected."""
    numbers = json.dumps([row[0] for row in rows])
    found: dict[int, list[tuple[str, str]]] = {}
    for number, category, headline in db.execute(FOUND_IN, (numbers,)):
        found.setdefault(number, []).append((category, headline))
    gaps_of = dict(db.execute(GAPS_OF, (numbers,)).fetchall())
    out: list[Crossed] = []
    for row in rows:
        data = found.get(row[0], [])
        values: tuple[Any, ...] = (*row, len(data), tuple(dict.fromkeys(data)), gaps_of.get(row[0], 0))
        out.append(Crossed(*values))
    return out


def _one(row: tuple[Any, ...]) -> Disclosed:
    values: tuple[Any, ...] = (*row[:9], flags_of(row[9]), *row[10:])
    return Disclosed(*values)


def bound(where: Where) -> dict[str, object]:
    """What the statements call what is asked."""
    return {
        "app": where.app,
        "tool": where.tool,
        "method": where.method,
        "direction": where.direction,
        "outcome": where.outcome,
        "category": where.category,
        "headline": where.headline,
        "undeclared": where.undeclared,
        "since": where.since,
        "until": where.until,
    }


def _fits(asked: object, there: object) -> bool:
    """Whether rows of a key may be what is asked for; under `REST` may be anything."""
    return asked is None or asked == there or there == REST


def _distinct(ids: Iterable[int]) -> Iterator[int]:
    """Each once: the disclosures of an exchange come one after the other."""
    last = None
    for one in ids:
        if one != last:
            yield one
        last = one


def _page[T](rows: Sequence[T], most: int, number: Callable[[T], int]) -> Page[T]:
    shown = tuple(rows[:most])
    return Page(shown, number(shown[-1]) if len(rows) > most else None)


def _object(stored: str | None) -> dict[str, Any]:
    value = json.loads(stored) if stored else {}
    return value if isinstance(value, dict) else {}
