"""What a stranger or a slip gives a document: names that attack, an empty ledger, wrong periods and paths."""

import json
import re
import shutil
from pathlib import Path

import pytest
from golden_documents import KINDS, made, of_csv, of_workbook, text_of_pdf
from typer.testing import CliRunner, Result

from douane.cli.main import app
from douane.ledger.keys import load_or_create
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.reports.kinds import kinds
from douane.reports.render import render

OBEYED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What a terminal or a page obeys: control characters but white space, and marks that turn a text's direction."""
LINK = re.compile(r"(?<!\\)\[[^\]]*\]\((?!#)")


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_attack_do_nothing_in_any_format(ledgers: dict[str, Path], kind: str, tmp_path: Path) -> None:
    document, formats = made(ledgers["hostile"], kind, "fr"), kinds()[kind].formats
    html, markdown = render(document, "html").decode(), render(document, "md").decode()
    assert "<script" not in html + markdown
    assert OBEYED.findall(html + markdown) == []
    assert LINK.findall(markdown) == []
    assert "x" * 401 not in html + markdown
    machine = render(document, "json").decode()
    assert json.loads(machine)["schema"] == f"douane.{kind}/1"
    assert machine.isascii()
    assert "<" not in machine
    if "xlsx" in formats:
        cells = [cell for sheet in of_workbook(render(document, "xlsx")) for row in sheet for cell in row]
        texts = [cell for cell in cells if isinstance(cell, str)]
        assert [text for text in texts if text.startswith(("=", "+", "@")) or OBEYED.search(text)] == []
        assert [text for text in texts if "x" * 401 in text] == []
    if "csv" in formats:
        texts = [cell for row in of_csv(render(document, "csv")) for cell in row]
        assert [text for text in texts if text.startswith(("=", "+", "-", "@")) or OBEYED.search(text)] == []
    if kind != "kit":  # it names no app
        assert "cmd|" in html
    if shutil.which("pdftotext") is not None and kind in ("audit", "register"):
        assert not OBEYED.search(text_of_pdf(render(document, "pdf"), tmp_path))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a configured ledger in which there is nothing."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    master = load_or_create(tmp_path / "key" / "master.key")
    Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)).close()
    return tmp_path


def report(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], prog_name="douane")


@pytest.mark.parametrize("kind", [*KINDS, "evidence"])
def test_of_an_empty_ledger_every_kind_is_made_and_says_that_nothing_was_observed(place: Path, kind: str) -> None:
    form = "zip" if kind == "evidence" else "md"
    ran = report(kind, "-o", f"made.{form}", "--format", form)
    assert ran.exit_code == 0, ran.output
    if form == "md":
        said = (place / "made.md").read_text("utf-8").replace("\\", "")
        assert "**Apps**: none observed" in said
        assert "Unobserved is not 'not shared'." in said


@pytest.mark.parametrize(
    "kind", [(), ("audit",), ("register",), ("evidence",)], ids=["none", "audit", "register", "evidence"]
)
@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("--app", "<script>\x1b[31m"), "an app asked for is not in this ledger"),
        (("--since", "2026-12-01", "--until", "2026-11-01"), "before"),
        (("--since", "the other day"), "a time that cannot be read"),
    ],
    ids=["app", "period", "time"],
)
def test_what_cannot_be_reported_on_is_said_and_nothing_is_written(
    place: Path, kind: tuple[str, ...], asked: tuple[str, ...], says: str
) -> None:
    before = sorted(place.iterdir())
    ran = report(*kind, *asked)
    assert ran.exit_code == 2, ran.output
    assert says in ran.stderr
    assert ran.stderr.startswith("douane: ")
    assert not OBEYED.search(ran.stderr)
    assert [path for path in sorted(place.iterdir()) if path not in before] == []


@pytest.mark.parametrize("kind", ["audit", "evidence"])
@pytest.mark.parametrize("target", ["nowhere/made.file", "data", "/proc/no/made.file"])
def test_a_path_that_cannot_be_written_is_complained_of(place: Path, kind: str, target: str) -> None:
    ran = report(kind, "-o", target, "--format", "zip" if kind == "evidence" else "md")
    assert ran.exit_code == 1, ran.output
    assert "Give another file with -o." in ran.stderr
    assert [path.name for path in place.iterdir() if path.name.startswith(".")] == []
