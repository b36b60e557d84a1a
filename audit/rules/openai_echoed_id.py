"""Identifiers of the user that come back without having been asked for. Pure module: no I/O."""

from collections.abc import Iterator
from dataclasses import replace

from douane.audit.exchange import Exchange
from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, META, OUT, answer, call, datum, history, marked
from douane.audit.rules.reading import hit_of
from douane.audit.rules.sources import READ, REVIEW, WRITTEN


def check_app(history: History) -> Iterator[Hit]:
    """Identifiers in an answer that ChatGPT sent unasked with the call (`openai/subject`): equal by their pseudonyms.

    Only what is seen to be an echo counts: an identifier that the call's arguments held was asked for, and where an
    answer's call was not seen nothing can be said. A place that nothing calls an identifier (`ref`, a sentence) has no
    pseudonym and is not compared.
    """
    for index, at in history.echoes():
        numbered = history.exchanges[index]
        exchange = numbered.exchange
        if not _is_profile(exchange, history):
            made = hit_of(exchange, at, exchange.disclosures[at])
            yield replace(made, exchange=index, count=numbered.times)


def _is_profile(exchange: Exchange, history: History) -> bool:
    """A profile tool (`openai/profile`) is there to return who the user is."""
    tool = history.tools.get(exchange.tool or "")
    return tool is not None and tool.meta.get("openai/profile") is True


RULE = Rule(
    id="openai/echoed-id",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("User identifier echoed", "Identifiant de la personne renvoyé en écho"),
    severity=Severity.WARNING,
    source=REVIEW,
    read=READ,
    wording="If a user identifier is truly necessary, make it explicitly requested and directly tied to the user's "
    "intent (not 'looked up and echoed' by default).",
    says=Text(
        "{tool} returned at {pointer} an identifier that ChatGPT had sent along and that no argument asked for.",
        "{tool} a renvoyé à {pointer} un identifiant transmis par ChatGPT et qu’aucun argument ne demandait.",
    ),
    remedy=Text(
        "Leave the identifier out of the answer, or make it an argument that the request needs.",
        "Retirez l’identifiant de la réponse, ou faites-en un argument nécessaire à la demande.",
    ),
    check_app=check_app,
)

_ID = "user.unique_id.pseudonymous"
_CALL = call("orders", datum(_ID, f"{META}/openai~1subject", who="a"))
_ECHO = answer("orders", datum(_ID, f"{OUT}/user_id", who="a"), to=1)
MATCHES = (Case("ChatGPT’s number of the user comes back", history(_CALL, _ECHO)),)
MISSES = (
    Case("another identifier", history(_CALL, answer("orders", datum(_ID, f"{OUT}/user_id", who="b"), to=1))),
    Case("an argument asked for it", history(
        call("orders", datum(_ID, f"{META}/openai~1subject", who="a"), datum(_ID, f"{ARGS}/user_id", who="a")), _ECHO)),
    Case("the call was not seen", history(answer("orders", datum(_ID, f"{OUT}/user_id", who="a")))),
    Case("a profile tool", history(_CALL, _ECHO, tools=[marked("orders", meta={"openai/profile": True})])),
)  # fmt: skip
