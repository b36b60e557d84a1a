"""The rows of `audit.places`: every place in an MCP message and beside it. Pure module: no I/O.

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
    "completion/complete", "elicitation/create", "events/list", "events/subscribe", "events/unsubscribe", "initialize",
    "logging/setLevel", "notifications/cancelled", "notifications/elicitation/complete", "notifications/initialized",
    "notifications/message", "notifications/progress", "notifications/prompts/list_changed",
    "notifications/resources/list_changed", "notifications/resources/updated", "notifications/roots/list_changed",
    "notifications/subscriptions/acknowledged", "notifications/tasks", "notifications/tasks/status",
    "notifications/tools/list_changed", "ping", "prompts/get", "prompts/list", "resources/list", "resources/read",
    "resources/subscribe", "resources/templates/list", "resources/unsubscribe", "roots/list",
    "sampling/createMessage", "server/discover", "subscriptions/listen", "tasks/cancel", "tasks/get", "tasks/list",
    "tasks/result", "tasks/update", "tools/call", "tools/list",
)  # fmt: skip


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

_CALLS: Final = ("tools/call", "prompts/get", "resources/read", "tasks/update")
_LISTS: Final = ("tools/list", "prompts/list", "resources/list", "resources/templates/list", "tasks/list")
_TASKS: Final = ("tasks/get", "tasks/result", "tasks/cancel", "tasks/list", "tasks/update")
_DECLARED: Final = "a declaration: it is compared with what crosses, not inspected as data that crosses"

_NAME = r"[A-Za-z_][A-Za-z0-9_./-]{0,127}"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = _DATE + r"T[0-9:.]{5,18}(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
_MIME = r"[a-z]{2,12}/[a-z0-9.+-]{1,80}(?:; ?(?:profile=[a-z-]{1,20}|charset=[A-Za-z0-9-]{1,20}))*"
_METHOD = "|".join(METHODS)
_LEVEL = "debug|info|notice|warning|error|critical|alert|emergency"
_BLOCK = "text|image|audio|resource|resource_link|tool_use|tool_result"
_STATUS = "working|input_required|completed|failed|cancelled"


def _row(
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


def _each(bases: str, parts: str) -> str:
    return " ".join(base + part for base in bases.split() for part in parts.split())


def _blocks(prefix: str, direction: Direction, methods: tuple[str, ...], bases: str) -> Iterator[Place]:
    """The parts of a content block, wherever blocks stand."""

    def row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return _row(
            f"{prefix}.{part}", title, direction, methods, _each(bases, parts), holds, fixed=fixed, numbers=numbers
        )

    yield row("type", "Block: kind", "/type", "the kind of block", fixed=_BLOCK)
    yield row("text", "Block: text", "/text", "free text, often JSON as text")
    yield row("data", "Block: image or audio", "/data", "base64 of an image or a recording")
    yield row("mime", "Block: media type", "/mimeType /resource/mimeType", "a media type", fixed=_MIME)
    yield row("resource", "Block: embedded resource", "/resource/uri /resource/text", "an address, a document's text")
    yield row("blob", "Block: embedded bytes", "/resource/blob", "base64 of a document")
    yield row("link", "Block: link", "/uri /name /title /description", "an address, a title, free text")
    yield row("size", "Block: size", "/size", "a number of bytes", numbers=True)
    yield row("icons", "Block: icons", "/icons/**", "addresses of pictures")
    yield row("audience", "Block: audience", "/annotations/audience/*", "who it is for", fixed="user|assistant")
    yield row("priority", "Block: priority", "/annotations/priority", "a number from 0 to 1", numbers=True)
    yield row("modified", "Block: last change", "/annotations/lastModified", "a time", fixed=_TIME)
    yield row("annotations", "Block: other annotations", "/annotations/**", "anything")
    yield row("meta", "Block: _meta", "/_meta/** /resource/_meta/**", "anything; hidden from the model")
    yield row("tool", "Block: tool call", "/id /toolUseId", "the number of a tool call")
    yield row("input", "Block: tool arguments", "/input/**", "what a tool is called with")
    yield row("result", "Block: tool result", "/content/** /structuredContent/**", "what a tool returned")
    yield row("failed", "Block: failure mark", "/isError", "a boolean", numbers=True)
    yield row("other", "Block: anything else", "/**", "anything")


def _resource(prefix: str, methods: tuple[str, ...], base: str) -> Iterator[Place]:
    """The parts of a listed resource or template."""

    def row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return _row(f"{prefix}.{part}", title, DOWN, methods, _each(base, parts), holds, fixed=fixed, numbers=numbers)

    yield row("uri", "Listed resource: address", "/uri /uriTemplate", "an address that can hold user data")
    yield row("text", "Listed resource: words", "/name /title /description", "names that can hold user data")
    yield row("mime", "Listed resource: media type", "/mimeType", "a media type", fixed=_MIME)
    yield row("size", "Listed resource: size", "/size /annotations/priority", "a number", numbers=True)
    yield row(
        "audience", "Listed resource: audience", "/annotations/audience/*", "who it is for", fixed="user|assistant"
    )
    yield row("modified", "Listed resource: last change", "/annotations/lastModified", "a time", fixed=_TIME)
    yield row("other", "Listed resource: anything else", "/icons/** /annotations/** /_meta/** /**", "anything")


def _task(prefix: str, direction: Direction, methods: tuple[str, ...], bases: str) -> Iterator[Place]:
    """The parts of a task."""

    def row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return _row(
            f"{prefix}.{part}", title, direction, methods, _each(bases, parts), holds, fixed=fixed, numbers=numbers
        )

    yield row("id", "Task: number", "/taskId", "the app's number of the task")
    yield row("status", "Task: state", "/status", "a state", fixed=_STATUS)
    yield row("message", "Task: message", "/statusMessage", "free text")
    yield row("times", "Task: times", "/createdAt /lastUpdatedAt", "when it began and changed", fixed=_TIME)
    yield row("figures", "Task: delays", "/ttl /ttlMs /pollInterval /pollIntervalMs", "milliseconds", numbers=True)


def _elicitation(prefix: str, bases: str, methods: tuple[str, ...]) -> Iterator[Place]:
    """The parts of a question that the app puts to the user."""

    def row(
        part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False, why: str = ""
    ) -> Place:
        patterns = _each(bases, parts)
        return _row(f"{prefix}.{part}", title, DOWN, methods, patterns, holds, fixed=fixed, numbers=numbers, why=why)

    schema = "/requestedSchema/properties/*"
    yield row("message", "Question: message", "/message", "free text to the user")
    yield row("mode", "Question: mode", "/mode", "form or url", fixed="form|url")
    yield row("url", "Question: page", "/url", "an address that can hold user data")
    yield row("id", "Question: number", "/elicitationId", "the app's number of the question")
    yield row(
        "prefilled",
        "Question: prefilled and offered values",
        f"{schema}/default {schema}/default/* {schema}/enum/* {schema}/enumNames/* {schema}/const {schema}/examples/* "
        f"{schema}/oneOf/*/const {schema}/oneOf/*/title {schema}/items/enum/* {schema}/items/anyOf/*/const "
        f"{schema}/items/anyOf/*/title {schema}/description",
        "values that the app already knows",
    )
    yield row(
        "schema", "Question: what is asked", "/requestedSchema/**", "the data that the app asks for", why=_DECLARED
    )


def _sampling(prefix: str, bases: str, methods: tuple[str, ...]) -> Iterator[Place]:
    """The parts of what the app asks the model."""

    def row(part: str, title: str, parts: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        return _row(f"{prefix}.{part}", title, DOWN, methods, _each(bases, parts), holds, fixed=fixed, numbers=numbers)

    yield row("role", "Prompt to the model: role", "/messages/*/role", "user or assistant", fixed="user|assistant")
    yield row("system", "Prompt to the model: system prompt", "/systemPrompt", "free text")
    yield row(
        "context",
        "Prompt to the model: context",
        "/includeContext",
        "which context",
        fixed="none|thisServer|allServers",
    )
    yield row("figures", "Prompt to the model: settings", "/maxTokens /temperature /modelPreferences/costPriority "
              "/modelPreferences/speedPriority /modelPreferences/intelligencePriority", "numbers", numbers=True)  # fmt: skip
    yield row("hints", "Prompt to the model: models", "/modelPreferences/hints/*/name", "a model's name", fixed=_NAME)
    yield row("stop", "Prompt to the model: stop words", "/stopSequences/*", "free text")
    yield row("choice", "Prompt to the model: tool choice", "/toolChoice/mode", "a mode", fixed="auto|required|none")
    yield row("metadata", "Prompt to the model: metadata", "/metadata/**", "anything")
    yield row("tools", "Prompt to the model: tools", "/tools/**", "tools that the model may call")
    blocks = _each(bases, "/messages/*/content /messages/*/content/*")
    yield from _blocks(f"{prefix}.block", DOWN, methods, blocks)


def _common() -> Iterator[Place]:
    yield _row("rpc.version", "JSON-RPC version", None, ANY, "/jsonrpc", "2.0", fixed=r"2\.0")
    yield _row("rpc.method", "Method", None, ANY, "/method", "the method's name", fixed=_METHOD)
    yield _row("rpc.id", "Message number", None, ANY, "/id", "the sender's number of the message", numbers=True)
    yield _row("error.code", "Error: code", None, ANY, "/error/code", "a number", numbers=True)
    yield _row("error.message", "Error: message", None, ANY, "/error/message", "free text")
    yield _row("error.data", "Error: data", None, ANY, "/error/data/**", "anything, debug output included")
    yield _row("error.other", "Error: anything else", None, ANY, "/error/**", "anything")
    yield _row("meta.progress", "Progress token", None, ANY, "/params/_meta/progressToken", "a token", numbers=True)
    yield _row(
        "meta.trace", "Trace parent", None, ANY, "/params/_meta/traceparent /result/_meta/traceparent",
        "trace and span numbers", fixed="[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}",
    )  # fmt: skip
    yield _row(
        "meta.baggage", "Trace state and baggage", None, ANY,
        "/params/_meta/tracestate /params/_meta/baggage /result/_meta/tracestate /result/_meta/baggage",
        "key=value pairs, often user and tenant numbers",
    )  # fmt: skip
    yield _row(
        "meta.task", "Related task", None, ANY,
        "/params/_meta/io.modelcontextprotocol~1related-task/taskId "
        "/result/_meta/io.modelcontextprotocol~1related-task/taskId "
        "/params/_meta/io.modelcontextprotocol~1subscriptionId /result/_meta/io.modelcontextprotocol~1subscriptionId",
        "the number of a task or subscription", numbers=True,
    )  # fmt: skip
    yield _row("cancel.request", "Cancelled: which", None, ("notifications/cancelled",), "/params/requestId",
               "the message's number", numbers=True)  # fmt: skip
    yield _row("cancel.reason", "Cancelled: reason", None, ("notifications/cancelled",), "/params/reason", "free text")
    yield _row(
        "progress.message", "Progress: message", None, ("notifications/progress",), "/params/message", "free text"
    )
    yield _row(
        "progress.figures", "Progress: figures", None, ("notifications/progress",),
        "/params/progress /params/total /params/progressToken", "numbers", numbers=True,
    )  # fmt: skip


def _meta_up() -> Iterator[Place]:
    """What ChatGPT sends in `_meta`."""

    def row(part: str, title: str, keys: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        patterns = _each("/params/_meta/", keys)
        return _row(f"meta.{part}", title, UP, ANY, patterns, holds, fixed=fixed, numbers=numbers)

    mcp = "io.modelcontextprotocol~1"
    where = "openai~1userLocation"
    parts = " ".join(f"{where}/{part}" for part in ("city", "region", "country", "timezone", "longitude", "latitude"))
    yield row("locale", "ChatGPT: language", "openai~1locale webplus~1i18n", "the user's language")
    yield row("agent", "ChatGPT: user agent", "openai~1userAgent", "the user's device")
    yield row("location", "ChatGPT: user location", f"{parts} {where}/**", "where the user is")
    yield row("subject", "ChatGPT: user number", "openai~1subject", "a lasting pseudonymous number of the user")
    yield row("session", "ChatGPT: conversation number", "openai~1session", "a pseudonymous number of the conversation")
    yield row("organization", "ChatGPT: organisation number", "openai~1organization", "a pseudonymous number")
    yield row("widget", "ChatGPT: widget number", "openai~1widgetSessionId", "a number of the mounted widget")
    yield row("version", "Protocol version", f"{mcp}protocolVersion", "a revision of the protocol", fixed=_DATE)
    yield row("log", "Log level", f"{mcp}logLevel", "a level", fixed=_LEVEL)
    info = " ".join(f"{mcp}clientInfo/{part}" for part in ("name", "title", "version", "description", "websiteUrl"))
    yield row("client", "Client", f"{info} {mcp}clientInfo/**", "the client's name and version")
    yield row("capabilities", "Client's capabilities", f"{mcp}clientCapabilities/**", "booleans", numbers=True)
    yield row("other", "Other _meta", "**", "anything")


def _requests_up() -> Iterator[Place]:
    yield _row("call.name", "Tool call: tool", UP, ("tools/call",), "/params/name", "the tool's name", fixed=_NAME)
    yield _row("call.arguments", "Tool call: arguments", UP, ("tools/call",), "/params/arguments/**",
               "whatever the model puts there, at any depth")  # fmt: skip
    yield _row("call.task", "Tool call: task", UP, ("tools/call",), "/params/task/**", "how long to keep a task",
               numbers=True)  # fmt: skip
    yield _row("prompt.name", "Prompt: name", UP, ("prompts/get",), "/params/name", "the prompt's name", fixed=_NAME)
    yield _row(
        "prompt.arguments", "Prompt: arguments", UP, ("prompts/get",), "/params/arguments/**", "what the user typed"
    )
    reads = ("resources/read", "resources/subscribe", "resources/unsubscribe")
    yield _row(
        "read.uri", "Resource: address", UP, reads, "/params/uri", "an address, with what a template was filled with"
    )
    yield _row("listen.uri", "Subscription: addresses", UP, ("subscriptions/listen",),
               "/params/notifications/resourceSubscriptions/*", "addresses")  # fmt: skip
    yield _row(
        "listen.flags", "Subscription: kinds", UP, ("subscriptions/listen",),
        "/params/notifications/toolsListChanged /params/notifications/promptsListChanged "
        "/params/notifications/resourcesListChanged", "booleans", numbers=True,
    )  # fmt: skip
    complete = ("completion/complete",)
    yield _row(
        "complete.value", "Completion: typed text", UP, complete, "/params/argument/value", "what was typed so far"
    )
    yield _row("complete.name", "Completion: argument", UP, complete, "/params/argument/name", "a name", fixed=_NAME)
    yield _row(
        "complete.context",
        "Completion: context",
        UP,
        complete,
        "/params/context/arguments/**",
        "values filled in already",
    )
    yield _row(
        "complete.type", "Completion: kind", UP, complete, "/params/ref/type", "a kind", fixed="ref/prompt|ref/resource"
    )
    yield _row("complete.ref", "Completion: of what", UP, complete, "/params/ref/uri /params/ref/title", "an address")
    yield _row("complete.prompt", "Completion: prompt", UP, complete, "/params/ref/name", "a name", fixed=_NAME)
    start = ("initialize",)
    yield _row("init.version", "Handshake: version", UP, start, "/params/protocolVersion", "a revision", fixed=_DATE)
    yield _row(
        "init.client", "Handshake: client", UP, start,
        "/params/clientInfo/name /params/clientInfo/title /params/clientInfo/version /params/clientInfo/description "
        "/params/clientInfo/websiteUrl /params/clientInfo/icons/** /params/clientInfo/**", "the client's name and version",
    )  # fmt: skip
    yield _row("init.capabilities", "Handshake: capabilities", UP, start, "/params/capabilities/**", "booleans",
               numbers=True)  # fmt: skip
    yield _row("list.cursor", "List: cursor", None, _LISTS, "/params/cursor", "an opaque mark, sometimes encoded data")
    yield _row("log.set", "Log level", UP, ("logging/setLevel",), "/params/level", "a level", fixed=_LEVEL)
    yield _row("task.which", "Task: which", None, _TASKS, "/params/taskId", "the task's number")
    yield _row(
        "retry.state", "Retried call: state", UP, _CALLS, "/params/requestState", "the app's opaque state, echoed"
    )
    base = "/params/inputResponses/*"
    yield _row(
        "retry.action",
        "Retried call: decision",
        UP,
        _CALLS,
        f"{base}/action",
        "a decision",
        fixed="accept|decline|cancel",
    )
    yield _row("retry.role", "Retried call: role", UP, _CALLS, f"{base}/role", "a role", fixed="user|assistant")
    yield _row("retry.model", "Retried call: model", UP, _CALLS, f"{base}/model {base}/stopReason", "a model, a reason")
    yield _row("retry.roots", "Retried call: folders", UP, _CALLS, f"{base}/roots/*/uri {base}/roots/*/name {base}/roots/**",
               "paths that can hold the user's name")  # fmt: skip
    yield from _blocks("retry.block", UP, _CALLS, f"{base}/content {base}/content/*")
    yield _row("retry.other", "Retried call: anything else", UP, _CALLS, f"{base}/**", "anything")
    events = ("events/list", "events/subscribe", "events/unsubscribe")
    yield _row(
        "events", "Events: subscription", None, events, "/params/** /result/**", "callback addresses and secrets"
    )


def _answers_up() -> Iterator[Place]:
    ask, model, roots = ("elicitation/create",), ("sampling/createMessage",), ("roots/list",)
    yield _row("answer.action", "Answer to a question: decision", UP, ask, "/result/action", "a decision",
               fixed="accept|decline|cancel")  # fmt: skip
    yield _row("answer.content", "Answer to a question", UP, ask, "/result/content/**", "what the user filled in")
    yield _row("model.role", "Model's answer: role", UP, model, "/result/role", "a role", fixed="user|assistant")
    yield _row("model.name", "Model's answer: model", UP, model, "/result/model", "a model's name", fixed=_NAME)
    yield _row("model.stop", "Model's answer: why it ended", UP, model, "/result/stopReason", "a reason", fixed=_NAME)
    yield from _blocks("model.block", UP, model, "/result/content /result/content/*")
    yield _row("roots", "Folders", UP, roots, "/result/roots/*/uri /result/roots/*/name /result/roots/*/_meta/** "
               "/result/roots/**", "paths that can hold the user's name")  # fmt: skip
    yield _row("answer.meta", "Answer: _meta", UP, ANY, "/result/_meta/**", "anything")
    yield _row(
        "answer.type", "Answer: kind", UP, ANY, "/result/resultType", "a kind", fixed="complete|input_required|task"
    )
    tasks = (
        *_TASKS,
        "elicitation/create",
        "sampling/createMessage",
        "notifications/tasks/status",
        "notifications/tasks",
    )
    yield from _task("answer.task", UP, tasks, "/result /result/task /result/tasks/* /params")


def _answers_down() -> Iterator[Place]:
    calls = ("tools/call", "tasks/result", "tasks/get", "notifications/tasks", "tasks/update")
    yield _row("result.structured", "Tool result: structured", DOWN, calls,
               "/result/structuredContent/** /result/result/structuredContent/** /params/result/structuredContent/**",
               "any JSON; goes to the model and the widget")  # fmt: skip
    yield from _blocks(
        "result.block", DOWN, calls, "/result/content/* /result/result/content/* /params/result/content/*"
    )
    yield _row("result.failed", "Tool result: failure mark", DOWN, calls,
               "/result/isError /result/result/isError /params/result/isError", "a boolean", numbers=True)  # fmt: skip
    yield _row("result.widget", "Tool result: for the widget", DOWN, calls,
               "/result/_meta/openai~1widgetSessionId /result/_meta/mcp~1www_authenticate "
               "/result/_meta/mcp~1www_authenticate/*", "a widget's number, a challenge")  # fmt: skip
    yield _row("result.flags", "Tool result: widget flags", DOWN, calls,
               "/result/_meta/openai~1closeWidget /result/_meta/openai~1resultCanProduceWidget", "booleans",
               numbers=True)  # fmt: skip
    meta = "/result/_meta/** /result/result/_meta/** /params/result/_meta/**"
    yield _row("result.server", "Result: server", DOWN, ANY, "/result/_meta/io.modelcontextprotocol~1serverInfo/**",
               "the app's name and version", why=_DECLARED)  # fmt: skip
    yield _row("result.meta", "Result: _meta", DOWN, ANY, meta, "anything; hidden from the model")
    yield _row("result.type", "Result: kind", DOWN, ANY, "/result/resultType /result/result/resultType", "a kind",
               fixed="complete|input_required|task")  # fmt: skip
    yield _row("result.ttl", "Result: keeping", DOWN, ANY, "/result/ttlMs", "milliseconds", numbers=True)
    yield _row(
        "result.scope",
        "Result: cache scope",
        DOWN,
        ANY,
        "/result/cacheScope",
        "public or private",
        fixed="public|private",
    )
    yield _row(
        "result.cursor",
        "List: next cursor",
        None,
        _LISTS,
        "/result/nextCursor",
        "an opaque mark, sometimes encoded data",
    )
    needs = ("tools/call", "prompts/get", "resources/read", "tasks/get", "notifications/tasks")
    yield _row("need.state", "Input required: state", DOWN, needs, "/result/requestState /params/requestState",
               "the app's opaque state, sometimes encoded data")  # fmt: skip
    inside = "/result/inputRequests/*/params /params/inputRequests/*/params"
    yield _row("need.method", "Input required: what", DOWN, needs, "/result/inputRequests/*/method /params/inputRequests/*/method",
               "a method's name", fixed=_METHOD)  # fmt: skip
    yield from _elicitation("need.ask", inside, needs)
    yield from _sampling("need.model", inside, needs)
    yield _row("need.other", "Input required: anything else", DOWN, needs, "/result/inputRequests/** /params/inputRequests/**",
               "anything")  # fmt: skip
    yield from _task("task", DOWN, (*_TASKS, "tools/call", "notifications/tasks/status", "notifications/tasks"),
                     "/result /result/task /result/tasks/* /params")  # fmt: skip
    read = ("resources/read",)
    base = "/result/contents/*"
    yield _row("read.text", "Resource: text", DOWN, read, f"{base}/text", "a document, a page for the widget")
    yield _row("read.blob", "Resource: bytes", DOWN, read, f"{base}/blob", "base64 of a document")
    yield _row("read.address", "Resource: address", DOWN, read, f"{base}/uri", "an address")
    yield _row("read.mime", "Resource: media type", DOWN, read, f"{base}/mimeType", "a media type", fixed=_MIME)
    yield _row(
        "read.meta", "Resource: _meta", DOWN, read, f"{base}/_meta/** {base}/**", "the widget's rights, anything"
    )
    yield from _resource("resources", ("resources/list",), "/result/resources/*")
    yield from _resource("templates", ("resources/templates/list",), "/result/resourceTemplates/*")
    get = ("prompts/get",)
    yield _row("prompt.description", "Prompt: description", DOWN, get, "/result/description", "free text")
    yield _row("prompt.role", "Prompt: role", DOWN, get, "/result/messages/*/role", "a role", fixed="user|assistant")
    yield from _blocks("prompt.block", DOWN, get, "/result/messages/*/content /result/messages/*/content/*")
    complete = ("completion/complete",)
    yield _row("complete.values", "Completion: suggestions", DOWN, complete, "/result/completion/values/*", "free text")
    yield _row("complete.figures", "Completion: figures", DOWN, complete, "/result/completion/total /result/completion/hasMore",
               "numbers", numbers=True)  # fmt: skip
    yield _row(
        "declared.tools",
        "Tools",
        DOWN,
        ("tools/list",),
        "/result/tools/**",
        "the tools and their schemas",
        why=_DECLARED,
    )
    yield _row("declared.prompts", "Prompts", DOWN, ("prompts/list",), "/result/prompts/**", "the prompts and their arguments",
               why=_DECLARED)  # fmt: skip
    yield _row(
        "declared.server", "Server", DOWN, ("initialize", "server/discover"),
        "/result/protocolVersion /result/supportedVersions/* /result/capabilities/** /result/serverInfo/** "
        "/result/instructions", "versions, capabilities, the app's instructions to the model", why=_DECLARED,
    )  # fmt: skip


def _messages_down() -> Iterator[Place]:
    log = ("notifications/message",)
    yield _row("log.level", "Log: level", DOWN, log, "/params/level", "a level", fixed=_LEVEL)
    yield _row("log.logger", "Log: logger", DOWN, log, "/params/logger", "a name")
    yield _row("log.data", "Log: data", DOWN, log, "/params/data/**", "anything")
    yield _row(
        "updated.uri", "Changed resource", DOWN, ("notifications/resources/updated",), "/params/uri", "an address"
    )
    yield _row("asked.id", "Question done", DOWN, ("notifications/elicitation/complete",), "/params/elicitationId",
               "the app's number of the question")  # fmt: skip
    yield _row("listening.uri", "Subscription confirmed: addresses", DOWN, ("notifications/subscriptions/acknowledged",),
               "/params/notifications/resourceSubscriptions/*", "addresses")  # fmt: skip
    yield _row(
        "listening.flags", "Subscription confirmed: kinds", DOWN, ("notifications/subscriptions/acknowledged",),
        "/params/notifications/toolsListChanged /params/notifications/promptsListChanged "
        "/params/notifications/resourcesListChanged", "booleans", numbers=True,
    )  # fmt: skip
    yield from _elicitation("ask", "/params", ("elicitation/create",))
    yield from _sampling("sampling", "/params", ("sampling/createMessage",))
    empty = (
        "ping", "roots/list", "notifications/initialized", "notifications/roots/list_changed",
        "notifications/tools/list_changed", "notifications/prompts/list_changed", "notifications/resources/list_changed",
        "resources/subscribe", "resources/unsubscribe", "logging/setLevel", "subscriptions/listen",
    )  # fmt: skip
    yield _row(
        "empty", "Messages without data of their own", None, empty, "/params/** /result/**", "nothing, by the protocol"
    )
    yield _row("meta.down", "App's requests: _meta", DOWN, ANY, "/params/_meta/**", "anything")


def _http() -> Iterator[Place]:
    def row(
        part: str, title: str, direction: Direction | None, patterns: str, holds: str, *, fixed: str = "", why: str = ""
    ) -> Place:
        return _row(f"http.{part}", title, direction, ANY, patterns, holds, fixed=fixed, why=why)

    head = "/@http/header/"
    yield row(
        "session", "X-Openai-Session", UP, f"{head}x-openai-session", "the same number as openai/session; counted once"
    )
    yield row(
        "subject", "X-Openai-Subject", UP, f"{head}x-openai-subject", "the same number as openai/subject; counted once"
    )
    yield row("mirror.name", "Mcp-Name", UP, f"{head}mcp-name", "params.name or params.uri; counted once",
              fixed=_NAME)
    yield row("mirror.param", "Mcp-Param-*", UP, f"{head}mcp-param-*", "an argument; counted once")
    yield row("mirror.method", "Mcp-Method", UP, f"{head}mcp-method", "the method", fixed=_METHOD)
    yield row("version", "MCP-Protocol-Version", None, f"{head}mcp-protocol-version", "a revision", fixed=_DATE)
    yield row("agent", "User-Agent", UP, f"{head}user-agent", "the client's name, a device")
    yield row("language", "Accept-Language", UP, f"{head}accept-language", "the user's languages")
    yield row(
        "forwarded", "Forwarded addresses", UP, f"{head}x-forwarded-for {head}forwarded {head}x-real-ip", "IP addresses"
    )
    yield row("trace", "traceparent", None, f"{head}traceparent", "trace and span numbers",
              fixed="[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")  # fmt: skip
    yield row("baggage", "baggage and tracestate", None, f"{head}baggage {head}tracestate", "key=value pairs")
    yield row("resume", "Last-Event-ID", UP, f"{head}last-event-id", "the number of an event")
    yield row("other", "Other headers", None, f"{head}*", "anything")
    yield row("path", "Path", None, "/@http/path", "secret paths, tokens, names")
    yield row("query", "Query", None, "/@http/query/*", "anything, tokens included")
    secret = "a credential: it never enters the record, only a pseudonym of it does"
    yield row("credential", "Credentials", None, f"{head}authorization {head}cookie {head}set-cookie {head}mcp-session-id "
              f"{head}proxy-authorization", "tokens, cookies, session numbers", why=secret)  # fmt: skip


def _other() -> Iterator[Place]:
    yield _row("other.params", "Anything else in a request", None, ANY, "/params/**", "anything")
    yield _row("other.result", "Anything else in an answer", None, ANY, "/result/**", "anything")
    yield _row("other", "Anything else", None, ANY, "/**", "anything")


def _unseen() -> Iterator[Place]:
    def row(part: str, title: str, direction: Direction | None, holds: str, why: str) -> Place:
        return Place(f"unseen.{part}", title, direction, (), (), holds, None, False, False, why, False)

    yield row("download", "Files behind download_url", UP, "the user's file", "the app fetches it from OpenAI directly")
    yield row(
        "widget",
        "Widget traffic",
        UP,
        "what the widget sends to its connectDomains",
        "it leaves the user's browser directly",
    )
    yield row("state", "Widget state and messages", DOWN, "setWidgetState, sendFollowUpMessage, ui/message",
              "they stay between the browser and ChatGPT")  # fmt: skip
    yield row("events", "Event deliveries", DOWN, "what the app posts to ChatGPT's callback",
              "they bypass a reverse proxy; forward mode sees the connection")  # fmt: skip
    yield row("oauth", "Sign-in", None, "codes, tokens, id_token_hint", "never recorded: they are credentials")
    yield row(
        "sse",
        "Event numbers of a stream",
        DOWN,
        "the app's id: lines",
        "positions in the stream; not part of a message",
    )


PLACES: Final[tuple[Place, ...]] = (
    *_common(),
    *_meta_up(),
    *_requests_up(),
    *_answers_up(),
    *_answers_down(),
    *_messages_down(),
    *_http(),
    *_other(),
    *_unseen(),
)
