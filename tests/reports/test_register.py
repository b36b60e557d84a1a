"""The register says what was declared and what was observed, and never one for the other."""

import json
from collections.abc import Callable
from contextlib import closing
from csv import DictReader
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from douane.audit.declaration import Declaration, Organisation, Party
from douane.audit.declaration_file import parse_declaration
from douane.audit.exchange import Label
from douane.audit.message import Direction
from douane.ledger.query import open_ledger
from douane.reports import few
from douane.reports.document import Blank, Cell, Document, Facts, Section, Table
from douane.reports.i18n import LANGS, Lang
from douane.reports.kinds import kinds
from douane.reports.kinds.base import Material
from douane.reports.people import Under
from douane.reports.summary import summarise

MADE = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
IN, BACK = Direction.TO_APP, Direction.TO_CHATGPT
CLEAR, GAP, OMITTED = Label.CLEAR, Label.GAP, Label.OMITTED
TRAVEL = Path(__file__).parents[2] / "demo" / "data" / "travel.yaml"
REGISTER = kinds()["register"]


@pytest.fixture(scope="session")
def travel() -> Declaration:
    """The declaration of the sample app `travel`."""
    read = parse_declaration(TRAVEL.read_text(encoding="utf-8"), TRAVEL.name)
    assert isinstance(read, Declaration)
    return read


@pytest.fixture
def seen(golden: Any, make_datum: Callable[..., Any], travel: Declaration) -> Any:
    """A ledger in which two apps share an activity, one passes on what no purpose needs, and one declared nothing."""
    golden.ledger.add_declaration(travel, at=golden.at)
    hotel = replace(
        travel,
        app="hotel",
        title="Sample Rooms",
        source="hotel.yaml",
        purposes=(replace(travel.purposes[0], name="Book rooms", retention="", special_basis=""),),
    )
    golden.ledger.add_declaration(hotel, at=golden.at)
    golden.message(
        "travel", IN, "book_flight", make_datum("user.contact.email", "/params/arguments/contact_email", CLEAR, CLEAR),
        times=7,
    )  # fmt: skip
    golden.message(
        "travel", IN, "book_flight", make_datum("user.location.precise", "/params/arguments/near", OMITTED, OMITTED),
        times=6,
    )  # fmt: skip
    golden.message("hotel", IN, "book_room", make_datum("user.name", "/params/arguments/guest", CLEAR, CLEAR), times=5)
    golden.message("notes", BACK, "read", make_datum("user.health_and_medical", "/result/content/0/text", GAP, GAP))
    return golden


@pytest.fixture
def made(seen: Any) -> Callable[..., Document]:
    """Makes the register of the ledger."""

    def of(lang: Lang = "en", under: Under | None = None) -> Document:
        with closing(open_ledger(seen.ledger.path)) as db:
            summary = replace(summarise(db, made_at=MADE), under=under or Under())
            return REGISTER.build(Material(db, few.shown(summary), lang, MADE))

    return of


def sections(document: Document) -> dict[str, Section]:
    """Every section by its anchor."""
    found: dict[str, Section] = {}

    def walk(one: Section) -> None:
        assert one.anchor not in found
        found[one.anchor] = one
        for below in one.below:
            walk(below)

    for one in (document.perimeter, *document.sections):
        walk(one)
    return found


def facts(section: Section) -> dict[str, Cell]:
    """The labels of a sheet with what stands beside each."""
    return dict(row for block in section.blocks if isinstance(block, Facts) for row in block.rows)


def table(section: Section) -> Table:
    """The table of a section."""
    return next(block for block in section.blocks if isinstance(block, Table))


def test_apps_that_declare_the_same_reference_share_one_sheet(made: Callable[..., Document]) -> None:
    found = sections(made())
    assert found["sheet-1"].heading == "Sheet TRV-01: Book rooms, Book flights"
    assert [one.heading for one in found["sheet-1"].below] == ["App hotel: Book rooms", "App travel: Book flights"]
    assert found["sheet-2"].heading == "Sheet TRV-02: Tell travellers of changes"


def test_declared_and_observed_stand_side_by_side(made: Callable[..., Document]) -> None:
    rows = table(sections(made())["sheet-1-2"]).rows
    assert [(row[0], row[1], row[2], row[3], row[6]) for row in rows] == [
        ("E-mail address", "from ChatGPT to the app", ("E-mail address",), 7, "declared"),
        ("E-mail address", "from the app to ChatGPT", ("E-mail address",), 0, "declared, not observed"),
        ("Date of birth", "from ChatGPT to the app", ("Date of birth",), 0, "declared, not observed"),
        ("Name", "from ChatGPT to the app", ("Name",), 0, "declared, not observed"),
        ("Name", "from the app to ChatGPT", ("Name",), 0, "declared, not observed"),
    ]


def test_what_no_purpose_needs_stands_under_no_sheet(made: Callable[..., Document]) -> None:
    document = made()
    rows = table(sections(document)["strays"]).rows
    assert {(row[0], row[1], row[3]) for row in rows} == {
        ("travel", "Precise location", 6), ("notes", "Health", 1),
    }  # fmt: skip
    sheets = [one for anchor, one in sections(document).items() if anchor.startswith("sheet")]
    assert "Precise location" not in str(sheets)


def test_what_was_not_declared_is_printed_as_missing_and_never_filled_in(made: Callable[..., Document]) -> None:
    document = made()
    hotel = facts(sections(document)["sheet-1-1"])
    assert hotel["Retention (Art. 30(1)(f))"] == "not declared"
    assert "retention" in str(hotel["Points not declared"])
    for label in ("Technical and organisational measures (Art. 30(1)(g))", "DPIA (Art. 35)"):
        assert isinstance(hotel[label], Blank)
    assert document.wide is not None
    headings = [column.heading for column in document.wide.columns]
    notes = dict(zip(headings, document.wide.rows[-1], strict=True))
    assert notes["App (publisher, country)"] == ("notes",)
    assert notes["Points not declared"] == "no purpose declared"
    told = {"App (publisher, country)", "Points not declared", "Observed destinations"}
    told.add("Categories observed (disclosures, first and last)")
    sensitive = "Special categories (Art. 9), criminal data (Art. 10), NIR"
    assert notes[sensitive] == ("yes", "Health (Art. 9, platform rule): observed")
    told.add(sensitive)
    assert {value for name, value in notes.items() if name not in told} == {"not declared"}


@pytest.mark.parametrize(
    ("lang", "exception", "sensitive", "none", "beside"),
    [
        (
            "en", "Exception of Art. 9(2)", "Special categories (Art. 9), criminal data (Art. 10), NIR",
            ("no", "none under this purpose"), "Observed without a declared purpose",
        ),
        (
            "fr", "Exception de l’art. 9(2)", "Données sensibles (art. 9), infractions (art. 10), NIR",
            ("non", "aucune au titre de cette finalité"), "Observé sans finalité déclarée",
        ),
    ],
)  # fmt: skip
def test_no_sheet_denies_what_the_app_received_beside_its_purposes(
    made: Callable[..., Document],
    seen: Any,
    make_datum: Callable[..., Any],
    lang: Lang,
    exception: str,
    sensitive: str,
    none: tuple[str, str],
    beside: str,
) -> None:
    nir = "user.government_id.national_identification_number.nir"
    for key, way, times in (("user.health_and_medical", IN, 6), ("user.health_and_medical", BACK, 5), (nir, IN, 7)):
        pointer = "/params/arguments/why" if way is IN else "/result/content/0/text"
        seen.message("travel", way, "book_flight", make_datum(key, pointer, OMITTED, OMITTED), times=times)
    found = sections(made(lang))

    def sheet(anchor: str) -> dict[str, Cell]:
        return {label.replace("\u00a0", " "): cell for label, cell in facts(found[anchor]).items()}

    for anchor in ("sheet-1-2", "sheet-2"):
        told, lines = sheet(anchor)[exception], sheet(anchor)[sensitive]
        assert isinstance(told, Blank), anchor
        assert ("6" in told.hint, "5" in told.hint, "NIR" in told.hint) == (True, True, False), anchor
        assert isinstance(lines, tuple)
        assert lines[0] == none[1]
        assert [str(line).split()[-1].rstrip(".") for line in lines[1:]] == ["6", "5", "7"]
    hotel = sheet("sheet-1-1")  # another app under the same reference, which received nothing of the kind
    assert hotel[sensitive] == none[0]
    assert not isinstance(hotel[exception], Blank)
    with closing(open_ledger(seen.ledger.path)) as db:
        csv = REGISTER.make(Material(db, summarise(db, made_at=MADE), lang, MADE), "csv").decode("utf-8-sig")
    rows = [
        {name.replace("\u00a0", " "): text for name, text in row.items()}
        for row in DictReader(csv.splitlines(keepends=True), delimiter=";")
    ]
    (row,) = (row for row in rows if beside in row.values())
    assert "NIR" in row[sensitive]


@pytest.mark.parametrize(
    ("lang", "label", "first", "opens"),
    [
        ("en", "Exception of Art. 9(2)", "explicit consent", "open: observed of this app without a declared purpose: "),
        ("fr", "Exception de l’art. 9(2)", "consentement explicite", "à compléter : observées pour cette application"),
    ],
)
def test_a_declared_exception_stands_beside_the_open_one_and_json_says_it_too(
    golden: Any, make_datum: Callable[..., Any], travel: Declaration, lang: Lang, label: str, first: str, opens: str
) -> None:
    one = replace(travel.purposes[0], special_basis="Explicit consent")
    golden.ledger.add_declaration(replace(travel, purposes=(one, *travel.purposes[1:])), at=golden.at)
    belief = make_datum("user.demographic.religious_belief", "/params/arguments/meal", OMITTED, OMITTED)
    golden.message("travel", IN, "book_flight", belief, times=6)
    with closing(open_ledger(golden.ledger.path)) as db:
        material = Material(db, summarise(db, made_at=MADE), lang, MADE)
        sheet = facts(sections(REGISTER.build(material))["sheet-1"])
        told = json.loads(REGISTER.make(material, "json"))
    (cell,) = (cell for name, cell in sheet.items() if name.replace("\u00a0", " ") == label)
    assert isinstance(cell, tuple)
    declared, beside = (str(line).replace("\u00a0", " ") for line in cell)
    assert (first in declared.lower(), opens in beside, "6" in beside) == (True, True, True), cell
    part = told["activities"][0]["parts"][0]
    assert part["openai_leg"] == {"assessed": False, "region": "unknown to the publisher"}
    assert [(one["category"], one["disclosures"]) for one in part["observed_without_purpose"]] == [
        ("user.demographic.religious_belief", 6)
    ]


def test_a_finding_without_a_named_exchange_is_not_called_none(
    made: Callable[..., Document], seen: Any, make_datum: Callable[..., Any]
) -> None:
    vague = make_datum("user.name", "/params/arguments/who", CLEAR, Label.VAGUE)
    seen.message("travel", IN, "book_flight", vague, times=7)
    sheet = facts(sections(made())["sheet-1-2"])
    assert "vague: 7" in str(sheet["Findings on these disclosures"])
    assert str(sheet["Evidence (exchanges in the ledger)"]).startswith("none named here: ")


@pytest.mark.parametrize(("country", "needed"), [("FR", False), ("GB", True), ("", True)])
def test_a_representative_is_missing_only_outside_the_economic_area(
    made: Callable[..., Document], seen: Any, travel: Declaration, country: str, needed: bool
) -> None:
    organisation = Organisation(Party("Example Org", country=country), dpo=travel.organisation.dpo)
    seen.ledger.add_declaration(replace(travel, sha256="5b" * 32, organisation=organisation), at=seen.at)
    found = [one for one in sections(made()).values() if one.anchor.startswith("sheet-") and one.blocks]
    sheet = next(facts(one) for one in found if "Example Org" in str(one.blocks))
    told = str(sheet["Organisation, representative, DPO (Art. 30(1)(a))"])
    assert ("representative: not declared" in told) is needed
    assert ("representative: none needed" in told) is not needed
    assert ("representative" in str(sheet["Points not declared"])) is needed


def test_a_transfer_says_what_it_rests_on(made: Callable[..., Document]) -> None:
    said = str(facts(sections(made())["sheet-1-2"])["Transfers to third countries (Art. 30(1)(e), Chapter V)"])
    assert "Fictional Airways (US)" in said
    assert "Standard contractual clauses" in said
    assert "are the same entity: no transfer" in said  # Wayfarer is the organisation and the publisher
    assert "interline agreement of 12 January 2026, annex 2, 2026-01-12" in said
    assert "Air Example" not in said  # in the Union: no transfer


@pytest.mark.parametrize(("region", "says"), [("European Union", "European Union"), ("", "not declared")])
def test_no_transfer_is_denied_without_the_leg_to_openai(
    made: Callable[..., Document], seen: Any, travel: Declaration, region: str, says: str
) -> None:
    platform = replace(travel.platform, region=region)
    roles = replace(travel.purposes[1].roles, openai="processor")
    purpose = replace(travel.purposes[1], roles=roles, recipients=())
    seen.ledger.add_declaration(
        replace(travel, sha256="5c" * 32, platform=platform, purposes=(purpose,), transfers=()), at=seen.at
    )
    with closing(open_ledger(seen.ledger.path)) as db:
        dpia = kinds()["dpia"].build(Material(db, summarise(db, made_at=MADE), "en", MADE))
    sheet = facts(sections(made())["sheet-2"])
    told = sheet["Transfers to third countries (Art. 30(1)(e), Chapter V)"]
    assert isinstance(told, tuple)
    assert str(told[-1]).startswith(f"OpenAI (ChatGPT): not assessed; declared region: {says}. To fill in: ")
    assert f"OpenAI (ChatGPT), declared region: {says}" in str(sheet["Processors"])
    assert f"OpenAI (ChatGPT): not assessed; declared region: {says}" in str(sections(dpia)["pia-227"])


def test_a_processor_has_its_own_part(made: Callable[..., Document], seen: Any, travel: Declaration) -> None:
    assert table(sections(made())["processor"]).rows == ()
    roles = replace(travel.purposes[0].roles, publisher="processor", organisation="controller")
    changed = replace(travel, sha256="5a" * 32, purposes=(replace(travel.purposes[0], roles=roles),))
    seen.ledger.add_declaration(changed, at=seen.at)
    (row,) = table(sections(made())["processor"]).rows
    assert str(row[0][0]).startswith("Wayfarer, Wayfarer Travel Ltd")  # type: ignore[index]
    assert row[1] == "Wayfarer, IE"


@pytest.mark.parametrize("lang", LANGS)
def test_every_format_is_made_and_their_figures_agree(made: Callable[..., Document], seen: Any, lang: Lang) -> None:
    with closing(open_ledger(seen.ledger.path)) as db:
        summary = summarise(db, made_at=MADE)
        files = {form: REGISTER.make(Material(db, summary, lang, MADE), form) for form in REGISTER.formats}
    document = made(lang)
    assert document.wide is not None
    csv = files["csv"].decode("utf-8-sig")
    assert files["csv"].startswith(b"\xef\xbb\xbf")
    assert csv.splitlines()[0].split(";")[0].strip('"') == document.wide.columns[0].heading
    book = load_workbook(BytesIO(files["xlsx"]))
    assert {"TRV-01 hotel", "TRV-01 travel", "TRV-02"} <= set(book.sheetnames)
    assert [cell.value for cell in book["TRV-01 travel"][2]][:2] == ["TRV-01", "travel"]
    sheet = book[book.sheetnames[1]]
    assert (sheet.max_row, sheet.max_column) == (len(document.wide.rows) + 1, len(document.wide.columns))
    assert sheet.freeze_panes == "A2"
    told = json.loads(files["json"])
    observed = [
        one["observed"]["disclosures"]
        for activity in told["activities"]
        for part in activity["parts"]
        for one in part["categories"]
        if one["observed"]
    ]
    stray = [one["disclosures"] for app in told["without_purpose"] for one in app["observed"]]
    assert (sorted(observed), sorted(stray)) == ([5, 7], [1, 6])
    assert sum(observed) + sum(stray) == summary.disclosures
    assert files["pdf"].startswith(b"%PDF-")


def test_small_counts_obey_the_profile(made: Callable[..., Document]) -> None:
    document = made(under=Under(profile="audit"))
    counts = [row[3] for row in table(sections(document)["strays"]).rows]
    assert sorted(counts, key=str) == [6, "< 5"]
    assert json.dumps(document.data).count('"< 5"') >= 1


def test_a_ledger_in_which_nothing_crossed_has_an_empty_register(ledgers: dict[str, Path]) -> None:
    with closing(open_ledger(ledgers["empty"])) as db:
        document = REGISTER.build(Material(db, summarise(db, made_at=MADE), "en", MADE))
    assert document.wide is not None
    assert document.wide.rows == ()
    assert table(sections(document)["strays"]).empty == "No disclosure was observed."


@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names_harm_no_format(ledgers: dict[str, Path], lang: Lang) -> None:
    with closing(open_ledger(ledgers["hostile"])) as db:
        material = Material(db, summarise(db, made_at=MADE), lang, MADE)
        files = {form: REGISTER.make(material, form) for form in ("csv", "html", "md", "xlsx", "pdf")}
    assert b"<script" not in files["html"]
    assert not any(cell.startswith(("=", '"=')) for cell in files["csv"].decode("utf-8-sig").split(";"))
    assert "\u202e" not in files["md"].decode() + files["html"].decode()
