"""`douane why` says what a verdict rests on; `douane rejudge` brings verdicts up to date."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from astray import led_astray
from typer.testing import CliRunner, Result

from douane.audit import taxonomy
from douane.audit.context import ToolSchema
from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Disclosure, Exchange, Outcome
from douane.audit.message import Direction, Kind
from douane.audit.verdicts import headline, judge
from douane.cli.main import app
from douane.ledger.keys import load_or_create
from douane.ledger.store import Ledger

OLD = """\
douane_declaration: 1
app: crm
to_app: [user.contact]
"""
NEW = """\
douane_declaration: 1
app: crm
privacy_policy:
  url: https://crm.example/privacy
  statements:
    - quote: "We never take your e-mail address."
      says: does_not_collect
      entity: we
      data_categories: [user.contact.email]
    - quote: "We collect your contact details."
      says: collects
      entity: we
      data_categories: [user.contact]
privacy_declarations:
  - name: mail
    data_use: essential.service
    to_app: [user.contact]
"""
PAGE = {"type": "object", "properties": {"to": {"type": "string"}}}


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    key = tmp_path / "key" / "master.key"
    load_or_create(key)
    monkeypatch.setenv("DOUANE_KEY_FILE", str(key))
    (tmp_path / "old.yaml").write_text(OLD)
    (tmp_path / "new.yaml").write_text(NEW)
    declared = parse_declaration(OLD, "old.yaml")
    assert isinstance(declared, Declaration)
    tool = ToolSchema("send", PAGE)
    with Ledger(tmp_path / "douane.db", taxonomy=taxonomy.VERSION) as ledger, ledger.batch():
        ledger.add_run(at=1.0, version="1.2.3", config_sha256="")
        ledger.add_tool("crm", tool, at=1.0)
        ledger.add_declaration(declared, at=1.0)
        for number, category in enumerate(("user.contact.email", "user.financial.credit_card")):
            pointer, flags = "/params/arguments/to", taxonomy.flags(category)
            verdicts = judge(category, flags, pointer, Direction.TO_APP, tool, declared, tool="send")
            found = Disclosure(pointer, category, flags, "email", 0.9, "shape", verdicts, headline(verdicts))
            ledger.append(
                Exchange(
                    *(f"r{number}", 0, 1_790_000_000.0, "crm", Direction.TO_APP, Kind.REQUEST, "tools/call", "send"),
                    *(Outcome.DELIVERED, 10),
                    disclosures=(found,),
                )
            )
    return tmp_path


def run(place: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--ledger", str(place / "douane.db")], prog_name="douane")


def asked(place: Path, *arguments: str) -> dict[str, Any]:
    ran = run(place, "why", *arguments, "--format", "json")
    assert ran.exit_code == 0
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


@pytest.mark.promise("old-verdicts-stay")
def test_a_new_declaration_changes_the_verdicts_once(place: Path) -> None:
    new = str(place / "new.yaml")
    first = run(place, "rejudge", "--declaration", new, "--reason", "the policy was read")
    assert (first.exit_code, first.stdout.splitlines()[0]) == (
        0,
        "crm: 2 disclosures judged, 2 verdicts replaced, 1 headlines changed (rejudgement 1)",
    )
    assert "  vague → incorrect: 1" in first.stdout
    again = run(place, "rejudge", "--declaration", new)
    assert (again.exit_code, again.stdout) == (0, "crm: 2 disclosures judged, nothing has changed\n")


@pytest.mark.promise("no-index-decides")
def test_a_forged_index_replaces_no_verdict_of_another_datum(place: Path) -> None:
    path = place / "douane.db"
    with closing(sqlite3.connect(path)) as db:
        (of_other,) = db.execute("SELECT min(id) FROM verdicts WHERE disclosure_id = 2").fetchone()
        (of_first,) = db.execute("SELECT min(id) FROM verdicts WHERE disclosure_id = 1").fetchone()
    led_astray(path, "verdicts_by_disclosure", "verdicts", of_first, of_other, "disclosure_id", 1)
    refused = run(place, "rejudge", "--declaration", str(place / "new.yaml"), "--reason", "x")
    assert refused.exit_code == 3
    assert "ALTERED at index verdicts_by_disclosure; nothing was judged" in refused.stderr
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM verdicts WHERE replaced_at IS NOT NULL").fetchone() == (0,)


def test_why_names_the_statements_with_their_words_and_who_judged(place: Path) -> None:
    run(place, "rejudge", "--declaration", str(place / "new.yaml"), "--reason", "the policy was read")
    answer = asked(place, "1")
    by_source = {one["source"]: one for one in answer["verdicts"] if not one["replaced_at"]}
    assert list(by_source) == ["schema", "declaration", "policy"]
    policy = by_source["policy"]
    assert (policy["verdict"], [one["id"] for one in policy["statements"]]) == ("incorrect", ["policy/1", "policy/2"])
    assert policy["statements"][0]["quote"] == "We never take your e-mail address."
    assert (policy["judgement"], policy["judged_why"]) == (1, "the policy was read")
    assert policy["against"]["file"] == "new.yaml"
    assert by_source["schema"]["judged_by"] == "1.2.3"
    assert by_source["schema"]["against"]["tool_version"] == 1
    assert [one["source"] for one in answer["verdicts"] if one["replaced_at"]] == ["declaration"]


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ["Privacy policy: contradicted", "“We never take your e-mail address.”", "narrowing N1", "judged anew"]),
        ("fr", ["Politique de confidentialité", "We never take your e-mail address.", "restriction N1", "rejugée"]),
    ],
)
def test_why_speaks_both_languages(place: Path, lang: str, words: list[str]) -> None:
    run(place, "rejudge", "--declaration", str(place / "new.yaml"), "--reason", "x")
    ran = run(place, "why", "1", "--lang", lang)
    assert ran.exit_code == 0
    plain = re.sub(r"[\u00a0\u202f]", " ", ran.stdout)
    assert [word for word in words if word not in plain] == []


def test_why_names_the_rule_and_its_source(place: Path) -> None:
    answer = asked(place, "2")
    assert answer["disclosure"]["headline"] == "prohibited"
    rule = next(one for one in answer["rules"] if one["id"] == "openai/payment-card")
    assert rule["forbids"]
    assert "PCI DSS" in rule["wording"]
    assert rule["says"]
    for lang in ("en", "fr"):
        text = run(place, "why", "2", "--lang", lang).stdout
        assert "openai/payment-card" in text
        assert "{" not in text


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["why", "99"], 2, "there is no disclosure 99"),
        (["why", "1", "--format", "xml"], 2, "--format"),
        (["why", "1", "--lang", "de"], 2, "en, fr"),
        (["rejudge", "--app", "nobody"], 2, "no app of this name"),
        (["rejudge", "--declaration", "/nowhere/x.yaml"], 2, "there is no such file"),
    ],
)
def test_wrong_use_is_said_with_a_remedy(place: Path, arguments: list[str], code: int, words: str) -> None:
    ran = run(place, *arguments)
    assert (ran.exit_code, words in ran.output) == (code, True)


def test_a_declaration_with_a_fault_changes_nothing(place: Path) -> None:
    wrong = place / "wrong.yaml"
    wrong.write_text(OLD.replace("user.contact", "user.contakt"))
    ran = run(place, "rejudge", "--declaration", str(wrong))
    assert (ran.exit_code, "wrong.yaml:3" in ran.output) == (2, True)
    other = place / "other.yaml"
    other.write_text(OLD.replace("crm", "travel"))
    assert run(place, "rejudge", "--declaration", str(other)).exit_code == 2
    assert "nothing has changed" in run(place, "rejudge").stdout


def test_why_says_where_the_app_sent_the_datum_and_what_was_said_of_that(place: Path) -> None:
    with closing(sqlite3.connect(place / "douane.db")) as db, db:
        db.execute(
            "INSERT INTO observations (app_id, kind, name, detail, first_at, last_at) VALUES"
            " (1, 'egress', 'mail.example', 'user.contact.email #1', ?, ?)",
            ("2026-11-22T10:02:12.000Z",) * 2,
        )
    passed = asked(place, "1")["passed_on"]
    assert [(one["host"], [(v["source"], v["verdict"]) for v in one["verdicts"]]) for one in passed] == [
        ("mail.example", [("declaration", "omitted")])
    ]
    assert "mail.example" in run(place, "why", "1", "--lang", "fr").stdout
    assert asked(place, "2")["passed_on"] == []
    third = "    - says: does_not_collect\n      entity: third party\n      data_categories: [user.contact.email]\n"
    told = (
        (place / "new.yaml").read_text().replace("statements:\n", f"statements:\n{third}      quote: Nobody has it.\n")
    )
    (place / "third.yaml").write_text(told)
    run(place, "rejudge", "--declaration", str(place / "third.yaml"))
    passed = asked(place, "1")["passed_on"]
    rested = {one["source"]: [each["quote"] for each in one["statements"]] for one in passed[0]["verdicts"]}
    assert rested["policy"] == ["Nobody has it."]
    for lang, head, words in (
        ("en", "Passed on by the app", ["“Nobody has it.”", "E-mail address (user.contact.email)"]),
        (
            "fr",
            "Communiquée à d’autres",
            ["La politique de confidentialité dit qu’un tiers", "Nobody has it.", "Adresse électronique (user.contact"],
        ),
    ):
        told = run(place, "why", "1", "--lang", lang).stdout
        assert "—" not in told
        assert [word for word in words if word not in told.partition(head)[2]] == []
