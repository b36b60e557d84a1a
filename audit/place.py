"""A row of the table of places, and the parts that several kinds of message share. Pure module: no I/O.

Read from the MCP specification's schemas 2024-11-05 to 2026-07-28, the MCP Apps extension and OpenAI's reference for
apps in ChatGPT, in November 2026.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from douane.audit.message import Direction

# Every method of every revision of the protocol, and of the extensions that ChatGPT apps use.
METHODS: Final[tuple[str, ...]] = (
    "completion/complete",
    "elicitation/create",
    "events/list",
    "events/subscribe",
    "events/unsubscribe",
    "initialize",
    "logging/setLevel",
    "notifications/cancelled",
    "notifications/elicitation/complete",
    "notifications/initialized",
    "notifications/message",
    "notifications/progress",
    "notifications/prompts/list_changed",
    "notifications/resources/list_changed",
    "notifications/resources/updated",
    "notifications/roots/list_changed",
    "notifications/subscriptions/acknowledged",
    "notifications/tasks",
    "notifications/tasks/status",
    "notifications/tools/list_changed",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "roots/list",
    "sampling/createMessage",
    "server/discover",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/call",
    "tools/list",
)


@dataclass(frozen=True, slots=True)
class Place:
    """A place where something can stand, and whether it is inspected.

    `direction` is None for both. `methods` are those of the message or of the request that it answers, `*` any.
    `patterns` are JSON pointers in which `*` is any one key or index and a last `**` everything below. A string that
    matches `fixed` whole, and with `numbers` any number or boolean, is a constant of the protocol there and no datum.
    `why` gives the reason where `inspected` is false. `seen` is false for what never passes Douane at all.
    """

    id: str
    title: str
    direction: Direction | None
    methods: tuple[str, ...]
    patterns: tuple[str, ...]
    holds: str
    fixed: re.Pattern[str] | None = None
    numbers: bool = False
    inspected: bool = True
    why: str = ""
    seen: bool = True

    @property
    def pattern(self) -> str:
        """The first of `patterns`, empty for what has no place in a message."""
        return self.patterns[0] if self.patterns else ""


UP: Final = Direction.TO_APP
DOWN: Final = Direction.TO_CHATGPT
ANY: Final = ("*",)

CALLS: Final = ("tools/call", "prompts/get", "resources/read", "tasks/update")
LISTS: Final = ("tools/list", "prompts/list", "resources/list", "resources/templates/list", "tasks/list")
TASKS: Final = ("tasks/get", "tasks/result", "tasks/cancel", "tasks/list", "tasks/update")
DECLARED: Final = "a declaration: it is compared with what crosses, not inspected as data that crosses"

NAME = r"[A-Za-z_][A-Za-z0-9_./-]{0,127}"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
TIME = DATE + r"T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
MIME = r"[a-z]{2,12}/[a-z0-9.+-]{1,80}(?:; ?(?:profile=[a-z-]{1,20}|charset=[A-Za-z0-9-]{1,20}))*"
METHOD = "|".join(METHODS)
LEVEL = "debug|info|notice|warning|error|critical|alert|emergency"
BLOCK = "text|image|audio|resource|resource_link|tool_use|tool_result"
STATUS = "working|input_required|completed|failed|cancelled"


def row(
    id: str,  # noqa: A002  # the column's name
    title: str,
    direction: Direction | None,
    methods: tuple[str, ...],
    patterns: str,
    holds: str,
    *,
    fixed: str = "",
    numbers: bool = False,
    why: str = "",
) -> Place:
    compiled = re.compile(fixed) if fixed else None
    return Place(id, title, direction, methods, tuple(patterns.split()), holds, compiled, numbers, not why, why)


def each(bases: str, parts: str) -> str:
    return " ".join(base + part for base in bases.split() for part in parts.split())


def blocks(prefix: str, direction: Direction, methods: tuple[str, ...], bases: str) -> Iterator[Place]:
    """The parts of a content block, wherever blocks stand."""

    def part_row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return row(
            f"{prefix}.{part}", title, direction, methods, each(bases, parts), holds, fixed=fixed, numbers=numbers
        )

    yield part_row("type", "Block: kind", "/type", "the kind of block", fixed=BLOCK)
    yield part_row("text", "Block: text", "/text", "free text, often JSON as text")
    yield part_row("data", "Block: image or audio", "/data", "base64 of an image or a recording")
    yield part_row("mime", "Block: media type", "/mimeType /resource/mimeType", "a media type", fixed=MIME)
    yield part_row(
        "resource", "Block: embedded resource", "/resource/uri /resource/text", "an address, a document's text"
    )
    yield part_row("blob", "Block: embedded bytes", "/resource/blob", "base64 of a document")
    yield part_row("link", "Block: link", "/uri /name /title /description", "an address, a title, free text")
    yield part_row("size", "Block: size", "/size", "a number of bytes", numbers=True)
    yield part_row("icons", "Block: icons", "/icons/**", "addresses of pictures")
    yield part_row("audience", "Block: audience", "/annotations/audience/*", "who it is for", fixed="user|assistant")
    yield part_row("priority", "Block: priority", "/annotations/priority", "a number from 0 to 1", numbers=True)
    yield part_row("modified", "Block: last change", "/annotations/lastModified", "a time", fixed=TIME)
    yield part_row("annotations", "Block: other annotations", "/annotations/**", "anything")
    yield part_row("meta", "Block: _meta", "/_meta/** /resource/_meta/**", "anything; hidden from the model")
    yield part_row("tool", "Block: tool call", "/id /toolUseId", "the number of a tool call")
    yield part_row("input", "Block: tool arguments", "/input/**", "what a tool is called with")
    yield part_row("result", "Block: tool result", "/content/** /structuredContent/**", "what a tool returned")
    yield part_row("failed", "Block: failure mark", "/isError", "a boolean", numbers=True)
    yield part_row("other", "Block: anything else", "/**", "anything")


def resource(prefix: str, methods: tuple[str, ...], base: str) -> Iterator[Place]:
    """The parts of a listed resource or template."""

    def part_row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return row(f"{prefix}.{part}", title, DOWN, methods, each(base, parts), holds, fixed=fixed, numbers=numbers)

    yield part_row("uri", "Listed resource: address", "/uri /uriTemplate", "an address that can hold user data")
    yield part_row("text", "Listed resource: words", "/name /title /description", "names that can hold user data")
    yield part_row("mime", "Listed resource: media type", "/mimeType", "a media type", fixed=MIME)
    yield part_row("size", "Listed resource: size", "/size /annotations/priority", "a number", numbers=True)
    yield part_row(
        "audience", "Listed resource: audience", "/annotations/audience/*", "who it is for", fixed="user|assistant"
    )
    yield part_row("modified", "Listed resource: last change", "/annotations/lastModified", "a time", fixed=TIME)
    yield part_row("other", "Listed resource: anything else", "/icons/** /annotations/** /_meta/** /**", "anything")


def task_parts(prefix: str, direction: Direction, methods: tuple[str, ...], bases: str) -> Iterator[Place]:
    """The parts of a task."""

    def part_row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return row(
            f"{prefix}.{part}", title, direction, methods, each(bases, parts), holds, fixed=fixed, numbers=numbers
        )

    yield part_row("id", "Task: number", "/taskId", "the app's number of the task")
    yield part_row("status", "Task: state", "/status", "a state", fixed=STATUS)
    yield part_row("message", "Task: message", "/statusMessage", "free text")
    yield part_row("times", "Task: times", "/createdAt /lastUpdatedAt", "when it began and changed", fixed=TIME)
    yield part_row("figures", "Task: delays", "/ttl /ttlMs /pollInterval /pollIntervalMs", "milliseconds", numbers=True)


def question(prefix: str, bases: str, methods: tuple[str, ...]) -> Iterator[Place]:
    """The parts of a question that the app puts to the user."""

    def part_row(
        part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False, why: str = ""
    ) -> Place:
        patterns = each(bases, parts)
        return row(f"{prefix}.{part}", title, DOWN, methods, patterns, holds, fixed=fixed, numbers=numbers, why=why)

    schema = "/requestedSchema/properties/*"
    yield part_row("message", "Question: message", "/message", "free text to the user")
    yield part_row("mode", "Question: mode", "/mode", "form or url", fixed="form|url")
    yield part_row("url", "Question: page", "/url", "an address that can hold user data")
    yield part_row("id", "Question: number", "/elicitationId", "the app's number of the question")
    yield part_row(
        "prefilled",
        "Question: prefilled and offered values",
        f"{schema}/default {schema}/default/* {schema}/enum/* {schema}/enumNames/* {schema}/const {schema}/examples/* "
        f"{schema}/oneOf/*/const {schema}/oneOf/*/title {schema}/items/enum/* {schema}/items/anyOf/*/const "
        f"{schema}/items/anyOf/*/title {schema}/description",
        "values that the app already knows",
    )
    yield part_row(
        "schema", "Question: what is asked", "/requestedSchema/**", "the data that the app asks for", why=DECLARED
    )


def prompt(prefix: str, bases: str, methods: tuple[str, ...]) -> Iterator[Place]:
    """The parts of what the app asks the model."""

    def part_row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return row(f"{prefix}.{part}", title, DOWN, methods, each(bases, parts), holds, fixed=fixed, numbers=numbers)

    yield part_row("role", "Prompt to the model: role", "/messages/*/role", "user or assistant", fixed="user|assistant")
    yield part_row("system", "Prompt to the model: system prompt", "/systemPrompt", "free text")
    yield part_row(
        "context",
        "Prompt to the model: context",
        "/includeContext",
        "which context",
        fixed="none|thisServer|allServers",
    )
    yield part_row(
        "figures",
        "Prompt to the model: settings",
        "/maxTokens /temperature /modelPreferences/costPriority "
        "/modelPreferences/speedPriority /modelPreferences/intelligencePriority",
        "numbers",
        numbers=True,
    )
    yield part_row(
        "hints", "Prompt to the model: models", "/modelPreferences/hints/*/name", "a model's name", fixed=NAME
    )
    yield part_row("stop", "Prompt to the model: stop words", "/stopSequences/*", "free text")
    yield part_row(
        "choice", "Prompt to the model: tool choice", "/toolChoice/mode", "a mode", fixed="auto|required|none"
    )
    yield part_row("metadata", "Prompt to the model: metadata", "/metadata/**", "anything")
    yield part_row("tools", "Prompt to the model: tools", "/tools/**", "tools that the model may call")
    inside = each(bases, "/messages/*/content /messages/*/content/*")
    yield from blocks(f"{prefix}.block", DOWN, methods, inside)
