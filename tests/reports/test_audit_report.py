"""The audit report in every format: the same figures, the standards of a PDF, and no name that does anything."""

import io
import json
import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from douane.audit.declaration import Declaration, Notice, Says, Statement
from douane.audit.exchange import Label, Outcome
from douane.audit.message import Direction
from douane.ledger.query import open_ledger
from douane.reports import drawing, few, findings_json
from douane.reports.document import Document, Picture, Section, Table
from douane.reports.findings import judged
from douane.reports.i18n import LANGS, Lang, Words
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material, Seal
from douane.reports.model import Summary
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
SEAL = Seal("0f" * 8, 42, "3f" * 32, "INTACT")
LEDGERS = ("empty", "one", "demo", "many", "gaps_only", "hostile")


def material(db: sqlite3.Connection, lang: Lang = "en", **more: Any) -> Material:
    summary = summarise(db, made_at=MADE)
    found = judged(db, [app.name for app in summary.apps])
    under = Under(more.pop("profile", "dev"))
    return Material(db, few.shown(replace(summary, findings=found, under=under)), lang, MADE, SEAL, **more)


@pytest.fixture
def made(ledgers: dict[str, Path]) -> Callable[..., Document]:
    """Builds the report of a golden ledger."""

    def make(name: str, lang: Lang = "en", **more: Any) -> Document:
        with closing(sqlite3.connect(ledgers[name])) as db:
            return kinds()["audit"].build(material(db, lang, **more))

    return make


def rendered(document: Document, form: str) -> bytes:
    from douane.reports.render import render

    return render(document, form)


def table(document: Document, name: str) -> Table:
    return next(one for one in document.tables if one.name == name)


def everything(document: Document) -> str:
    """All that the document says, as Markdown."""
    return rendered(document, "md").decode()


@pytest.mark.parametrize("name", LEDGERS)
def test_a_pdf_holds_to_both_standards_whatever_is_in_it(made: Callable[..., Document], name: str) -> None:
    pdf = rendered(made(name, "fr" if name in ("demo", "hostile") else "en"), "pdf")
    assert pdf.startswith(b"%PDF-1.7")
    assert b"pdfuaid" in pdf
    assert b"<pdfaid:part>2" in pdf
    assert b"<pdfaid:conformance>A" in pdf


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["one", "demo", "many"])
def test_figures_agree_in_every_format(
    made: Callable[..., Document], summaries: dict[str, Summary], name: str, lang: Lang
) -> None:
    summary, document, words = summaries[name], made(name, lang), Words(lang)
    figures = dict(table(document, document.tables[1].name).rows)
    counts = {
        "messages": summary.outcomes.delivered.messages,
        "disclosures": summary.disclosures,
        "undeclared": summary.undeclared,
        "special": summary.special,
        "not_inspected": summary.not_inspected,
    }
    expected = {words.phrase(f"figure.{name}", count): count for name, count in counts.items()}
    assert expected.items() <= figures.items()
    told = json.loads(rendered(document, "json"))["report"]["totals"]
    assert (told["disclosures"], told["undeclared"]) == (summary.disclosures, summary.undeclared)
    text = {form: rendered(document, form).decode() for form in ("md", "html")}
    book = openpyxl.load_workbook(io.BytesIO(rendered(document, "xlsx")))
    sheet = {row[0]: row[1] for row in book[document.tables[1].name].iter_rows(min_row=2, values_only=True)}
    for label, count in expected.items():
        assert sheet[label] == count
        assert f"| {label} | {words.number(count)} |" in text["md"].replace("\\", "")
        cells = re.escape(label) + r"</bdi></td><td class=\"end\"><bdi>" + re.escape(words.number(count)) + "<"
        assert re.search(cells, text["html"])


@pytest.mark.parametrize("name", ["demo", "many"])
def test_every_flow_and_every_message_over_time_is_told_once(
    made: Callable[..., Document], summaries: dict[str, Summary], name: str
) -> None:
    document, summary = made(name), summaries[name]
    rows = table(document, "Who gets what").rows
    assert sum(row[3] for row in rows if isinstance(row[3], int)) == summary.disclosures
    assert sum(row[4] for row in rows if isinstance(row[4], int)) == summary.undeclared
    spans = table(document, "Over time").rows
    assert sum(row[1] for row in spans if isinstance(row[1], int)) == summary.outcomes.delivered.messages


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", LEDGERS)
def test_the_report_opens_with_its_perimeter_and_promises_nothing(
    made: Callable[..., Document], name: str, lang: Lang
) -> None:
    said = everything(made(name, lang))
    words = Words(lang)
    start = said.index(f"## {words.phrase('perimeter')}")
    assert start < said.index(f"## {words.phrase('conclusions')}")
    assert words.phrase("unobserved") in said[start:].replace("\\", "")
    assert SEAL.head in said
    assert "INTACT" in said
    assert not re.search(r"compliant|conforme\b|anonymis|violation", said.lower())


def test_a_french_report_keeps_its_punctuation_together(made: Callable[..., Document]) -> None:
    for form in ("md", "html"):
        text = re.sub(
            r"<style>.*?</style>|data:[^\"]*|<[^>]*>", "", rendered(made("demo", "fr"), form).decode(), flags=re.DOTALL
        )
        assert re.findall(r"\w [:;?!»](?:\s|$)|« ", text.replace(" :---", "").replace("---:", "")) == []


def test_hostile_names_do_nothing_in_any_format(made: Callable[..., Document], summaries: dict[str, Summary]) -> None:
    document = made("hostile")
    html = rendered(document, "html").decode()
    assert "<script" not in html
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x1b]", html + everything(document))
    assert "<script>" not in everything(document)
    book = openpyxl.load_workbook(io.BytesIO(rendered(document, "xlsx")))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert any("cmd|" in str(cell.value) for cell in cells)
    assert len(summaries["hostile"].apps) == len(
        {row[0] for row in book["Routes seen"].iter_rows(min_row=2, values_only=True)}
    )


def test_a_workbook_is_frozen_filtered_and_has_real_dates(made: Callable[..., Document]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(rendered(made("demo"), "xlsx")))
    sheet = book["Who gets what"]
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", f"A1:H{sheet.max_row}")
    first = sheet["G2"]
    assert isinstance(first.value, datetime)
    assert first.is_date
    assert isinstance(sheet["D2"].value, int)
    plan = book["Action plan"]
    assert {plan.cell(2, column).value for column in (4, 5, 6, 7)} == {"to fill in"}


def test_pictures_are_drawn_and_said_in_words(made: Callable[..., Document]) -> None:
    def pictures(section: Section) -> list[Picture]:
        here = [block for block in section.blocks if isinstance(block, Picture)]
        return here + [one for below in section.below for one in pictures(below)]

    found = {section.anchor: pictures(section) for section in made("demo").sections}
    assert [len(found[anchor]) for anchor in ("who", "timeline", "heat")] == [3, 1, 1]
    for one in (picture for several in found.values() for picture in several):
        assert one.words
        assert one.svg.count("<svg") == 1
        assert "<script" not in one.svg
        assert "var(" not in one.svg


def test_a_disclosure_that_a_policy_denies_stands_beside_the_sentence(ledgers: dict[str, Path]) -> None:
    denial = Statement(
        "policy/1", Says.DOES_NOT_COLLECT, "we", ("user.health_and_medical",), "We collect no health data."
    )
    declaration = Declaration("rendezvous", ("user.name",), (), policy=Notice(statements=(denial,)))
    with closing(sqlite3.connect(ledgers["demo"])) as db:
        document = kinds()["audit"].build(material(db, declarations={"rendezvous": declaration}))
    rows = [row for row in table(document, "To look at first").rows if "Health condition" in str(row[1])]
    assert rows
    assert all("“We collect no health data.” (policy/1)" in str(row[4]) for row in rows)
    assert all(re.search(r"exchange \d+", str(row[5])) for row in rows)


def test_actions_are_the_calls_of_tools_that_may_write(golden: Any) -> None:
    golden.tool("shop", "search", readOnlyHint=True, openWorldHint=False)
    golden.tool("shop", "browse", readOnlyHint=True, openWorldHint=True)
    golden.tool("shop", "order", destructiveHint=True)
    for tool in ("search", "browse", "order", "unknown"):
        golden.message("shop", Direction.TO_APP, tool, times=2)
    golden.message("shop", Direction.TO_APP, "order", outcome=Outcome.FAILED)
    golden.message("shop", Direction.TO_APP, "order")
    with closing(sqlite3.connect(str(golden.ledger.path))) as db:
        document = kinds()["audit"].build(material(db))
    rows = {row[1]: row for row in table(document, "Agentic actions").rows}
    assert set(rows) == {"browse", "order", "unknown"}
    assert (rows["order"][4], rows["order"][5]) == (4, ["delivered: 3", "failed: 1"])
    assert {row[7] for row in rows.values()} == {"unknown"}
    calls = table(document, "Calls").rows
    assert [(row[2], row[3]) for row in calls[:2]] == [("order", "delivered"), ("order", "failed")]
    assert (len(calls), {row[2] for row in calls}) == (8, {"browse", "order", "unknown"})


def test_a_hint_that_is_false_is_told_as_such_and_one_that_is_not_said_as_what_mcp_takes_it_for(golden: Any) -> None:
    golden.tool("shop", "look", readOnlyHint=True)
    golden.tool("shop", "save", readOnlyHint=False, destructiveHint=False, openWorldHint=False)
    golden.tool("shop", "silent")
    for tool in ("look", "save", "silent"):
        golden.message("shop", Direction.TO_APP, tool)
    with closing(sqlite3.connect(str(golden.ledger.path))) as db:
        document = kinds()["audit"].build(material(db))
        french = kinds()["audit"].build(material(db, "fr"))
    says = {row[1]: row[2] for row in table(document, "Agentic actions").rows}
    assert says == {
        "look": "read-only",
        "save": "not read-only, not destructive, closed world",
        "silent": "nothing (may write, destroy, open world)",
    }
    rows = {str(row[1]): row[2] for row in table(french, "Actions de l’agent").rows}
    assert rows["save"] == "pas en lecture seule, non destructif, monde fermé"
    tools = {one["name"]: one for one in json.loads(rendered(document, "json"))["report"]["apps"][0]["tools"]}
    assert tools["save"]["annotations_false"] == ["destructiveHint", "openWorldHint", "readOnlyHint"]
    assert tools["look"]["annotations"] == ["readOnlyHint"]


def test_an_availability_is_the_share_of_requests_that_got_an_answer(golden: Any) -> None:
    golden.message("shop", Direction.TO_APP, "order", times=8)
    golden.message("shop", Direction.TO_CHATGPT, "order", times=7)
    with closing(sqlite3.connect(str(golden.ledger.path))) as db:
        rows = table(kinds()["audit"].build(material(db)), "Reliability").rows
    assert [row[:6] for row in rows] == [("shop", 8, 7, 0, 0, "87.5%")]


def test_small_counts_are_hidden_in_everything_that_only_this_report_counts(made: Callable[..., Document]) -> None:
    document = made("demo", profile="audit")
    assert "Calls" not in {one.name for one in document.tables}
    for name, columns in (("Agentic actions", (4, 6)), ("Reliability", (1, 2, 3, 4))):
        cells = {str(row[place]) for row in table(document, name).rows for place in columns}
        assert cells <= {"0", "< 5", "≥ 5"}
    assert "< 5" in everything(document).replace("&lt;", "<")


def test_nothing_in_the_report_depends_on_a_hidden_count(golden: Any, make_datum: Any, tmp_path: Path) -> None:
    pages = []
    for small in (1, 2, 3, 4):
        other = type(golden)(tmp_path / f"{small}.db")
        other.step = 0.0
        email = make_datum("user.contact.email", "/params/arguments/to", Label.CLEAR, Label.CLEAR)
        health = make_datum("user.health_and_medical", "/params/arguments/why", Label.OMITTED, Label.OMITTED)
        other.message("crm", Direction.TO_APP, "send", email, times=10)
        other.message("crm", Direction.TO_CHATGPT, "send", times=8)
        other.message("crm", Direction.TO_APP, "send", health, times=small)
        with closing(sqlite3.connect(str(other.ledger.path))) as db:
            document = kinds()["audit"].build(material(db, profile="audit"))
        pages.append([rendered(document, form) for form in ("md", "html", "json")])
        other.ledger.close()
    assert pages[0] == pages[1] == pages[2] == pages[3]


def test_a_hidden_count_is_an_empty_column() -> None:
    from douane.reports.hidden import cell

    (picture,) = drawing.timeline([drawing.Bar("a", cell(3)), drawing.Bar("b", 9)], Words("en"), "x")
    assert (picture.svg.count('class="few"'), picture.svg.count('class="bar"')) == (1, 1)


def test_the_plan_has_a_line_for_each_pressing_flow_that_no_rule_is_about(golden: Any, make_datum: Any) -> None:
    way, where = Direction.TO_APP, "/params/arguments/x"
    golden.ledger.add_declaration(Declaration("shop", ("user.name",), ()), at=golden.at)
    golden.tool("shop", "order", destructiveHint=True)
    name = make_datum("user.name", where, Label.CLEAR, Label.CLEAR)
    home = make_datum("user.contact.address", where, Label.CLEAR, Label.OMITTED)
    card = make_datum("user.financial.credit_card", where, Label.CLEAR, Label.OMITTED)
    golden.message("shop", way, "order", name, home, card, times=6)
    with closing(open_ledger(golden.ledger.path)) as db:
        given = material(db)
        document = kinds()["audit"].build(given)
    findings = given.summary.findings
    assert findings is not None
    rows = table(document, "Action plan").rows
    assert len(rows) == len(findings.groups) + 1  # the card stands on the line of the rule that forbids to ask for it
    assert any(group.rule.forbids for group in findings.groups)
    assert any(group.rule.id == "openai/annotations" for group in findings.groups)  # and yet the flow is told
    line = rows[-1]
    assert line[1] == ["Postal address", "to the app", "undeclared (6)"]
    assert "Declare the category" in str(line[2])
    assert "One line for each thing to do" in everything(document)


@pytest.mark.parametrize(
    ("lang", "plan", "app", "offer", "instead"),
    [
        ("en", "Action plan", "clinic", "the privacy policy and in the declaration", "Leave “Health” out: "),
        ("fr", "Plan d’action", "clinic", "la politique de confidentialité et dans la", "Renoncez à « Santé » : "),
    ],
)
def test_the_plan_never_offers_to_declare_what_is_forbidden_whatever_is_declared(
    golden: Any, make_datum: Any, lang: Lang, plan: str, app: str, offer: str, instead: str
) -> None:
    """An answer that a policy does not announce: an e-mail address may be announced, health data may not cross."""
    golden.ledger.add_declaration(Declaration(app, ("user.name",), ()), at=golden.at)
    mail = make_datum("user.contact.email", "/result/content/0/text", Label.GAP, Label.OMITTED)
    health = make_datum("user.health_and_medical", "/result/content/0/text", Label.GAP, Label.OMITTED)
    for name, datum in (("before", mail), ("after", health)):
        golden.message(app, Direction.TO_CHATGPT, name, datum, times=6)
    with closing(open_ledger(golden.ledger.path)) as db:
        given = material(db, lang)
        document = kinds()["audit"].build(given)
    assert given.summary.findings is not None
    lines = [str(row[2]).replace("\\xa0", " ").replace("\u00a0", " ") for row in table(document, plan).rows]
    (line,) = (one for one in lines if offer in one)
    assert instead in line
    assert "Health" not in line.replace(instead, "")
    assert "Santé" not in line.replace(instead, "")
    groups = findings_json.document(given.summary.findings, Words(lang))["groups"]
    (group,) = (one for one in groups if one["rule"] == "openai/undisclosed")
    assert {place["category"]: offer in place["remedy"].replace("\u00a0", " ") for place in group["places"]} == {
        "user.contact.email": True, "user.health_and_medical": False,
    }  # fmt: skip


def test_findings_of_rules_are_told_apart_from_all_findings(made: Callable[..., Document]) -> None:
    document = made("demo")
    assert "are counted one by one" in everything(document)
    assert "Réponses avec résultat" in everything(made("demo", "fr"))
