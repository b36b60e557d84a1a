"""`douane declare init`, `approve` and `drift` on running apps and on a ledger."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from post import Post, call, result
from typer.testing import CliRunner

from douane.audit.declaration_file import Errors, parse_declaration
from douane.cli.main import app
from douane.demo.processes import free_ports, python, running

SERVER = """
import sys
from typing import Annotated
import uvicorn
from mcp.server.mcpserver import MCPServer
from pydantic import Field
server = MCPServer("small")
@server.tool()
def find(email: Annotated[str, Field(description="E-mail")]) -> str:
    return email
if sys.argv[2:]:
    @server.tool()
    def export(passport_number: str) -> str:
        return passport_number
uvicorn.run(server.streamable_http_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


@pytest.fixture(scope="module")
def travel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("travel") / "log"
    with running(python("-m", "douane.demo.travel", "--port", str(port)), [port], log, name="travel"):
        yield f"http://127.0.0.1:{port}/mcp"


def douane(*arguments: str) -> tuple[int, str, str]:
    ran = CliRunner().invoke(app, list(arguments))
    return ran.exit_code, ran.stdout, ran.stderr


def test_a_live_apps_draft_is_one_that_check_reads(travel: str, tmp_path: Path) -> None:
    file = tmp_path / "travel.yaml"
    code, _, said = douane("declare", "init", travel, "--name", "travel", "-o", str(file), "--lang", "fr")
    assert (code, "places to fill in" in said) == (0, True)
    assert "BROUILLON" in file.read_text()
    assert douane("declare", "check", str(file))[0] == 0
    assert douane("declare", "init", travel, "-o", str(file))[0] == 2


def test_a_draft_from_the_ledger_names_what_was_found_where(tmp_path: Path) -> None:
    post = Post(tmp_path)
    flow = post.asks(call(1, "book", note="Jean at jean.exemple@example.org"))
    post.answers(flow, result(1, link="https://cdn.example.net/x"))
    flow = post.asks({"jsonrpc": "2.0", "id": 2, "method": "tools/list"})
    tools = [{"name": "book", "inputSchema": {"type": "object", "properties": {"note": {"type": "string"}}}}]
    post.answers(flow, {"jsonrpc": "2.0", "id": 2, "result": {"tools": tools}})
    post.work()
    post.close()
    code, text, _ = douane("declare", "init", "--app", "travel", "--ledger", str(tmp_path / "douane.db"))
    assert code == 0
    read = parse_declaration(text, "draft")
    assert not isinstance(read, Errors), read
    tool = read.tool("book")
    assert tool is not None
    assert [(one.pointer, one.categories) for one in tool.fields] == [("/note", ("user.contact.email",))]
    assert "found there 1 times" in text
    assert "cdn.example.net" in text
    assert "jean.exemple" not in text


def test_an_approved_app_that_changes_is_told_in_words(tmp_path: Path) -> None:
    script = tmp_path / "server.py"
    script.write_text(SERVER)
    before, after = free_ports(2)
    file = str(tmp_path / "small.approved.json")
    with running([sys.executable, str(script), str(before)], [before], tmp_path / "log", name="small"):
        url = f"http://127.0.0.1:{before}/mcp"
        assert douane("declare", "approve", url, "-o", file, "--by", "Ann")[0] == 0
        assert douane("declare", "approve", url, "-o", file)[0] == 2
        code, told, _ = douane("declare", "drift", url, "--approved", file)
        assert (code, "a day that has not come" in told) == (0, False)
        early = tmp_path / "early.approved.json"
        early.write_text(re.sub(r'("approved_on": ")[^"]+', r"\g<1>2099-01-01", Path(file).read_text()))
        assert "a day that has not come" in douane("declare", "drift", url, "--approved", str(early))[1]
    with running([sys.executable, str(script), str(after), "more"], [after], tmp_path / "log2", name="small"):
        url = f"http://127.0.0.1:{after}/mcp"
        for lang, says in (("en", "tools: new export"), ("fr", "outils\u00a0: nouveau export")):
            code, told, _ = douane("declare", "drift", url, "--approved", file, "--lang", lang)
            assert (code, says in told) == (1, True)
        code, told, _ = douane("declare", "drift", url, "--approved", file, "--format", "json")
        assert json.loads(told)["differences"] == [{"tool": "", "what": "tools", "how": "+ export"}]


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    for arguments, says in (
        (("declare", "init"), "Name one app"),
        (("declare", "init", "ftp://x"), "must begin with http"),
        (("declare", "init", "--app", "crm", "--ledger", str(tmp_path / "none.db")), "there is no ledger yet"),
        (("declare", "drift", "http://127.0.0.1:9/mcp"), "--approved"),
        (("declare", "drift", "http://127.0.0.1:9/mcp", "--approved", str(tmp_path / "x")), "there is no such file"),
        (("declare", "approve", "http://127.0.0.1:9/mcp"), "no connection"),
    ):
        code, _, said = douane(*arguments)
        assert (code, says in said) == (2, True), said
