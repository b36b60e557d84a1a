"""A file that a person named and that cannot be read: every command says the same of it, and its own remedy."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner

from douane.cli.main import app

COMMANDS = (
    (("declare", "check"), "Check the path."),
    (("declare", "diff", "fine.yaml"), "Check the path."),
    (("declare", "import", "fides"), "Check the path."),
    (("rejudge", "--declaration"), "Check the path."),
    (("check", "--waivers"), "Draft one with --write-waivers."),
    (("check", "--config"), "Check the path, or copy the default config.yaml there."),
    (("declare", "drift", "http://127.0.0.1:1/mcp", "--approved"), "Make the snapshot with `douane declare approve`."),
    (("exercise", "FILE", "http://127.0.0.1:1/mcp"), "Give a file of scenarios, or leave it out."),
)


@pytest.mark.parametrize(("command", "remedy"), COMMANDS, ids=[" ".join(command) for command, _ in COMMANDS])
def test_a_file_that_cannot_be_read_is_told_in_the_same_words_by_every_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: Sequence[str], remedy: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("fine.yaml").write_text("douane_declaration: 1\napp: crm\n")
    Path("latin.yaml").write_bytes(b"\xe9")
    Path("folder").mkdir()
    for file, said in (
        ("none.yaml", f"none.yaml: there is no such file. {remedy}"),
        ("folder", "folder: this is a folder. Name the file in it."),
        ("latin.yaml", "latin.yaml: this is not UTF-8 text. Save it as UTF-8."),
    ):
        arguments = [file if one == "FILE" else one for one in command] + ([] if "FILE" in command else [file])
        ran = CliRunner().invoke(app, arguments)
        assert (ran.exit_code, ran.stderr) == (2, f"douane: {said}\n")
