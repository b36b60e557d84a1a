"""Tools marked harmless that seem to destroy something. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.doing import destroys
from douane.audit.rules.examples import history, marked, tool, used
from douane.audit.rules.reading import tools
from douane.audit.rules.sources import READ, REVIEW, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Tools with `destructiveHint: false` whose name or answers say that they delete, cancel or overwrite."""
    for one in tools(history):
        why = destroys(one, history) if one.annotations.get("destructiveHint") is False else ""
        if why:
            yield Hit(one.name, f"{one.name} annotations/destructiveHint", facts=(("tool", one.name), ("what", why)))


RULE = Rule(
    id="openai/destructive",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Marked harmless, seems to destroy something", "Dit sans effet destructeur, semble supprimer"),
    severity=Severity.WARNING,
    source=REVIEW,
    read=READ,
    wording='true for irreversible outcomes "even in only select modes, through default parameters, or through '
    'indirect side effects"',
    says=Text("{tool} sets destructiveHint to false, but {what}.", "{tool} fixe destructiveHint à false, mais {what}."),
    remedy=Text(
        "Set destructiveHint to true if anything that the tool does cannot be undone; rename it if not.",
        "Fixez destructiveHint à true si l’un de ses effets est irréversible ; sinon, renommez l’outil.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a tool that deletes contacts", history(tools=[marked("delete_contact", "id", readOnlyHint=False)])),
    Case(
        "its answers count what was removed",
        history(tools=[marked("tidy", readOnlyHint=False)], uses=[used("tidy", "/removedCount")]),
    ),
)
MISSES = (
    Case("it is marked as destructive", history(tools=[marked("delete_contact", destructiveHint=True)])),
    Case("a tool that adds", history(tools=[marked("add_contact", readOnlyHint=False)])),
    Case("a list of what was deleted", history(tools=[marked("list_deleted_contacts")])),
    Case("nothing is said of it", history(tools=[tool("delete_contact")])),
)
