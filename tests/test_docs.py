"""The docs say what the program does: every command and option, every link, every picture."""

import re
import subprocess
from pathlib import Path

import pytest
import typer.main
from typer.testing import CliRunner

from douane.cli.main import app

ROOT = Path(__file__).parent.parent
CLI = ROOT / "docs" / "cli.md"
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])


def help_of(*command: str) -> str:
    """What `--help` prints at 100 columns, without colours."""
    ran = CliRunner().invoke(
        app,
        [*command, "--help"],
        prog_name="douane",
        env={"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1", "TERM": "dumb"},
    )
    return "\n".join(line.rstrip() for line in ran.stdout.strip().splitlines())


def commands() -> list[str]:
    """Every command, those of a group after it: `declare`, `declare check`, …"""

    def below(group: object, above: str) -> list[str]:
        found = []
        for name, command in sorted(getattr(group, "commands", {}).items()):
            found += [f"{above}{name}", *below(command, f"{above}{name} ")]
        return found

    found = below(typer.main.get_command(app), "")
    assert found
    return found


@pytest.mark.promise("help-is-true")
@pytest.mark.parametrize("command", ["", *commands()])
def test_the_help_of_every_command_stands_in_the_docs(command: str) -> None:
    printed = help_of(*command.split())
    assert f"```text\n{printed}\n```" in CLI.read_text(encoding="utf-8"), (
        f"docs/cli.md does not hold this help; write it in:\n\n```text\n{printed}\n```"
    )


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    missing = [
        target
        for target in targets
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).resolve().exists()
    ]
    assert missing == []


def test_the_project_names_no_path_of_a_machine_and_no_registry() -> None:
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    words = (
        "/wo" + "rk/main",
        "files.pythonhos" + "ted.org",
        "registry.npm" + "js.org",
        "deb.deb" + "ian.org",
        "/root/" + ".pyenv",
    )
    found = []
    for name in tracked:
        path = ROOT / name
        if path.is_file() and not path.is_symlink() and path.suffix not in {".png", ".gz", ".onnx"}:
            text = path.read_text(encoding="utf-8", errors="replace")
            found += [f"{name}: {word}" for word in words if word in text]
    assert found == []


FORBIDDEN = re.compile(r"\b(compliant|anonymi[sz]ed|conforme au RGPD|tamper-proof)\b", re.IGNORECASE)
ABOUT_WORDS = re.compile(r"never|not say|n[oe]t? |\"|“|«", re.IGNORECASE)


@pytest.mark.promise("no-legal-claim")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_docs_claim_no_more_than_is_true(page: Path) -> None:
    claims = [
        line
        for line in page.read_text(encoding="utf-8").splitlines()
        if FORBIDDEN.search(line) and not ABOUT_WORDS.search(line)
    ]
    assert claims == []
