"""The report in a terminal: conclusions first, right at 80 columns, plain where there is no terminal."""

import math
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.reports import findings_terminal, people, safe
from douane.reports.conclusions import Voice, conclusions
from douane.reports.findings import Told
from douane.reports.i18n import Words, lang_of
from douane.reports.model import Flow, Summary
from douane.reports.paragraph import Paragraph
from douane.reports.phrases import Phrases

STYLES = {
    Label.PROHIBITED: "bold magenta",
    Label.INCORRECT: "bold red",
    Label.OMITTED: "bold yellow",
    Label.AMBIGUOUS: "cyan",
    Label.VAGUE: "cyan",
    Label.CLEAR: "green",
    Label.GAP: "dim",
}
MARKS = {
    Label.PROHIBITED: "⊘",
    Label.INCORRECT: "✗",
    Label.OMITTED: "▲",
    Label.AMBIGUOUS: "±",
    Label.VAGUE: "≈",
    Label.CLEAR: "✓",
    Label.GAP: "–",
}
ARROWS = {Direction.TO_APP: "→", Direction.TO_CHATGPT: "←"}
BAR = 10


def render(summary: Summary, *, lang: str = "en", width: int = 80) -> str:
    """The report as plain text, `width` columns wide, without colour. Raises `LangError`."""
    console = Console(width=width, color_system=None, force_terminal=False, highlight=False, legacy_windows=False)
    with console.capture() as captured:
        console.print(renderable(summary, lang=lang))
    return "\n".join(line.rstrip() for line in captured.get().splitlines()) + "\n"


def show(summary: Summary, *, lang: str = "en", console: Console | None = None) -> None:
    """Print the report; `NO_COLOR` and an output that is no terminal are respected. Raises `LangError`."""
    (console or Console(highlight=False)).print(renderable(summary, lang=lang))


def renderable(summary: Summary, *, lang: str = "en") -> RenderableType:
    """The report as something that rich prints at the width of its console."""
    words = Words(lang_of(lang))
    return Group(*_parts(summary, words, Phrases(words)))


def _parts(s: Summary, w: Words, t: Phrases) -> Iterator[RenderableType]:
    yield Paragraph(Text(t.title(s), style="bold"))
    yield Text(f"{t.period(s)}. {w.phrase('utc')}", style="dim")
    if s.filtered:
        yield Paragraph(Text(w.phrase("filtered"), style="dim"))
    yield from (Paragraph(Text(line, style="dim")) for line in people.lines(s.under, w))
    yield Paragraph(Text(f"{w.phrase('perimeter.lead')} {w.phrase('unobserved')}"))
    if not s.apps:
        yield Text()
        yield from (Paragraph(Text(w.phrase(f"perimeter.{key}"))) for key in ("empty", "conclusion"))
        return
    yield from (Text(), _rule(w.phrase("conclusions")))
    voice = Voice(w)
    for app in s.apps:
        first, *others = voice.sentences(conclusions(app, one_day=s.period.one_day))
        style = STYLES[Label.OMITTED] if app.undeclared else STYLES[Label.PROHIBITED] if app.restricted else ""
        yield Paragraph(Text.assemble(("■ " if style else "· ", style or "dim"), first), 0, 2)
        yield from (Paragraph(Text(sentence, style="dim"), 2, 2) for sentence in others)
        yield Text()
    yield _rule(w.phrase("picture"), "".join(f"   {ARROWS[way]} {w.phrase(way.value)}" for way in Direction))
    yield _flows(s, w) if s.flows else Paragraph(Text(w.phrase("picture.empty")))
    yield Text()
    yield _rule(w.phrase("notable"))
    yield from _notable(s, w, t)
    if s.findings is not None:
        yield from (Text(), _rule(Told(w, str).heading))
        yield from findings_terminal.parts(s.findings, w)
    yield from (Text(), _rule(w.phrase("onward")))
    yield from _onward(s, w, t)
    yield from (Text(), _rule(w.phrase("unseen")))
    yield from _unseen(s, w, t)


def _rule(title: str, note: str = "") -> Rule:
    return Rule(Text.assemble((title, "bold"), (note, "dim")), align="left", style="dim", characters="─")


def _flows(s: Summary, w: Words) -> RenderableType:
    """Every app with its categories: direction, count, bar, verdict."""
    most = max(flow.count for flow in s.flows)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(min_width=24, max_width=36)
    table.add_column(width=1)
    table.add_column(justify="right", min_width=6)
    table.add_column(width=BAR)
    table.add_column()
    for app in s.apps:
        if not app.flows:
            continue
        table.add_row(Text(safe.plain(app.name, 30), style="bold"))
        for flow in app.flows:
            style = STYLES[flow.labels.worst]
            full = max(1, round(BAR * math.log1p(flow.count) / math.log1p(most)))
            table.add_row(
                Paragraph(Text(w.category(flow.category)), 2, 2),
                Text(ARROWS[flow.direction], style="dim"),
                w.number(flow.count),
                Text("━" * full, style=style),
                Paragraph(_verdict(flow, w)),
            )
    return table


def _verdict(flow: Flow, w: Words) -> Text:
    both = flow.labels.worst is Label.PROHIBITED and flow.undeclared
    label = "label.undeclared.prohibited" if both else f"label.{flow.labels.worst.value}"
    text = Text(w.phrase(label), style=STYLES[flow.labels.worst])
    pressing = flow.labels.of(flow.labels.worst)
    if pressing < flow.count:
        text.append(f" ({w.number(pressing)} {w.phrase('col.of')} {w.number(flow.count)})")
    return text


def _notable(s: Summary, w: Words, t: Phrases) -> Iterator[RenderableType]:
    """Findings as short paragraphs: a table of seven columns does not fit a terminal."""
    if not s.undeclared:
        yield Paragraph(Text(t.nothing_undeclared(s)))
    for flow in s.notable:
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
        yield Paragraph(Text(" · ".join([*where, *tail, first]), style="dim"), 4, 4)


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
            yield Text(
                f"{w.phrase('col.outcome')}, {w.phrase(f'outcome.{outcome.value}')}{w.phrase('colon')}"
                f"{w.say('count.messages', tally.messages)}"
            )
    yield Paragraph(Text(f"{w.phrase('outcomes.note')} {t.own(s)}"))
    passages = sum(one.count for app in s.apps for one in app.passages)
    yield Paragraph(Text(w.say("sheet.passages", passages) + "." if passages else w.phrase("passages.none")))
