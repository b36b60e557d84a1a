"""What `Tallies` counted, at one moment of the ledger: figures by app, tool, field and day. Never reads the ledger.

Only what was delivered is a disclosure. The figures are those of a summary of the whole ledger.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from douane.ledger.counting import (
    BITS,
    DENIED,
    LEFT_OUT,
    ApartKey,
    DayKey,
    FieldKey,
    GapKey,
    LatencyKey,
    MessageKey,
    PassageKey,
)
from douane.ledger.cube import Frozen

_DELIVERED: Final = "delivered"


@dataclass(slots=True)
class Fate:
    """Messages with one outcome, those of them in which something was found, and how much was."""

    messages: int = 0
    carrying: int = 0
    disclosures: int = 0


@dataclass(slots=True)
class Times:
    """Milliseconds over `count` answers, as they are printed: nearest-rank median, 95th percentile, the longest."""

    count: int
    p50: float
    p95: float
    most: float


@dataclass(slots=True)
class Figures:
    """What was delivered of an app or of one of its tools.

    `fates` has every message by outcome. `undeclared` is what a source leaves out or denies, `special` what is of a
    special category (GDPR Art. 9), `labels` disclosures by headline; `calls` are requests of a tool, whatever became
    of them, `errors` answers that were errors. `last` is the last exchange's id, 0 where there is none.
    """

    fates: dict[str, Fate] = field(default_factory=dict[str, Fate])
    labels: dict[str, int] = field(default_factory=dict[str, int])
    disclosures: int = 0
    undeclared: int = 0
    special: int = 0
    prohibited: int = 0
    calls: int = 0
    errors: int = 0
    last: int = 0

    @property
    def messages(self) -> int:
        """Messages that were delivered."""
        return self.fates[_DELIVERED].messages if _DELIVERED in self.fates else 0

    @property
    def uncompared(self) -> int:
        """Disclosures that could be compared with nothing."""
        return self.labels.get("gap", 0)


@dataclass(frozen=True, slots=True)
class AppFigures:
    """One app. `gaps` are by code; `own` are Douane's own messages, `sent_out` those that the app sent out itself."""

    app: int
    figures: Figures
    gaps: Mapping[str, int]
    times: Times | None
    own: int
    sent_out: int


@dataclass(frozen=True, slots=True)
class ToolFigures:
    """One tool of an app; an empty name for messages that name none."""

    app: int
    tool: str
    figures: Figures
    gaps: Mapping[str, int]
    times: Times | None


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """What was delivered at one place of a tool or method: a category in one direction.

    `pointer` has `*` for indices. `first` and `last` are ids of exchanges.
    """

    app: int
    tool: str
    method: str
    direction: str
    pointer: str
    category: str
    flags: tuple[str, ...]
    count: int
    labels: Mapping[str, int]
    undeclared: int
    denied: int
    by_source: Mapping[str, int]
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What was delivered on one day (UTC, `2026-11-22`), and the gaps of that day."""

    day: str
    messages: int = 0
    disclosures: int = 0
    undeclared: int = 0
    special: int = 0
    prohibited: int = 0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class Counted:
    """The counts after event `seq` of the chain `ledger`; `exchange` is the last exchange in them. Never changes.

    `capped` are the apps of which not all is counted by name (`ledger.capped`): their own figures are complete.
    """

    ledger: str
    seq: int
    exchange: int
    messages: Frozen[MessageKey]
    data: Frozen[FieldKey]
    dated: Frozen[DayKey]
    latencies: Frozen[LatencyKey]
    apart: Frozen[ApartKey]
    gaps: Frozen[GapKey]
    passages: Frozen[PassageKey]
    spans: Mapping[int, tuple[str, str]]
    capped: frozenset[int] = frozenset()
    _kept: dict[Any, Any] = field(default_factory=dict[Any, Any], repr=False, compare=False)

    def apps(self) -> tuple[AppFigures, ...]:
        """Every app of which anything was counted, in the order of their ids."""
        kept: tuple[AppFigures, ...] = self._once("apps", self._apps)
        return kept

    def app(self, app: int) -> AppFigures:
        """One app; zeros for one of which nothing was counted."""
        empty = AppFigures(app, Figures(), {}, None, 0, 0)
        return next((one for one in self.apps() if one.app == app), empty)

    def tools(self, app: int) -> tuple[ToolFigures, ...]:
        """The tools of an app, by name."""
        kept: dict[int, tuple[ToolFigures, ...]] = self._once("tools", self._tools)
        return kept.get(app, ())

    def fields(self, app: int, tool: str | None = None) -> tuple[FieldFigures, ...]:
        """What was delivered where in an app, or in one of its tools: by tool, method, direction, pointer, category."""
        kept: tuple[FieldFigures, ...] = self._once(("fields", app), lambda: self._fields(app))
        return kept if tool is None else tuple(one for one in kept if one.tool == tool)

    def days(self, app: int | None = None) -> tuple[DayFigures, ...]:
        """Days on which anything was delivered or was not inspected, oldest first, of one app or of all."""
        kept: tuple[DayFigures, ...] = self._once(("days", app), lambda: self._days(app))
        return kept

    def categories(self, app: int) -> Mapping[tuple[str, str], Figures]:
        """What was delivered of an app, by category and direction."""
        kept: dict[int, dict[tuple[str, str], Figures]] = self._once("flows", self._flows)
        return kept.get(app, {})

    def passed(self, app: int) -> dict[tuple[str, str], tuple[int, int]]:
        """What passed of an app and was not MCP: by host and kind of path, how often, and how often it failed."""
        out: dict[tuple[str, str], tuple[int, int]] = {}
        for _, key, count in self.passages.items():
            if key.app == app:
                times, failed = out.get((key.host, key.path_class), (0, 0))
                out[key.host, key.path_class] = (times + count, failed + count * key.failed)
        return out

    def _once(self, name: Any, make: Any) -> Any:
        """What was made before for these counts; made twice at worst when two threads ask at once."""
        if name not in self._kept:
            self._kept[name] = make()
        return self._kept[name]

    def _apps(self) -> tuple[AppFigures, ...]:
        found: dict[int, Figures] = {}
        for (app, _), one in self._by_tool().items():
            _merge(found.setdefault(app, Figures()), one)
        for app, flows in self._once("flows", self._flows).items():
            # as a report has it: a category counts as special as soon as one of its data does
            found.setdefault(app, Figures()).special = sum(one.disclosures for one in flows.values() if one.special)
        gaps: dict[int, dict[str, int]] = {}
        for _, gap, count in self.gaps.items():
            codes = gaps.setdefault(gap.app, {})
            codes[gap.code] = codes.get(gap.code, 0) + count
        apart: dict[tuple[int, str], int] = {(key.app, key.what): count for _, key, count in self.apart.items()}
        times = _times((key.app, key.ms, count) for _, key, count in self.latencies.items())
        ids = {*found, *gaps, *(app for app, _ in apart), *(key.app for _, key, _ in self.passages.items())}
        return tuple(
            AppFigures(
                app,
                found.get(app, Figures()),
                gaps.get(app, {}),
                times.get(app),
                apart.get((app, "own"), 0),
                apart.get((app, "egress"), 0),
            )
            for app in sorted(ids)
        )

    def _tools(self) -> dict[int, tuple[ToolFigures, ...]]:
        gaps: dict[tuple[int, str], dict[str, int]] = {}
        for _, gap, count in self.gaps.items():
            codes = gaps.setdefault((gap.app, gap.tool), {})
            codes[gap.code] = codes.get(gap.code, 0) + count
        times = _times(((key.app, key.tool), key.ms, count) for _, key, count in self.latencies.items())
        figures = self._by_tool()
        out: dict[int, list[ToolFigures]] = {}
        for app, tool in sorted({*figures, *gaps}):
            one = ToolFigures(
                app, tool, figures.get((app, tool), Figures()), gaps.get((app, tool), {}), times.get((app, tool))
            )
            out.setdefault(app, []).append(one)
        return {app: tuple(tools) for app, tools in out.items()}

    def _by_tool(self) -> dict[tuple[int, str], Figures]:
        kept: dict[tuple[int, str], Figures] = self._once("by tool", self._figures)
        return kept

    def _figures(self) -> dict[tuple[int, str], Figures]:
        out: dict[tuple[int, str], Figures] = {}
        numbers = frozenset(number for number, _, _ in self.messages.items())
        lasts = self.messages.lasts(numbers)
        for number, message, count in self.messages.items():
            one = out.setdefault((message.app, message.tool), Figures())
            fate = one.fates.setdefault(message.outcome, Fate())
            fate.messages += count
            fate.carrying += count if message.carrying else 0
            one.calls += count if message.tool and message.kind == "request" else 0
            one.errors += count if message.kind == "error" else 0
            one.last = max(one.last, lasts[number])
        for _, datum, count in self.data.items():
            one = out.setdefault((datum.app, datum.tool), Figures())
            one.fates.setdefault(datum.outcome, Fate()).disclosures += count
            if datum.outcome == _DELIVERED:
                _count(one, datum, count)
        return out

    def _flows(self) -> dict[int, dict[tuple[str, str], Figures]]:
        out: dict[int, dict[tuple[str, str], Figures]] = {}
        for _, datum, count in self.data.items():
            if datum.outcome == _DELIVERED:
                flows = out.setdefault(datum.app, {})
                _count(flows.setdefault((datum.category, datum.direction), Figures()), datum, count)
        return out

    def _fields(self, app: int) -> tuple[FieldFigures, ...]:
        groups: dict[tuple[str, ...], list[tuple[int, FieldKey, int]]] = {}
        for number, key, count in self.data.items():
            if key.app == app and key.outcome == _DELIVERED:
                place = (key.tool, key.method, key.direction, key.pointer, key.category)
                groups.setdefault(place, []).append((number, key, count))
        wanted = frozenset(number for rows in groups.values() for number, _, _ in rows)
        firsts, lasts = self.data.firsts(wanted), self.data.lasts(wanted)
        return tuple(_field(rows, firsts, lasts) for _, rows in sorted(groups.items()))

    def _days(self, app: int | None) -> tuple[DayFigures, ...]:
        found: dict[str, dict[str, int]] = {}
        for _, key, count in self.dated.items():
            if app is None or key.app == app:
                day = found.setdefault(key.day, {})
                day[key.what] = day.get(key.what, 0) + count
        for _, gap, count in self.gaps.items():
            if app is None or gap.app == app:
                day = found.setdefault(gap.day, {})
                day["gaps"] = day.get("gaps", 0) + count
        return tuple(DayFigures(day, **figures) for day, figures in sorted(found.items()))


def _merge(into: Figures, one: Figures) -> None:
    for outcome, fate in one.fates.items():
        sofar = into.fates.setdefault(outcome, Fate())
        sofar.messages += fate.messages
        sofar.carrying += fate.carrying
        sofar.disclosures += fate.disclosures
    for label, count in one.labels.items():
        into.labels[label] = into.labels.get(label, 0) + count
    into.disclosures += one.disclosures
    into.undeclared += one.undeclared
    into.special += one.special
    into.prohibited += one.prohibited
    into.calls += one.calls
    into.errors += one.errors
    into.last = max(into.last, one.last)


def _count(one: Figures, datum: FieldKey, count: int) -> None:
    one.disclosures += count
    one.labels[datum.headline] = one.labels.get(datum.headline, 0) + count
    one.undeclared += count if datum.left_out & LEFT_OUT else 0
    one.special += count if "art9" in flags_of(datum.flags) else 0
    one.prohibited += count if datum.headline == "prohibited" else 0


def _field(rows: list[tuple[int, FieldKey, int]], firsts: dict[int, int], lasts: dict[int, int]) -> FieldFigures:
    key = rows[0][1]
    labels: dict[str, int] = {}
    by_source = dict.fromkeys(BITS, 0)
    flags: dict[str, None] = {}
    undeclared = denied = 0
    for _, one, count in rows:
        labels[one.headline] = labels.get(one.headline, 0) + count
        flags.update(dict.fromkeys(flags_of(one.flags)))
        undeclared += count if one.left_out & LEFT_OUT else 0
        denied += count if one.left_out & DENIED else 0
        for source, bit in BITS.items():
            by_source[source] += count if one.left_out & bit else 0
    return FieldFigures(
        *(key.app, key.tool, key.method, key.direction, key.pointer, key.category, tuple(flags)),
        *(sum(count for _, _, count in rows), labels, undeclared, denied, by_source),
        *(min(firsts[number] for number, _, _ in rows), max(lasts[number] for number, _, _ in rows)),
    )


def _times[K](rows: Iterator[tuple[K, float, int]]) -> dict[K, Times]:
    found: dict[K, dict[float, int]] = {}
    for key, ms, count in rows:
        of_key = found.setdefault(key, {})
        of_key[ms] = of_key.get(ms, 0) + count
    return {key: _quantiles(counts) for key, counts in found.items()}


def _quantiles(counts: dict[float, int]) -> Times:
    total = sum(counts.values())
    ordered = sorted(counts.items())
    values = {}
    for share in (50, 95):
        left = (total * share + 99) // 100
        for ms, count in ordered:
            left -= count
            if left <= 0:
                values[share] = ms
                break
    return Times(total, values[50], values[95], ordered[-1][0])


@lru_cache(maxsize=1024)
def flags_of(stored: str) -> tuple[str, ...]:
    """The flags of a row, as the ledger keeps them."""
    return tuple(str(one) for one in json.loads(stored))
