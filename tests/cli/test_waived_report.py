"""A waiver that `douane check` recorded is told in every report: counted apart, with who, until when and why."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from douane.audit import taxonomy
from douane.audit.declaration import Declaration
from douane.audit.exchange import Disclosure, Exchange, Label, Outcome, Source, Verdict
from douane.audit.message import Direction, Kind
from douane.cli.main import app
from douane.ledger.keys import load_or_create
from douane.ledger.sealing import Sealer
from douane.ledger.store import Ledger

HEALTH = "user.health_and_medical.condition"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A configured folder whose ledger holds a health datum of an app that did not declare it."""
    monkeypatch.setenv("DOUANE_KEY_FILE", str(tmp_path / "key" / "master.key"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.yaml").write_text("storage: {folder: data}\n")
    master = load_or_create(tmp_path / "key" / "master.key")
    omitted = (Verdict(Source.DECLARATION, Label.OMITTED, "told"),)
    where = "/params/arguments/why"
    found = Disclosure(where, HEALTH, taxonomy.flags(HEALTH), "key", 0.9, "told", omitted, Label.OMITTED)
    with Ledger(tmp_path / "data" / "douane.db", sealer=Sealer(master)) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1", config_sha256="", profile="dev")
        ledger.add_declaration(Declaration("crm", ("user.name",), (), (), "3" * 64, "crm.yaml", "t"), at=1.0)
        for number in range(6):
            head = (f"r{number}", 0, 1_790_000_000.0 + number, "crm", Direction.TO_APP, Kind.REQUEST)
            ledger.append(Exchange(*head, "tools/call", "book", Outcome.DELIVERED, 10, disclosures=(found,)))
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments], prog_name="douane")


def findings() -> list[dict[str, str]]:
    """What `douane check` finds."""
    found: list[dict[str, str]] = json.loads(run("check", "--format", "json", "--fail-on", "never").stdout)["findings"]
    assert found
    return found


def report(form: str, *more: str) -> str:
    ran = run("report", *more, "--format", form, "-o", "-")
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def waive(folder: Path, *found: dict[str, str], expires: str = "2099-12-31") -> None:
    entries = "".join(
        f"  - fingerprint: {one['fingerprint']}\n    rule: {one['rule']}\n    app: {one['app']}\n"
        f"    reason: Agreed with the editor.\n    by: Camille Exemple\n    expires: {expires}\n"
        for one in found
    )
    (folder / "douane-waivers.yaml").write_text(f"douane_waivers: 1\nwaivers:{' []' if not found else ''}\n{entries}")
    assert run("check", "--fail-on", "never", "--format", "json").exit_code in (0, 2)


def parts(text: str) -> list[int]:
    """Unreviewed, confirmed, false alarms and waived, as a report's sentence says them; the last where it does."""
    flat = " ".join(re.sub(r"<[^>]+>", "", text).split())
    found = re.search(r"(\d+) unreviewed, (\d+) confirmed, (\d+) false alarms?(?:, (\d+) waived)?", flat)
    assert found is not None
    return [int(number or 0) for number in found.groups()]


def test_every_format_counts_what_is_waived_apart_and_says_why_and_until_when(place: Path) -> None:
    every = findings()
    rule = next(one for one in every if not one["rule"].startswith("verdict/"))
    verdict = next(one for one in every if one["rule"].startswith("verdict/"))
    waive(place, rule, verdict)
    told = json.loads(report("json"))["findings"]
    accepted = {"reason": "Agreed with the editor.", "by": "Camille Exemple", "expires": "2099-12-31"}
    assert told["waived"] == 2
    waived = {one["fingerprint"] for group in told["groups"] for one in group["places"] if one["waiver"] == accepted}
    assert waived == {rule["fingerprint"]}
    assert [(one["fingerprint"], one["waiver"]) for one in told["waived_disclosures"]] == [
        (verdict["fingerprint"], accepted)
    ]
    expected = [len(every) - 2, 0, 0, 2]
    for text in (report("md"), report("html"), run("report").stdout, report("md", "audit")):
        assert parts(text) == expected
        flat = " ".join(re.sub(r"<[^>]+>", "", text).replace("\\", "").split())
        assert "Agreed with the editor." in flat
        assert "Camille Exemple" in flat
        assert "2099" in flat
    french = " ".join(run("report", "--lang", "fr").stdout.split())
    assert "2 sous dérogation" in french
    assert "jusqu’au 31/12/2099" in french


@pytest.mark.parametrize("how", ["ended", "withdrawn", "another app's"])
def test_a_waiver_that_does_not_hold_waives_nothing(place: Path, how: str) -> None:
    one = findings()[0]
    waive(
        place,
        one | ({"app": "other"} if how == "another app's" else {}),
        expires="2026-01-01" if how == "ended" else "2099-12-31",
    )
    if how == "withdrawn":
        assert json.loads(report("json"))["findings"]["waived"] == 1
        waive(place)
    assert json.loads(report("json"))["findings"]["waived"] == 0
    assert parts(report("md"))[3] == 0


def test_a_waived_rule_is_no_line_of_the_action_plan(place: Path) -> None:
    rules = [one for one in findings() if not one["rule"].startswith("verdict/")]

    titles = {one["title"] for one in json.loads(report("json"))["findings"]["groups"]}

    def planned() -> set[str]:
        plan = report("md", "audit").rpartition("## Action plan")[2]
        return {one for one in titles if one in plan}

    assert titles
    assert planned() == titles
    waive(place, *rules)
    assert planned() == set()
