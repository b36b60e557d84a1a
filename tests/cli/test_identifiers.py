"""`douane check --identifiers`: identifiers handed in are joined across apps for one check, and shown nowhere."""

import json
import os
import pty
import stat
import subprocess
import sys
from pathlib import Path

import captures
import pytest
from commanding import command, douane, surroundings
from typer.testing import CliRunner

from douane.audit.identifiers import category_of, parsed
from douane.audit.personas import builtin
from douane.cli.identifiers import lines_of
from douane.cli.main import app
from douane.demo.processes import free_ports, python, running

EMAIL = "lea.martin@example.org"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger in which two apps saw the same person."""
    folder = tmp_path_factory.mktemp("shared")
    for name in ("crm", "travel"):
        (folder / f"{name}.jsonl").write_bytes(captures.jsonl())
        ran = douane(folder, "replay", f"{name}.jsonl", "--app", name, "--ledger", "data/douane.db")
        assert ran.returncode == 0, ran.stderr
    return folder


def found(ran: subprocess.CompletedProcess[str]) -> set[tuple[str, str]]:
    told = json.loads(ran.stdout)
    return {(one["app"], one["category"]) for one in told["findings"] if one["rule"] == "gdpr/cross-app"}


@pytest.mark.promise("joined-nowhere")
@pytest.mark.slow
def test_what_two_apps_saw_is_found_of_each_and_neither_printed_nor_kept(shared: Path) -> None:
    check = ("check", "--ledger", "data/douane.db", "--format", "json")
    before = (shared / "data" / "douane.db").read_bytes()
    assert found(douane(shared, *check)) == set()
    (shared / "ids.txt").write_text(f"# people who asked\n{EMAIL}\nuser.contact.phone_number: +33 6 12 34 56 78\nLéa\n")
    for ran in (
        douane(shared, *check, "--identifiers", "ids.txt"),
        douane(shared, *check, "--identifiers", "-", given=(shared / "ids.txt").read_text()),
    ):
        assert found(ran) == {(one, f"user.contact.{kind}") for one in ("crm", "travel")
                              for kind in ("email", "phone_number")}  # fmt: skip
        assert "3 read, 2 looked for" in ran.stderr
        assert not [word for word in (EMAIL, "12 34 56 78", "Léa") if word in ran.stdout + ran.stderr]
    assert (shared / "data" / "douane.db").read_bytes() == before
    other = douane(shared, *check, "--identifiers", "-", given="nobody@example.org\n")
    assert found(other) == set()


@pytest.mark.promise("joined-nowhere")
@pytest.mark.slow
def test_identifiers_that_are_asked_for_are_not_echoed(shared: Path) -> None:
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(shared)
        words = command("check", "--ledger", "data/douane.db", "--identifiers", "ask", "--fail-on", "gdpr/cross-app")
        os.execve(words[0], words, surroundings(shared))
    shown = b""
    for answer in (EMAIL.encode() + b"\n", b"\n"):
        while not shown.endswith(b"ends): "):
            shown += os.read(terminal, 4096)
        os.write(terminal, answer)
        shown += b"\n"
    try:
        while read := os.read(terminal, 4096):
            shown += read
    except OSError:  # the other end is closed
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 1
    assert b"gdpr/cross-app" in shown
    assert EMAIL.encode() not in shown


def test_without_a_terminal_no_identifier_is_asked_for(tmp_path: Path) -> None:
    """Python's getpass would warn, and then read what is typed with echo."""
    script = (
        "import sys, typer\nfrom douane.cli.identifiers import asked\n"
        "try: list(asked('--file FILE'))\nexcept typer.Exit as left: sys.exit(left.exit_code)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        check=False, start_new_session=True, timeout=100, env=surroundings(tmp_path),
    )  # fmt: skip
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.endswith("There is no terminal to ask at. Give --file FILE.\n")
    assert "Warning" not in ran.stderr


@pytest.mark.slow
def test_what_cannot_be_joined_says_why_and_shows_no_line(shared: Path, tmp_path: Path) -> None:
    (tmp_path / "none.txt").write_text("# nobody\n\n")
    (tmp_path / "latin.txt").write_bytes("Léa".encode("latin-1"))
    check = ("check", "--ledger", "data/douane.db", "--identifiers")
    for file, says in (("none.txt", "there is none"), ("latin.txt", "not UTF-8"), ("gone.txt", "No such file")):
        ran = douane(shared, *check, str(tmp_path / file))
        assert (ran.returncode, ran.stdout) == (2, "")
        assert says in ran.stderr
    ledger = shared / "data" / "douane.db"
    other = douane(tmp_path, "check", "--ledger", str(ledger), "--identifiers", "-", given=EMAIL)
    assert (other.returncode, other.stdout, EMAIL in other.stderr) == (2, "", False)
    assert "no key file" in other.stderr


@pytest.mark.parametrize(
    ("value", "category"),
    [
        (EMAIL, "user.contact.email"),
        ("+33 6 39 98 12 04", "user.contact.phone_number"),
        ("FR76 3000 6000 0112 3456 7890 189", "user.financial.bank_account.iban"),
        ("192.0.2.44", "user.device.ip_address"),
        ("v1/demo-solene-7c1f", "user.unique_id.pseudonymous"),
    ],
)
def test_an_identifier_is_known_by_its_looks(value: str, category: str) -> None:
    assert category_of(value) == category
    assert parsed([f" {value} ", "", "# no", value]) == [(category, value)]


def test_a_category_may_stand_before_it_and_a_colon_alone_is_none() -> None:
    assert parsed(["user.account.username: solene.k", "urn:example:1"]) == [
        ("user.account.username", "solene.k"),
        ("user.unique_id.pseudonymous", "urn:example:1"),
    ]


def test_an_exercise_writes_the_identifiers_of_its_people_for_their_owner_alone(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    out = tmp_path / "ids.txt"
    with running(python("-m", "douane.demo.travel", "--port", str(port)), [port], tmp_path / "log", name="travel"):
        again = [
            CliRunner().invoke(app, ["exercise", f"http://127.0.0.1:{port}/mcp", "--no-abuse", "--era", "2025-11-25",
                                     "--identifiers-out", str(out)])
            for _ in range(2)
        ]  # fmt: skip
    assert [one.exit_code for one in again] == [0, 2]
    assert "there already" in again[1].stderr
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    lines = out.read_text().splitlines()
    assert lines == lines_of(builtin())
    assert {
        "user.contact.email: solene.kervadec@example.org",
        "user.unique_id.pseudonymous: v1/demo-solene-7c1f",
    } <= set(lines)
    assert not [line for line in lines if "Nantes" in line and "rue" not in line]
