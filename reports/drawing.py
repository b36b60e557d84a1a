"""Drawings for documents: SVG that carries its own colours, and so looks the same in a page, a PDF and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched
from typing import Final

from markupsafe import Markup, escape

from douane.audit.exchange import Label
from douane.reports import figure, safe
from douane.reports.document import Picture
from douane.reports.hidden import Few
from douane.reports.i18n import Words
from douane.reports.model import Summary

_COLOURS: Final = {
    Label.PROHIBITED: "#8c1d4f",
    Label.INCORRECT: "#a3271f",
    Label.OMITTED: "#b5441a",
    Label.AMBIGUOUS: "#6b5a12",
    Label.VAGUE: "#7d5f00",
    Label.CLEAR: "#27665f",
    Label.GAP: "#6a727b",
}
_LETTERS: Final = "'Libertinus Serif',Charter,Georgia,serif"
_ROWS: Final = 40
"""Categories of a heat map; those of the least weight are left to the table beside it."""
_COLUMNS: Final = 14
BARS: Final = 62
"""Columns of a timeline."""


def _style() -> str:
    rules = [
        f"text{{font-family:{_LETTERS};font-size:14.5px;fill:#1c2126}}",
        "text.head{font-weight:600}text.number{font-weight:600;font-size:13px}text.on{font-weight:600;fill:#fff;font-size:12px}",
        "text.soft{fill:#555d66;font-size:11px}.rail{fill:#1c2126}.plate{fill:#fff}.grid{stroke:#d9d7d0;stroke-width:1}",
        ".icon{fill:none;stroke-width:1.7;stroke-linecap:round;stroke-linejoin:round}",
        ".bar{fill:#555d66}.few{fill:#fff;stroke:#555d66;stroke-dasharray:3 2}",
    ]
    for label, colour in _COLOURS.items():
        rules.append(f".v-{label.value} polygon,.v-{label.value} rect{{fill:{colour}}}")
        rules.append(f".i-{label.value}{{stroke:{colour}}}.i-{label.value} .solid{{fill:{colour}}}")
    rules.append(".tag .icon{stroke:#fff;stroke-width:2}.tag .icon .solid{fill:#fff}")
    for label in (Label.CLEAR, Label.GAP):
        colour, name = _COLOURS[label], label.value
        rules.append(f".tag.v-{name} polygon{{fill:none;stroke:{colour};stroke-width:1.2}}")
        rules.append(f".tag.v-{name} text{{fill:{colour}}}.tag.v-{name} .icon{{stroke:{colour}}}")
    return "".join(rules)


def standing(svg: str) -> str:
    """A drawing of `figure` with its own colours, and without what a file of its own has no use for."""
    start = svg.index(">") + 1
    return f"{svg[:start]}<style>{_style()}</style>{svg[start:]}"


def flows(summary: Summary, words: Words) -> list[Picture]:
    """Who gets what: a picture for each of a few apps, or matrices for many; the same in words."""
    pictures = []
    for one in figure.drawings(summary, words):
        if one.kind == "narrow":
            continue
        shown = [app for app in summary.apps if app.flows]
        if one.kind == "panel":
            told = [flow for app in shown if app.name == one.app for flow in app.flows]
        else:
            told = [flow for app in shown[one.first - 1 : one.last] for flow in app.flows if flow.notable]
        said = words.phrase("semicolon").join(figure.spoken(flow, words) for flow in told[:60])
        pictures.append(Picture(standing(str(one.svg)), said or words.phrase("figures")))
    return pictures


def heat_map(summary: Summary, words: Words, spoken: str) -> list[Picture]:
    """Category × app: the more disclosures the darker, in the colour of their most pressing verdict."""
    apps = [app for app in summary.apps if app.flows]
    counts: dict[tuple[str, str], tuple[int, Label]] = {}
    weight: dict[str, int] = {}
    for place, flow in enumerate(summary.flows):
        count, label = counts.get((flow.category, flow.app), (0, Label.GAP))
        heavier = min(label, flow.labels.worst, key=list(_COLOURS).index)
        counts[flow.category, flow.app] = flow.count + count, heavier
        weight.setdefault(flow.category, place)
    categories = sorted(weight, key=lambda key: weight[key])[:_ROWS]
    most = max((count for count, _ in counts.values()), default=1)
    pictures = []
    for some in batched(apps, _COLUMNS, strict=False):
        names = [safe.plain(app.name, 20) for app in some]
        left = 12 + 7.0 * max((len(safe.plain(words.category(one), 34)) for one in categories), default=1)
        wide = min(110.0, max(44.0, (900 - left) / len(names)))
        top = 20 + 5.6 * max(map(len, names))
        parts: list[Markup] = []
        for column, name in enumerate(names):
            x = left + wide * column + wide / 2
            parts.append(
                Markup('<text class="head" transform="translate({:.1f} {:.1f}) rotate(-40)">{}</text>').format(
                    x - 4, top - 8, name
                )
            )
        for row, category in enumerate(categories):
            y = top + 24 * row
            parts.append(_text(0, y + 16, safe.plain(words.category(category), 34), "label"))
            for column, app in enumerate(some):
                cell = counts.get((category, app.name))
                parts.append(_cell(left + wide * column, y, wide, cell, most, words))
        tall = top + 24 * len(categories) + 4
        width = left + wide * len(names) + max(20.0, 5 * len(names[-1]))
        pictures.append(Picture(_svg(width, tall, parts), spoken, width=min(1.0, width / 900)))
    return pictures


def _cell(x: float, y: float, wide: float, cell: tuple[int, Label] | None, most: int, words: Words) -> Markup:
    box = f'x="{x + 1:.1f}" y="{y + 1:.1f}" width="{wide - 2:.1f}" height="22"'
    if cell is None:
        return Markup(f'<rect {box} fill="#f5f4f0"/>')  # noqa: S704 -- numbers of ours
    count, label = cell
    share = 0.16 + 0.84 * (min(count, most) / most) ** 0.4
    dark = share > 0.55
    return Markup('<g><rect {} fill="{}" fill-opacity="{:.2f}"/>{}</g>').format(
        Markup(box),  # noqa: S704 -- likewise
        _COLOURS[label],
        share,
        _text(x + wide / 2, y + 16, figure.short(count, words), "on" if dark else "number", "middle"),
    )


@dataclass(frozen=True, slots=True)
class Bar:
    """One span of the timeline: what it is called, and how many."""

    name: str
    count: int


def timeline(bars: Sequence[Bar], words: Words, spoken: str) -> list[Picture]:
    """A column for each span of time; a hidden count is an empty column."""
    if not bars:
        return []
    kept = list(bars[-BARS:])
    width, tall, left, base = 680.0, 180.0, 40.0, 150.0
    most = max(1, *(bar.count for bar in kept))
    step = (width - left) / len(kept)
    parts = [
        Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(left, width, base, base),
        Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(left, width, 20, 20),
        _text(left - 6, 24, figure.short(most, words), "soft", "end"),
        _text(left - 6, base + 4, "0", "soft", "end"),
    ]
    every = max(1, -(-len(kept) // 10))
    for place, bar in enumerate(kept):
        x, thick = left + step * place, min(step * 0.78, 60.0)
        high = 130 * (min(bar.count, most) / most)
        if bar.count:
            parts.append(
                Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
                    "few" if isinstance(bar.count, Few) else "bar", x + (step - thick) / 2, base - high, thick, high
                )
            )
        if place % every == 0:
            parts.append(_text(x + step / 2, base + 18, bar.name, "soft", "middle"))
    return [Picture(_svg(width, tall, parts), spoken)]


def _svg(width: float, tall: float, parts: Sequence[Markup]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {tall:.0f}" width="{width:.0f}" '
        f'height="{tall:.0f}"><style>{_style()}</style>{"".join(parts)}</svg>'
    )


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(text)
    )
