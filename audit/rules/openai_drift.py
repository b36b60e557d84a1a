"""Tools that differ from the approved snapshot. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History, Seen
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, marked, saw
from douane.audit.rules.sources import READ, REVIEW, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Differences between a live tool and the one that was approved, as they were observed."""
    for seen in history.seen(Seen.DRIFT):
        who = seen.tool or "*"
        facts = (("tool", who), ("part", seen.name), ("how", seen.detail or "-"))
        yield Hit(seen.tool or "", f"{who} snapshot {seen.name} {seen.detail}".rstrip(), facts=facts, count=seen.count)


RULE = Rule(
    id="openai/drift",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Differs from the approved snapshot", "Diffère de la version approuvée"),
    severity=Severity.ERROR,
    source=REVIEW,
    read=READ,
    wording="The published plugin uses this metadata snapshot while tool calls and UI resources continue to use your "
    "live MCP server.",
    says=Text(
        "{tool}: {part} is not as it was approved ({how}).",
        "{tool} : {part} n’est plus tel qu’il a été approuvé ({how}).",
    ),
    remedy=Text(
        "Look at the change. If it is wanted, approve it with `douane declare approve` and submit the app again.",
        "Examinez la modification. Si elle est voulue, approuvez-la avec `douane declare approve` et soumettez à "
        "nouveau l’application.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a field was added to the schema", history(seen=[saw(Seen.DRIFT, "inputSchema", "+ /passport", "book")])),
    Case("a tool is new", history(seen=[saw(Seen.DRIFT, "tools", "+ export_all")])),
)
MISSES = (
    Case("nothing differs", history(tools=[marked("book", "name")])),
    Case("something else was seen", history(seen=[saw(Seen.UNLISTED, "/params/arguments/a", tool="book")])),
)
