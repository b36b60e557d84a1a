"""The part of the page on labelled MCP messages: every figure beside stock Presidio's on the same messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.detection import tables
from bench.detection.messages import ABOUT, Look, load, look
from bench.detection.peer import Stock, predictions
from bench.detection.reasons import Errors, errors
from bench.detection.scoring import Key, Prediction, Rates, Tally, intervals, tally
from douane.detectors.base import Detector

_ROWS: tuple[tuple[str, Key], ...] = (
    ("fields, `openai/*` left out", ("core", "")),
    ("… English", ("core lang", "en")),
    ("… French", ("core lang", "fr")),
    ("… to the app", ("core direction", "to_app")),
    ("… to ChatGPT", ("core direction", "to_chatgpt")),
    ("fields, all", ("field", "")),
    ("… English", ("lang", "en")),
    ("… French", ("lang", "fr")),
    ("special categories (articles 9 and 10)", ("group", "special")),
    ("spans, overlapping", ("span", "")),
    ("spans, exact to the character, any category", ("exact", "")),
)


@dataclass(frozen=True, slots=True)
class Measured:
    """A labelled set: what Douane found in each message, what stock Presidio did, and both systems' rates."""

    name: str
    looks: list[Look]
    said: list[list[Prediction]]
    ours: dict[Key, Rates]
    stock: dict[Key, Rates]


def measure(path: Path, detectors: Sequence[Detector], stock: Stock) -> Measured:
    """Both systems on one set."""
    looks = [look(one, detectors) for one in load(path)]
    ours: list[Tally] = [tally(one.opened.row, one.predictions) for one in looks]
    rows = [one.opened.row for one in looks]
    said = [predictions(stock, row["message"], row["lang"]) for row in rows]
    theirs = [tally(row, found) for row, found in zip(rows, said, strict=True)]
    return Measured(path.stem, looks, said, intervals(ours), intervals(theirs))


def listing(measured: Sequence[Measured]) -> list[str]:
    """What the sets are, and which of them rules were written with in view."""
    lines = [tables.cells("set", "messages", "apps", "labels", "in view of the rules", "how it came about")]
    lines.append(tables.cells("---", "---:", "---:", "---:", "---", "---"))
    for one in measured:
        seen, how = ABOUT.get(one.name, (True, "unknown; counted as seen"))
        rows = [look.opened.row for look in one.looks]
        labels = sum(len(row["gold"]) for row in rows)
        apps = len({row["app"] for row in rows})
        view = "**yes**" if seen else "no"
        lines.append(tables.cells(f"`{one.name}`", str(len(rows)), str(apps), str(labels), view, how))
    return lines


def overview(one: Measured) -> list[str]:
    """The main figures of a set, and those of each category."""
    lines = [f"### `{one.name}`", ""]
    lines += tables.head("what is counted", "precision", "recall", "F1", "stock Presidio's F1")
    for title, key in _ROWS:
        ours, theirs = one.ours.get(key), one.stock.get(key)
        lines.append(
            tables.cells(
                title, tables.precision(ours), tables.recall(ours), tables.measure(ours), tables.measure(theirs)
            )
        )
    lines += ["", *tables.head("category", "labels", "precision", "recall", "F1", "stock Presidio's F1")]
    for key in sorted(key for key in one.ours if key[0] == "category"):
        ours, theirs = one.ours[key], one.stock.get(key)
        lines.append(
            tables.cells(
                f"`{key[1]}`",
                str(ours.gold),
                tables.precision(ours),
                tables.recall(ours),
                tables.measure(ours),
                tables.measure(theirs),
            )
        )
    return [*lines, ""]


def analysis(measured: Sequence[Measured]) -> list[str]:
    """The ten most common kinds of miss and of false alarm of all sets together, in words."""
    both: Errors = errors(look for one in measured for look in one.looks)
    lines: list[str] = []
    for title, counts, why in (
        ("Misses", both.missed, "class of reason"),
        ("False alarms", both.false, "what said so"),
    ):
        lines += [f"### {title}: {counts.total()} in all, the ten most common kinds", ""]
        lines += [tables.cells("times", "category", "kind of place", why), tables.cells("---:", "---", "---", "---")]
        ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:10]
        lines += [tables.cells(str(times), f"`{kind[0]}`", kind[1], kind[2]) for kind, times in ranked]
        lines.append("")
    return lines
