"""Tools marked as closed that make something public: the meaning until October 2026. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.doing import publishes
from douane.audit.rules.examples import call, datum, history, marked
from douane.audit.rules.openai_open_world import SINCE
from douane.audit.rules.reading import tools
from douane.audit.rules.sources import READ, REVIEW


def check_app(history: History) -> Iterator[Hit]:
    """Tools with `openWorldHint: false` whose name says that they publish, called before the meaning changed."""
    called = history.named_before(SINCE)
    for one in tools(history):
        if one.annotations.get("openWorldHint") is False and one.name in called and publishes(one):
            yield Hit(one.name, f"{one.name} annotations/openWorldHint", facts=(("tool", one.name),))


RULE = Rule(
    id="openai/open-world-before",
    pack=Pack.OPENAI,
    version="2026-07-01",
    title=Text("Marked as closed, makes something public", "Dit fermé, rend quelque chose public"),
    severity=Severity.WARNING,
    source=REVIEW,
    read=READ,
    wording='true if it can "write to or change publicly visible internet state"',
    says=Text(
        "{tool} set openWorldHint to false when called before October 2026, and its name says that it publishes.",
        "{tool} fixait openWorldHint à false lors d’appels antérieurs à octobre 2026, et son nom indique qu’il publie.",
    ),
    remedy=Text(
        "Set openWorldHint to true; since October 2026 it also covers tools that only read the internet.",
        "Fixez openWorldHint à true ; depuis octobre 2026, il couvre aussi les outils qui ne font que lire l’internet.",
    ),
    check_app=check_app,
)

_POSTED = call("post_article", datum("user.content.public", "/params/arguments/text"))
MATCHES = (Case("a tool that posts, in September", history(_POSTED, tools=[marked("post_article")], day="2026-09-03")),)
MISSES = (
    Case("in November the other meaning holds", history(_POSTED, tools=[marked("post_article")])),
    Case("the hint is true", history(_POSTED, tools=[marked("post_article", openWorldHint=True)], day="2026-09-03")),
    Case(
        "a tool that lists posts",
        history(call("list_posts"), tools=[marked("list_posts")], day="2026-09-03"),
    ),
)
