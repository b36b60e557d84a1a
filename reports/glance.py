"""What the terminal's summary opens with: key figures, verdicts as one bar, disclosures over time."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.table import Table
from rich.text import Text

from douane.audit.exchange import Label
from douane.ledger import report_query
from douane.ledger import trend as over_time
from douane.reports.hidden import coarse
from douane.reports.i18n import Words
from douane.reports.kinds.said import Said
from douane.reports.marks import MARKS, STYLES
from douane.reports.model import LABELS, Summary
from douane.reports.paragraph import Paragraph

ROWS: Final = 10
"""Days or hours that have a line each; of more there is one line for all."""
_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_FIGURE: Final = 38
"""Columns that a key figure takes."""


@dataclass(frozen=True, slots=True)
class Span:
    """A day or an hour: disclosures and those to look at, hidden where the profile hides small counts."""

    at: str
    data: int
    pressing: int


def trend(db: sqlite3.Connection, summary: Summary) -> tuple[Span, ...]:
    """What was disclosed by day, or by hour where the summary covers one day; counts under 5 as the profile says."""
    wanted = report_query.ids(report_query.apps(db), [app.name for app in summary.apps])
    period = summary.period
    scope = report_query.Scope(wanted, period.since or None, period.until or None)
    spans = over_time.trend(db, scope, hours=period.one_day)
    if not summary.under.small_hidden:
        return tuple(Span(one.at, one.data, one.pressing) for one in spans)
    return tuple(Span(one.at, coarse(one.data), coarse(one.pressing)) for one in spans)


@dataclass(frozen=True, slots=True)
class Figures:
    """The key figures side by side, as many as fit."""

    summary: Summary
    words: Words

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A grid of two or more columns; one where there is no room for two."""
        s = self.summary
        counted = (
            ("messages", s.outcomes.delivered.messages, ""),
            ("disclosures", s.disclosures, ""),
            ("undeclared", s.undeclared, STYLES[Label.OMITTED]),
            ("denied", s.denied, STYLES[Label.INCORRECT]),
            ("prohibited", s.labels.prohibited, STYLES[Label.PROHIBITED]),
            ("special", s.special, STYLES[Label.PROHIBITED]),
            ("uncompared", s.labels.gap, ""),
            ("not_inspected", s.not_inspected, "bold red"),
        )
        across = max(1, options.max_width // _FIGURE)
        table = Table.grid(padding=(0, 1, 0, 0))
        for _ in range(across):
            table.add_column(justify="right", no_wrap=True)
            table.add_column(min_width=min(_FIGURE - 8, options.max_width - 8))
        for start in range(0, len(counted), across):
            row: list[RenderableType] = []
            for name, count, style in counted[start : start + across]:
                shown = style if count else "dim"
                row += [
                    Text(self.words.number(count), style=shown or "bold"),
                    Paragraph(Text(self.words.phrase(f"figure.{name}", count))),
                ]
            table.add_row(*row)
        yield table


@dataclass(frozen=True, slots=True)
class Verdicts:
    """All disclosures as one bar by verdict, in the marks of the verdicts, and below it what each mark means."""

    summary: Summary
    words: Said

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """One line of marks, then their meanings with counts."""
        found = [(label, count) for label in LABELS if (count := self.summary.labels.of(label))]
        total = sum(int(count) for _, count in found)
        if not total:
            return
        widths = shares([int(count) for _, count in found], options.max_width)
        yield Paragraph(Text(self.words.phrase("verdicts.lead"), style="dim"))
        bar = Text(no_wrap=True, overflow="crop")
        for (label, _), width in zip(found, widths, strict=True):
            bar.append(MARKS[label] * width, style=STYLES[label])
        yield bar
        legend = Text()
        for label, count in found:
            if legend:
                legend.append(" · ", style="dim")
            told = f"{MARKS[label]} {self.words.say(f'counted.{label.value}', count)}"
            legend.append(told.replace(" ", "\u00a0"), style=STYLES[label])
        yield Paragraph(legend)
        if self.summary.labels.prohibited and self.summary.denied:
            told = self.words.say("verdicts.denied", self.summary.denied)
            yield Paragraph(Text(f"{MARKS[Label.INCORRECT]} {told}", style=STYLES[Label.INCORRECT]))


def shares(counts: Sequence[int], width: int) -> list[int]:
    """Divide so many columns by counts: at least one for each, and no more in all than there are."""
    total = sum(counts)
    if not total or width < len(counts):
        return [1] * min(len(counts), max(0, width)) + [0] * max(0, len(counts) - width)
    left = width - len(counts)
    parts = [1 + left * count // total for count in counts]
    parts[parts.index(max(parts))] += width - sum(parts)
    return parts


@dataclass(frozen=True, slots=True)
class Trend:
    """Disclosures by day or hour: a line each, or one line for all where there are many."""

    spans: tuple[Span, ...]
    words: Said

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """Bars as wide as there is room for."""
        if len(self.spans) > ROWS:
            yield from self._lines(options.max_width)
            return
        most = max(int(span.data) for span in self.spans)
        room = max(8, min(60, options.max_width - 34))
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(justify="right", no_wrap=True)
        table.add_column(no_wrap=True, width=room)
        table.add_column(justify="right", no_wrap=True)
        for span in self.spans:
            full = max(1, room * int(span.data) // most)
            pressing = min(full, max(1, full * int(span.pressing) // max(1, int(span.data)))) if span.pressing else 0
            bar = Text("━" * pressing, style=STYLES[Label.OMITTED]).append("━" * (full - pressing), style="dim")
            note = Text(f"▲ {self.words.number(span.pressing)}", style=STYLES[Label.OMITTED]) if span.pressing else ""
            table.add_row(self._at(span.at), self.words.number(span.data), bar, note)
        yield table

    def _lines(self, width: int) -> Iterator[RenderableType]:
        names = [self.words.phrase("trend.all"), self.words.phrase("trend.pressing")]
        indent = max(map(cell_len, names)) + 1
        room = max(8, width - indent - 1)
        every, pressing = ([int(getattr(one, name)) for one in self.spans] for name in ("data", "pressing"))
        for name, counts, style in ((names[0], every, ""), (names[1], pressing, STYLES[Label.OMITTED])):
            line = Text(name.ljust(indent), style="dim", no_wrap=True, overflow="crop")
            yield line.append(sparkline(gathered(counts, room)), style=style)
        span = {"first": self._at(self.spans[0].at), "last": self._at(self.spans[-1].at)}
        most = max((one.data for one in self.spans), key=int)
        told = self.words.phrase("trend.most").format(n=self.words.number(most), **span)
        yield Paragraph(Text(told, style="dim"), indent, indent)

    def _at(self, at: str) -> str:
        return f"{at[11:13]}:00" if len(at) > 10 else self.words.day(f"{at}T00:00:00+00:00")


def gathered(counts: Sequence[int], room: int) -> list[int]:
    """So many counts as there is room for, neighbours added up where there are more."""
    if len(counts) <= room:
        return list(counts)
    edges = [len(counts) * at // room for at in range(room + 1)]
    return [sum(counts[first:last]) for first, last in pairwise(edges)]


def sparkline(counts: Sequence[int]) -> str:
    """Counts as blocks of one line; what is not none is never shown as none."""
    most = max(counts, default=0)
    if not most:
        return " " * len(counts)
    return "".join(_BLOCKS[max(1, count * 8 // most) if count else 0] for count in counts)
