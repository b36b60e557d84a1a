"""Who reads a ledger is told in its chain and in the report, roles are held, and a copy or a missing key is said."""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from looking import COPY
from typer.testing import CliRunner, Result

from douane.audit.exchange import Disclosure, Exchange, Label, Outcome
from douane.audit.message import Direction, Kind
from douane.cli.looking import system_user
from douane.cli.main import app
from douane.ledger.access import Access, accesses
from douane.ledger.anchors import FileAnchors
from douane.ledger.keys import load_or_create
from douane.ledger.query import open_ledger
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

ROOT = Path(__file__).parents[2]
USER = system_user()
ROLES = """roles:
  - {who: mara, role: dpo}
  - {who: jon, role: developer, apps: [crm]}
  - {who: ann, role: developer, apps: [elsewhere]}
"""


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


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], prog_name="douane")


def told(place: Path) -> list[Access]:
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        return accesses(db)


READERS = [
    (["report"], "report", ()),
    (["report", "--app", "crm", "--since", "2026-01-01"], "report", ("crm",)),
    (["report", "audit", "--format", "md", "-o", "-"], "report audit", ()),
    (["check", "--fail-on", "never", "--allow-undeclared"], "check", ()),
    (["why", "2"], "why disclosure 2", ("travel",)),
    (["onward"], "onward", ()),
    (["least-schema", "--app", "travel"], "least-schema", ("travel",)),
    (["rejudge", "--app", "crm"], "rejudge", ("crm",)),
    (["declare", "init", "--app", "crm"], "what an app says of itself", ("crm",)),
]


@pytest.mark.promise("access-told")
@pytest.mark.parametrize(("command", "what", "apps"), READERS, ids=[" ".join(one[0][:2]) for one in READERS])
def test_every_command_that_reads_the_ledger_is_told_in_it(
    place: Path, command: list[str], what: str, apps: tuple[str, ...]
) -> None:
    ran = run(*command, "--as", "mara", "--reason", "a request of the works council")
    assert ran.exit_code == 0, ran.output
    (one,) = told(place)
    assert (one.who, one.role, one.what, one.why) == (
        f"mara (system user {USER})", "", what, "a request of the works council",
    )  # fmt: skip
    assert one.scope.apps == list(apps) or one.scope.apps == apps
    assert ran.stderr == ""


def test_a_report_prints_its_own_access_and_profile(place: Path) -> None:
    for form in ([], ["--format", "md", "-o", "-"], ["--format", "html", "-o", "-"]):
        said = " ".join(run("report", *form, "--reason", "a <b> & request").stdout.replace("\\", "").split())
        assert f"Made by {USER} for: a " in said
        assert "This access is recorded in the ledger." in said
        assert "Profile: dev" in said
        assert "a <b> &" not in said or not form
    under = json.loads(run("report", "--format", "json", "-o", "-", "--reason", "x").stdout)["under"]
    assert (under.pop("recorded_at") or "")[:2] == "20"
    assert (
        under.items()
        >= {
            "profile": "dev",
            "reason": None,
            "counts_under_5_hidden": False,
            "made_by": USER,
            "role": None,
            "made_for": "x",
        }.items()
    )


def test_a_check_and_a_dossier_print_it_too(place: Path) -> None:
    (place / "config.yaml").write_text("storage: {folder: data}\nprofile: audit\n")
    for more in ([], ["--profile", "openai-submission"]):
        said = " ".join(run("check", "--allow-undeclared", "--reason", "a drill", *more).stdout.split())
        assert f"Made by {USER} for: a drill. This access is recorded in the ledger." in said
        assert "this document shows every count" in said
        told = json.loads(run("check", "--allow-undeclared", "--format", "json", *more).stdout)["under"]
        assert (told["profile"], told["made_by"], told["counts_under_5_hidden"]) == ("audit", USER, False)


@pytest.mark.promise("access-told")
def test_a_copy_is_read_and_said_not_to_be_recorded(place: Path) -> None:
    shutil.copytree(place / "data", place / "copied")
    ran = run("report", "--ledger", "copied/douane.db")
    assert (ran.exit_code, ran.stderr) == (0, COPY)
    assert "This access is not recorded in the ledger." in " ".join(ran.stdout.split())
    assert told(place) == []


def test_a_ledger_that_its_anchor_names_is_the_original_wherever_it_lies(place: Path) -> None:
    sealer = Sealer(load_or_create(place / "key" / "master.key"))
    anchors = FileAnchors(place / "key" / "anchors")
    with Ledger(place / "other" / "douane.db", sealer=sealer, anchors=anchors) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="")
    assert run("report", "--ledger", "other/douane.db").stderr == ""
    with closing(open_ledger(place / "other" / "douane.db")) as db:
        assert [one.what for one in accesses(db)] == ["report"]
    shutil.copytree(place / "other", place / "elsewhere")
    assert run("report", "--ledger", "elsewhere/douane.db").stderr == COPY


@pytest.mark.promise("access-told")
def test_without_the_key_the_original_is_not_read_unless_that_is_asked_for(place: Path) -> None:
    (place / "key" / "master.key").unlink()
    ran = run("report")
    assert (ran.exit_code, ran.stdout) == (3, "")
    assert "there is no key file here; put back the key" in ran.stderr
    assert "--unrecorded reads it nevertheless" in ran.stderr
    ran = run("report", "--unrecorded")
    assert (ran.exit_code, "This reading is not recorded: " in ran.stderr) == (0, True)


def test_another_key_than_the_ledgers_is_refused(place: Path) -> None:
    (place / "key" / "master.key").unlink()
    load_or_create(place / "key" / "master.key")
    ran = run("report")
    assert (ran.exit_code, "sealed with another master key" in ran.stderr) == (3, True)


@pytest.mark.promise("roles-held")
@pytest.mark.parametrize(
    ("command", "name", "code", "says"),
    [
        (["report"], "mara", 0, ""),
        (["report", "--app", "crm"], "jon", 0, ""),
        (["report", "--app", "travel"], "jon", 2, "their own apps only: crm"),
        (["why", "2"], "jon", 2, "their own apps only: crm"),
        (["why", "1"], "jon", 0, ""),
        (["report"], "ann", 2, "their own apps only: elsewhere"),
        (["report"], "zoe", 2, "zoe may not look into this ledger. Ask for a place under `roles:`"),
        (["check", "--identifiers", "ids.txt"], "jon", 2, "may not look for persons"),
        (["rejudge"], "jon", 2, "their own apps only: crm"),
        (["rejudge", "--app", "crm"], "jon", 0, ""),
    ],
)
def test_a_role_says_what_may_be_read_and_a_refusal_is_told(
    place: Path, command: list[str], name: str, code: int, says: str
) -> None:
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{ROLES}")
    (place / "ids.txt").write_text("lea.martin@example.org\n")
    ran = run(*command, "--as", name)
    assert (ran.exit_code, says in ran.stderr) == (code, True), ran.output
    (one,) = told(place)
    assert one.what.startswith("refused: ") is (code == 2)
    assert "lea.martin" not in str(one)


def test_a_developer_sees_their_own_apps_where_none_is_named(place: Path) -> None:
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{ROLES}")
    ran = run("report", "--format", "json", "-o", "-", "--as", "jon")
    assert [one["name"] for one in json.loads(ran.stdout)["apps"]] == ["crm"]
    assert list(told(place)[0].scope.apps) == ["crm"]
    assert [line.partition(":")[0] for line in run("onward", "--as", "jon").stdout.splitlines()] == ["crm"]


@pytest.mark.promise("roles-held")
def test_a_name_gives_no_more_than_the_system_users_own_role(place: Path) -> None:
    mine = f"  - {{who: {USER}, role: developer, apps: [crm]}}\n"
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{ROLES}{mine}")
    ran = run("report", "--app", "travel", "--as", "mara")
    assert (ran.exit_code, "their own apps only: crm" in ran.stderr) == (2, True)


def test_an_unknown_app_stays_out_of_the_chain(place: Path) -> None:
    assert run("report", "--app", "lea.martin@example.org").exit_code == 2
    assert told(place) == []


def key(*arguments: str) -> Result:
    return run("key", *arguments)


@pytest.mark.promise("key-unprinted")
def test_the_key_is_shown_without_a_secret(place: Path) -> None:
    ran = key("show")
    assert ran.exit_code == 0, ran.output
    assert f"key: {place}/key/master.key" in ran.stdout
    assert "epoch in force: 1" in ran.stdout
    assert (place / "key" / "master.key").read_text().strip() not in ran.stdout


def test_a_rotation_and_a_new_master_begin_epochs_and_keep_the_old_key(place: Path) -> None:
    before = (place / "key" / "master.key").read_text().strip()
    assert "Epoch 2 is in force" in key("rotate", "--reason", "every year", "--as", "mara").stderr
    renewed = key("rotate", "--new-master")
    assert renewed.exit_code == 0, renewed.output
    assert "Epoch 3 is in force" in renewed.stderr
    new, old = (place / "key" / "master.key").read_text().split()
    assert (old, new == before) == (before, False)
    shown = key("show").stdout
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        told = [json.loads(row[0]) for row in db.execute("SELECT body FROM events WHERE kind = 'epoch' ORDER BY seq")]
        (closed,) = db.execute("SELECT version <> '' AND taxonomy <> '' FROM segments").fetchall()
    assert closed == (1,)
    assert [(one["epoch"], one["who"], one.get("why"), one.get("master", "no master") in shown) for one in told] == [
        (2, f"mara (system user {USER})", "every year", False),
        (3, USER, None, True),
    ]
    assert "  replaced: " in shown
    assert "fits: yes" in shown
    assert new not in shown
    assert run("report").exit_code == 0
    verified = run("verify")
    assert (verified.exit_code, "INTACT" in verified.stdout) == (0, True), verified.output
    second = [sys.executable, str(ROOT / "ledger" / "data" / "verify_ledger.py"), "data/douane.db", "--key-file"]
    ran = subprocess.run([*second, "key/master.key"], capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, "INTACT" in ran.stdout) == (0, True), ran.stdout + ran.stderr


def test_a_new_master_waits_until_douane_is_stopped(place: Path) -> None:
    from douane.ledger.lock import hold

    before = (place / "key" / "master.key").read_text()
    with hold(place / "data" / "douane.lock", "douane run"):  # type: ignore[union-attr]
        ran = key("rotate", "--new-master")
    assert (ran.exit_code, "Stop it, renew the key, start it again" in ran.stderr) == (3, True)
    assert (place / "key" / "master.key").read_text() == before


def test_a_passphrase_locks_the_key_for_every_command(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = place / "secret"
    secret.write_text("correct horse\n")
    secret.chmod(0o600)
    monkeypatch.setenv("DOUANE_PASSPHRASE_FILE", str(secret))
    assert key("passphrase").exit_code == 0
    assert "passphrase: yes" in key("show").stdout
    assert key("rotate", "--new-master").exit_code == 0
    assert "passphrase: yes" in key("show").stdout
    monkeypatch.delenv("DOUANE_PASSPHRASE_FILE")
    ran = run("report")
    assert (ran.exit_code, "is locked with a passphrase; give it with DOUANE_PASSPHRASE_FILE" in ran.stderr) == (
        3,
        True,
    )
    monkeypatch.setenv("DOUANE_PASSPHRASE_FILE", str(secret))
    assert key("passphrase", "--remove").exit_code == 0
    assert "passphrase: no" in key("show").stdout
    assert (place / "key" / "master.key").stat().st_mode & 0o777 == 0o600
