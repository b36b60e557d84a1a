"""The picture of who gets what, drawn as SVG: app × category × direction.

Few apps get a panel each, with ChatGPT on the left and the app on the right; many apps get a matrix. Colours come from
the page's style sheet (classes `v-…`), so that the picture follows light, dark and print. Every text is made harmless.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import batched

from markupsafe import Markup, escape

from douane.audit.exchange import Label
from douane.audit.message import Direction
from douane.reports import safe
from douane.reports.headline import in_words, shown_labels
from douane.reports.hidden import Few
from douane.reports.i18n import Words
from douane.reports.model import LABELS, App, Flow, Summary

PANELS = 4
"""Up to this many apps get a panel each."""

COLUMNS = 20
"""Apps per matrix."""

COLUMN = 40
"""The width of an app in the matrix."""

_ICONS = {
    Label.PROHIBITED: '<circle cx="6" cy="6" r="4.6"/><path d="M2.8 9.2 9.2 2.8"/>',
    Label.INCORRECT: '<path d="M2 2 10 10M10 2 2 10"/>',
    Label.OMITTED: '<path class="solid" d="M6 1 11.4 10.6H.6Z"/>',
    Label.VAGUE: '<path d="M1 4.6c1.7-2 3.3-2 5 0s3.3 2 5 0M1 8.4c1.7-2 3.3-2 5 0s3.3 2 5 0"/>',
    Label.AMBIGUOUS: '<path d="M6 1.2v6M3 4.2h6M3 10h6"/>',
    Label.CLEAR: '<path d="M1.6 6.4 4.6 9.6 10.4 2.6"/>',
    Label.GAP: '<path d="M1.8 6h8.4"/>',
}


def icon(label: Label, title: str = "") -> Markup:
    """The mark of a verdict, 12 × 12; silent for assistive technology, since words stand beside it."""
    name = Markup("<title>{}</title>").format(title) if title else Markup("")
    return Markup('<svg class="icon i-{}" viewBox="0 0 12 12" aria-hidden="true" focusable="false">{}{}</svg>').format(
        label.value,
        name,
        Markup(_ICONS[label]),  # noqa: S704 -- a constant of this module
    )


def short(count: int, words: Words) -> str:
    """A count in at most four characters: `999`, `1.2k`, `12k`, `3.4M`."""
    if count < 1000 or isinstance(count, Few):
        return str(count)
    for size, unit in ((1000, "k"), (1_000_000, "M"), (1_000_000_000, "G")):
        if count < size * 1000:
            digits = f"{count / size:.1f}" if count < size * 9.95 else f"{count / size:.0f}"
            text = f"{digits}{unit}"
            return text.replace(".", ",") if words.lang == "fr" else text
    return f"{count:.0e}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """One SVG and, for the matrix, which apps of how many it shows. `kind` is `panel`, `narrow` or `matrix`."""

    kind: str
    svg: Markup
    app: str = ""
    first: int = 0
    last: int = 0
    total: int = 0


def drawings(summary: Summary, words: Words) -> list[Drawing]:
    """The picture in as many parts as it needs; none when nothing was disclosed."""
    apps = [app for app in summary.apps if app.flows]
    if len(apps) <= PANELS:
        return [
            Drawing(kind, _panel(app, words, wide=kind == "panel"), app.name)
            for app in apps
            for kind in ("panel", "narrow")
        ]
    parts, start = [], 1
    for some in batched(apps, COLUMNS, strict=False):
        parts.append(Drawing("matrix", _matrix(some, words), "", start, start + len(some) - 1, len(apps)))
        start += len(some)
    return parts


def _panel(app: App, words: Words, *, wide: bool) -> Markup:
    """One app: a line per category, what it received to the right, what it returned to the left."""
    rows = _by_category(app.flows)
    most = max(flow.count for flow in app.flows)
    width, step, top, rail = (960, 36, 44, 10) if wide else (320, 50, 40, 6)
    label = 260 if wide else 0
    height = top + step * len(rows) + 8
    middle = width / 2
    parts = [
        _rect(0, top - 8, rail, height - top + 8, "rail"),
        _rect(width - rail, top - 8, rail, height - top + 8, "rail"),
        _text(0, 20, "ChatGPT", "head"),
        _text(width, 20, safe.plain(app.name, 30 if wide else 18), "head", "end"),
    ]
    for place, (category, flows) in enumerate(rows):
        y = top + step * place + (step / 2 if wide else 34)
        text = safe.plain(words.category(category), 38 if wide else 40)
        parts.append(_text(middle, y + 4.5 if wide else y - 16, text, "label", "middle"))
        for flow in flows:
            outwards = 1 if flow.direction is Direction.TO_APP else -1
            near = middle + outwards * (label / 2 + 6 if wide else 5)
            far = width - rail - 3 if outwards > 0 else rail + 3
            parts.append(_band(flow, near, far, y, most, words))
    return _svg(width, height, parts, f"flow {'wide' if wide else 'narrow'}")


def _band(flow: Flow, near: float, far: float, y: float, most: int, words: Words) -> Markup:
    """An arrow from the middle outwards, thicker for more, with its number and marks on it.

    Where only some of its disclosures have the most pressing verdict, that much of the arrow has its colour.
    """
    half = 1.5 + 6.5 * (math.log1p(flow.count) / math.log1p(most))
    out = 1 if far > near else -1
    neck = far - out * (half + 5)
    points = [
        (near, y - half),
        (neck, y - half),
        (neck, y - half - 3.5),
        (far, y),
        (neck, y + half + 3.5),
        (neck, y + half),
        (near, y + half),
    ]
    shape = " ".join(f"{x:.1f},{at:.1f}" for x, at in points)
    labels = shown_labels(flow)
    pressing = flow.labels.of(labels[0])
    number = short(flow.count, words)
    share = Markup("")
    colour = labels[0]
    if pressing < flow.count:
        number = f"{short(pressing, words)}/{number}"
        colour = next(label for label in LABELS if label is not labels[0] and flow.labels.of(label))
        end = near + (neck - near) * max(0.06, pressing / flow.count)
        part = " ".join(
            f"{x:.1f},{at:.1f}" for x, at in ((near, y - half), (end, y - half), (end, y + half), (near, y + half))
        )
        share = Markup('<g class="v-{}"><polygon points="{}"/></g>').format(labels[0].value, part)
    plate = 12 + 7.4 * len(number) + 16 * len(labels)
    left = (near + far) / 2 - plate / 2 - out * 4
    parts = [
        Markup("<title>{}</title>").format(spoken(flow, words)),
        Markup('<g class="v-{}"><polygon points="{}"/></g>').format(colour.value, shape),
        share,
        Markup('<rect class="plate" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="20" rx="10"/>').format(
            left, y - 10, plate
        ),
        _text(left + 7, y + 4.5, number, "number"),
    ]
    for place, label in enumerate(labels):
        x = left + 11 + 7.4 * len(number) + 16 * place
        parts.append(
            Markup('<g class="icon i-{}" transform="translate({:.1f} {:.1f})">{}</g>').format(
                label.value,
                x,
                y - 6,
                Markup(_ICONS[label]),  # noqa: S704 -- a constant of this module
            )
        )
    return Markup("<g>{}</g>").format(Markup("").join(parts))


def _matrix(apps: Sequence[App], words: Words) -> Markup:
    """Categories down, apps across; in each cell a tag for each direction with its number."""
    cells = {(app.name, flow.category, flow.direction): flow for app in apps for flow in app.flows}
    grave = {flow.category for app in apps for flow in app.flows if flow.special or flow.restricted}
    order = sorted(
        (flow for app in apps for flow in app.flows), key=lambda flow: (flow.category not in grave, flow.weight)
    )
    categories = list(dict.fromkeys(flow.category for flow in order))
    names = [safe.plain(app.name, 20) for app in apps]
    texts = [safe.plain(words.category(category), 30) for category in categories]
    left = 12 + 6.3 * max(map(len, texts))
    top = 18 + 5.6 * max(map(len, names))
    line = 21
    width = left + COLUMN * len(apps) + max(16.0, 4.6 * len(names[-1]))
    parts: list[Markup] = []
    for place, name in enumerate(names):
        x = left + COLUMN * place + COLUMN / 2
        parts.append(
            Markup('<text class="head" transform="translate({:.1f} {:.1f}) rotate(-52)">{}</text>').format(
                x - 2, top - 10, name
            )
        )
    y = top
    for category, text in zip(categories, texts, strict=True):
        ways = [way for way in Direction if any((app.name, category, way) in cells for app in apps)]
        height = 6 + line * len(ways)
        parts.append(Markup('<line class="grid" x1="0" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>').format(width, y, y))
        parts.append(_text(0, y + height / 2 + 4.5, text, "label"))
        for place, app in enumerate(apps):
            for way_place, way in enumerate(ways):
                flow = cells.get((app.name, category, way))
                if flow is not None:
                    parts.append(_tag(flow, left + COLUMN * place + 1.5, y + 4 + line * way_place, words))
        y += height
    parts.append(Markup('<line class="grid" x1="0" x2="{:.0f}" y1="{:.1f}" y2="{:.1f}"/>').format(width, y, y))
    return _svg(width, y + 2, parts, "matrix")


def _tag(flow: Flow, x: float, y: float, words: Words) -> Markup:
    """A luggage tag that points where the data went, with its mark at the tail and its number."""
    wide, tall, tip = COLUMN - 3, 18, 6
    to_app = flow.direction is Direction.TO_APP
    outline = (
        [(0, 0), (wide - tip, 0), (wide, tall / 2), (wide - tip, tall), (0, tall)]
        if to_app
        else [(wide, 0), (tip, 0), (0, tall / 2), (tip, tall), (wide, tall)]
    )
    points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in outline)
    labels = shown_labels(flow)
    mark = Markup('<g class="icon" transform="translate({:.1f} {:.1f}) scale(.66)">{}</g>').format(
        x + 2.5 if to_app else x + wide - 10.5,
        y + 5,
        Markup(_ICONS[labels[min(1, len(labels) - 1)]]),  # noqa: S704 -- a constant of this module
    )
    centre = x + wide / 2 + (3 if to_app else -3)
    return Markup('<g class="tag v-{}"><title>{}</title><polygon points="{}"/>{}{}</g>').format(
        labels[0].value,
        spoken(flow, words),
        points,
        mark,
        _text(centre, y + 12.8, short(flow.count, words), "on", "middle"),
    )


def spoken(flow: Flow, words: Words) -> str:
    """One flow in words, for a tooltip."""
    return "".join(
        (
            f"{safe.plain(flow.app, 40)}, {words.category(flow.category)}, {words.phrase(flow.direction.value)}",
            words.phrase("colon"),
            in_words(flow, words),
        )
    )


def _by_category(flows: Sequence[Flow]) -> list[tuple[str, list[Flow]]]:
    found: dict[str, list[Flow]] = {}
    for flow in flows:
        found.setdefault(flow.category, []).append(flow)
    return list(found.items())


def _svg(width: float, height: float, parts: Sequence[Markup], kind: str) -> Markup:
    return Markup(
        '<svg class="{}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {:.0f} {:.0f}" width="{:.0f}" '
        'height="{:.0f}" aria-hidden="true" focusable="false">{}</svg>'
    ).format(kind, width, height, width, height, Markup("").join(parts))


def _rect(x: float, y: float, width: float, height: float, kind: str) -> Markup:
    return Markup('<rect class="{}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>').format(
        kind, x, y, width, height
    )


def _text(x: float, y: float, text: str, kind: str, anchor: str = "start") -> Markup:
    return Markup('<text class="{}" x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(
        kind, x, y, anchor, escape(text)
    )
