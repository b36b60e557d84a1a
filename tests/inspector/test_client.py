"""The client that reads what an app says of itself: real servers over HTTP and stdio."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from douane.demo.processes import free_ports, python, running
from douane.inspector.client import Command, Http, NotRead, ReadApp, read_app

STDIO = """
import asyncio
from mcp.server.apps import Apps, ResourceCsp
from mcp.server.mcpserver import MCPServer
apps = Apps()
apps.add_html_resource("ui://card/a.html", "<p>", title="A", csp=ResourceCsp(connect_domains=["https://a.example"]))
server = MCPServer("small", extensions=[apps])
@server.tool()
def echo(text: str) -> str:
    return text
asyncio.run(server.run_stdio_async())
"""


@pytest.fixture(scope="module")
def travel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("travel") / "log"
    with running(python("-m", "douane.demo.travel", "--port", str(port)), [port], log, name="travel"):
        yield f"http://127.0.0.1:{port}/mcp"


def test_tools_are_read_over_http_as_they_were_listed(travel: str) -> None:
    read = read_app(Http(travel))
    assert isinstance(read, ReadApp)
    assert (read.name, read.protocol) == ("wayfarer-travel", "2026-07-28")
    assert [tool["name"] for tool in read.tools][:2] == ["search_flights", "search_hotels"]
    assert "city" in read.tools[1]["inputSchema"]["properties"]


def test_tools_and_widgets_are_read_over_stdio(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(STDIO)
    read = read_app(Command((sys.executable, str(script))))
    assert isinstance(read, ReadApp)
    assert [tool["name"] for tool in read.tools] == ["echo"]
    (widget,) = read.widgets
    assert widget["uri"] == "ui://card/a.html"
    assert widget["_meta"]["ui"]["csp"]["connectDomains"] == ["https://a.example"]


def test_an_app_that_cannot_be_read_says_why_and_what_to_do_without_its_path(travel: str) -> None:
    (nobody,) = free_ports(1)
    for target, word in (
        (Http(f"http://127.0.0.1:{nobody}/secret-path"), "no connection"),
        (Http(travel.replace("/mcp", "/secret-path")), "does not answer as an MCP server"),
        (Command(("no-such-program-here", "secret-path")), "cannot be started"),
    ):
        read = read_app(target, seconds=10)
        assert isinstance(read, NotRead)
        assert word in read.why
        assert "secret-path" not in f"{read} {target} {target!r}"


RAW = """
import json, sys
print("starting with jean@canary.example", flush=True)
TOOLS = [
    {"name": "send", "inputSchema": {"type": "object", "properties": {"to": {"type": "string"}}}},
    {"name": "send", "inputSchema": {"type": "object", "properties": {"ssn": {"type": "string"}}}},
    {"name": "odd", "inputSchema": "jean@canary.example"},
]
LAST = {"name": "last", "inputSchema": {"type": "object"}, "title": ["jean@canary.example"]}
NAMELESS = {"description": "jean@canary.example", "inputSchema": {"type": "object"}}
PAGES = {None: {"tools": TOOLS, "nextCursor": "2"}, "2": {"tools": [NAMELESS, LAST]}}
CARDS = {"resources": [{"uri": "ui://card/a.html", "name": "card"}, {"name": "jean@canary.example"}]}
HAS = {"tools": {}, "resources": {}}
HELLO = {"protocolVersion": "2025-11-25", "capabilities": HAS, "serverInfo": {"name": "raw", "version": "1"}}
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answer = {"jsonrpc": "2.0", "id": asked["id"]}
    if asked["method"] == "initialize":
        answer["result"] = HELLO
    elif asked["method"] == "tools/list":
        answer["result"] = PAGES[(asked.get("params") or {}).get("cursor")]
    elif asked["method"] == "resources/list":
        answer["result"] = CARDS
    else:
        answer["error"] = {"code": -32601, "message": "no such method"}
    print(json.dumps(answer), flush=True)
"""


ENDLESS = """
import json, sys
for line in sys.stdin:
    asked = json.loads(line)
    if "id" not in asked:
        continue
    answer = {"jsonrpc": "2.0", "id": asked["id"]}
    if asked["method"] == "initialize":
        who = {"name": "endless", "version": "1"}
        answer["result"] = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}, "serverInfo": who}
    elif asked["method"] == "tools/list" and (asked.get("params") or {}).get("cursor") != "end":
        answer["result"] = {"tools": [{"name": "a", "inputSchema": {"type": "object"}}], "nextCursor": sys.argv[1]}
    else:
        answer["error"] = {"code": -32602, "message": "jean@canary.example"}
    print(json.dumps(answer), flush=True)
"""


@pytest.mark.parametrize(
    ("cursor", "told"),
    [
        ("again", ["tools/list: there are more than 100; the others were not read"]),
        ("end", ["tools/list, page 2: the app answered with error -32602"]),
    ],
)
def test_a_list_that_does_not_end_or_breaks_off_is_told_with_its_page(
    tmp_path: Path, cursor: str, told: list[str]
) -> None:
    script = tmp_path / "server.py"
    script.write_text(ENDLESS)
    read = read_app(Command((sys.executable, str(script), cursor)), seconds=20)
    assert isinstance(read, ReadApp), read
    assert [tool["name"] for tool in read.tools] == ["a"]
    assert [one.told("en").partition(". ")[0] for one in read.unread] == told


def test_what_the_sdk_cannot_read_is_kept_and_told_and_nothing_of_it_is_printed(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "server.py"
    script.write_text(RAW)
    read = read_app(Command((sys.executable, str(script))), seconds=20)
    assert isinstance(read, ReadApp), read
    assert [tool["name"] for tool in read.tools] == ["send", "send", "odd", "last"]
    assert [one.told("en").partition(". ")[0] for one in read.unread] == [
        "tools/list, /tools/2/inputSchema: is no object; the tool was read without it",
        "tools/list, page 2, /tools/0/name: is missing; the tool was passed over",
        "tools/list, page 2, /tools/1/title: is no text; what else stands there was read",
        "resources/list, /resources/1/uri: is missing; what else stands there was read",
        "resources/read ui://card/a.html: the app answered with error -32601",
    ]
    assert "canary" not in repr(read.unread)
    said = capfd.readouterr()
    assert "canary" not in said.out + said.err + caplog.text
