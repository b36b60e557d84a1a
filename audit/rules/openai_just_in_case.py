"""Broad fields that take anything about the person or the context, "just in case". Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import history, tool
from douane.audit.rules.reading import asked, hit_on, name_words, tools
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_NAMES = frozenset(
    tuple(name.split())
    for name in (
        "context", "user context", "full context", "conversation context", "chat context", "additional context",
        "extra context", "background", "background information", "user profile", "full profile", "profile data",
        "user data", "user info", "user information", "user details", "personal data", "personal info",
        "personal information", "personal details", "everything", "anything else", "all data", "raw input",
        "additional info", "additional information", "extra info", "extra data", "other info", "misc", "contexte",
        "contexte utilisateur", "profil utilisateur", "informations personnelles", "informations complementaires",
        "donnees personnelles",
    )
)  # fmt: skip


def check_app(history: History) -> Iterator[Hit]:
    """Properties whose name asks for context or profile data at large; one that lists its members or values is none."""
    for one_tool in tools(history):
        for one in asked(one_tool):
            if name_words(one.name) in _NAMES and not (one.keys or one.chosen):
                yield hit_on(one_tool, one)


RULE = Rule(
    id="openai/just-in-case",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Broad “just in case” field", "Champ fourre-tout"),
    severity=Severity.WARNING,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Avoid 'just in case' fields or broad profile data.",
    says=Text(
        "{tool} has a field that takes anything about the person or the context: {pointer}.",
        "{tool} a un champ qui accepte tout sur la personne ou sur le contexte : {pointer}.",
    ),
    remedy=Text(
        "Replace it by fields that each ask for one thing which the tool needs.",
        "Remplacez-le par des champs qui demandent chacun une information nécessaire à l’outil.",
    ),
    check_app=check_app,
)

MATCHES = (
    Case("a field for context", history(tools=[tool("ask", "question", "user_context")])),
    Case("a profile at large", history(tools=[tool("find", "userProfile")])),
    Case("personal information in one string", history(tools=[tool("book", "personal_info")])),
)
MISSES = (
    Case("a field with a name of its own", history(tools=[tool("ask", "question", "departure_date")])),
    Case("a profile’s number", history(tools=[tool("show", "profile_id")])),
    Case(
        "a context that is one of two",
        history(
            tools=[
                tool(
                    "deploy",
                    schema={
                        "type": "object",
                        "properties": {"context": {"type": "string", "enum": ["prod", "dev"]}},
                    },
                )
            ]
        ),
    ),
    Case(
        "user information that lists its members",
        history(
            tools=[
                tool(
                    "book",
                    schema={
                        "type": "object",
                        "properties": {"user_info": {"type": "object", "properties": {"name": {"type": "string"}}}},
                    },
                )
            ]
        ),
    ),
)
