"""Whole conversations that an app asks for or receives. Pure module: no I/O."""

from collections.abc import Collection, Iterator

from douane.audit.history import History
from douane.audit.message import Direction
from douane.audit.rules.base import Case, Hit, Pack, Rule, Severity, Text
from douane.audit.rules.examples import ARGS, OUT, answer, call, datum, history, tool
from douane.audit.rules.reading import Asked, asked, hit_on, name_words, tools
from douane.audit.rules.restricted import crossing
from douane.audit.rules.sources import GUIDE, GUIDE_URL, READ, WRITTEN

_CONVERSATION = "user.content.conversation"
_TURNS = frozenset({("messages",), ("turns",), ("history",), ("historique",)})
_NAMES = frozenset(
    tuple(name.split())
    for name in (
        "transcript", "chat transcript", "chat log", "chat history", "chat messages", "conversation",
        "conversation history", "conversation transcript", "full conversation", "message history", "messages history",
        "dialogue", "historique conversation", "historique messages", "conversation log", "conversation logs",
        "chat logs", "full chat history", "full conversation history", "full transcript", "entire conversation",
        "historique de conversation", "historique de la conversation", "historique des messages",
        "journal de conversation",
    )
)  # fmt: skip


def _meant(category: str, _flags: tuple[str, ...]) -> bool:
    return category == _CONVERSATION


def check_app(history: History) -> Iterator[Hit]:
    """Properties whose name asks for a conversation, or that list messages by who says them."""
    for one_tool in tools(history):
        places = asked(one_tool)
        pointers = {one.pointer for one in places}
        for one in places:
            if name_words(one.name) in _NAMES or is_turns(one, pointers):
                yield hit_on(one_tool, one, _CONVERSATION)


def is_turns(one: Asked, pointers: Collection[str]) -> bool:
    """Whether a property is a list of turns: messages that each have a `role` and a content."""
    said = any(f"{one.pointer}/*/{key}" in pointers for key in ("content", "text", "parts"))
    return name_words(one.name) in _TURNS and said and f"{one.pointer}/*/role" in pointers


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

_TURN = {"type": "object", "properties": {"role": {"type": "string"}, "content": {"type": "string"}}}
_MESSAGES = {"type": "object", "properties": {"messages": {"type": "array", "items": _TURN}}}
MATCHES = (
    Case("a transcript is sent in an argument", history(call("ask", datum(_CONVERSATION, f"{ARGS}/context")))),
    Case("the schema has a field for it", history(tools=[tool("ask", "question", "chat_history")])),
    Case("and so does a nested one", history(tools=[tool("ask", schema={
        "type": "object", "properties": {"more": {"type": "object", "properties": {"transcript": {"type": "string"}}}},
    })])),
    Case("a list of turns", history(tools=[tool("ask", schema=_MESSAGES)])),
    Case("in French", history(tools=[tool("ask", "historique_de_conversation")])),
)  # fmt: skip
MISSES = (
    Case("a message to send is one message", history(tools=[tool("send", "message", "recipient")])),
    Case("the number of a conversation is none", history(tools=[tool("open", "conversation_id")])),
    Case(
        "an app of messages returns the person’s own", history(answer("thread", datum(_CONVERSATION, f"{OUT}/thread")))
    ),
    Case("messages to send", history(tools=[tool("send", "messages")])),
    Case("a prompt", history(call("ask", datum("user.content.prompt", f"{ARGS}/question")))),
)
