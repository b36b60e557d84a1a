"""Tools marked as closed that reach the open internet: the meaning since October 2026. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.declaration import Party
from douane.audit.history import History, Observation, Seen, ToolFacts
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import declares, history, marked, saw, tool
from douane.audit.rules.reading import hosts_of, strange, tools
from douane.audit.rules.sources import READ, REVIEW

SINCE = "2026-10-02"
"""From this day on, going by the study that quotes the page of that day."""

_EVIDENCE = {Seen.RETURNED_URL: "url", Seen.EGRESS: "egress", Seen.CSP_CONNECT: "csp", Seen.CSP_FRAME: "frame"}


def check_app(history: History) -> Iterator[Hit]:
    """Tools with `openWorldHint: false` for which a host outside the declared ones was seen since that day.

    A host is a tool's when it was seen in its messages or its widget's rights, or when the app has only tools that say
    so.
    """
    closed = [one for one in tools(history) if one.annotations.get("openWorldHint") is False]
    if not closed:
        return
    known = history.declaration is not None and hosts_of(history.declaration)
    all_closed = len(closed) == len(history.tools)
    for seen in history.observations:
        what = _EVIDENCE.get(seen.kind)
        if what is None or (seen.last_at and seen.last_at < SINCE) or not strange(seen.name, history.declaration):
            continue
        if seen.kind is Seen.RETURNED_URL and not known:
            continue  # a link may lead to the publisher's own pages
        whose = [one for one in closed if seen.tool == one.name or _widget(one, seen)]
        for one in whose:
            yield _hit(one.name, seen.name, what)
        if not whose and seen.tool is None and all_closed and seen.kind is Seen.EGRESS:
            yield _hit("", seen.name, what)


def _widget(tool_facts: ToolFacts, seen: Observation) -> bool:
    ui = tool_facts.meta.get("ui")
    uri = ui.get("resourceUri") if isinstance(ui, dict) else None
    template = uri or tool_facts.meta.get("openai/outputTemplate")
    return bool(template) and template == seen.detail and template != "ui://"


def _hit(tool_name: str, host: str, what: str) -> Hit:
    facts = (("tool", tool_name or "*"), ("host", host), ("what", what))
    return Hit(tool_name, f"{tool_name or '*'} annotations/openWorldHint {host}", facts=facts)


RULE = Rule(
    id="openai/open-world",
    pack=Pack.OPENAI,
    version=SINCE,
    title=Text("Marked as closed, reaches the internet", "Déclaré fermé, accède à l’internet"),
    severity=Severity.WARNING,
    source=REVIEW,
    read=READ,
    wording="true if the tool accesses the public internet or open-ended external entities. This includes read-only "
    "tools such as web search",
    says=Text(
        "{tool} sets openWorldHint to false, but {host} was seen: {what}.",
        "{tool} fixe openWorldHint à false, mais {host} a été observé : {what}.",
    ),
    remedy=Text(
        "Set openWorldHint to true, or name {host} in the declaration as the publisher’s or a recipient’s.",
        "Fixez openWorldHint à true, ou rattachez {host} dans la déclaration à l’éditeur ou à un destinataire.",
    ),
    check_app=check_app,
)

_ELSEWHERE = saw(Seen.RETURNED_URL, "news.example.com", tool="find")
_SAID = declares()
MATCHES = (
    Case(
        "answers link to a host of somebody else’s", history(tools=[marked("find")], seen=[_ELSEWHERE], declared=_SAID)
    ),
    Case(
        "its widget may connect to one",
        history(
            tools=[marked("map", meta={"ui": {"resourceUri": "ui://map"}})],
            seen=[saw(Seen.CSP_CONNECT, "tiles.example.com", "ui://map")],
            declared=_SAID,
        ),
    ),
    Case(
        "the app calls one, and all its tools say that they are closed",
        history(tools=[marked("find")], seen=[saw(Seen.EGRESS, "search.example.com")], declared=_SAID),
    ),
)
MISSES = (
    Case(
        "the hint is true",
        history(tools=[marked("find", openWorldHint=True)], seen=[_ELSEWHERE], declared=_SAID),
    ),
    Case(
        "the host is the publisher’s",
        history(tools=[marked("find")], seen=[saw(Seen.RETURNED_URL, "api.example.org", tool="find")], declared=_SAID),
    ),
    Case("nothing was declared: whose it is cannot be said", history(tools=[marked("find")], seen=[_ELSEWHERE])),
    Case(
        "no host was declared: a link may lead to the publisher’s own pages",
        history(tools=[marked("find")], seen=[_ELSEWHERE], declared=declares(publisher=Party("Example"))),
    ),
    Case(
        "the hint is missing, which is another finding",
        history(tools=[tool("find")], seen=[_ELSEWHERE], declared=_SAID),
    ),
    Case(
        "it was last seen before that meaning",
        history(
            tools=[marked("find")],
            seen=[saw(Seen.RETURNED_URL, "news.example.com", tool="find", at="2026-09-01")],
            declared=_SAID,
        ),
    ),
)
