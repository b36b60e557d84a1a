"""`douane replay` puts a capture into a ledger as live traffic would have come there, once."""

import sqlite3
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import captures
import pytest
from commanding import douane
from typer.testing import CliRunner

from douane.cli.main import app

SECRETS = (b"lea.martin@", b"FR76300060", b"+33 6 12", b"not-a-real-token")


def replay(folder: Path, name: str, content: bytes, *arguments: str) -> CompletedProcess[str]:
    (folder / name).write_bytes(content)
    return douane(folder, "replay", name, "--ledger", "data/douane.db", *arguments)


def rows(folder: Path, sql: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "data" / "douane.db")) as db:
        return db.execute(sql).fetchall()


EXCHANGES = (
    "SELECT a.name, e.direction, e.kind, e.method, e.tool, e.outcome, e.answers_id FROM exchanges e"
    " JOIN apps a ON a.id = e.app_id ORDER BY e.id"
)
EVERYTHING = (
    "SELECT (SELECT count(*) FROM exchanges), (SELECT count(*) FROM disclosures), (SELECT sum(count) FROM gaps),"
    " (SELECT count(*) FROM passages), (SELECT count(*) FROM tools), (SELECT sum(count) FROM observations),"
    " (SELECT sum(calls) FROM field_uses)"
)


def conversation(name: str) -> list[tuple[Any, ...]]:
    return [
        (name, "to_app", "request", "tools/list", None, "delivered", None),
        (name, "to_chatgpt", "result", "tools/list", None, "delivered", 1),
        (name, "to_app", "request", "tools/call", "find_contact", "delivered", None),
        (name, "to_chatgpt", "result", "tools/call", "find_contact", "delivered", 3),
    ]


@pytest.mark.promise("replayed-once")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "content", "arguments"),
    [
        ("a.har", captures.har(), ()),
        ("packed.har", captures.har("gzip"), ()),
        ("events.har", captures.har("sse"), ()),
        ("a.mitm", captures.flows(), ()),
        ("a.jsonl", captures.jsonl(), ("--app", captures.HOST)),
    ],
)
def test_every_kind_of_capture_is_inspected_and_judged_like_live_traffic_and_once_only(
    tmp_path: Path, name: str, content: bytes, arguments: tuple[str, ...]
) -> None:
    ran = replay(tmp_path, name, content, *arguments)
    assert (ran.returncode, ran.stdout) == (0, ""), ran.stderr
    assert rows(tmp_path, EXCHANGES) == conversation(captures.HOST)
    assert rows(tmp_path, "SELECT category, pointer, headline FROM disclosures ORDER BY category, pointer") == [
        ("user.contact.email", "/params/arguments/email", "clear"),
        ("user.contact.phone_number", "/result/structuredContent/phone", "gap"),
        ("user.financial.bank_account.iban", "/params/arguments/iban", "omitted"),
    ]
    assert rows(tmp_path, "SELECT route FROM apps") == [("file",)]
    before = rows(tmp_path, EVERYTHING)
    again = replay(tmp_path, name, content, *arguments)
    assert (again.returncode, " 0 new " in again.stderr) == (0, True), again.stderr
    assert rows(tmp_path, EVERYTHING) == before
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    said = (ran.stderr + again.stderr).encode()
    assert [secret for secret in SECRETS if secret in kept + said] == []


@pytest.mark.slow
def test_a_credential_in_the_apps_address_is_a_finding_by_its_name_and_its_value_is_kept_nowhere(
    tmp_path: Path,
) -> None:
    address = f"https://{captures.HOST}/mcp".encode()
    har = captures.har().replace(address, address + b"?access_token=not-a-real-token&page_token=2&lang=fr")
    replay(tmp_path, "a.har", har)
    assert rows(tmp_path, "SELECT name, detail FROM observations WHERE kind = 'query-credential'") == [
        ("access_token", "system.secret.token")
    ]
    for form in ((), ("--profile", "openai-submission")):
        ran = douane(tmp_path, "check", "--app", captures.HOST, "--ledger", "data/douane.db", *form)
        assert "/@http/query/access_token" in ran.stdout, ran.stderr
        assert "not-a-real-token" not in ran.stdout + ran.stderr
    assert b"not-a-real-token" not in b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())


@pytest.mark.parametrize(
    ("saved", "code", "told"),
    [
        ('{"tools": [{"inputSchema": {}}, {"name": "find_contact"}]}', 2, "tools.json: /tools/0/name: is missing;"),
        ('{"tools": [{"inputSchema": {}}]}', 2, "tools.json: no tool is listed in it. /tools/0/name: is missing;"),
    ],
)
@pytest.mark.parametrize("command", ["check", "replay"])
def test_what_a_configured_list_of_tools_has_and_no_tool_is_made_of_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, saved: str, code: int, told: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("tools.json").write_text(saved)
    Path("a.har").write_text("[]")  # no archive: nothing is inspected
    Path("config.yaml").write_text("apps: [{name: crm, upstream: 'http://127.0.0.1:1/mcp', tools: tools.json}]\n")
    ran = CliRunner().invoke(app, [command, *(["a.har"] if command == "replay" else [])])
    assert (ran.exit_code, told in ran.stderr) == (code, True), ran.stderr


@pytest.mark.slow
def test_what_cannot_be_read_is_told_by_line_kept_as_a_gap_and_leaves_the_rest(tmp_path: Path) -> None:
    ran = replay(tmp_path, "a.jsonl", captures.jsonl() + b"lea.martin@example.org\n", "--app", "crm")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.splitlines()[0] == "douane: a.jsonl: line 5: not valid JSON, at character 0."
    assert "lea.martin" not in ran.stderr
    assert rows(tmp_path, EXCHANGES) == conversation("crm")
    assert rows(tmp_path, "SELECT code, place FROM gaps WHERE exchange_id IS NULL") == [("malformed", "entry")]


@pytest.mark.slow
def test_an_answer_that_the_browser_left_out_is_a_gap_and_what_is_no_mcp_a_passage(tmp_path: Path) -> None:
    asked, _ = captures.CONVERSATION[0]
    left_out = captures.entry(captures.text(asked), "", 1)
    left_out["response"]["content"] = {"size": 812}
    token = captures.entry("grant_type=refresh_token&refresh_token=not-a-real-token", "{}", 2)
    token["request"]["url"] = f"https://{captures.HOST}/oauth/token"
    unanswered = captures.entry(captures.text({"id": 3, "method": "ping"}), "", 3, response={"status": 0})
    ran = replay(tmp_path, "a.har", captures.archive(left_out, token, unanswered), "--app", "crm")
    assert ran.returncode == 0, ran.stderr
    assert rows(tmp_path, "SELECT code, detail, size FROM gaps WHERE exchange_id IS NULL") == [
        ("truncated", "the capture left it out", 812)
    ]
    assert rows(tmp_path, "SELECT host, path_class, status FROM passages") == [(captures.HOST, "oauth", 200)]
    assert rows(tmp_path, "SELECT method, outcome FROM exchanges ORDER BY id") == [
        ("tools/list", "delivered"),
        ("ping", "unknown"),
    ]
    kept = b"".join(file.read_bytes() for file in (tmp_path / "data").iterdir())
    assert [secret for secret in SECRETS if secret in kept] == []


@pytest.mark.parametrize(
    ("name", "content", "arguments", "said"),
    [
        ("a.txt", b"", (), "a.txt: say what it is with --format: har, mitm or jsonl."),
        ("a.jsonl", b"{}", (), "a.jsonl: a log names no app. Say which with --app NAME."),
        *(
            (
                "a.jsonl",
                b"{}",
                ("--app", name),
                "--app: must be a name of letters, figures, '.', '_' and '-', as in config.yaml.",
            )
            for name in ("bad name", "lea.martin@example.org", "crm\n", "")
        ),
        (
            "a.har",
            b"lea.martin@example.org",
            (),
            "a.har: this is no HTTP archive (a JSON object with log.entries). "
            "Save it with the browser's network panel.",
        ),
        ("a.mitm", b"{}", (), "a.mitm: this is no flow file of mitmproxy. Save one with: mitmdump -w FILE"),
    ],
)
def test_a_wrong_file_is_named_with_the_remedy(
    tmp_path: Path, name: str, content: bytes, arguments: tuple[str, ...], said: str
) -> None:
    ran = replay(tmp_path, name, content, *arguments)
    assert (ran.returncode, ran.stdout, ran.stderr) == (2, "", f"douane: {said}\n")


@pytest.mark.promise("names-obey-nobody")
def test_a_file_s_name_is_never_obeyed_by_a_terminal(tmp_path: Path) -> None:
    ran = replay(tmp_path, "a\x1b]0;owned\x07\u202e.har", b"{}")
    assert ran.returncode == 2
    assert ran.stderr.startswith("douane: a\ufffd]0;owned\ufffd\ufffd.har: ")
    assert "\x1b" not in ran.stderr + ran.stdout
