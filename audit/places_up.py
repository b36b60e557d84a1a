"""The places of what ChatGPT sends. Pure module: no I/O."""

from collections.abc import Iterator

from douane.audit.place import (
    ANY,
    CALLS,
    DATE,
    LEVEL,
    LISTS,
    NAME,
    TASKS,
    UP,
    Place,
    blocks,
    each,
    row,
    task_parts,
)


def meta_up() -> Iterator[Place]:
    """What ChatGPT sends in `_meta`."""

    def part(name: str, title: str, keys: str, holds: str, *, fixed: str = "", numbers: bool = False) -> Place:
        patterns = each("/params/_meta/", keys)
        return row(f"meta.{name}", title, UP, ANY, patterns, holds, fixed=fixed, numbers=numbers)

    mcp = "io.modelcontextprotocol~1"
    where = "openai~1userLocation"
    parts = " ".join(f"{where}/{part}" for part in ("city", "region", "country", "timezone", "longitude", "latitude"))
    yield part("locale", "ChatGPT: language", "openai~1locale webplus~1i18n", "the user's language")
    yield part("agent", "ChatGPT: user agent", "openai~1userAgent", "the user's device")
    yield part("location", "ChatGPT: user location", f"{parts} {where}/**", "where the user is")
    yield part("subject", "ChatGPT: user number", "openai~1subject", "a lasting pseudonymous number of the user")
    yield part(
        "session", "ChatGPT: conversation number", "openai~1session", "a pseudonymous number of the conversation"
    )
    yield part("organization", "ChatGPT: organisation number", "openai~1organization", "a pseudonymous number")
    yield part("widget", "ChatGPT: widget number", "openai~1widgetSessionId", "a number of the mounted widget")
    yield part("version", "Protocol version", f"{mcp}protocolVersion", "a revision of the protocol", fixed=DATE)
    yield part("log", "Log level", f"{mcp}logLevel", "a level", fixed=LEVEL)
    info = " ".join(f"{mcp}clientInfo/{part}" for part in ("name", "title", "version", "description", "websiteUrl"))
    yield part("client", "Client", f"{info} {mcp}clientInfo/**", "the client's name and version")
    yield part("capabilities", "Client's capabilities", f"{mcp}clientCapabilities/**", "booleans", numbers=True)
    yield part("other", "Other _meta", "**", "anything")


def requests_up() -> Iterator[Place]:
    yield row("call.name", "Tool call: tool", UP, ("tools/call",), "/params/name", "the tool's name", fixed=NAME)
    yield row(
        "call.arguments",
        "Tool call: arguments",
        UP,
        ("tools/call",),
        "/params/arguments/**",
        "whatever the model puts there, at any depth",
    )
    yield row(
        "call.task", "Tool call: task", UP, ("tools/call",), "/params/task/**", "how long to keep a task", numbers=True
    )
    yield row("prompt.name", "Prompt: name", UP, ("prompts/get",), "/params/name", "the prompt's name", fixed=NAME)
    yield row(
        "prompt.arguments", "Prompt: arguments", UP, ("prompts/get",), "/params/arguments/**", "what the user typed"
    )
    reads = ("resources/read", "resources/subscribe", "resources/unsubscribe")
    yield row(
        "read.uri", "Resource: address", UP, reads, "/params/uri", "an address, with what a template was filled with"
    )
    yield row(
        "listen.uri",
        "Subscription: addresses",
        UP,
        ("subscriptions/listen",),
        "/params/notifications/resourceSubscriptions/*",
        "addresses",
    )
    yield row(
        "listen.flags",
        "Subscription: kinds",
        UP,
        ("subscriptions/listen",),
        "/params/notifications/toolsListChanged /params/notifications/promptsListChanged "
        "/params/notifications/resourcesListChanged",
        "booleans",
        numbers=True,
    )
    complete = ("completion/complete",)
    yield row(
        "complete.value", "Completion: typed text", UP, complete, "/params/argument/value", "what was typed so far"
    )
    yield row("complete.name", "Completion: argument", UP, complete, "/params/argument/name", "a name", fixed=NAME)
    yield row(
        "complete.context",
        "Completion: context",
        UP,
        complete,
        "/params/context/arguments/**",
        "values filled in already",
    )
    yield row(
        "complete.type", "Completion: kind", UP, complete, "/params/ref/type", "a kind", fixed="ref/prompt|ref/resource"
    )
    yield row("complete.ref", "Completion: of what", UP, complete, "/params/ref/uri /params/ref/title", "an address")
    yield row("complete.prompt", "Completion: prompt", UP, complete, "/params/ref/name", "a name", fixed=NAME)
    start = ("initialize",)
    yield row("init.version", "Handshake: version", UP, start, "/params/protocolVersion", "a revision", fixed=DATE)
    yield row(
        "init.client",
        "Handshake: client",
        UP,
        start,
        "/params/clientInfo/name /params/clientInfo/title /params/clientInfo/version /params/clientInfo/description "
        "/params/clientInfo/websiteUrl /params/clientInfo/icons/** /params/clientInfo/**",
        "the client's name and version",
    )
    yield row(
        "init.capabilities", "Handshake: capabilities", UP, start, "/params/capabilities/**", "booleans", numbers=True
    )
    yield row("list.cursor", "List: cursor", None, LISTS, "/params/cursor", "an opaque mark, sometimes encoded data")
    yield row("log.set", "Log level", UP, ("logging/setLevel",), "/params/level", "a level", fixed=LEVEL)
    yield row("task.which", "Task: which", None, TASKS, "/params/taskId", "the task's number")
    yield row("retry.state", "Retried call: state", UP, CALLS, "/params/requestState", "the app's opaque state, echoed")
    base = "/params/inputResponses/*"
    yield row(
        "retry.action",
        "Retried call: decision",
        UP,
        CALLS,
        f"{base}/action",
        "a decision",
        fixed="accept|decline|cancel",
    )
    yield row("retry.role", "Retried call: role", UP, CALLS, f"{base}/role", "a role", fixed="user|assistant")
    yield row("retry.model", "Retried call: model", UP, CALLS, f"{base}/model {base}/stopReason", "a model, a reason")
    yield row(
        "retry.roots",
        "Retried call: folders",
        UP,
        CALLS,
        f"{base}/roots/*/uri {base}/roots/*/name {base}/roots/**",
        "paths that can hold the user's name",
    )
    yield from blocks("retry.block", UP, CALLS, f"{base}/content {base}/content/*")
    yield row("retry.other", "Retried call: anything else", UP, CALLS, f"{base}/**", "anything")
    events = ("events/list", "events/subscribe", "events/unsubscribe")
    yield row("events", "Events: subscription", None, events, "/params/** /result/**", "callback addresses and secrets")


def answers_up() -> Iterator[Place]:
    ask, model, roots = ("elicitation/create",), ("sampling/createMessage",), ("roots/list",)
    yield row(
        "answer.action",
        "Answer to a question: decision",
        UP,
        ask,
        "/result/action",
        "a decision",
        fixed="accept|decline|cancel",
    )
    yield row("answer.content", "Answer to a question", UP, ask, "/result/content/**", "what the user filled in")
    yield row("model.role", "Model's answer: role", UP, model, "/result/role", "a role", fixed="user|assistant")
    yield row("model.name", "Model's answer: model", UP, model, "/result/model", "a model's name", fixed=NAME)
    yield row("model.stop", "Model's answer: why it ended", UP, model, "/result/stopReason", "a reason", fixed=NAME)
    yield from blocks("model.block", UP, model, "/result/content /result/content/*")
    yield row(
        "roots",
        "Folders",
        UP,
        roots,
        "/result/roots/*/uri /result/roots/*/name /result/roots/*/_meta/** /result/roots/**",
        "paths that can hold the user's name",
    )
    yield row("answer.meta", "Answer: _meta", UP, ANY, "/result/_meta/**", "anything")
    yield row(
        "answer.type", "Answer: kind", UP, ANY, "/result/resultType", "a kind", fixed="complete|input_required|task"
    )
    tasks = (*TASKS, "elicitation/create", "sampling/createMessage")
    yield from task_parts("answer.task", UP, tasks, "/result /result/task /result/tasks/*")
    yield from task_parts("note.task", UP, ("notifications/tasks/status", "notifications/tasks"), "/params")
