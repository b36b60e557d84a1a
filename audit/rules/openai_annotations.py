"""Tools that do not set the three hints. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, marked, tool
from douane.audit.rules.reading import tools
from douane.audit.rules.sources import READ, REVIEW

_HINTS = ("readOnlyHint", "openWorldHint", "destructiveHint")


def check_app(history: History) -> Iterator[Hit]:
    """Hints that are missing or are no boolean, tool by tool."""
    for one in tools(history):
        for hint in _HINTS:
            if not isinstance(one.annotations.get(hint), bool):
                yield Hit(one.name, f"{one.name} annotations/{hint}", facts=(("tool", one.name), ("hint", hint)))


RULE = Rule(
    id="openai/annotations",
    pack=Pack.OPENAI,
    version="2026-10-02",
    title=Text("Missing tool hint", "Annotation d’outil absente"),
    severity=Severity.ERROR,
    source=REVIEW,
    read=READ,
    wording="Every MCP tool must set readOnlyHint, openWorldHint, and destructiveHint accurately.",
    says=Text("{tool} does not set {hint} to true or false.", "{tool} ne fixe pas {hint} à true ou à false."),
    remedy=Text(
        "Set {hint} to `true` or `false` in the tool’s annotations.",
        "Fixez {hint} à `true` ou à `false` dans les annotations de l’outil.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a tool without annotations", history(tools=[tool("find", "q")])),
    Case("one of three is missing", history(tools=[tool("find", "q", readOnlyHint=True, destructiveHint=False)])),
)
MISSES = (
    Case("all three are set", history(tools=[marked("find", "q")])),
    Case("false is a value", history(tools=[marked("find", readOnlyHint=False)])),
    Case("no tool was seen", history()),
)
