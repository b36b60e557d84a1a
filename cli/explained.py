"""What `douane scan --explain` prints: each message, each of its fields, and why something was found there or not."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.text import Text

from douane.detectors.allow import CODE as ALLOWED
from douane.reports.safe import plain

if TYPE_CHECKING:
    from douane.detectors.explain import Explained, Why
    from douane.inspector.scan import Explanation
    from douane.reports.i18n import Words

_WIDEST = 120
_CATEGORIES = ("category", "winner")


def told(explanation: "Explanation", words: "Words", *, show_values: bool) -> Iterator[Text]:
    """The message in lines: a heading, then each field with its findings or the reasons for none."""
    item = explanation.item
    label = plain(str(item.label), 60) + ("" if item.part is None else f"[{item.part}]")
    if item.message is None:
        yield Text(f"{label}  {words.say('explain.unread', error=item.error)}", style="red")
        return
    called = " ".join(plain(part, 60) for part in (item.message.method or "", item.message.tool or "") if part)
    way = words.phrase(f"explain.{item.message.direction.value}")
    yield Text(f"{label}  {called or words.phrase('explain.answer')}  {way}", style="bold")
    for row in explanation.rows:
        yield from _field(row, words, show_values=show_values)
    allowed = sum(gap.count for gap in explanation.gaps if gap.code == ALLOWED)
    if allowed:
        yield Text(f"  {words.phrase(f'gap.{ALLOWED}')} × {words.number(allowed)}", style="yellow")
    for gap in explanation.gaps:
        if gap.code == ALLOWED:
            continue
        detail = f" ({plain(gap.detail, 60)})" if gap.detail else ""
        yield Text(f"  {words.phrase(f'gap.{gap.code}')}{detail}", style="yellow")


def _field(row: "Explained", words: "Words", *, show_values: bool) -> Iterator[Text]:
    line = Text(f"  {plain(row.of.pointer, _WIDEST)}")
    if row.of.reached:
        line.append(f"  {plain(row.of.reached, 60)}", style="dim")
    if row.of.is_key:
        line.append(f"  {words.phrase('explain.in_key')}", style="dim")
    if show_values:
        line.append(f"  {plain(row.of.text, 80)}", style="cyan")
    yield line
    for one in row.found:
        finding = one.finding
        found = Text("    ● ", style="green")
        found.append(f"{words.category(finding.category)} ", style="bold")
        found.append(f"{finding.category} {score(finding.score, words)} {finding.detector}", style="dim")
        if show_values:
            found.append(f"  {plain(finding.of.text[finding.start : finding.end], 80)}", style="cyan")
        yield found
        yield Text("      " + " · ".join(sentence(why, words) for why in one.why))
    for why in row.why:
        yield Text(f"    ○ {sentence(why, words)}", style="dim")


def sentence(why: "Why", words: "Words") -> str:
    """A reason in words."""
    if why.code == "evidence":
        said = str(why.named["words"])
        key = f"evidence.{said}"
        return words.phrase(key) if words.has(key) else plain(said, 80)
    named = {
        name: words.category(str(value))
        if name in _CATEGORIES
        else score(value, words)
        if isinstance(value, float)
        else value
        for name, value in why.named.items()
    }
    return words.say(f"explain.{why.code}", None, **named)


def score(value: float, words: "Words") -> str:
    """A confidence with two decimals."""
    text = f"{value:.2f}"
    return text.replace(".", ",") if words.lang == "fr" else text
