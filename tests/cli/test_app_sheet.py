"""`douane app-sheet`: from a live app and from a file, in each format and language."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from douane.cli.main import app
from douane.demo.processes import free_ports, python, running

TOOLS = {
    "tools": [
        {
            "name": "book",
            "inputSchema": {"type": "object", "properties": {"email": {"type": "string"}}},
            "annotations": {"readOnlyHint": True},
            "securitySchemes": [{"type": "oauth2", "scopes": ["read"]}],
        },
        {"name": "<img src=x onerror=alert(1)>", "inputSchema": {"type": "object", "additionalProperties": False}},
    ]
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    file = tmp_path / "shop.tools.json"
    file.write_text(json.dumps(TOOLS))
    return file


def sheet(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["app-sheet", *arguments])
    return ran.exit_code, ran.stdout


def test_a_saved_list_becomes_a_sheet_that_says_that_nothing_was_observed(saved: Path) -> None:
    for lang, words in (
        ("en", ("Nothing of this was observed", "E-mail address", "sign-in: OAuth")),
        ("fr", ("Rien de ceci n’a été observé", "Adresse électronique", "OAuth")),
    ):
        code, text = sheet(str(saved), "--lang", lang)
        assert code == 0
        assert [word for word in words if word not in text] == []


def test_the_sheet_for_programs_has_tools_categories_hints_and_findings(saved: Path) -> None:
    code, text = sheet(str(saved), "--format", "json", "--name", "Shop")
    told = json.loads(text)
    assert (code, told["app"], told["observed"], told["categories"]) == (0, "Shop", False, ["user.contact.email"])
    tool = told["tools"][0]
    assert (tool["sign_in"], tool["open_ended"]) == (["oauth2"], True)
    assert tool["hints"] == {
        "readOnlyHint": True, "destructiveHint": None, "openWorldHint": None, "idempotentHint": None,
    }  # fmt: skip
    assert ("openai/annotations", "book") in {(one["rule"], one["tool"]) for one in told["findings"]}


def test_what_a_saved_list_has_and_no_tool_is_made_of_is_named(tmp_path: Path) -> None:
    file = tmp_path / "shop.json"
    odd = [{"description": "jean@canary.example"}, {"name": "pay", "inputSchema": 5}, "jean@canary.example"]
    file.write_text(json.dumps({"tools": [*TOOLS["tools"], *odd]}))
    for lang, told in (
        (
            "en",
            (
                "/tools/2/name: is missing; the tool was passed over. Give every tool a name, as a text.",
                "/tools/3/inputSchema: is no object; the tool was read without it. Give a JSON Schema there",
                "/tools/4: is no object; the tool was passed over. Give every tool as an object.",
            ),
        ),
        (
            "fr",
            (
                "/tools/2/name\u00a0: est absent\u202f; l’outil n’est pas repris.",
                "/tools/3/inputSchema\u00a0: n’est pas un objet\u202f; l’outil est lu sans cet élément.",
                "/tools/4\u00a0: n’est pas un objet",
            ),
        ),
    ):
        ran = CliRunner().invoke(app, ["app-sheet", str(file), "--lang", lang])
        assert ran.exit_code == 0
        assert [one for one in told if one not in ran.stdout or one not in ran.stderr] == []
        assert "\n  pay\n" in ran.stdout
        assert "canary" not in ran.output
    told_to_programs = json.loads(sheet(str(file), "--format", "json")[1])["unread"]
    assert [one["pointer"] for one in told_to_programs] == ["/tools/2/name", "/tools/3/inputSchema", "/tools/4"]


def test_a_hostile_name_does_nothing_in_a_page(saved: Path, tmp_path: Path) -> None:
    assert "<img" not in sheet(str(saved), "--format", "html")[1]
    assert "<img" not in sheet(str(saved), "--format", "md")[1]
    page = tmp_path / "sheet.html"
    assert sheet(str(saved), "--format", "html", "-o", str(page), "--lang", "fr")[0] == 0
    assert '<html lang="fr">' in page.read_text()


def test_a_live_app_has_a_sheet(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    with running(python("-m", "douane.demo.travel", "--port", str(port)), [port], tmp_path / "log", name="travel"):
        code, text = sheet(f"http://127.0.0.1:{port}/mcp")
    assert code == 0
    assert "What Wayfarer says of itself" in text
    assert "/contact_email: E-mail address [user.contact.email]" in text


def test_what_is_no_list_of_tools_says_so(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text('{"secret": ')
    for target, says in ((str(file), "this is not JSON at line 1"), (str(tmp_path / "none"), "cannot be read")):
        ran = CliRunner().invoke(app, ["app-sheet", target])
        assert (ran.exit_code, says in ran.stderr, "secret" in ran.stderr) == (2, True, False)
