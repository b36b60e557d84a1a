"""`detection.free_text: everything`: all that free text holds is reported, whosever it is, and nothing twice."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from growth import is_linear
from typer.testing import CliRunner

from douane.audit.context import Context
from douane.audit.fields import Field
from douane.audit.finding import Finding
from douane.audit.message import Direction, Kind
from douane.cli.config import Config, load_config
from douane.cli.main import app
from douane.cli.plan import inspector_settings
from douane.detectors.assembly import Assembly, assemble
from douane.detectors.everything import EVERYTHING
from douane.detectors.examples import wrong
from douane.detectors.extensions import Extensions, Pattern
from douane.detectors.registry import detect, load_all
from douane.detectors.untied import nation_category, untied
from douane.detectors.words import tokens
from douane.inspector.heavy import Heavy
from douane.inspector.warm import warm_detect

CONTEXT = Context("app", Direction.TO_APP, Kind.REQUEST, "tools/call", "tool", None, "en")
TEXT = (
    "The concert of Jacques Brel in Brussels was moved to Friday 14 March 2025 by Siemens; Mrs. Hanne Vik, "
    "12 Baker Street, London NW1 6XE, Apt. 9, an electrician, is Norwegian: see www.example.com or 020-7123 4567."
)


@pytest.fixture(scope="module")
def wide() -> Assembly:
    return assemble(everything=True)


def found(assembly: Assembly, opened: Any, **given: str) -> list[tuple[str, str]]:
    findings, gaps = assembly.detect(*opened(given))
    assert not gaps
    return [(one.category, one.of.text[one.start : one.end]) for one in sorted(findings, key=place)]


def test_its_examples_hold() -> None:
    assert list(wrong(EVERYTHING)) == []


def test_everything_in_a_text_is_reported_under_its_category(wide: Assembly, opened: Any) -> None:
    assert found(wide, opened, note=TEXT) == [
        ("user.name", "Jacques Brel"),
        ("user.location.imprecise", "Brussels"),
        ("unknown.personal", "Friday 14 March 2025"),
        ("user.workplace", "Siemens"),
        ("user.demographic.gender", "Mrs."),
        ("user.name", "Hanne Vik"),
        ("user.contact.address", "12 Baker Street, London NW1 6XE, Apt. 9"),
        ("user.workplace", "electrician"),
        ("user.demographic.nationality", "Norwegian"),
        ("user.contact.url", "www.example.com"),
        ("user.contact.phone_number", "020-7123 4567"),
    ]


def test_in_french_too(wide: Assembly, opened: Any) -> None:
    text = "À Lyon, la mairie reçoit M. Paul Sérac, plombier portugais, le 3 mai 2025 à 14 h 30."
    assert found(wide, opened, note=text) == [
        ("user.location.imprecise", "Lyon"),
        ("user.workplace", "mairie"),
        ("user.demographic.gender", "M."),
        ("user.name", "Paul Sérac"),
        ("user.workplace", "plombier"),
        ("user.demographic.nationality", "portugais"),
        ("unknown.personal", "3 mai 2025 à 14 h 30"),
    ]


def test_by_default_what_is_nobodys_stays_unsaid(opened: Any) -> None:
    text = "The concert of Jacques Brel in Brussels was moved to Friday 14 March 2025 by Siemens, see www.example.com."
    assert found(assemble(), opened, note=text) == []


def test_without_the_model_it_is_off(opened: Any) -> None:
    assert EVERYTHING not in assemble(presidio=False, everything=True).detectors


def test_short_values_and_codes_stay_as_they_are(wide: Assembly, opened: Any) -> None:
    given = {"sku": "AX-4417", "status": "shipped", "city": "Brussels", "when": "2025-03-14"}
    assert found(wide, opened, **given) == found(assemble(), opened, **given)


def test_what_the_others_find_stays_and_no_character_is_reported_twice(wide: Assembly, opened: Any) -> None:
    text = (
        "name: Hanne Vik\nphone: 020-7123 4567\nnotes: lives in Bergen, 12 Baker Street, London NW1 6XE since May 2020"
    )
    seen, context = opened({"note": text})
    usual, _ = detect(seen, context)
    findings, _ = wide.detect(seen, context)
    assert {place(one) for one in usual} <= {place(one) for one in findings}
    spans = sorted(one.of.outer(one.start, one.end) for one in findings)
    assert all(before[1] <= after[0] for before, after in pairwise(spans)), spans


def place(one: Finding) -> tuple[str, int, int, str]:
    return one.of.pointer, *one.of.outer(one.start, one.end), one.category


def test_a_failure_of_its_own_is_a_gap_and_the_others_findings_stay(
    wide: Assembly, opened: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_self: object, _texts: object) -> None:
        raise ValueError

    monkeypatch.setattr(type(EVERYTHING._tagger), "tag", fail)
    seen, context = opened({"email": "a.b@example.com", "n": "two words"})
    findings, gaps = detect(seen, context, [*load_all(presidio=False), EVERYTHING])
    assert [(gap.code, gap.count) for gap in gaps] == [("detector-failed", 1)]
    assert [one.category for one in findings] == ["user.contact.email"]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("on 3/4/2024 at 10:30 pm", {"3/4/2024 at 10:30 pm": "date"}),
        ("le 3 mai 2024 et en 1998", {"3 mai 2024": "date", "1998": "date"}),
        ("2024-05-03 14:00:00 it began", {"2024-05-03 14:00:00": "date"}),
        ("room 2024, version 1.2024.3, $2024", {}),
        ("Dr. Who and Mme Curie", {"Dr.": "civility", "Mme": "civility"}),
        ("the drive of Mississippi", {}),
        ("from Costa Rica to South Korea", {"Costa Rica": "country", "South Korea": "country"}),
        ("the Polish team, nail polish", {"Polish": "nation"}),
        ("Ana Ruiz\nSenior software engineer\nAcme", {"Senior software engineer": "job"}),
        ("engineers are welcome", {}),
        ("shop.example.co.uk/a?b=1, not e.g. this", {"shop.example.co.uk/a?b=1": "site"}),
        ("write to a.b@example.com", {}),
        ("call 555 010 1234 ext 9", {"555 010 1234 ext 9": "phone"}),
        ("it costs 1 200 000 €, or 12.000.000", {}),
        (
            "call +44 20 7123 4567 #12345 or 0171 234 5678x123456",
            {
                "+44 20 7123 4567 #12345": "phone",
                "0171 234 5678x123456": "phone",
            },
        ),
        ("2 400 000 pieces, 12 000 000 people, 1.250.000 votes", {}),
        ("order " + "1" * 100 + " done", {}),
        (
            "tel 0170123456, (020)71234567 and 555 010 1234 12:30",
            {
                "0170123456": "phone",
                "(020)71234567": "phone",
                "555 010 1234": "phone",
                "12:30": "date",
            },
        ),
        ("the host 192.168.10.24 answers", {}),
        ("flat 12B, Suite 400", {"flat 12B": "unit", "Suite 400": "unit"}),
    ],
)
def test_what_looks_like_something(text: str, kinds: dict[str, str]) -> None:
    seen = list(untied(text, tokens(text)))
    outer = [
        one
        for one in seen
        if not any(other != one and other.start <= one.start and one.end <= other.end for other in seen)
    ]
    assert {text[one.start : one.end]: one.kind for one in outer} == kinds


@pytest.mark.parametrize(
    "piece", ["1 ", "12-", "Aa ", "Aa, ", "a.", "www.a.", "nurse, ", "12 Mr. ", "(1", "Apt. ", "1" * 100 + "a "]
)
def test_time_is_linear(piece: str) -> None:
    small, large = (piece * (size // len(piece)) + "!" for size in (10_000, 100_000))
    assert is_linear(lambda text: list(untied(text, tokens(text))), small, large, 10)


def test_covering_is_quick_where_thousands_of_things_are_named() -> None:
    def field_of(text: str) -> Field:
        return Field("/params/arguments/note", text, text, "note", ("params", "arguments", "note"), "", 1)

    small, large = ("On 3 May 2024 at noon. " * count for count in (300, 3000))
    assert is_linear(lambda text: detect([field_of(text)], CONTEXT, [EVERYTHING]), small, large, 10)


def test_the_configuration_switches_it_on_and_the_list_says_so(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text("detection: {free_text: everything}\n", encoding="utf-8")
    runner = CliRunner()
    rows = json.loads(runner.invoke(app, ["detectors", "--json", "-c", str(file)]).stdout)
    assert [row["on"] for row in rows if row["name"] == "everything"] == [True]


@pytest.mark.parametrize("asked", [True, False])
def test_the_inspector_and_its_second_process_are_told(tmp_path: Path, asked: bool) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(f"detection: {{free_text: {'everything' if asked else 'persons'}}}\n", encoding="utf-8")
    config = load_config(file)
    assert isinstance(config, Config)
    settings = inspector_settings(config)
    assert settings.everything is asked
    assert Heavy(presidio=True, everything=settings.everything)._setup.everything is asked
    _, count = warm_detect(presidio=True, everything=settings.everything)
    assert count == len(load_all()) + asked


def test_its_name_is_taken() -> None:
    given = Extensions(patterns=(Pattern(name="everything", category="user.unique_id", pattern="A{3}"),))
    with pytest.raises(ValueError, match="two detectors are called everything"):
        assemble(given)


@pytest.mark.parametrize(
    ("words", "category"),
    [
        ("Roman Catholics", "religious_belief"),
        ("Greek Orthodox", "religious_belief"),
        ("Sunni", "religious_belief"),
        ("Conservatives", "political_opinion"),
        ("Social Democrats", "political_opinion"),
        ("South Koreans", "nationality"),
        ("portugaise", "nationality"),
    ],
)
def test_a_belief_and_a_party_are_no_nationality(words: str, category: str) -> None:
    assert nation_category(words) == f"user.demographic.{category}"
