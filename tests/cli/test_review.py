"""`douane review`: who may, of which findings, what the chain and every report say of it afterwards."""

import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Kind
from douane.cli.looking import system_user
from douane.cli.main import app
from douane.ledger.access import accesses
from douane.ledger.keys import load_or_create
from douane.ledger.query import open_ledger
from douane.ledger.reviews import in_force
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

USER = system_user()
HEALTH, CARD = "user.health_and_medical.condition", "user.financial.credit_card"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose ledger holds a health datum of an app that did not declare it."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    master = load_or_create(tmp_path / "key" / "master.key")
    omitted = Verdict(Source.DECLARATION, Label.OMITTED, "told")
    forbidden = Verdict(Source.PLATFORM, Label.PROHIBITED, "told")
    found = (
        Disclosure(
            "/params/arguments/why", HEALTH, taxonomy.flags(HEALTH), "key", 0.9, "told", (omitted,), Label.OMITTED
        ),
        Disclosure(
            "/params/arguments/card", CARD, taxonomy.flags(CARD), "card", 0.9, "told", (forbidden,), Label.PROHIBITED
        ),
    )
    with Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="", profile="dev")
        ledger.add_declaration(Declaration("crm", ("user.name",), (), (), "3" * 64, "crm.yaml", "t"), at=1.0)
        for number in range(6):
            head = (f"r{number}", 0, 1_790_000_000.0 + number, "crm", Direction.TO_APP, Kind.REQUEST)
            ledger.append(Exchange(*head, "tools/call", "book", Outcome.DELIVERED, 10, disclosures=found))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], prog_name="douane")


def findings() -> list[dict[str, Any]]:
    """What `douane check` finds."""
    found: list[dict[str, Any]] = json.loads(run("check", "--format", "json", "--fail-on", "never").stdout)["findings"]
    assert found
    return found


def report(form: str, *more: str) -> str:
    ran = run("report", *more, "--format", form, "-o", "-")
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def counts(text: str) -> list[int]:
    """Unreviewed, confirmed and false alarms, as a report's sentence says them."""
    found = re.search(r"(\d+) unreviewed, (\d+)\s+confirmed, (\d+)\s+false\s+alarm", " ".join(text.split()))
    assert found is not None
    return [int(number) for number in found.groups()]


@pytest.mark.promise("review-counted")
def test_every_format_counts_the_same_and_says_by_whom(place: Path) -> None:
    rule = next(one for one in findings() if not one["rule"].startswith("verdict/"))
    verdict = next(one for one in findings() if one["rule"].startswith("verdict/"))
    total = len(findings())
    assert run("review", rule["fingerprint"], "--state", "confirmed", "--as", "mara").exit_code == 0
    assert run("review", verdict["fingerprint"], "--state", "false-alarm", "--note", "agreed in March").exit_code == 0
    expected = [total - 2, 1, 1]
    told = json.loads(report("json"))["findings"]
    assert list(told["by_review"].values()) == expected
    assert [one["review"]["note"] for one in told["reviewed_disclosures"]] == ["agreed in March"]
    reviewed = [place for group in told["groups"] for place in group["places"] if place["review"]]
    assert [(one["fingerprint"], one["review"]["state"], one["review"]["by"]) for one in reviewed] == [
        (rule["fingerprint"], "confirmed", f"mara (system user {USER})")
    ]
    for text in (report("md"), re.sub(r"<[^>]+>", "", report("html")), run("report").stdout):
        assert counts(text) == expected
        flat = " ".join(text.replace("\\", "").split())
        assert f"confirmed by mara (system user {USER}), " in flat
        assert f"called a false alarm by {USER}, " in flat
    audit = report("md", "audit")
    assert counts(audit) == expected
    assert "## Reviews" in audit
    assert "agreed in March" in audit
    for label, number in zip(
        ("nobody reviewed", "confirmed by a person", "called a false alarm"), expected, strict=True
    ):
        assert re.search(rf"{label}\s*\|\s*{number}\b", audit), label


def test_a_review_of_a_ledger_that_the_configuration_does_not_name_writes_no_anchor(place: Path) -> None:
    (place / "config.yaml").write_text("storage: {folder: elsewhere}\n")
    ledger = str(place / "data" / "douane.db")
    (one, *_) = json.loads(run("check", "--ledger", ledger, "--format", "json", "--fail-on", "never").stdout)[
        "findings"
    ]
    told = run("review", one["fingerprint"], "--state", "confirmed", "--ledger", ledger)
    assert told.exit_code == 0, told.output
    assert not list((place / "key").rglob("*.head")), "an anchor would make this ledger one whose readings are recorded"


def test_a_review_is_told_with_its_finding_and_listed_and_taken_back(place: Path) -> None:
    one = findings()[0]
    said = run("review", one["fingerprint"].upper(), "--state", "confirmed", "--note", "seen in the log")
    assert said.exit_code == 0, said.output
    assert one["fingerprint"] in said.stdout
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        held = in_force(db)[one["fingerprint"]]
        assert (held.rule, held.app, held.who, held.note) == (one["rule"], "crm", USER, "seen in the log")
        assert accesses(db)[-1].what == "review"
    (again,) = [each for each in findings() if each["fingerprint"] == one["fingerprint"]]
    assert again["review"] == {"state": "confirmed", "by": USER, "role": None, "at": held.at, "note": "seen in the log"}
    assert f"Confirmed by {USER}, " in run("check").stdout
    assert run("check").exit_code == 1  # a review waives nothing
    listed = run("review", "--lang", "fr").stdout
    assert "confirmé" in listed
    assert "seen in the log" in listed
    assert run("review", one["fingerprint"], "--state", "unreviewed").exit_code == 0
    assert run("review").stdout == "Nobody has reviewed a finding.\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["0" * 32, "--state", "confirmed"], "no finding of this ledger"),
        (["0" * 32], "--state: say confirmed"),
        (["0" * 32, "--state", "compliant"], "--state: say confirmed"),
        (["--state", "confirmed"], "Name the finding"),
    ],
)
def test_what_cannot_be_reviewed_is_refused_with_what_to_do(place: Path, arguments: list[str], says: str) -> None:
    ran = run("review", *arguments)
    assert ran.exit_code == 2
    assert says in ran.stderr


def test_one_unknown_fingerprint_among_several_reviews_nothing(place: Path) -> None:
    assert run("review", findings()[0]["fingerprint"], "0" * 32, "--state", "confirmed").exit_code == 2
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        assert in_force(db) == {}


def test_a_developer_may_not_review_and_the_refusal_is_told(place: Path) -> None:
    fingerprint = findings()[0]["fingerprint"]
    roles = "roles:\n  - {who: jon, role: developer, apps: [crm]}\n  - {who: mara, role: dpo}\n"
    (place / "config.yaml").write_text(f"storage: {{folder: data}}\n{roles}")
    refused = run("review", fingerprint, "--state", "false-alarm", "--as", "jon")
    assert refused.exit_code == 2
    assert "dpo or admin" in refused.stderr
    assert run("review", fingerprint, "--state", "confirmed", "--as", "mara").exit_code == 0
    with closing(open_ledger(place / "data" / "douane.db")) as db:
        assert [one.role for one in in_force(db).values()] == ["dpo"]
        assert "refused: review" in [one.what for one in accesses(db)]


def test_what_people_called_a_false_alarm_is_not_in_the_action_plan(place: Path) -> None:
    title = json.loads(report("json"))["findings"]["groups"][0]["title"]
    assert title in report("md", "audit").partition("## Action plan")[2]
    for one in findings():
        assert run("review", one["fingerprint"], "--state", "false-alarm").exit_code == 0
    whole, _, plan = report("md", "audit").partition("## Action plan")
    assert title in whole
    assert title not in plan
