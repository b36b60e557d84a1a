"""A name that is checked ends where its text ends: a line break after it is no part of any name."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from douane.audit.declaration_file import parse_declaration
from douane.audit.fides_import import read_fides
from douane.audit.yamltext import Errors
from douane.cli.config import load_config
from douane.cli.main import app
from douane.proxy.routes import host_name, is_destination, path_fault


@pytest.mark.parametrize("end", ["", "\n"], ids=["a name", "with a line break"])
def test_no_file_gives_a_name_with_a_line_break_after_it(tmp_path: Path, end: str) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(json.dumps({"apps": [{"name": f"crm{end}", "upstream": "http://127.0.0.1:1/mcp"}]}))
    read = load_config(config)
    assert not isinstance(read, Errors)
    assert read.apps[0].name == "crm"  # spaces around what a person wrote do not count
    declared = parse_declaration(json.dumps({"douane_declaration": 1, "app": f"crm{end}"}), "d.json")
    assert not isinstance(declared, Errors)
    assert declared.app == "crm"
    manifest = {"system": [{"fides_key": f"crm{end}", "system_type": "Service", "privacy_declarations": []}]}
    assert isinstance(read_fides(json.dumps(manifest), "m.json"), Errors) == bool(end)


def test_no_command_takes_an_app_with_a_line_break_after_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("none.plist").write_text("<plist/>")
    for arguments, said in (
        (["declare", "import", "apple", "none.plist", "--app", "crm\n"], "--app NAME"),
        (["declare", "init", "http://127.0.0.1:1/mcp", "--name", "crm\n"], "--name: "),
        (["replay", "none.har", "--app", "crm\n"], "--app: must be a name"),
    ):
        ran = CliRunner().invoke(app, arguments)
        assert (ran.exit_code, said in ran.stderr) == (2, True), ran.output


def test_no_host_or_path_that_is_asked_for_ends_with_a_line_break() -> None:
    assert (host_name("crm.example"), host_name("crm.example\n")) == ("crm.example", None)
    assert is_destination("crm.example:443", "crm.example", 443, "https")
    assert not is_destination("crm.example:443\n", "crm.example", 443, "https")
    assert (path_fault("/mcp"), path_fault("/mcp\n")) == (False, True)
