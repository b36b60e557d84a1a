"""`douane person` answers by number: who got what, for what, by which evidence; it is told first and kept from some."""

import csv
import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from openpyxl import load_workbook
from typer.testing import CliRunner

from douane.audit.declaration import Declaration, Party, Purpose
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Kind
from douane.cli.main import app
from douane.ledger.access import Access, accesses
from douane.ledger.keys import load_or_create
from douane.ledger.pseudonyms import Pseudonymiser
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.reports.person import FORMATS

MAIL = "camille.moreau@example.org"
ROLES = """roles:
  - {who: mara, role: dpo}
  - {who: jon, role: developer, apps: [crm]}
"""
SAID = Declaration(
    "crm", ("user.contact.email",), (), sha256="ab" * 32, source="crm.yaml", taxonomy="t",
    publisher=Party("Carnet SAS", country="FR"),
    purposes=(Purpose("purpose/1", "Answer enquiries", to_app=("user.contact",), retention="P6M"),),
)  # fmt: skip


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose ledger holds Camille's address: sent to crm, and given back by travel."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    (tmp_path / "ids.txt").write_text(f"nobody@example.org\n{MAIL}\n")
    made = Pseudonymiser(master := load_or_create(tmp_path / "key" / "master.key"))
    held = (Verdict(Source.DECLARATION, Label.CLEAR, "declared"),)
    with Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="", profile="dev")
        ledger.add_declaration(SAID, at=1.0)
        for number, (name, way) in enumerate((("crm", Direction.TO_APP), ("travel", Direction.TO_CHATGPT))):
            mark = made.of(name, "user.contact.email", MAIL)
            found = Disclosure(
                "/params/arguments/to", "user.contact.email", (), "email", 0.9, "shape",
                held if name == "crm" else (), Label.CLEAR if name == "crm" else Label.GAP, pseudonym=mark,
            )  # fmt: skip
            kind = Kind.RESULT if number else Kind.REQUEST
            head = (name, 0, 1_790_000_000.0 + number, name, way, kind, "tools/call", "send")
            ledger.append(Exchange(*head, Outcome.DELIVERED, 10, disclosures=(found,)))
    return tmp_path


def run(*arguments: str, **more: Any) -> Result:
    return CliRunner().invoke(app, ["person", *arguments], prog_name="douane", **more)


def told(place: Path) -> list[Access]:
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        return accesses(db)


@pytest.mark.promise("person-told")
def test_the_look_up_is_told_in_the_chain_without_the_value(place: Path) -> None:
    ran = run("--file", "ids.txt", "--reason", "request 7", "--app", "crm")
    assert ran.exit_code == 0, ran.output
    (one,) = told(place)
    assert (one.what, one.why, tuple(one.scope.apps)) == ("person", "request 7", ("crm",))
    for file in (place / "data").iterdir():
        assert MAIL.encode() not in file.read_bytes()


@pytest.mark.promise("person-told")
def test_nothing_is_looked_for_where_it_cannot_be_told(place: Path) -> None:
    (place / "key" / "master.key").unlink()
    ran = run("--file", "ids.txt")
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert "cannot be told in the ledger" in ran.stderr


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_the_terminal_says_who_got_what_for_what_and_by_which_evidence(place: Path, lang: str) -> None:
    ran = run("--file", "ids.txt", "--lang", lang, env={"COLUMNS": "80"})
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert MAIL not in ran.stdout
    assert "moreau" not in ran.stdout.lower()
    said = " ".join(ran.stdout.split())
    number = "disclosure 1 " if lang == "en" else "communication 1 "
    for part in (
        "Carnet SAS (FR)",
        "OpenAI (ChatGPT)",
        "Answer enquiries",
        number,
        "douane why 1",
        "/params/arguments/to",
    ):
        assert part in said
    assert ("identifier 2" if lang == "en" else "identifiant 2") in said
    assert max(map(len, ran.stdout.splitlines())) <= 80


def halve(place: Path, salt: bytes) -> None:
    """Write a message to crm in which Noor Haddad's given and family name stand in fields of their own."""
    master = load_or_create(place / "key" / "master.key")
    found = [
        Disclosure(
            f"/params/arguments/{key}", f"user.name.{key}", (), "names", 0.9, "shape", (), Label.GAP,
            pseudonym=Pseudonymiser(master).of("crm", f"user.name.{key}", text, salt=salt),
        )
        for key, text in (("first", "Noor"), ("last", "Haddad"))
    ]  # fmt: skip
    head = ("halves", 0, 1_790_000_020.0, "crm", Direction.TO_APP, Kind.REQUEST, "tools/call", "send")
    with Ledger(place / "data" / "douane.db", sealer=Sealer(master)) as ledger:
        ledger.append(Exchange(*head, Outcome.DELIVERED, 10, disclosures=tuple(found)), salt=salt)


@pytest.mark.parametrize(
    ("lang", "beside", "check", "alone"),
    [
        ("en", "beside the other half of the full name", "check that both are this person’s", "look for each of them"),
        (
            "fr",
            "à côté de l’autre moitié du nom complet",
            "vérifier que les deux sont",
            "rechercher aussi chacun d’eux",
        ),
    ],
)
def test_a_full_name_found_in_its_halves_is_marked_as_such(
    place: Path, lang: str, beside: str, check: str, alone: str
) -> None:
    halve(place, b"drawn for one message")
    (place / "name.txt").write_text("Noor Haddad\n")
    for form in ((), ("-f", "md", "-o", "-", "--unverified"), ("-f", "csv", "-o", "-", "--unverified")):
        ran = run("--file", "name.txt", "--lang", lang, *form)
        assert ran.exit_code == 0, ran.output
        said = " ".join(ran.stdout.split())
        assert said.count(beside) == 2
        assert form[1:2] == ("csv",) or (check in said and alone in said)
        assert "Haddad" not in ran.output
    read = json.loads(run("--file", "name.txt", "-f", "json", "-o", "-", "--unverified").stdout)
    assert read["identifiers"][0]["halves_too"] is True
    assert [one["found_as"] for one in read["disclosures"]] == ["parts", "parts"]


def test_what_was_not_found_and_could_not_be_looked_through_is_said(place: Path) -> None:
    said = " ".join(run("--file", "-", input="nobody@example.org\n").stdout.split())
    assert "That is no proof that none crossed" in said
    assert "2 data stand in the ledger" in said
    assert "is not found, nor what left no trace on the observed routes" in said


def test_a_document_of_every_format_holds_the_same_disclosures(place: Path) -> None:
    for form in FORMATS:
        ran = run("--file", "ids.txt", "-f", form, "-o", f"answer.{form}")
        assert ran.exit_code == 0, ran.output
        assert MAIL.encode() not in (place / f"answer.{form}").read_bytes()
    read = json.loads((place / "answer.json").read_text())
    assert (read["schema"], read["found"], read["delivered"]) == ("douane.person/1", 2, 2)
    assert read["identifiers"] == [
        {"number": 1, "looked_for_as": "user.contact.email", "disclosures": 0, "searchable": True,
         "shared_by_many": False, "halves_too": False},
        {"number": 2, "looked_for_as": "user.contact.email", "disclosures": 2, "searchable": True,
         "shared_by_many": False, "halves_too": False},
    ]  # fmt: skip
    first = read["disclosures"][0]
    assert (first["evidence"], first["publisher"], first["country"]) == (1, "Carnet SAS", "FR")
    assert [one["name"] for one in first["purposes"]] == ["Answer enquiries"]
    assert first["declaration"] == SAID.sha256
    rows = list(csv.reader(io.StringIO((place / "answer.csv").read_text("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == ["1", "2"]
    assert rows[1][2:4] == ["Carnet SAS (FR)", "crm"]
    book = load_workbook(place / "answer.xlsx")
    wide = next(sheet for sheet in book.worksheets if sheet.max_column == len(rows[0]))
    assert [row[0].value for row in wide.iter_rows(min_row=2)] == ["1", "2"]
    assert (place / "answer.pdf").read_bytes()[:5] == b"%PDF-"


def test_a_document_leaves_what_only_the_controller_knows_to_be_filled_in(place: Path) -> None:
    text = run("--file", "ids.txt", "-f", "md", "-o", "-", "--unverified").stdout
    for article in ("15(1)(a)", "(c)", "15(1)(h)", "15(2)", "15(3)"):
        assert article in text.replace("\\", "")
    assert "Unobserved is not" in text
    assert text.count("to fill in: ") == 6


@pytest.mark.promise("person-kept-from-developers")
@pytest.mark.parametrize(("name", "code"), [("mara", 0), ("jon", 2), ("zoe", 2)])
def test_a_developer_may_not_look_for_persons_and_is_not_asked_whom(place: Path, name: str, code: int) -> None:
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{ROLES}")
    ran = run("--file", "ids.txt", "--as", name)
    assert ran.exit_code == code, ran.output
    assert bool(ran.stdout) is (code == 0)
    (one,) = told(place)
    assert one.what == ("refused: person" if code else "person")
    if code:
        assert "may not look for persons in this ledger. Ask a person with the role dpo or admin." in ran.stderr


def test_a_key_that_made_nothing_here_is_refused_and_an_older_one_found_through(place: Path) -> None:
    rotated = CliRunner().invoke(app, ["key", "rotate", "--new-master"], prog_name="douane")
    assert rotated.exit_code == 0, rotated.output
    assert json.loads(run("--file", "ids.txt", "-f", "json", "-o", "-").stdout)["found"] == 2
    copied = place / "elsewhere.db"
    copied.write_bytes((place / "data" / "douane.db").read_bytes())
    (place / "key" / "master.key").unlink()
    load_or_create(place / "key" / "master.key")
    ran = run("--file", "ids.txt", "--ledger", "elsewhere.db")
    assert ran.exit_code == 3
    assert "made no pseudonym of this ledger" in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--app", "elsewhere"], "has no app of this name. It has: crm, travel."),
        (["--category", "user.nothing"], "is no category"),
        (["--format", "docx"], "pdf, html, xlsx, csv, json, md"),
        (["--lang", "de"], "choose one of en, fr"),
        (["--since", "2026-02-01", "--until", "2026-01-01"], "ends before it begins"),
        (["--file", "missing.txt"], "cannot be read"),
    ],
)
def test_wrong_use_is_said(place: Path, arguments: list[str], says: str) -> None:
    given = [] if "--file" in arguments else ["--file", "ids.txt"]
    ran = run(*arguments, *given)
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert says in ran.stderr


def test_without_a_terminal_to_ask_at_it_says_which_option_to_give(place: Path) -> None:
    ran = run(input="")
    assert (ran.exit_code, "--file FILE or --file -" in ran.stderr) == (2, True)


def test_a_copy_of_the_ledger_is_looked_through_and_said_not_to_be_recorded(place: Path) -> None:
    (place / "copy.db").write_bytes((place / "data" / "douane.db").read_bytes())
    ran = run("--file", "ids.txt", "--ledger", "copy.db")
    assert ran.exit_code == 0, ran.output
    assert "This reading is not recorded" in ran.stderr
    assert told(place) == []


def test_a_name_from_outside_is_made_harmless(place: Path) -> None:
    hostile = replace(SAID, publisher=Party("=cmd|'/C calc'!A0\x1b[31m", country="FR"), sha256="cd" * 32)
    master = load_or_create(place / "key" / "master.key")
    with Ledger(place / "data" / "douane.db", sealer=Sealer(master)) as ledger:
        ledger.add_declaration(hostile, at=2.0)
        mark = Pseudonymiser(master).of("crm", "user.contact.email", MAIL)
        held = (Verdict(Source.DECLARATION, Label.CLEAR, "declared"),)
        found = Disclosure("/a", "user.contact.email", (), "e", 0.9, "x", held, Label.CLEAR, pseudonym=mark)
        head = ("late", 0, 1_790_000_009.0, "crm", Direction.TO_APP, Kind.REQUEST, "tools/call", "send")
        ledger.append(Exchange(*head, Outcome.DELIVERED, 10, disclosures=(found,)))
    shown = run("--file", "ids.txt").stdout
    assert "\x1b" not in shown
    rows = run("--file", "ids.txt", "-f", "csv", "-o", "-", "--unverified").stdout
    assert "=cmd" in rows
    assert ";=cmd" not in rows
