"""`douane scan --explain`: every field has its evidence or its reason, in both languages, and no value by default."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from douane.audit.fields import Field
from douane.cli.main import app
from douane.detectors.assembly import Thresholds, assemble
from douane.detectors.base import Match, Miss
from douane.detectors.examples import opened
from douane.detectors.explain import Explained, explain
from douane.detectors.extensions import Allow, Extensions
from douane.detectors.registry import load_all
from douane.reports.i18n import Words

ALL = assemble(presidio=False)


def explained(given: dict[str, Any], assembly: Any = ALL, *, results: bool = False) -> dict[str, Explained]:
    seen, context = opened(Match(given, "user", results=results))
    rows, _, _ = explain(seen, context, assembly)
    return {one.of.key: one for one in rows if not one.of.is_key}


def codes(row: Explained) -> list[str]:
    return [why.code for why in row.why]


def test_a_finding_has_all_its_evidence() -> None:
    row = explained({"guest": {"firstName": "Léa", "email": "lea@example.org"}})["firstName"]
    (found,) = row.found
    assert found.why[0].code == "evidence"
    assert {"key", "record.person", "sibling", "to_app"} <= {why.code for why in found.why}


@pytest.mark.parametrize(
    ("given", "key", "code"),
    [
        ({"zz": "4111 1111 1111 1112"}, "zz", "shape.card-checksum"),
        ({"zz": "FR7630006000011234567890188"}, "zz", "shape.iban-checksum"),
        ({"zz": "3f0d1c2e-0000-4000-8000-1234567890ab"}, "zz", "shape.uuid"),
        ({"zz": 12}, "zz", "shape.number"),
        ({"hotel": {"name": "Hôtel du Port", "phone": "+33 4 91 00 00 00"}}, "phone", "nobodys.place"),
        ({"q": "books on diabetes"}, "q", "search"),
        ({"q": "books on diabetes"}, "q", "unsaid"),
        ({"phone": "n/a"}, "phone", "empty"),
        ({"zz": "see you"}, "zz", "nothing.prose"),
        ({"zz": "abc"}, "zz", "nothing"),
    ],
)
def test_a_field_without_findings_says_why(given: dict[str, Any], key: str, code: str) -> None:
    row = explained(given)[key]
    assert (row.found, code in codes(row)) == ((), True), codes(row)


def test_what_the_configuration_took_away_is_said() -> None:
    given = {"to": "lea@example.org"}
    allowed = assemble(Extensions(allow=(Allow(category="user.contact"),)), presidio=False)
    off = assemble(Extensions(off=("email",)), presidio=False)
    strict = assemble(presidio=False, thresholds=Thresholds(0.4, {"user.contact": 0.99}))
    said = [codes(explained(given, one)["to"])[:1] for one in (allowed, off, strict)]
    assert said == [["allowed"], ["off"], ["below"]]
    assert strict.detect(*opened(Match(given, "user")))[0] == []


@pytest.mark.parametrize("number", range(3))
def test_every_field_of_the_examples_has_a_reason_in_words(number: int) -> None:
    from douane.cli.explained import sentence

    for detector in load_all(presidio=False):
        examples: tuple[Match | Miss, ...] = (*detector.MATCHES, *detector.MISSES)
        for example in examples[number::3]:
            seen, context = opened(example)
            rows, found, _ = explain(seen, context, ALL)
            assert sum(len(row.found) for row in rows) == len(found)
            for row in rows:
                assert row.found or row.why
                for lang in ("en", "fr"):
                    for why in (*row.why, *(one for each in row.found for one in each.why)):
                        assert sentence(why, Words(lang))


def run(folder: Path, *arguments: str) -> Result:
    params = {"name": "find", "arguments": {"email": "lea@example.org", "zz\u202e": "Zoltan Quixley", "card": CARD}}
    line = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params})
    (folder / "m.jsonl").write_text(f"{line}\nnothing\n", encoding="utf-8")
    return CliRunner().invoke(app, ["scan", "--explain", "--no-presidio", *arguments, str(folder / "m.jsonl")])


CARD = "4111 1111 1111 1112"


def test_it_speaks_english_and_prints_no_value(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.exit_code == 1
    assert "● E-mail address user.contact.email 0.98 email\n" in ran.stdout
    assert "the check digit is wrong" in ran.stdout
    assert "2  not read: not valid JSON" in ran.stdout
    assert not any(value in ran.stdout for value in ("lea@example.org", "Zoltan", CARD, "\u202e"))


def test_it_speaks_french_and_prints_values_when_asked(tmp_path: Path) -> None:
    ran = run(tmp_path, "--lang", "fr", "--show-values")
    assert "● Adresse électronique user.contact.email 0,98 email" in ran.stdout
    assert "dit à l’application" in ran.stdout
    assert all(value in ran.stdout for value in ("lea@example.org", CARD))


def test_a_language_that_is_not_spoken_is_refused(tmp_path: Path) -> None:
    assert run(tmp_path, "--lang", "de").exit_code == 2


def test_scan_uses_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("detectors: {allow: [{category: user.contact}]}\n", encoding="utf-8")
    run(tmp_path)
    ran = CliRunner().invoke(app, ["scan", "--no-presidio", "-c", str(tmp_path / "c.yaml"), str(tmp_path / "m.jsonl")])
    answer = json.loads(ran.stdout.splitlines()[0])
    assert "user.contact.email" not in [one["category"] for one in answer["findings"]]
    assert {"code": "allowed", "place": "detectors", "detail": "rule 1", "count": 1} in answer["gaps"]


def test_fields_are_told_in_their_order() -> None:
    seen, context = opened(Match({"a": "x", "b": {"c": "y", "d": 1}}, "user"))
    rows: list[Field] = [one.of for one in explain(seen, context, ALL)[0]]
    assert [one.pointer for one in rows] == [one.pointer for one in seen]
