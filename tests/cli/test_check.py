"""`douane check` in a real run: what came through replay, judged, told, waived, and said by the exit code."""

import json
import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from subprocess import CompletedProcess

import captures
import pytest
from commanding import douane

DECLARATION = """
douane_declaration: 1
app: crm
privacy_policy:
  url: https://crm.example.test/privacy
  statements:
    - says: collects
      data_categories: [user.contact]
      quote: We use your contact details to find your customers.
    - says: does_not_collect
      data_categories: [user.financial]
      quote: We never ask for bank details.
to_app: [user.contact.email]
to_chatgpt: [user.contact.phone_number]
"""


def check(folder: Path, *arguments: str) -> CompletedProcess[str]:
    return douane(folder, "check", "--declaration", "crm.yaml", "--ledger", "data/douane.db", *arguments)


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a declaration and a ledger into which the conversation was replayed."""
    folder = tmp_path_factory.mktemp("judged")
    (folder / "crm.yaml").write_text(DECLARATION)
    (folder / "a.jsonl").write_bytes(captures.jsonl())
    ran = douane(folder, "replay", "a.jsonl", "--declaration", "crm.yaml", "--ledger", "data/douane.db")
    assert ran.returncode == 0, ran.stderr
    assert "\n  crm: 4 messages\n" in ran.stdout + ran.stderr
    return folder


@pytest.fixture
def folder(judged: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(judged, tmp_path / "here"))


def findings(folder: Path, *arguments: str) -> dict[str, dict[str, object]]:
    told = json.loads(check(folder, "--format", "json", *arguments).stdout)
    return {f"{one['rule']} {one['place']}": one for one in told["findings"]}


IBAN = "verdict/incorrect /params/arguments/iban"


@pytest.mark.slow
def test_the_exit_code_says_whether_there_is_something_to_fail_on(folder: Path) -> None:
    ran = check(folder)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "✗ error  verdict/incorrect  crm  crm.yaml:10" in ran.stdout
    assert "(--fail-on never)" in check(folder, "--fail-on", "never").stdout
    assert [check(folder, "--fail-on", what).returncode for what in ("never", "ambiguous", "vague", "incorrect")] == [
        0,
        0,
        1,
        1,
    ]
    french = check(folder, "--lang", "fr")
    assert "alors que le contraire est affirmé par la politique de confidentialité." in french.stdout


@pytest.mark.slow
def test_a_finding_keeps_its_fingerprint_and_follows_its_line(folder: Path) -> None:
    before = findings(folder)[IBAN]
    (folder / "crm.yaml").write_text("# a comment\n# and another\n" + DECLARATION)
    after = findings(folder)[IBAN]
    assert (before["line"], after["line"]) == (10, 12)
    assert before["fingerprint"] == after["fingerprint"]
    told = json.loads(check(folder, "--format", "json").stdout)
    assert [one["code"] for one in told["not_judged"]] == ["stale-declaration"]


@pytest.mark.promise("no-values-for-ci")
@pytest.mark.slow
def test_sarif_and_junit_are_written_where_asked_and_hold_no_value(folder: Path) -> None:
    for form in ("sarif", "junit", "github", "text", "json"):
        assert check(folder, "--format", form, "-o", f"out.{form}").returncode == 1
    told = b"".join(file.read_bytes() for file in folder.glob("out.*"))
    assert [one for one in (b"lea.martin@", b"FR76300060", b"+33 6 12", b"Bearer") if one in told] == []
    sarif = json.loads((folder / "out.sarif").read_text())
    place = next(one for one in sarif["runs"][0]["results"] if one["ruleId"] == "verdict/incorrect")["locations"][0]
    assert place["physicalLocation"] == {
        "artifactLocation": {"uri": "crm.yaml", "uriBaseId": "SRCROOT"},
        "region": {"startLine": 10},
    }


def events(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "data/douane.db")) as db:
        return [row[0] for row in db.execute("SELECT event FROM waivers ORDER BY id")]


@pytest.mark.slow
def test_a_waiver_is_drafted_filled_in_by_a_person_kept_to_its_end_and_withdrawn(folder: Path) -> None:
    ran = check(folder, "--fail-on", "incorrect", "--write-waivers")
    assert "1 waiver(s) to fill in: reason, by, expires." in ran.stderr
    unfilled = check(folder)
    assert unfilled.returncode == 2
    assert "waivers[0].reason: is not filled in." in unfilled.stderr
    file = folder / "douane-waivers.yaml"
    filled = file.read_text().replace("reason:", "reason: Mended soon.").replace("by:", "by: Léa Martin")
    file.write_text(filled.replace("expires:", "expires: 2099-12-31"))
    held = check(folder, "--fail-on", "incorrect")
    assert (held.returncode, held.stderr) == (0, "")
    assert "waived by Léa Martin until 2099-12-31: Mended soon." in held.stdout
    assert events(folder) == ["accepted"]
    assert check(folder, "--fail-on", "incorrect").returncode == 0
    assert events(folder) == ["accepted"]
    file.write_text(filled.replace("expires:", "expires: 2026-01-01"))
    ended = check(folder, "--fail-on", "incorrect")
    assert ended.returncode == 1
    assert "waiver/expired  crm  douane-waivers.yaml:3" in ended.stdout
    assert not list((folder / "key").rglob("*.head")), (
        "an anchor would make this ledger one whose readings are recorded"
    )
    file.unlink()
    check(folder)
    assert events(folder) == ["accepted", "changed", "expired", "withdrawn"]


@pytest.mark.promise("unjudged-is-no-success")
@pytest.mark.slow
def test_what_cannot_be_judged_is_said_and_is_no_success(folder: Path) -> None:
    later = check(folder, "--since", "2099-01-01")
    assert (later.returncode, later.stderr) == (2, "douane: could not judge: crm: no traffic in this period.\n")
    (folder / "b.jsonl").write_text("nonsense\n")
    douane(folder, "replay", "b.jsonl", "--app", "other", "--ledger", "data/hidden.db")
    hidden = douane(folder, "check", "--ledger", "data/hidden.db")
    assert (hidden.returncode, hidden.stderr) == (
        2,
        "douane: could not judge: other: the only message could not be read: malformed × 1.\n",
    )
    nobody = douane(folder, "check", "--ledger", "data/douane.db", "--app", "nobody")
    assert (nobody.returncode, nobody.stderr) == (
        2,
        "douane: --app: the ledger holds no traffic of that app; it holds: crm.\n",
    )
    none = douane(folder, "check", "--ledger", "nowhere.db")
    assert (none.returncode, "there is no ledger yet" in none.stderr) == (2, True)
    unwritable = check(folder, "-o", "no/such/folder/out.txt")
    assert unwritable.returncode == 2


@pytest.mark.slow
def test_without_the_declaration_that_judged_nothing_was_judged(folder: Path) -> None:
    (folder / "crm.yaml").write_text("# another\n" + DECLARATION)
    other = check(folder, "--fail-on", "never")
    assert other.returncode == 2
    assert "could not judge: crm: the declaration file is not the one that judged; run `douane rejudge`" in other.stderr
    assert check(folder, "--fail-on", "never", "--allow-undeclared").returncode == 2
    assert check(folder).returncode == 1
    douane(folder, "rejudge", "--declaration", "crm.yaml", "--ledger", "data/douane.db")
    assert check(folder, "--fail-on", "never").returncode == 0
    douane(folder, "replay", "a.jsonl", "--app", "other", "--ledger", "data/other.db")
    bare = ("check", "--ledger", "data/other.db", "--fail-on", "never")
    undeclared = douane(folder, *bare)
    assert undeclared.returncode == 2
    assert "could not judge: other: no declaration found, so nothing was held against one." in undeclared.stderr
    assert douane(folder, *bare, "--allow-undeclared").returncode == 0
    assert douane(folder, "check", "--ledger", "data/other.db", "--fail-on", "note").returncode == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--fail-on", "lea@example.org"), "--fail-on: 1 word(s) unknown. Give error, warning, note, never, a label"),
        (("--fail-on", "never,error"), "--fail-on: never stands alone."),
        (("--fail-on", ""), "--fail-on: says nothing. Give error, warning, note, never, a label or a rule's id"),
        (("--fail-on", ", ,"), "--fail-on: says nothing."),
        (("--format", "pdf"), "--format: text, json, sarif, junit, github."),
        (("--profile", "other"), "--profile: openai-submission."),
        (("--profile", "openai-submission", "--format", "sarif"), "--format: text, json, md, html with --profile."),
        (("--app", "nobody"), "crm.yaml:3:6: app: the declaration is for another app."),
        (("--waivers", "none.yaml"), "none.yaml: there is no such file. Draft one with --write-waivers."),
        (("--since", "yesterday"), "a time that cannot be read; write 2026-11-22 or 2026-11-22T10:02:00Z."),
        (("--since", "hier", "--lang", "fr"), "une date ou une heure illisible"),
        (("--lang", "de"), "no reports in this language; choose one of en, fr"),
    ],
)
def test_wrong_use_is_told_with_the_remedy(judged: Path, arguments: tuple[str, ...], says: str) -> None:
    ran = check(judged, *arguments)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert says in ran.stderr
    assert "lea@" not in ran.stderr


@pytest.mark.slow
def test_a_dossier_puts_each_field_beside_its_statement(folder: Path) -> None:
    ran = check(folder, "--profile", "openai-submission", "--format", "json")
    assert ran.returncode == 1, ran.stderr
    app = json.loads(ran.stdout)["apps"][0]
    assert app["fields"] == [
        {
            "tool": "find_contact",
            "place": "/result/structuredContent/phone",
            "category": "user.contact.phone_number",
            "answers": 1,
            "policy": "vague",
            "statements": [{"id": "policy/1", "quote": "We use your contact details to find your customers."}],
            "sentence_to_add": None,
        }
    ]
    outcomes = {one["id"]: one["outcome"] for one in app["grounds"]}
    assert (outcomes["annotations"], outcomes["secrets-returned"]) == ("fail", "pass")
    assert outcomes["widget-hosts"] == "not observed"
    for form in ("text", "md", "html"):
        told = check(folder, "--profile", "openai-submission", "--format", form, "--lang", "fr").stdout
        assert re.search(r"Motifs de rejet", told)
