"""What was seen of an app besides its disclosures, summed up in the ledger: observations and used fields."""

import re
import sqlite3
from collections.abc import Container, Iterable
from dataclasses import dataclass, field

from douane.audit.history import FieldUse, Observation, Seen
from douane.audit.message import Direction
from douane.ledger.rows import bounded, clean, tool_name
from douane.ledger.times import iso

_OBSERVED = """INSERT OR ABORT INTO observations (app_id, tool, kind, name, detail, count, first_at, last_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (app_id, tool, kind, name, detail) DO UPDATE SET
    count = count + excluded.count, first_at = min(first_at, excluded.first_at),
    last_at = max(last_at, excluded.last_at)"""
_USED = """INSERT OR ABORT INTO field_uses (app_id, tool, direction, pointer, calls, last_at) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (app_id, tool, direction, pointer) DO UPDATE SET
    calls = calls + excluded.calls, last_at = max(last_at, excluded.last_at)"""

_FIRST, _LAST = "", "~"  # sort before and after every time

type _ObservedKey = tuple[int, str, str, str, str]
type _UsedKey = tuple[int, str, str, str]


@dataclass(slots=True)
class _Sum:
    count: int
    first: float
    last: float


@dataclass(slots=True)
class Tally:
    """Observations and uses of one batch, equal ones summed up before they are written: a call costs no row."""

    _observed: dict[_ObservedKey, _Sum] = field(default_factory=dict[_ObservedKey, _Sum])
    _used: dict[_UsedKey, _Sum] = field(default_factory=dict[_UsedKey, _Sum])

    def observe(self, app_id: int, observations: Iterable[Observation], at: float) -> None:
        """Count observations that were made at `at` (Unix time in seconds)."""
        for one in observations:
            key = (app_id, one.tool or "", one.kind.value, one.name, one.detail)
            _add(self._observed, key, one.count, at)

    def use(self, app_id: int, uses: Iterable[FieldUse], at: float) -> None:
        """Count the used places of a message."""
        for one in uses:
            _add(self._used, (app_id, one.tool, one.direction._value_, one.pointer), one.calls, at)

    def write(self, db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
        """Add what was counted to the ledger's rows, and forget it; return it as the chain tells it, empty if none."""
        observed = [
            (
                *(app, tool_name(tool) if tool else "", kind, bounded(name), bounded(detail)),
                *(sum_.count, iso(sum_.first), iso(sum_.last)),
            )
            for (app, tool, kind, name, detail), sum_ in self._observed.items()
        ]
        used = [
            (app, tool_name(tool) if tool else "", way, bounded(pointer), sum_.count, iso(sum_.last))
            for (app, tool, way, pointer), sum_ in self._used.items()
        ]
        if observed:
            db.executemany(_OBSERVED, observed)
        if used:
            db.executemany(_USED, used)
        self.clear()
        return {"observations": list(observed), "uses": list(used)} if observed or used else {}

    def clear(self) -> None:
        """Forget what was counted."""
        self._observed = {}
        self._used = {}


def _add[K](sums: dict[K, _Sum], key: K, count: int, at: float) -> None:
    known = sums.get(key)
    if known is None:
        sums[key] = _Sum(count, at, at)
    else:
        known.count += count
        known.first, known.last = min(known.first, at), max(known.last, at)


def read_observations(
    db: sqlite3.Connection, app: str, since: str | None = None, until: str | None = None
) -> list[Observation]:
    """Everything that was observed of an app from `since` on and before `until`, by kind, tool and name.

    What was observed both in that time and beside it is given with its count of all time: the ledger keeps no other.
    """
    rows = db.execute(
        "SELECT o.kind, o.name, o.detail, o.tool, o.count, o.first_at, o.last_at FROM observations o"
        " JOIN apps a ON a.id = o.app_id WHERE a.name = ? AND o.last_at >= ? AND o.first_at < ?"
        " ORDER BY o.kind, o.tool, o.name, o.detail",
        (clean(app), since or _FIRST, until or _LAST),
    )
    known = {kind.value for kind in Seen}
    return [
        Observation(Seen(kind), name, detail, tool or None, count, first, last)
        for kind, name, detail, tool, count, first, last in rows
        if kind in known
    ]


def read_uses(
    db: sqlite3.Connection,
    app: str,
    since: str | None = None,
    until: str | None = None,
    called: Container[str] = (),
) -> list[FieldUse]:
    """How often each place of an app's tools was used, by tool, direction and pointer.

    The ledger knows when a place was used last, and not when first: one that was last used after `until` counts for the
    time before it where its tool was `called` in that time.
    """
    rows = db.execute(
        "SELECT u.tool, u.direction, u.pointer, u.calls, u.last_at < ? FROM field_uses u"
        " JOIN apps a ON a.id = u.app_id WHERE a.name = ? AND u.last_at >= ? ORDER BY u.tool, u.direction, u.pointer",
        (until or _LAST, clean(app), since or _FIRST),
    )
    return [
        FieldUse(tool, Direction(way), pointer, calls)
        for tool, way, pointer, calls, before in rows
        if before or tool in called
    ]


def read_found(db: sqlite3.Connection, app: str) -> dict[tuple[str, Direction], dict[str, dict[str, int]]]:
    """What was disclosed where in an app's tools: (tool, direction) to pointer to category to how often.

    Pointers lie below the arguments or the structured content, indices as `*`. Douane's own traffic is left out.
    """
    rows = db.execute(
        "SELECT e.tool, e.direction, d.pointer, d.category, count(*) FROM disclosures d"
        " JOIN exchanges e ON e.id = d.exchange_id JOIN apps a ON a.id = e.app_id"
        " WHERE a.name = ? AND e.own_traffic = 0 AND e.route <> 'egress' AND e.redelivery = 0"
        " AND e.method = 'tools/call'"
        " AND e.tool IS NOT NULL"
        " GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4",
        (clean(app),),
    )
    out: dict[tuple[str, Direction], dict[str, dict[str, int]]] = {}
    for tool, way, pointer, category, count in rows:
        below = _BODY.sub("", pointer, count=1)
        if below != pointer:
            places = out.setdefault((tool, Direction(way)), {})
            categories = places.setdefault(_INDEX.sub("*", below), {})
            categories[category] = categories.get(category, 0) + count
    return out


_BODY = re.compile(r"^(?:/params/arguments|/result/structuredContent|/result/result/structuredContent)(?=/)")
_INDEX = re.compile(r"(?<=/)[0-9]+(?=/|$)")
