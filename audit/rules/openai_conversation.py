"""Whole conversations that an app asks for or receives. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, tool
from douane.audit.rules.reading import asked, hit_on, name_words, tools
from douane.audit.rules.restricted import crossing
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_CONVERSATION = "user.content.conversation"
_NAMES = frozenset(
    tuple(name.split())
    for name in (
        "transcript", "chat transcript", "chat log", "chat history", "chat messages", "conversation",
        "conversation history", "conversation transcript", "full conversation", "message history", "messages history",
        "dialogue", "historique conversation", "historique messages",
    )
)  # fmt: skip


def _meant(category: str, _flags: tuple[str, ...]) -> bool:
    return category == _CONVERSATION


def check_app(history: History) -> Iterator[Hit]:
    """Properties whose name asks for a conversation."""
    for one_tool in tools(history):
        for one in asked(one_tool):
            if name_words(one.name) in _NAMES:
                yield hit_on(one_tool, one, _CONVERSATION)


RULE = Rule(
    id="openai/conversation",
    pack=Pack.OPENAI,
    version=WRITTEN,
    title=Text("Chat transcript", "Transcription de conversation"),
    severity=Severity.ERROR,
    source=GUIDE,
    url=GUIDE_URL,
    read=READ,
    wording="Do not request the full conversation history, raw chat transcripts, or broad contextual fields 'just in "
    "case.'",
    says=Text(
        "{tool} takes a whole conversation at {pointer}.",
        "{tool} reçoit ou demande une conversation entière à {pointer}.",
    ),
    remedy=Text(
        "Ask for the one thing that the tool needs, in a field that says what it is.",
        "Demandez la seule information dont l’outil a besoin, dans un champ qui dit ce qu’il contient.",
    ),
    forbids=True,
    check=crossing(_meant, Direction.TO_APP),
    check_app=check_app,
)

MATCHES = (
    Case("a transcript is sent in an argument", history(call("ask", datum(_CONVERSATION, f"{ARGS}/context")))),
    Case("the schema has a field for it", history(tools=[tool("ask", "question", "chat_history")])),
    Case("and so does a nested one", history(tools=[tool("ask", schema={
        "type": "object", "properties": {"more": {"type": "object", "properties": {"transcript": {"type": "string"}}}},
    })])),
)  # fmt: skip
MISSES = (
    Case("a message to send is one message", history(tools=[tool("send", "message", "recipient")])),
    Case("the number of a conversation is none", history(tools=[tool("open", "conversation_id")])),
    Case(
        "an app of messages returns the person’s own", history(answer("thread", datum(_CONVERSATION, f"{OUT}/thread")))
    ),
    Case("a prompt", history(call("ask", datum("user.content.prompt", f"{ARGS}/question")))),
)
