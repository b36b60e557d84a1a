"""The places of what the app sends. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.place import (
    ANY,
    DECLARED,
    DOWN,
    LEVEL,
    LISTS,
    METHOD,
    MIME,
    TASKS,
    Place,
    blocks,
    prompt,
    question,
    resource,
    row,
    task_parts,
)


def answers_down() -> Iterator[Place]:
    calls = ("tools/call", "tasks/result", "tasks/get", "notifications/tasks", "tasks/update")
    yield row(
        "result.structured",
        "Tool result: structured",
        DOWN,
        calls,
        "/result/structuredContent/** /result/result/structuredContent/** /params/result/structuredContent/**",
        "any JSON; goes to the model and the widget",
    )
    yield from blocks(
        "result.block", DOWN, calls, "/result/content/* /result/result/content/* /params/result/content/*"
    )
    yield row(
        "result.failed",
        "Tool result: failure mark",
        DOWN,
        calls,
        "/result/isError /result/result/isError /params/result/isError",
        "a boolean",
        numbers=True,
    )
    yield row(
        "result.widget",
        "Tool result: for the widget",
        DOWN,
        calls,
        "/result/_meta/openai~1widgetSessionId /result/_meta/mcp~1www_authenticate "
        "/result/_meta/mcp~1www_authenticate/*",
        "a widget's number, a challenge",
    )
    yield row(
        "result.flags",
        "Tool result: widget flags",
        DOWN,
        calls,
        "/result/_meta/openai~1closeWidget /result/_meta/openai~1resultCanProduceWidget",
        "booleans",
        numbers=True,
    )
    meta = "/result/_meta/** /result/result/_meta/** /params/result/_meta/**"
    yield row(
        "result.server",
        "Result: server",
        DOWN,
        ANY,
        "/result/_meta/io.modelcontextprotocol~1serverInfo/**",
        "the app's name and version",
        why=DECLARED,
    )
    yield row("result.meta", "Result: _meta", DOWN, ANY, meta, "anything; hidden from the model")
    yield row(
        "result.type",
        "Result: kind",
        DOWN,
        ANY,
        "/result/resultType /result/result/resultType",
        "a kind",
        fixed="complete|input_required|task",
    )
    yield row("result.ttl", "Result: keeping", DOWN, ANY, "/result/ttlMs", "milliseconds", numbers=True)
    yield row(
        "result.scope",
        "Result: cache scope",
        DOWN,
        ANY,
        "/result/cacheScope",
        "public or private",
        fixed="public|private",
    )
    yield row(
        "result.cursor",
        "List: next cursor",
        None,
        LISTS,
        "/result/nextCursor",
        "an opaque mark, sometimes encoded data",
    )
    needs = ("tools/call", "prompts/get", "resources/read", "tasks/get", "notifications/tasks")
    yield row(
        "need.state",
        "Input required: state",
        DOWN,
        needs,
        "/result/requestState /params/requestState",
        "the app's opaque state, sometimes encoded data",
    )
    inside = "/result/inputRequests/*/params /params/inputRequests/*/params"
    yield row(
        "need.method",
        "Input required: what",
        DOWN,
        needs,
        "/result/inputRequests/*/method /params/inputRequests/*/method",
        "a method's name",
        fixed=METHOD,
    )
    yield from question("need.ask", inside, needs)
    yield from prompt("need.model", inside, needs)
    yield row(
        "need.other",
        "Input required: anything else",
        DOWN,
        needs,
        "/result/inputRequests/** /params/inputRequests/**",
        "anything",
    )
    yield from task_parts("task", DOWN, (*TASKS, "tools/call"), "/result /result/task /result/tasks/*")
    yield from task_parts("status.task", DOWN, ("notifications/tasks/status", "notifications/tasks"), "/params")
    read = ("resources/read",)
    base = "/result/contents/*"
    yield row("read.text", "Resource: text", DOWN, read, f"{base}/text", "a document, a page for the widget")
    yield row("read.blob", "Resource: bytes", DOWN, read, f"{base}/blob", "base64 of a document")
    yield row("read.address", "Resource: address", DOWN, read, f"{base}/uri", "an address")
    yield row("read.mime", "Resource: media type", DOWN, read, f"{base}/mimeType", "a media type", fixed=MIME)
    yield row("read.meta", "Resource: _meta", DOWN, read, f"{base}/_meta/** {base}/**", "the widget's rights, anything")
    yield from resource("resources", ("resources/list",), "/result/resources/*")
    yield from resource("templates", ("resources/templates/list",), "/result/resourceTemplates/*")
    get = ("prompts/get",)
    yield row("prompt.description", "Prompt: description", DOWN, get, "/result/description", "free text")
    yield row("prompt.role", "Prompt: role", DOWN, get, "/result/messages/*/role", "a role", fixed="user|assistant")
    yield from blocks("prompt.block", DOWN, get, "/result/messages/*/content /result/messages/*/content/*")
    complete = ("completion/complete",)
    yield row("complete.values", "Completion: suggestions", DOWN, complete, "/result/completion/values/*", "free text")
    yield row(
        "complete.figures",
        "Completion: figures",
        DOWN,
        complete,
        "/result/completion/total /result/completion/hasMore",
        "numbers",
        numbers=True,
    )
    yield row(
        "declared.tools",
        "Tools",
        DOWN,
        ("tools/list",),
        "/result/tools/**",
        "the tools and their schemas",
        why=DECLARED,
    )
    yield row(
        "declared.prompts",
        "Prompts",
        DOWN,
        ("prompts/list",),
        "/result/prompts/**",
        "the prompts and their arguments",
        why=DECLARED,
    )
    yield row(
        "declared.server",
        "Server",
        DOWN,
        ("initialize", "server/discover"),
        "/result/protocolVersion /result/supportedVersions/* /result/capabilities/** /result/serverInfo/** "
        "/result/instructions",
        "versions, capabilities, the app's instructions to the model",
        why=DECLARED,
    )


def messages_down() -> Iterator[Place]:
    log = ("notifications/message",)
    yield row("log.level", "Log: level", DOWN, log, "/params/level", "a level", fixed=LEVEL)
    yield row("log.logger", "Log: logger", DOWN, log, "/params/logger", "a name")
    yield row("log.data", "Log: data", DOWN, log, "/params/data/**", "anything")
    yield row(
        "updated.uri", "Changed resource", DOWN, ("notifications/resources/updated",), "/params/uri", "an address"
    )
    yield row(
        "asked.id",
        "Question done",
        DOWN,
        ("notifications/elicitation/complete",),
        "/params/elicitationId",
        "the app's number of the question",
    )
    yield row(
        "listening.uri",
        "Subscription confirmed: addresses",
        DOWN,
        ("notifications/subscriptions/acknowledged",),
        "/params/notifications/resourceSubscriptions/*",
        "addresses",
    )
    yield row(
        "listening.flags",
        "Subscription confirmed: kinds",
        DOWN,
        ("notifications/subscriptions/acknowledged",),
        "/params/notifications/toolsListChanged /params/notifications/promptsListChanged "
        "/params/notifications/resourcesListChanged",
        "booleans",
        numbers=True,
    )
    yield from question("ask", "/params", ("elicitation/create",))
    yield from prompt("sampling", "/params", ("sampling/createMessage",))
    empty = (
        "ping",
        "roots/list",
        "notifications/initialized",
        "notifications/roots/list_changed",
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "notifications/resources/list_changed",
        "resources/subscribe",
        "resources/unsubscribe",
        "logging/setLevel",
        "subscriptions/listen",
    )
    yield row(
        "empty", "Messages without data of their own", None, empty, "/params/** /result/**", "nothing, by the protocol"
    )
    yield row("meta.down", "App's requests: _meta", DOWN, ANY, "/params/_meta/**", "anything")
