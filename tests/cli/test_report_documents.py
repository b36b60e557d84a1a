"""`douane report KIND` makes a document of the ledger, verified first, or says why it cannot."""

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.cli.main import app
from douane.ledger.access import accesses
from douane.ledger.keys import load_or_create
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose ledger holds one datum of each of two apps."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    master = load_or_create(tmp_path / "key" / "master.key")
    found = Disclosure("/params/arguments/to", "user.contact.email", (), "email", 0.9, "shape", (), Label.GAP)
    with Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="", profile="dev")
        for name in ("crm", "travel"):
            head = (name, 0, 1_790_000_000.0, name, Direction.TO_APP, Kind.REQUEST, "tools/call", "send")
            ledger.append(Exchange(*head, Outcome.DELIVERED, 10, disclosures=(found,)))
    return tmp_path


def report(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], prog_name="douane")


def as_text(*arguments: str) -> str:
    ran = report("audit", "--format", "md", "-o", "-", *arguments)
    assert ran.exit_code == 0, ran.output
    return ran.stdout.replace("\\", "")


def test_a_document_is_a_pdf_for_its_owner_unless_another_format_is_asked_for(place: Path) -> None:
    ran = report("audit", "--reason", "a review")
    made = place / "douane-audit.pdf"
    assert (ran.exit_code, ran.stdout) == (0, ""), ran.output
    assert (made.read_bytes()[:5], stat.S_IMODE(made.stat().st_mode)) == (b"%PDF-", 0o600)
    assert report("audit", "-o", "audit.xlsx").exit_code == 0
    assert (place / "audit.xlsx").read_bytes()[:2] == b"PK"


def test_it_is_told_in_the_ledger_and_prints_who_made_it(place: Path) -> None:
    said = as_text("--app", "crm", "--reason", "a review")
    assert "for: a review" in said
    assert "travel" not in said
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        (one,) = accesses(db)
    assert (one.what, one.why, list(one.scope.apps)) == ("report audit", "a review", ["crm"])


def test_it_says_where_the_chain_ends_and_what_verifying_it_said(place: Path) -> None:
    said = as_text()
    with closing(sqlite3.connect(place / "data" / "douane.db")) as db:
        ((seq, head),) = db.execute("SELECT seq, head FROM chain")
    assert f"Event {seq}; head {head.hex()}" in said
    assert "INTACT" in said
    assert "was not verified for this document" in as_text("--unverified")
    with closing(sqlite3.connect(place / "data" / "douane.db")) as db, db:
        db.execute("UPDATE exchanges SET tool = 'other' WHERE id = 1")
    assert "ALTERED" in as_text()


def test_it_speaks_french(place: Path) -> None:
    assert "Non observé ne veut pas dire non communiqué" in as_text("--lang", "fr-FR")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (("nothing",), "there is no such document"),
        (("audit", "--format", "csv"), "comes as pdf, html, xlsx, json, md"),
        (("audit", "-o", "audit.docx"), "comes as pdf, html, xlsx, json, md"),
        (("audit", "--category", "user.name"), "--category"),
        (("--category", "user.name"), "--category"),
        (("--unverified",), "--unverified"),
        (("audit", "--lang", "de"), "no reports in this language"),
        (("audit", "--app", "nobody"), "not in this ledger"),
        (("audit", "--since", "2026-02-02", "--until", "2026-01-01"), "ends before it begins"),
        (("audit", "--since", "soon"), "a time that cannot be read"),
        (("nothing", "--lang", "fr"), "ce document n’existe pas"),
        (("audit", "--format", "csv", "--lang", "fr-FR"), "existe en pdf, html, xlsx, json, md"),
        (("audit", "--category", "user.name", "--lang", "fr"), "porte sur toutes les catégories"),
        (("audit", "--app", "nobody", "--lang", "fr"), "n’est pas dans ce journal"),
        (("--app", "nobody", "--lang", "fr"), "n’est pas dans ce journal"),
        (("--format", "docx", "--lang", "fr"), "la synthèse s’affiche dans le terminal"),
        (("audit", "--since", "2026-02-02", "--until", "2026-01-01", "--lang", "fr"), "se termine avant de commencer"),
        (("audit", "--since", "hier", "--lang", "fr"), "une date ou une heure illisible"),
        (("--since", "hier", "--lang", "fr"), "une date ou une heure illisible"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_there_is_not_is_complained_of(place: Path, arguments: tuple[str, ...], complaint: str) -> None:
    ran = report(*arguments)
    assert ran.exit_code == 2
    assert complaint in ran.stderr
    assert not list(place.glob("*audit*"))


def test_a_folder_that_is_not_there_is_complained_of(place: Path) -> None:
    ran = report("audit", "-o", str(place / "nowhere" / "audit.html"))
    assert ran.exit_code == 1
    assert "No such file or directory" in ran.stderr
    ran = report("audit", "--lang", "fr", "-o", str(place / "nowhere" / "audit.html"))
    assert "impossible d’écrire (ce fichier ou ce dossier n’existe pas)" in ran.stderr
    assert "Indiquez un autre fichier avec -o." in ran.stderr
