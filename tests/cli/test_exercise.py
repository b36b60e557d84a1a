"""`douane exercise` against real apps."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from douane.cli.main import app
from douane.demo.processes import free_ports, python, running

TENANTS = Path(__file__).parent.parent / "support" / "tenants.py"


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    (port,) = free_ports(1)
    log = tmp_path_factory.mktemp("tenants") / "log"
    with running([sys.executable, str(TENANTS), str(port)], [port], log, name="tenants"):
        yield f"http://127.0.0.1:{port}/mcp"


def exercise(*arguments: str) -> tuple[int, list[dict[str, Any]]]:
    ran = CliRunner().invoke(app, ["exercise", *arguments, "--format", "json"])
    return ran.exit_code, json.loads(ran.stdout)["steps"]


def test_an_app_that_gives_anybody_anybodys_record_is_found_out_in_both_eras(tenants: str) -> None:
    code, steps = exercise(tenants)
    leaks = [step for step in steps if step["result"] == "leaked"]
    assert code == 1
    assert {(step["era"], step["tool"]) for step in leaks} == {("2025-11-25", "read_note"), ("2026-07-28", "read_note")}
    assert all("user.name" in step["note"] for step in leaks)
    assert {step["persona"] for step in steps} == {"solene", "malik", "harriet", "tobias"}
    assert not [step for step in steps if step["tool"] == "clear"]
    assert all(step["result"] == "answered" for step in steps if step["tool"] == "add_note" and not step["abuse"])


def test_a_file_is_played_as_written_and_its_expectations_are_held(tenants: str, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(
        """
douane_scenarios: 1
eras: [2026-07-28]
steps:
  - {tool: add_note, persona: harriet, name: keep, arguments: {text: hello, full_name: "{user.name}"}, expect: answered}
  - {tool: read_note, persona: harriet, arguments: {note_id: "{answer.note_id}"}, expect: answered}
  - {tool: read_note, persona: harriet, arguments: {note_id: N-none}, expect: answered}
"""
    )
    code, steps = exercise(str(file), tenants)
    assert [(step["name"], step["result"], step["as_expected"]) for step in steps] == [
        ("keep", "answered", True),
        ("", "answered", True),
        ("", "refused", False),
    ]
    assert code == 1


def test_a_step_that_cannot_be_filled_in_and_a_tool_that_is_not_there_are_told(tenants: str, tmp_path: Path) -> None:
    file = tmp_path / "scenarios.yaml"
    file.write_text(
        """
douane_scenarios: 1
eras: [2026-07-28]
personas:
  - {id: jo, lang: fr, facts: {user.name: Jo Exemple}}
  - {id: max, lang: fr}
steps:
  - {tool: read_note, persona: jo, arguments: {note_id: "{answer.nope}"}}
  - {tool: add_note, arguments: {text: hello, full_name: "{user.name}"}}
  - {tool: read_notes, persona: jo, arguments: {note_id: N-1}}
  - {tool: read_notes, persona: jo, arguments: {note_id: N-1}, expect: refused}
"""
    )
    code, steps = exercise(str(file), tenants)
    told = [(step["persona"], step["result"], step["note"], step["as_expected"]) for step in steps]
    near = "the app lists no such tool; did you mean read_note?"
    assert told == [
        ("jo", "not-tried", "nothing to fill in for {answer.nope}", False),
        ("jo", "answered", "", True),
        ("jo", "refused", near, False),
        ("jo", "refused", near, True),
        ("max", "not-tried", "nothing to fill in for {user.name}", True),
    ]
    assert code == 1
    ran = CliRunner().invoke(app, ["exercise", str(file), tenants, "--lang", "fr"])
    assert "! non essayé (rien à mettre à la place de {answer.nope})" in ran.stdout
    assert "vouliez-vous dire read_note\N{NARROW NO-BREAK SPACE}?" in ran.stdout


def test_the_table_is_printed_in_both_languages_without_a_persons_data(tenants: str) -> None:
    for lang, word in (("en", "answered"), ("fr", "a répondu")):
        ran = CliRunner().invoke(app, ["exercise", tenants, "--era", "2025-11-25", "--no-abuse", "--lang", lang])
        assert (ran.exit_code, word in ran.stdout) == (0, True)
        assert "Kervadec" not in ran.stdout


def test_what_cannot_be_played_says_why(tenants: str, tmp_path: Path) -> None:
    (nobody,) = free_ports(1)
    bad = tmp_path / "bad.yaml"
    bad.write_text("douane_scenarios: 2\n")
    for arguments, says in (
        ((f"http://127.0.0.1:{nobody}/mcp",), "no connection"),
        ((str(bad), tenants), "bad.yaml:1:19: douane_scenarios: must be 1"),
        ((str(tmp_path / "none.yaml"), tenants), "there is no such file"),
        ((tenants, "--era", "2024-11-05"), "--era: 2025-11-25 or 2026-07-28."),
        ((tenants, "--token-env", "NOT_SET_ANYWHERE"), "is not set"),
    ):
        ran = CliRunner().invoke(app, ["exercise", *arguments])
        assert ran.exit_code == 2
        assert says in ran.stderr


def test_the_sample_travel_app_is_played_in_both_eras(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(python("-m", "douane.demo.travel", "--port", str(port)), [port], tmp_path / "log", name="travel"):
        code, steps = exercise(f"http://127.0.0.1:{port}/mcp")
    assert code == 0
    assert {(step["era"], step["tool"]) for step in steps if step["result"] == "answered"} == {
        (era, tool)
        for era in ("2025-11-25", "2026-07-28")
        for tool in ("search_flights", "search_hotels", "book_flight")
    }


PROGRAM = """
import json, os, pathlib, sys, time
folder, mood = pathlib.Path(sys.argv[1]), sys.argv[2]
(folder / str(os.getpid())).write_text("")
TOOL = {"name": "keep", "inputSchema": {"type": "object", "properties": {"full_name": {"type": "string"}},
        "required": ["full_name"]}}
FORM = {"type": "object", "properties": {"email": {"type": "string", "format": "email"}}, "required": ["email"]}
def say(**message):
    print(json.dumps({"jsonrpc": "2.0", **message}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    number, method = asked.get("id"), asked.get("method")
    if method == "initialize":
        say(id=number, result={"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                               "serverInfo": {"name": "keeper", "version": "1"}})
    elif method == "tools/list":
        print("a line that is no message", flush=True)
        say(id=number, result={"tools": [TOOL]})
    elif method == "tools/call" and mood == "ends":
        sys.exit()
    elif method == "tools/call" and mood == "sleeps":
        time.sleep(60)
    elif method == "tools/call":
        say(id=7, method="elicitation/create", params={"message": "?", "requestedSchema": FORM})
        given = json.loads(sys.stdin.readline())["result"]["content"]["email"]
        say(method="notifications/message", params={"level": "info", "data": "kept"})
        say(id=number, result={"content": [{"type": "text", "text": given}]})
    elif number is not None:
        say(id=number, error={"code": -32601, "message": "no such method"})
"""


def over_stdio(tmp_path: Path, mood: str, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """The exercise of a program that speaks over stdio; nothing that it started is left."""
    program, folder = tmp_path / "program.py", tmp_path / "started"
    program.write_text(PROGRAM)
    folder.mkdir()
    done = exercise("--command", f"{sys.executable} {program} {folder} {mood}", "--no-abuse", *arguments)
    left = [one.name for one in folder.iterdir() if Path(f"/proc/{one.name}").exists()]
    assert (left, len(list(folder.iterdir())) > 4) == ([], True)
    return done


def test_a_program_is_started_for_each_person_and_asks_them_back_over_stdio(tmp_path: Path) -> None:
    code, steps = over_stdio(tmp_path, "plain")
    assert code == 0
    assert [(one["era"], one["persona"], one["result"]) for one in steps] == [
        *(("2025-11-25", person, "answered") for person in ("solene", "malik", "harriet", "tobias")),
        ("2026-07-28", "solene", "not-spoken"),
    ]
    assert steps[-1]["note"] == "JSON-RPC error -32601"


@pytest.mark.parametrize(
    ("mood", "note"), [("ends", "no readable answer (ReadError)"), ("sleeps", "no answer in time")]
)
def test_a_program_that_gives_no_answer_is_told_and_ended(tmp_path: Path, mood: str, note: str) -> None:
    code, steps = over_stdio(tmp_path, mood, "--seconds", "1.5", "--era", "2025-11-25")
    assert code == 1
    assert {(one["result"], one["note"]) for one in steps} == {("failed", note)}


def test_an_app_is_named_once() -> None:
    for arguments in ((), ("http://127.0.0.1:1/mcp", "x.yaml", "y"), ("a.yaml", "b.yaml", "--command", "true")):
        ran = CliRunner().invoke(app, ["exercise", *arguments])
        assert ran.exit_code == 2
        assert "Name the app's URL, or --command" in ran.stderr
