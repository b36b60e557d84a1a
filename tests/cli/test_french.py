"""What is wrong with how a command was called is said in the language that was asked for, with what to do."""

import re
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from aged import MASTER, Years, call, datum
from typer.testing import CliRunner

from douane.cli.following import Followed
from douane.cli.front import lang_among
from douane.cli.main import app
from douane.ledger.access import accesses
from douane.ledger.keys import encode
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger
from douane.reports.wrong import wrong

ENGLISH: Final = re.compile(r"\b(?:the|there|needs|Error|Usage|Invalid|Missing|such|may|not|Report|with)\b")


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder with a ledger of one message, which has one disclosure; jon may see another app."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "key").mkdir(mode=0o700)
    key = tmp_path / "key" / "master.key"
    key.write_text(encode(MASTER))
    key.chmod(0o600)
    monkeypatch.setenv("DOUANE_KEY_FILE", str(key))
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    (tmp_path / "nowhere.yaml").write_text("storage: {folder: empty}\n")
    roles = "roles: [{who: jon, role: developer, apps: [travel]}, {who: ada, role: dpo}]\n"
    (tmp_path / "roles.yaml").write_text(f"storage: {{folder: data}}\n{roles}")
    (tmp_path / "ids.txt").write_text("nobody@example.org\n")
    (tmp_path / "empty.txt").write_text("")
    (tmp_path / "latin.txt").write_bytes(b"\xe9")
    clock = Years()
    with Ledger(tmp_path / "data" / "douane.db", taxonomy="t-1", clock=clock, sealer=Sealer(MASTER)) as ledger:
        ledger.append(call(1, "crm", "s", at=clock()))
        ledger.append(call(2, "crm", "s", datum("crm", "user.contact.email", "camille@example.org", b""), at=clock()))
        ledger.seal()
    (tmp_path / "copy.db").write_bytes((tmp_path / "data" / "douane.db").read_bytes())
    return tmp_path


def said(*arguments: str) -> tuple[int, str]:
    ran = CliRunner().invoke(app, arguments, prog_name="douane", env={"COLUMNS": "300"})
    return ran.exit_code, ran.stderr


@pytest.mark.parametrize(
    ("call_of", "says"),
    [
        ("report audit -c nowhere.yaml", "il n’y a pas encore de journal. Commencez par : douane run"),
        ("report -c nowhere.yaml", "il n’y a pas encore de journal"),
        ("serve -c nowhere.yaml", "il n’y a pas encore de journal"),
        ("why 1 -c nowhere.yaml", "il n’y a pas encore de journal"),
        ("top", "a besoin d’un terminal. Utilisez douane tail"),
        ("serve --host 0.0.0.0", "n’est pas limité à cette machine"),
        ("serve --role developer", "exige --app"),
        ("serve --role king", "--role : admin, dpo ou developer"),
        ("serve -c roles.yaml --as zoe", "n’a pas accès à ce journal"),
        ("show abc", "ID est le numéro d’un message, par exemple 88. douane tail"),
        ("show 0", "ID est le numéro d’un message"),
        ("show 1099", "il n’y a pas de message 1099"),
        ("why 1099", "il n’y a pas de communication 1099"),
        ("report --bogus", "option inconnue : --bogus. douane report --help les énumère"),
        ("report --app", "--app attend une valeur. douane report --help"),
        ("serve --port many", "valeur incorrecte pour --port"),
        ("why", "il manque DISCLOSURE. douane why --help"),
        ("report audit too much", "cette commande ne s’utilise pas ainsi. douane report --help"),
        ("report --unverified", "--category et --unverified valent pour un document"),
        ("report -o report.docx", "indiquez le format avec --format"),
        ("report -c roles.yaml --as jon", "Un développeur n’a accès qu’à ses propres applications : travel"),
        ("person --file ids.txt --app nobody", "le journal n’a pas d’application de ce nom. Il contient : crm"),
        ("person --file ids.txt --format docx", "la réponse s’affiche dans le terminal"),
        ("person --file ids.txt -c roles.yaml --as jon", "ne peut pas rechercher de personnes dans ce journal"),
        ("tail --app nobody --no-follow", "une application demandée n’est pas dans ce journal"),
        ("show 1 --json=yes", "--json n’attend pas de valeur. douane show --help"),
        ("tail --category nope", "« nope » n’est pas une catégorie"),
        ("person --category nope", "« nope » n’est pas une catégorie"),
        ("why 1 --format xx", "--format : text ou json"),
        ("person --file nowhere.txt", "--file : lecture impossible (ce fichier ou ce dossier n’existe pas)"),
        ("person --file empty.txt", "Il n’y a pas d’identifiant"),
        ("person --file latin.txt", "ce n’est pas du texte en UTF-8"),
        ("why 99999999999999999999", "DISCLOSURE est le numéro d’une communication"),
        ("why abc", "DISCLOSURE est le numéro d’une communication"),
    ],
)
def test_a_complaint_is_french_where_french_was_asked_for(place: Path, call_of: str, says: str) -> None:
    command, *rest = call_of.split()
    code, told = said(command, "--lang", "fr", *rest)
    told = told.replace("\u202f", " ").replace("\u00a0", " ")
    assert (code, says in told, ENGLISH.findall(told.replace(str(place), ""))) == (2, True, []), told


def test_a_key_of_another_ledger_is_told_in_french(place: Path) -> None:
    (place / "key" / "master.key").write_text(encode(b"another master key, of 32 octets"))
    code, told = said("person", "--lang", "fr", "--unrecorded", "--file", "ids.txt")
    assert (code, "n’a produit aucun pseudonyme de ce journal" in told) == (3, True), told


def test_another_file_in_the_ledgers_place_is_told_in_french(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = place / "data" / "douane.db"
    followed = Followed(path, (), lambda: None, "fr")
    path.unlink()
    followed.new()
    (place / "copy.db").rename(path)
    followed.new()
    followed.close()
    assert capsys.readouterr().err.splitlines() == [wrong("follow.none", "fr"), wrong("follow.other", "fr")]


def test_where_a_report_lies_and_that_a_reading_is_not_recorded_is_said_in_french(place: Path) -> None:
    code, told = said("report", "--lang=fr", "-f", "md", "-o", "made.md", "--ledger", "copy.db")
    told = told.replace("\u202f", " ").replace("\u00a0", " ")
    assert code == 0
    assert "Cette consultation n’est pas consignée : ce fichier est une copie" in told
    assert f"Rapport : {place}" in told
    assert ENGLISH.findall(told.replace(str(place), "")) == []


@pytest.mark.parametrize(
    ("lang", "says"), [("en", "begins in the future; nothing can be in it yet."), ("fr", "commence dans le futur")]
)
def test_a_period_that_begins_in_the_future_is_made_with_a_word(place: Path, lang: str, says: str) -> None:
    code, told = said("report", "--lang", lang, "--since", "2999-01-01", "-f", "json", "-o", "none.json")
    assert (code, says in told, (place / "none.json").is_file()) == (0, True, True)
    assert says not in said("report", "--lang", lang, "--since", "2020-01-01", "-f", "json", "-o", "all.json")[1]


@pytest.mark.parametrize("command", ["report", "check", "person --file ids.txt"])
def test_a_reversed_period_in_the_future_is_told_as_reversed_alone(place: Path, command: str) -> None:
    code, told = said(*command.split(), "--since", "2999-02-01", "--until", "2999-01-01")
    assert (code, "before" in told, "future" in told) == (2, True, False)


@pytest.mark.parametrize("command", ["tail --no-follow", "report", "top", "person --file ids.txt"])
@pytest.mark.parametrize(("who", "refused"), [("zoe", "may not look"), ("jon", "may look at their own apps only")])
def test_nobody_learns_which_apps_there_are_before_their_role_is_looked_at(
    place: Path, command: str, who: str, refused: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("douane.cli.top.on_terminal", lambda: True)
    asked = (*command.split(), "-c", "roles.yaml", "--as", who, "--app")
    told = [said(*asked, name) for name in ("nobody", "crm")]
    assert told[0] == told[1]
    assert told[0][0] == 2
    assert refused in told[0][1] or "may not look for persons" in told[0][1]
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        assert [one.what.startswith("refused: ") for one in accesses(db)] == [True, True]


def test_top_refuses_an_app_that_nobody_knows(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("douane.cli.top.on_terminal", lambda: True)
    monkeypatch.setattr("douane.cli.top.watch", lambda *_: None)
    code, told = said("top", "--app", "nobody", "--lang", "fr")
    assert (code, "une application demandée n’est pas dans ce journal" in told) == (2, True)
    assert said("top", "--app", "crm") == (0, "")


def test_an_app_that_nobody_knows_is_told_and_one_that_only_waits_to_be_seen_is_not(place: Path) -> None:
    assert said("tail", "--app", "nobody", "--no-follow")[0] == 2
    assert "`douane report` without --app names" in said("tail", "--app", "nobody", "--no-follow")[1]
    (place / "config.yaml").write_text(
        "storage: {folder: data}\napps: [{name: trips, upstream: 'http://127.0.0.1:9/mcp', port: 9001}]\n"
    )
    assert said("tail", "--app", "trips", "--no-follow") == (0, "")


def test_a_number_that_is_none_is_not_repeated_and_the_remedy_is_named(place: Path) -> None:
    code, told = said("show", "camille@example.org")
    assert (code, "camille" in told, "such as 88. douane tail" in told) == (2, False, True)


def test_english_complaints_of_options_stay_as_typer_makes_them() -> None:
    code, told = said("report", "--bogus")
    assert (code, "No such option: --bogus" in told) == (2, True)


@pytest.mark.parametrize(
    ("args", "lang"),
    [
        (["show", "--lang", "fr"], "fr"),
        (["show", "--lang=fr-FR"], "fr"),
        (["show", "--lang"], "en"),
        (["show", "--lang", "fr", "--lang", "en"], "en"),
        ([], "en"),
    ],
)
def test_the_language_of_a_complaint_is_the_one_asked_for(args: list[str], lang: str) -> None:
    assert lang_among(args) == lang
