"""`douane least-schema` on a ledger."""

import json
from pathlib import Path

import pytest
from post import Post, call, result
from typer.testing import CliRunner

from douane.cli.main import app

TOOL = {
    "name": "find",
    "inputSchema": {
        "type": "object",
        "properties": {"query": {"type": "string"}, "phone": {"type": "string"}},
        "required": ["phone"],
    },
}


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    post = Post(tmp_path)
    flow = post.asks({"jsonrpc": "2.0", "id": 0, "method": "tools/list"})
    post.answers(flow, {"jsonrpc": "2.0", "id": 0, "result": {"tools": [TOOL]}})
    for number in range(1, 4):
        flow = post.asks(call(number, "find", query="jean.exemple@example.org", debug=True))
        post.answers(flow, result(number, ok=True))
    post.work()
    post.close()
    return tmp_path / "douane.db"


def test_the_least_schema_is_proposed_from_enough_calls(ledger: Path) -> None:
    ran = CliRunner().invoke(app, ["least-schema", "--ledger", str(ledger), "--calls", "3", "--format", "json"])
    assert ran.exit_code == 0, ran.stderr
    (found,) = json.loads(ran.stdout)
    assert found["unused"] == ["/phone"]
    assert found["unlisted"] == [{"pointer": "/debug", "calls": 3}]
    assert found["carried_more"] == [{"pointer": "/query", "says": [], "held": {"user.contact.email": 3}}]
    assert found["schema"] == {
        "type": "object",
        "properties": {"query": {"type": "string"}},
        "required": [],
        "additionalProperties": False,
    }


def test_too_few_calls_propose_nothing_in_either_language(ledger: Path) -> None:
    for lang, says in (("en", "too few to propose a schema"), ("fr", "trop peu pour proposer un schéma")):
        ran = CliRunner().invoke(app, ["least-schema", "--app", "travel", "--ledger", str(ledger), "--lang", lang])
        assert (ran.exit_code, says in ran.stdout, "exemple@" in ran.stdout) == (0, True, False)


def test_an_app_or_tool_that_is_not_there_says_so(ledger: Path) -> None:
    for arguments, says in ((("--app", "x"), "It has: travel."), (("--tool", "x"), "--tool: no call")):
        ran = CliRunner().invoke(app, ["least-schema", *arguments, "--ledger", str(ledger)])
        assert (ran.exit_code, says in ran.stderr) == (2, True)
