"""How figures are written in the page: rates with their intervals, rows of Markdown tables."""

from bench.detection.scoring import Rates, share


def cells(*columns: str) -> str:
    """A row of a Markdown table."""
    return f"| {' | '.join(columns)} |"


def head(*columns: str) -> list[str]:
    """The first two rows of a Markdown table: the first column to the left, figures to the right."""
    return [cells(*columns), cells("---", *("---:" for _ in columns[1:]))]


def measure(one: Rates | None) -> str:
    """An F measure with its 95 % interval; a dash where nothing was labelled."""
    return "–" if one is None or not one.gold else f"{one.f1:.3f} ({one.low:.3f}–{one.high:.3f})"


def precision(one: Rates | None) -> str:
    """Precision with its 95 % interval; a dash where nothing was predicted."""
    if one is None or not one.predicted:
        return "–"
    return f"{one.precision:.3f} ({one.precision_low:.3f}–{one.precision_high:.3f})"


def recall(one: Rates | None) -> str:
    """Recall with its 95 % interval; a dash where nothing was labelled."""
    return "–" if one is None or not one.gold else f"{one.recall:.3f} ({one.recall_low:.3f}–{one.recall_high:.3f})"


def portion(part: int, of: int) -> str:
    """A share of a count with its 95 % interval, in per cent."""
    rate, low, high = share(part, of)
    return f"{part} of {of}: {rate:.2%} ({low:.2%}–{high:.2%})"
