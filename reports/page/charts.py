"""Drawings of the page: SVG that the page's style sheet colours, for light, dark and paper."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Final

from markupsafe import Markup

from douane.ledger.counted import DayFigures
from douane.reports.figure import short
from douane.reports.hidden import SMALL, Few, coarse
from douane.reports.i18n import Words

DAYS: Final = 60
"""Days of a timeline, the last ones."""
_WIDTH: Final = 960.0
_TALL: Final = 132.0
_BASE: Final = 104.0
_LEFT: Final = 40.0


def timeline(days: Sequence[DayFigures], words: Words, *, hide_small: bool) -> Markup:
    """A column for each day: disclosures, and how many of them are undeclared; empty for less than two days.

    Where a day's count is hidden, every day's says no more than none, under 5, or more.
    """
    filled = _every_day(days)
    if len(filled) < 2:
        return Markup("")
    hidden = hide_small and any(0 < count < SMALL for day in filled for count in (day.disclosures, day.undeclared))
    counts = [coarse(day.disclosures) if hidden else day.disclosures for day in filled]
    most = max(1, *counts)
    step = (_WIDTH - _LEFT) / max(len(filled), 14)
    parts = [
        _line(_BASE),
        _line(20.0),
        _text(_LEFT - 8, 24, short(most, words), "end"),
        _text(_LEFT - 8, _BASE + 4, "0", "end"),
    ]
    every = -(-len(filled) // 10)
    for place, (day, count) in enumerate(zip(filled, counts, strict=True)):
        x, thick = _LEFT + step * place + step * 0.12, step * 0.76
        left_out = coarse(day.undeclared) if hidden else day.undeclared
        said = (
            f"{words.day(day.day)}{words.phrase('colon')}{words.say('count.disclosures', count)}, "
            f"{words.phrase('apps.undeclared')} {words.number(left_out)}"
        )
        bars = [_bar(x, thick, 84 * count / most if count else 0, "few" if isinstance(count, Few) else "bar")]
        if left_out and not isinstance(left_out, Few):
            bars.append(_bar(x, thick, 84 * left_out / most, "left-out"))
        parts.append(Markup("<g><title>{}</title>{}</g>").format(said, Markup("").join(bars)))
        if place % every == 0:
            parts.append(_text(x + thick / 2, _BASE + 20, day.day[8:] + "/" + day.day[5:7], "middle"))
    return Markup(
        '<svg class="timeline" viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}" height="{:.0f}" role="img" '
        'aria-label="{}">{}</svg>'
    ).format(_WIDTH, _TALL, _WIDTH, _TALL, words.phrase("apps.timeline"), Markup("").join(parts))


def together(days: Iterable[DayFigures]) -> tuple[DayFigures, ...]:
    """The days of several apps, summed up."""
    found: dict[str, DayFigures] = {}
    for day in days:
        one = found.get(day.day, DayFigures(day.day))
        counts = ("messages", "disclosures", "undeclared", "special", "prohibited", "gaps")
        found[day.day] = DayFigures(day.day, *(getattr(one, key) + getattr(day, key) for key in counts))
    return tuple(found[day] for day in sorted(found))


def _every_day(days: Sequence[DayFigures]) -> list[DayFigures]:
    """The last days without a hole: one on which nothing crossed has a place too."""
    if not days:
        return []
    known = {day.day: day for day in days}
    last = date.fromisoformat(days[-1].day)
    first = max(date.fromisoformat(days[0].day), last - timedelta(days=DAYS - 1))
    span = [(first + timedelta(days=place)).isoformat() for place in range((last - first).days + 1)]
    return [known.get(day, DayFigures(day)) for day in span]


def _bar(x: float, thick: float, high: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        kind, x, _BASE - high, thick, high
    )


def _line(y: float) -> Markup:
    return Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(_LEFT, _WIDTH, y, y)


def _text(x: float, y: float, text: str, anchor: str) -> Markup:
    return Markup('<text class="soft" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)
