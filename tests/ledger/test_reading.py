"""A file that a person named is read to a limit, and never waited for."""

import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from douane.cli.main import app
from douane.ledger.reading import text_of


def test_a_file_up_to_the_limit_is_read_and_a_longer_one_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes("é\r\nb".encode())
    assert text_of(file, 5) == "é\nb"
    with pytest.raises(OSError, match="larger than 4 octets"):
        text_of(file, 4)
    file.write_bytes(b"\xff")
    with pytest.raises(UnicodeDecodeError):
        text_of(file)


@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", ["pipe", "device"])
@pytest.mark.parametrize(
    "command",
    [
        ["declare", "check"],
        ["exercise", "FILE", "http://127.0.0.1:1/mcp"],
        ["rejudge", "--declaration"],
        ["app-sheet"],
        ["import", "apple", "--app", "crm"],
        ["replay", "--app", "crm", "--ledger", "none.db", "--format", "har"],
    ],
    ids=lambda command: command[0],
)
def test_what_is_no_regular_file_is_refused_with_what_to_do(
    command: list[str], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if kind == "pipe":
        os.mkfifo(tmp_path / "x.yaml")
    else:
        (tmp_path / "x.yaml").symlink_to("/dev/zero")
    if command[0] == "import":
        command = ["declare", *command]
    words = [*command, "FILE"] if "FILE" not in command else command
    ran = CliRunner().invoke(app, ["x.yaml" if word == "FILE" else word for word in words])
    assert ran.exit_code == 2
    assert "regular file" in ran.stderr.replace("\n", " ")
