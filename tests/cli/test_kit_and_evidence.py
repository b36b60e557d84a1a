"""`douane report kit` and `douane report evidence` take configuration, role and selection into account."""

import io
import stat
import zipfile
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.cli.looking import system_user
from douane.cli.main import app
from douane.ledger.keys import load_or_create
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

CONFIG = """storage: {folder: data}
profile: audit
retention:
  keep: P6M
roles:
  - {who: mara-specimen, role: dpo}
  - {who: jon-specimen, role: developer, apps: [crm]}
  - {who: SYSTEM, role: ROLE}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose ledger holds one datum of each of two apps."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    configure(tmp_path)
    master = load_or_create(tmp_path / "key" / "master.key")
    found = Disclosure("/params/arguments/to", "user.contact.email", (), "email", 0.9, "shape", (), Label.GAP)
    with Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="", profile="audit")
        for name in ("crm", "travel"):
            head = (name, 0, 1_790_000_000.0, name, Direction.TO_APP, Kind.REQUEST, "tools/call", "send")
            ledger.append(Exchange(*head, Outcome.DELIVERED, 10, disclosures=(found,)))
    return tmp_path


def configure(folder: Path, role: str = "dpo, apps: []") -> None:
    text = CONFIG.replace("SYSTEM", system_user()).replace("ROLE", role)
    (folder / "config.yaml").write_text(text)


def report(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments], prog_name="douane")


def names(pack: Path) -> set[str]:
    with zipfile.ZipFile(pack) as archive:
        return {name.partition("/")[0] for name in archive.namelist()}


def test_the_kit_speaks_of_the_configuration_and_names_nobody_in_it(place: Path) -> None:
    ran = report("kit", "--format", "md", "-o", "-", "--lang", "fr")
    assert ran.exit_code == 0, ran.output
    said = ran.stdout.replace("\\", "").replace("\u00a0", " ")
    assert "6 mois à compter de l’inscription" in said
    assert "dpo : 2 comptes" in said
    filled = said.partition("Comment utiliser ce kit")[2]
    assert "mara-specimen" not in said
    assert system_user() not in filled.split()
    assert str(place) not in said


@pytest.mark.parametrize(
    ("trust", "says", "open_"),
    [
        ("", "among Douane’s own files", True),
        ("trust: {anchor_folder: key/anchors}\n", "among Douane’s own files", True),
        ("trust: {anchor_folder: data}\n", "among Douane’s own files", True),
        ("trust: {anchor_folder: elsewhere}\n", "in a folder of their own", False),
        ("trust: {syslog: true}\n", "among Douane’s own files and in syslog", False),
    ],
)
def test_the_kit_says_where_the_anchors_lie(place: Path, trust: str, says: str, open_: bool) -> None:
    with (place / "config.yaml").open("a") as config:
        config.write(trust)
    ran = report("kit", "--format", "md", "-o", "-", "--lang", "en")
    assert ran.exit_code == 0, ran.output
    (line,) = (line for line in ran.stdout.splitlines() if line.startswith("| Anchors |"))
    assert line.split("|")[2].strip() == says
    # the works council's note, the plan of the impact assessment, and the sheet for the CISO in row and list
    assert ran.stdout.count("Anchors lie among Douane’s own files, on the same machine") == (4 if open_ else 0)


def test_the_kit_says_that_all_of_free_text_is_reported(place: Path) -> None:
    with (place / "config.yaml").open("a") as config:
        config.write("detection: {free_text: everything}\n")
    ran = report("kit", "--format", "md", "-o", "-", "--lang", "en")
    assert ran.exit_code == 0, ran.output
    assert "free text: yes, and everything named in it, though nothing ties it to a person" in ran.stdout


def test_the_pack_of_everything_is_private_and_says_how_to_check_it(place: Path) -> None:
    ran = report("evidence", "--reason", "an audit")
    made = place / "douane-evidence.zip"
    assert (ran.exit_code, ran.stdout) == (0, ""), ran.output
    assert "SHA-256 of SHA256SUMS: " in ran.stderr
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert {"ledger", "SHA256SUMS", "audit.pdf"} < names(made)
    assert sorted(one.name for one in place.iterdir()) == ["config.yaml", "data", "douane-evidence.zip", "key"]


def test_a_selection_of_apps_leaves_the_ledger_out_and_a_pipe_gets_the_pack(place: Path) -> None:
    ran = report("evidence", "--app", "crm", "-o", "-")
    assert ran.exit_code == 0, ran.output
    with zipfile.ZipFile(io.BytesIO(ran.stdout_bytes)) as archive:
        assert not any(name.startswith("ledger/") for name in archive.namelist())
        assert b"travel" not in b"".join(archive.read(one) for one in ("disclosures.csv", "audit.html", "README.md"))


def test_a_developer_gets_no_ledger(place: Path) -> None:
    configure(place, "developer, apps: [crm]")
    ran = report("evidence", "-o", "mine.zip")
    assert ran.exit_code == 0, ran.output
    assert "ledger" not in names(place / "mine.zip")


@pytest.mark.parametrize(
    ("arguments", "code", "complaint"),
    [
        (("kit", "--format", "docx"), 2, "comes as pdf, html, md, json, zip"),
        (("evidence", "--format", "pdf"), 2, "comes as zip"),
        (("evidence", "--app", "nobody"), 2, "not in this ledger"),
        (("evidence", "--since", "2026-02-02", "--until", "2026-01-01"), 2, "ends before it begins"),
        (("evidence", "-o", "nowhere/pack.zip"), 1, "No such file or directory"),
        (("evidence", "-o", "data"), 1, "Is a directory"),
        (("kit", "--category", "user.name"), 2, "--category"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_what_there_is_not_is_complained_of(place: Path, arguments: tuple[str, ...], code: int, complaint: str) -> None:
    before = sorted(place.iterdir())
    ran = report(*arguments)
    assert ran.exit_code == code, ran.output
    assert complaint in ran.stderr
    assert sorted(place.iterdir()) == before
