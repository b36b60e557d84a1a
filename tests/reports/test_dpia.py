"""The impact assessment is prefilled with what is known, line by line with its source, and judges nothing."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from douane.audit.declaration import Declaration
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Label, Source, Verdict
from douane.audit.message import Direction
from douane.ledger.query import open_ledger
from douane.reports import few
from douane.reports.document import Blank, Document, Facts, Section, Text
from douane.reports.findings import judged
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
TRAVEL = Path(__file__).parents[2] / "demo" / "data" / "travel.yaml"
DPIA = kinds()["dpia"]
OF_THE_TOOL = {
    *range(111, 114), *range(121, 124), *range(211, 216), *range(221, 228), *range(321, 327), *range(331, 337),
    *range(341, 347),
}  # fmt: skip


@pytest.fixture
def seen(golden: Any, make_datum: Callable[..., Any]) -> Any:
    """A declared app that gets a precise location which it denies, and one that declared nothing."""
    declared = parse_declaration(TRAVEL.read_text(encoding="utf-8"), TRAVEL.name)
    assert isinstance(declared, Declaration)
    golden.ledger.add_declaration(declared, at=golden.at)
    mail = make_datum("user.contact.email", "/params/arguments/contact_email", Label.CLEAR, Label.CLEAR)
    near = make_datum("user.location.precise", "/params/arguments/near", Label.OMITTED, Label.OMITTED)
    golden.message("travel", Direction.TO_APP, "book_flight", mail, near, times=3)
    illness = make_datum("user.health_and_medical", "/result/content/0/text", Label.GAP, Label.GAP)
    golden.tool("notes", "wipe", destructiveHint=True)
    golden.message("notes", Direction.TO_CHATGPT, "read", illness)
    return golden


def material_of(seen: Any, db: Any, lang: Lang = "en", under: Under | None = None) -> Material:
    """What the document is made from, with the findings of the rules."""
    summary = summarise(db, made_at=MADE)
    found = judged(db, [app.name for app in summary.apps])
    return Material(db, few.shown(replace(summary, findings=found, under=under or Under())), lang, MADE)


def made(seen: Any, lang: Lang = "en", under: Under | None = None) -> Document:
    """The prefill of the ledger."""
    with closing(open_ledger(seen.ledger.path)) as db:
        return DPIA.build(material_of(seen, db, lang, under))


def questions(document: Document) -> dict[int, tuple[tuple[str, ...], Blank]]:
    """The lines under each question and what is left to fill in."""
    found: dict[int, tuple[tuple[str, ...], Blank]] = {}

    def walk(section: Section) -> None:
        name = section.anchor.removeprefix("pia-")
        if name.isdecimal() and len(name) == 3:
            lines = tuple(line for block in section.blocks if isinstance(block, Text) for line in block.lines)
            ((_, cell),) = next(block for block in section.blocks if isinstance(block, Facts)).rows
            assert isinstance(cell, Blank)
            found[int(name)] = lines, cell
        for below in section.below:
            walk(below)

    for section in document.sections:
        walk(section)
    return found


def test_it_has_every_question_of_the_tool_and_leaves_each_open_for_a_person(seen: Any) -> None:
    found = questions(made(seen))
    assert set(found) >= OF_THE_TOOL
    assert {key for key, (lines, _) in found.items() if not lines} >= {113, 214, 222, 310, 325, 326, 341, 411, 413}


def test_every_line_says_whether_it_was_declared_or_observed(seen: Any) -> None:
    lines = [line for some, _ in questions(made(seen)).values() for line in some]
    starts = ("Declared, ", "Observed, ", "Not declared: ", "Apps connected to ChatGPT: ")
    assert [line for line in lines if not line.startswith(starts)] == []
    assert "Not declared: the app notes" in lines


def test_it_sets_what_was_observed_beside_what_was_declared(seen: Any) -> None:
    found = {key: lines for key, (lines, _) in questions(made(seen)).items()}
    assert "Declared, travel: TRV-01, Book flights: Contract (Art.\u00a06(1)(b))" in found[212]
    assert "Declared, travel: TRV-03, Suggest airports: not kept" in found[215]
    assert "Observed, travel: observed without a declared purpose: Precise location" in found[213]
    assert any(
        line.startswith("Observed, travel: 3 disclosures that at least one of the sources") for line in found[221]
    )
    assert not any(" denies" in line and ", 3 that" in line for line in found[221])
    assert sum("You can delete a booking’s data" in line for lines in found.values() for line in lines) == 1
    assert any("You can delete a booking’s data" in line for line in found[221])
    assert (found[223], found[224], found[225]) == ((), (), ())
    assert any("Fictional Airways (US)" in line for line in found[227])
    assert set(found[321]) == {
        "Observed, notes: to weigh: Health (Art. 9, platform rule)",
        "Observed, travel: to weigh: Precise location",
    }
    assert found[332] == ("Observed, notes: tools that say of themselves that they destroy or overwrite: wipe",)
    assert any("travel" in line for line in found[412])


def test_a_flow_is_told_by_verdict_and_contradicted_data_stand_apart(seen: Any, make_datum: Callable[..., Any]) -> None:
    phone = "user.contact.phone_number"
    where = "/params/arguments/phone"
    seen.message("travel", Direction.TO_APP, "call", make_datum(phone, where, Label.CLEAR, Label.CLEAR), times=20)
    policy = Verdict(Source.POLICY, Label.INCORRECT, "as told")
    one = make_datum(phone, where, Label.CLEAR, Label.CLEAR)
    denied = replace(one, verdicts=(*one.verdicts, policy), headline=Label.INCORRECT)
    seen.message("travel", Direction.TO_APP, "call", denied)
    found = {key: lines for key, (lines, _) in questions(made(seen)).items()}
    assert any(line.endswith(": 21 (contradicted: 1; declared: 20)") for line in found[121])
    assert any("4 disclosures that at least one of the sources" in line for line in found[221])
    assert "Observed, travel: of these, 1 that a sentence of a source denies" in found[221]


def test_small_counts_obey_the_profile(seen: Any) -> None:
    document = made(seen, under=Under(profile="audit"))
    lines = [line for some, _ in questions(document).values() for line in some]
    assert any("E-mail address, from ChatGPT to the app: < 5" in line for line in lines)
    assert not any(": 3 (" in line or " 3 disclosures" in line for line in lines)


@pytest.mark.parametrize("lang", LANGS)
def test_the_file_for_the_tool_has_the_structure_that_it_imports(seen: Any, lang: Lang) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        told = json.loads(DPIA.make(material_of(seen, db, lang), "pia"))
    assert set(told) == {"pia", "answers", "measures", "evaluations", "comments", "attachments"}
    assert "dbVersion" in told["pia"]
    keys = [one["reference_to"] for one in told["answers"]]
    assert set(keys) < OF_THE_TOOL
    assert len(keys) == len(set(keys))
    assert all(one["data"]["text"].startswith("<p>") and one["data"]["gauge"] is None for one in told["answers"])
    given = questions(made(seen, lang))
    assert all(given[key][0] for key in keys)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["empty", "hostile"])
def test_odd_ledgers_make_one_in_every_format(ledgers: dict[str, Path], name: str, lang: Lang) -> None:
    with closing(open_ledger(ledgers[name])) as db:
        material = Material(db, summarise(db, made_at=MADE), lang, MADE)
        files = {form: DPIA.make(material, form) for form in DPIA.formats}
    assert b"<script" not in files["html"] + files["pia"]
    assert files["pdf"].startswith(b"%PDF-")
    assert not {"compliant", "conforme"} & set(files["md"].decode().lower().split())
