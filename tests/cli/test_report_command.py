"""`douane report` writes its document whole and for its owner only, or says that it could not."""

import contextlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from commanding import douane
from looking import COPY as NOTICE

from douane.ledger.store import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "douane.db"
    with contextlib.closing(Ledger(path)):
        pass
    return path


COPY = NOTICE.encode()


def report(ledger: Path, redirection: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """What the command did; of standard error what follows the word that the ledger is no configured one."""
    command = [sys.executable, "-m", "douane.cli.main", "report", "--ledger", str(ledger), *arguments]
    ran = subprocess.run(
        ["sh", "-c", f'"$@" {redirection}', "sh", *command], capture_output=True, cwd=ledger.parent, check=False
    )
    assert ran.stderr.startswith(COPY) or "2>&-" in redirection
    ran.stderr = ran.stderr.removeprefix(COPY)
    return ran


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.promise("owner-only")
@pytest.mark.parametrize("before", [None, 0o644])
def test_a_report_can_be_read_by_its_owner_only_whoever_could_read_the_one_before(
    ledger: Path, before: int | None
) -> None:
    target = ledger.parent / "report.md"
    if before is not None:
        target.write_text("old")
        target.chmod(before)
    ran = douane(ledger.parent, "report", "--ledger", str(ledger), "-o", str(target))
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", f"Report: {target}\n")
    assert (mode(target), target.read_text()[:1]) == (0o600, "#")
    assert sorted(path.name for path in ledger.parent.glob("*report*")) == ["report.md"]


def test_a_link_stays_a_link(ledger: Path) -> None:
    target, link = ledger.parent / "real.md", ledger.parent / "link.md"
    target.write_text("old")
    link.symlink_to(target)
    assert douane(ledger.parent, "report", "--ledger", str(ledger), "-o", str(link)).returncode == 0
    assert (link.is_symlink(), mode(target), target.read_text()[:1]) == (True, 0o600, "#")


def test_a_device_is_written_to_and_not_replaced(ledger: Path) -> None:
    written = douane(ledger.parent, "report", "--ledger", str(ledger), "--format", "md", "-o", "/dev/null")
    assert written.returncode == 0
    assert Path("/dev/null").is_char_device()


def test_a_folder_that_is_not_there_is_complained_of(ledger: Path) -> None:
    ran = douane(ledger.parent, "report", "--ledger", str(ledger), "-o", "nowhere/report.md")
    complaint = "douane: nowhere/report.md: No such file or directory. Give another file with -o.\n"
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", complaint)


@pytest.mark.parametrize("arguments", [(), ("--format", "html", "-o", "-")], ids=["terminal", "document"])
@pytest.mark.parametrize(
    ("redirection", "complaint"),
    [
        (">&-", b"douane: Standard output is closed. Nothing was written.\n"),
        (">/dev/full", b"douane: Standard output: No space left on device. It does not hold everything.\n"),
        (">/dev/full 2>&-", b""),
    ],
)
def test_a_standard_output_that_cannot_be_used_is_complained_of(
    ledger: Path, redirection: str, complaint: bytes, arguments: tuple[str, ...]
) -> None:
    ran = report(ledger, redirection, *arguments)
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, b"", complaint)


@pytest.mark.parametrize("arguments", [(), ("--format", "html", "-o", "-")], ids=["terminal", "document"])
def test_a_reader_that_goes_away_ends_it_without_a_word(ledger: Path, arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "douane.cli.main", "report", "--ledger", str(ledger), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        process.stdout = None
        _, complaint = process.communicate(timeout=60)
    assert (process.returncode, complaint) == (1, COPY)
