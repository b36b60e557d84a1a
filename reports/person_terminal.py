"""What crossed of one person, in a terminal: who received it, each datum, and what could not be looked through."""

from collections.abc import Iterator
from typing import Final

from rich.console import Console, Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from douane.ledger.person import Disclosed, Person
from douane.reports import people, safe
from douane.reports.i18n import lang_of
from douane.reports.kinds.said import Said
from douane.reports.marks import ARROWS, STYLES
from douane.reports.paragraph import Paragraph
from douane.reports.people import Under
from douane.reports.person import KIND, asked, left_out, purpose_names, received, recipient, summed, way_of
from douane.reports.render.words import lines

LISTED: Final = 40
"""Data told one by one; the rest is a number."""
_ONWARD: Final = "⇢"


def show(person: Person, under: Under, *, lang: str = "en", waiting: int = 0, console: Console | None = None) -> None:
    """Print it; `NO_COLOR` and an output that is no terminal are respected. Raises `LangError`."""
    (console or Console(highlight=False)).print(renderable(person, under, lang=lang, waiting=waiting))


def renderable(person: Person, under: Under, *, lang: str = "en", waiting: int = 0) -> RenderableType:
    """The same as something that rich prints at the width of its console."""
    return Group(*_parts(person, under, Said(lang_of(lang), KIND), waiting))


def _parts(person: Person, under: Under, said: Said, waiting: int) -> Iterator[RenderableType]:
    yield Paragraph(Text(said.phrase("title"), style="bold"))
    yield from (Paragraph(Text(line, style="dim")) for line in people.lines(under, said))
    yield Text()
    yield _rule(said.phrase("asked"))
    yield from _asked(person, said)
    for label, value in summed(said, person).rows:
        style = "bold" if person.disclosed else "bold yellow"
        told = Text.assemble(
            (label, "dim"), said.phrase("colon"), (said.phrase("semicolon").join(lines(value, said)), style)
        )
        yield Paragraph(told, 0, 2)
    if person.disclosed:
        yield from (Text(), _rule(said.phrase("who")))
        for one in received(said, person):
            names = said.listed(said.categories(one.categories))
            first, last = (said.minute(pick(each.at for each in one.disclosed)) for pick in (min, max))
            told = Text.assemble((safe.plain(one.app, 40), "bold"), f" · {one.who} · {one.way}")
            yield Paragraph(told, 0, 2)
            count = said.say("count.disclosures", len(one.disclosed))
            when = first if first == last else f"{first} – {last}"
            yield Paragraph(Text.assemble(f"{names}{said.phrase('colon')}{count}", (f" · {when}", "dim")), 2, 4)
        yield from (Text(), _rule(said.phrase("every")))
        why = said.say("every.why", id=str(person.disclosed[0].id))
        yield Paragraph(Text(why, style="dim"), 0, 2)
        for datum in person.disclosed[:LISTED]:
            yield from _datum(datum, said)
        if (more := len(person.disclosed) - LISTED) > 0:
            yield Paragraph(Text(said.say("terminal.more", more), style="dim"), 0, 2)
    yield from (Text(), _rule(said.phrase("unfound")))
    yield from (Paragraph(Text(f"· {line}"), 0, 2) for line in left_out(said, person, waiting))


def _asked(person: Person, said: Said) -> Iterator[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(justify="right")
    table.add_column(overflow="fold")
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    for number, kind, count, apps, notes in asked(said, person).rows:
        where = ", ".join(apps) if isinstance(apps, tuple) else ""
        told = said.say("count.disclosures", count if isinstance(count, int) else 0)
        table.add_row(str(number), Paragraph(Text(str(kind))), told, Paragraph(Text(where, style="bold")))
        for note in notes if isinstance(notes, tuple) else ():
            table.add_row("", Paragraph(Text(str(note), style="yellow")), "", "")
    yield table


def _datum(one: Disclosed, said: Said) -> Iterator[RenderableType]:
    arrow = _ONWARD if one.route == "egress" else ARROWS[one.direction]
    line = Text.assemble(
        (said.say("number", id=str(one.id)), "dim"),
        f"  {said.minute(one.at)}  ",
        (safe.plain(one.app, 30), "bold"),
        (f" {arrow} ", "dim"),
        said.category(one.category),
        said.phrase("colon"),
        (said.phrase(f"label.{one.headline.value}"), STYLES[one.headline]),
    )
    if not one.delivered:
        line.append(f" ({said.phrase(f'outcome.{one.outcome.value}')})", style="red")
    yield Paragraph(line, 0, 4)
    where = " ".join(part for part in (safe.plain(one.tool or one.method, 30), safe.middle(one.pointer, 60)) if part)
    numbers = ", ".join(map(str, one.identifiers))
    parts = [where, ", ".join(purpose_names(said, one)), f"{said.phrase('every.identifier').lower()} {numbers}"]
    if one.route == "egress":
        parts[1] = f"{way_of(said, one)} · {recipient(said, one)}"
    if one.how.value != "own":
        parts.append(said.phrase(f"how.{one.how.value}"))
    yield Paragraph(Text(" · ".join(parts), style="dim"), 4, 4)


def _rule(title: str) -> Rule:
    return Rule(Text(title, style="bold"), align="left", style="dim", characters="─")
