"""An MCP server that offers what `@modelcontextprotocol/conformance` asks a server for, in both protocol eras.

Run as a script: `python tests/conformance/server.py PORT`. The names, URIs and texts are the suite's own contract; the
tables below hold them, the functions under them what a table cannot say. Loopback only, nothing is kept.
"""

import argparse
import asyncio
import base64
import json
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import mcp_types as t
import uvicorn
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity
from mcp.server.streamable_http import EventCallback, EventMessage, EventStore
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler
from mcp.shared.exceptions import MCPError
from mcp.shared.subscriptions import PromptsListChanged, ToolsListChanged

NAME = "douane-conformance-fixture"
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"  # a transparent GIF of one pixel
SILENCE = "UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA="  # a WAV without samples

type Context = ServerRequestContext[Any, Any]
type Answer = str | list[t.ContentBlock] | t.InputRequiredResult
type Tool = Callable[[Context, t.CallToolRequestParams], Awaitable[Answer]]

bus = InMemorySubscriptionBus()


def text(value: str) -> t.TextContent:
    return t.TextContent(type="text", text=value)


def picture(mime_type: str = "image/gif") -> t.ImageContent:
    return t.ImageContent(type="image", data=PIXEL, mime_type=mime_type)


def embedded(uri: str, body: str, mime_type: str = "text/plain") -> t.EmbeddedResource:
    return t.EmbeddedResource(type="resource", resource=t.TextResourceContents(uri=uri, mime_type=mime_type, text=body))


def form(**properties: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema of a form on which every one of `properties` must be filled in."""
    return {"type": "object", "properties": dict(properties), "required": list(properties)}


def ask(message: str, **properties: Mapping[str, Any]) -> t.ElicitRequest:
    return t.ElicitRequest(params=t.ElicitRequestFormParams(message=message, requested_schema=form(**properties)))


def think(prompt: str) -> t.CreateMessageRequest:
    message = t.SamplingMessage(role="user", content=text(prompt))
    return t.CreateMessageRequest(params=t.CreateMessageRequestParams(messages=[message], max_tokens=64))


# ---- what is the same for every caller ------------------------------------------------------------------------------

FIXED: dict[str, list[t.ContentBlock]] = {
    "test_simple_text": [text("This is a simple text response for testing.")],
    "test_image_content": [picture("image/png")],
    "test_audio_content": [t.AudioContent(type="audio", data=SILENCE, mime_type="audio/wav")],
    "test_embedded_resource": [embedded("test://embedded-resource", "This is an embedded resource content.")],
    "test_multiple_content_types": [
        text("Multiple content types test:"),
        picture("image/png"),
        embedded("test://mixed-content-resource", '{"test":"data","value":123}', "application/json"),
    ],
    "json_schema_2020_12_tool": [text("nothing to do")],
}

EVERY_KIND_OF_DEFAULT = form(
    name={"type": "string", "default": "John Doe"},
    age={"type": "integer", "default": 30},
    score={"type": "number", "default": 95.5},
    status={"type": "string", "enum": ["active", "inactive", "pending"], "default": "active"},
    verified={"type": "boolean", "default": True},
)

EVERY_KIND_OF_CHOICE = form(
    untitledSingle={"type": "string", "enum": ["option1", "option2", "option3"]},
    titledSingle={"type": "string", "oneOf": [{"const": c, "title": c.title()} for c in ("one", "two", "three")]},
    legacyEnum={"type": "string", "enum": ["opt1", "opt2", "opt3"], "enumNames": ["First", "Second", "Third"]},
    untitledMulti={"type": "array", "items": {"type": "string", "enum": ["option1", "option2", "option3"]}},
    titledMulti={"type": "array", "items": {"anyOf": [{"const": c, "title": c.title()} for c in ("a", "b", "c")]}},
)

JSON_SCHEMA_2020_12 = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "$defs": {
        "address": {"$anchor": "addressDef", "type": "object", "properties": {"street": {"type": "string"}}},
    },
    "properties": {
        "name": {"type": "string"},
        "address": {"$ref": "#/$defs/address"},
        "contactMethod": {"type": "string", "enum": ["phone", "email"]},
        "phone": {"type": "string"},
        "email": {"type": "string"},
    },
    "allOf": [{"anyOf": [{"required": ["phone"]}, {"required": ["email"]}]}],
    "if": {"properties": {"contactMethod": {"const": "phone"}}, "required": ["contactMethod"]},
    "then": {"required": ["phone"]},
    "else": {"required": ["email"]},
    "additionalProperties": False,
}

NO_ARGUMENTS: dict[str, Any] = {"type": "object", "properties": {}}
ARGUMENTS: dict[str, dict[str, Any]] = {
    "test_sampling": form(prompt={"type": "string"}),
    "test_elicitation": form(message={"type": "string"}),
    "test_x_mcp_header": {"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}},
    "json_schema_2020_12_tool": JSON_SCHEMA_2020_12,
}

RESOURCES: dict[str, t.TextResourceContents | t.BlobResourceContents] = {
    "test://static-text": t.TextResourceContents(
        uri="test://static-text", mime_type="text/plain", text="This is the content of the static text resource."
    ),
    "test://static-binary": t.BlobResourceContents(uri="test://static-binary", mime_type="image/png", blob=PIXEL),
    "test://watched-resource": t.TextResourceContents(
        uri="test://watched-resource", mime_type="text/plain", text="Nothing has changed yet."
    ),
}

PROMPTS: dict[str, tuple[str, ...]] = {
    "test_simple_prompt": (),
    "test_prompt_with_arguments": ("arg1", "arg2"),
    "test_prompt_with_embedded_resource": ("resourceUri",),
    "test_prompt_with_image": (),
    "test_input_required_result_prompt": (),
}

# ---- tools that talk while they work (up to 2025-11-25) -------------------------------------------------------------

TOOLS: dict[str, Tool] = {}


def tool(function: Tool) -> Tool:
    """Offer `function` as the tool of its own name."""
    TOOLS[function.__name__] = function
    return function


async def log(ctx: Context, words: str) -> None:
    await ctx.session.send_log_message("info", words, related_request_id=ctx.request_id)


@tool
async def test_tool_with_logging(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    for step in ("Tool execution started", "Tool processing data", "Tool execution completed"):
        await log(ctx, step)
        await asyncio.sleep(0.02)
    return "logged three times"


@tool
async def test_tool_with_progress(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    for done in (0, 50, 100):
        await ctx.session.report_progress(done, 100, f"Completed step {done} of 100")
        await asyncio.sleep(0.02)
    return "progress reported three times"


@tool
async def test_sampling(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    request = think(str((params.arguments or {}).get("prompt", "")))
    result = await ctx.session.create_message(
        request.params.messages, max_tokens=request.params.max_tokens, related_request_id=ctx.request_id
    )
    return f"LLM response: {result.content.text if result.content.type == 'text' else result.content.type}"


async def fill_in(ctx: Context, message: str, schema: dict[str, Any]) -> str:
    result = await ctx.session.elicit_form(message, schema, related_request_id=ctx.request_id)
    return f"action={result.action}, content={json.dumps(result.content or {})}"


@tool
async def test_elicitation(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    message = str((params.arguments or {}).get("message", ""))
    return "User response: " + await fill_in(ctx, message, form(response={"type": "string"}))


@tool
async def test_elicitation_sep1034_defaults(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    return "Elicitation completed: " + await fill_in(ctx, "Please review", EVERY_KIND_OF_DEFAULT)


@tool
async def test_elicitation_sep1330_enums(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    return "Elicitation completed: " + await fill_in(ctx, "Please choose", EVERY_KIND_OF_CHOICE)


@tool
async def test_reconnection(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    await log(ctx, "before the stream closes")
    if ctx.close_sse_stream is not None:
        await ctx.close_sse_stream()
    await asyncio.sleep(0.15)  # the client waits `retry` (0.1 s) and comes back
    await log(ctx, "after the stream closed")
    return "Reconnection test completed"


# ---- tools that answer once (any version) ---------------------------------------------------------------------------


@tool
async def test_error_handling(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    raise ValueError("This tool intentionally returns an error for testing")


@tool
async def test_x_mcp_header(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    return f"region={(params.arguments or {}).get('region')}"


@tool
async def test_missing_capability(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    capabilities = ctx.session.client_capabilities
    if capabilities is None or capabilities.sampling is None:
        needed = t.MissingRequiredClientCapabilityErrorData(
            required_capabilities=t.ClientCapabilities(sampling=t.SamplingCapability())
        )
        raise MCPError(
            t.MISSING_REQUIRED_CLIENT_CAPABILITY,
            "the client cannot sample",
            needed.model_dump(by_alias=True, exclude_none=True),
        )
    return "the client can sample"


@tool
async def test_logging_tool(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    await log(ctx, "said to those who asked for a log level only")
    return "logged"


@tool
async def test_trigger_tool_change(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    await bus.publish(ToolsListChanged())
    return "announced"


@tool
async def test_trigger_prompt_change(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    await bus.publish(PromptsListChanged())
    return "announced"


# ---- tools that need another round (2026-07-28) ---------------------------------------------------------------------


def answers(params: t.CallToolRequestParams | t.GetPromptRequestParams, *keys: str) -> list[Any] | None:
    """The client's answers under `keys`, or None when one is missing."""
    given = params.input_responses or {}
    return [given[key] for key in keys] if set(keys) <= set(given) else None


def entry(answer: Any, key: str) -> Any:
    return (answer.content or {}).get(key) if isinstance(answer, t.ElicitResult) else None


def once_more(state: str | None = None, **requests: t.InputRequest) -> t.InputRequiredResult:
    return t.InputRequiredResult(input_requests=requests, request_state=state)


@tool
async def test_input_required_result_elicitation(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    given = answers(params, "user_name")
    if given and isinstance(given[0], t.ElicitResult) and given[0].action == "accept":
        return f"Hello, {entry(given[0], 'name')}!"
    return once_more(user_name=ask("What is your name?", name={"type": "string"}))


@tool
async def test_streaming_elicitation(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    await ctx.session.report_progress(1, 2, "about to ask")
    return await test_input_required_result_elicitation(ctx, params)


@tool
async def test_input_required_result_sampling(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    given = answers(params, "capital_question")
    if given and isinstance(given[0], t.CreateMessageResult):
        return f"The model says: {getattr(given[0].content, 'text', '')}"
    return once_more(capital_question=think("What is the capital of France?"))


@tool
async def test_input_required_result_list_roots(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    given = answers(params, "client_roots")
    if given and isinstance(given[0], t.ListRootsResult):
        return f"{len(given[0].roots)} roots"
    return once_more(client_roots=t.ListRootsRequest())


@tool
async def test_input_required_result_request_state(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    if answers(params, "confirm") and params.request_state == "waiting for a yes":
        return "state-ok"
    return once_more("waiting for a yes", confirm=ask("Please confirm", ok={"type": "boolean"}))


@tool
async def test_input_required_result_multiple_inputs(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    if answers(params, "user_name", "greeting", "client_roots"):
        return "all three answered"
    return once_more(
        "three questions asked",
        user_name=ask("What is your name?", name={"type": "string"}),
        greeting=think("Greet the user"),
        client_roots=t.ListRootsRequest(),
    )


@tool
async def test_input_required_result_multi_round(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    so_far: list[Any] = json.loads(params.request_state or "[]")
    second, first = answers(params, "step2"), answers(params, "step1")
    if len(so_far) == 2 and second:
        return f"{so_far[1]} likes {entry(second[0], 'color')}"
    if len(so_far) == 1 and first:
        state = json.dumps(["step1", entry(first[0], "name")])
        return once_more(state, step2=ask("Step 2: which colour?", color={"type": "string"}))
    return once_more(json.dumps(["step1"]), step1=ask("Step 1: what name?", name={"type": "string"}))


@tool
async def test_input_required_result_tampered_state(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    if params.request_state == "sealed":
        return "state-ok"
    return once_more("sealed", confirm=ask("Please confirm", ok={"type": "boolean"}))


@tool
async def test_input_required_result_capabilities(ctx: Context, params: t.CallToolRequestParams) -> Answer:
    can = ctx.session.client_capabilities
    requests: dict[str, t.InputRequest] = {}
    if can is not None and can.sampling is not None:
        requests["thought"] = think("Say hello")
    if can is not None and can.elicitation is not None:
        requests["name"] = ask("What is your name?", name={"type": "string"})
    return once_more("asked what the client can answer", **requests)


# ---- the server -----------------------------------------------------------------------------------------------------


async def list_tools(ctx: Context, params: t.PaginatedRequestParams | None) -> t.ListToolsResult:
    names = sorted({*FIXED, *TOOLS})
    tools = [
        t.Tool(name=name, description=name.replace("_", " "), input_schema=ARGUMENTS.get(name, NO_ARGUMENTS))
        for name in names
    ]
    return t.ListToolsResult(tools=tools)


async def call_tool(ctx: Context, params: t.CallToolRequestParams) -> t.CallToolResult | t.InputRequiredResult:
    if params.name in FIXED:
        return t.CallToolResult(content=FIXED[params.name])
    if params.name not in TOOLS:
        return t.CallToolResult(content=[text(f"no such tool: {params.name}")], is_error=True)
    try:
        answer = await TOOLS[params.name](ctx, params)
    except ValueError as error:
        return t.CallToolResult(content=[text(str(error))], is_error=True)
    if isinstance(answer, t.InputRequiredResult):
        return answer
    return t.CallToolResult(content=[text(answer)] if isinstance(answer, str) else answer)


async def list_resources(ctx: Context, params: t.PaginatedRequestParams | None) -> t.ListResourcesResult:
    return t.ListResourcesResult(
        resources=[
            t.Resource(uri=uri, name=uri.removeprefix("test://"), description="a fixture", mime_type=r.mime_type)
            for uri, r in RESOURCES.items()
        ]
    )


async def list_templates(ctx: Context, params: t.PaginatedRequestParams | None) -> t.ListResourceTemplatesResult:
    template = t.ResourceTemplate(uri_template="test://template/{id}/data", name="template", description="a fixture")
    return t.ListResourceTemplatesResult(resource_templates=[template])


async def read_resource(ctx: Context, params: t.ReadResourceRequestParams) -> t.ReadResourceResult:
    uri = str(params.uri)
    if uri in RESOURCES:
        return t.ReadResourceResult(contents=[RESOURCES[uri]])
    if uri.startswith("test://template/") and uri.endswith("/data"):
        number = uri.removeprefix("test://template/").removesuffix("/data")
        body = json.dumps({"id": number, "templateTest": True, "data": f"Data for ID: {number}"})
        content = t.TextResourceContents(uri=uri, mime_type="application/json", text=body)
        return t.ReadResourceResult(contents=[content])
    modern = ctx.protocol_version >= "2026-07-28"
    raise MCPError(t.INVALID_PARAMS if modern else -32002, "Resource not found", {"uri": uri})


async def list_prompts(ctx: Context, params: t.PaginatedRequestParams | None) -> t.ListPromptsResult:
    return t.ListPromptsResult(
        prompts=[
            t.Prompt(
                name=name,
                description=name.replace("_", " "),
                arguments=[t.PromptArgument(name=a, description="text", required=True) for a in arguments],
            )
            for name, arguments in PROMPTS.items()
        ]
    )


async def get_prompt(ctx: Context, params: t.GetPromptRequestParams) -> t.GetPromptResult | t.InputRequiredResult:
    given = params.arguments or {}
    missing = [name for name in PROMPTS.get(params.name, ()) if name not in given]
    if params.name not in PROMPTS or missing:
        raise MCPError(t.INVALID_PARAMS, f"unknown prompt or missing arguments: {params.name} {missing}")
    contents: list[t.ContentBlock]
    match params.name:
        case "test_simple_prompt":
            contents = [text("This is a simple prompt for testing.")]
        case "test_prompt_with_arguments":
            contents = [text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'")]
        case "test_prompt_with_embedded_resource":
            contents = [embedded(given["resourceUri"], "Embedded resource content for testing."), text("Read it.")]
        case "test_prompt_with_image":
            contents = [picture("image/png"), text("Look at it.")]
        case _:
            context = answers(params, "user_context")
            if context is None:
                return once_more(user_context=ask("Which context?", context={"type": "string"}))
            contents = [text(f"Use this context: {entry(context[0], 'context')}")]
    return t.GetPromptResult(messages=[t.PromptMessage(role="user", content=content) for content in contents])


async def complete(ctx: Context, params: t.CompleteRequestParams) -> t.CompleteResult:
    fitting = [word for word in ("paris", "park", "party") if word.startswith(params.argument.value)]
    return t.CompleteResult(completion=t.Completion(values=fitting, total=len(fitting), has_more=False))


async def accept(ctx: Context, params: object) -> t.EmptyResult:
    return t.EmptyResult()


@dataclass(slots=True)
class Memory(EventStore):
    """Keeps the events of every stream, so that a client can come back for what it missed."""

    events: dict[str, list[tuple[int, t.JSONRPCMessage | None]]] = field(default_factory=lambda: defaultdict(list))
    count: int = 0

    async def store_event(self, stream_id: str, message: t.JSONRPCMessage | None) -> str:
        self.count += 1
        self.events[stream_id].append((self.count, message))
        return str(self.count)

    async def replay_events_after(self, last_event_id: str, send_callback: EventCallback) -> str | None:
        last = int(last_event_id)
        for stream, kept in self.events.items():
            if any(number == last for number, _ in kept):
                for number, message in kept:
                    if number > last and message is not None:
                        await send_callback(EventMessage(message, str(number)))
                return stream
        return None


def build() -> Server[Any]:
    server: Server[Any] = Server(
        NAME,
        version="1.0.0",
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
        on_subscribe_resource=accept,
        on_unsubscribe_resource=accept,
        on_subscriptions_listen=ListenHandler(bus),
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
        on_completion=complete,
        on_set_logging_level=accept,
        get_tool_input_schema=lambda name: ARGUMENTS.get(name, NO_ARGUMENTS),
    )
    key = base64.b64decode("ZG91YW5lLWNvbmZvcm1hbmNlLWZpeHR1cmUta2V5LW9ubHk=")
    server.middleware.append(RequestStateBoundary(RequestStateSecurity(keys=[key]), default_audience=NAME))
    return server


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    port: int = parser.parse_args().port
    app = build().streamable_http_app(event_store=Memory(), retry_interval=100)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main()
