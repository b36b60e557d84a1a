"""The report in a terminal: conclusions first, right at 80 columns, plain where there is no terminal."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.reports import findings_terminal, people, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.findings import Told
from douane.reports.glance import Figures, Span, Trend, Verdicts
from douane.reports.headline import beside, headline
from douane.reports.i18n import Words, lang_of
from douane.reports.kinds.said import Said
from douane.reports.marks import ARROWS, MARKS, STYLES
from douane.reports.model import Flow, Summary
from douane.reports.paragraph import Paragraph
from douane.reports.phrases import Phrases

BAR = 10
WIDE = 110
"""From so many columns on there are longer bars and two columns more."""
NAMED = 6
"""Apps named behind each other; the rest is a number."""
FIRST = 8
"""Flows told under what to look at first; the rest is a number."""


def render(summary: Summary, *, lang: str = "en", width: int = 80, trend: Sequence[Span] = ()) -> str:
    """The report as plain text, `width` columns wide, without colour. Raises `LangError`."""
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(renderable(summary, lang=lang, trend=trend))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def show(summary: Summary, *, lang: str = "en", console: Console | None = None, trend: Sequence[Span] = ()) -> None:
    """Print the report; `NO_COLOR` and an output that is no terminal are respected. Raises `LangError`."""
    (console or Console(highlight=False)).print(renderable(summary, lang=lang, trend=trend))


def renderable(summary: Summary, *, lang: str = "en", trend: Sequence[Span] = ()) -> RenderableType:
    """The report as something that rich prints at the width of its console; `trend` is what `glance.trend` gives."""
    words = Said(lang_of(lang), "glance")
    return Group(*_parts(summary, words, Phrases(words), tuple(trend)))


def _parts(s: Summary, w: Said, t: Phrases, trend: tuple[Span, ...]) -> Iterator[RenderableType]:
    yield Paragraph(Text(t.title(s), style="bold"))
    yield Paragraph(Text(f"{t.period(s)}. {w.phrase('utc')}", style="dim"))
    if s.filtered:
        yield Paragraph(Text(w.phrase("filtered"), style="dim"))
    yield from (Paragraph(Text(line, style="dim")) for line in people.lines(s.under, w))
    yield Paragraph(Text(f"{w.phrase('perimeter.lead')} {w.phrase('unobserved')}"))
    if not s.apps:
        yield Text()
        yield from (Paragraph(Text(w.phrase(f"perimeter.{key}"))) for key in ("empty", "conclusion"))
        return
    yield from (Text(), _rule(w.phrase("figures")), Figures(s, w), Verdicts(s, w))
    yield from (Text(), _rule(w.phrase("conclusions")))
    yield from _conclusions(s, w)
    yield _rule(w.phrase("notable"))
    yield from _notable(s, w, t)
    yield from (
        Text(),
        _rule(w.phrase("picture"), "".join(f"   {ARROWS[way]} {w.phrase(way.value)}" for way in Direction)),
    )
    yield _Flows(s, w) if s.flows else Paragraph(Text(w.phrase("picture.empty")))
    if trend:
        heading = w.phrase("trend.hours" if s.period.one_day else "trend.days")
        yield from (Text(), _rule(heading, f"   {w.phrase('trend.to')}"), Trend(trend, w))
    if s.findings is not None:
        yield from (Text(), _rule(Told(w, str).heading))
        yield from findings_terminal.parts(s.findings, w)
    yield from (Text(), _rule(w.phrase("onward")))
    yield from _onward(s, w, t)
    yield from (Text(), _rule(w.phrase("unseen")))
    yield from _unseen(s, w, t)
    yield from (Text(), _rule(w.phrase("next")))
    yield from (Paragraph(Text(w.phrase(f"next.{key}")), 0, 2) for key in ("show", "audit", "top"))


def _conclusions(s: Summary, w: Said) -> Iterator[RenderableType]:
    """Three sentences for each app; a last one that several of them share is said once, for all of those."""
    voice = Voice(w)
    said = [(app, voice.sentences(conclusions(app, one_day=s.period.one_day))) for app in s.apps]
    ((last, times),) = Counter(sentences[-1] for _, sentences in said).most_common(1)
    shared = last if times > 1 else None
    for app, (first, *others) in said:
        label = Label.OMITTED if app.undeclared else Label.PROHIBITED if app.restricted else None
        mark = ("■ ", STYLES[label]) if label else ("· ", "dim")
        yield Paragraph(Text.assemble(mark, first), 0, 2)
        yield from (Paragraph(Text(one, style="dim"), 2, 2) for one in others if one != shared)
        if shared is None:
            yield Text()
    if shared is not None:
        names = [safe.plain(app.name, 30) for app, sentences in said if sentences[-1] == shared]
        told = w.listed(names) if len(names) <= NAMED else w.say("count.apps", len(names))
        whose = "" if len(names) == len(said) else f"{told}{w.phrase('colon')}"
        yield Paragraph(Text(f"{whose}{shared}", style="dim"), 0, 2)
        yield Text()


def _rule(title: str, note: str = "") -> Rule:
    return Rule(Text.assemble((title, "bold"), (note, "dim")), align="left", style="dim", characters="─")


@dataclass(frozen=True, slots=True)
class _Flows:
    """Every app with its categories: direction, count, bar, verdict; in a wide terminal also undeclared, and last."""

    summary: Summary
    words: Said

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[RenderableType]:
        """A table as wide as the terminal lets it be."""
        s, w = self.summary, self.words
        wide = options.max_width >= WIDE
        bar = BAR if not wide else BAR * 2
        most = max(flow.count for flow in s.flows)
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(min_width=24, max_width=44 if wide else 26 if options.max_width < 96 else 36)
        table.add_column(width=1)
        table.add_column(justify="right", min_width=6)
        table.add_column(width=bar)
        table.add_column()
        if wide:
            table.add_column(justify="right", no_wrap=True)
            table.add_column(no_wrap=True)
        for app in s.apps:
            if not app.flows:
                continue
            headings = [Text(w.phrase(f"columns.{key}"), style="dim") for key in ("undeclared", "last")] if wide else []
            empty = [Text()] * 4 if wide else []
            table.add_row(Text(safe.plain(app.name, 30), style="bold"), *empty, *headings)
            for flow in app.flows:
                style = STYLES[flow.labels.worst]
                full = max(1, round(bar * math.log1p(flow.count) / math.log1p(most)))
                undeclared = Text(w.number(flow.undeclared) if flow.undeclared else "")
                more = [undeclared, Text(w.minute(flow.last), style="dim")] if wide else []
                table.add_row(
                    Paragraph(Text(w.category(flow.category)), 2, 2),
                    Text(ARROWS[flow.direction], style="dim"),
                    w.number(flow.count),
                    Text("━" * full, style=style),
                    Paragraph(_marked(flow, w), 0, 2),
                    *more,
                )
        yield table


def _marked(flow: Flow, w: Words) -> Text:
    """A flow's verdict behind its mark, with the marks alone of what else is true under a platform rule."""
    worst = flow.labels.worst
    text = Text(MARKS[worst], style=STYLES[worst])
    for label, _ in beside(flow):
        text.append(MARKS[label], style=STYLES[label])
    text.append(f" {w.phrase(f'label.{worst.value}')}", style=STYLES[worst])
    return _shared(text, flow, w)


def _verdict(flow: Flow, w: Words) -> Text:
    return _shared(Text(headline(flow, w), style=STYLES[flow.labels.worst]), flow, w)


def _shared(text: Text, flow: Flow, w: Words) -> Text:
    """With how many of the flow's disclosures have its worst verdict, where not all do."""
    pressing = flow.labels.of(flow.labels.worst)
    if pressing < flow.count:
        text.append(f" ({w.number(pressing)} {w.phrase('col.of')} {w.number(flow.count)})")
    return text


def _notable(s: Summary, w: Said, t: Phrases) -> Iterator[RenderableType]:
    """Findings as short paragraphs: a table of seven columns does not fit a terminal."""
    if not s.undeclared:
        yield Paragraph(Text(t.nothing_undeclared(s)))
    for flow in s.notable[:FIRST]:
        marks = w.marks(flow.flags, flow.category)
        count = flow.undeclared or flow.count
        line = Text.assemble(
            (safe.plain(flow.app, 30), "bold"),
            (f" {ARROWS[flow.direction]} ", "dim"),
            w.category(flow.category),
            (f" ({', '.join(marks)})" if marks else "", STYLES[Label.PROHIBITED] if flow.special else "dim"),
            w.phrase("colon"),
            w.say("count.disclosures", count),
            ", ",
            _verdict(flow, w),
        )
        yield Paragraph(line, 0, 2)
        where = [f"{safe.plain(p.tool or p.method, 30)} {safe.middle(p.pointer, 60)}".strip() for p in flow.places[:2]]
        more = len(flow.places) - len(where) + flow.places_more
        tail = [w.say("count.places", more)] if more else []
        first = f"{w.phrase('col.first').lower()} {t.when(s, flow.undeclared_first or flow.first)}"
        shown = [w.say("evidence", id=str(flow.places[0].exchange))] if flow.places else []
        yield Paragraph(Text(" · ".join([*where, *tail, first, *shown]), style="dim"), 4, 4)
    if (more_flows := len(s.notable) - FIRST) > 0:
        yield Paragraph(Text(w.say("more.notable", more_flows), style="dim"), 0, 2)


def _onward(s: Summary, w: Words, t: Phrases) -> Iterator[RenderableType]:
    """What each app sent out itself, or why that is not known."""
    for app in s.apps:
        name = (safe.plain(app.name, 30), "bold")
        if said := t.passes_on(app):
            yield Paragraph(Text.assemble(name, w.phrase("colon"), said), 0, 2)
        for one in app.onward:
            line = Text.assemble(
                name,
                (" ⇢ ", "dim"),
                f"{safe.plain(one.host, 60)} ({t.recipient(one)})",
                w.phrase("colon"),
                f"{w.category(one.category)}, {w.say('count.times', one.count)}, ",
                (w.phrase(f"label.{one.headline.value}"), STYLES[one.headline]),
            )
            yield Paragraph(line, 0, 2)
            when = f"{t.when(s, one.first)} – {t.when(s, one.last)}"
            yield Paragraph(Text(" · ".join([when, *t.links(s, one)]), style="dim"), 4, 4)


def _unseen(s: Summary, w: Words, t: Phrases) -> Iterator[RenderableType]:
    yield Paragraph(Text(w.phrase("unobserved"), style="bold"))
    if not s.not_inspected:
        yield Paragraph(Text(w.phrase("gaps.none")))
    for gap in s.gaps:
        apps = ", ".join(safe.plain(app, 24) for app in t.gap_apps(s, gap.code)[:4])
        line = Text.assemble(
            (w.phrase("uncompared" if gap.inspected else "gaps"), "dim"),
            w.phrase("colon"),
            f"{w.say('count.times', gap.times)}, {t.gap(gap)}",
            (f" ({apps})", "dim"),
        )
        yield Paragraph(line, 0, 2)
    for outcome in Outcome:
        tally = s.outcomes.of(outcome)
        if outcome is not Outcome.DELIVERED and tally.messages:
            told = f"{w.phrase('col.outcome')}, {w.phrase(f'outcome.{outcome.value}')}{w.phrase('colon')}"
            yield Paragraph(Text(told + w.say("count.messages", tally.messages)))
    yield Paragraph(Text(f"{w.phrase('outcomes.note')} {t.own(s)}"))
    passages = sum(one.count for app in s.apps for one in app.passages)
    yield Paragraph(Text(w.say("sheet.passages", passages) + "." if passages else w.phrase("passages.none")))
