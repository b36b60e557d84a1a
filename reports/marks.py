"""How verdicts and directions look in a terminal: a mark and a style for each."""

from typing import Final

from douane.audit.exchange import Label
from douane.audit.message import Direction

STYLES: Final = {
    Label.PROHIBITED: "bold magenta",
    Label.INCORRECT: "bold red",
    Label.OMITTED: "bold yellow",
    Label.AMBIGUOUS: "cyan",
    Label.VAGUE: "cyan",
    Label.CLEAR: "green",
    Label.GAP: "dim",
}
MARKS: Final = {
    Label.PROHIBITED: "⊘",
    Label.INCORRECT: "✗",
    Label.OMITTED: "▲",
    Label.AMBIGUOUS: "±",
    Label.VAGUE: "≈",
    Label.CLEAR: "✓",
    Label.GAP: "–",
}
ARROWS: Final = {Direction.TO_APP: "→", Direction.TO_CHATGPT: "←"}
