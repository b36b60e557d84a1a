"""Tools marked read-only that seem to change something. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.doing import changes
from douane.audit.rules.examples import history, marked, tool, used
from douane.audit.rules.reading import tools
from douane.audit.rules.sources import READ, REVIEW, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Tools with `readOnlyHint: true` whose name, answers or other hints say that they change something."""
    for one in tools(history):
        if one.annotations.get("readOnlyHint") is not True:
            continue
        why = changes(one, history) or ("hints" if one.annotations.get("destructiveHint") is True else "")
        if why:
            yield Hit(one.name, f"{one.name} annotations/readOnlyHint", facts=(("tool", one.name), ("what", why)))


RULE = Rule(
    id="openai/read-only",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Marked read-only, seems to change something", "Dit en lecture seule, semble modifier quelque chose"),
    severity=Severity.WARNING,
    source=REVIEW,
    read=READ,
    wording='readOnlyHint is false if the tool can "create/update/delete anything, trigger actions (send '
    'emails/messages, run jobs, enqueue tasks, write logs, start workflows), or otherwise change state."',
    says=Text("{tool} is marked read-only, but {what}.", "{tool} est déclaré en lecture seule, mais {what}."),
    remedy=Text(
        "Set readOnlyHint to false if the tool changes anything; rename it if it does not.",
        "Fixez readOnlyHint à false si l’outil modifie quoi que ce soit ; sinon, renommez-le.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a tool that cancels bookings", history(tools=[marked("cancel_booking", "id")])),
    Case("a tool that books a flight", history(tools=[marked("bookFlight", "id")])),
    Case("a tool that triggers a deployment", history(tools=[marked("trigger_deployment", "id")])),
    Case("an accented verb", history(tools=[marked("créer_contact", "nom")])),
    Case("a status that is updated", history(tools=[marked("update_status", "id")])),
    Case("its answers count what was deleted", history(tools=[marked("tidy")], uses=[used("tidy", "/deleted_count")])),
    Case("it is marked destructive too", history(tools=[marked("tidy", destructiveHint=True)])),
)
MISSES = (
    Case("a search for books", history(tools=[marked("book_search", "q")])),
    Case("what is triggered may change nothing", history(tools=[marked("trigger-long-running-operation")])),
    Case("the history of orders", history(tools=[marked("order_history")])),
    *(
        Case(f"{name} reads", history(tools=[marked(name)]))
        for name in ("archive_search", "book_reviews", "order_tracking", "edit_distance", "register_lookup")
    ),
    Case("the history of updates", history(tools=[marked("update_history")])),
    Case("a tool that is marked as one that writes", history(tools=[marked("send_mail", readOnlyHint=False)])),
    Case("nothing is said of it", history(tools=[tool("send_mail")])),
    Case("when something was created", history(tools=[marked("find")], uses=[used("find", "/created")])),
)
