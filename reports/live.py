"""What crosses, as it crosses: plain lines, JSON lines, and a live view for a terminal.

Events are the inspector's JSON objects: `at` (ISO 8601 or Unix seconds), `app`, `tool`, `method`, `direction`, `kind`,
`outcome`, `categories` (each with `category`, `flags`, `headline`), `gaps` (codes), `lag_ms`. A key that is missing or
of the wrong type counts as empty: a display never fails on a message.
"""

import json
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from douane.audit.exchange import Label
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.i18n import Words, lang_of
from douane.reports.marks import ARROWS, MARKS, STYLES
from douane.reports.model import INSPECTED, LABELS
from douane.reports.paragraph import Paragraph

KEPT = 200
"""Rows that a live view remembers."""

_OTHER_ARROW = "·"
_ONWARD, _ANSWERED = "⇢", "⇠"
_LOST = frozenset({"refused", "failed"})
"""Outcomes of messages that did not arrive, so that nothing in them was disclosed."""


@dataclass(frozen=True, slots=True)
class Row:
    """One event, read: `found` is (category, headline) with the most pressing first, each once.

    On the route `egress` an app sent it out to `host` itself, or was answered from there.
    """

    at: str
    app: str
    what: str
    direction: Direction | None
    outcome: str
    found: tuple[tuple[str, Label], ...]
    headlines: tuple[Label, ...]
    gaps: tuple[str, ...]
    lag_ms: float | None
    flow: str = ""
    is_message: bool = True
    route: str = ""
    host: str = ""

    @property
    def sent_out(self) -> bool:
        """Whether an app sent it out itself, or was answered: ChatGPT has no part in it."""
        return self.route == "egress"

    @property
    def arrow(self) -> str:
        """Which way it went."""
        if self.sent_out:
            return _ONWARD if self.direction is not Direction.TO_CHATGPT else _ANSWERED
        return ARROWS[self.direction] if self.direction else _OTHER_ARROW

    @property
    def shown(self) -> str:
        """What it was: tool or method, or the host to which an app sent it."""
        return self.host if self.sent_out and self.host else self.what

    @property
    def worst(self) -> Label | None:
        """The most pressing headline, None when nothing was found."""
        return self.found[0][1] if self.found else None

    @property
    def not_inspected(self) -> tuple[str, ...]:
        """Codes of what was not inspected; what was inspected with a reservation is no such thing."""
        return tuple(code for code in self.gaps if code not in INSPECTED)


def read(event: Mapping[str, Any]) -> Row:
    """The event as a row."""
    found: dict[tuple[str, Label], None] = {}
    headlines: list[Label] = []
    categories = event.get("categories")
    for one in categories if isinstance(categories, list | tuple) else ():
        if isinstance(one, Mapping) and isinstance(one.get("category"), str):
            label = _label(one.get("headline"))
            headlines.append(label)
            found[one["category"], label] = None
    lag = event.get("lag_ms")
    gaps = event.get("gaps")
    return Row(
        at=_clock(event.get("at")),
        app=_text(event, "app"),
        what=_text(event, "tool") or _text(event, "method") or _text(event, "kind"),
        direction=next((way for way in Direction if way.value == event.get("direction")), None),
        outcome=_text(event, "outcome"),
        found=tuple(sorted(found, key=lambda pair: (LABELS.index(pair[1]), pair[0]))),
        headlines=tuple(headlines),
        gaps=tuple(code for code in gaps if isinstance(code, str)) if isinstance(gaps, list | tuple) else (),
        lag_ms=float(lag) if isinstance(lag, int | float) and not isinstance(lag, bool) else None,
        flow=_text(event, "flow"),
        is_message=event.get("event") != "gap",
        route=_text(event, "route"),
        host=_text(event, "host"),
    )


def json_line(event: Mapping[str, Any]) -> str:
    """The event as one line of JSON, ASCII only, its keys in the order that they came in."""
    return safe.json_text(json.dumps(dict(event), ensure_ascii=True, separators=(",", ":"), default=str))


def plain_line(event: Mapping[str, Any], *, lang: str = "en") -> str:
    """The event as one line of plain text. Raises `LangError`."""
    return line(read(event), Words(lang_of(lang))).plain


def line(row: Row, words: Words) -> Text:
    """A row in a line: time, app, arrow, tool or method, what was found with its verdicts, what was not inspected."""
    text = Text.assemble(
        (row.at, "dim"),
        "  ",
        (safe.plain(row.app, 24) or "—", "bold"),
        (f" {row.arrow} ", "dim"),
        safe.plain(row.shown, 40) or "—",
        "  ",
    )
    text.append_text(found(row, words))
    return text


def found(row: Row, words: Words, *, marks: bool = False) -> Text:
    """What was found in a row, by verdict, the most pressing first; verdicts in words, or as `MARKS` before them.

    What could be compared with nothing is named without a verdict.
    """
    text = Text()
    for label in LABELS:
        names = [words.category(safe.plain(key, 60)) for key, one in row.found if one is label]
        if not names:
            continue
        told = ", ".join(names)
        if marks:
            told = f"{MARKS[label]} {told}"
        elif label is not Label.GAP:
            told = f"{told} ({words.phrase(f'label.{label.value}')})"
        _separate(text, "  " if marks else words.phrase("semicolon")).append(told, style=STYLES[label])
    if row.not_inspected:
        codes = ", ".join(safe.plain(code, 24) for code in row.not_inspected)
        told = f"{words.phrase('live.gaps')}{words.phrase('colon')}{codes}"
        _separate(text, "  " if marks else words.phrase("semicolon")).append(told, style="red")
    if row.outcome in _LOST:
        what = Text(words.phrase(f"outcome.{row.outcome}"), style="red")
        text = what.append(" — ", style="dim").append_text(text) if text else what  # first: a row is cut at its end
    if not text:
        text.append(words.phrase("live.nothing"), style="dim")
    return text


def _separate(text: Text, by: str) -> Text:
    return text.append(by) if text else text


@dataclass(slots=True)
class _AppCount:
    messages: int = 0
    labels: Counter[Label] = field(default_factory=Counter[Label])


def _pressing(one: _AppCount) -> int:
    return one.labels[Label.PROHIBITED] + one.labels[Label.OMITTED]


class Live:
    """The live view: give it events with `add`, print it with rich (`rich.live.Live(view)`). Not thread-safe."""

    def __init__(self, *, lang: str = "en") -> None:
        """Raises `LangError`."""
        self._words = Words(lang_of(lang))
        self._rows: deque[Row] = deque(maxlen=KEPT)
        self._apps: dict[str, _AppCount] = {}
        self._gaps = 0
        self._sent_out = 0
        self._lag: float | None = None
        self._alarms: dict[str, str] = {}

    def lag(self, seconds: float) -> None:
        """Say how far inspection is behind recording now."""
        self._lag = seconds * 1000

    def alarm(self, app: str, text: str) -> None:
        """Show what is wrong with an app ("": with all of them) until it is called off by an empty text."""
        if text:
            self._alarms[app] = text
        else:
            self._alarms.clear()

    def add(self, event: Mapping[str, Any]) -> None:
        """Take one event in."""
        row = read(event)
        self._rows.append(row)
        if row.lag_ms is not None:
            self._lag = row.lag_ms
        if row.sent_out:
            self._sent_out += row.is_message and row.direction is not Direction.TO_CHATGPT
            return
        count = self._apps.setdefault(row.app, _AppCount())
        count.messages += row.is_message
        if row.outcome not in _LOST:
            count.labels.update(row.headlines)
        self._gaps += len(row.not_inspected)

    def outcome(self, event: Mapping[str, Any]) -> None:
        """Mark the messages of a flow that did not arrive after all; what was found in them counts no longer."""
        told = read(event)
        for at, row in enumerate(self._rows):
            same = (row.app, row.flow, row.direction) == (told.app, told.flow, told.direction)
            if same and told.flow and row.is_message and told.outcome in _LOST and row.outcome not in _LOST:
                self._rows[at] = replace(row, outcome=told.outcome)
                if not row.sent_out:
                    self._apps[row.app].labels.subtract(row.headlines)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Header, apps, and as many of the last rows as fit the height."""
        height = options.height or console.height or 24
        free = options.update(height=None)
        header = self._header()
        yield header
        for app, alarm in sorted(self._alarms.items())[:3]:
            named = f"{safe.plain(app, 24)}: {alarm}" if app else alarm
            yield Paragraph(Text(f" {safe.plain(named, 200)} ", style="bold white on red"))
        if not self._rows:
            yield Paragraph(Text(self._words.phrase("live.waiting"), style="dim"))
            return
        apps = self._by_app(max(1, min(8, height // 3)))
        yield apps
        yield Rule(style="dim")
        above = sum(len(console.render_lines(part, free)) for part in (header, apps)) + 2 + len(self._alarms)
        yield self._table(max(1, height - above), options.max_width)

    def _header(self) -> Paragraph:
        w = self._words
        labels: Counter[Label] = sum((one.labels for one in self._apps.values()), Counter[Label]())
        lag = "—" if self._lag is None else w.milliseconds(self._lag)
        parts = [
            w.say("count.messages", sum(one.messages for one in self._apps.values())),
            f"{w.number(labels.total())} {w.phrase('live.data', labels.total())}",
        ]
        text = Text.assemble((w.phrase("live.header"), "bold"), "  ", " · ".join(parts))
        for label in LABELS:
            if labels[label]:
                told = f"{w.number(labels[label])} {MARKS[label]} {w.phrase(f'label.{label.value}', labels[label])}"
                text.append(" · ").append(told, style=STYLES[label])
        if self._gaps:
            text.append(" · ").append(f"{w.number(self._gaps)} {w.phrase('live.gaps', self._gaps)}", style="red")
        if self._sent_out:
            text.append(
                f" · {w.number(self._sent_out)} {_ONWARD} {w.phrase('live.sent_on', self._sent_out)}", style="dim"
            )
        text.append(f" · {w.phrase('live.lag')} {lag}", style="dim")
        return Paragraph(text, 0, 2)

    def _by_app(self, most: int) -> Table:
        """A line per app, those with findings first."""
        w = self._words
        table = Table.grid(padding=(0, 2, 0, 0))
        for least in (26, None, None):
            table.add_column(no_wrap=True, overflow="ellipsis", min_width=least)
        ranked = sorted(self._apps.items(), key=lambda item: (-_pressing(item[1]), item[0]))
        shown = ranked if len(ranked) <= most else ranked[: most - 1]
        for name, one in shown:
            marks = Text()
            for label in LABELS:
                if one.labels[label]:
                    _separate(marks, "  ").append(f"{w.number(one.labels[label])} {MARKS[label]}", style=STYLES[label])
            name_shown = Text(safe.plain(name, 24) or "—", style="bold")
            table.add_row(name_shown, w.say("count.messages", one.messages), marks)
        if len(shown) < len(ranked):
            table.add_row(Text(w.say("live.more", len(ranked) - len(shown)), style="dim"))
        return table

    def _table(self, most: int, width: int) -> Table:
        """The last rows, one line each."""
        table = Table.grid(padding=(0, 1, 0, 0), expand=True)
        for ratio, least in ((None, 8), (None, 8), (None, 1), (2, 10), (5, 20)):
            table.add_column(ratio=ratio, min_width=least, no_wrap=True, overflow="ellipsis")
        for row in list(self._rows)[-most:]:
            table.add_row(
                Text(row.at, style="dim"),
                Text(safe.plain(row.app, 16 if width < 100 else 24) or "—", style="bold"),
                Text(row.arrow, style="dim"),
                Text(safe.plain(row.shown, 40) or "—"),
                found(row, self._words, marks=True),
            )
        return table


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    return value if isinstance(value, str) else ""


def _label(value: object) -> Label:
    return next((label for label in Label if label.value == value), Label.GAP)


def _clock(value: object) -> str:
    """The time of day in UTC, `—` where there is none to read."""
    try:
        if isinstance(value, str):
            when = datetime.fromisoformat(value)
        elif isinstance(value, int | float):
            when = datetime.fromtimestamp(value, UTC)
        else:
            return "—"
    except (ValueError, OverflowError, OSError):
        return "—"
    return f"{when.astimezone(UTC):%H:%M:%S}"
