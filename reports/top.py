"""The full-screen view of `douane top`: what crossed in the last minutes, by app or tool, and what to look at."""

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from douane.audit.exchange import Label
from douane.ledger.following import Lost, Message
from douane.ledger.times import iso
from douane.reports import live, safe
from douane.reports.glance import gathered, sparkline
from douane.reports.i18n import Lang
from douane.reports.kinds.said import Said
from douane.reports.marks import MARKS, STYLES
from douane.reports.model import INSPECTED

WINDOWS: Final = (15, 60, 1440)
"""Minutes that can be counted."""
SORTS: Final = ("undeclared", "rate", "data", "gaps", "name")
MOST: Final = 50_000
"""Messages that are counted at most, the newest."""
_MINUTE: Final = 60.0
_WIDE: Final = 100
_NARROW: Final = 72
_PRESSING: Final = frozenset({"omitted", "incorrect", "prohibited"})
_LOST: Final = frozenset({"failed", "refused"})


@dataclass(slots=True)
class View:
    """What a person chose: the minutes counted, the column sorted by, apps or tools, and whether it is held still."""

    window: int = 60
    sort: str = "undeclared"
    tools: bool = False
    held: bool = False

    def key(self, key: str) -> bool:
        """Take a key; false for the one that ends the view. Keys without a meaning change nothing."""
        match key:
            case "q" | "Q" | "\x03" | "\x04":
                return False
            case "s":
                self.sort = SORTS[(SORTS.index(self.sort) + 1) % len(SORTS)]
            case "t":
                self.tools = not self.tools
            case "w":
                self.window = WINDOWS[(WINDOWS.index(self.window) + 1) % len(WINDOWS)]
            case "p" | " ":
                self.held = not self.held
            case _:
                pass
        return True


@dataclass(slots=True)
class Count:
    """What crossed of one app or tool; `recent` in the last minute, `answers` in milliseconds."""

    name: str
    messages: int = 0
    recent: int = 0
    data: int = 0
    undeclared: int = 0
    prohibited: int = 0
    gaps: int = 0
    last: str = ""
    answers: list[float] = field(default_factory=list[float])

    @property
    def p95(self) -> float | None:
        """The 95th percentile of its answers, by nearest rank."""
        return sorted(self.answers)[-(-len(self.answers) * 95 // 100) - 1] if self.answers else None


@dataclass(slots=True)
class Traffic:
    """What crossed lately; `waiting` messages are recorded and not inspected, `None` where that is not known."""

    messages: deque[Message] = field(default_factory=lambda: deque[Message](maxlen=MOST))
    lost: deque[Lost] = field(default_factory=lambda: deque[Lost](maxlen=MOST))
    waiting: int | None = None

    def add(self, found: Iterable[Message | Lost]) -> None:
        """Take in what is new."""
        for one in found:
            if isinstance(one, Message):
                self.messages.append(one)
            else:
                self.lost.append(one)

    def expire(self, now: float) -> None:
        """Forget what is older than the widest window."""
        oldest = iso(now - WINDOWS[-1] * _MINUTE)
        for held in (self.messages, self.lost):
            while held and held[0].at < oldest:
                held.popleft()

    def since(self, now: float, minutes: int) -> list[Message]:
        """The messages of the last so many minutes, oldest first; what apps sent out themselves is left out."""
        start = iso(now - minutes * _MINUTE)
        return [one for one in self.messages if one.at >= start and one.route != "egress"]


def counted(traffic: Traffic, now: float, view: View) -> list[Count]:
    """What crossed in the window by app, or by app and tool, sorted as asked for."""
    found: dict[str, Count] = {}
    minute = iso(now - _MINUTE)
    for one in traffic.since(now, view.window):
        if view.tools and not one.tool:
            continue
        name = f"{one.app} · {one.tool}" if view.tools else one.app
        count = found.setdefault(name, Count(name))
        count.messages += 1
        count.recent += one.at >= minute
        count.last = max(count.last, one.at)
        count.gaps += sum(code not in INSPECTED for code in one.gaps)
        if one.duration_ms is not None:
            count.answers.append(one.duration_ms)
        if one.outcome not in _LOST:
            count.data += len(one.data)
            count.undeclared += sum(datum.undeclared for datum in one.data)
            count.prohibited += sum(datum.headline == "prohibited" for datum in one.data)
    start = iso(now - view.window * _MINUTE)
    for lost in traffic.lost:
        if lost.at >= start and lost.route != "egress" and lost.code not in INSPECTED and not view.tools:
            found.setdefault(lost.app, Count(lost.app)).gaps += lost.count
    return sorted(found.values(), key=lambda one: _rank(one, view.sort))


def _rank(one: Count, sort: str) -> tuple[float, float, str]:
    first = {
        "undeclared": (one.undeclared, one.prohibited),
        "rate": (one.recent, one.messages),
        "data": (one.data, one.messages),
        "gaps": (one.gaps, one.messages),
        "name": (0, 0),
    }[sort]
    return -first[0], -first[1], one.name


@dataclass(frozen=True, slots=True)
class Screen:
    """One drawing of the view: never wider or higher than the console."""

    traffic: Traffic
    view: View
    lang: Lang
    now: float
    name: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Head, table, latest findings, keys: as much of each as there is room for."""
        said = Said(self.lang, "top")
        width, height = options.max_width, options.height or console.height
        counts = counted(self.traffic, self.now, self.view)
        lines: list[RenderableType] = list(self._head(said, counts, width))
        room = max(2, height - len(lines) - 2)  # the keys, and the cursor's line
        if not counts:
            lines.append(Text(said.phrase("none"), style="dim", no_wrap=True, overflow="ellipsis"))
        else:
            rows = min(len(counts), max(1, room // 2 - 1) if room > 6 else room - 1)
            lines.append(self._table(said, counts, rows, width))
            room -= rows + 1
            if len(counts) > rows and room > 0:
                more = said.say("more", len(counts) - rows)
                lines.append(Text(more, style="dim", no_wrap=True, overflow="ellipsis"))
                room -= 1
            if room > 2:
                lines += self._latest(said, room)
        yield from lines
        yield self._keys(said)

    def _head(self, said: Said, counts: list[Count], width: int) -> Iterator[RenderableType]:
        messages = self.traffic.since(self.now, self.view.window)
        clock = f"{datetime.fromtimestamp(self.now, UTC):%H:%M:%S} UTC"
        span = said.say("window", span=said.phrase(f"window.{self.view.window}"))
        head = Text.assemble((said.phrase("title"), "bold"), f"  {safe.plain(self.name, 40)}  {clock}  ", span)
        if self.view.held:
            head.append(f"  {said.phrase('held')}", style="bold reverse")
        yield _one_line(head)
        sums = Text(said.say("count.messages", sum(one.messages for one in counts)))
        if self.view.tools:
            sums = Text(said.say("count.messages", len(messages)))
        sums.append(f" · {said.say('data', sum(one.data for one in counts))}")
        for label, name in ((Label.OMITTED, "undeclared"), (Label.PROHIBITED, "prohibited")):
            count = sum(getattr(one, name) for one in counts)
            told = f"{MARKS[label]} {said.say(f'counted.{label.value}', count)}"
            sums.append(" · ").append(told, style=STYLES[label] if count else "dim")
        if gaps := sum(one.gaps for one in counts):
            sums.append(" · ").append(said.say("unread", gaps), style="red")
        yield _one_line(sums)
        minute = iso(self.now - _MINUTE)
        recent = sum(one.at >= minute for one in messages)
        parts = [said.say("rate", recent)]
        lags = [one.lag_ms for one in messages if one.lag_ms is not None][-1:]
        parts += [said.say("lag", lag=said.milliseconds(lag)) for lag in lags]
        if self.traffic.waiting is not None:
            parts.append(said.say("waiting", self.traffic.waiting))
        told = " · ".join(parts)
        drawn = sparkline(gathered(self._by_minute(messages), max(8, min(60, width - len(told) - 3))))
        yield _one_line(Text.assemble(told, "  ", (drawn, "cyan")))
        yield Rule(style="dim")

    def _by_minute(self, messages: list[Message]) -> list[int]:
        """How many messages there were in each minute of the window."""
        times = [one.at for one in messages]
        edges = [iso(self.now - minutes * _MINUTE) for minutes in range(self.view.window, -1, -1)]
        places = [bisect_left(times, edge) for edge in edges]
        return [last - first for first, last in pairwise(places)]

    def _table(self, said: Said, counts: list[Count], rows: int, width: int) -> Table:
        wide = width >= _WIDE
        names = ["rate", "messages", "data", "undeclared", "prohibited", "gaps", *(["answer"] if wide else []), "last"]
        if width < _NARROW:
            names = ["rate", "data", "undeclared", "gaps"]
        table = Table.grid(padding=(0, 2 if wide else 1, 0, 0), expand=True)
        table.add_column(ratio=1, no_wrap=True, overflow="ellipsis", min_width=8)
        for _ in names:
            table.add_column(justify="right", no_wrap=True, overflow="ellipsis")
        heading = said.phrase("col.tool" if self.view.tools else "col.app")
        table.add_row(*(Text(one, style="dim") for one in (heading, *(said.phrase(f"col.{name}") for name in names))))
        for one in counts[:rows]:
            cells = {
                "rate": Text(said.number(one.recent), style="bold" if one.recent else "dim"),
                "messages": Text(said.number(one.messages)),
                "data": Text(said.number(one.data)),
                "undeclared": Text(
                    said.number(one.undeclared), style=STYLES[Label.OMITTED] if one.undeclared else "dim"
                ),
                "prohibited": Text(
                    said.number(one.prohibited), style=STYLES[Label.PROHIBITED] if one.prohibited else "dim"
                ),
                "gaps": Text(said.number(one.gaps), style="red" if one.gaps else "dim"),
                "answer": Text("—" if one.p95 is None else said.milliseconds(one.p95)),
                "last": Text(one.last[11:19] or "—", style="dim"),
            }
            table.add_row(Text(safe.plain(one.name, 60), style="bold"), *(cells[name] for name in names))
        return table

    def _latest(self, said: Said, room: int) -> Iterator[RenderableType]:
        yield Rule(Text(said.phrase("latest"), style="bold"), align="left", style="dim")
        pressing = [
            one
            for one in self.traffic.since(self.now, self.view.window)
            if any(datum.headline in _PRESSING for datum in one.data)
        ]
        if not pressing:
            yield Text(said.phrase("latest.none"), style="dim")
        for one in pressing[:-room:-1][: room - 1]:
            found = {
                "categories": [
                    {"category": datum.category, "headline": datum.headline}
                    for datum in one.data
                    if datum.headline in _PRESSING
                ]
            }
            event = {"at": one.at, "app": one.app, "tool": one.tool, "method": one.method, "outcome": one.outcome}
            row = live.read({**event, "direction": one.direction.value, **found})
            line = Text.assemble(
                (f"message {one.id:<6} ", "dim"), (row.at, "dim"), "  ", (safe.plain(row.app, 24), "bold")
            )
            line.append(f" {row.arrow} ", style="dim").append(f"{safe.plain(row.shown, 40)}  ")
            yield _one_line(line.append_text(live.found(row, said, marks=True)))

    def _keys(self, said: Said) -> RenderableType:
        other = said.phrase("keys.apps" if self.view.tools else "keys.tools")
        told = said.say("keys", sort=said.phrase(f"sort.{self.view.sort}"), other=other)
        return _one_line(Text(told, style="dim"))


def _one_line(text: Text) -> Text:
    text.no_wrap, text.overflow = True, "ellipsis"
    return text
